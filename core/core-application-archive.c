/* The archive itself: bytes to record and back. */
#include "config.h"
#include "core/core-application-archive.h"

#include "core/core-archive-private.h"
#include "core/core-json.h"
#include "core/core-zip.h"

#include <string.h>

static void
subscription_free (CoreArchivedSubscription *subscription)
{
  g_free (subscription->api_provider);
  g_free (subscription->api_name);
  g_free (subscription->api_version);
  g_free (subscription->tier);
  g_free (subscription);
}

CoreApplicationArchive *
core_application_archive_new (void)
{
  CoreApplicationArchive *archive = g_new0 (CoreApplicationArchive, 1);

  archive->attributes = g_new0 (char *, 1);
  archive->subscriptions = g_ptr_array_new_with_free_func ((GDestroyNotify)subscription_free);
  archive->warnings = g_ptr_array_new_with_free_func (g_free);
  return archive;
}

void
core_application_archive_free (CoreApplicationArchive *archive)
{
  if (archive == NULL)
    return;
  g_free (archive->name);
  g_free (archive->owner);
  g_free (archive->tier);
  g_free (archive->callback_url);
  g_free (archive->description);
  g_free (archive->token_type);
  g_strfreev (archive->groups);
  g_strfreev (archive->attributes);
  g_ptr_array_unref (archive->subscriptions);
  g_ptr_array_unref (archive->warnings);
  g_free (archive);
}

CoreArchivedSubscription *
core_application_archive_add (CoreApplicationArchive *archive)
{
  CoreArchivedSubscription *subscription = g_new0 (CoreArchivedSubscription, 1);

  g_ptr_array_add (archive->subscriptions, subscription);
  return subscription;
}

/* Writing */

/* An empty text is none. */
static void
set_text (JsonObject *object, const char *key, const char *text)
{
  if (text != NULL && *text != '\0')
    json_object_set_string_member (object, key, text);
}

/* @object: (transfer full) */
static void
set_object (JsonObject *parent, const char *key, JsonObject *object)
{
  json_object_set_object_member (parent, key, core_archive_sort_members (object));
  json_object_unref (object);
}

static JsonObject *
named_object (const char *name)
{
  JsonObject *object = json_object_new ();

  set_text (object, "name", name);
  return object;
}

static JsonObject *
attributes_object (char *const *attributes)
{
  JsonObject *object = json_object_new ();

  for (guint i = 0; attributes[i] != NULL && attributes[i + 1] != NULL; i += 2)
    json_object_set_string_member (object, attributes[i], attributes[i + 1]);
  return object;
}

static JsonObject *
subscription_object (const CoreArchivedSubscription *subscription)
{
  JsonObject *object = json_object_new ();
  JsonObject *api = json_object_new ();
  g_autofree char *provider = core_api_provider_encode (subscription->api_provider);

  set_text (api, "apiName", subscription->api_name);
  set_text (api, "providerName", provider);
  set_text (api, "version", subscription->api_version);
  set_object (object, "apiId", api);
  set_object (object, "tier", named_object (subscription->tier));
  return object;
}

static gint
compare_subscriptions (gconstpointer a, gconstpointer b)
{
  const CoreArchivedSubscription *const *left = a, *const *right = b;
  gint order = g_strcmp0 ((*left)->api_name, (*right)->api_name);

  if (order == 0)
    order = g_strcmp0 ((*left)->api_version, (*right)->api_version);
  return order != 0 ? order : g_strcmp0 ((*left)->api_provider, (*right)->api_provider);
}

static JsonArray *
subscriptions_array (const CoreApplicationArchive *archive)
{
  JsonArray *array = json_array_new ();
  g_autoptr (GPtrArray) sorted = g_ptr_array_new ();

  g_ptr_array_extend (sorted, archive->subscriptions, NULL, NULL);
  g_ptr_array_sort (sorted, compare_subscriptions);
  for (guint i = 0; i < sorted->len; i++)
    json_array_add_object_element (array, subscription_object (sorted->pdata[i]));
  return array;
}

static char *
to_json (const CoreApplicationArchive *archive)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autofree char *groups = core_api_list_to_text ((const char *const *)archive->groups, ",");

  set_object (object, "applicationAttributes", attributes_object (archive->attributes));
  set_text (object, "callbackUrl", archive->callback_url);
  set_text (object, "description", archive->description);
  json_object_set_string_member (object, "groupId", groups != NULL ? groups : "");
  json_object_set_array_member (object, "keys", json_array_new ());
  set_text (object, "name", archive->name);
  set_text (object, "owner", archive->owner);
  set_object (object, "subscriber", named_object (archive->owner));
  json_object_set_array_member (object, "subscribedAPIs", subscriptions_array (archive));
  set_text (object, "tier", archive->tier);
  set_text (object, "tokenType", archive->token_type);
  return core_archive_generate (core_archive_object_node (object));
}

GBytes *
core_application_archive_write (const CoreApplicationArchive *archive, GError **error)
{
  g_autoptr (CoreZip) zip = core_zip_new ();
  char *json = to_json (archive);
  g_autoptr (GBytes) content = g_bytes_new_take (json, strlen (json));
  g_autofree char *path = g_strdup_printf ("%s/%s.json", archive->name, archive->name);
  g_autoptr (GError) why = NULL;
  GBytes *bytes;

  if (strchr (archive->name, '/') != NULL || !core_zip_add (zip, path, content, &why)
      || (bytes = core_zip_write (zip, &why)) == NULL)
    {
      core_portal_fail (error, CORE_PORTAL_ERROR_CONFLICT, "the application \"%s\" cannot be exported: %s",
                        archive->name, why != NULL ? why->message : "its name has a slash");
      return NULL;
    }
  return bytes;
}

