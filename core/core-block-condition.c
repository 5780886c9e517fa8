#include "config.h"
#include "core/core-block-condition.h"

#include "store/st-application-record.h"

#include <arpa/inet.h>
#include <string.h>

static gboolean
check_database (StWriter *writer, GError **error)
{
  g_autoptr (GError) why = NULL;

  return st_block_check_generation (writer, &why)
         || core_portal_fail (error, CORE_PORTAL_ERROR_CONFLICT, "%s", why->message);
}

/* WSO2's permission for it is that of its administration. */
static gboolean
check_actor (const CoreActor *actor, const char *what, GError **error)
{
  return core_actor_require (actor, CORE_MAY_ADMINISTER, what, error);
}

typedef struct
{
  const CorePortal *portal;
  const CoreActor *actor;
  const char *id;
  const char *etag;
  gboolean enabled;
  StBlockKind kind;
  const char *value; /* as it is stored */
  GPtrArray *records;
  StBlockRecord *result;
} Call;

static gboolean
list (StWriter *writer, gpointer data, GError **error)
{
  Call *call = data;

  g_clear_pointer (&call->records, g_ptr_array_unref);
  return check_database (writer, error)
         && st_block_record_list (writer, call->actor->tenant_domain, &call->records, error);
}

gboolean
core_block_condition_list (const CorePortal *portal, const CoreActor *actor, GPtrArray **records,
                           GError **error)
{
  Call call = { .portal = portal, .actor = actor };
  gboolean done
      = check_actor (actor, "see what is blocked", error) && core_portal_read (portal, list, &call, error);

  if (!done)
    g_clear_pointer (&call.records, g_ptr_array_unref);
  *records = call.records;
  return done;
}

static gboolean
find (StWriter *writer, const Call *call, StBlockRecord **found, GError **error)
{
  g_autofree char *etag = NULL;

  if (!check_database (writer, error)
      || !st_block_record_find (writer, call->actor->tenant_domain, call->id, found, error))
    return FALSE;
  if (*found == NULL)
    return core_portal_fail (error, CORE_PORTAL_ERROR_NOT_FOUND, "there is no block condition %s", call->id);
  etag = core_block_condition_etag (*found);
  return call->etag == NULL || strcmp (call->etag, etag) == 0
         || core_portal_fail (error, CORE_PORTAL_ERROR_PRECONDITION,
                              "the block condition %s was changed meanwhile: read it again", call->id);
}

static gboolean
get (StWriter *writer, gpointer data, GError **error)
{
  Call *call = data;

  g_clear_pointer (&call->result, st_block_record_free);
  return find (writer, call, &call->result, error);
}

gboolean
core_block_condition_get (const CorePortal *portal, const CoreActor *actor, const char *id,
                          StBlockRecord **found, GError **error)
{
  Call call = { .portal = portal, .actor = actor, .id = id };
  gboolean done
      = check_actor (actor, "see what is blocked", error) && core_portal_read (portal, get, &call, error);

  *found = call.result;
  return done;
}

