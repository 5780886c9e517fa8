/* One API of a registry: whether it is to be taken, and how. */
#include "config.h"
#include "core/core-registry-import-private.h"

#include "common/apim-secret.h"
#include "core/core-api-rules.h"
#include "core/core-artifact.h"
#include "core/core-digest.h"
#include "core/core-document.h"
#include "core/core-json.h"
#include "core/core-openapi.h"
#include "core/core-tier.h"
#include "store/st-api-artifact.h"
#include "store/st-lifecycle-writes.h"
#include "store/st-registry-import.h"
#include "store/st-tier-names.h"

#include <string.h>

#define LIFECYCLE_STATE "registry.lifecycle.APILifeCycle.state"
/* Before the name of a property that the Publisher of 2.6 calls additional. */
#define ADDITIONAL_PREFIX "api_meta."

typedef struct
{
  const CorePortal *portal;
  const CoreActor *actor;
  const CoreRegistryApi *source;
  gboolean overwrite;
  CoreRegistryImport *import;
  gboolean has_artifact; /* ours, before */
} Call;

static void note (const Call *call, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
note (const Call *call, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_ptr_array_add (call->import->notes, g_strdup_vprintf (format, arguments));
  va_end (arguments);
}

static void taken (const Call *call, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
taken (const Call *call, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_ptr_array_add (call->import->taken, g_strdup_vprintf (format, arguments));
  va_end (arguments);
}

gboolean
core_registry_import_check (StWriter *reader, gpointer data, GError **error)
{
  if (!st_api_artifact_check (reader, error))
    return FALSE;
  if (st_writer_has (reader, ST_CAP_REGISTRY_IMPORTS))
    return TRUE;
  g_set_error_literal (error, ST_ERROR, ST_ERROR_SCHEMA,
                       "the database has no table APIM_REGISTRY_IMPORT: \"apimctl db portal install\" makes it (in a "
                       "database of ours \"apimctl db migrate\")");
  return FALSE;
}

static const char *
property (const Call *call, const char *name)
{
  const char *value = g_hash_table_lookup (call->source->properties, name);

  return value != NULL && *value != '\0' ? value : NULL;
}

static gboolean
digest_documents (StWriter *writer, gint64 api_id, GChecksum *checksum, GError **error)
{
  g_autoptr (GPtrArray) documents = NULL;

  if (!st_read_documents (writer, api_id, &documents, error))
    return FALSE;
  for (guint i = 0; i < documents->len; i++)
    {
      const StApiDocument *document = documents->pdata[i];
      const char *const texts[]
          = { document->uuid,      document->name,        document->type,       document->other_type_name,
              document->summary,   document->source_type, document->source_url, document->visibility,
              document->file_name, document->media_type };
      g_autoptr (GBytes) content = NULL;

      if (!st_read_document_content (writer, api_id, document->uuid, &content, error))
        return FALSE;
      for (guint j = 0; j < G_N_ELEMENTS (texts); j++)
        core_digest_text (checksum, texts[j]);
      core_digest_content (checksum, content);
    }
  return TRUE;
}

/* Of what our tables have of the API. Every change of the artifact and of the picture moves the revision. NULL with
 * @error. Free with g_free(). */
static char *
result_digest (StWriter *writer, const StApiRow *row, GError **error)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree char *revision = g_strdup_printf ("%" G_GINT64_FORMAT, row->revision);

  core_digest_text (checksum, row->uuid);
  core_digest_text (checksum, revision);
  core_digest_text (checksum, row->artifact);
  core_digest_text (checksum, row->definition);
  core_digest_text (checksum, row->tags);
  if (!digest_documents (writer, row->id, checksum, error))
    return NULL;
  return g_strdup (g_checksum_get_string (checksum));
}

/* Sets the result: TAKEN and REFRESHED are yet to be done. */
static gboolean
decide (StWriter *writer, const Call *call, const StApiRow *row, GError **error)
{
  g_autoptr (StRegistryImport) before = NULL;
  g_autofree char *digest = NULL;
  gboolean same_source, same_result;

  call->import->result = CORE_IMPORT_TAKEN;
  if (row->uuid == NULL)
    return TRUE;
  if (!st_read_registry_import (writer, row->id, &before, error)
      || (digest = result_digest (writer, row, error)) == NULL)
    return FALSE;
  same_source = before != NULL && g_strcmp0 (before->source_digest, call->source->digest) == 0;
  same_result = before != NULL && g_strcmp0 (before->result_digest, digest) == 0;
  call->import->result = CORE_IMPORT_REFRESHED;
  if (same_source && (same_result || !call->overwrite))
    call->import->result = CORE_IMPORT_UNCHANGED;
  else if (!same_result && !call->overwrite)
    {
      call->import->result = CORE_IMPORT_KEPT;
      note (call, before == NULL ? "it was made here, not imported: left alone"
                                 : "it was changed here since it was imported, and in the registry too: left alone");
    }
  return TRUE;
}

static gboolean
is_state (const char *state)
{
  return state != NULL
         && (core_api_state_is_deployed (state) || strcmp (state, "CREATED") == 0 || strcmp (state, "RETIRED") == 0);
}

/* 2.x says it in a property, 1.x in the artifact alone. Free with g_free(). (nullable) */
static char *
registry_state (StWriter *writer, const Call *call, const CoreApi *read)
{
  const char *state = st_writer_has (writer, ST_CAP_API_TIER) ? property (call, LIFECYCLE_STATE) : NULL;

  if (state == NULL)
    state = read->status;
  return state != NULL ? g_ascii_strup (state, -1) : NULL;
}

/* The newest event is what both products go by; the registry's word counts where there is none, and when the API comes
 * in: from then on an event of ours may be newer. */
static gboolean
take_state (StWriter *writer, const Call *call, CoreApi *api, const char *event_state, const char *wanted,
            GError **error)
{
  const StLifecycleChange change = { api->id, event_state, wanted, call->actor->bare_name, call->actor->tenant_id };

  if (g_strcmp0 (wanted, event_state) == 0)
    return TRUE;
  if (!is_state (wanted))
    {
      note (call, "its lifecycle state in the registry is none that is known here: it stays %s", api->status);
      return TRUE;
    }
  if (call->has_artifact)
    {
      note (call, "it is %s in the registry and %s here: it stays %s", wanted, api->status, api->status);
      return TRUE;
    }
  if (!st_write_lifecycle_change (writer, &change, error))
    return FALSE;
  taken (call, "state %s", wanted);
  core_api_set_text (&api->status, wanted);
  return TRUE;
}

/* WSO2 writes "null" for no roles, and the same in lower case beside what it shows. */
static void
take_access_control (const Call *call, CoreApi *api)
{
  const char *control = property (call, "publisher_access_control");
  const char *roles = property (call, "display_publisher_roles");

  if (control == NULL)
    return;
  if (roles == NULL)
    roles = property (call, "publisher_roles");
  if (roles != NULL && strcmp (roles, "null") == 0)
    roles = NULL;
  core_api_set_text (&api->access_control, control);
  g_strfreev (api->access_control_roles);
  api->access_control_roles = core_api_list_from_text (roles, ",");
}

static gint
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (a, b);
}

