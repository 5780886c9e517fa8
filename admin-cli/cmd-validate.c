/* apimctl validate: asks any Key Manager whether a token may call an API, as a gateway does. */
#include "config.h"

#include "admin-cli/ctl-commands.h"
#include "admin-cli/ctl-home.h"
#include "admin-cli/ctl-status-text.h"
#include "admin-cli/ctl-thrift-client.h"
#include "common/apim-secret.h"

#include <unistd.h>

#define DEFAULT_TIMEOUT_S 10
#define MAX_TIMEOUT_S 3600

static const CtlOption options[] = {
  { "context", CTL_OPTION_TEXT, TRUE, "CONTEXT", "the API's context, e.g. /weather/1.0.0" },
  { "version", CTL_OPTION_TEXT, TRUE, "VERSION", "the API's version, e.g. 1.0.0" },
  { "resource", CTL_OPTION_TEXT, FALSE, "PATTERN", "the matching resource; default /*" },
  { "method", CTL_OPTION_TEXT, FALSE, "VERB", "the HTTP verb; default GET" },
  { "level", CTL_OPTION_TEXT, FALSE, "LEVEL", "Any, Application, Application_User or None; default Any" },
  { "token-file", CTL_OPTION_TEXT, FALSE, "FILE", "the access token (or - for stdin); default: stdin" },
  { "home", CTL_OPTION_TEXT, FALSE, "DIR", "a home on this machine, for what the next five do not say" },
  { "server", CTL_OPTION_TEXT, FALSE, "HOST[:PORT]", "HTTPS address of the Key Manager; port 9443" },
  { "thrift", CTL_OPTION_TEXT, FALSE, "HOST[:PORT]", "Thrift address; the same host, port 10397" },
  { "user", CTL_OPTION_TEXT, FALSE, "USER", "who logs in" },
  { "password-file", CTL_OPTION_TEXT, FALSE, "FILE", "the user's password (or - for stdin)" },
  { "cacert", CTL_OPTION_TEXT, FALSE, "FILE", "PEM file of the certificates to trust; default: the system's" },
  { "insecure", CTL_OPTION_FLAG, FALSE, NULL, "accept any certificate" },
  { "web-context-root", CTL_OPTION_TEXT, FALSE, "PATH", "WebContextRoot of the Key Manager, e.g. /km" },
  { "handshake", CTL_OPTION_FLAG, FALSE, NULL, "ask validateKeyforHandshake, as for a web socket" },
  { "timeout", CTL_OPTION_TEXT, FALSE, "SECONDS", "for everything; default 10" },
  { NULL },
};

/* What options and home say together. */
typedef struct
{
  CtlPeer peer;
  const char *user;
  const char *password_file;
  ApimConfig *config; /* nullable */
  char *server, *thrift, *ca_file, *admin_password_file; /* made from the home; nullable */
} Setup;

static void
setup_clear (Setup *setup)
{
  g_clear_pointer (&setup->config, apim_config_unref);
  g_free (setup->server);
  g_free (setup->thrift);
  g_free (setup->ca_file);
  g_free (setup->admin_password_file);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Setup, setup_clear)

static gboolean
usage_error (GError **error, const char *why)
{
  ctl_error_set (error, CTL_ERROR_USAGE, "apimctl help validate", "validate", "%s", why);
  return FALSE;
}

/* HOST:PORT of a listener, as this machine reaches it. */
static char *
listener_address (const ApimListenAddress *listener)
{
  const char *host = listener->host;
  if (host == NULL || g_strcmp0 (host, "0.0.0.0") == 0 || g_strcmp0 (host, "::") == 0)
    host = "localhost";
  gboolean bracket = strchr (host, ':') != NULL;
  return g_strdup_printf ("%s%s%s:%u", bracket ? "[" : "", host, bracket ? "]" : "", listener->port);
}

/* Fills what the options left open from the home. */
static gboolean
setup_from_home (Setup *setup, const char *home, GError **error)
{
  setup->config = ctl_home_load (home, error);
  if (setup->config == NULL)
    return FALSE;
  CtlPeer *peer = &setup->peer;
  if (peer->https_server == NULL)
    {
      peer->https_server = setup->server = listener_address (&setup->config->https);
      if (peer->thrift_server == NULL)
        peer->thrift_server = setup->thrift = listener_address (&setup->config->thrift);
      if (peer->web_context_root == NULL)
        peer->web_context_root = setup->config->web_context_root;
    }
  if (peer->ca_file == NULL)
    {
      setup->ca_file = apim_home_path (setup->config->home, "resources", "security", "node-cert.pem", NULL);
      peer->ca_file = g_file_test (setup->ca_file, G_FILE_TEST_EXISTS) ? setup->ca_file : NULL;
    }
  if (setup->user == NULL && setup->password_file == NULL)
    {
      setup->admin_password_file = apim_home_path (setup->config->home, "conf", "initial-admin-password", NULL);
      setup->user = setup->config->user_store.admin_user;
      setup->password_file = setup->admin_password_file;
    }
  return TRUE;
}

