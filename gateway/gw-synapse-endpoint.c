/* <endpoint> (spec/gateway-and-traffic-manager.md 1.6, 5.3). */
#include "config.h"
#include "gateway/gw-sticky.h"
#include "gateway/gw-synapse-private.h"

#include <string.h>

/* How the token APIs begin their address (4). */
#define KEY_MANAGER_ORIGIN "https://{" GW_PROPERTY_VARIABLE_HOST "}:{" GW_PROPERTY_VARIABLE_PORT "}"
#define LARGEST_WEIGHT 1000
#define LONGEST_MS (7 * 24 * 3600 * G_GINT64_CONSTANT (1000))

static gboolean
read_codes (const GwSynapse *synapse, xmlNode *node, GwCodes *codes, GError **error)
{
  g_autofree char *text = gw_synapse_text (node);
  g_auto (GStrv) words = g_strsplit_set (text, ", \t\r\n", -1);

  for (char **word = words; *word != NULL; word++)
    {
      gint64 code;

      if (**word == '\0')
        continue;
      if (codes->n == GW_ENDPOINT_MAX_CODES || !g_ascii_string_to_signed (*word, 10, -1, 999999, &code, NULL))
        return apim_xml_fail (synapse->xml, node, error, "is no list of at most %d error codes",
                              GW_ENDPOINT_MAX_CODES);
      codes->codes[codes->n++] = (gint32)code;
    }
  return TRUE;
}

static gboolean
read_timeout (const GwSynapse *synapse, xmlNode *node, GwEndpoint *endpoint, GError **error)
{
  endpoint->gives_up_silently = TRUE;
  for (xmlNode *child = gw_synapse_next (node, NULL); child != NULL; child = gw_synapse_next (node, child))
    {
      if (gw_synapse_is (child, "duration"))
        {
          if (!gw_synapse_number (synapse, child, 0, LONGEST_MS, &endpoint->timeout_ms, error))
            return FALSE;
          if (endpoint->timeout_ms == 0)
            endpoint->timeout_ms = GW_ENDPOINT_TIMEOUT_MS;
        }
      else if (gw_synapse_is (child, "responseAction") || gw_synapse_is (child, "action"))
        endpoint->gives_up_silently = FALSE;
      else
        return gw_synapse_refuse (synapse, child, error);
    }
  return TRUE;
}

static gboolean
read_factor (const GwSynapse *synapse, xmlNode *node, double *factor, GError **error)
{
  g_autofree char *text = gw_synapse_text (node);
  char *end;

  *factor = g_ascii_strtod (text, &end);
  if (*text != '\0' && *end == '\0' && *factor >= 0 && *factor <= 1000)
    return TRUE;
  return apim_xml_fail (synapse->xml, node, error, "is not a factor from 0 to 1000");
}

static gboolean
read_suspension (const GwSynapse *synapse, xmlNode *node, GwEndpoint *endpoint, GError **error)
{
  gboolean done = TRUE;

  for (xmlNode *child = gw_synapse_next (node, NULL); child != NULL && done;
       child = gw_synapse_next (node, child))
    if (gw_synapse_is (child, "errorCodes"))
      done = read_codes (synapse, child, &endpoint->suspend, error);
    else if (gw_synapse_is (child, "initialDuration"))
      done = gw_synapse_number (synapse, child, -1, LONGEST_MS, &endpoint->suspend_ms, error);
    else if (gw_synapse_is (child, "maximumDuration"))
      done = gw_synapse_number (synapse, child, 0, LONGEST_MS, &endpoint->suspend_most_ms, error);
    else if (gw_synapse_is (child, "progressionFactor"))
      done = read_factor (synapse, child, &endpoint->factor, error);
    else
      done = gw_synapse_refuse (synapse, child, error);
  return done;
}

