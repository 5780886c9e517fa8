/* The APIs by which consumers reach the Key Manager's OAuth endpoints on the gateway's ports
 * (spec/gateway-and-traffic-manager.md 4): /token, /revoke, /authorize and /userinfo, written into a new home under the
 * names that WSO2's homes have, so that an operator finds, changes and removes them as there.
 * Threads: one; calls block. */
#ifndef APIMD_TOKEN_APIS_H
#define APIMD_TOKEN_APIS_H

#include <glib.h>

G_BEGIN_DECLS

/* Makes repository/deployment/server/synapse-configs/default/api with the four files, whole or not at all, where there is no
 * such folder. One that exists is somebody's: nothing is added to it, so that a file that was removed stays away.
 * @home: absolute. @made: (out): they were made.
 * FALSE with APIM_FIRST_START_ERROR_FILE. */
gboolean apim_token_apis_make (const char *home, gboolean *made, GError **error);

G_END_DECLS
#endif
