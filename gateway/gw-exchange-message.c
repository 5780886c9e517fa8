/* What sequences see of a message: its headers and the properties that the engine sets (1.2, 1.5, 1.6). */
#include "config.h"
#include "gateway/gw-exchange-private.h"

#define VARIABLE_PREFIX "uri.var."
#define PARAMETER_PREFIX "query.param."

typedef GwText (*Read) (GwExchange *exchange);

static GwText
text_of (const char *text)
{
  return (GwText){ text, text != NULL ? strlen (text) : 0 };
}

static GwText
gw_text (NetHttpText text)
{
  return (GwText){ text.text, text.length };
}

static GwText
text_of_info (TwText text)
{
  return (GwText){ text.bytes, text.length };
}

/* Of an authenticated call. */
#define INFO(name, field)                                                                                            \
  static GwText name (GwExchange *exchange)                                                                          \
  {                                                                                                                  \
    return exchange->auth.info != NULL ? text_of_info (exchange->auth.info->field) : text_of (NULL);                 \
  }

INFO (read_key_type, type)
INFO (read_end_user_jwt, end_user_token)
INFO (read_user, end_user_name)
INFO (read_consumer_key, consumer_key)
INFO (read_application_name, application_name)
INFO (read_application_id, application_id)
INFO (read_publisher, api_publisher)

static GwText
read_time (GwExchange *exchange)
{
  if (exchange->time_text[0] == '\0')
    g_snprintf (exchange->time_text, sizeof exchange->time_text, "%" G_GINT64_FORMAT,
                net_worker_now_wall_ms (exchange->net_worker));
  return text_of (exchange->time_text);
}

static GwText
read_api_name (GwExchange *exchange)
{
  return text_of (exchange->api->name);
}

static GwText
read_base_name (GwExchange *exchange)
{
  return text_of (exchange->api->base_name);
}

static GwText
read_version (GwExchange *exchange)
{
  return text_of (exchange->api->version);
}

static GwText
read_context (GwExchange *exchange)
{
  return text_of (exchange->api->context);
}

static GwText
read_strategy (GwExchange *exchange)
{
  switch (exchange->api->version_type)
    {
    case GW_VERSION_CONTEXT:
      return text_of ("context");
    case GW_VERSION_URL:
      return text_of ("url");
    case GW_VERSION_NONE:
      break;
    }
  return text_of ("");
}

static GwText
read_target (GwExchange *exchange)
{
  return gw_text (exchange->target);
}

static GwText
read_postfix (GwExchange *exchange)
{
  return (GwText){ exchange->target.text + exchange->rest, exchange->target.length - exchange->rest };
}

static GwText
read_sub_path (GwExchange *exchange)
{
  GwText postfix = read_postfix (exchange);

  return postfix.length > 0 ? postfix : text_of ("/");
}

static GwText
read_resource (GwExchange *exchange)
{
  return text_of (exchange->resource != NULL ? gw_pattern_text (exchange->resource->pattern) : NULL);
}

static GwText
read_method (GwExchange *exchange)
{
  return gw_text (exchange->request.method);
}

static GwText
read_http_port (GwExchange *exchange)
{
  return text_of (exchange->service->http_port);
}

static GwText
read_https_port (GwExchange *exchange)
{
  return text_of (exchange->service->https_port);
}

static GwText
read_key_manager_host (GwExchange *exchange)
{
  const GwKeyManager *manager = exchange->service->settings.key_manager;

  return text_of (manager != NULL ? manager->host : NULL);
}

static GwText
read_key_manager_port (GwExchange *exchange)
{
  const GwService *service = exchange->service;

  return text_of (service->settings.key_manager != NULL ? service->key_manager_port : NULL);
}

static GwText
read_error_code (GwExchange *exchange)
{
  if (exchange->error == 0)
    return text_of (NULL);
  g_snprintf (exchange->error_text, sizeof exchange->error_text, "%d", exchange->error);
  return text_of (exchange->error_text);
}

static GwText
read_error_message (GwExchange *exchange)
{
  return text_of (exchange->error != 0 ? gw_fault_error_text (exchange->error) : NULL);
}

static GwText
read_peer (GwExchange *exchange)
{
  return text_of (net_conn_peer (exchange->conn));
}

