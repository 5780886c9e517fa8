#include "config.h"
#include "core/core-api-rules.h"

#include "core/core-json.h"
#include "core/core-portal.h"

#include <string.h>

#define PLACE "{version}"
#define MAX_FILE_NAME 255 /* NAME_MAX of Linux's file systems */

static gboolean
is_empty (const char *text)
{
  return text == NULL || *text == '\0';
}

static gboolean
is_one_of (const char *text, const char *const *list)
{
  return text != NULL && g_strv_contains (list, text);
}

static gboolean
has_control_character (const char *text)
{
  for (; *text != '\0'; text++)
    if (g_ascii_iscntrl (*text))
      return TRUE;
  return FALSE;
}

static void
check_characters (GPtrArray *violations, const char *field, const char *what, const char *text)
{
  const char *illegal = strpbrk (text, CORE_API_ILLEGAL);

  if (illegal != NULL)
    core_violations_add (violations, field, "The API %s must not contain \"%c\", nor any of %s", what,
                         *illegal, CORE_API_ILLEGAL);
  if (strpbrk (text, " \t\r\n") != NULL)
    core_violations_add (violations, field, "The API %s must not contain white space", what);
  else if (has_control_character (text))
    core_violations_add (violations, field, "The API %s must not contain control characters", what);
}

void
core_api_check_name (const char *name, GPtrArray *violations)
{
  if (is_empty (name))
    {
      core_violations_add (violations, "name", "API name is not specified");
      return;
    }
  check_characters (violations, "name", "name", name);
  core_violations_check_text (violations, "name", name, CORE_API_MAX_NAME);
}

void
core_api_check_version (const char *name, const char *version, GPtrArray *violations)
{
  if (is_empty (version))
    {
      core_violations_add (violations, "version", "Version not specified for API %s",
                           name != NULL ? name : "");
      return;
    }
  check_characters (violations, "version", "version", version);
  core_violations_check_text (violations, "version", version, CORE_API_MAX_VERSION);
  if (g_str_equal (version, ".") || g_str_equal (version, ".."))
    core_violations_add (violations, "version", "The API version must not be \"%s\"", version);
}

/* What a context must not have, braces that are not of {version} among it. */
static const char *
wrong_in_context (const char *template)
{
  GString *rest = g_string_new (template);
  gboolean wrong_brace;

  g_string_replace (rest, PLACE, "v", 0);
  wrong_brace = strpbrk (rest->str, "{}") != NULL;
  g_string_free (rest, TRUE);
  if (wrong_brace)
    return "has a brace that is not of {version}";
  if (strstr (template, "//") != NULL)
    return "has an empty part";
  if (strstr (template, "/../") != NULL || strstr (template, "/./") != NULL
      || g_str_has_suffix (template, "/.") || g_str_has_suffix (template, "/.."))
    return "has a part that leads out of it";
  if (strpbrk (template, " \t\r\n\\\"'<>?#;%|^`*&") != NULL || has_control_character (template))
    return "has a character that no path can have";
  return NULL;
}

void
core_api_check_context (const char *name, const char *template, GPtrArray *violations)
{
  const char *wrong;

  if (is_empty (template) || g_str_equal (template, "/" PLACE) || g_str_equal (template, "/"))
    {
      core_violations_add (violations, "context", "Context not defined for API %s", name != NULL ? name : "");
      return;
    }
  wrong = wrong_in_context (template);
  if (g_str_has_suffix (template, "/"))
    core_violations_add (violations, "context", "Context cannot end with '/' character");
  else if (wrong != NULL)
    core_violations_add (violations, "context", "The context %s", wrong);
  /* Key validation takes the tenant from there: one user's API must not pass for another tenant's. */
  if (g_str_has_prefix (template, "/t/"))
    core_violations_add (violations, "context",
                         "The context must not begin with \"/t/\", which is for tenants");
  core_violations_check_text (violations, "context", template, CORE_API_MAX_CONTEXT);
}

