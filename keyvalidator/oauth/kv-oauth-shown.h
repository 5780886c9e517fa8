/* Access tokens that somebody shows, at /oauth2/introspect and /oauth2/userinfo. Threads: any. */
#ifndef KV_OAUTH_SHOWN_H
#define KV_OAUTH_SHOWN_H

#include "keyvalidator/oauth/kv-oauth.h"

G_BEGIN_DECLS

/* kv_oauth_find_shown(), but FALSE where that would have to ask a database or to verify a JWT. Never blocks. */
gboolean kv_oauth_recall_shown (KvOauth *oauth, const char *shown, KvFacts *facts, gboolean *active);

/* Whether @shown is good now: facts->view then has its token and the domain of its user's tenant. @facts: zeroed by the
 * caller, who clears them. *active: (out). FALSE with ST_ERROR: not known. Blocks on the databases. */
gboolean kv_oauth_find_shown (KvOauth *oauth, const char *shown, KvFacts *facts, gboolean *active, GError **error);

G_END_DECLS
#endif
