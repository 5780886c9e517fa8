#include "config.h"
#include "gateway/gw-key-managers.h"

#include "gateway/gw-fallback-validator.h"
#include "gateway/gw-soap-validator.h"
#include "gateway/gw-thrift-validator.h"

#include <string.h>

#define HTTPS_PORT 443
/* Of one worker to one Key Manager: a call takes it a millisecond. */
#define MAX_CONNECTIONS 32
/* Calls of APIs that wait for an answer; those beyond are told at once that nobody can be asked. */
#define MAX_QUESTIONS 10000
#define LOGIN_SERVICE "/thriftAuthenticator"
/* Where the file says 0, which Java takes for none at all. */
#define STANDARD_TIMEOUT_MS 10000
/* A quarter of the time of a question is enough for a connection. */
#define CONNECT_SHARE 4

struct _GwKeyManagers
{
  GwKeyValidator *thrift; /* NULL: SOAP alone */
  GwKeyValidator *soap;
  GwKeyValidator *both; /* NULL likewise */
};

void
gw_key_manager_free (GwKeyManager *manager)
{
  g_free (manager->host);
  g_free (manager->path);
  g_free (manager);
}

static gboolean
refuse (GError **error, const char *text, const char *why)
{
  g_set_error (error, APIM_CONFIG_ERROR, APIM_CONFIG_ERROR_VALUE, "APIKeyValidator/ServerURL: \"%s\" %s", text, why);
  return FALSE;
}

/* "/services" gets its final slash; two slashes are one, as ${carbon.context} makes them. */
static char *
normalize_path (const char *path)
{
  GString *text = g_string_new ("/");

  for (; *path != '\0'; path++)
    if (*path != '/' || text->str[text->len - 1] != '/')
      g_string_append_c (text, *path);
  if (text->str[text->len - 1] != '/')
    g_string_append_c (text, '/');
  return g_string_free (text, FALSE);
}

static gboolean
parse_one (const char *text, GPtrArray *managers, GError **error)
{
  g_autoptr (GUri) uri = g_uri_parse (text, G_URI_FLAGS_ENCODED | G_URI_FLAGS_HAS_PASSWORD, NULL);
  GwKeyManager *manager;
  int port;

  /* The gateway's password goes there. */
  if (uri == NULL || strcmp (g_uri_get_scheme (uri), "https") != 0)
    return refuse (error, text, "is no https URL, such as https://keymanager:9443/services/");
  if (g_uri_get_host (uri) == NULL || *g_uri_get_host (uri) == '\0' || g_uri_get_userinfo (uri) != NULL
      || g_uri_get_query (uri) != NULL || g_uri_get_fragment (uri) != NULL)
    return refuse (error, text, "is not the URL of services, such as https://keymanager:9443/services/");
  port = g_uri_get_port (uri);
  if (port == 0 || port > G_MAXUINT16)
    return refuse (error, text, "has no port between 1 and 65535");
  if (managers->len == GW_KEY_MANAGERS_MAX)
    return refuse (error, text, "is one Key Manager more than a gateway can ask");
  manager = g_new0 (GwKeyManager, 1);
  manager->host = g_strdup (g_uri_get_host (uri));
  manager->port = port > 0 ? (guint16) port : HTTPS_PORT;
  manager->path = normalize_path (g_uri_get_path (uri));
  g_ptr_array_add (managers, manager);
  return TRUE;
}

GPtrArray *
gw_key_managers_parse (const char *urls, guint16 port, GError **error)
{
  g_autoptr (GPtrArray) managers = g_ptr_array_new_with_free_func ((GDestroyNotify) gw_key_manager_free);
  g_autofree char *own = g_strdup_printf ("https://localhost:%u/services/", port);
  g_auto (GStrv) words = g_strsplit (urls != NULL ? urls : own, ",", -1);

  for (char **word = words; *word != NULL; word++)
    if (!parse_one (g_strstrip (*word), managers, error))
      return NULL;
  if (managers->len > 0)
    return g_steal_pointer (&managers);
  refuse (error, urls, "names no Key Manager");
  return NULL;
}

/* Of a question one way: both share its time where there are two. */
static guint
timeout_of (const ApimConfig *config)
{
  guint whole_ms = config->thrift_client_timeout_ms > 0 ? config->thrift_client_timeout_ms : STANDARD_TIMEOUT_MS;

  return config->key_manager.client == APIM_KEY_VALIDATOR_SOAP ? whole_ms : MAX (whole_ms / 2, 1);
}

static GwKeyValidator *
new_soap (const ApimConfig *config, const GPtrArray *managers, NetReactor *reactor, GwUpstream *upstream)
{
  GwSoapServer servers[GW_KEY_MANAGERS_MAX];
  const GwSoapSettings settings = { .servers = servers,
                                    .n_servers = managers->len,
                                    .user = config->key_manager.user,
                                    .password = config->key_manager.password,
                                    .profile = config->soap_profile,
                                    .timeout_ms = timeout_of (config),
                                    .max_questions = MAX_QUESTIONS,
                                    .max_message = config->limits.max_thrift_message };

  for (guint i = 0; i < managers->len; i++)
    {
      const GwKeyManager *manager = managers->pdata[i];

      servers[i] = (GwSoapServer){ manager->host, manager->port, manager->path };
    }
  return gw_soap_validator_new (&settings, reactor, upstream);
}

