/* What a gateway says of itself to Key Managers over HTTP (RFC 7617). Threads: pure functions. */
#ifndef GW_AUTHORIZATION_H
#define GW_AUTHORIZATION_H

#include <glib.h>

G_BEGIN_DECLS

/* The value of Authorization: "Basic ...". (transfer full): gw_authorization_free(). */
char *gw_authorization_basic (const char *user, const char *password);
/* Clears it before. */
void gw_authorization_free (char *value);

G_END_DECLS
#endif
