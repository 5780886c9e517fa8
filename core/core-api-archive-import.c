#include "config.h"
#include "core/core-api-archive.h"

#include "common/apim-secret.h"
#include "core/core-api-archive-private.h"
#include "core/core-api-private.h"
#include "core/core-archive.h"
#include "core/core-document.h"
#include "core/core-openapi.h"
#include "store/st-tier-names.h"

#include <string.h>

typedef struct
{
  const CorePortal *portal;
  const CoreActor *actor;
  const CoreApiImportOptions *options;
  const CoreArchive *archive;        /* with the provider that the API is to have */
  const CoreApiThumbnail *thumbnail; /* (nullable): checked */
  GPtrArray *left_out;               /* (out) sentences on what this attempt left out */
  CoreApi *before;                   /* (out) (nullable): what is overwritten */
  CoreApi *after;                    /* (out) */
} Call;

static void
call_reset (Call *call)
{
  g_clear_pointer (&call->before, core_api_free);
  g_clear_pointer (&call->after, core_api_free);
  g_clear_pointer (&call->left_out, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Call, call_reset)

void
core_api_import_free (CoreApiImport *import)
{
  if (import == NULL)
    return;
  core_api_free (import->api);
  g_ptr_array_unref (import->warnings);
  g_free (import);
}

static void warn (GPtrArray *warnings, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
warn (GPtrArray *warnings, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_ptr_array_add (warnings, g_strdup_vprintf (format, arguments));
  va_end (arguments);
}

static gboolean
fail_archive (const char *field, const char *why, GError **error)
{
  g_autoptr (GPtrArray) violations = core_violations_new ();

  core_violations_add (violations, field, "%s", why);
  return core_violations_check (violations, error);
}

/* @list without what is not in @known; what goes is said with @what ("tier"). */
static void
keep_known (char ***list, const char *const *known, const char *what, GPtrArray *warnings)
{
  g_autoptr (GStrvBuilder) kept = g_strv_builder_new ();

  if (known == NULL || *list == NULL)
    return;
  for (guint i = 0; (*list)[i] != NULL; i++)
    if (g_strv_contains (known, (*list)[i]))
      g_strv_builder_add (kept, (*list)[i]);
    else
      warn (warnings, "There is no %s \"%s\" here: the API is imported without it.", what, (*list)[i]);
  g_strfreev (*list);
  *list = g_strv_builder_end (kept);
}

static gboolean
keep_known_tiers (StWriter *writer, Call *call, CoreApi *api, GError **error)
{
  g_auto (GStrv) names = NULL;

  /* Without advanced throttling the tiers are files of the registry: core_api_insert() does not ask either.
   */
  if (!call->portal->advanced_throttling)
    return TRUE;
  if (!st_read_tier_names (writer, ST_TIERS_SUBSCRIPTION, call->actor->tenant_id, &names, error))
    return FALSE;
  keep_known (&api->tiers, (const char *const *)names, "tier", call->left_out);
  return TRUE;
}

/* An empty list stays one: an API is not brought to gateways that its archive did not name. */
static void
keep_known_environments (Call *call, CoreApi *api)
{
  CoreDeployer *deployer = call->portal->deployer;

  if (deployer == NULL)
    return;
  keep_known (&api->environments, deployer->environments (deployer), "gateway environment", call->left_out);
  if (call->archive->api->environments != NULL && call->archive->api->environments[0] != NULL
      && api->environments[0] == NULL)
    warn (call->left_out,
          "None of the archive's gateway environments is here: the API is for no gateway until it gets one.");
}

typedef struct
{
  const CoreActor *actor;
  char *identifier; /* (out) (nullable) */
} Duplicate;

static gboolean
find_duplicate (const StApiRow *row, gpointer data)
{
  Duplicate *duplicate = data;
  g_autofree char *provider = NULL;

  if (row->provider == NULL || !core_api_is_provider_of_tenant (row->provider, duplicate->actor))
    return TRUE;
  provider = core_api_provider_encode (row->provider);
  duplicate->identifier = row->uuid != NULL ? g_strdup (row->uuid)
                                            : g_strdup_printf ("%s-%s-%s", provider, row->name, row->version);
  return FALSE;
}

/* The one that was named, locked, in call->before. */
static gboolean
find_named (StWriter *writer, Call *call, GError **error)
{
  const CoreApi *api = call->archive->api;

  call->before = core_api_lock (writer, call->actor, call->options->onto, NULL, error);
  if (call->before == NULL)
    return FALSE;
  return (g_strcmp0 (call->before->name, api->name) == 0 && g_strcmp0 (call->before->version, api->version) == 0)
         || core_portal_fail (error, CORE_PORTAL_ERROR_INVALID, "The archive holds the API %s-%s, and not %s-%s",
                              api->name, api->version, call->before->name, call->before->version);
}

/* What is overwritten, locked, in call->before; nothing where there is none. */
static gboolean
find_before (StWriter *writer, Call *call, GError **error)
{
  const CoreApi *api = call->archive->api;
  Duplicate duplicate = { call->actor, NULL };
  g_autofree char *found = NULL;

  if (call->options->onto != NULL)
    return find_named (writer, call, error);
  if (!st_read_each_api_named (writer, api->name, api->version, find_duplicate, &duplicate, error))
    return FALSE;
  found = duplicate.identifier;
  if (found == NULL)
    return TRUE;
  if (!call->options->overwrite)
    return core_portal_fail (error, CORE_PORTAL_ERROR_CONFLICT, "A duplicate API already exists for %s-%s",
                             api->name, api->version);
  call->before = core_api_lock (writer, call->actor, found, NULL, error);
  return call->before != NULL;
}

/* The first of @violations as a reason. */
static const char *
reason_of (const GPtrArray *violations)
{
  return ((const CoreViolation *)violations->pdata[0])->message;
}

/* Texts are borrowed, but for the UUID. */
static StApiDocument
document_to_store (const Call *call, const CoreArchiveDocument *document, const char *uuid)
{
  gint64 now_ms = apim_clock_wall_ms (call->portal->clock);
  gboolean is_url = g_strcmp0 (document->source_type, "URL") == 0;
  gboolean is_file = g_strcmp0 (document->source_type, "FILE") == 0;

  return (StApiDocument){ .uuid = (char *)uuid,
                          .name = document->name,
                          .type = document->type,
                          .other_type_name = document->other_type,
                          .summary = document->summary,
                          .source_type = document->source_type,
                          .source_url = is_url ? document->source_url : NULL,
                          .visibility = document->visibility,
                          .file_name = is_file && document->content != NULL ? document->file_name : NULL,
                          .media_type = document->media_type,
                          .created_ms = now_ms,
                          .updated_ms = now_ms };
}

static void
check_document (const StApiDocument *document, GBytes *content, GPtrArray *violations)
{
  core_document_check (document, violations);
  if (content != NULL && violations->len == 0)
    core_document_check_content (document, document->file_name, g_bytes_get_data (content, NULL),
                                 g_bytes_get_size (content), violations);
}

/* Whether @stored may be; else it is said. */
static gboolean
is_good_document (Call *call, const StApiDocument *stored, GBytes *content)
{
  g_autoptr (GPtrArray) violations = core_violations_new ();

  check_document (stored, content, violations);
  if (violations->len > 0)
    warn (call->left_out, "The document \"%s\" is left out: %s.", stored->name, reason_of (violations));
  return violations->len == 0;
}

static gboolean
replace_document (StWriter *writer, Call *call, const StApiDocument *old, const CoreArchiveDocument *document,
                  GError **error)
{
  const StApiDocument stored = document_to_store (call, document, old->uuid);
  gsize length = 0;
  const char *bytes = document->content != NULL ? g_bytes_get_data (document->content, &length) : NULL;

  if (!is_good_document (call, &stored, document->content))
    return TRUE;
  return st_write_update_document (writer, call->after->id, &stored, error)
         && st_write_document_content (writer, call->after->id, old->uuid,
                                       bytes == NULL && document->content != NULL ? "" : bytes, length,
                                       error);
}

static gboolean
add_document (StWriter *writer, Call *call, const CoreArchiveDocument *document, GError **error)
{
  g_autofree char *uuid = apim_random_uuid ();
  const StApiDocument stored = document_to_store (call, document, uuid);
  g_autoptr (GError) why = NULL;

  if (!is_good_document (call, &stored, document->content))
    return TRUE;
  if (core_document_insert (writer, call->after->id, &stored, document->content, &why))
    return TRUE;
  if (!g_error_matches (why, ST_ERROR, ST_ERROR_CONFLICT))
    {
      g_propagate_error (error, g_steal_pointer (&why));
      return FALSE;
    }
  warn (call->left_out, "The document \"%s\" is left out: there is one of its name before it.",
        document->name);
  return TRUE;
}

static const CoreArchiveDocument *
find_in_archive (const CoreArchive *archive, const char *name)
{
  for (guint i = 0; i < archive->documents->len; i++)
    {
      const CoreArchiveDocument *document = archive->documents->pdata[i];

      if (g_str_equal (document->name, name))
        return document;
    }
  return NULL;
}

/* Documents that an overwritten API has: those that the archive does not have go, the others become what it
 * says. @done: gets these. */
static gboolean
replace_documents (StWriter *writer, Call *call, GHashTable *done, GError **error)
{
  g_autoptr (GPtrArray) stored = NULL;

  if (call->before == NULL)
    return TRUE;
  if (!st_read_documents (writer, call->after->id, &stored, error))
    return FALSE;
  for (guint i = 0; i < stored->len; i++)
    {
      const StApiDocument *old = stored->pdata[i];
      const CoreArchiveDocument *document = find_in_archive (call->archive, old->name);

      if (document == NULL ? !st_write_delete_document (writer, call->after->id, old->uuid, error)
                           : !replace_document (writer, call, old, document, error))
        return FALSE;
      if (document != NULL)
        g_hash_table_add (done, (gpointer)document);
    }
  return TRUE;
}

static gboolean
add_documents (StWriter *writer, Call *call, GError **error)
{
  const GPtrArray *documents = call->archive->documents;
  g_autoptr (GHashTable) done = g_hash_table_new (NULL, NULL);

  if (!replace_documents (writer, call, done, error))
    return FALSE;
  for (guint i = 0; i < documents->len; i++)
    if (!g_hash_table_contains (done, documents->pdata[i])
        && !add_document (writer, call, documents->pdata[i], error))
      return FALSE;
  return TRUE;
}

/* What an archive says that does not ask for another state. */
static gboolean
is_created (const CoreApi *api)
{
  return api->status == NULL || g_ascii_strcasecmp (api->status, "CREATED") == 0;
}

static CoreApi *
overwrite (StWriter *writer, Call *call, const CoreApi *api, GError **error)
{
  g_autoptr (CoreApi) wanted = core_api_copy (api);

  core_api_set_text (&wanted->status, NULL);
  if (call->archive->image == NULL && call->before->thumbnail_type != NULL
      && !core_api_store_thumbnail (writer, call->before->id, NULL, error))
    return NULL;
  return core_api_replace (writer, call->portal, call->actor, call->before, wanted, call->thumbnail, error);
}

/* An API that is overwritten may have one already. */
static void
warn_of_password (Call *call)
{
  if (call->after->endpoint_security != CORE_ENDPOINT_SECURITY_NONE && call->after->endpoint_password == NULL)
    warn (call->left_out,
          "The endpoint wants a password, which archives do not carry: set it before the API is called.");
}

static gboolean
import_all (StWriter *writer, gpointer data, GError **error)
{
  Call *call = data;
  g_autoptr (CoreApi) api = core_api_copy (call->archive->api);

  call_reset (call);
  call->left_out = g_ptr_array_new_with_free_func (g_free);
  keep_known_environments (call, api);
  if (!keep_known_tiers (writer, call, api, error) || !find_before (writer, call, error))
    return FALSE;
  call->after = call->before != NULL
                    ? overwrite (writer, call, api, error)
                    : core_api_insert (writer, call->portal, call->actor, api, 0, call->thumbnail, error);
  if (call->after != NULL)
    warn_of_password (call);
  return call->after != NULL && add_documents (writer, call, error)
         && (is_created (api)
             || core_api_reach_state (writer, call->actor, api->status, &call->after, error));
}

/* The definition holds over what api.json says of resources and scopes. */
static gboolean
read_definition (CoreApi *api, GError **error)
{
  return api->definition == NULL || core_openapi_read (api->definition, strlen (api->definition), api, error);
}

static gboolean
take_provider (CoreApi *api, const CoreActor *actor, gboolean preserve, GError **error)
{
  g_autofree char *why = NULL;

  if (!preserve)
    core_api_set_text (&api->provider, actor->name);
  if (core_api_is_provider_of_tenant (api->provider, actor))
    return TRUE;
  why = g_strdup_printf (
      "Tenant mismatch! The API in the archive is %s's, who is not of your tenant: import it "
      "with preserveProvider=false, and it becomes yours",
      api->provider);
  return fail_archive ("preserveProvider", why, error);
}

/* "none" of archives is no environment at all. */
static void
take_environments (CoreApi *api)
{
  if (api->environments != NULL && api->environments[0] != NULL && api->environments[1] == NULL
      && g_ascii_strcasecmp (api->environments[0], "none") == 0)
    core_api_set_list (&api->environments, (const char *const[]){ NULL });
}

/* Returns: @thumbnail, or NULL where there is no picture that may be one. */
static const CoreApiThumbnail *
take_thumbnail (CoreArchive *archive, CoreApiThumbnail *thumbnail)
{
  g_autoptr (GPtrArray) violations = core_violations_new ();
  gsize length;
  const char *bytes;

  if (archive->image == NULL)
    return NULL;
  bytes = g_bytes_get_data (archive->image, &length);
  *thumbnail = (CoreApiThumbnail){ bytes != NULL ? bytes : "", length };
  core_api_thumbnail_check (thumbnail, violations);
  if (violations->len == 0)
    return thumbnail;
  warn (archive->warnings, "The picture %s is left out: %s.", archive->image_name, reason_of (violations));
  return NULL;
}

/* What archives hold and we have no place for. */
static void
warn_of_rest (CoreArchive *archive)
{
  for (guint i = 0; i < archive->sequences->len; i++)
    warn (archive->warnings,
          "The mediation sequence \"%s\" is left out: gateways that the API goes to must have it themselves.",
          ((const CoreArchiveSequence *)archive->sequences->pdata[i])->name);
  if (archive->wsdl != NULL)
    warn (archive->warnings,
          "The WSDL document is left out: only addresses of such documents are kept here.");
}

static gboolean
prepare (CoreArchive *archive, const CoreActor *actor, gboolean preserve_provider, GError **error)
{
  CoreApi *api = archive->api;

  if (!take_provider (api, actor, preserve_provider, error) || !read_definition (api, error))
    return FALSE;
  if (!is_created (api)
      && !core_actor_require (actor, CORE_MAY_PUBLISH, "import APIs that are not in the state CREATED",
                              error))
    return FALSE;
  take_environments (api);
  warn_of_rest (archive);
  return TRUE;
}

static void
audit (const Call *call)
{
  g_autofree char *identifier = core_api_identifier (call->after);
  g_autofree char *details
      = g_strdup_printf ("state=\"%s\" warnings=%u", call->after->status, call->archive->warnings->len);

  core_portal_audit (call->portal, call->actor, call->before != NULL ? "overwrite" : "import", "API",
                     identifier, details);
}

static CoreApiImport *
take_result (Call *call)
{
  CoreApiImport *import = g_new0 (CoreApiImport, 1);

  import->api = g_steal_pointer (&call->after);
  import->warnings = g_ptr_array_ref (call->archive->warnings);
  return import;
}

gboolean
core_api_archive_import (const CorePortal *portal, const CoreActor *actor, const void *bytes, gsize length,
                         const CoreApiImportOptions *options, CoreApiImport **import, GError **error)
{
  g_autoptr (GPtrArray) failures = core_deployer_failures_new ();
  g_autoptr (GError) why = NULL;
  g_autoptr (CoreArchive) archive = NULL;
  CoreApiThumbnail picture;
  g_auto (Call) call = { .portal = portal, .actor = actor, .options = options };

  if (!core_api_archive_require (actor, "import APIs", error))
    return FALSE;
  archive = core_archive_read (bytes, length, &why);
  if (archive == NULL)
    return fail_archive ("file", why->message, error);
  if (!prepare (archive, actor, options->preserve_provider, error))
    return FALSE;
  call.archive = archive;
  call.thumbnail = take_thumbnail (archive, &picture);
  if (!core_portal_write (portal, import_all, &call, error))
    return FALSE;
  g_ptr_array_extend_and_steal (archive->warnings, g_steal_pointer (&call.left_out));
  audit (&call);
  core_api_deploy (portal, call.before, call.after, failures);
  *import = take_result (&call);
  return core_api_report (failures, "the API is imported", error);
}
