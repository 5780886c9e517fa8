#include "config.h"
#include "keyvalidator/oauth/kv-oauth-grants.h"

#include "keyvalidator/oauth/kv-oauth-answer.h"
#include "keyvalidator/oauth/kv-oauth-memory.h"
#include "keyvalidator/oauth/kv-oauth-request.h"
#include "keyvalidator/oauth/kv-oauth-scopes.h"
#include "keyvalidator/oauth/kv-oauth-tenant.h"

#include <string.h>

gboolean
kv_oauth_refuse_grant (GError **error)
{
  g_set_error_literal (error, KV_OAUTH_ERROR, KV_OAUTH_ERROR_INVALID_GRANT,
                       "Provided Authorization Grant is invalid");
  return FALSE;
}

static gboolean
find_tenant (KvOauth *oauth, const StOauthUser *user, StTenant **tenant, GError **error)
{
  gint64 deadline_us = kv_oauth_deadline (oauth);

  if (user->tenant_id == 0 && user->tenant_domain != NULL)
    return st_user_store_find_tenant_by_domain (oauth->stores.users, user->tenant_domain, deadline_us, tenant, error);
  return st_user_store_find_tenant_by_id (oauth->stores.users, user->tenant_id, deadline_us, tenant, error);
}

gboolean
kv_oauth_check_tenant (const KvOauthGrant *grant, gint tenant_id, GError **error)
{
  gboolean serves;

  return kv_oauth_client_serves (grant->oauth, grant->client, tenant_id, &serves, error)
         && (serves || kv_oauth_refuse_grant (error));
}

gboolean
kv_oauth_check_user (KvOauth *oauth, const StOauthUser *known, gboolean must_exist, StOauthUser *user, GError **error)
{
  g_autoptr (StTenant) tenant = NULL;
  g_autoptr (StUser) found = NULL;
  gboolean ask = must_exist && strcmp (known->user_domain, ST_PRIMARY_USER_DOMAIN) == 0;

  if (!find_tenant (oauth, known, &tenant, error))
    return FALSE;
  if (tenant == NULL || !tenant->active)
    return kv_oauth_refuse_grant (error);
  if (ask
      && !st_user_store_find_user (oauth->stores.users, tenant->id, known->name, kv_oauth_deadline (oauth), &found,
                                   error))
    return FALSE;
  if (ask && found == NULL)
    return kv_oauth_refuse_grant (error);
  *user = st_oauth_user_copy (known);
  user->tenant_id = tenant->id;
  g_free (user->tenant_domain);
  user->tenant_domain = g_strdup (tenant->domain);
  return TRUE;
}

/* What the next request of this client can be answered by. A new token is not among it: the change feed is about to tell
 * of it. */
static void
remember_application (const KvOauthGrant *grant, const StOauthUser *owner, const KvOauthIssued *issued)
{
  const char *asked_scope = net_http_form_get (grant->form, "scope");

  kv_oauth_remember_client (grant->oauth, grant->ticket, grant->client, owner);
  kv_oauth_remember_token_kind (grant->oauth, grant->ticket, grant->client->key, issued->jwt);
  if (issued->reused && !issued->jwt && !kv_oauth_scopes_need_store (grant->oauth, asked_scope))
    kv_oauth_remember_grant (grant->oauth, grant->ticket, grant->client->key, asked_scope, issued->token);
}

gboolean
kv_oauth_grant_application (const KvOauthGrant *grant, KvOauthIssued *issued, GError **error)
{
  KvOauth *oauth = grant->oauth;
  KvOauthIssue issue = { .client = grant->client,
                         .user_type = ST_OAUTH_USER_TYPE_APPLICATION,
                         .grant_type = grant->grant_type };
  g_auto (StOauthUser) owner = { .name = NULL };
  g_auto (GStrv) scopes = NULL;

  if (!core_oauth_parse_validity (net_http_form_get (grant->form, "validity_period"), &issue.asked_s))
    {
      g_set_error_literal (error, KV_OAUTH_ERROR, KV_OAUTH_ERROR_INVALID_REQUEST,
                           "validity_period is not a number of seconds");
      return FALSE;
    }
  /* As in the original an application outlives its owner. */
  if (!kv_oauth_check_user (oauth, &grant->client->owner, FALSE, &owner, error)
      || !kv_oauth_grant_scopes (oauth, grant->client, &owner, net_http_form_get (grant->form, "scope"), TRUE, &scopes,
                                 error))
    return FALSE;
  issue.user = &owner;
  issue.scopes = (const char *const *) scopes;
  if (!kv_oauth_issue (oauth, &issue, issued, error))
    return FALSE;
  remember_application (grant, &owner, issued);
  return TRUE;
}

static gboolean
log_in (const KvOauthGrant *grant, StOauthUser *user, GError **error)
{
  KvOauth *oauth = grant->oauth;
  const char *name = kv_oauth_request_need (grant->form, "username", error);
  const char *password = name != NULL ? kv_oauth_request_need (grant->form, "password", error) : NULL;
  g_autoptr (StUser) found = NULL;
  CoreLogin result;

  if (password == NULL)
    return FALSE;
  result = core_authenticator_login (oauth->authenticator, name, -1, password, -1, grant->peer,
                                   kv_oauth_deadline (oauth), &found);
  if (result == CORE_LOGIN_STORE_FAILED)
    {
      g_set_error_literal (error, ST_ERROR, ST_ERROR_UNAVAILABLE, "the user store could not say who the user is");
      return FALSE;
    }
  if (result != CORE_LOGIN_OK)
    return kv_oauth_refuse_grant (error);
  return kv_oauth_check_tenant (grant, found->tenant_id, error)
         && kv_oauth_user_of (oauth, found->tenant_id, ST_PRIMARY_USER_DOMAIN, found->name, user, error);
}

gboolean
kv_oauth_grant_password (const KvOauthGrant *grant, KvOauthIssued *issued, GError **error)
{
  KvOauth *oauth = grant->oauth;
  KvOauthIssue issue = { .client = grant->client,
                         .user_type = ST_OAUTH_USER_TYPE_USER,
                         .grant_type = grant->grant_type,
                         .asked_s = CORE_OAUTH_UNASKED };
  g_auto (StOauthUser) user = { .name = NULL };
  g_auto (GStrv) scopes = NULL;

  if (!log_in (grant, &user, error)
      || !kv_oauth_grant_scopes (oauth, grant->client, &user, net_http_form_get (grant->form, "scope"), FALSE, &scopes,
                                 error))
    return FALSE;
  issue.user = &user;
  issue.scopes = (const char *const *) scopes;
  return kv_oauth_issue (oauth, &issue, issued, error);
}