static gboolean
parse_timeout (const char *text, guint *timeout_ms, GError **error)
{
  guint64 seconds = DEFAULT_TIMEOUT_S;
  if (text != NULL && !g_ascii_string_to_unsigned (text, 10, 1, MAX_TIMEOUT_S, &seconds, NULL))
    return usage_error (error, "--timeout is a whole number of seconds from 1 to 3600");
  *timeout_ms = (guint) seconds * 1000;
  return TRUE;
}

static gboolean
setup_init (Setup *setup, const CtlOptions *given, GError **error)
{
  CtlPeer *peer = &setup->peer;
  peer->https_server = ctl_options_text (given, "server");
  peer->thrift_server = ctl_options_text (given, "thrift");
  peer->web_context_root = ctl_options_text (given, "web-context-root");
  peer->ca_file = ctl_options_text (given, "cacert");
  peer->insecure = ctl_options_flag (given, "insecure");
  setup->user = ctl_options_text (given, "user");
  setup->password_file = ctl_options_text (given, "password-file");
  const char *home = ctl_options_text (given, "home");
  if (!parse_timeout (ctl_options_text (given, "timeout"), &peer->timeout_ms, error))
    return FALSE;
  if (home != NULL && !setup_from_home (setup, home, error))
    return FALSE;
  if (peer->https_server == NULL)
    return usage_error (error, "say which Key Manager: --server HOST:9443, or --home DIR of one on this machine");
  if (setup->user == NULL)
    return usage_error (error, "option --user is missing");
  if (setup->password_file == NULL)
    return usage_error (error, "option --password-file is missing");
  return TRUE;
}

static char *
read_token (const CtlOptions *given, const Setup *setup, GError **error)
{
  const char *path = ctl_options_text (given, "token-file");
  if (path == NULL && isatty (STDIN_FILENO))
    {
      usage_error (error, "give the token with --token-file FILE or on stdin, never as an argument");
      return NULL;
    }
  if (path == NULL)
    path = "-";
  if (g_strcmp0 (path, "-") == 0 && g_strcmp0 (setup->password_file, "-") == 0)
    {
      usage_error (error, "password and token cannot both come from stdin");
      return NULL;
    }
  return ctl_home_read_secret (path, "token", error);
}

static char *
expiry_text (const ApimAPIKeyValidationInfoDTO *info)
{
  if (info->validityPeriod == G_MAXINT64)
    return g_strdup ("never");
  gint64 seconds = info->validityPeriod / 1000;
  if (seconds >= 2 * 86400)
    return g_strdup_printf ("%" G_GINT64_FORMAT " days", seconds / 86400);
  if (seconds >= 2 * 3600)
    return g_strdup_printf ("%" G_GINT64_FORMAT " h %" G_GINT64_FORMAT " min", seconds / 3600, seconds / 60 % 60);
  return g_strdup_printf ("%" G_GINT64_FORMAT " min %" G_GINT64_FORMAT " s", seconds / 60, seconds % 60);
}

/* Rows of a table, a row only where there is something to show. */
static void
add_row (CtlTable *table, const char *name, const char *text)
{
  if (text != NULL && *text != '\0')
    ctl_table_add (table, name, text);
}

static void
print_text (CtlOutput *output, const ApimAPIKeyValidationInfoDTO *info)
{
  if (info->authorized)
    ctl_output_text (output, "authorized\n");
  else
    ctl_output_text (output, "refused: %d %s\n", info->validationStatus, ctl_status_text (info->validationStatus));

  g_autoptr (CtlTable) table = ctl_table_new ("", "", NULL);
  add_row (table, "api", info->apiName);
  add_row (table, "publisher", info->apiPublisher);
  add_row (table, "subscriber", info->subscriber);
  add_row (table, "application", info->applicationName);
  add_row (table, "application id", info->applicationId);
  add_row (table, "application tier", info->applicationTier);
  add_row (table, "tier", info->tier);
  add_row (table, "key type", info->type);
  add_row (table, "consumer key", info->consumerKey);
  add_row (table, "end user", info->endUserName);
  if (info->authorized && info->validityPeriod > 0)
    {
      g_autofree char *expiry = expiry_text (info);
      ctl_table_add (table, "expires in", expiry);
    }
  ctl_output_table (output, table);
}

/* A text that the Key Manager did not send is left out, as on the wire. */
static void
json_sent (JsonBuilder *builder, const char *name, const char *text)
{
  if (text != NULL)
    ctl_json_text (builder, name, text);
}

/* Members are named as the fields of APIKeyValidationInfoDTO are. The JWT (endUserToken) is a secret and is not
 * printed. */
