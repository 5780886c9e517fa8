#include "config.h"
#include "core/core-artifact.h"

#include "core/core-api-rules.h"
#include "core/core-governance-xml.h"
#include "core/core-json.h"

#include <libxml/tree.h>
#include <libxml/xmlsave.h>
#include <stddef.h>
#include <string.h>

#define NAMESPACE "http://www.wso2.org/governance/metadata"

G_DEFINE_QUARK (core-artifact-error-quark, core_artifact_error)

typedef enum
{
  TEXT,
  FLAG,         /* true, false */
  ENABLED,      /* Enabled, Disabled */
  COMMAS,       /* a list */
  BARS,         /* a list, with "||" */
  ENVIRONMENTS, /* a list; NULL is not written, an empty one is "none" */
  NUMBER,       /* guint64; 0 is not written */
  SECONDS,      /* guint */
} Kind;

/* Group "overview", unless said. */
static const struct
{
  const char *field;
  Kind kind;
  gsize offset;
} fields[] = {
  { "provider", TEXT, offsetof (CoreApi, provider) },
  { "name", TEXT, offsetof (CoreApi, name) },
  { "version", TEXT, offsetof (CoreApi, version) },
  { "type", TEXT, offsetof (CoreApi, type) },
  { "description", TEXT, offsetof (CoreApi, description) },
  { "status", TEXT, offsetof (CoreApi, status) },
  { "isDefaultVersion", FLAG, offsetof (CoreApi, is_default_version) },
  { "visibility", TEXT, offsetof (CoreApi, visibility) },
  { "visibleRoles", COMMAS, offsetof (CoreApi, visible_roles) },
  { "visibleTenants", COMMAS, offsetof (CoreApi, visible_tenants) },
  /* WSO2 has these two as properties of the resource: publisher_access_control, publisher_roles. */
  { "accessControl", TEXT, offsetof (CoreApi, access_control) },
  { "accessControlRoles", COMMAS, offsetof (CoreApi, access_control_roles) },
  { "tier", BARS, offsetof (CoreApi, tiers) },
  { "transports", COMMAS, offsetof (CoreApi, transports) },
  { "endpointConfig", TEXT, offsetof (CoreApi, endpoint_config) },
  { "endpointUsername", TEXT, offsetof (CoreApi, endpoint_user) },
  { "endpointPpassword", TEXT, offsetof (CoreApi, endpoint_password) },
  { "implementation", TEXT, offsetof (CoreApi, implementation) },
  { "inSequence", TEXT, offsetof (CoreApi, in_sequence) },
  { "outSequence", TEXT, offsetof (CoreApi, out_sequence) },
  { "faultSequence", TEXT, offsetof (CoreApi, fault_sequence) },
  { "wsdl", TEXT, offsetof (CoreApi, wsdl_url) },
  { "wadl", TEXT, offsetof (CoreApi, wadl_url) },
  { "environments", ENVIRONMENTS, offsetof (CoreApi, environments) },
  { "responseCaching", ENABLED, offsetof (CoreApi, response_caching) },
  { "cacheTimeout", SECONDS, offsetof (CoreApi, cache_timeout_s) },
  { "destinationStatsEnabled", ENABLED, offsetof (CoreApi, destination_stats) },
  { "productionTps", NUMBER, offsetof (CoreApi, production_max_tps) },
  { "sandboxTps", NUMBER, offsetof (CoreApi, sandbox_max_tps) },
  { "subscriptionAvailability", TEXT, offsetof (CoreApi, subscription_availability) },
  { "tenants", COMMAS, offsetof (CoreApi, subscription_tenants) },
  { "authorizationHeader", TEXT, offsetof (CoreApi, authorization_header) },
  { "apiSecurity", TEXT, offsetof (CoreApi, api_security) },
  { "businessOwner", TEXT, offsetof (CoreApi, business_owner) },
  { "businessOwnerEmail", TEXT, offsetof (CoreApi, business_owner_email) },
  { "technicalOwner", TEXT, offsetof (CoreApi, technical_owner) },
  { "technicalOwnerEmail", TEXT, offsetof (CoreApi, technical_owner_email) },
  { "advertiseOnly", FLAG, offsetof (CoreApi, advertise_only) },
  { "redirectURL", TEXT, offsetof (CoreApi, redirect_url) },
  { "apiOwner", TEXT, offsetof (CoreApi, api_owner) },
  { "additionalProperties", TEXT, offsetof (CoreApi, additional_properties) },
};

