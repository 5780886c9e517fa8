/* Exports and imports: the archive and what is stored. */
#include "config.h"
#include "core/core-application-archive.h"

#include "core/core-api-private.h"
#include "core/core-application-private.h"
#include "store/st-subscription-record.h"

#include <string.h>

/* Export */

typedef struct
{
  gint64 application_id;
  GPtrArray *subscriptions; /* (out) */
} SubscriptionsCall;

static gboolean
read_subscriptions (StWriter *reader, gpointer data, GError **error)
{
  SubscriptionsCall *call = data;
  const StSubscriptionFilter filter = { .application_id = call->application_id };

  g_clear_pointer (&call->subscriptions, g_ptr_array_unref);
  return st_subscription_record_list (reader, &filter, NULL, &call->subscriptions, NULL, error);
}

static void
take_application (CoreApplicationArchive *archive, const StApplicationRecord *stored)
{
  gboolean grouped = stored->groups != NULL && stored->groups[0] != NULL;

  archive->name = g_strdup (stored->name);
  archive->owner = g_strdup (stored->subscriber);
  archive->tier = g_strdup (stored->tier);
  archive->callback_url = g_strdup (stored->callback_url);
  archive->description = g_strdup (stored->description);
  archive->token_type = g_strdup (stored->token_type);
  archive->groups = grouped ? g_strdupv (stored->groups) : core_api_list_from_text (stored->group_id, ",");
  if (stored->attributes != NULL)
    {
      g_strfreev (archive->attributes);
      archive->attributes = g_strdupv (stored->attributes);
    }
}

static void
take_subscriptions (CoreApplicationArchive *archive, const GPtrArray *stored)
{
  for (guint i = 0; i < stored->len; i++)
    {
      const StSubscriptionRecord *record = stored->pdata[i];
      CoreArchivedSubscription *subscription = core_application_archive_add (archive);

      subscription->api_provider = g_strdup (record->api_provider);
      subscription->api_name = g_strdup (record->api_name);
      subscription->api_version = g_strdup (record->api_version);
      subscription->tier = g_strdup (record->tier);
    }
}

GBytes *
core_application_archive_export (const CorePortal *portal, const CoreActor *actor, const char *owner,
                                 const char *name, GError **error)
{
  g_autoptr (CoreApplicationArchive) archive = core_application_archive_new ();
  g_autoptr (StApplicationRecord) application = NULL;
  g_autoptr (GPtrArray) subscriptions = NULL;
  SubscriptionsCall call = { 0 };
  GBytes *bytes = NULL;

  if (!core_actor_require (actor, CORE_MAY_ADMINISTER, "export applications", error)
      || !core_application_get_named (portal, actor, owner, name, &application, error))
    return NULL;
  call.application_id = application->id;
  if (core_portal_read (portal, read_subscriptions, &call, error))
    {
      take_application (archive, application);
      take_subscriptions (archive, call.subscriptions);
      bytes = core_application_archive_write (archive, error);
    }
  subscriptions = call.subscriptions;
  if (bytes != NULL)
    core_portal_audit (portal, actor, "export", "application", name, NULL);
  return bytes;
}

/* Import */

typedef struct
{
  const CorePortal *portal;
  const CoreActor *owner;
  const CoreApplicationArchive *archive;
  const CoreApplicationImportOptions *options;
  const char *id;              /* (nullable): of the one that is changed */
  StApplicationRecord *result; /* (out) */
  GPtrArray *left_out;         /* (out) sentences of this attempt */
} Call;

