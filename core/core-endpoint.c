#include "config.h"
#include "core/core-endpoint.h"

#include "core/core-json.h"

#include <string.h>

#define ROUND_ROBIN "org.apache.synapse.endpoints.algorithms.RoundRobin"

G_DEFINE_QUARK (core-endpoint-error-quark, core_endpoint_error)

typedef struct
{
  const char *word;
  int value;
} Word;

static gboolean refuse (GError **error, const char *place, const char *format, ...) G_GNUC_PRINTF (3, 4);

static gboolean
refuse (GError **error, const char *place, const char *format, ...)
{
  g_autofree char *why = NULL;
  va_list arguments;

  va_start (arguments, format);
  why = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (error, CORE_ENDPOINT_ERROR, CORE_ENDPOINT_ERROR_INVALID, "%s: %s", place, why);
  return FALSE;
}

static void
endpoint_free (CoreEndpoint *endpoint)
{
  g_free (endpoint->url);
  g_free (endpoint->format);
  g_free (endpoint->optimize);
  g_free (endpoint->suspend_error_codes);
  g_free (endpoint->suspend_factor);
  g_free (endpoint->retry_error_codes);
  g_free (endpoint);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CoreEndpoint, endpoint_free)

static void
side_free (CoreEndpointSide *side)
{
  if (side == NULL)
    return;
  g_ptr_array_unref (side->endpoints);
  g_free (side->wsdl_service);
  g_free (side->wsdl_port);
  g_free (side);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CoreEndpointSide, side_free)

void
core_endpoint_config_free (CoreEndpointConfig *config)
{
  if (config == NULL)
    return;
  side_free (config->production);
  side_free (config->sandbox);
  g_free (config->algorithm);
  g_free (config->session_type);
  g_free (config);
}

/* A text or a number as it is written; NULL: missing, null or "". */
static const char *
scalar (const CoreJsonNode *object, const char *name)
{
  const CoreJsonNode *node = core_json_member (object, name);
  const char *text = core_json_string (node);

  if (text == NULL)
    text = core_json_number (node);
  return text != NULL && *text != '\0' ? text : NULL;
}

static gboolean
read_number (const CoreJsonNode *config, const char *place, const char *name, gint64 *value, GError **error)
{
  const char *text = scalar (config, name);

  *value = -1;
  if (text == NULL || g_ascii_string_to_signed (text, 10, 0, G_MAXINT, value, NULL))
    return TRUE;
  return refuse (error, place, "config/%s is not a whole number from 0 to %d", name, G_MAXINT);
}

/* A factor such as 1.5: digits with at most one point. */
static gboolean
read_factor (const CoreJsonNode *config, const char *place, char **factor, GError **error)
{
  const char *text = scalar (config, "factor"), *point;
  gsize digits;

  if (text == NULL)
    return TRUE;
  digits = strspn (text, "0123456789");
  point = text + digits;
  if (*point == '.')
    point += 1 + strspn (point + 1, "0123456789");
  if (digits == 0 || *point != '\0' || strlen (text) > 16)
    return refuse (error, place, "config/factor is not a number such as 1.5");
  *factor = g_strdup (text);
  return TRUE;
}

static gboolean
append_code (GString *codes, const char *code)
{
  gint64 number;

  if (code == NULL || !g_ascii_string_to_signed (code, 10, -1, G_MAXINT, &number, NULL))
    return FALSE;
  g_string_append_printf (codes, "%s%" G_GINT64_FORMAT, codes->len > 0 ? "," : "", number);
  return TRUE;
}

