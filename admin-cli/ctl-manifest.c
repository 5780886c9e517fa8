#include "config.h"

#include "admin-cli/ctl-manifest.h"

#include "admin-cli/ctl-api-check.h"
#include "admin-cli/ctl-definition.h"
#include "admin-cli/ctl-error.h"
#include "admin-cli/ctl-json.h"
#include "admin-cli/ctl-view.h"
#include "admin-cli/ctl-yaml.h"
#include "core/core-portal.h"

#include <string.h>

typedef enum
{
  FIELD_TEXT,
  FIELD_NUMBER,
  FIELD_BOOL,
  FIELD_TEXTS,  /* a list of texts */
  FIELD_OBJECT, /* a mapping */
  FIELD_ANY,
} FieldType;

typedef struct
{
  const char *name;
  FieldType type;
  gboolean required;
} Field;

static const Field policy_fields[] = {
  { "level", FIELD_TEXT, TRUE },      { "name", FIELD_TEXT, TRUE },
  { "displayName", FIELD_TEXT },      { "description", FIELD_TEXT },
  { "defaultLimit", FIELD_OBJECT },   { "conditionalGroups", FIELD_ANY },
  { "rateLimitCount", FIELD_NUMBER }, { "rateLimitTimeUnit", FIELD_TEXT },
  { "customAttributes", FIELD_ANY },  { "stopOnQuotaReach", FIELD_BOOL },
  { "billingPlan", FIELD_TEXT },      { "siddhiQuery", FIELD_TEXT },
  { "keyTemplate", FIELD_TEXT },      { NULL },
};

static const Field api_fields[] = {
  { "name", FIELD_TEXT, TRUE },
  { "version", FIELD_TEXT, TRUE },
  { "context", FIELD_TEXT, TRUE },
  { "status", FIELD_TEXT },
  { "type", FIELD_TEXT },
  { "description", FIELD_TEXT },
  { "definition", FIELD_ANY },
  { "endpointConfig", FIELD_OBJECT },
  { "endpointSecurity", FIELD_OBJECT },
  { "tiers", FIELD_TEXTS },
  { "transport", FIELD_TEXTS },
  { "tags", FIELD_TEXTS },
  { "visibility", FIELD_TEXT },
  { "visibleRoles", FIELD_TEXTS },
  { "visibleTenants", FIELD_TEXTS },
  { "isDefaultVersion", FIELD_BOOL },
  { "gatewayEnvironments", FIELD_TEXT },
  { "maxTps", FIELD_OBJECT },
  { "businessInformation", FIELD_OBJECT },
  { "corsConfiguration", FIELD_OBJECT },
  { "responseCaching", FIELD_TEXT },
  { "cacheTimeout", FIELD_NUMBER },
  { "destinationStatsEnabled", FIELD_TEXT },
  { "subscriptionAvailability", FIELD_TEXT },
  { "subscriptionAvailableTenants", FIELD_TEXTS },
  { "sequences", FIELD_ANY },
  { "wsdlUri", FIELD_TEXT },
  { NULL },
};

static const Field application_fields[] = {
  { "name", FIELD_TEXT, TRUE },  { "throttlingTier", FIELD_TEXT }, { "description", FIELD_TEXT },
  { "callbackUrl", FIELD_TEXT }, { "tokenType", FIELD_TEXT },      { NULL },
};

static const Field subscription_fields[] = {
  { "application", FIELD_TEXT, TRUE },
  { "api", FIELD_TEXT, TRUE },
  { "tier", FIELD_TEXT, TRUE },
  { NULL },
};

static const struct
{
  const char *name;
  const Field *fields;
  const char *key; /* as ctl_view_text() takes it, or two members */
  const char *second;
} kinds[CTL_N_KINDS] = {
  [CTL_KIND_POLICY] = { "Policy", policy_fields, "level", "name" },
  [CTL_KIND_API] = { "API", api_fields, "name/version", NULL },
  [CTL_KIND_APPLICATION] = { "Application", application_fields, "name", NULL },
  [CTL_KIND_SUBSCRIPTION] = { "Subscription", subscription_fields, "application", "api" },
};

const char *
ctl_kind_name (CtlKind kind)
{
  return kinds[kind].name;
}

void
ctl_object_free (CtlObject *object)
{
  g_free (object->key);
  g_free (object->title);
  g_clear_pointer (&object->spec, json_node_unref);
  g_free (object);
}

static const Field *
find_field (const Field *fields, const char *name)
{
  while (fields->name != NULL && strcmp (fields->name, name) != 0)
    fields++;
  return fields->name != NULL ? fields : NULL;
}

gboolean
ctl_kind_has_field (CtlKind kind, const char *name)
{
  return find_field (kinds[kind].fields, name) != NULL;
}

CtlObject *
ctl_object_new (CtlKind kind, JsonNode *spec)
{
  CtlObject *object = g_new0 (CtlObject, 1);
  g_autofree char *first = ctl_view_text (spec, kinds[kind].key);
  g_autofree char *second = kinds[kind].second != NULL ? ctl_view_text (spec, kinds[kind].second) : NULL;
  object->kind = kind;
  object->key = second != NULL ? g_strdup_printf ("%s %s", first, second) : g_strdup (first);
  object->title = g_strdup_printf ("%s %s", kinds[kind].name, object->key);
  object->spec = spec;
  return object;
}