static gboolean
read_mark (const GwSynapse *synapse, xmlNode *node, GwEndpoint *endpoint, GError **error)
{
  gboolean done = TRUE;
  gint64 retries = 0;

  for (xmlNode *child = gw_synapse_next (node, NULL); child != NULL && done;
       child = gw_synapse_next (node, child))
    if (gw_synapse_is (child, "errorCodes"))
      done = read_codes (synapse, child, &endpoint->mark, error);
    else if (gw_synapse_is (child, "retriesBeforeSuspension"))
      done = gw_synapse_number (synapse, child, 0, 1000, &retries, error);
    else if (gw_synapse_is (child, "retryDelay"))
      done = gw_synapse_number (synapse, child, 0, LONGEST_MS, &endpoint->retry_delay_ms, error);
    else
      done = gw_synapse_refuse (synapse, child, error);
  endpoint->retries = (guint)retries;
  return done;
}

/* <http>, <address>, <default>. */
static gboolean
read_definition (const GwSynapse *synapse, xmlNode *node, GwEndpoint *endpoint, GError **error)
{
  gboolean done = TRUE;

  for (xmlNode *child = gw_synapse_next (node, NULL); child != NULL && done;
       child = gw_synapse_next (node, child))
    if (gw_synapse_is (child, "timeout"))
      done = read_timeout (synapse, child, endpoint, error);
    else if (gw_synapse_is (child, "suspendOnFailure"))
      done = read_suspension (synapse, child, endpoint, error);
    else if (gw_synapse_is (child, "markForSuspension"))
      done = read_mark (synapse, child, endpoint, error);
    else
      done = gw_synapse_refuse (synapse, child, error);
  return done;
}

static gboolean
set_url (const GwSynapse *synapse, xmlNode *node, const char *url, GwEndpoint *endpoint, GError **error)
{
  g_autoptr (GError) inner = NULL;

  if (gw_endpoint_set_url (endpoint, url, &inner))
    return TRUE;
  return apim_xml_fail (synapse->xml, node, error, "%s", inner->message);
}

static GwEndpoint *
read_http_at (const GwSynapse *synapse, xmlNode *node, const char *url, GError **error)
{
  static const char *const known[] = { "uri-template", "method", NULL };
  g_autoptr (GwEndpoint) endpoint = gw_endpoint_new (GW_ENDPOINT_HTTP);

  endpoint->method = gw_synapse_attribute (node, "method");
  if (!gw_synapse_check_attributes (synapse, node, known, error) || !set_url (synapse, node, url, endpoint, error)
      || !read_definition (synapse, node, endpoint, error))
    return NULL;
  if (endpoint->method != NULL)
    for (char *at = endpoint->method; *at != '\0'; at++)
      *at = g_ascii_toupper (*at);
  return g_steal_pointer (&endpoint);
}

static gboolean
has_suspension (xmlNode *node)
{
  for (xmlNode *child = gw_synapse_next (node, NULL); child != NULL; child = gw_synapse_next (node, child))
    if (gw_synapse_is (child, "suspendOnFailure") || gw_synapse_is (child, "markForSuspension"))
      return TRUE;
  return FALSE;
}

/* The shipped files say nothing of it, which to the engine means that one broken connection keeps everybody from tokens for
 * 30 seconds. Here a Key Manager is left alone for a moment only, when it takes no connection: nothing that a consumer
 * sends brings that about. */
static void
suspend_key_manager (GwEndpoint *endpoint)
{
  endpoint->suspend = (GwCodes){ 1, { GW_ERROR_CONNECT } };
  endpoint->suspend_ms = GW_ENDPOINT_KEY_MANAGER_SUSPEND_MS;
  endpoint->mark = (GwCodes){ 1, { GW_ENDPOINT_NEVER } };
}

/* @path: what follows host and port. */
static GwEndpoint *
read_http_at_manager (const GwSynapse *synapse, xmlNode *node, const GwKeyManager *manager, const char *path,
                      GError **error)
{
  gboolean brackets = strchr (manager->host, ':') != NULL;
  g_autofree char *url = g_strdup_printf ("https://%s%s%s:%u%s", brackets ? "[" : "", manager->host,
                                          brackets ? "]" : "", manager->port, path);
  GwEndpoint *endpoint = read_http_at (synapse, node, url, error);

  if (endpoint == NULL)
    return NULL;
  endpoint->is_key_manager = TRUE;
  if (!has_suspension (node))
    suspend_key_manager (endpoint);
  return endpoint;
}

