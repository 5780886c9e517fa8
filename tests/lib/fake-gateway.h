/* A gateway's administration services as libsoup's server plays them over TLS: AuthenticationAdmin, and an
 * APIGatewayAdmin that keeps what it is sent, and can fail, hang and refuse. Threads: it runs one of its own;
 * its functions are for the test's thread. */
#ifndef FAKE_GATEWAY_H
#define FAKE_GATEWAY_H

#include <glib.h>

G_BEGIN_DECLS

#define FAKE_GATEWAY_PASSWORD "p<w&d"

typedef enum
{
  FAKE_GATEWAY_GOOD,
  FAKE_GATEWAY_FAULTS,     /* getApi answers; whatever writes is a SOAP fault */
  FAKE_GATEWAY_SAYS_FALSE, /* writes answer false */
  FAKE_GATEWAY_HANGS,      /* no answer */
  FAKE_GATEWAY_HANGS_ONCE, /* no answer to the next call, then good */
  FAKE_GATEWAY_REFUSES_LOGIN,
  FAKE_GATEWAY_HTML, /* a proxy's page */
} FakeGatewayMood;

typedef struct _FakeGateway FakeGateway;

/* @key_file: PEM with certificate and key. */
FakeGateway *fake_gateway_new (const char *key_file);
void fake_gateway_free (FakeGateway *gateway);

/* "https://localhost:PORT/services/" */
const char *fake_gateway_url (const FakeGateway *gateway);
void fake_gateway_set_mood (FakeGateway *gateway, FakeGatewayMood mood);

/* Operations called since the last time, with blanks between. Free with g_free(). */
char *fake_gateway_take_calls (FakeGateway *gateway);
/* What it has under @name ("admin--Weather:v1.0.0", "admin--Weather", an endpoint's file); NULL: nothing.
 * Free with g_free(). */
char *fake_gateway_lookup (FakeGateway *gateway, const char *name);

G_END_DECLS
#endif
