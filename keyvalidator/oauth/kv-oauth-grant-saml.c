#include "config.h"
#include "keyvalidator/oauth/kv-oauth-grants.h"

#include "common/apim-log.h"
#include "keyvalidator/oauth/kv-oauth-answer.h"
#include "keyvalidator/oauth/kv-oauth-request.h"
#include "keyvalidator/oauth/kv-oauth-scopes.h"
#include "store/st-used-assertions.h"

#include <string.h>

/* One request: the assertion is used, and the token issued, in one transaction. */
typedef struct
{
  const KvOauthGrant *grant;
  gint64 expires_ms; /* of the assertion */
  char digest[APIM_SHA256_HEX_SIZE];
  gboolean used_before;
  KvOauthIssue issue;
  KvOauthIssued *issued;
} Exchange;

/* Whoever asks is an authenticated client: it may be told what is wrong with what it sent. */
static gboolean
refuse (GError **error, const char *why)
{
  g_set_error_literal (error, KV_OAUTH_ERROR, KV_OAUTH_ERROR_INVALID_GRANT, why);
  return FALSE;
}

static KvSamlAssertion *
read_assertion (const KvOauthGrant *grant, GError **error)
{
  const char *parameter = kv_oauth_request_need (grant->form, "assertion", error);
  g_autoptr (GError) why = NULL;
  KvSamlAssertion *assertion;

  if (parameter == NULL)
    return NULL;
  assertion = kv_saml_trust_read (grant->oauth->saml, parameter, &why);
  if (assertion == NULL)
    refuse (error, why->message);
  return assertion;
}

/* "name@domain", where the text behind the last "@" is a tenant, as at every login; other names are of the
 * provider's first tenant. @name: cut. *tenant: NULL: there is none that the provider may speak for. */
static gboolean
find_tenant (KvOauth *oauth, const KvSamlProvider *provider, char *name, StTenant **tenant, GError **error)
{
  StUserStore *users = oauth->stores.users;
  char *at = strrchr (name, '@');

  if (at != NULL
      && !st_user_store_find_tenant_by_domain (users, at + 1, kv_oauth_deadline (oauth), tenant, error))
    return FALSE;
  if (at != NULL && *tenant != NULL)
    *at = '\0';
  else if (!st_user_store_find_tenant_by_domain (users, provider->tenants[0], kv_oauth_deadline (oauth),
                                                 tenant, error))
    return FALSE;
  if (*tenant != NULL && (!(*tenant)->active || !kv_saml_trust_covers (provider, (*tenant)->domain)))
    g_clear_pointer (tenant, st_tenant_unref);
  return TRUE;
}

/* Only a user that there is: those of other stores than PRIMARY cannot be looked up. *found: NULL: there is
 * none. */
static gboolean
find_named (KvOauth *oauth, const KvSamlAssertion *assertion, StTenant **tenant, StUser **found,
            GError **error)
{
  const char *bare;
  g_autofree char *domain = st_user_name_split (assertion->name, &bare);
  g_autofree char *name = g_strdup (bare);

  if (strcmp (domain, ST_PRIMARY_USER_DOMAIN) != 0)
    return TRUE;
  if (!find_tenant (oauth, assertion->provider, name, tenant, error))
    return FALSE;
  return *tenant == NULL || *name == '\0'
         || st_user_store_find_user (oauth->stores.users, (*tenant)->id, name, kv_oauth_deadline (oauth),
                                     found, error);
}

static gboolean
find_subject (const KvOauthGrant *grant, const KvSamlAssertion *assertion, StOauthUser *user, GError **error)
{
  g_autoptr (StTenant) tenant = NULL;
  g_autoptr (StUser) found = NULL;

  if (!find_named (grant->oauth, assertion, &tenant, &found, error))
    return FALSE;
  if (found == NULL)
    return refuse (error, "the assertion's Subject is no user that its issuer may speak for");
  if (!kv_oauth_check_tenant (grant, tenant->id, error))
    return FALSE;
  user->name = g_strdup (found->name);
  user->user_domain = g_strdup (ST_PRIMARY_USER_DOMAIN);
  user->tenant_id = tenant->id;
  user->tenant_domain = g_strdup (tenant->domain);
  return TRUE;
}

static gboolean
use_assertion (StWriter *writer, gpointer data, GError **error)
{
  Exchange *exchange = data;

  kv_oauth_issued_clear (exchange->issued);
  return st_assertion_use (writer, exchange->digest, exchange->expires_ms, &exchange->used_before, error)
         && (exchange->used_before
             || kv_oauth_issue_within (exchange->grant->oauth, writer, &exchange->issue, exchange->issued,
                                       error));
}

static gboolean
exchange_token (Exchange *exchange, const KvSamlAssertion *assertion, GError **error)
{
  KvOauth *oauth = exchange->grant->oauth;

  exchange->expires_ms = assertion->expires_ms;
  if (!kv_saml_assertion_digest (assertion, exchange->digest))
    {
      g_set_error_literal (error, ST_ERROR, ST_ERROR_UNAVAILABLE, "no digest of an assertion could be made");
      return FALSE;
    }
  if (!kv_oauth_write (oauth, use_assertion, exchange, error))
    return FALSE;
  return exchange->used_before ? refuse (error, "the assertion was used before")
                               : kv_oauth_finish (oauth, &exchange->issue, exchange->issued, error);
}