gboolean
core_api_is_verb (const char *verb)
{
  static const char *const verbs[] = { "GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", NULL };

  return is_one_of (verb, verbs);
}

static const struct
{
  const char *stored, *text;
} auth_types[] = {
  { "None", "None" },
  { "Application", "Application" },
  { "Application_User", "Application User" },
  { "Any", "Application & Application User" },
};

const char *
core_api_auth_type (const char *text)
{
  for (guint i = 0; text != NULL && i < G_N_ELEMENTS (auth_types); i++)
    if (g_ascii_strcasecmp (text, auth_types[i].stored) == 0
        || g_ascii_strcasecmp (text, auth_types[i].text) == 0)
      return auth_types[i].stored;
  return NULL;
}

const char *
core_api_auth_type_text (const char *stored)
{
  for (guint i = 0; i < G_N_ELEMENTS (auth_types); i++)
    if (g_strcmp0 (stored, auth_types[i].stored) == 0)
      return auth_types[i].text;
  return auth_types[G_N_ELEMENTS (auth_types) - 1].text;
}

gboolean
core_api_parse_tps (const char *text, guint64 *tps)
{
  *tps = 0;
  return is_empty (text) || g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT32, tps, NULL);
}

static void
check_resource (const CoreApi *api, guint index, const CoreApiSurroundings *around, GPtrArray *violations)
{
  const CoreApiResource *resource = api->resources->pdata[index];
  g_autofree char *field = g_strdup_printf ("resources[%u]", index);

  if (!core_api_is_verb (resource->verb))
    core_violations_add (violations, field, "Specified HTTP verb %s is invalid",
                         resource->verb != NULL ? resource->verb : "");
  if (is_empty (resource->url_pattern) || resource->url_pattern[0] != '/')
    core_violations_add (violations, field, "The URL pattern must begin with \"/\"");
  else if (has_control_character (resource->url_pattern)
           || strpbrk (resource->url_pattern, " \"<>\\^`|") != NULL)
    core_violations_add (violations, field, "The URL pattern has a character that no path can have");
  core_violations_check_text (violations, field, resource->url_pattern, CORE_API_MAX_URL_PATTERN);
  if (core_api_auth_type (resource->auth_type) == NULL)
    core_violations_add (violations, field,
                         "The auth type %s is none of None, Application, Application User and "
                         "Application & Application User",
                         resource->auth_type != NULL ? resource->auth_type : "");
  if (!is_empty (resource->scope) && core_api_find_scope (api, resource->scope) == NULL)
    core_violations_add (violations, field, "The scope %s is not among the scopes of the API",
                         resource->scope);
  if (!is_empty (resource->throttling_tier) && around->api_policies != NULL
      && !is_one_of (resource->throttling_tier, around->api_policies))
    core_violations_add (violations, field, "Specified tier %s does not exist", resource->throttling_tier);
}

static void
check_resources (const CoreApi *api, const CoreApiSurroundings *around, GPtrArray *violations)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  if (api->resources->len > CORE_API_MAX_RESOURCES)
    {
      core_violations_add (violations, "resources", "The API has %u resources; the limit is %d",
                           api->resources->len, CORE_API_MAX_RESOURCES);
      return;
    }
  for (guint i = 0; i < api->resources->len; i++)
    {
      const CoreApiResource *resource = api->resources->pdata[i];
      g_autofree char *field = g_strdup_printf ("resources[%u]", i);

      check_resource (api, i, around, violations);
      if (!g_hash_table_add (seen, g_strdup_printf ("%s %s", resource->verb, resource->url_pattern)))
        core_violations_add (violations, field, "The API has %s %s twice", resource->verb,
                             resource->url_pattern);
    }
}

/* RFC 6749, 3.3: scope-token. */
static gboolean
is_scope_token (const char *key)
{
  for (const char *at = key; *at != '\0'; at++)
    if (*at <= ' ' || *at > '~' || *at == '"' || *at == '\\')
      return FALSE;
  return *key != '\0';
}