/* Reading ------------------------------------------------------------------------------------------------------------
 */

typedef struct
{
  CtlOutput *output;
  GPtrArray *objects;
  GHashTable *places; /* title -> "FILE:LINE", to find what is there twice */
  guint n_errors;
  guint n_files;
  const char *path; /* of the file that is read */
  CtlYaml *yaml;
} Loader;

static void say_error (Loader *loader, JsonNode *where, const char *format, ...) G_GNUC_PRINTF (3, 4);

static void
say_error (Loader *loader, JsonNode *where, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *why = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_autofree char *clean = ctl_text_clean (why);
  fprintf (loader->output->err, "%s:%u: %s\n", loader->path, MAX (ctl_yaml_line (loader->yaml, where), 1), clean);
  loader->n_errors++;
}

static gboolean
is_list_of_texts (JsonNode *node)
{
  if (!JSON_NODE_HOLDS_ARRAY (node))
    return FALSE;
  JsonArray *array = json_node_get_array (node);
  for (guint i = 0; i < json_array_get_length (array); i++)
    if (!JSON_NODE_HOLDS_VALUE (json_array_get_element (array, i)))
      return FALSE;
  return TRUE;
}

static gboolean
has_type (JsonNode *node, FieldType type)
{
  switch (type)
    {
    case FIELD_TEXT:
      return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) != G_TYPE_BOOLEAN;
    case FIELD_NUMBER:
      return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_INT64;
    case FIELD_BOOL:
      return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_BOOLEAN;
    case FIELD_TEXTS:
      return is_list_of_texts (node);
    case FIELD_OBJECT:
      return JSON_NODE_HOLDS_OBJECT (node);
    default:
      return TRUE;
    }
}

static const char *
type_words (FieldType type)
{
  static const char *const words[]
      = { "a text", "a whole number", "true or false", "a list of texts", "a mapping", "anything" };
  return words[type];
}

/* "version: 2" is the text "2". */
static JsonNode *
as_text (JsonNode *node)
{
  g_autofree char *text = ctl_json_display (node);
  return json_node_init_string (json_node_alloc (), text);
}

/* An API's "definition: FILE" is read, relative to the manifest. (transfer full): NULL: an error was said. */
static JsonNode *
read_definition (Loader *loader, JsonNode *node)
{
  g_autoptr (GError) cause = NULL;
  g_autoptr (JsonNode) document = NULL;
  if (JSON_NODE_HOLDS_OBJECT (node))
    document = ctl_definition_check (node, "definition", &cause) ? json_node_ref (node) : NULL;
  else
    {
      g_autofree char *name = ctl_json_display (node), *folder = g_path_get_dirname (loader->path);
      g_autofree char *path = g_path_is_absolute (name) ? g_strdup (name) : g_build_filename (folder, name, NULL);
      document = ctl_definition_load (path, &cause);
    }
  if (document == NULL)
    say_error (loader, node, "%s", cause->message);
  return g_steal_pointer (&document);
}

/* The fields of a document, checked. (transfer full) */
static JsonNode *
read_fields (Loader *loader, JsonNode *document, CtlKind kind)
{
  JsonObject *from = json_node_get_object (document);
  g_autoptr (JsonObject) to = json_object_new ();
  g_autoptr (GList) names = json_object_get_members (from);
  for (GList *name = names; name != NULL; name = name->next)
    {
      JsonNode *node = json_object_get_member (from, name->data);
      const Field *field = find_field (kinds[kind].fields, name->data);
      if (strcmp (name->data, "kind") == 0)
        continue;
      if (field == NULL)
        say_error (loader, node, "%s has no field \"%s\"", kinds[kind].name, (const char *)name->data);
      else if (!has_type (node, field->type))
        say_error (loader, node, "\"%s\" must be %s", field->name, type_words (field->type));
      else if (strcmp (field->name, "definition") == 0)
        {
          JsonNode *definition = read_definition (loader, node);
          if (definition != NULL)
            json_object_set_member (to, field->name, definition);
        }
      else
        json_object_set_member (to, field->name, field->type == FIELD_TEXT ? as_text (node) : json_node_copy (node));
    }
  for (const Field *field = kinds[kind].fields; field->name != NULL; field++)
    if (field->required && !json_object_has_member (from, field->name))
      say_error (loader, document, "%s needs \"%s\"", kinds[kind].name, field->name);
  return json_node_init_object (json_node_alloc (), to);
}

/* The rules of APIs, each violation at the line of its field. Not where a field was wrong already: @before errors were
 * said until then. */
static void
check_api (Loader *loader, JsonNode *document, JsonNode *spec, guint before)
{
  if (loader->n_errors > before)
    return;
  g_autoptr (GPtrArray) violations = ctl_api_check (json_node_get_object (spec));
  for (guint i = 0; i < violations->len; i++)
    {
      const CoreViolation *violation = violations->pdata[i];
      g_autofree char *member = g_strndup (violation->field, strcspn (violation->field, " .["));
      JsonNode *where = json_object_get_member (json_node_get_object (document), member);
      say_error (loader, where != NULL ? where : document, "%s: %s", violation->field, violation->message);
    }
}