static void
take_additional_properties (const Call *call, CoreApi *api)
{
  GList *names = g_list_sort (g_hash_table_get_keys (call->source->properties), compare_names);
  g_autoptr (GString) json = g_string_new ("{");
  guint n = 0;

  for (GList *name = names; name != NULL; name = name->next)
    if (g_str_has_prefix (name->data, ADDITIONAL_PREFIX))
      {
        core_json_append_name (json, (const char *)name->data + strlen (ADDITIONAL_PREFIX));
        core_json_append_string (json, g_hash_table_lookup (call->source->properties, name->data));
        n++;
      }
  g_list_free (names);
  g_string_append_c (json, '}');
  if (n == 0)
    return;
  core_api_set_text (&api->additional_properties, json->str);
  taken (call, "%u additional properties", n);
}

/* What WSO2's Publisher and vault leave in the place of one. */
static gboolean
is_masked (const char *password)
{
  return strspn (password, "*") == strlen (password);
}

static void
take_password (const Call *call, CoreApi *api)
{
  if (api->endpoint_password != NULL && is_masked (api->endpoint_password))
    g_clear_pointer (&api->endpoint_password, g_free);
  if (api->endpoint_security != CORE_ENDPOINT_SECURITY_NONE && api->endpoint_password == NULL)
    note (call, "the endpoint's password is not in the registry: set it before the API is deployed from here");
}

/* The resources of the tables hold over it; it is kept for all else that it says. */
static void
take_definition (const Call *call, CoreApi *api)
{
  g_autoptr (CoreApi) scratch = NULL;
  g_autoptr (GError) why = NULL;
  const GPtrArray *violations;
  gsize length;
  const char *bytes;

  g_clear_pointer (&api->definition, g_free);
  if (call->source->definition == NULL || g_strcmp0 (api->type, "WS") == 0)
    return;
  bytes = g_bytes_get_data (call->source->definition, &length);
  scratch = core_api_new ();
  if (core_openapi_read (bytes != NULL ? bytes : "", length, scratch, &why))
    {
      core_api_set_text (&api->definition, scratch->definition);
      taken (call, "OpenAPI document");
      return;
    }
  violations = core_portal_error_violations (why);
  note (call, "its OpenAPI document is left out, one is made of its resources: %s",
        violations != NULL && violations->len > 0 ? ((const CoreViolation *)violations->pdata[0])->message
                                                  : why->message);
}