static gboolean
run (const KvOauthGrant *grant, const KvSamlAssertion *assertion, KvOauthIssued *issued, GError **error)
{
  KvOauth *oauth = grant->oauth;
  Exchange exchange = { .grant = grant, .issued = issued };
  g_auto (StOauthUser) user = { .name = NULL };
  g_auto (GStrv) scopes = NULL;

  if (!find_subject (grant, assertion, &user, error)
      || !kv_oauth_grant_scopes (oauth, grant->client, &user, net_http_form_get (grant->form, "scope"), FALSE,
                                 &scopes, error))
    return FALSE;
  exchange.issue = (KvOauthIssue){ .client = grant->client,
                                   .user = &user,
                                   .user_type = ST_OAUTH_USER_TYPE_USER,
                                   .grant_type = grant->grant_type,
                                   .scopes = (const char *const *)scopes,
                                   .asked_s = CORE_OAUTH_UNASKED };
  return exchange_token (&exchange, assertion, error);
}

static gboolean
forget_expired (StWriter *writer, gpointer data, GError **error)
{
  return st_assertions_forget (writer, *(const gint64 *)data, error);
}

/* Not with the token's transaction: it would lock rows that other nodes write beside. */
static void
forget_old (KvOauth *oauth)
{
  static ApimLogGate gate;
  g_autoptr (GError) error = NULL;
  gint64 before_ms;

  if (kv_saml_trust_should_forget (oauth->saml, &before_ms)
      && !kv_oauth_write (oauth, forget_expired, &before_ms, &error))
    apim_log_limited (&gate, APIM_LOG_WARNING, "keyvalidator",
                      "could not delete used assertions that have expired: %s", error->message);
}

/* @assertion: nullable: it was none that is to be believed in anything. */
static void
note_refusal (const KvOauthGrant *grant, const KvSamlAssertion *assertion, const GError *why)
{
  static ApimLogGate gate;
  g_autofree char *said = NULL;

  if (assertion != NULL)
    said = g_strdup_printf (" (issuer \"%s\", subject \"%s\")", assertion->issuer, assertion->name);
  kv_saml_trust_failed (grant->oauth->saml, grant->client->key, grant->peer);
  apim_log_limited (&gate, APIM_LOG_WARNING, "keyvalidator",
                    "SAML assertion of OAuth client \"%s\" from %s refused: %s%s", grant->client->key,
                    grant->peer, why->message, said != NULL ? said : "");
}

static void
note_success (const KvOauthGrant *grant, const KvSamlAssertion *assertion, const KvOauthIssued *issued)
{
  kv_saml_trust_succeeded (grant->oauth->saml, grant->client->key, grant->peer);
  apim_info ("keyvalidator",
             "OAuth client \"%s\" from %s has a token for user \"%s\" by an assertion of \"%s\"",
             grant->client->key, grant->peer, issued->subject, assertion->issuer);
}

/* What comes too early is not looked at, and does not count. */
static gboolean
check_wait (const KvOauthGrant *grant, GError **error)
{
  static ApimLogGate gate;

  if (kv_saml_trust_wait_ms (grant->oauth->saml, grant->client->key, grant->peer) == 0)
    return TRUE;
  apim_log_limited (
      &gate, APIM_LOG_WARNING, "keyvalidator",
      "a SAML assertion of OAuth client \"%s\" from %s was not looked at: too many were refused",
      grant->client->key, grant->peer);
  return refuse (error, "too many assertions of this client were refused: try again later");
}

gboolean
kv_oauth_grant_saml (const KvOauthGrant *grant, KvOauthIssued *issued, GError **error)
{
  g_autoptr (GError) why = NULL;
  g_autoptr (KvSamlAssertion) assertion = NULL;

  if (!check_wait (grant, error))
    return FALSE;
  assertion = read_assertion (grant, &why);
  if (assertion != NULL && run (grant, assertion, issued, &why))
    {
      note_success (grant, assertion, issued);
      forget_old (grant->oauth);
      return TRUE;
    }
  if (g_error_matches (why, KV_OAUTH_ERROR, KV_OAUTH_ERROR_INVALID_GRANT))
    note_refusal (grant, assertion, why);
  g_propagate_error (error, g_steal_pointer (&why));
  return FALSE;
}

static gboolean
check_table (StWriter *writer, gpointer data, GError **error)
{
  return st_assertions_check (writer, error);
}

void
kv_oauth_grant_saml_check_database (KvOauth *oauth)
{
  g_autoptr (GError) error = NULL;

  if (oauth->saml != NULL && !kv_oauth_read (oauth, check_table, NULL, &error))
    apim_warning ("keyvalidator", "no SAML assertion will be taken as long as this is so: %s",
                  error->message);
}