/* gw-synapse.h says why the variables are filled in here. */
static GwEndpoint *
read_http_at_managers (const GwSynapse *synapse, xmlNode *node, const char *path, GError **error)
{
  g_autoptr (GwEndpoint) group = NULL;
  const GPtrArray *managers;

  if (!synapse->host_is_key_manager || !synapse->port_is_key_manager || synapse->address_varies)
    {
      apim_xml_fail (synapse->xml, node, error,
                     "of addresses with variables in them this gateway knows those of its Key Manager "
                     "only: %s must be get-property('%s'), %s get-property('%s'), and nothing else",
                     GW_PROPERTY_VARIABLE_HOST, GW_PROPERTY_KEY_MANAGER_HOST, GW_PROPERTY_VARIABLE_PORT,
                     GW_PROPERTY_KEY_MANAGER_PORT);
      return NULL;
    }
  managers = synapse->keys->key_managers;
  if (managers == NULL)
    {
      apim_xml_fail (synapse->xml, node, error, "this gateway knows no Key Manager (APIKeyValidator/ServerURL)");
      return NULL;
    }
  if (managers->len == 1)
    return read_http_at_manager (synapse, node, managers->pdata[0], path, error);
  group = gw_endpoint_new (GW_ENDPOINT_FAILOVER);
  group->children = g_ptr_array_new_with_free_func ((GDestroyNotify)gw_endpoint_unref);
  for (guint i = 0; i < managers->len; i++)
    {
      GwEndpoint *child = read_http_at_manager (synapse, node, managers->pdata[i], path, error);

      if (child == NULL)
        return NULL;
      g_ptr_array_add (group->children, child);
    }
  return g_steal_pointer (&group);
}

static GwEndpoint *
read_http (const GwSynapse *synapse, xmlNode *node, GError **error)
{
  g_autofree char *url = gw_synapse_attribute (node, "uri-template");

  if (url != NULL && g_str_has_prefix (url, KEY_MANAGER_ORIGIN "/"))
    return read_http_at_managers (synapse, node, url + strlen (KEY_MANAGER_ORIGIN), error);
  return read_http_at (synapse, node, url, error);
}

/* A format that would have the message written anew. */
static gboolean
changes_message (xmlNode *node)
{
  g_autofree char *format = gw_synapse_attribute (node, "format");
  g_autofree char *optimize = gw_synapse_attribute (node, "optimize");

  return (format != NULL && g_ascii_strcasecmp (format, "leave-as-is") != 0
          && g_ascii_strcasecmp (format, "rest") != 0)
         || (optimize != NULL && g_ascii_strcasecmp (optimize, "leave-as-is") != 0);
}

static GwEndpoint *
read_address (const GwSynapse *synapse, xmlNode *node, GError **error)
{
  static const char *const known[] = { "uri", "format", "optimize", NULL };
  g_autoptr (GwEndpoint) endpoint = gw_endpoint_new (GW_ENDPOINT_ADDRESS);
  g_autofree char *url = gw_synapse_attribute (node, "uri");

  if (changes_message (node))
    {
      apim_xml_fail (
          synapse->xml, node, error,
          "this gateway sends messages on as they are; it does not convert them (format, optimize)");
      return NULL;
    }
  if (!gw_synapse_check_attributes (synapse, node, known, error)
      || !set_url (synapse, node, url, endpoint, error)
      || !read_definition (synapse, node, endpoint, error))
    return NULL;
  return g_steal_pointer (&endpoint);
}

static GwEndpoint *
read_default (const GwSynapse *synapse, xmlNode *node, GError **error)
{
  static const char *const known[] = { "format", "optimize", NULL };
  g_autoptr (GwEndpoint) endpoint = gw_endpoint_new (GW_ENDPOINT_DEFAULT);

  if (!gw_synapse_check_attributes (synapse, node, known, error)
      || !read_definition (synapse, node, endpoint, error))
    return NULL;
  return g_steal_pointer (&endpoint);
}