static void
check_scopes (const CoreApi *api, GPtrArray *violations)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  if (api->scopes->len > CORE_API_MAX_SCOPES)
    core_violations_add (violations, "scopes", "The API has %u scopes; the limit is %d", api->scopes->len,
                         CORE_API_MAX_SCOPES);
  for (guint i = 0; i < api->scopes->len; i++)
    {
      const CoreApiScope *scope = api->scopes->pdata[i];
      g_autofree char *field = g_strdup_printf ("scopes[%u]", i);

      if (scope->key == NULL || !is_scope_token (scope->key))
        core_violations_add (violations, field,
                             "The key of a scope must be printable ASCII without blanks and quotes");
      else if (!g_hash_table_add (seen, scope->key))
        core_violations_add (violations, field, "The API has the scope %s twice", scope->key);
      core_violations_check_text (violations, field, scope->key, CORE_API_MAX_SCOPE_KEY);
      core_violations_check_text (violations, field, scope->name, CORE_API_MAX_SCOPE_KEY);
    }
}

static void
check_tiers (const CoreApi *api, guint needs, const CoreApiSurroundings *around, GPtrArray *violations)
{
  if ((needs & CORE_API_NEEDS_TIER) != 0 && (api->tiers == NULL || api->tiers[0] == NULL))
    core_violations_add (violations, "tiers", "No tier defined for the API");
  for (guint i = 0; api->tiers != NULL && api->tiers[i] != NULL; i++)
    {
      if (around->tiers != NULL && !is_one_of (api->tiers[i], around->tiers))
        core_violations_add (violations, "tiers", "Specified tier %s does not exist", api->tiers[i]);
      core_violations_check_text (violations, "tiers", api->tiers[i], CORE_API_MAX_TIER);
    }
  if (!is_empty (api->api_tier) && around->api_policies != NULL
      && !is_one_of (api->api_tier, around->api_policies))
    core_violations_add (violations, "apiLevelPolicy", "Specified tier %s does not exist", api->api_tier);
}

static void
check_endpoint (const CoreApi *api, guint needs, GPtrArray *violations)
{
  if (is_empty (api->endpoint_config))
    {
      if ((needs & CORE_API_NEEDS_ENDPOINT) != 0 && g_strcmp0 (api->implementation, "INLINE") != 0)
        core_violations_add (violations, "endpointConfig", "Endpoint Configuration is missing");
    }
  else if (strlen (api->endpoint_config) > CORE_API_MAX_ENDPOINT_CONFIG)
    core_violations_add (violations, "endpointConfig", "The endpoint configuration has more than %d bytes",
                         CORE_API_MAX_ENDPOINT_CONFIG);
  else
    {
      g_autoptr (CoreJson) config
          = core_json_parse (api->endpoint_config, strlen (api->endpoint_config), NULL);
      const CoreJsonNode *root = config != NULL ? core_json_root (config) : NULL;

      if (root == NULL)
        core_violations_add (violations, "endpointConfig", "The endpoint configuration is not a JSON object");
      else if (g_strcmp0 (core_json_string (core_json_member (root, "endpoint_type")), "default") == 0
               && is_empty (api->in_sequence))
        core_violations_add (violations, "endpointConfig",
                             "You must upload or select a message mediation In Flow policy");
    }
  if (api->endpoint_security != CORE_ENDPOINT_SECURITY_NONE && is_empty (api->endpoint_user))
    core_violations_add (violations, "endpointSecurity", "A secured endpoint needs a user name");
  if (!is_empty (api->endpoint_user) && has_control_character (api->endpoint_user))
    core_violations_add (violations, "endpointSecurity",
                         "The user name of the endpoint has a control character");
}

