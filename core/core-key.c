#include "config.h"
#include "core/core-key.h"

#include "common/apim-secret.h"
#include "core/core-application.h"
#include "core/core-key-request.h"
#include "core/core-oauth-client.h"
#include "core/core-workflow.h"
#include "store/st-application-keys.h"
#include "store/st-oauth-application.h"
#include "store/st-oauth-code.h"
#include "store/st-oauth-token-writes.h"

#include <string.h>

void
core_key_free (CoreKey *key)
{
  if (key == NULL)
    return;
  st_key_record_free (key->key);
  st_oauth_client_free (key->client);
  core_token_issued_clear (&key->issued);
  g_free (key);
}

/* What a call is about, on its way through its transaction. */
typedef struct
{
  const CorePortal *portal;
  const CoreActor *actor;
  const CoreKeyRequest *request;
  const char *application_id;
  CoreKeyPlan plan; /* its type is that of the call */
  const char *consumer_key;
  const char *consumer_secret;
  StApplicationRecord *application;
  CoreKey *result;
  GPtrArray *results;
  guint n_users;    /* whose tokens were revoked */
  GPtrArray *ended; /* of StOauthToken: those tokens, of the result's client; nullable */
} Call;

static void
call_reset (Call *call)
{
  g_clear_pointer (&call->application, st_application_record_free);
  g_clear_pointer (&call->result, core_key_free);
  g_clear_pointer (&call->results, g_ptr_array_unref);
  g_clear_pointer (&call->ended, g_ptr_array_unref);
}

static void
call_clear (Call *call)
{
  call_reset (call);
  core_key_plan_clear (&call->plan);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Call, call_clear)

/* The owner of the application, in whose name its clients and tokens are. */
static void
find_owner (const Call *call, StOauthUser *owner)
{
  const StApplicationRecord *application = call->application;
  const char *bare;
  g_autofree char *suffix = g_strconcat ("@", call->actor->tenant_domain, NULL);

  owner->user_domain = st_user_name_split (application->subscriber, &bare);
  owner->name = g_strdup (bare);
  /* In the super tenant an "@" is a part of the name. */
  if (application->tenant_id != ST_SUPER_TENANT_ID && g_str_has_suffix (owner->name, suffix))
    owner->name[strlen (owner->name) - strlen (suffix)] = '\0';
  owner->tenant_id = application->tenant_id;
  owner->tenant_domain = g_strdup (call->actor->tenant_domain);
}

static gboolean
find_application (StWriter *writer, Call *call, gboolean lock, GError **error)
{
  call_reset (call);
  return core_application_find (writer, call->actor, call->application_id, lock, &call->application, error);
}

/* The keys of the call's type; NULL: there are none. */
static gboolean
find_record (StWriter *writer, Call *call, StKeyRecord **record, GError **error)
{
  return st_key_record_find (writer, call->application->id, call->plan.type, record, error);
}

/* @record: (transfer full). */
static gboolean
set_result (StWriter *writer, Call *call, StKeyRecord *record, GError **error)
{
  call->result = g_new0 (CoreKey, 1);
  call->result->key = record;
  return record->consumer_key == NULL
         || st_oauth_client_find (writer, record->consumer_key, &call->result->client, error);
}

static void
hide_secret (CoreKey *key)
{
  if (key->client != NULL)
    g_clear_pointer (&key->client->secret, apim_secret_free);
}