static gboolean
take_thumbnail (StWriter *writer, const Call *call, const CoreApi *api, GError **error)
{
  g_autoptr (GPtrArray) violations = core_violations_new ();
  CoreApiThumbnail thumbnail = { NULL, 0 };
  gboolean good = FALSE;

  if (call->source->thumbnail != NULL)
    {
      thumbnail.bytes = g_bytes_get_data (call->source->thumbnail, &thumbnail.length);
      core_api_thumbnail_check (&thumbnail, violations);
      good = thumbnail.bytes != NULL && violations->len == 0;
    }
  if (good)
    taken (call, "picture");
  else if (violations->len > 0)
    note (call, "its picture is left out: %s", ((const CoreViolation *)violations->pdata[0])->message);
  if (!good && api->thumbnail_type == NULL)
    return TRUE;
  return core_api_store_thumbnail (writer, api->id, good ? &thumbnail : NULL, error);
}

static gboolean
take_document (StWriter *writer, const Call *call, gint64 api_id, const CoreRegistryDocument *document, GError **error)
{
  g_autoptr (GPtrArray) violations = core_violations_new ();
  StApiDocument stored = *document->document;
  g_autofree char *uuid = stored.uuid == NULL ? apim_random_uuid () : NULL;
  gsize length = 0;
  const char *bytes = document->content != NULL ? g_bytes_get_data (document->content, &length) : NULL;

  stored.uuid = uuid != NULL ? uuid : stored.uuid;
  stored.created_ms = stored.updated_ms = apim_clock_wall_ms (call->portal->clock);
  if (document->content == NULL)
    stored.file_name = NULL;
  core_document_check (&stored, violations);
  if (document->content != NULL && violations->len == 0)
    core_document_check_content (&stored, stored.file_name, bytes, length, violations);
  if (violations->len > 0)
    {
      note (call, "the document \"%s\" is left out: %s", stored.name,
            ((const CoreViolation *)violations->pdata[0])->message);
      return TRUE;
    }
  taken (call, "document \"%s\"", stored.name);
  return core_document_insert (writer, api_id, &stored, document->content, error);
}

static gboolean
take_documents (StWriter *writer, const Call *call, gint64 api_id, GError **error)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) old = NULL;

  if (!st_read_documents (writer, api_id, &old, error))
    return FALSE;
  for (guint i = 0; i < old->len; i++)
    if (!st_write_delete_document (writer, api_id, ((const StApiDocument *)old->pdata[i])->uuid, error))
      return FALSE;
  for (guint i = 0; i < call->source->documents->len; i++)
    {
      const CoreRegistryDocument *document = call->source->documents->pdata[i];

      if (!g_hash_table_add (names, document->document->name))
        note (call, "a second document \"%s\" is left out", document->document->name);
      else if (!take_document (writer, call, api_id, document, error))
        return FALSE;
    }
  return TRUE;
}

/* What the Publisher will ask to be put right when somebody changes the API here. */
static gboolean
tell_violations (StWriter *writer, const Call *call, const CoreApi *api, GError **error)
{
  g_autoptr (GPtrArray) violations = core_violations_new ();
  g_auto (GStrv) tiers = NULL;
  CoreApiSurroundings around = { NULL };
  gboolean rows = FALSE;

  /* Without rows the tenant gets WSO2's first ones when somebody uses its Publisher. */
  if (call->portal->advanced_throttling && st_writer_has (writer, ST_CAP_POLICIES)
      && !core_tier_has_rows (writer, api->tenant_id, &rows, error))
    return FALSE;
  if (rows && !st_read_tier_names (writer, ST_TIERS_SUBSCRIPTION, api->tenant_id, &tiers, error))
    return FALSE;
  around.tiers = (const char *const *)tiers;
  core_api_check (api, 0, &around, violations);
  for (guint i = 0; i < violations->len; i++)
    note (call, "before it can be changed here, this has to be put right: %s",
          ((const CoreViolation *)violations->pdata[i])->message);
  return TRUE;
}

static void
tell_unknown_fields (const Call *call)
{
  gsize length;
  const char *xml = g_bytes_get_data (call->source->artifact, &length);
  g_auto (GStrv) names = core_artifact_unknown_fields (xml, length);
  g_autofree char *list = g_strjoinv (", ", names);

  if (names[0] != NULL)
    note (call, "fields that there is no place for here are left out: %s", list);
}