static gboolean
read_children (GwSynapse *synapse, xmlNode *node, GwEndpoint *group, GError **error)
{
  group->children = g_ptr_array_new_with_free_func ((GDestroyNotify)gw_endpoint_unref);
  for (xmlNode *child = gw_synapse_next (node, NULL); child != NULL; child = gw_synapse_next (node, child))
    {
      GwEndpoint *endpoint;

      if (!gw_synapse_is (child, "endpoint"))
        return gw_synapse_refuse (synapse, child, error);
      if (group->children->len == GW_ENDPOINT_MAX_CHILDREN)
        return apim_xml_fail (synapse->xml, child, error, "a group has at most %d endpoints",
                              GW_ENDPOINT_MAX_CHILDREN);
      endpoint = gw_synapse_endpoint (synapse, child, error);
      if (endpoint == NULL)
        return FALSE;
      g_ptr_array_add (group->children, endpoint);
      if (endpoint->sticky)
        return apim_xml_fail (synapse->xml, child, error, "has sessions, and stands in another group");
    }
  if (group->children->len > 0)
    return TRUE;
  return apim_xml_fail (synapse->xml, node, error, "has no endpoint in it");
}

static GwEndpoint *
read_failover (GwSynapse *synapse, xmlNode *node, GError **error)
{
  static const char *const known[] = { "dynamic", "buildMessage", NULL };
  g_autoptr (GwEndpoint) group = gw_endpoint_new (GW_ENDPOINT_FAILOVER);

  if (!gw_synapse_check_attributes (synapse, node, known, error)
      || !read_children (synapse, node, group, error))
    return NULL;
  return g_steal_pointer (&group);
}

static void
weigh (GwEndpoint *group)
{
  group->weights = g_new (guint, group->children->len);
  for (guint i = 0; i < group->children->len; i++)
    group->weights[i] = MAX (((const GwEndpoint *) group->children->pdata[i])->weight, 1);
}

static GwEndpoint *
read_load_balance (GwSynapse *synapse, xmlNode *node, GError **error)
{
  static const char *const known[] = { "algorithm", "policy", "failover", "buildMessage", NULL };
  g_autoptr (GwEndpoint) group = gw_endpoint_new (GW_ENDPOINT_LOAD_BALANCE);
  g_autofree char *algorithm = gw_synapse_attribute (node, "algorithm");
  g_autofree char *failover = gw_synapse_attribute (node, "failover");

  group->failover = failover == NULL || g_ascii_strcasecmp (failover, "false") != 0;
  if (algorithm != NULL && !g_str_has_suffix (algorithm, ".RoundRobin")
      && !g_str_has_suffix (algorithm, ".WeightedRoundRobin"))
    {
      apim_xml_fail (synapse->xml, node, error,
                     "this gateway knows no other algorithms than RoundRobin and WeightedRoundRobin");
      return NULL;
    }
  if (!gw_synapse_check_attributes (synapse, node, known, error)
      || !read_children (synapse, node, group, error))
    return NULL;
  if (algorithm != NULL && g_str_has_suffix (algorithm, ".WeightedRoundRobin"))
    weigh (group);
  return g_steal_pointer (&group);
}

/* The definition inside <endpoint>: exactly one. */
static GwEndpoint *
read_kind (GwSynapse *synapse, xmlNode *node, GError **error)
{
  if (gw_synapse_is (node, "http"))
    return read_http (synapse, node, error);
  if (gw_synapse_is (node, "address"))
    return read_address (synapse, node, error);
  if (gw_synapse_is (node, "default"))
    return read_default (synapse, node, error);
  if (gw_synapse_is (node, "failover"))
    return read_failover (synapse, node, error);
  if (gw_synapse_is (node, "loadbalance"))
    return read_load_balance (synapse, node, error);
  gw_synapse_refuse (synapse, node, error);
  return NULL;
}

/* <session type="...">: which child goes on with a client. */
static gboolean
read_session (const GwSynapse *synapse, xmlNode *node, gboolean *sticky, GError **error)
{
  g_autofree char *type = gw_synapse_attribute (node, "type");

  if (g_strcmp0 (type, "http") != 0)
    return apim_xml_fail (synapse->xml, node, error,
                          "this gateway keeps no other sessions than those of the type \"http\" (a cookie; the "
                          "Publisher calls it transport)");
  *sticky = TRUE;
  return TRUE;
}