/* Keys that are complete and have their client; *owned: whether the client was made for the application. */
static gboolean
find_complete (StWriter *writer, Call *call, gboolean owned, const char *what, GError **error)
{
  g_autoptr (StKeyRecord) record = NULL;
  const char *type = st_key_type_text (call->plan.type);

  if (!find_application (writer, call, TRUE, error) || !find_record (writer, call, &record, error))
    return FALSE;
  if (record == NULL || record->consumer_key == NULL)
    return core_portal_fail (error, CORE_PORTAL_ERROR_NOT_FOUND, "the application \"%s\" has no %s keys%s",
                             call->application->name, type,
                             record != NULL ? " yet: their registration did not come to its end" : "");
  if (owned && record->mapped)
    return core_portal_fail (error, CORE_PORTAL_ERROR_CONFLICT,
                             "the OAuth client of the %s keys was mapped, and is not the application's to %s", type,
                             what);
  if (!set_result (writer, call, g_steal_pointer (&record), error))
    return FALSE;
  return call->result->client != NULL
         || core_portal_fail (error, CORE_PORTAL_ERROR_CONFLICT, "the OAuth client of the %s keys does not exist any more",
                              type);
}

static gboolean
holds_one_of (const CoreActor *actor, char **roles)
{
  return roles[0] == NULL || core_actor_has_role (actor, (const char *const *) roles);
}

/* The application scope, and what was asked for of the scopes of the application's APIs; "default" where nothing is left
 * of it (spec/soap-and-oauth.md 5.7). */
static gboolean
grant_scopes (StWriter *writer, const Call *call, char ***granted, GError **error)
{
  const char *application_scope = call->portal->config->application_token_scope;
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autoptr (GPtrArray) scopes = NULL;
  gboolean any = FALSE;

  if (!st_oauth_application_find_scopes (writer, call->result->client->key, &scopes, error))
    return FALSE;
  g_strv_builder_add (builder, application_scope);
  for (guint i = 0; call->plan.scopes[i] != NULL; i++)
    for (guint j = 0; j < scopes->len; j++)
      {
        const StScope *scope = g_ptr_array_index (scopes, j);

        if (strcmp (scope->key, call->plan.scopes[i]) != 0 || strcmp (scope->key, application_scope) == 0
            || !holds_one_of (call->actor, scope->roles))
          continue;
        g_strv_builder_add (builder, scope->key);
        any = TRUE;
      }
  if (!any)
    g_strv_builder_add (builder, CORE_OAUTH_SCOPE_DEFAULT);
  *granted = g_strv_builder_end (builder);
  return TRUE;
}

static gboolean
make_issuer (StWriter *writer, const CorePortal *portal, CoreTokenIssuer *issuer, GError **error)
{
  issuer->config = portal->config;
  issuer->clock = portal->clock;
  return st_oauth_form_read (writer, portal->config->token_time, portal->config->user_store.case_insensitive_names,
                             &issuer->form, error);
}

/* @tokens: taken over. */
static void
note_ended (Call *call, GPtrArray *tokens)
{
  if (call->ended == NULL)
    call->ended = g_ptr_array_new_with_free_func ((GDestroyNotify) st_oauth_token_free);
  g_ptr_array_extend_and_steal (call->ended, tokens);
}

/* The token of the result gives way to another. */
static gboolean
revoke_issued (StWriter *writer, Call *call, GError **error)
{
  CoreKey *key = call->result;
  GPtrArray *old = g_ptr_array_new ();

  if (!st_oauth_token_revoke (writer, key->issued.token, error))
    {
      g_ptr_array_unref (old);
      return FALSE;
    }
  g_ptr_array_add (old, g_steal_pointer (&key->issued.token));
  note_ended (call, old);
  return TRUE;
}

/* An application token of the result's client. @anew: the one that there is gives way. A client that may not use client
 * credentials gets none. */
