#include "config.h"
#include "keyvalidator/oauth/kv-oauth-scopes.h"

#include "core/core-oauth.h"
#include "core/core-permission.h"
#include "keyvalidator/oauth/kv-oauth-answer.h"
#include "store/st-oauth-application.h"

#include <string.h>

/* Scopes that need no API; of several patterns one is enough. A pattern that gives up on the text does not match. */
static gboolean
is_whitelisted (const KvOauth *oauth, const char *scope)
{
  for (guint i = 0; i < oauth->scope_whitelist->len; i++)
    if (g_regex_match (g_ptr_array_index (oauth->scope_whitelist, i), scope, 0, NULL))
      return TRUE;
  return FALSE;
}

typedef struct
{
  const char *consumer_key;
  GPtrArray *scopes; /* of StScope */
} Search;

static gboolean
find_scopes (StWriter *writer, gpointer data, GError **error)
{
  Search *search = data;

  g_clear_pointer (&search->scopes, g_ptr_array_unref);
  return st_oauth_application_find_scopes (writer, search->consumer_key, &search->scopes, error);
}

static const StScope *
scope_of_key (GPtrArray *scopes, const char *key)
{
  for (guint i = 0; i < scopes->len; i++)
    {
      const StScope *scope = g_ptr_array_index (scopes, i);

      if (strcmp (scope->key, key) == 0)
        return scope;
    }
  return NULL;
}

/* As exactly as key validation compares them, on every generation: a scope that was granted and does not help would
 * only be found out later (spec/databases.md 5.7). */
static gboolean
holds_one_of (const char *const *roles, char **wanted)
{
  if (wanted[0] == NULL)
    return TRUE;
  for (guint i = 0; wanted[i] != NULL; i++)
    if (strcmp (wanted[i], CORE_ROLE_EVERYONE) == 0 || g_strv_contains (roles, wanted[i]))
      return TRUE;
  return FALSE;
}

/* What must be loaded to say which of the asked scopes are granted. */
static gboolean
load_facts (KvOauth *oauth, const StOauthClient *client, const StOauthUser *user, GPtrArray **scopes, char ***roles,
            GError **error)
{
  Search search = { client->key, NULL };
  gboolean done = kv_oauth_read (oauth, find_scopes, &search, error)
                  && st_user_store_find_roles (oauth->stores.users, user->tenant_id, user->user_domain, user->name,
                                               kv_oauth_deadline (oauth), roles, error);

  if (done)
    *scopes = g_steal_pointer (&search.scopes);
  g_clear_pointer (&search.scopes, g_ptr_array_unref);
  return done;
}

/* Whether it is decided without a look into the databases. */
static gboolean
is_free (const KvOauth *oauth, const char *scope)
{
  return core_rest_scopes_roles (oauth->rest_scopes, scope) == NULL
         && (is_whitelisted (oauth, scope) || strcmp (scope, CORE_OAUTH_SCOPE_DEFAULT) == 0);
}

static gboolean
all_free (const KvOauth *oauth, char **asked)
{
  for (guint i = 0; asked[i] != NULL; i++)
    if (!is_free (oauth, asked[i]))
      return FALSE;
  return TRUE;
}

/* @scopes, @roles: what load_facts() found; NULL where all that is asked for is free. */
static gboolean
is_granted (const KvOauth *oauth, GPtrArray *scopes, char **roles, const char *asked)
{
  char **wanted = core_rest_scopes_roles (oauth->rest_scopes, asked);
  const StScope *scope;

  if (strcmp (asked, oauth->config->application_token_scope) == 0 || strcmp (asked, CORE_OAUTH_SCOPE_DEFAULT) == 0)
    return FALSE;
  if (wanted == NULL && is_whitelisted (oauth, asked))
    return TRUE;
  if (wanted == NULL)
    {
      scope = scope_of_key (scopes, asked);
      if (scope == NULL)
        return FALSE;
      wanted = scope->roles;
    }
  return holds_one_of ((const char *const *) roles, wanted);
}

gboolean
kv_oauth_scopes_need_store (const KvOauth *oauth, const char *asked_text)
{
  g_auto (GStrv) asked = core_oauth_parse_scopes (asked_text);

  return asked == NULL || !all_free (oauth, asked);
}

gboolean
kv_oauth_grant_scopes (KvOauth *oauth, const StOauthClient *client, const StOauthUser *user, const char *asked_text,
                       gboolean application_token, char ***granted, GError **error)
{
  const char *application_scope = oauth->config->application_token_scope;
  g_auto (GStrv) asked = core_oauth_parse_scopes (asked_text);
  g_autoptr (GPtrArray) scopes = NULL;
  g_auto (GStrv) roles = NULL;
  GPtrArray *result;

  if (asked == NULL)
    {
      g_set_error_literal (error, KV_OAUTH_ERROR, KV_OAUTH_ERROR_INVALID_SCOPE, "Invalid Scope!");
      return FALSE;
    }
  if (!all_free (oauth, asked) && !load_facts (oauth, client, user, &scopes, &roles, error))
    return FALSE;
  result = g_ptr_array_new ();
  if (application_token)
    g_ptr_array_add (result, g_strdup (application_scope));
  for (guint i = 0; asked[i] != NULL; i++)
    if (is_granted (oauth, scopes, roles, asked[i]))
      g_ptr_array_add (result, g_strdup (asked[i]));
  if (result->len == (application_token ? 1 : 0))
    g_ptr_array_add (result, g_strdup (CORE_OAUTH_SCOPE_DEFAULT));
  g_ptr_array_add (result, NULL);
  *granted = (char **) g_ptr_array_free (result, FALSE);
  return TRUE;
}