/* The first environment that the API goes to and whose gateway is ours. NULL: there is none. */
static const char *
find_own_environment (const CoreApi *api, const CoreApiSurroundings *around)
{
  const char *const *own = around->own_environments;

  for (guint i = 0; own != NULL && own[i] != NULL; i++)
    if (api->environments == NULL || is_one_of (own[i], (const char *const *)api->environments))
      return own[i];
  return NULL;
}

/* What WSO2's gateways do with endpoints and ours refuses (docs/gateway.md): said when it is saved, not when it is
 * published. */
static void
check_own_gateway (const CoreApi *api, const CoreApiSurroundings *around, GPtrArray *violations)
{
  static const char *const unknown[] = { "soap", "simpleClientSession", NULL };
  const char *own = find_own_environment (api, around);
  g_autoptr (CoreJson) config = own != NULL && !is_empty (api->endpoint_config)
                                    ? core_json_parse (api->endpoint_config, strlen (api->endpoint_config), NULL)
                                    : NULL;
  const CoreJsonNode *root = config != NULL ? core_json_root (config) : NULL;
  const char *session = root != NULL ? core_json_string (core_json_member (root, "sessionManagement")) : NULL;

  if (session != NULL && is_one_of (session, unknown)
      && g_strcmp0 (core_json_string (core_json_member (root, "endpoint_type")), "load_balance") == 0)
    core_violations_add (violations, "endpointConfig",
                         "The gateway of the environment %s keeps no sessions of the type %s: use transport (a cookie) or "
                         "none, or choose environments of WSO2's gateways alone", own, session);
  if (own != NULL && api->endpoint_security == CORE_ENDPOINT_SECURITY_DIGEST)
    core_violations_add (violations, "endpointSecurity",
                         "The gateway of the environment %s does no digest authentication: use basic, with an https "
                         "endpoint, or choose environments of WSO2's gateways alone", own);
}

/* @text: NULL is allowed: the default. */
static void
check_word (GPtrArray *violations, const char *field, const char *text, const char *const *words)
{
  g_autofree char *all = NULL;

  if (text == NULL || is_one_of (text, words))
    return;
  all = g_strjoinv (", ", (char **)words);
  core_violations_add (violations, field, "%s is none of %s", text, all);
}

static void
check_words (const CoreApi *api, GPtrArray *violations)
{
  static const char *const types[] = { "HTTP", "WS", NULL };
  static const char *const visibilities[] = { "public", "private", "restricted", "controlled", NULL };
  static const char *const access[] = { "all", "restricted", NULL };
  static const char *const availabilities[] = { "current_tenant", "all_tenants", "specific_tenants", NULL };
  static const char *const transports[] = { "http", "https", NULL };

  check_word (violations, "type", api->type, types);
  check_word (violations, "visibility", api->visibility, visibilities);
  check_word (violations, "accessControl", api->access_control, access);
  check_word (violations, "subscriptionAvailability", api->subscription_availability, availabilities);
  if (g_strcmp0 (api->implementation, "ENDPOINT") != 0 && g_strcmp0 (api->implementation, "INLINE") != 0)
    core_violations_add (violations, "implementation", "Invalid Implementation Type.");
  for (guint i = 0; api->transports != NULL && api->transports[i] != NULL; i++)
    if (!is_one_of (api->transports[i], transports))
      core_violations_add (violations, "transport", "Unsupported Transport [%s]", api->transports[i]);
  if (g_strcmp0 (api->visibility, "restricted") == 0
      && (api->visible_roles == NULL || api->visible_roles[0] == NULL))
    core_violations_add (violations, "visibleRoles", "An API of restricted visibility needs roles");
  if (g_strcmp0 (api->access_control, "restricted") == 0
      && (api->access_control_roles == NULL || api->access_control_roles[0] == NULL))
    core_violations_add (violations, "accessControlRoles", "An API of restricted access control needs roles");
}