static gboolean
issue_token (StWriter *writer, Call *call, gboolean anew, GError **error)
{
  CoreKey *key = call->result;
  g_auto (StOauthUser) owner = { .name = NULL };
  g_auto (GStrv) scopes = NULL;
  CoreTokenRequest request = { .client = key->client,
                               .user = &owner,
                               .user_type = ST_OAUTH_USER_TYPE_APPLICATION,
                               .grant_type = CORE_OAUTH_CLIENT_CREDENTIALS,
                               .asked_s = call->plan.validity_s };
  CoreTokenIssuer issuer;

  if (!core_oauth_client_may (key->client->grant_types, CORE_OAUTH_CLIENT_CREDENTIALS)
      || strcmp (key->client->state, ST_OAUTH_CLIENT_ACTIVE) != 0)
    return TRUE;
  find_owner (call, &owner);
  if (!make_issuer (writer, call->portal, &issuer, error) || !grant_scopes (writer, call, &scopes, error))
    return FALSE;
  request.scopes = (const char *const *) scopes;
  if (!core_token_issue (&issuer, writer, &request, &key->issued, error))
    return FALSE;
  if (anew && key->issued.reused
      && (!revoke_issued (writer, call, error)
          || !core_token_issue (&issuer, writer, &request, &key->issued, error)))
    return FALSE;
  if (!key->issued.jwt)
    key->issued.text = g_strdup (key->issued.token->access_token);
  return TRUE;
}

/* Grants that lead a browser back are nothing without a place to lead it to. */
static char *
usable_grants (const char *grant_types, const char *callback_url)
{
  g_auto (GStrv) grants = g_strsplit (grant_types, " ", -1);
  g_autoptr (GString) kept = g_string_new (NULL);

  for (guint i = 0; grants[i] != NULL; i++)
    if (*grants[i] != '\0' && (callback_url != NULL || !core_oauth_grant_needs_callback (grants[i])))
      g_string_append_printf (kept, "%s%s", kept->len > 0 ? " " : "", grants[i]);
  return g_strdup (kept->str);
}

static StOauthClient *
make_client (const Call *call)
{
  const CoreKeyPlan *plan = &call->plan;
  const char *fallback = call->application->callback_url;
  const char *callback_url = plan->callback_url != NULL               ? plan->callback_url
                             : fallback != NULL && *fallback != '\0' ? fallback
                                                                     : NULL;
  g_autofree char *grants = plan->grant_types != NULL ? usable_grants (plan->grant_types, callback_url) : NULL;
  g_autofree char *name = core_oauth_client_key_name (call->application->name, plan->type);
  g_auto (StOauthUser) owner = { .name = NULL };

  find_owner (call, &owner);
  return core_oauth_client_new (&owner, name, callback_url, grants);
}

/* APPROVED keys get their client and their token. */
static gboolean
complete (StWriter *writer, Call *call, GError **error)
{
  g_autoptr (StOauthClient) client = make_client (call);
  StKeyRecord *record = NULL;

  if (!st_oauth_client_insert (writer, client, error)
      || !st_write_complete_keys (writer, call->application->id, call->plan.type, client->key,
                                  (const char *const *) call->plan.domains, error)
      || !find_record (writer, call, &record, error))
    return FALSE;
  return set_result (writer, call, record, error) && issue_token (writer, call, FALSE, error);
}

static gboolean
request_keys (StWriter *writer, Call *call, gboolean *waits, GError **error)
{
  const CoreKeyPlan *plan = &call->plan;
  g_autofree char *inputs = core_key_plan_inputs (plan);
  g_autofree char *scopes = g_strjoinv (" ", plan->scopes);
  g_autofree char *domains = plan->domains != NULL ? g_strjoinv (",", plan->domains) : g_strdup ("ALL");
  g_autofree char *reference = NULL;
  StRegistration registration = { .application_id = call->application->id,
                                  .type = plan->type,
                                  .token_scope = *scopes != '\0' ? scopes : NULL,
                                  .inputs = inputs,
                                  .allowed_domains = domains,
                                  .validity_s = plan->validity_s };

  if (!core_workflow_begin (writer, call->portal, call->actor, core_workflow_of_keys (plan->type), NULL, NULL, waits,
                            &reference, error))
    return FALSE;
  registration.workflow_reference = reference;
  registration.approved = !*waits;
  return st_write_register_keys (writer, &registration, error);
}

