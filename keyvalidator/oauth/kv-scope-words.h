/* Scopes in words, for the person who is asked whether an application may have them.
 * Threads: any; blocks on the database. */
#ifndef KV_SCOPE_WORDS_H
#define KV_SCOPE_WORDS_H

#include "keyvalidator/oauth/kv-oauth.h"
#include "store/st-oauth-client.h"

G_BEGIN_DECLS

/* One text for each of @scopes, which go on after "The application will be able to": what the Publisher says of the scope, where it says something.
 * *words: (transfer full). ST_ERROR. */
gboolean kv_scope_words (KvOauth *oauth, const StOauthClient *client, const char *const *scopes, char ***words,
                         GError **error);

/* The text for one scope. @name, @description: nullable. Free with g_free(). */
char *kv_scope_word (const char *scope, const char *name, const char *description);

G_END_DECLS
#endif
