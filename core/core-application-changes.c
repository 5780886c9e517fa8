/* Applications made, changed and deleted; one transaction each. */
#include "config.h"
#include "core/core-application.h"

#include "core/core-application-private.h"
#include "core/core-oauth-client.h"
#include "core/core-tier.h"
#include "core/core-workflow.h"
#include "store/st-application-keys.h"
#include "store/st-application-writes.h"
#include "store/st-key-record.h"
#include "store/st-oauth-token.h"
#include "store/st-subscription-record.h"

#include <string.h>

/* One change of an application, on its way through the transaction. */
typedef struct
{
  const CorePortal *portal;
  const CoreActor *actor;
  const CoreApplicationInput *input;
  const char *id;
  const char *etag;
  StApplicationRecord *result;
  GPtrArray *ended; /* of a deletion: StOauthTokens that went with it */
} Change;

static gboolean
check_tier (StWriter *writer, const Change *change, gint tenant_id, GError **error)
{
  g_autoptr (GPtrArray) violations = core_violations_new ();
  const char *tier = change->input->tier;
  gboolean exists;

  if (tier == NULL)
    return TRUE;
  if (!core_tier_exists (writer, change->portal->advanced_throttling, CORE_TIER_APPLICATION, tenant_id, tier,
                         &exists, error))
    return FALSE;
  if (!exists || strcmp (tier, CORE_TIER_UNAUTHENTICATED) == 0)
    core_violations_add (violations, "throttlingTier", "Specified application tier does not exist.");
  return core_violations_check (violations, error);
}

static gboolean
check_etag (const StApplicationRecord *application, const char *etag, GError **error)
{
  g_autofree char *now = core_application_etag (application);

  return etag == NULL || strcmp (etag, now) == 0
         || core_portal_fail (error, CORE_PORTAL_ERROR_PRECONDITION,
                              "the application \"%s\" was changed meanwhile: read it again, and change that",
                              application->name);
}

/* In the application's words, for columns that @record (nullable) has now. Texts are borrowed; @name: (out):
 * is freed by the caller. */
static void
make_data (const CoreApplicationInput *input, const StApplicationRecord *record, StApplicationData *data,
           char **name)
{
  const char *type = input->token_type != NULL ? input->token_type
                     : record != NULL          ? record->token_type
                                               : NULL;

  *name = input->name != NULL ? g_strstrip (g_strdup (input->name)) : g_strdup (record->name);
  data->name = *name;
  data->tier = input->tier != NULL ? input->tier : record != NULL ? record->tier : NULL;
  data->callback_url = input->callback_url != NULL ? input->callback_url
                       : record != NULL            ? record->callback_url
                                                   : NULL;
  data->description = input->description != NULL ? input->description
                      : record != NULL           ? record->description
                                                 : NULL;
  data->token_type = g_strcmp0 (type, "OAUTH") == 0 ? "DEFAULT" : type;
}

/* One group stands in the application's row and stays there, as in WSO2; several in rows of their own. */
static gboolean
set_groups (const CoreApplicationInput *input, const StApplicationRecord *record, StApplicationData *data,
            GError **error)
{
  const char *const *asked = input->groups;
  const char *const *mapped = record != NULL ? (const char *const *)record->groups : NULL;
  gboolean one = asked != NULL && asked[0] != NULL && asked[1] == NULL;

  if (asked == NULL)
    data->groups = mapped != NULL && mapped[0] != NULL ? mapped : NULL;
  else if (asked[0] != NULL && (!one || (mapped != NULL && mapped[0] != NULL)))
    data->groups = asked;
  else if (record != NULL
           && g_strcmp0 (one ? asked[0] : "", record->group_id != NULL ? record->group_id : "") != 0
           && mapped[0] == NULL)
    return core_portal_fail (error, CORE_PORTAL_ERROR_CONFLICT,
                             "the group of an application cannot be changed: make a new application");
  return TRUE;
}