/* What is there already, when keys are asked for. */
static gboolean
go_on (StWriter *writer, Call *call, StKeyRecord *found, GError **error)
{
  g_autoptr (StKeyRecord) record = found;
  const char *type = st_key_type_text (record->type);

  if (g_strcmp0 (record->state, "APPROVED") == 0)
    {
      core_key_plan_restore (record, &call->plan);
      return complete (writer, call, error);
    }
  if (g_strcmp0 (record->state, "CREATED") == 0)
    return set_result (writer, call, g_steal_pointer (&record), error);
  if (g_strcmp0 (record->state, "COMPLETED") == 0)
    return core_portal_fail (error, CORE_PORTAL_ERROR_CONFLICT, "the application \"%s\" has %s keys already",
                             call->application->name, type);
  return core_portal_fail (error, CORE_PORTAL_ERROR_CONFLICT,
                           "the %s keys of the application \"%s\" are %s: clean up the registration to ask again", type,
                           call->application->name, record->state);
}

static gboolean
generate (StWriter *writer, gpointer data, GError **error)
{
  Call *call = data;
  StKeyRecord *record = NULL;
  gboolean waits;

  if (!find_application (writer, call, TRUE, error)
      || !core_application_require_approved (call->application, "have keys", error)
      || !find_record (writer, call, &record, error))
    return FALSE;
  if (record != NULL)
    return go_on (writer, call, record, error);
  if (!request_keys (writer, call, &waits, error))
    return FALSE;
  if (!waits)
    return complete (writer, call, error);
  return find_record (writer, call, &record, error) && set_result (writer, call, record, error);
}

/* Tokens need to know how long they live. */
static gboolean
write_call (Call *call, StWork work, GError **error)
{
  if (call->portal->config == NULL || call->portal->clock == NULL)
    return core_portal_fail (error, CORE_PORTAL_ERROR_FAILED, "this node is not set up to issue tokens");
  return core_portal_write (call->portal, work, call, error);
}

static gboolean
hand_out (Call *call, const char *action, CoreKey **key)
{
  if (call->ended != NULL)
    core_portal_tokens_ended (call->portal, call->ended, call->result->client->key);
  core_portal_audit (call->portal, call->actor, action, "keys", call->application->name,
                     st_key_type_text (call->plan.type));
  if (call->portal->dry_run)
    {
      hide_secret (call->result);
      core_token_issued_clear (&call->result->issued);
    }
  *key = g_steal_pointer (&call->result);
  return TRUE;
}

gboolean
core_key_generate (const CorePortal *portal, const CoreActor *actor, const CoreKeyRequest *request, CoreKey **key,
                   GError **error)
{
  g_auto (Call) call
      = { .portal = portal, .actor = actor, .request = request, .application_id = request->application };

  return core_key_plan_read (request, &call.plan, error) && write_call (&call, generate, error)
         && hand_out (&call, "generate", key);
}

static gboolean
read_type (const char *type, Call *call, GError **error)
{
  return st_key_type_parse (type, &call->plan.type)
         || core_portal_fail (error, CORE_PORTAL_ERROR_INVALID, "Invalid Token Type '%s' requested.",
                              type != NULL ? type : "");
}

static gboolean
get (StWriter *writer, gpointer data, GError **error)
{
  Call *call = data;
  StKeyRecord *record = NULL;

  if (!find_application (writer, call, FALSE, error) || !find_record (writer, call, &record, error))
    return FALSE;
  if (record == NULL)
    return core_portal_fail (error, CORE_PORTAL_ERROR_NOT_FOUND, "the application \"%s\" has no %s keys",
                             call->application->name, st_key_type_text (call->plan.type));
  if (!set_result (writer, call, record, error))
    return FALSE;
  hide_secret (call->result);
  return TRUE;
}