/* A file name of sequences becomes part of a path on gateways. */
static void
check_file_name (GPtrArray *violations, const char *field, const char *name)
{
  if (!is_empty (name)
      && (name[0] == '.' || strpbrk (name, "/\\:*?\"<>|") != NULL || has_control_character (name)
          || strlen (name) > 200))
    core_violations_add (violations, field, "The name cannot be a file's name");
}

static void
check_url (GPtrArray *violations, const char *field, const char *url)
{
  g_autoptr (GUri) uri = NULL;

  if (is_empty (url))
    return;
  core_violations_check_text (violations, field, url, 1024);
  /* A WSDL may also stand in the registry, under a path. */
  uri = url[0] != '/' ? g_uri_parse (url, G_URI_FLAGS_NONE, NULL) : NULL;
  if (has_control_character (url)
      || (url[0] != '/'
          && (uri == NULL
              || (strcmp (g_uri_get_scheme (uri), "http") != 0
                  && strcmp (g_uri_get_scheme (uri), "https") != 0))))
    core_violations_add (violations, field, "It is not an http or https URL");
}

static void
check_environments (const CoreApi *api, const CoreApiSurroundings *around, GPtrArray *violations)
{
  for (guint i = 0; api->environments != NULL && around->environments != NULL && api->environments[i] != NULL;
       i++)
    if (!is_one_of (api->environments[i], around->environments))
      core_violations_add (violations, "gatewayEnvironments", "There is no gateway environment %s",
                           api->environments[i]);
}

static void
check_json_object (GPtrArray *violations, const char *field, const char *text)
{
  g_autoptr (CoreJson) json = text != NULL ? core_json_parse (text, strlen (text), NULL) : NULL;

  if (text != NULL && json == NULL)
    core_violations_add (violations, field, "It is not a JSON object");
}

void
core_api_check_file_names (const CoreApi *api, GPtrArray *violations)
{
  gsize names = (api->name != NULL ? strlen (api->name) : 0) + (api->version != NULL ? strlen (api->version) : 0);
  g_autofree char *provider = core_api_provider_encode (api->provider != NULL ? api->provider : "");

  if (names + strlen (provider) + strlen ("--" "_v" ".xml") > MAX_FILE_NAME
      || names + strlen ("--v" "_APIproductionEndpoint" ".xml") > MAX_FILE_NAME)
    core_violations_add (violations, "name",
                         "The names of the API, its version and its provider are too long together: gateways name files "
                         "after them, which may have %d bytes", MAX_FILE_NAME);
}

void
core_api_check (const CoreApi *api, guint needs, const CoreApiSurroundings *around, GPtrArray *violations)
{
  core_api_check_name (api->name, violations);
  core_api_check_version (api->name, api->version, violations);
  core_api_check_context (api->name, api->context_template, violations);
  core_violations_check_text (violations, "description", api->description, CORE_API_MAX_DESCRIPTION);
  for (guint i = 0; api->tags != NULL && api->tags[i] != NULL; i++)
    core_violations_check_text (violations, "tags", api->tags[i], CORE_API_MAX_TAG);
  check_words (api, violations);
  check_tiers (api, needs, around, violations);
  check_resources (api, around, violations);
  check_scopes (api, violations);
  check_endpoint (api, needs, violations);
  check_file_name (violations, "sequences", api->in_sequence);
  check_file_name (violations, "sequences", api->out_sequence);
  check_file_name (violations, "sequences", api->fault_sequence);
  check_url (violations, "wsdlUri", api->wsdl_url);
  check_url (violations, "wadlUri", api->wadl_url);
  check_environments (api, around, violations);
  check_own_gateway (api, around, violations);
  check_json_object (violations, "additionalProperties", api->additional_properties);
  if (api->definition != NULL && strlen (api->definition) > CORE_API_MAX_DEFINITION)
    core_violations_add (violations, "apiDefinition", "The definition has more than %d bytes",
                         CORE_API_MAX_DEFINITION);
}