/* What XML cannot hold becomes a blank. */
static void
add (xmlNode *group, const char *field, const char *value)
{
  g_autofree char *text = g_utf8_make_valid (value != NULL ? value : "", -1);

  for (char *at = text; *at != '\0'; at++)
    if ((guchar)*at < ' ' && strchr ("\t\n\r", *at) == NULL)
      *at = ' ';
  if (*text != '\0')
    xmlNewTextChild (group, group->ns, BAD_CAST field, BAD_CAST text);
}

static void
add_list (xmlNode *group, const char *field, char **list, const char *separator)
{
  g_autofree char *text = core_api_list_to_text ((const char *const *)list, separator);

  add (group, field, text);
}

static void
add_number (xmlNode *group, const char *field, guint64 number)
{
  g_autofree char *text = g_strdup_printf ("%" G_GUINT64_FORMAT, number);

  if (number != 0)
    add (group, field, text);
}

static void
add_field (xmlNode *group, const char *field, Kind kind, gconstpointer at)
{
  char **list = kind >= COMMAS && kind <= ENVIRONMENTS ? *(char ***)at : NULL;

  switch (kind)
    {
    case TEXT:
      add (group, field, *(char *const *)at);
      break;
    case FLAG:
      add (group, field, *(const gboolean *)at ? "true" : "false");
      break;
    case ENABLED:
      add (group, field, *(const gboolean *)at ? "Enabled" : "Disabled");
      break;
    case COMMAS:
      add_list (group, field, list, ",");
      break;
    case BARS:
      add_list (group, field, list, "||");
      break;
    case ENVIRONMENTS:
      if (list != NULL && *list == NULL)
        add (group, field, "none");
      else
        add_list (group, field, list, ",");
      break;
    case NUMBER:
      add_number (group, field, *(const guint64 *)at);
      break;
    case SECONDS:
    default:
      add_number (group, field, *(const guint *)at);
    }
}

static void
append_json_list (GString *json, const char *name, char **list)
{
  core_json_append_name (json, name);
  g_string_append_c (json, '[');
  for (guint i = 0; list != NULL && list[i] != NULL; i++)
    {
      g_string_append (json, i > 0 ? "," : "");
      core_json_append_string (json, list[i]);
    }
  g_string_append_c (json, ']');
}

/* As WSO2's corsConfiguration. */
static void
add_cors (xmlNode *group, const CoreApiCors *cors)
{
  g_autoptr (GString) json = g_string_new ("{");

  core_json_append_name (json, "corsConfigurationEnabled");
  g_string_append (json, cors->enabled ? "true" : "false");
  append_json_list (json, "accessControlAllowOrigins", cors->allow_origins);
  core_json_append_name (json, "accessControlAllowCredentials");
  g_string_append (json, cors->allow_credentials ? "true" : "false");
  append_json_list (json, "accessControlAllowHeaders", cors->allow_headers);
  append_json_list (json, "accessControlAllowMethods", cors->allow_methods);
  g_string_append_c (json, '}');
  add (group, "corsConfiguration", json->str);
}

static void
add_overview (xmlNode *root, const CoreApi *api)
{
  xmlNode *group = xmlNewChild (root, root->ns, BAD_CAST "overview", NULL);
  g_autofree char *context = core_api_context (api);
  g_autofree char *template = core_api_full_template (api);

  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    add_field (group, fields[i].field, fields[i].kind, G_STRUCT_MEMBER_P (api, fields[i].offset));
  add (group, "context", context);
  add (group, "contextTemplate", template);
  add (group, "versionType", "context");
  add (group, "endpointSecured", api->endpoint_security != CORE_ENDPOINT_SECURITY_NONE ? "true" : "false");
  add (group, "endpointAuthDigest",
       api->endpoint_security == CORE_ENDPOINT_SECURITY_DIGEST ? "true" : "false");
  add_cors (group, &api->cors);
}

static void
add_numbered (xmlNode *group, const char *field, guint number, const char *value)
{
  g_autofree char *name = g_strdup_printf ("%s%u", field, number);

  add (group, name, value);
}