gboolean
core_key_get (const CorePortal *portal, const CoreActor *actor, const char *application, const char *type,
              CoreKey **key, GError **error)
{
  g_auto (Call) call = { .portal = portal, .actor = actor, .application_id = application };

  if (!read_type (type, &call, error) || !core_portal_read (portal, get, &call, error))
    return FALSE;
  *key = g_steal_pointer (&call.result);
  return TRUE;
}

static gboolean
list (StWriter *writer, gpointer data, GError **error)
{
  Call *call = data;
  g_autoptr (GPtrArray) records = NULL;

  if (!find_application (writer, call, FALSE, error)
      || !st_key_record_list (writer, call->application->id, &records, error))
    return FALSE;
  call->results = g_ptr_array_new_with_free_func ((GDestroyNotify) core_key_free);
  while (records->len > 0)
    {
      if (!set_result (writer, call, g_ptr_array_steal_index (records, 0), error))
        return FALSE;
      hide_secret (call->result);
      g_ptr_array_add (call->results, g_steal_pointer (&call->result));
    }
  return TRUE;
}

typedef struct
{
  const char *consumer_key;
  StKeyRecord *found; /* (nullable) */
} ClientCall;

static gboolean
find_client (StWriter *reader, gpointer data, GError **error)
{
  ClientCall *call = data;

  g_clear_pointer (&call->found, st_key_record_free);
  return st_key_record_find_client (reader, call->consumer_key, &call->found, error);
}

gboolean
core_key_get_client (const CorePortal *portal, const CoreActor *actor, const char *consumer_key, CoreKey **key,
                     GError **error)
{
  ClientCall call = { .consumer_key = consumer_key };
  gboolean done = core_portal_read (portal, find_client, &call, error);
  g_autoptr (StKeyRecord) record = call.found;
  g_autofree char *application = NULL;
  g_autoptr (GError) why = NULL;

  if (!done)
    return FALSE;
  if (record != NULL)
    {
      application = g_strdup_printf ("%" G_GINT64_FORMAT, record->application_id);
      if (core_key_get (portal, actor, application, st_key_type_text (record->type), key, &why))
        return TRUE;
      if (!g_error_matches (why, CORE_PORTAL_ERROR, CORE_PORTAL_ERROR_NOT_FOUND)
          && !g_error_matches (why, CORE_PORTAL_ERROR, CORE_PORTAL_ERROR_FORBIDDEN))
        {
          g_propagate_error (error, g_steal_pointer (&why));
          return FALSE;
        }
    }
  return core_portal_fail (error, CORE_PORTAL_ERROR_NOT_FOUND, "None of your applications has the consumer key %s",
                           consumer_key);
}

gboolean
core_key_list (const CorePortal *portal, const CoreActor *actor, const char *application, GPtrArray **keys,
               GError **error)
{
  g_auto (Call) call = { .portal = portal, .actor = actor, .application_id = application };

  if (!core_portal_read (portal, list, &call, error))
    return FALSE;
  *keys = g_steal_pointer (&call.results);
  return TRUE;
}

static gboolean
update (StWriter *writer, gpointer data, GError **error)
{
  Call *call = data;
  StOauthClient *client;
  StKeyRecord *record = NULL;

  if (!find_complete (writer, call, TRUE, "change", error))
    return FALSE;
  client = call->result->client;
  if (call->request->callback_url != NULL)
    {
      g_free (client->callback_url);
      client->callback_url = g_strdup (call->plan.callback_url != NULL ? call->plan.callback_url : "");
    }
  if (call->plan.grant_types != NULL || call->request->callback_url != NULL)
    {
      const char *grants = call->plan.grant_types != NULL ? call->plan.grant_types
                           : client->grant_types != NULL  ? client->grant_types
                                                          : "";
      char *usable = usable_grants (grants, *client->callback_url != '\0' ? client->callback_url : NULL);

      g_free (client->grant_types);
      client->grant_types = usable;
    }
  if (!st_oauth_client_update_grants (writer, client, error)
      || (call->plan.domains != NULL
          && !st_write_key_domains (writer, client->key, (const char *const *) call->plan.domains, error))
      || !find_record (writer, call, &record, error))
    return FALSE;
  st_key_record_free (call->result->key);
  call->result->key = record;
  hide_secret (call->result);
  return TRUE;
}