static GwText
read_status (GwExchange *exchange)
{
  if (exchange->response == NULL)
    return text_of (NULL);
  g_snprintf (exchange->status_text, sizeof exchange->status_text, "%u", exchange->response->status);
  return text_of (exchange->status_text);
}

static struct
{
  const char *name;
  GwScope scope;
  Read read;
  GQuark quark; /* set once */
} properties[] = {
  { GW_PROPERTY_KEY_TYPE, GW_SCOPE_MESSAGE, read_key_type, 0 },
  { "SYSTEM_TIME", GW_SCOPE_MESSAGE, read_time, 0 },
  { GW_PROPERTY_END_USER_JWT, GW_SCOPE_MESSAGE, read_end_user_jwt, 0 },
  { "SYNAPSE_REST_API", GW_SCOPE_MESSAGE, read_api_name, 0 },
  { "SYNAPSE_REST_API_VERSION", GW_SCOPE_MESSAGE, read_version, 0 },
  { "SYNAPSE_REST_API_VERSION_STRATEGY", GW_SCOPE_MESSAGE, read_strategy, 0 },
  { "REST_API_CONTEXT", GW_SCOPE_MESSAGE, read_context, 0 },
  { "REST_FULL_REQUEST_PATH", GW_SCOPE_MESSAGE, read_target, 0 },
  { "REST_SUB_REQUEST_PATH", GW_SCOPE_MESSAGE, read_sub_path, 0 },
  { "REST_METHOD", GW_SCOPE_MESSAGE, read_method, 0 },
  { "api.ut.consumerKey", GW_SCOPE_MESSAGE, read_consumer_key, 0 },
  { "api.ut.userId", GW_SCOPE_MESSAGE, read_user, 0 },
  { "api.ut.context", GW_SCOPE_MESSAGE, read_context, 0 },
  { "api.ut.api", GW_SCOPE_MESSAGE, read_base_name, 0 },
  { "api.ut.api_version", GW_SCOPE_MESSAGE, read_api_name, 0 },
  { "api.ut.version", GW_SCOPE_MESSAGE, read_version, 0 },
  { "api.ut.resource", GW_SCOPE_MESSAGE, read_resource, 0 },
  { "api.ut.HTTP_METHOD", GW_SCOPE_MESSAGE, read_method, 0 },
  { "api.ut.apiPublisher", GW_SCOPE_MESSAGE, read_publisher, 0 },
  { "api.ut.application.name", GW_SCOPE_MESSAGE, read_application_name, 0 },
  { "api.ut.application.id", GW_SCOPE_MESSAGE, read_application_id, 0 },
  { "http.nio.port", GW_SCOPE_MESSAGE, read_http_port, 0 },
  { "https.nio.port", GW_SCOPE_MESSAGE, read_https_port, 0 },
  { GW_PROPERTY_KEY_MANAGER_HOST, GW_SCOPE_MESSAGE, read_key_manager_host, 0 },
  { GW_PROPERTY_KEY_MANAGER_PORT, GW_SCOPE_MESSAGE, read_key_manager_port, 0 },
  { "ERROR_CODE", GW_SCOPE_MESSAGE, read_error_code, 0 },
  { "ERROR_MESSAGE", GW_SCOPE_MESSAGE, read_error_message, 0 },
  { "REST_URL_POSTFIX", GW_SCOPE_AXIS2, read_postfix, 0 },
  { "HTTP_METHOD", GW_SCOPE_AXIS2, read_method, 0 },
  { "REMOTE_ADDR", GW_SCOPE_AXIS2, read_peer, 0 },
  { "HTTP_SC", GW_SCOPE_AXIS2, read_status, 0 },
};

static void
make_quarks (void)
{
  static gsize made;

  if (!g_once_init_enter (&made))
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (properties); i++)
    properties[i].quark = g_quark_from_static_string (properties[i].name);
  g_once_init_leave (&made, 1);
}

/* As it stands in the request, undecoded: what is put into another URL must not change its meaning. */
static GwText
find_variable (const GwExchange *exchange, const char *name)
{
  for (guint i = 0; i < exchange->variables.n; i++)
    if (strcmp (exchange->variables.variables[i].name, name) == 0)
      return (GwText){ exchange->variables.variables[i].value, exchange->variables.variables[i].length };
  return text_of (NULL);
}