static void
add_resources (xmlNode *root, const CoreApi *api)
{
  xmlNode *group = xmlNewChild (root, root->ns, BAD_CAST "URITemplate", NULL);

  for (guint i = 0; i < api->resources->len; i++)
    {
      const CoreApiResource *resource = api->resources->pdata[i];

      add_numbered (group, "urlPattern", i, resource->url_pattern);
      add_numbered (group, "httpVerb", i, resource->verb);
      add_numbered (group, "authType", i, resource->auth_type);
    }
}

char *
core_artifact_write (const CoreApi *api)
{
  xmlDoc *doc = xmlNewDoc (BAD_CAST "1.0");
  xmlNode *root = xmlNewNode (NULL, BAD_CAST "metadata");
  xmlChar *bytes = NULL;
  int length = 0;
  char *text;

  xmlDocSetRootElement (doc, root);
  xmlSetNs (root, xmlNewNs (root, BAD_CAST NAMESPACE, NULL));
  add_overview (root, api);
  add_resources (root, api);
  if (api->gateway_labels != NULL && api->gateway_labels[0] != NULL)
    add_list (xmlNewChild (root, root->ns, BAD_CAST "labels", NULL), "labelName", api->gateway_labels, ",");
  xmlDocDumpMemoryEnc (doc, &bytes, &length, "UTF-8");
  text = g_strndup ((const char *)bytes, (gsize)MAX (length, 0));
  xmlFree (bytes);
  xmlFreeDoc (doc);
  return text;
}

static gboolean
is_true (const char *text)
{
  return g_ascii_strcasecmp (text, "true") == 0 || g_ascii_strcasecmp (text, "enabled") == 0;
}

static void
take_list (char ***to, char **list)
{
  g_strfreev (*to);
  *to = list;
}

/* "none" is no environment; nothing at all, every one. */
static char **
read_environments (const char *text)
{
  return g_ascii_strcasecmp (text, "none") == 0 ? g_new0 (char *, 1) : core_api_list_from_text (text, ",");
}

static void
read_field (Kind kind, gpointer at, const char *text)
{
  guint64 number = 0;

  switch (kind)
    {
    case TEXT:
      core_api_set_text (at, text);
      break;
    case FLAG:
    case ENABLED:
      *(gboolean *)at = is_true (text);
      break;
    case COMMAS:
      take_list (at, core_api_list_from_text (text, ","));
      break;
    case BARS:
      take_list (at, core_api_list_from_text (text, "||"));
      break;
    case ENVIRONMENTS:
      take_list (at, read_environments (text));
      break;
    case NUMBER:
      if (core_api_parse_tps (text, &number))
        *(guint64 *)at = number;
      break;
    case SECONDS:
    default:
      if (core_api_parse_tps (text, &number) && number > 0)
        *(guint *)at = (guint)number;
    }
}

static char **
read_json_list (const CoreJsonNode *list)
{
  g_autoptr (GStrvBuilder) texts = g_strv_builder_new ();

  for (const CoreJsonNode *node = list != NULL ? core_json_first (list) : NULL; node != NULL;
       node = core_json_next (node))
    if (core_json_string (node) != NULL)
      g_strv_builder_add (texts, core_json_string (node));
  return g_strv_builder_end (texts);
}

static gboolean
json_true (const CoreJsonNode *object, const char *name)
{
  const CoreJsonNode *node = core_json_member (object, name);

  return node != NULL && core_json_type (node) == CORE_JSON_TRUE;
}

static void
read_cors (CoreApiCors *cors, const char *text)
{
  g_autoptr (CoreJson) json = core_json_parse (text, strlen (text), NULL);
  const CoreJsonNode *root = json != NULL ? core_json_root (json) : NULL;

  if (root == NULL)
    return;
  cors->enabled = json_true (root, "corsConfigurationEnabled");
  cors->allow_credentials = json_true (root, "accessControlAllowCredentials");
  take_list (&cors->allow_origins, read_json_list (core_json_member (root, "accessControlAllowOrigins")));
  take_list (&cors->allow_headers, read_json_list (core_json_member (root, "accessControlAllowHeaders")));
  take_list (&cors->allow_methods, read_json_list (core_json_member (root, "accessControlAllowMethods")));
}