static GArray *
make_attributes (const CoreApplicationInput *input, const StApplicationRecord *record,
                 StApplicationData *data)
{
  const char *const *pairs = input->attributes != NULL ? input->attributes
                             : record != NULL          ? (const char *const *)record->attributes
                                                       : NULL;
  GArray *attributes = g_array_new (FALSE, FALSE, sizeof (StApplicationAttribute));

  for (guint i = 0; pairs != NULL && pairs[i] != NULL && pairs[i + 1] != NULL; i += 2)
    {
      const StApplicationAttribute attribute = { pairs[i], pairs[i + 1] };

      g_array_append_val (attributes, attribute);
    }
  data->attributes = (const StApplicationAttribute *)attributes->data;
  data->n_attributes = attributes->len;
  return attributes;
}

/* The database's unique key decides; this is WSO2's sentence for it. */
static gboolean
explain_duplicate (const char *name, GError *why, GError **error)
{
  if (!g_error_matches (why, ST_ERROR, ST_ERROR_CONFLICT))
    {
      g_propagate_error (error, why);
      return FALSE;
    }
  g_error_free (why);
  return core_portal_fail (error, CORE_PORTAL_ERROR_CONFLICT,
                           "A duplicate application already exists by the name - %s", name);
}

static gboolean
insert (StWriter *writer, const Change *change, gint64 subscriber_id, gint64 *id, GError **error)
{
  const CoreApplicationInput *input = change->input;
  const CoreActor *actor = change->actor;
  gboolean waits = core_workflow_waits (change->portal, APIM_WORKFLOW_APPLICATION_CREATION);
  StApplicationData data = { .tenant_id = actor->tenant_id, .tenant_domain = actor->tenant_domain };
  StApplicationOrigin origin = { subscriber_id, actor->name, NULL, waits ? "CREATED" : "APPROVED" };
  g_autoptr (GArray) attributes = make_attributes (input, NULL, &data);
  g_autofree char *name = NULL;
  GError *why = NULL;

  make_data (input, NULL, &data, &name);
  if (!set_groups (input, NULL, &data, error))
    return FALSE;
  origin.group_id = data.groups == NULL && input->groups != NULL ? input->groups[0] : NULL;
  return st_write_create_application (writer, &data, &origin, id, &why)
         || explain_duplicate (name, why, error);
}

static gboolean
create (StWriter *writer, gpointer data, GError **error)
{
  Change *change = data;
  g_autofree char *reference = NULL;
  g_autofree char *external_reference = NULL;
  gint64 subscriber_id, id;
  gboolean waits;

  g_clear_pointer (&change->result, st_application_record_free);
  if (!core_application_enter_store (writer, change->actor, &subscriber_id, error)
      || !check_tier (writer, change, change->actor->tenant_id, error)
      || !insert (writer, change, subscriber_id, &id, error))
    return FALSE;
  reference = g_strdup_printf ("%" G_GINT64_FORMAT, id);
  return core_workflow_begin (writer, change->portal, change->actor, APIM_WORKFLOW_APPLICATION_CREATION,
                              reference, NULL, &waits, &external_reference, error)
         && st_application_record_find (writer, id, &change->result, error);
}

gboolean
core_application_insert (StWriter *writer, const CorePortal *portal, const CoreActor *actor,
                         const CoreApplicationInput *input, StApplicationRecord **created, GError **error)
{
  Change change = { .portal = portal, .actor = actor, .input = input };
  gboolean done = create (writer, &change, error);

  *created = change.result;
  return done;
}

static gboolean
check_input (const CoreApplicationInput *input, gboolean is_new, GError **error)
{
  g_autoptr (GPtrArray) violations = core_violations_new ();

  core_application_check (input, is_new, violations);
  return core_violations_check (violations, error);
}

/* Runs a change, hands its result out, and keeps a record of it. */
static gboolean
run (Change *change, StWork work, const char *action, StApplicationRecord **result, GError **error)
{
  gboolean done = core_portal_write (change->portal, work, change, error);
  g_autoptr (StApplicationRecord) application = g_steal_pointer (&change->result);

  if (!done)
    return FALSE;
  core_portal_audit (change->portal, change->actor, action, "application", application->name, NULL);
  if (result != NULL)
    *result = g_steal_pointer (&application);
  return TRUE;
}