/* Reading */

static gboolean
refuse (GError **error, const char *format, const char *detail)
{
  g_autoptr (GPtrArray) violations = core_violations_new ();

  core_violations_add (violations, "file", "%s%s", format, detail);
  return core_violations_check (violations, error);
}

static const char *
text_of (const CoreJsonNode *object, const char *key)
{
  const char *text = core_json_string (core_json_member (object, key));

  return text != NULL && *text != '\0' ? text : NULL;
}

static const CoreJsonNode *
first_of_array (const CoreJsonNode *object, const char *key)
{
  const CoreJsonNode *array = core_json_member (object, key);

  return array != NULL && core_json_type (array) == CORE_JSON_ARRAY ? core_json_first (array) : NULL;
}

static void
read_attributes (CoreApplicationArchive *archive, const CoreJsonNode *object)
{
  g_autoptr (GStrvBuilder) pairs = g_strv_builder_new ();

  if (object == NULL || core_json_type (object) != CORE_JSON_OBJECT)
    return;
  for (const CoreJsonNode *node = core_json_first (object); node != NULL; node = core_json_next (node))
    if (core_json_string (node) != NULL)
      {
        g_strv_builder_add (pairs, core_json_name (node));
        g_strv_builder_add (pairs, core_json_string (node));
      }
  g_strfreev (archive->attributes);
  archive->attributes = g_strv_builder_end (pairs);
}

static gboolean
read_subscription (CoreApplicationArchive *archive, const CoreJsonNode *node, GError **error)
{
  const CoreJsonNode *api = core_json_member (node, "apiId");
  const char *provider = text_of (api, "providerName"), *name = text_of (api, "apiName"),
             *version = text_of (api, "version");
  const char *tier = text_of (core_json_member (node, "tier"), "name");
  CoreArchivedSubscription *subscription;

  if (provider == NULL || name == NULL || version == NULL || tier == NULL)
    return refuse (error, "each of subscribedAPIs must have apiId with providerName, apiName and version, ",
                   "and tier with name");
  if (archive->subscriptions->len == CORE_APPLICATION_ARCHIVE_MAX_SUBSCRIPTIONS)
    return refuse (error, "the application has more than ",
                   G_STRINGIFY (CORE_APPLICATION_ARCHIVE_MAX_SUBSCRIPTIONS) " subscriptions");
  subscription = core_application_archive_add (archive);
  subscription->api_provider = core_api_provider_decode (provider);
  subscription->api_name = g_strdup (name);
  subscription->api_version = g_strdup (version);
  subscription->tier = g_strdup (tier);
  return TRUE;
}

static void
warn_of_keys (CoreApplicationArchive *archive, const CoreJsonNode *root)
{
  const CoreJsonNode *clients = core_json_member (root, "oauthApps");

  if (first_of_array (root, "keys") != NULL
      || (clients != NULL && core_json_type (clients) == CORE_JSON_OBJECT
          && core_json_first (clients) != NULL))
    g_ptr_array_add (
        archive->warnings,
        g_strdup ("The keys in the archive are left out: generate or map keys of the application."));
}

static gboolean
read_json (CoreApplicationArchive *archive, GBytes *bytes, GError **error)
{
  g_autoptr (GError) why = NULL;
  g_autoptr (CoreJson) json
      = core_json_parse_large (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), &why);
  const CoreJsonNode *root = json != NULL ? core_json_root (json) : NULL;
  const char *owner;

  if (root == NULL)
    return refuse (error, "the application in the archive is ", why->message);
  owner = text_of (root, "owner");
  if (owner == NULL)
    owner = text_of (core_json_member (root, "subscriber"), "name");
  archive->name = g_strdup (text_of (root, "name"));
  if (archive->name == NULL)
    return refuse (error, "the application in the archive has no name", "");
  archive->owner = owner != NULL ? core_api_provider_decode (owner) : NULL;
  archive->tier = g_strdup (text_of (root, "tier"));
  archive->callback_url = g_strdup (text_of (root, "callbackUrl"));
  archive->description = g_strdup (text_of (root, "description"));
  archive->token_type = g_strdup (text_of (root, "tokenType"));
  archive->groups = core_api_list_from_text (text_of (root, "groupId"), ",");
  read_attributes (archive, core_json_member (root, "applicationAttributes"));
  warn_of_keys (archive, root);
  for (const CoreJsonNode *node = first_of_array (root, "subscribedAPIs"); node != NULL;
       node = core_json_next (node))
    if (!read_subscription (archive, node, error))
      return FALSE;
  return TRUE;
}

/* "NAME/NAME.json" is the only file. (transfer none) */
static GBytes *
find_json (const CoreZip *zip)
{
  g_autofree const char **names = core_zip_names (zip);
  const char *slash = names[0] != NULL ? strchr (names[0], '/') : NULL;

  if (slash == NULL || names[1] != NULL || strchr (slash + 1, '/') != NULL
      || !g_str_has_suffix (names[0], ".json"))
    return NULL;
  return core_zip_lookup (zip, names[0]);
}

CoreApplicationArchive *
core_application_archive_read (const void *bytes, gsize length, GError **error)
{
  g_autoptr (CoreApplicationArchive) archive = core_application_archive_new ();
  g_autoptr (GError) why = NULL;
  g_autoptr (CoreZip) zip = core_zip_read (bytes, length, &why);
  GBytes *json = zip != NULL ? find_json (zip) : NULL;

  if (zip == NULL)
    refuse (error, why->message, "");
  else if (json == NULL)
    refuse (error, "the archive does not hold the one file NAME/NAME.json", "");
  else if (read_json (archive, json, error))
    return g_steal_pointer (&archive);
  return NULL;
}