static void
call_reset (Call *call)
{
  g_clear_pointer (&call->result, st_application_record_free);
  g_clear_pointer (&call->left_out, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Call, call_reset)

void
core_application_import_free (CoreApplicationImport *import)
{
  if (import == NULL)
    return;
  st_application_record_free (import->application);
  g_ptr_array_unref (import->warnings);
  g_free (import);
}

/* An empty text in the place of none: what the archive does not have goes. */
static CoreApplicationInput
input_of (const CoreApplicationArchive *archive)
{
  return (CoreApplicationInput){ .name = archive->name,
                                 .tier = archive->tier,
                                 .callback_url = archive->callback_url != NULL ? archive->callback_url : "",
                                 .description = archive->description != NULL ? archive->description : "",
                                 .token_type = archive->token_type,
                                 .groups = (const char *const *)archive->groups,
                                 .attributes = (const char *const *)archive->attributes };
}

/* A subscription that is there already is what an update asks for. */
static gboolean
is_left_out (const Call *call, const GError *why, gboolean *silently)
{
  gboolean conflict = g_error_matches (why, ST_ERROR, ST_ERROR_CONFLICT);

  *silently = conflict && call->id != NULL;
  return conflict || g_error_matches (why, CORE_PORTAL_ERROR, CORE_PORTAL_ERROR_INVALID)
         || g_error_matches (why, CORE_PORTAL_ERROR, CORE_PORTAL_ERROR_FORBIDDEN)
         || g_error_matches (why, CORE_PORTAL_ERROR, CORE_PORTAL_ERROR_NOT_FOUND)
         || g_error_matches (why, CORE_PORTAL_ERROR, CORE_PORTAL_ERROR_CONFLICT);
}

static gboolean
add_subscription (StWriter *writer, Call *call, const char *application,
                  const CoreArchivedSubscription *wanted, GError **error)
{
  g_autofree char *provider = core_api_provider_encode (wanted->api_provider);
  g_autofree char *api = g_strdup_printf ("%s-%s-%s", provider, wanted->api_name, wanted->api_version);
  const CoreSubscriptionInput input = { application, api, wanted->tier };
  g_autoptr (StSubscriptionRecord) created = NULL;
  g_autoptr (GError) why = NULL;
  gboolean silently;

  if (core_subscription_insert (writer, call->portal, call->owner, &input, &created, &why))
    return TRUE;
  if (!is_left_out (call, why, &silently))
    {
      g_propagate_error (error, g_steal_pointer (&why));
      return FALSE;
    }
  if (!silently)
    g_ptr_array_add (call->left_out, g_strdup_printf ("The subscription to %s-%s is left out: %s.",
                                                      wanted->api_name, wanted->api_version, why->message));
  return TRUE;
}

static gboolean
add_subscriptions (StWriter *writer, Call *call, GError **error)
{
  const GPtrArray *wanted = call->archive->subscriptions;
  g_autofree char *id = g_strdup_printf ("%" G_GINT64_FORMAT, call->result->id);

  if (call->options->skip_subscriptions || wanted->len == 0)
    return TRUE;
  if (!core_application_require_approved (call->result, "subscribe to APIs", NULL))
    {
      g_ptr_array_add (call->left_out,
                       g_strdup ("The application waits for approval: its subscriptions are left "
                                 "out."));
      return TRUE;
    }
  for (guint i = 0; i < wanted->len; i++)
    if (!add_subscription (writer, call, id, wanted->pdata[i], error))
      return FALSE;
  return TRUE;
}

static gboolean
import_all (StWriter *writer, gpointer data, GError **error)
{
  Call *call = data;
  const CoreApplicationInput input = input_of (call->archive);

  call_reset (call);
  call->left_out = g_ptr_array_new_with_free_func (g_free);
  return (call->id != NULL
              ? core_application_change (writer, call->portal, call->owner, call->id, &input, &call->result,
                                         error)
              : core_application_insert (writer, call->portal, call->owner, &input, &call->result, error))
         && add_subscriptions (writer, call, error);
}

/* Without the tenant: "dave" of "dave@example.com". Free with g_free(). */
static char *
bare_name (const char *name, const CoreActor *actor)
{
  g_autofree char *suffix = g_strconcat ("@", actor->tenant_domain, NULL);

  return g_strndup (name, strlen (name) - (g_str_has_suffix (name, suffix) ? strlen (suffix) : 0));
}

/* The owner with what he may do, as the user store knows it. */
static CoreActor *
load_owner (const CorePortal *portal, const CoreActor *actor, const char *name, GError **error)
{
  const StTenant tenant = { actor->tenant_id, actor->tenant_domain, TRUE };
  g_autofree char *bare = bare_name (name, actor);
  g_autoptr (StUser) user = NULL;
  CoreActor *owner;

  if (g_str_equal (name, actor->name))
    return core_actor_copy (actor);
  if (!core_api_is_provider_of_tenant (name, actor))
    {
      core_portal_fail (error, CORE_PORTAL_ERROR_FORBIDDEN,
                        "Cross Tenant Imports are not allowed: %s is not of your tenant", name);
      return NULL;
    }
  if (!st_user_store_find_user (portal->users, actor->tenant_id, bare, 0, &user, error))
    return NULL;
  if (user == NULL)
    {
      core_portal_fail (error, CORE_PORTAL_ERROR_NOT_FOUND,
                        "there is no user %s, whose the application is to be", name);
      return NULL;
    }
  owner = core_actor_load (portal->users, NULL, user->name, &tenant, 0, error);
  return owner;
}

/* The application that an update changes; *id: (out) (transfer full): NULL: there is none. */
static gboolean
find_existing (const CorePortal *portal, const CoreActor *actor, const CoreActor *owner, const char *name,
               char **id, GError **error)
{
  g_autoptr (StApplicationRecord) found = NULL;
  g_autoptr (GError) why = NULL;

  if (core_application_get_named (portal, actor, owner->name, name, &found, &why))
    *id = g_strdup_printf ("%" G_GINT64_FORMAT, found->id);
  else if (!g_error_matches (why, CORE_PORTAL_ERROR, CORE_PORTAL_ERROR_NOT_FOUND))
    {
      g_propagate_error (error, g_steal_pointer (&why));
      return FALSE;
    }
  return TRUE;
}

static gboolean
check_input (const CoreApplicationArchive *archive, GError **error)
{
  const CoreApplicationInput input = input_of (archive);
  g_autoptr (GPtrArray) violations = core_violations_new ();

  core_application_check (&input, TRUE, violations);
  return core_violations_check (violations, error);
}

/* Whose the application is to be, by the options and the archive. */
static const char *
owner_of (const CoreApplicationArchive *archive, const CoreApplicationImportOptions *options,
          const CoreActor *actor)
{
  if (options->preserve_owner && archive->owner != NULL)
    return archive->owner;
  return options->owner != NULL ? options->owner : actor->name;
}

static CoreApplicationImport *
take_result (Call *call)
{
  CoreApplicationImport *import = g_new0 (CoreApplicationImport, 1);

  import->application = g_steal_pointer (&call->result);
  import->warnings = g_ptr_array_ref (call->archive->warnings);
  return import;
}

gboolean
core_application_archive_import (const CorePortal *portal, const CoreActor *actor, const void *bytes,
                                 gsize length, const CoreApplicationImportOptions *options,
                                 CoreApplicationImport **import, GError **error)
{
  g_autoptr (CoreApplicationArchive) archive = NULL;
  g_autoptr (CoreActor) owner = NULL;
  g_autofree char *id = NULL;
  g_autofree char *details = NULL;
  g_auto (Call) call = { .portal = portal, .options = options };

  if (!core_actor_require (actor, CORE_MAY_ADMINISTER, "import applications", error)
      || (archive = core_application_archive_read (bytes, length, error)) == NULL
      || !check_input (archive, error)
      || (owner = load_owner (portal, actor, owner_of (archive, options, actor), error)) == NULL
      || (options->update && !find_existing (portal, actor, owner, archive->name, &id, error)))
    return FALSE;
  if (options->skip_keys)
    g_ptr_array_set_size (archive->warnings, 0);
  call.owner = owner;
  call.archive = archive;
  call.id = id;
  if (!core_portal_write (portal, import_all, &call, error))
    return FALSE;
  g_ptr_array_extend_and_steal (archive->warnings, g_steal_pointer (&call.left_out));
  details = g_strdup_printf ("owner=\"%s\" warnings=%u", owner->name, archive->warnings->len);
  core_portal_audit (portal, actor, "import", "application", call.result->name, details);
  *import = take_result (&call);
  return TRUE;
}
