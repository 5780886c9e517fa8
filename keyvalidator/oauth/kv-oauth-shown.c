#include "config.h"
#include "keyvalidator/oauth/kv-oauth-shown.h"

#include "common/apim-secret.h"
#include "core/core-jwt.h"
#include "core/core-oauth.h"
#include "keyvalidator/oauth/kv-oauth-memory.h"
#include "keyvalidator/oauth/kv-oauth-token-text.h"
#include "store/st-oauth-application.h"

#include <string.h>

static gboolean
is_good (const KvOauth *oauth, const StToken *token, const char *tenant_domain)
{
  return token != NULL && tenant_domain != NULL
         && core_oauth_remaining_ms (token->issued_ms, token->validity_ms, oauth->config->timestamp_skew_ms,
                                     apim_clock_wall_ms (oauth->stores.clock))
                > 0;
}

typedef struct
{
  const char *consumer_key;
  gboolean jwt;
} Application;

static gboolean
read_kind (StWriter *writer, gpointer data, GError **error)
{
  Application *application = data;

  return st_oauth_application_wants_jwt (writer, application->consumer_key, &application->jwt, error);
}

/* Whether the tokens of this client are JWTs. */
static gboolean
find_kind (KvOauth *oauth, const char *consumer_key, gboolean *jwt, GError **error)
{
  KvCacheTicket ticket = kv_oauth_memory_ticket (oauth);
  Application application = { consumer_key, FALSE };

  if (kv_oauth_recall_token_kind (oauth, consumer_key, jwt))
    return TRUE;
  if (!kv_oauth_read (oauth, read_kind, &application, error))
    return FALSE;
  *jwt = application.jwt;
  kv_oauth_remember_token_kind (oauth, ticket, consumer_key, application.jwt);
  return TRUE;
}

/* An application has tokens of its own kind only (decisions.md 6): here, one whose tokens are no JWTs. */
gboolean
kv_oauth_recall_shown (KvOauth *oauth, const char *shown, KvFacts *facts, gboolean *active)
{
  gboolean jwt;

  *active = FALSE;
  if (core_jwt_has_form (shown, strlen (shown)) || !kv_facts_recall_token (facts, &oauth->stores, shown, strlen (shown)))
    return FALSE;
  if (!is_good (oauth, facts->view.token, facts->view.token_tenant_domain))
    return TRUE;
  if (!kv_oauth_recall_token_kind (oauth, facts->view.token->consumer_key, &jwt))
    return FALSE;
  *active = !jwt;
  return TRUE;
}

gboolean
kv_oauth_find_shown (KvOauth *oauth, const char *shown, KvFacts *facts, gboolean *active, GError **error)
{
  gboolean jwt, wanted;
  g_auto (ApimSecretText) text = kv_oauth_stored_text (oauth, shown, &jwt);

  *active = FALSE;
  if (!kv_facts_find_token (facts, &oauth->stores, text, strlen (text), kv_oauth_deadline (oauth), error))
    return FALSE;
  if (!is_good (oauth, facts->view.token, facts->view.token_tenant_domain))
    return TRUE;
  if (!find_kind (oauth, facts->view.token->consumer_key, &wanted, error))
    return FALSE;
  *active = wanted == jwt;
  return TRUE;
}