static gboolean
fail_value (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

static gboolean
fail_value (GError **error, const char *format, ...)
{
  g_autoptr (GPtrArray) violations = core_violations_new ();
  g_autofree char *message = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  core_violations_add (violations, "conditionValue", "%s", message);
  return core_violations_check (violations, error);
}

static gboolean
is_address (const char *text)
{
  struct in_addr four;
  struct in6_addr six;

  return inet_pton (AF_INET, text, &four) == 1 || inet_pton (AF_INET6, text, &six) == 1;
}

/* "user@tenant", of this tenant. A name may have an "@" of its own; what stands behind the last one is the
 * tenant only where it is ours. NULL: another's. */
static char *
user_value (const char *user, const char *domain)
{
  const char *at = strrchr (user, '@');

  if (at != NULL && strcmp (at + 1, domain) == 0)
    return at == user ? NULL : g_strdup (user);
  return g_strconcat (user, "@", domain, NULL);
}

/* The value as it is stored; NULL with an error. Free with g_free(). */
static char *
stored_value (StBlockKind kind, const char *value, const char *domain, GError **error)
{
  char *stored = NULL;

  switch (kind)
    {
    case ST_BLOCK_IP:
      if (is_address (value))
        return g_strconcat (domain, ":", value, NULL);
      fail_value (error, "\"%s\" is no IP address", value);
      return NULL;
    case ST_BLOCK_USER:
      stored = user_value (value, domain);
      if (stored == NULL)
        fail_value (error, "\"%s\" names no user", value);
      return stored;
    case ST_BLOCK_API:
      if (*value == '/')
        return g_strdup (value);
      fail_value (error, "An API is blocked by its context with its version, which begins with \"/\"");
      return NULL;
    case ST_BLOCK_APPLICATION:
    default:
      return g_strdup (value);
    }
}

/* A context of the tenant's own: others begin with "/t/" and their domain. */
static gboolean
is_own_context (const char *context, const CoreActor *actor)
{
  g_autofree char *own = g_strdup_printf ("/t/%s/", actor->tenant_domain);

  return actor->tenant_id == ST_SUPER_TENANT_ID ? !g_str_has_prefix (context, "/t/")
                                                : g_str_has_prefix (context, own);
}

static gboolean
check_api (StWriter *writer, const Call *call, GError **error)
{
  gboolean found = FALSE;

  if (is_own_context (call->value, call->actor)
      && !st_block_find_context (writer, call->value, &found, error))
    return FALSE;
  return found || fail_value (error, "There is no API with the context %s", call->value);
}

static gboolean
check_application (StWriter *writer, const Call *call, GError **error)
{
  const char *colon = strchr (call->value, ':');
  g_autofree char *owner = colon != NULL ? g_strndup (call->value, (gsize)(colon - call->value)) : NULL;
  g_autoptr (StApplicationRecord) application = NULL;
  gint64 subscriber_id = 0;

  if (owner == NULL || *owner == '\0' || colon[1] == '\0')
    return fail_value (error, "An application is blocked as \"owner:application\"");
  if (!st_subscriber_find (writer, call->actor->tenant_id, owner, &subscriber_id, error)
      || (subscriber_id != 0
          && !st_application_record_find_named (writer, subscriber_id, colon + 1, &application, error)))
    return FALSE;
  return application != NULL
         || fail_value (error, "There is no application \"%s\" of %s", colon + 1, owner);
}

static gboolean
create (StWriter *writer, gpointer data, GError **error)
{
  Call *call = data;
  const char *domain = call->actor->tenant_domain;
  g_autoptr (GPtrArray) all = NULL;
  gint64 number;

  g_clear_pointer (&call->result, st_block_record_free);
  if (!check_database (writer, error) || (call->kind == ST_BLOCK_API && !check_api (writer, call, error))
      || (call->kind == ST_BLOCK_APPLICATION && !check_application (writer, call, error))
      || !st_write_add_block (writer, call->kind, call->value, domain, &number, error)
      || !st_block_record_list (writer, domain, &all, error))
    return FALSE;
  for (guint i = 0; i < all->len && call->result == NULL; i++)
    if (((StBlockRecord *)all->pdata[i])->id == number)
      call->result = g_ptr_array_steal_index (all, i);
  return call->result != NULL
         || core_portal_fail (error, CORE_PORTAL_ERROR_FAILED, "the new block condition cannot be read");
}

/* Runs a change, hands its result out, and keeps a record of it. */
static gboolean
run (Call *call, StWork work, const char *action, StBlockRecord **result, GError **error)
{
  gboolean done = core_portal_write (call->portal, work, call, error);
  g_autoptr (StBlockRecord) record = g_steal_pointer (&call->result);

  if (!done)
    return FALSE;
  core_portal_audit (call->portal, call->actor, action, "block condition", record->value, record->type);
  if (result != NULL)
    *result = g_steal_pointer (&record);
  return TRUE;
}

gboolean
core_block_condition_create (const CorePortal *portal, const CoreActor *actor, const char *type,
                             const char *value, StBlockRecord **created, GError **error)
{
  Call call = { .portal = portal, .actor = actor };
  g_autoptr (GPtrArray) violations = core_violations_new ();
  g_autofree char *stored = NULL;

  if (!check_actor (actor, "block callers of APIs", error))
    return FALSE;
  if (!st_block_kind_parse (type, &call.kind))
    core_violations_add (violations, "conditionType", "The type must be API, APPLICATION, IP or USER");
  if (value == NULL || *value == '\0')
    core_violations_add (violations, "conditionValue", "The value is not specified");
  core_violations_check_text (violations, "conditionValue", value, 400);
  if (!core_violations_check (violations, error)
      || (stored = stored_value (call.kind, value, actor->tenant_domain, error)) == NULL)
    return FALSE;
  call.value = stored;
  return run (&call, create, "create", created, error);
}

static gboolean
switch_on_or_off (StWriter *writer, gpointer data, GError **error)
{
  Call *call = data;
  g_autoptr (StBlockRecord) before = NULL;

  g_clear_pointer (&call->result, st_block_record_free);
  if (!find (writer, call, &before, error)
      || !st_write_block_enabled (writer, call->actor->tenant_domain, before->id, call->enabled, error))
    return FALSE;
  return st_block_record_find (writer, call->actor->tenant_domain, call->id, &call->result, error);
}

gboolean
core_block_condition_switch (const CorePortal *portal, const CoreActor *actor, const char *id,
                             gboolean enabled, const char *etag, StBlockRecord **changed, GError **error)
{
  Call call = { .portal = portal, .actor = actor, .id = id, .etag = etag, .enabled = enabled };

  return check_actor (actor, "block callers of APIs", error)
         && run (&call, switch_on_or_off, enabled ? "enable" : "disable", changed, error);
}

static gboolean delete (StWriter *writer, gpointer data, GError **error)
{
  Call *call = data;

  g_clear_pointer (&call->result, st_block_record_free);
  return find (writer, call, &call->result, error)
         && st_write_delete_block (writer, call->actor->tenant_domain, call->result->id, error);
}

gboolean
core_block_condition_delete (const CorePortal *portal, const CoreActor *actor, const char *id,
                             const char *etag, GError **error)
{
  Call call = { .portal = portal, .actor = actor, .id = id, .etag = etag };

  return check_actor (actor, "unblock callers of APIs", error) && run (&call, delete, "delete", NULL, error);
}

const char *
core_block_condition_value (const StBlockRecord *record, const char *tenant_domain)
{
  gsize length = strlen (tenant_domain);

  if (g_strcmp0 (record->type, "IP") == 0 && record->value != NULL
      && strncmp (record->value, tenant_domain, length) == 0 && record->value[length] == ':')
    return record->value + length + 1;
  return record->value;
}

char *
core_block_condition_etag (const StBlockRecord *record)
{
  g_autofree char *text = g_strdup_printf ("%" G_GINT64_FORMAT "\n%s\n%s\n%d", record->id, record->type,
                                           record->value, record->enabled);
  g_autofree char *sum = g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);

  return g_strndup (sum, 32);
}