gboolean
core_key_update (const CorePortal *portal, const CoreActor *actor, const CoreKeyRequest *request, CoreKey **key,
                 GError **error)
{
  g_auto (Call) call
      = { .portal = portal, .actor = actor, .request = request, .application_id = request->application };

  return core_key_plan_read (request, &call.plan, error) && core_portal_write (portal, update, &call, error)
         && hand_out (&call, "update", key);
}

/* Its secret proves that it is the caller's; who guesses learns nothing of which keys there are. */
static gboolean
check_client (StWriter *writer, const Call *call, GError **error)
{
  g_auto (StOauthUser) owner = { .name = NULL };
  g_autoptr (StOauthClient) client = NULL;
  const char *secret = call->consumer_secret;

  if (!st_oauth_client_find (writer, call->consumer_key, &client, error))
    return FALSE;
  find_owner (call, &owner);
  if (client != NULL && client->secret != NULL && secret != NULL
      && apim_secret_equal (secret, strlen (secret), client->secret, strlen (client->secret))
      && (client->owner.tenant_id == 0 || client->owner.tenant_id == owner.tenant_id)
      && st_oauth_user_is_same (&owner, &client->owner, TRUE))
    return TRUE;
  return core_portal_fail (error, CORE_PORTAL_ERROR_INVALID,
                           "The consumer key or the consumer secret is wrong, or the client is another user's.");
}

static gboolean
map (StWriter *writer, gpointer data, GError **error)
{
  Call *call = data;
  g_autoptr (StKeyRecord) used = NULL;
  StKeyRecord *record = NULL;
  gboolean again;

  if (!find_application (writer, call, TRUE, error)
      || !core_application_require_approved (call->application, "have keys", error)
      || !check_client (writer, call, error)
      || !st_key_record_find_client (writer, call->consumer_key, &used, error))
    return FALSE;
  again = used != NULL && used->application_id == call->application->id && used->type == call->plan.type;
  if (used != NULL && !again)
    return core_portal_fail (error, CORE_PORTAL_ERROR_CONFLICT, "Consumer Key %s is used for another Application.",
                             call->consumer_key);
  if (!again
      && !st_write_map_client (writer, call->application->id, call->plan.type, call->consumer_key, error))
    return FALSE;
  if (!find_record (writer, call, &record, error) || !set_result (writer, call, record, error)
      || !issue_token (writer, call, FALSE, error))
    return FALSE;
  hide_secret (call->result);
  return TRUE;
}

gboolean
core_key_map (const CorePortal *portal, const CoreActor *actor, const CoreKeyRequest *request, const char *consumer_key,
              const char *consumer_secret, CoreKey **key, GError **error)
{
  g_auto (Call) call = { .portal = portal,
                         .actor = actor,
                         .request = request,
                         .application_id = request->application,
                         .consumer_key = consumer_key,
                         .consumer_secret = consumer_secret };

  return core_key_plan_read (request, &call.plan, error) && write_call (&call, map, error)
         && hand_out (&call, "map", key);
}

static gboolean
regenerate_secret (StWriter *writer, gpointer data, GError **error)
{
  Call *call = data;
  StOauthClient *client;

  if (!find_complete (writer, call, TRUE, "give another secret", error))
    return FALSE;
  client = call->result->client;
  apim_secret_free (client->secret);
  client->secret = st_oauth_client_random_key ();
  return st_oauth_client_update_secret (writer, client, error);
}

gboolean
core_key_regenerate_secret (const CorePortal *portal, const CoreActor *actor, const char *application, const char *type,
                            CoreKey **key, GError **error)
{
  g_auto (Call) call = { .portal = portal, .actor = actor, .application_id = application };

  return read_type (type, &call, error) && core_portal_write (portal, regenerate_secret, &call, error)
         && hand_out (&call, "regenerate-secret", key);
}