static const char *
text_of (GHashTable *overview, const char *field)
{
  return g_hash_table_lookup (overview, field);
}

/* Without "/t/<domain>", which the tenant adds. Artifacts from before templates have the context alone. */
static void
read_context (CoreApi *api, GHashTable *overview)
{
  const char *template = text_of (overview, "contextTemplate");
  g_autofree char *prefix = NULL;

  if (template == NULL || *template == '\0')
    template = text_of (overview, "context");
  if (template == NULL)
    return;
  prefix = g_strconcat ("/t/", api->tenant_domain, "/", NULL);
  if (g_str_has_prefix (template, prefix))
    template += strlen (prefix) - 1;
  core_api_set_text (&api->context_template, template);
}

static void
read_overview (CoreApi *api, GHashTable *overview)
{
  const char *text;

  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    if ((text = text_of (overview, fields[i].field)) != NULL)
      read_field (fields[i].kind, G_STRUCT_MEMBER_P (api, fields[i].offset), text);
  if (api->provider != NULL)
    {
      g_autofree char *provider = core_api_provider_decode (api->provider);

      core_api_set_text (&api->provider, provider);
    }
  read_context (api, overview);
  if ((text = text_of (overview, "endpointSecured")) != NULL)
    api->endpoint_security = !is_true (text) ? CORE_ENDPOINT_SECURITY_NONE
                             : text_of (overview, "endpointAuthDigest") != NULL
                                     && is_true (text_of (overview, "endpointAuthDigest"))
                                 ? CORE_ENDPOINT_SECURITY_DIGEST
                                 : CORE_ENDPOINT_SECURITY_BASIC;
  if ((text = text_of (overview, "corsConfiguration")) != NULL)
    read_cors (&api->cors, text);
}

/* Fields of "overview" that are read otherwise, or written for readers of a registry and follow from the rest. */
static const char *const other_fields[]
    = { "context", "contextTemplate", "versionType", "endpointSecured", "endpointAuthDigest", "corsConfiguration",
        "thumbnail", "isLatest", NULL };

static gint
compare_texts (gconstpointer a, gconstpointer b)
{
  const char *const *left = a, *const *right = b;

  return strcmp (*left, *right);
}

static gboolean
is_known_field (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    if (strcmp (fields[i].field, name) == 0)
      return TRUE;
  return g_strv_contains (other_fields, name);
}

char **
core_artifact_unknown_fields (const char *xml, gsize length)
{
  g_autoptr (CoreGovernanceXml) artifact = core_governance_xml_parse (xml, length, CORE_ARTIFACT_MAX);
  g_autoptr (GHashTable) overview = NULL;
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer name, text;

  if (artifact == NULL)
    return g_new0 (char *, 1);
  overview = core_governance_xml_group (artifact, "overview");
  g_hash_table_iter_init (&iter, overview);
  while (g_hash_table_iter_next (&iter, &name, &text))
    if (*(const char *)text != '\0' && !is_known_field (name))
      g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_texts);
  g_ptr_array_add (names, NULL);
  return (char **)g_ptr_array_steal (names, NULL);
}

gboolean
core_artifact_read (const char *xml, gsize length, CoreApi *api, GError **error)
{
  g_autoptr (CoreGovernanceXml) artifact = core_governance_xml_parse (xml, length, CORE_ARTIFACT_MAX);
  g_autoptr (GHashTable) overview = NULL;
  g_auto (GStrv) labels = NULL;

  if (artifact == NULL)
    {
      g_set_error_literal (error, CORE_ARTIFACT_ERROR, CORE_ARTIFACT_ERROR_SYNTAX,
                           "the artifact of the API is not the XML of a governance registry");
      return FALSE;
    }
  overview = core_governance_xml_group (artifact, "overview");
  labels = core_governance_xml_texts (artifact, "labels", "labelName");
  read_overview (api, overview);
  if (labels[0] != NULL)
    {
      /* WSO2 has a field for each of them. */
      g_autofree char *text = g_strjoinv (",", labels);

      take_list (&api->gateway_labels, core_api_list_from_text (text, ","));
    }
  core_api_normalize (api);
  return TRUE;
}