/* A definition that lies among the manifests which name it. */
static gboolean
is_definition (JsonNode *document)
{
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (document) ? json_node_get_object (document) : NULL;
  return object != NULL && !json_object_has_member (object, "kind")
         && (json_object_has_member (object, "openapi") || json_object_has_member (object, "swagger"));
}

static void
read_document (Loader *loader, JsonNode *document)
{
  if (is_definition (document))
    return;
  const char *name
      = JSON_NODE_HOLDS_OBJECT (document) ? ctl_json_get_text (json_node_get_object (document), "kind") : NULL;
  CtlKind kind = 0;
  while (kind < CTL_N_KINDS && g_strcmp0 (kinds[kind].name, name) != 0)
    kind++;
  if (kind == CTL_N_KINDS)
    {
      say_error (loader, document, "say \"kind\": API, Application, Subscription or Policy%s%s",
                 name != NULL ? ", not " : "", name != NULL ? name : "");
      return;
    }
  guint errors_before = loader->n_errors;
  CtlObject *object = ctl_object_new (kind, read_fields (loader, document, kind));
  if (kind == CTL_KIND_API)
    check_api (loader, document, object->spec, errors_before);
  const char *before = g_hash_table_lookup (loader->places, object->title);
  if (before != NULL)
    say_error (loader, document, "%s is in %s already", object->title, before);
  else
    g_hash_table_insert (loader->places, g_strdup (object->title),
                         g_strdup_printf ("%s:%u", loader->path, ctl_yaml_line (loader->yaml, document)));
  g_ptr_array_add (loader->objects, object);
}

static void
read_file (Loader *loader, const char *path)
{
  g_autoptr (GError) cause = NULL;
  g_autoptr (CtlYaml) yaml = ++loader->n_files <= CTL_MANIFEST_MAX_FILES ? ctl_yaml_load (path, &cause) : NULL;
  if (yaml == NULL)
    {
      fprintf (loader->output->err, "%s\n", cause != NULL ? cause->message : "there are more than 10000 files");
      loader->n_errors++;
      return;
    }
  loader->path = path;
  loader->yaml = yaml;
  for (guint i = 0; i < yaml->documents->len; i++)
    {
      JsonNode *document = yaml->documents->pdata[i];
      /* `export -o json` makes one list of all. */
      JsonArray *list = JSON_NODE_HOLDS_ARRAY (document) ? json_node_get_array (document) : NULL;
      for (guint j = 0; list != NULL && j < json_array_get_length (list); j++)
        read_document (loader, json_array_get_element (list, j));
      if (list == NULL)
        read_document (loader, document);
    }
}

static int
compare_paths (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* The manifests of a folder, by name; not those of folders in it. */
static void
read_folder (Loader *loader, const char *path)
{
  g_autoptr (GError) cause = NULL;
  g_autoptr (GDir) folder = g_dir_open (path, 0, &cause);
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_free);
  const char *name;
  if (folder == NULL)
    {
      fprintf (loader->output->err, "%s\n", cause->message);
      loader->n_errors++;
      return;
    }
  while ((name = g_dir_read_name (folder)) != NULL)
    if (g_str_has_suffix (name, ".yaml") || g_str_has_suffix (name, ".yml") || g_str_has_suffix (name, ".json"))
      g_ptr_array_add (files, g_build_filename (path, name, NULL));
  if (files->len == 0) /* a wrong folder, or the last manifest of a set has gone */
    ctl_output_warning (loader->output, "%s holds no manifests (*.yaml, *.yml, *.json)", path);
  g_ptr_array_sort (files, compare_paths);
  for (guint i = 0; i < files->len; i++)
    read_file (loader, files->pdata[i]);
}

static int
compare_objects (gconstpointer a, gconstpointer b)
{
  const CtlObject *first = *(const CtlObject *const *)a, *second = *(const CtlObject *const *)b;
  return first->kind != second->kind ? (int)first->kind - (int)second->kind : strcmp (first->key, second->key);
}

GPtrArray *
ctl_manifest_load (CtlOutput *output, const char *const *paths, GError **error)
{
  g_autoptr (GPtrArray) objects = g_ptr_array_new_with_free_func ((GDestroyNotify)ctl_object_free);
  g_autoptr (GHashTable) places = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  Loader loader = { .output = output, .objects = objects, .places = places };
  for (; *paths != NULL; paths++)
    if (g_file_test (*paths, G_FILE_TEST_IS_DIR))
      read_folder (&loader, *paths);
    else
      read_file (&loader, *paths);
  if (loader.n_errors > 0)
    {
      ctl_error_set (error, CTL_ERROR_USAGE, "man apimctl-manifest", "manifests", "%u error%s; nothing was sent",
                     loader.n_errors, loader.n_errors == 1 ? "" : "s");
      return NULL;
    }
  g_ptr_array_sort (objects, compare_objects);
  return g_steal_pointer (&objects);
}
