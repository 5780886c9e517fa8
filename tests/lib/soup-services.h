/* libsoup's server over TLS, playing the services of a node that is not there. Threads: it runs one of its own, on which
 * the handlers are called; its functions are for the test's thread. */
#ifndef SOUP_SERVICES_H
#define SOUP_SERVICES_H

#include <libsoup/soup.h>

G_BEGIN_DECLS

typedef struct _SoupServices SoupServices;

typedef struct
{
  const char *path; /* "/services/AuthenticationAdmin" */
  SoupServerCallback handler;
} SoupService;

/* Serves from now on. @key_file: PEM with certificate and key. @data: for every handler. */
SoupServices *soup_services_new (const char *key_file, const SoupService *services, guint n_services, gpointer data);
void soup_services_free (SoupServices *services);

/* "https://localhost:PORT/services/" */
const char *soup_services_url (const SoupServices *services);

G_END_DECLS
#endif