/* All of them in one transaction: that some tokens are good still is no state to leave behind. */
static gboolean
revoke_tokens (StWriter *writer, gpointer data, GError **error)
{
  Call *call = data;
  gint64 now_ms = apim_clock_wall_ms (call->portal->clock);
  g_autoptr (GPtrArray) users = NULL;
  CoreTokenIssuer issuer;

  if (!find_complete (writer, call, TRUE, "revoke", error) || !make_issuer (writer, call->portal, &issuer, error)
      || !st_oauth_code_expire_all (writer, &issuer.form, call->result->client, NULL, now_ms, error)
      || !st_oauth_client_find_users (writer, call->result->client, &users, error))
    return FALSE;
  call->n_users = users->len;
  for (guint i = 0; i < users->len; i++)
    {
      GPtrArray *ended = NULL;

      if (!st_oauth_token_revoke_all (writer, &issuer.form, call->result->client, users->pdata[i], now_ms, &ended, error))
        return FALSE;
      note_ended (call, ended);
    }
  return TRUE;
}

gboolean
core_key_revoke_tokens (const CorePortal *portal, const CoreActor *actor, const char *application, const char *type,
                        guint *n_users, GError **error)
{
  g_auto (Call) call = { .portal = portal, .actor = actor, .application_id = application };

  if (!read_type (type, &call, error) || !core_portal_write (portal, revoke_tokens, &call, error))
    return FALSE;
  core_portal_tokens_ended (portal, call.ended, call.result->client->key);
  core_portal_audit (portal, actor, "revoke-tokens", "keys", call.application->name, type);
  *n_users = call.n_users;
  return TRUE;
}

static gboolean
clean_up (StWriter *writer, gpointer data, GError **error)
{
  Call *call = data;
  g_autoptr (StKeyRecord) record = NULL;

  if (!find_application (writer, call, TRUE, error) || !find_record (writer, call, &record, error))
    return FALSE;
  return (record == NULL || record->workflow_reference == NULL
          || st_write_drop_workflows (writer, core_workflow_type_text (core_workflow_of_keys (record->type)),
                                      record->workflow_reference, error))
         && st_write_clean_up_keys (writer, call->application->id, call->plan.type, error);
}

gboolean
core_key_clean_up (const CorePortal *portal, const CoreActor *actor, const char *application, const char *type,
                   GError **error)
{
  g_auto (Call) call = { .portal = portal, .actor = actor, .application_id = application };

  if (!read_type (type, &call, error) || !core_portal_write (portal, clean_up, &call, error))
    return FALSE;
  core_portal_audit (portal, actor, "clean-up", "keys", call.application->name, type);
  return TRUE;
}

static gboolean
refresh_token (StWriter *writer, gpointer data, GError **error)
{
  Call *call = data;

  if (!find_complete (writer, call, FALSE, NULL, error))
    return FALSE;
  if (!core_oauth_client_may (call->result->client->grant_types, CORE_OAUTH_CLIENT_CREDENTIALS))
    return core_portal_fail (error, CORE_PORTAL_ERROR_CONFLICT,
                             "the keys may not be used for application tokens: they lack the grant client_credentials");
  if (!issue_token (writer, call, TRUE, error))
    return FALSE;
  hide_secret (call->result);
  return TRUE;
}

gboolean
core_key_refresh_token (const CorePortal *portal, const CoreActor *actor, const CoreKeyRequest *request, CoreKey **key,
                        GError **error)
{
  g_auto (Call) call
      = { .portal = portal, .actor = actor, .request = request, .application_id = request->application };

  return core_key_plan_read (request, &call.plan, error) && write_call (&call, refresh_token, error)
         && hand_out (&call, "refresh-token", key);
}