gboolean
core_application_create (const CorePortal *portal, const CoreActor *actor, const CoreApplicationInput *input,
                         StApplicationRecord **created, GError **error)
{
  Change change = { .portal = portal, .actor = actor, .input = input };

  return core_actor_require (actor, CORE_MAY_SUBSCRIBE, "create applications", error)
         && check_input (input, TRUE, error) && run (&change, create, "create", created, error);
}

/* The name and callback URL of the clients that were made for the application follow it; those of mapped
 * clients are somebody else's. */
static gboolean
update_clients (StWriter *writer, const StApplicationRecord *before, const StApplicationData *after,
                GError **error)
{
  gboolean renamed = strcmp (before->name, after->name) != 0;
  const char *callback_url = after->callback_url != NULL ? after->callback_url : "";
  gboolean moved = strcmp (before->callback_url != NULL ? before->callback_url : "", callback_url) != 0;
  g_autoptr (GPtrArray) keys = NULL;

  if (!renamed && !moved)
    return TRUE;
  if (!st_key_record_list (writer, before->id, &keys, error))
    return FALSE;
  for (guint i = 0; i < keys->len; i++)
    {
      const StKeyRecord *key = g_ptr_array_index (keys, i);
      g_autoptr (StOauthClient) client = NULL;

      if (key->mapped || key->consumer_key == NULL)
        continue;
      if (!st_oauth_client_find (writer, key->consumer_key, &client, error))
        return FALSE;
      if (client == NULL)
        continue;
      if (renamed)
        {
          g_autofree char *name = core_oauth_client_key_name (after->name, key->type);

          core_oauth_client_rename (client, name);
        }
      if (moved)
        {
          g_free (client->callback_url);
          client->callback_url = g_strdup (callback_url);
        }
      if ((renamed && !st_oauth_client_update_name (writer, client, error))
          || (moved && !st_oauth_client_update_grants (writer, client, error)))
        return FALSE;
    }
  return TRUE;
}

static gboolean
update_found (StWriter *writer, Change *change, const StApplicationRecord *before, GError **error)
{
  StApplicationData data = { .tenant_id = before->tenant_id, .tenant_domain = change->actor->tenant_domain };
  g_autoptr (GArray) attributes = make_attributes (change->input, before, &data);
  g_autofree char *name = NULL;
  GError *why = NULL;

  make_data (change->input, before, &data, &name);
  if (!set_groups (change->input, before, &data, error))
    return FALSE;
  if (!st_write_update_application (writer, before->id, &data, change->actor->name, &why))
    return explain_duplicate (name, why, error);
  return update_clients (writer, before, &data, error)
         && st_application_record_find (writer, before->id, &change->result, error);
}

static gboolean
update (StWriter *writer, gpointer data, GError **error)
{
  Change *change = data;
  g_autoptr (StApplicationRecord) before = NULL;

  g_clear_pointer (&change->result, st_application_record_free);
  if (!core_application_find (writer, change->actor, change->id, TRUE, &before, error)
      || !check_etag (before, change->etag, error) || !check_tier (writer, change, before->tenant_id, error))
    return FALSE;
  if (g_strcmp0 (before->status, "CREATED") == 0)
    return core_portal_fail (error, CORE_PORTAL_ERROR_CONFLICT,
                             "Cannot update the application while it is INACTIVE: it waits for approval");
  return update_found (writer, change, before, error);
}

gboolean
core_application_change (StWriter *writer, const CorePortal *portal, const CoreActor *actor, const char *id,
                         const CoreApplicationInput *input, StApplicationRecord **updated, GError **error)
{
  Change change = { .portal = portal, .actor = actor, .input = input, .id = id };
  gboolean done = update (writer, &change, error);

  *updated = change.result;
  return done;
}

gboolean
core_application_update (const CorePortal *portal, const CoreActor *actor, const char *id,
                         const CoreApplicationInput *input, const char *etag, StApplicationRecord **updated,
                         GError **error)
{
  Change change = { .portal = portal, .actor = actor, .input = input, .id = id, .etag = etag };

  return check_input (input, FALSE, error) && run (&change, update, "update", updated, error);
}