static GwText
find_parameter (const GwExchange *exchange, const char *name)
{
  const char *at = exchange->query.text, *end = at + exchange->query.length;
  gsize length = strlen (name);

  while (at < end)
    {
      const char *next = memchr (at, '&', (gsize) (end - at));
      const char *stop = next != NULL ? next : end;

      if ((gsize) (stop - at) > length && at[length] == '=' && memcmp (at, name, length) == 0)
        return (GwText){ at + length + 1, (gsize) (stop - at) - length - 1 };
      at = stop + 1;
    }
  return text_of (NULL);
}

gboolean
gw_exchange_shows_token (const GwExchange *exchange)
{
  return (exchange->api->chain.handlers & GW_HANDLER_AUTHENTICATION) == 0
         || gw_credentials_keeps_header (&exchange->service->settings.credentials, exchange->api);
}

/* The marker of default versions is ours to set, and no client's. */
static GwText
find_header (const GwExchange *exchange, const char *name)
{
  const NetHttpHeader *headers = exchange->response != NULL ? exchange->response->headers : exchange->request.headers;
  guint n = exchange->response != NULL ? exchange->response->n_headers : exchange->request.n_headers;

  if (g_ascii_strcasecmp (name, GW_HEADERS_DEFAULT_VERSION) == 0)
    return text_of (exchange->hopped && exchange->response == NULL ? "true" : NULL);
  if (exchange->response == NULL && !gw_exchange_shows_token (exchange)
      && g_ascii_strcasecmp (name, gw_credentials_header (&exchange->service->settings.credentials, exchange->api)) == 0)
    return text_of (NULL);
  for (guint i = 0; i < n; i++)
    if (net_http_text_equal_nocase (headers[i].name, name))
      return gw_text (headers[i].value);
  return text_of (NULL);
}

/* Of the API's tenant. A call without it would go to the backend with half a login. */
static GwText
find_password (GwExchange *exchange, const char *alias)
{
  GwVault *vault = exchange->service->parts.vault;
  NetHttpText tenant = gw_throttle_tenant (exchange->api->context);
  GwText password = { NULL, 0 };

  if (vault != NULL)
    password = gw_vault_find (vault, net_worker_index (exchange->net_worker), tenant.text, tenant.length, alias);
  exchange->lacks_password |= password.text == NULL;
  return password;
}

GwText
gw_exchange_get (gpointer data, GwScope scope, GQuark name)
{
  GwExchange *exchange = data;
  const char *text;

  if (scope == GW_SCOPE_VAULT)
    return find_password (exchange, g_quark_to_string (name));
  if (scope == GW_SCOPE_TRANSPORT)
    return find_header (exchange, g_quark_to_string (name));
  make_quarks ();
  for (gsize i = 0; i < G_N_ELEMENTS (properties); i++)
    if (properties[i].quark == name && properties[i].scope == scope)
      return properties[i].read (exchange);
  text = g_quark_to_string (name);
  if (scope == GW_SCOPE_MESSAGE && g_str_has_prefix (text, VARIABLE_PREFIX))
    return find_variable (exchange, text + strlen (VARIABLE_PREFIX));
  if (scope == GW_SCOPE_MESSAGE && g_str_has_prefix (text, PARAMETER_PREFIX))
    return find_parameter (exchange, text + strlen (PARAMETER_PREFIX));
  return text_of (NULL);
}

guint
gw_exchange_changes (GwExchange *exchange)
{
  const GwMediation *mediation = &exchange->mediation;
  guint n = 0;

  for (guint i = 0; i < mediation->n_settings; i++)
    if (mediation->settings[i].scope == GW_SCOPE_TRANSPORT)
      exchange->changes[n++] = (GwHeaderChange){ .name = text_of (g_quark_to_string (mediation->settings[i].name)),
                                                 .value = mediation->settings[i].value };
  return n;
}

guint
gw_exchange_status (const GwExchange *exchange, GwScope scope, const char *name)
{
  const GwSetting *setting = gw_mediation_find (&exchange->mediation, scope, g_quark_try_string (name));
  guint status = 0;

  if (setting == NULL || setting->value.length != 3)
    return 0;
  for (gsize i = 0; i < 3; i++)
    {
      if (!g_ascii_isdigit (setting->value.text[i]))
        return 0;
      status = status * 10 + (guint) (setting->value.text[i] - '0');
    }
  return status >= 200 && status <= 599 ? status : 0;
}