static GwKeyValidator *
new_thrift (const ApimConfig *config, const GPtrArray *managers, NetReactor *reactor, GwUpstream *upstream)
{
  g_autofree char *login_path = g_strconcat (config->web_context_root, LOGIN_SERVICE, NULL);
  guint timeout_ms = timeout_of (config);
  GwThriftServer servers[GW_KEY_MANAGERS_MAX];
  const GwThriftSettings settings = { .servers = servers,
                                      .n_servers = managers->len,
                                      .login_path = login_path,
                                      .user = config->key_manager.user,
                                      .password = config->key_manager.password,
                                      .timeout_ms = timeout_ms,
                                      .connect_timeout_ms = MAX (timeout_ms / CONNECT_SHARE, 1),
                                      .max_connections = MAX_CONNECTIONS,
                                      .max_questions = MAX_QUESTIONS,
                                      .max_message = config->limits.max_thrift_message };

  for (guint i = 0; i < managers->len; i++)
    {
      const GwKeyManager *manager = managers->pdata[i];
      gboolean has_own_host = managers->len == 1 && config->thrift.host != NULL;

      servers[i] = (GwThriftServer){ .host = has_own_host ? config->thrift.host : manager->host,
                                     .port = config->key_manager.thrift_port,
                                     .login_host = manager->host,
                                     .login_port = manager->port };
    }
  return gw_thrift_validator_new (&settings, reactor, upstream);
}

GwKeyManagers *
gw_key_managers_new (const ApimConfig *config, NetReactor *reactor, GwUpstream *upstream, GError **error)
{
  g_autoptr (GPtrArray) managers
      = gw_key_managers_parse (config->key_manager.server_urls, config->https.port, error);
  GwKeyManagers *self;

  if (managers == NULL)
    return NULL;
  if (config->key_manager.password == NULL)
    {
      g_set_error_literal (error, APIM_CONFIG_ERROR, APIM_CONFIG_ERROR_VALUE,
                           "APIKeyValidator/Password is missing: a gateway needs it to log in at its Key Managers");
      return NULL;
    }
  self = g_new0 (GwKeyManagers, 1);
  self->soap = new_soap (config, managers, reactor, upstream);
  if (config->key_manager.client == APIM_KEY_VALIDATOR_THRIFT)
    {
      self->thrift = new_thrift (config, managers, reactor, upstream);
      self->both = gw_fallback_validator_new (self->thrift, self->soap, timeout_of (config), reactor);
    }
  return self;
}

void
gw_key_managers_free (GwKeyManagers *managers)
{
  if (managers == NULL)
    return;
  gw_fallback_validator_free (managers->both);
  gw_thrift_validator_free (managers->thrift);
  gw_soap_validator_free (managers->soap);
  g_free (managers);
}

GwKeyValidator *
gw_key_managers_validator (GwKeyManagers *managers)
{
  return managers->both != NULL ? managers->both : managers->soap;
}

/* @name: "thrift", "soap". */
static void
add_questions (ApimStatus *status, const char *name, const GwKeyAskCounters *counters)
{
  const struct
  {
    const char *name;
    guint64 value;
  } rows[] = { { "asked", counters->asked }, { "failed", counters->failed }, { "retried", counters->retried } };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *full = g_strdup_printf ("gateway.key_managers.%s.%s", name, rows[i].name);

      apim_status_add (status, full, (gint64) rows[i].value);
    }
}

static void
add_status_of_thrift (GwKeyManagers *managers, ApimStatus *status)
{
  GwThriftCounters counters;

  gw_thrift_validator_read_counters (managers->thrift, &counters);
  add_questions (status, "thrift", &counters.questions);
  apim_status_add (status, "gateway.key_managers.thrift.logins", (gint64) counters.logins);
  apim_status_add (status, "gateway.key_managers.thrift.refused_logins", (gint64) counters.refused_logins);
  apim_status_add (status, "gateway.key_managers.thrift.connections", (gint64) counters.connections);
}

void
gw_key_managers_add_status (GwKeyManagers *managers, ApimStatus *status)
{
  GwKeyAskCounters counters;

  if (managers->thrift != NULL)
    add_status_of_thrift (managers, status);
  gw_soap_validator_read_counters (managers->soap, &counters);
  add_questions (status, "soap", &counters);
}

void
gw_key_managers_read_thrift_counters (GwKeyManagers *managers, GwThriftCounters *counters)
{
  *counters = (GwThriftCounters){ 0 };
  if (managers->thrift != NULL)
    gw_thrift_validator_read_counters (managers->thrift, counters);
}

void
gw_key_managers_read_soap_counters (GwKeyManagers *managers, GwKeyAskCounters *counters)
{
  gw_soap_validator_read_counters (managers->soap, counters);
}