static GwEndpoint *
by_key (const GwSynapse *synapse, xmlNode *node, const char *key, GError **error)
{
  GwEndpoint *endpoint = synapse->keys->endpoint (synapse->keys->data, key);

  if (endpoint == NULL)
    apim_xml_fail (synapse->xml, node, error, "there is no endpoint named \"%s\" in the folder endpoints",
                   key);
  return endpoint;
}

/* A session belongs to the outermost group: only there it is known which call goes where. */
static gboolean
make_sticky (const GwSynapse *synapse, xmlNode *node, GwEndpoint *endpoint, GError **error)
{
  if (endpoint->kind != GW_ENDPOINT_LOAD_BALANCE || synapse->groups > 1)
    return apim_xml_fail (synapse->xml, node, error,
                          "this gateway knows sessions of a loadbalance that stands in no other group");
  gw_sticky_init (endpoint);
  return TRUE;
}

/* What <endpoint> holds beside the definition. */
typedef struct
{
  gboolean sticky;
  guint weight; /* 0: not said */
} Extras;

/* Of an endpoint's properties one says how often it has its turn; the others (ENDPOINT_ADDRESS) are for statistics. */
static gboolean
read_property (const GwSynapse *synapse, xmlNode *node, Extras *extras, GError **error)
{
  g_autofree char *name = gw_synapse_attribute (node, "name");
  g_autofree char *value = gw_synapse_attribute (node, "value");
  guint64 weight;

  if (g_strcmp0 (name, "loadbalance.weight") != 0)
    return TRUE;
  if (value == NULL || !g_ascii_string_to_unsigned (value, 10, 1, LARGEST_WEIGHT, &weight, NULL))
    return apim_xml_fail (synapse->xml, node, error, "is not a weight from 1 to %d", LARGEST_WEIGHT);
  extras->weight = (guint) weight;
  return TRUE;
}

/* *is_one: whether it is anything but a definition. */
static gboolean
read_extra (const GwSynapse *synapse, xmlNode *node, Extras *extras, gboolean *is_one, GError **error)
{
  *is_one = TRUE;
  if (gw_synapse_is (node, "property"))
    return read_property (synapse, node, extras, error);
  if (gw_synapse_is (node, "session"))
    return read_session (synapse, node, &extras->sticky, error);
  *is_one = gw_synapse_is (node, "description");
  return TRUE;
}

static GwEndpoint *
read_inline (GwSynapse *synapse, xmlNode *node, GError **error)
{
  g_autoptr (GwEndpoint) endpoint = NULL;
  Extras extras = { FALSE, 0 };
  gboolean is_extra;

  for (xmlNode *child = gw_synapse_next (node, NULL); child != NULL; child = gw_synapse_next (node, child))
    {
      if (!read_extra (synapse, child, &extras, &is_extra, error))
        return NULL;
      if (is_extra)
        continue;
      if (endpoint != NULL)
        {
          apim_xml_fail (synapse->xml, child, error, "is a second definition in one endpoint");
          return NULL;
        }
      endpoint = read_kind (synapse, child, error);
      if (endpoint == NULL)
        return NULL;
    }
  if (endpoint == NULL)
    {
      apim_xml_fail (synapse->xml, node, error, "is empty");
      return NULL;
    }
  endpoint->name = gw_synapse_attribute (node, "name");
  endpoint->weight = extras.weight;
  if (extras.sticky && !make_sticky (synapse, node, endpoint, error))
    return NULL;
  return g_steal_pointer (&endpoint);
}

GwEndpoint *
gw_synapse_endpoint (GwSynapse *synapse, xmlNode *node, GError **error)
{
  static const char *const known[] = { "name", "key", "xmlns", NULL };
  g_autofree char *key = gw_synapse_attribute (node, "key");
  GwEndpoint *endpoint;

  if (!gw_synapse_check_attributes (synapse, node, known, error))
    return NULL;
  if (key != NULL)
    return by_key (synapse, node, key, error);
  if (synapse->groups == GW_ENDPOINT_MAX_DEPTH)
    {
      apim_xml_fail (synapse->xml, node, error, "groups of endpoints stand in each other more than %d deep",
                     GW_ENDPOINT_MAX_DEPTH);
      return NULL;
    }
  synapse->groups++;
  endpoint = read_inline (synapse, node, error);
  synapse->groups--;
  return endpoint;
}
