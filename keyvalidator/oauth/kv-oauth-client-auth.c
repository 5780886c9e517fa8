#include "config.h"
#include "keyvalidator/oauth/kv-oauth-client-auth.h"

#include "common/apim-log.h"
#include "common/apim-secret.h"
#include "keyvalidator/oauth/kv-oauth-answer.h"

#include <string.h>

#define FAILED "Client Authentication failed."
#define MAX_SHOWN 128
#define MAX_KEY 255 /* of CONSUMER_KEY */

static gboolean
refuse (GError **error, const char *description)
{
  g_set_error_literal (error, KV_OAUTH_ERROR, KV_OAUTH_ERROR_INVALID_CLIENT, description);
  return FALSE;
}

gboolean
kv_oauth_credentials_read (KvOauthCredentials *credentials, NetHttpExchange *exchange, const NetHttpForm *form,
                           GError **error)
{
  NetHttpBasic *basic = &credentials->basic;
  NetHttpCredentials header = net_http_request_basic (net_http_exchange_request (exchange), basic);
  const char *form_key = form != NULL ? net_http_form_get (form, "client_id") : NULL;
  const char *form_secret = form != NULL ? net_http_form_get (form, "client_secret") : NULL;

  credentials->key = credentials->secret = NULL;
  credentials->from_header = header == NET_HTTP_CREDENTIALS_FOUND;
  if (header == NET_HTTP_CREDENTIALS_MALFORMED)
    return refuse (error, FAILED);
  if (credentials->from_header && (form_secret != NULL || (form_key != NULL && strcmp (form_key, basic->user) != 0)))
    return refuse (error, FAILED);
  credentials->key = credentials->from_header ? basic->user : form_key;
  credentials->secret = credentials->from_header ? basic->password : form_secret;
  if (credentials->key == NULL || credentials->secret == NULL || *credentials->key == '\0'
      || strlen (credentials->key) > MAX_KEY || !g_utf8_validate (credentials->key, -1, NULL))
    return refuse (error, FAILED);
  return TRUE;
}

void
kv_oauth_credentials_clear (KvOauthCredentials *credentials)
{
  if (credentials->from_header)
    net_http_basic_clear (&credentials->basic);
  credentials->from_header = FALSE;
  credentials->key = credentials->secret = NULL;
}

typedef struct
{
  const char *key;
  StOauthClient *client;
} Search;

static gboolean
find_client (StWriter *writer, gpointer data, GError **error)
{
  Search *search = data;

  g_clear_pointer (&search->client, st_oauth_client_free);
  return st_oauth_client_find (writer, search->key, &search->client, error);
}

gboolean
kv_oauth_client_find (KvOauth *oauth, const char *key, StOauthClient **client, GError **error)
{
  Search search = { key, NULL };

  *client = NULL;
  if (!kv_oauth_read (oauth, find_client, &search, error))
    {
      st_oauth_client_free (search.client);
      return FALSE;
    }
  *client = search.client;
  return TRUE;
}

static gboolean
has_secret (const StOauthClient *client, const char *secret)
{
  return client->secret != NULL && *client->secret != '\0'
         && apim_secret_equal (client->secret, strlen (client->secret), secret, strlen (secret));
}

/* An unknown client is told as one: keys are no secrets (4.1). @user_may_be: (nullable) (out): set where there is no such
 * client: the caller asks the users then. */
static StOauthClient *
check_credentials (KvOauth *oauth, const KvOauthCredentials *credentials, gboolean *user_may_be, GError **error)
{
  g_autoptr (StOauthClient) client = NULL;

  if (!kv_oauth_client_find (oauth, credentials->key, &client, error))
    return NULL;
  if (client != NULL && has_secret (client, credentials->secret))
    return g_steal_pointer (&client);
  if (client == NULL && user_may_be != NULL)
    {
      *user_may_be = TRUE;
      return NULL;
    }
  if (client != NULL)
    refuse (error, FAILED);
  else
    g_set_error (error, KV_OAUTH_ERROR, KV_OAUTH_ERROR_INVALID_CLIENT,
                 "A valid OAuth client could not be found for client_id: %.*s", MAX_SHOWN, credentials->key);
  return NULL;
}

/* @user_may_be: nullable. NULL without an error: it was set. */
static StOauthClient *
authenticate (KvOauth *oauth, NetHttpExchange *exchange, const NetHttpForm *form, gboolean *user_may_be,
              GError **error)
{
  static ApimLogGate gate;
  const char *peer = net_http_exchange_peer (exchange);
  g_auto (KvOauthCredentials) credentials;
  g_autoptr (GError) why = NULL;
  StOauthClient *client = NULL;

  if (kv_oauth_credentials_read (&credentials, exchange, form, &why))
    client = check_credentials (oauth, &credentials, credentials.from_header ? user_may_be : NULL, &why);
  if (g_error_matches (why, KV_OAUTH_ERROR, KV_OAUTH_ERROR_INVALID_CLIENT))
    apim_log_limited (&gate, APIM_LOG_WARNING, "keyvalidator", "OAuth client \"%.*s\" from %s was not authenticated",
                      MAX_SHOWN, credentials.key != NULL ? credentials.key : "", peer);
  if (why != NULL)
    g_propagate_error (error, g_steal_pointer (&why));
  return client;
}

StOauthClient *
kv_oauth_client_auth (KvOauth *oauth, NetHttpExchange *exchange, const NetHttpForm *form, GError **error)
{
  return authenticate (oauth, exchange, form, NULL, error);
}

gboolean
kv_oauth_client_auth_or_user (KvOauth *oauth, NetHttpExchange *exchange, const NetHttpForm *form,
                              StOauthClient **client, gboolean *user_may_be, GError **error)
{
  *user_may_be = FALSE;
  *client = authenticate (oauth, exchange, form, user_may_be, error);
  return *client != NULL || *user_may_be;
}

gboolean
kv_oauth_client_is_active (const StOauthClient *client, GError **error)
{
  return strcmp (client->state, ST_OAUTH_CLIENT_ACTIVE) == 0 || refuse (error, "Oauth application is not in active state.");
}