/* The API as the tables and the registry say together. */
static CoreApi *
read_api (StWriter *writer, const Call *call, const StApiRow *row, char **state, GError **error)
{
  gsize length;
  const char *xml = g_bytes_get_data (call->source->artifact, &length);
  g_autoptr (CoreApi) read = core_api_new ();
  g_autoptr (CoreApi) api = NULL;
  StApiRow changed = *row;

  core_api_set_text (&read->tenant_domain, call->actor->tenant_domain);
  core_api_set_text (&read->status, NULL);
  if (!core_artifact_read (xml, length, read, error))
    return NULL;
  *state = registry_state (writer, call, read);
  changed.artifact = g_strndup (xml, length);
  changed.tags = core_api_list_to_text ((const char *const *)call->source->tags, ",");
  changed.definition = NULL;
  api = core_api_from_row (writer, &changed, error);
  g_free (changed.artifact);
  g_free (changed.tags);
  if (api == NULL)
    return NULL;
  api->tenant_id = call->actor->tenant_id;
  return g_steal_pointer (&api);
}

static gboolean
remember (StWriter *writer, const Call *call, gint64 api_id, GError **error)
{
  g_autoptr (StApiRow) row = NULL;
  g_autofree char *digest = NULL;

  if (!st_read_api (writer, api_id, &row, error))
    return FALSE;
  digest = result_digest (writer, row, error);
  return digest != NULL
         && st_write_registry_import (writer, api_id, call->source->digest, digest,
                                      apim_clock_wall_ms (call->portal->clock), error);
}

static gboolean
take (StWriter *writer, const Call *call, const StApiRow *row, GError **error)
{
  g_autofree char *state = NULL;
  g_autofree char *uuid = NULL;
  g_autoptr (CoreApi) api = read_api (writer, call, row, &state, error);

  if (api == NULL)
    return FALSE;
  if (!call->has_artifact)
    uuid = call->source->uuid != NULL ? g_strdup (call->source->uuid) : apim_random_uuid ();
  taken (call, "artifact");
  if (api->tags != NULL)
    taken (call, "%u tags", g_strv_length (api->tags));
  take_access_control (call, api);
  take_additional_properties (call, api);
  take_password (call, api);
  take_definition (call, api);
  if (!take_state (writer, call, api, row->state, state, error) || !core_api_write_artifact (writer, api, uuid, error)
      || !take_thumbnail (writer, call, api, error) || !take_documents (writer, call, api->id, error)
      || !tell_violations (writer, call, api, error))
    return FALSE;
  tell_unknown_fields (call);
  return remember (writer, call, api->id, error);
}

/* Of an earlier try. */
static void
forget (Call *call)
{
  g_ptr_array_set_size (call->import->taken, 0);
  g_ptr_array_set_size (call->import->notes, 0);
}

static gboolean
import_one (StWriter *writer, gpointer data, GError **error)
{
  Call *call = data;
  const CoreRegistryApi *source = call->source;
  g_autoptr (StApiRow) row = NULL;
  g_autoptr (StStoredApi) locked = NULL;
  g_autofree char *domain = NULL;

  forget (call);
  call->import->result = CORE_IMPORT_NO_API;
  if (!st_read_api_by_name (writer, source->provider, source->name, source->version, &row, error))
    return FALSE;
  if (row != NULL)
    domain = core_api_tenant_of_context (row->context);
  if (row == NULL || g_strcmp0 (domain, call->actor->tenant_domain) != 0)
    {
      note (call, row == NULL ? "AM_API has no such API: WSO2 does not show it either"
                              : "the API of this name in AM_API is of another tenant");
      return TRUE;
    }
  if ((locked = st_write_lock_api (writer, row->id, error)) == NULL)
    return FALSE;
  g_clear_pointer (&row, st_api_row_free);
  if (!st_read_api (writer, locked->id, &row, error) || !decide (writer, call, row, error))
    return FALSE;
  call->has_artifact = row->uuid != NULL;
  if (call->import->result != CORE_IMPORT_TAKEN && call->import->result != CORE_IMPORT_REFRESHED)
    return TRUE;
  for (guint i = 0; i < source->notes->len; i++)
    note (call, "%s", (const char *)source->notes->pdata[i]);
  return take (writer, call, row, error);
}

static void
audit (const Call *call)
{
  const CoreRegistryImport *import = call->import;
  g_autofree char *provider = core_api_provider_encode (import->provider);
  g_autofree char *identifier = g_strdup_printf ("%s-%s-%s", provider, import->name, import->version);

  if (import->result == CORE_IMPORT_TAKEN || import->result == CORE_IMPORT_REFRESHED)
    core_portal_audit (call->portal, call->actor, "import from registry", "API", identifier, NULL);
}

gboolean
core_registry_import_one (const CorePortal *portal, const CoreActor *actor, const CoreRegistryApi *source,
                          gboolean overwrite, CoreRegistryImport *import, GError **error)
{
  Call call = { .portal = portal, .actor = actor, .source = source, .overwrite = overwrite, .import = import };

  if (!core_portal_write (portal, import_one, &call, error))
    return FALSE;
  audit (&call);
  return TRUE;
}