/* A list of codes, as numbers or texts; one text with commas in it counts as well. */
static gboolean
read_codes (const CoreJsonNode *config, const char *place, const char *name, char **codes, GError **error)
{
  const CoreJsonNode *list = core_json_member (config, name);
  g_autoptr (GString) text = g_string_new (NULL);
  gboolean good = TRUE;

  if (list != NULL && core_json_type (list) == CORE_JSON_ARRAY)
    for (const CoreJsonNode *node = core_json_first (list); node != NULL && good;
         node = core_json_next (node))
      good = append_code (text, core_json_string (node) != NULL ? core_json_string (node)
                                                                : core_json_number (node));
  else if (scalar (config, name) != NULL)
    {
      g_auto (GStrv) parts = g_strsplit (scalar (config, name), ",", -1);

      for (guint i = 0; parts[i] != NULL && good; i++)
        good = append_code (text, g_strstrip (parts[i]));
    }
  if (!good)
    return refuse (error, place, "config/%s is not a list of error codes", name);
  if (text->len > 0)
    *codes = g_string_free (g_steal_pointer (&text), FALSE);
  return TRUE;
}

/* The word in the table, without case; -1: none. */
static int
find_word (const Word *words, const char *text)
{
  for (; words->word != NULL; words++)
    if (g_ascii_strcasecmp (words->word, text) == 0)
      return words->value;
  return -1;
}

static gboolean
read_timeout (CoreEndpoint *endpoint, const CoreJsonNode *config, const char *place, GError **error)
{
  static const Word actions[] = { { "fault", CORE_ENDPOINT_TIMEOUT_FAULT },
                                  { "discard", CORE_ENDPOINT_TIMEOUT_DISCARD },
                                  { "neverTimeout", CORE_ENDPOINT_TIMEOUT_NEVER },
                                  { NULL, 0 } };
  const char *action = scalar (config, "actionSelect");
  int value = action != NULL ? find_word (actions, action) : CORE_ENDPOINT_TIMEOUT_STANDARD;

  if (value < 0)
    return refuse (error, place, "config/actionSelect must be fault, discard or neverTimeout");
  endpoint->timeout = (CoreEndpointTimeout)value;
  return read_number (config, place, "actionDuration", &endpoint->timeout_ms, error);
}

/* One of @words (blank-separated), or "leave-as-is", which means nothing. */
static gboolean
read_address_word (const CoreJsonNode *config, const char *place, const char *name, const char *const *words,
                   char **value, GError **error)
{
  const char *text = scalar (config, name);

  if (text == NULL || strcmp (text, "leave-as-is") == 0)
    return TRUE;
  if (!g_strv_contains (words, text))
    return refuse (error, place, "config/%s is none of the words that are known", name);
  *value = g_strdup (text);
  return TRUE;
}

static gboolean
read_config (CoreEndpoint *endpoint, const CoreJsonNode *config, const char *place, GError **error)
{
  static const char *const formats[] = { "soap11", "soap12", "pox", "get", "rest", "GET", NULL };
  static const char *const optimizations[] = { "mtom", "swa", NULL };

  return read_timeout (endpoint, config, place, error)
         && read_codes (config, place, "suspendErrorCode", &endpoint->suspend_error_codes, error)
         && read_number (config, place, "suspendDuration", &endpoint->suspend_ms, error)
         && read_number (config, place, "suspendMaxDuration", &endpoint->suspend_max_ms, error)
         && read_factor (config, place, &endpoint->suspend_factor, error)
         && read_codes (config, place, "retryErroCode", &endpoint->retry_error_codes, error)
         && read_number (config, place, "retryTimeOut", &endpoint->retries, error)
         && read_number (config, place, "retryDelay", &endpoint->retry_delay_ms, error)
         && read_address_word (config, place, "format", formats, &endpoint->format, error)
         && read_address_word (config, place, "optimize", optimizations, &endpoint->optimize, error);
}

/* Something a gateway can send to: an absolute URL, or one whose beginning a sequence fills in
 * ({uri.var.host}). */
