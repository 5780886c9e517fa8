#include "config.h"
#include "keyvalidator/oauth/kv-oauth-token-text.h"

#include "common/apim-secret.h"
#include "keyvalidator/oauth/kv-oauth-answer.h"

#include <string.h>

gboolean
kv_oauth_is_jwt (const char *access_token)
{
  const char *first = strchr (access_token, '.');

  return first != NULL && strchr (first + 1, '.') != NULL;
}

char *
kv_oauth_make_access_token (KvOauth *oauth, const StOauthClient *client, const StOauthToken *token, gboolean jwt,
                            GError **error)
{
  if (!jwt)
    return apim_random_uuid ();
  g_set_error_literal (error, KV_OAUTH_ERROR, KV_OAUTH_ERROR_UNAUTHORIZED_CLIENT,
                       "the tokens of this application are JWTs, which this server does not issue");
  return NULL;
}