/* What still waits for somebody's decision would have nothing left to decide about. */
static gboolean
drop_tasks (StWriter *writer, const StApplicationRecord *application, GError **error)
{
  const StSubscriptionFilter filter = { .application_id = application->id };
  g_autofree char *id = g_strdup_printf ("%" G_GINT64_FORMAT, application->id);
  g_autoptr (GPtrArray) subscriptions = NULL;
  g_autoptr (GPtrArray) keys = NULL;

  if (!st_write_drop_workflows (writer, core_workflow_type_text (APIM_WORKFLOW_APPLICATION_CREATION), id,
                                error)
      || !st_subscription_record_list (writer, &filter, NULL, &subscriptions, NULL, error)
      || !st_key_record_list (writer, application->id, &keys, error))
    return FALSE;
  for (guint i = 0; i < subscriptions->len; i++)
    {
      const StSubscriptionRecord *subscription = g_ptr_array_index (subscriptions, i);
      g_autofree char *reference = g_strdup_printf ("%" G_GINT64_FORMAT, subscription->id);

      if (g_strcmp0 (subscription->status, "ON_HOLD") == 0
          && !st_write_drop_workflows (writer, core_workflow_type_text (APIM_WORKFLOW_SUBSCRIPTION_CREATION),
                                       reference, error))
        return FALSE;
    }
  for (guint i = 0; i < keys->len; i++)
    {
      const StKeyRecord *key = g_ptr_array_index (keys, i);

      if (key->workflow_reference != NULL
          && !st_write_drop_workflows (writer, core_workflow_type_text (core_workflow_of_keys (key->type)),
                                       key->workflow_reference, error))
        return FALSE;
    }
  return TRUE;
}

/* The tokens of a client that goes, to be told to gateways: they go with it. */
static gboolean
find_tokens (StWriter *writer, Change *change, const StOauthClient *client, GError **error)
{
  const ApimConfig *config = change->portal->config;
  gint64 now_ms = apim_clock_wall_ms (change->portal->clock);
  g_autoptr (GPtrArray) users = NULL;
  StOauthForm form;

  if (!st_oauth_form_read (writer, config->token_time, config->user_store.case_insensitive_names, &form, error)
      || !st_oauth_client_find_users (writer, client, &users, error))
    return FALSE;
  for (guint i = 0; i < users->len; i++)
    {
      GPtrArray *found = NULL;

      if (!st_oauth_token_find_all (writer, &form, client, users->pdata[i], now_ms, &found, error))
        return FALSE;
      g_ptr_array_extend_and_steal (change->ended, found);
    }
  return TRUE;
}

static gboolean
delete_clients (StWriter *writer, Change *change, char **keys, GError **error)
{
  gboolean tells = change->portal->token_ended != NULL && change->portal->config != NULL;

  for (guint i = 0; keys[i] != NULL; i++)
    {
      g_autoptr (StOauthClient) client = NULL;

      if (!st_oauth_client_find (writer, keys[i], &client, error)
          || (client != NULL && tells && !find_tokens (writer, change, client, error))
          || (client != NULL && !st_oauth_client_delete (writer, client, error)))
        return FALSE;
    }
  return TRUE;
}

static gboolean delete (StWriter *writer, gpointer data, GError **error)
{
  Change *change = data;
  g_auto (GStrv) clients = NULL;

  g_clear_pointer (&change->result, st_application_record_free);
  g_ptr_array_set_size (change->ended, 0);
  return core_application_find (writer, change->actor, change->id, TRUE, &change->result, error)
         && check_etag (change->result, change->etag, error) && drop_tasks (writer, change->result, error)
         && st_write_delete_application (writer, change->result->id, &clients, error)
         && delete_clients (writer, change, clients, error);
}

gboolean
core_application_delete (const CorePortal *portal, const CoreActor *actor, const char *id, const char *etag,
                         GError **error)
{
  g_autoptr (GPtrArray) ended = g_ptr_array_new_with_free_func ((GDestroyNotify) st_oauth_token_free);
  Change change = { .portal = portal, .actor = actor, .id = id, .etag = etag, .ended = ended };

  if (!run (&change, delete, "delete", NULL, error))
    return FALSE;
  core_portal_tokens_ended (portal, ended, NULL);
  return TRUE;
}