static gboolean
check_url (const char *url, gboolean http_only, const char *place, GError **error)
{
  g_autofree char *scheme = NULL;
  const char *behind;

  for (const char *c = url; *c != '\0'; c++)
    if ((guchar)*c <= 0x20 || *c == 0x7f)
      return refuse (error, place, "url holds blanks or control characters");
  if (!g_utf8_validate (url, -1, NULL))
    return refuse (error, place, "url is not UTF-8");
  if (g_str_has_prefix (url, "{uri.var."))
    return TRUE;
  scheme = g_uri_parse_scheme (url);
  if (scheme == NULL)
    return refuse (error, place, "url must begin with a scheme, such as https://");
  if (g_str_equal (scheme, "http") || g_str_equal (scheme, "https"))
    {
      behind = url + strlen (scheme) + 1;
      if (!g_str_has_prefix (behind, "//") || behind[2] == '\0' || strchr ("/?#:", behind[2]) != NULL)
        return refuse (error, place, "url names no host");
    }
  else if (http_only)
    return refuse (error, place, "url must begin with http:// or https://");
  return TRUE;
}

/* @type: of the whole configuration. NULL without @error: nothing is there. */
static CoreEndpoint *
read_endpoint (const CoreJsonNode *node, CoreEndpointType type, const char *place, GError **error)
{
  g_autoptr (CoreEndpoint) endpoint = g_new0 (CoreEndpoint, 1);
  const char *kind = scalar (node, "endpoint_type"), *url = scalar (node, "url");

  if (core_json_type (node) != CORE_JSON_OBJECT || (url == NULL && type != CORE_ENDPOINT_DEFAULT))
    return NULL;
  endpoint->is_address = type == CORE_ENDPOINT_ADDRESS
                         || ((type == CORE_ENDPOINT_LOAD_BALANCE || type == CORE_ENDPOINT_FAILOVER)
                             && kind != NULL && strcmp (kind, "address") == 0);
  if (type != CORE_ENDPOINT_DEFAULT)
    {
      if (!check_url (url, !endpoint->is_address && type != CORE_ENDPOINT_WSDL, place, error))
        return NULL;
      endpoint->url = g_strdup (url);
    }
  if (!read_config (endpoint, core_json_member (node, "config"), place, error))
    return NULL;
  return g_steal_pointer (&endpoint);
}

static gboolean
add_endpoint (CoreEndpointSide *side, const CoreJsonNode *node, CoreEndpointType type, const char *place,
              GError **error)
{
  GError *problem = NULL;
  CoreEndpoint *endpoint = read_endpoint (node, type, place, &problem);

  if (problem != NULL)
    {
      g_propagate_error (error, problem);
      return FALSE;
    }
  if (endpoint != NULL)
    g_ptr_array_add (side->endpoints, endpoint);
  if (side->endpoints->len > CORE_ENDPOINT_MAX_CHILDREN)
    return refuse (error, place, "there are more than %d endpoints", CORE_ENDPOINT_MAX_CHILDREN);
  return TRUE;
}

/* @node (nullable): a list, or one. */
static gboolean
add_endpoints (CoreEndpointSide *side, const CoreJsonNode *node, CoreEndpointType type, const char *place,
               GError **error)
{
  guint n = 0;

  if (node == NULL || core_json_type (node) != CORE_JSON_ARRAY)
    return node == NULL || add_endpoint (side, node, type, place, error);
  for (node = core_json_first (node); node != NULL; node = core_json_next (node), n++)
    {
      g_autofree char *at = g_strdup_printf ("%s[%u]", place, n);

      if (!add_endpoint (side, node, type, at, error))
        return FALSE;
    }
  return TRUE;
}

/* @kind: "production" or "sandbox". *@side stays NULL where it has no endpoint. */
static gboolean
read_side (CoreEndpointSide **side, const CoreJsonNode *root, CoreEndpointType type, const char *kind,
           GError **error)
{
  g_autoptr (CoreEndpointSide) read = g_new0 (CoreEndpointSide, 1);
  g_autofree char *place = g_strconcat (kind, "_endpoints", NULL);
  g_autofree char *others = g_strconcat (kind, "_failovers", NULL);
  gboolean sandbox = strcmp (kind, "sandbox") == 0;

  read->endpoints = g_ptr_array_new_with_free_func ((GDestroyNotify)endpoint_free);
  read->wsdl_service
      = g_strdup (scalar (root, sandbox ? "wsdlendpointServiceSandbox" : "wsdlendpointService"));
  read->wsdl_port = g_strdup (scalar (root, sandbox ? "wsdlendpointPortSandbox" : "wsdlendpointPort"));
  if (!add_endpoints (read, core_json_member (root, place), type, place, error))
    return FALSE;
  /* Without a primary the others are no side: the first of them would silently become one. */
  if (type == CORE_ENDPOINT_FAILOVER && read->endpoints->len > 0
      && !add_endpoints (read, core_json_member (root, others), type, others, error))
    return FALSE;
  if (type != CORE_ENDPOINT_LOAD_BALANCE && type != CORE_ENDPOINT_FAILOVER && read->endpoints->len > 1)
    return refuse (error, place, "there may be only one endpoint of this type");
  if (read->endpoints->len > 0)
    *side = g_steal_pointer (&read);
  return TRUE;
}