static void
print_json (CtlOutput *output, const ApimAPIKeyValidationInfoDTO *info)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  json_builder_begin_object (builder);
  ctl_json_bool (builder, "authorized", info->authorized);
  ctl_json_int (builder, "validationStatus", info->validationStatus);
  if (!info->authorized)
    ctl_json_text (builder, "explanation", ctl_status_text (info->validationStatus));
  json_sent (builder, "subscriber", info->subscriber);
  json_sent (builder, "tier", info->tier);
  json_sent (builder, "type", info->type);
  json_sent (builder, "endUserName", info->endUserName);
  json_sent (builder, "applicationName", info->applicationName);
  json_sent (builder, "applicationId", info->applicationId);
  json_sent (builder, "applicationTier", info->applicationTier);
  json_sent (builder, "apiName", info->apiName);
  json_sent (builder, "consumerKey", info->consumerKey);
  json_sent (builder, "apiPublisher", info->apiPublisher);
  ctl_json_int (builder, "validityPeriod", info->validityPeriod);
  ctl_json_int (builder, "issuedTime", info->issuedTime);
  ctl_json_bool (builder, "isContentAware", info->isContentAware);
  json_sent (builder, "apiTier", info->apiTier);
  if (info->__isset_throttlingDataList && info->throttlingDataList != NULL)
    {
      json_builder_set_member_name (builder, "throttlingDataList");
      json_builder_begin_array (builder);
      for (guint i = 0; i < info->throttlingDataList->len; i++)
        {
          g_autofree char *valid = g_utf8_make_valid (g_ptr_array_index (info->throttlingDataList, i), -1);
          json_builder_add_string_value (builder, valid);
        }
      json_builder_end_array (builder);
    }
  ctl_json_int (builder, "spikeArrestLimit", info->spikeArrestLimit);
  json_sent (builder, "subscriberTenantDomain", info->subscriberTenantDomain);
  json_sent (builder, "spikeArrestUnit", info->spikeArrestUnit);
  ctl_json_bool (builder, "stopOnQuotaReach", info->stopOnQuotaReach);
  json_builder_end_object (builder);
  ctl_output_json (output, builder);
}

static ApimAPIKeyValidationInfoDTO *
ask (const CtlOptions *given, const Setup *setup, GError **error)
{
  const char *resource = ctl_options_text (given, "resource");
  const char *method = ctl_options_text (given, "method");
  const char *level = ctl_options_text (given, "level");
  g_auto (ApimSecretText) token = read_token (given, setup, error);
  if (token == NULL)
    return NULL;
  g_auto (ApimSecretText) password = ctl_home_read_secret (setup->password_file, "password", error);
  if (password == NULL)
    return NULL;
  /* The time-out begins here, so nothing that waits for a person comes after. */
  g_autoptr (CtlThriftClient) client = ctl_thrift_client_new (&setup->peer, error);
  if (client == NULL || !ctl_thrift_client_login (client, setup->user, password, error))
    return NULL;

  CtlQuestion question = {
    .handshake = ctl_options_flag (given, "handshake"),
    .context = ctl_options_text (given, "context"),
    .version = ctl_options_text (given, "version"),
    .token = token,
    .level = level != NULL ? level : "Any",
    .resource = resource != NULL ? resource : "/*",
    .method = method != NULL ? method : "GET",
  };
  return ctl_thrift_client_validate (client, &question, error);
}

static int
run (CtlCall *call, GError **error)
{
  g_auto (Setup) setup = { 0 };
  if (!setup_init (&setup, call->options, error))
    return 0;
  if (setup.peer.insecure)
    ctl_output_warning (call->output, "--insecure: the Key Manager's certificate is not verified");
  g_autoptr (GObject) answer = (GObject *) ask (call->options, &setup, error);
  if (answer == NULL)
    return 0;
  const ApimAPIKeyValidationInfoDTO *info = (const ApimAPIKeyValidationInfoDTO *) answer;
  if (call->output->json)
    print_json (call->output, info);
  else
    print_text (call->output, info);
  return info->authorized ? 0 : CTL_EXIT_REFUSED;
}

const CtlCommand ctl_cmd_validate = {
  .name = "validate",
  .summary = "Ask a Key Manager whether a token may call an API",
  .details = "Logs in over HTTPS and asks validateKey over Thrift, as a gateway does; works with every Key\n"
             "Manager, WSO2's included. Certificates and host names are verified on both ports. Neither token\n"
             "nor password is ever an argument. Exit status: 0 authorized, 8 refused, 4 login refused, 10\n"
             "unreachable.",
  .example = "apimctl validate --home /srv/km --context /weather/1.0.0 --version 1.0.0 --token-file token\n"
             "apimctl validate --server km.example.com:9443 --thrift km.example.com:10397 --user admin \\\n"
             "  --password-file password --cacert ca.pem --context /weather/1.0.0 --version 1.0.0 \\\n"
             "  --resource '/city/*' --method GET --token-file token",
  .options = options,
  .run = run,
};