/* The Publisher's "transport" is what Synapse calls http. */
static gboolean
read_load_balance (CoreEndpointConfig *config, const CoreJsonNode *root, GError **error)
{
  static const char *const sessions[] = { "http", "transport", "soap", "simpleClientSession", NULL };
  const char *algorithm = scalar (root, "algoClassName"), *session = scalar (root, "sessionManagement");
  const char *fail_over = scalar (root, "failOver");

  config->tries_others = fail_over == NULL || strcmp (fail_over, "False") != 0;
  config->algorithm = g_strdup (algorithm != NULL ? algorithm : ROUND_ROBIN);
  if (!g_regex_match_simple ("\\A[A-Za-z_$][A-Za-z0-9_$.]{0,254}\\z", config->algorithm, 0, 0))
    return refuse (error, "algoClassName", "it is not the name of a class");
  if (session != NULL && strcmp (session, "none") != 0)
    {
      if (!g_strv_contains (sessions, session))
        return refuse (error, "sessionManagement", "it must be none, transport, soap or simpleClientSession");
      config->session_type = g_strdup (strcmp (session, "transport") == 0 ? "http" : session);
    }
  return read_number (root, "sessionTimeOut", "sessionTimeOut", &config->session_timeout, error);
}

static gboolean
read_type (CoreEndpointConfig *config, const CoreJsonNode *root, GError **error)
{
  static const Word types[] = { { "http", CORE_ENDPOINT_HTTP },
                                { "address", CORE_ENDPOINT_ADDRESS },
                                { "wsdl", CORE_ENDPOINT_WSDL },
                                { "load_balance", CORE_ENDPOINT_LOAD_BALANCE },
                                { "failover", CORE_ENDPOINT_FAILOVER },
                                { "default", CORE_ENDPOINT_DEFAULT },
                                { NULL, 0 } };
  const char *text = scalar (root, "endpoint_type");
  int type = text != NULL ? find_word (types, text) : CORE_ENDPOINT_HTTP;

  if (type < 0)
    return refuse (error, "endpoint_type",
                   "it must be http, address, wsdl, load_balance, failover or default");
  config->type = (CoreEndpointType)type;
  return TRUE;
}

CoreEndpointConfig *
core_endpoint_config_parse (const char *json, GError **error)
{
  g_autoptr (CoreEndpointConfig) config = g_new0 (CoreEndpointConfig, 1);
  g_autoptr (GError) problem = NULL;
  g_autoptr (CoreJson) parsed = core_json_parse (json, strlen (json), &problem);
  const CoreJsonNode *root;

  if (parsed == NULL)
    {
      refuse (error, "endpointConfig", "%s", problem->message);
      return NULL;
    }
  root = core_json_root (parsed);
  if (!read_type (config, root, error)
      || !read_side (&config->production, root, config->type, "production", error)
      || !read_side (&config->sandbox, root, config->type, "sandbox", error)
      || (config->type == CORE_ENDPOINT_LOAD_BALANCE && !read_load_balance (config, root, error)))
    return NULL;
  if (config->production == NULL && config->sandbox == NULL)
    {
      refuse (error, "endpointConfig", "it names neither a production nor a sandbox endpoint");
      return NULL;
    }
  return g_steal_pointer (&config);
}
