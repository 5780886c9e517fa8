#include "config.h"
#include "keyvalidator/oauth/kv-authorize-request.h"

#include "core/core-oauth.h"
#include "keyvalidator/oauth/kv-id-token.h"
#include "keyvalidator/oauth/kv-oauth-client-auth.h"
#include "store/st-capabilities.h"

#include <string.h>

static KvAuthorizeVerdict
show (KvAuthorizeProblem *problem, const char *text)
{
  *problem = (KvAuthorizeProblem){ NULL, text };
  return KV_AUTHORIZE_SHOW;
}

static KvAuthorizeVerdict
tell (KvAuthorizeProblem *problem, const char *code, const char *text)
{
  *problem = (KvAuthorizeProblem){ code, text };
  return KV_AUTHORIZE_REDIRECT;
}

/* RFC 6749 3.1: a parameter without a value counts as left out. */
static const char *
get (const NetHttpForm *form, const char *name)
{
  const char *value = net_http_form_get (form, name);

  return value != NULL && *value != '\0' ? value : NULL;
}

static gboolean
has_word (const char *words, const char *word)
{
  g_auto (GStrv) list = g_strsplit (words != NULL ? words : "", " ", -1);

  return g_strv_contains ((const char *const *) list, word);
}

/* Who asks, and where the answer goes. */
static KvAuthorizeVerdict
read_client (KvOauth *oauth, KvAuthorizeRequest *request, KvAuthorizeProblem *problem, GError **error)
{
  const char *client_id = get (request->form, "client_id");
  StOauthClient *client;

  if (client_id == NULL)
    return show (problem,
                 "The request does not say which application it comes from: the parameter client_id is missing.");
  if (!kv_oauth_client_find (oauth, client_id, &request->client, error))
    return KV_AUTHORIZE_FAILED;
  client = request->client;
  if (client == NULL)
    return show (problem, "No application with this client_id is registered here.");
  if (client->callback_url == NULL || *client->callback_url == '\0')
    return show (problem, "The application is registered without a redirect URI, so nobody can be sent back to it.");
  if (!core_redirect_is_usable (client->callback_url))
    return show (problem, "The redirect URI that the application is registered with is not one that a browser may be"
                          " sent to: it must be one whole URI, as https://app.example.com/callback, without a fragment.");
  if (request->redirect_uri != NULL && !core_oauth_same_redirect (client->callback_url, request->redirect_uri))
    return show (problem, "The redirect_uri of the request is not the one that the application is registered with."
                          " They must be the same, character for character.");
  request->target = client->callback_url;
  return KV_AUTHORIZE_OK;
}

static KvAuthorizeVerdict
read_response_type (KvOauth *oauth, KvAuthorizeRequest *request, KvAuthorizeProblem *problem)
{
  const StOauthClient *client = request->client;
  const char *type = get (request->form, "response_type");

  request->implicit = g_strcmp0 (type, "token") == 0;
  if (request->implicit)
    request->part = CORE_REDIRECT_FRAGMENT;
  if (type == NULL)
    return tell (problem, "invalid_request", "the parameter response_type is missing");
  if (request->implicit ? !oauth->config->allow_implicit : strcmp (type, "code") != 0)
    return tell (problem, "unsupported_response_type",
                 "this server answers to response_type=code only, unless it is set up to allow token");
  if (g_strcmp0 (client->state, ST_OAUTH_CLIENT_ACTIVE) != 0)
    return tell (problem, "unauthorized_client", "the application is not active");
  /* A client from before grants were kept has none of the implicit grant, which somebody must have asked for. */
  if (request->implicit ? !has_word (client->grant_types, "implicit")
                        : !core_oauth_client_may (client->grant_types, CORE_OAUTH_AUTHORIZATION_CODE))
    return tell (problem, "unauthorized_client", "the application is not registered for this response_type");
  return KV_AUTHORIZE_OK;
}

/* An application without a secret, or on somebody's device, proves by PKCE alone that a code was its own (RFC 8252 6, RFC 9700 2.1.1). A redirect URI
 * of a scheme of its own says that it is on a device. */
static gboolean
is_public (const StOauthClient *client)
{
  g_autofree char *scheme = g_uri_parse_scheme (client->callback_url);

  return client->secret == NULL || *client->secret == '\0'
         || (g_ascii_strcasecmp (scheme, "https") != 0 && g_ascii_strcasecmp (scheme, "http") != 0);
}

static gboolean
must_use_pkce (KvOauth *oauth, const StOauthClient *client)
{
  ApimPkce pkce = oauth->config->pkce;

  return client->pkce_mandatory || pkce == APIM_PKCE_ALL || (pkce == APIM_PKCE_PUBLIC && is_public (client));
}

static KvAuthorizeVerdict
refuse_challenge (CoreOauthPkce why, KvAuthorizeProblem *problem)
{
  switch (why)
    {
    case CORE_OAUTH_PKCE_MISSING:
      return tell (problem, "invalid_request",
                   "the application must use PKCE: the parameter code_challenge is missing");
    case CORE_OAUTH_PKCE_METHOD:
      return tell (problem, "invalid_request", "the code_challenge_method must be S256");
    default:
      return tell (problem, "invalid_request",
                   "the code_challenge is not one: 43 to 128 characters of letters, digits and - . _ ~");
    }
}

/* A code that forgot its challenge would be anybody's: where the database has no place for one (before 2.0), none is taken. */
static KvAuthorizeVerdict
read_challenge (KvOauth *oauth, KvAuthorizeRequest *request, KvAuthorizeProblem *problem, GError **error)
{
  const StOauthClient *client = request->client;
  const char *challenge = get (request->form, "code_challenge");
  const char *method = get (request->form, "code_challenge_method");
  CoreOauthPkce checked;
  guint capabilities;

  if (challenge == NULL && method != NULL)
    return tell (problem, "invalid_request", "there is a code_challenge_method without a code_challenge");
  if (request->implicit)
    return KV_AUTHORIZE_OK;
  checked = core_oauth_check_challenge (challenge, method, must_use_pkce (oauth, client), client->pkce_support_plain);
  if (checked != CORE_OAUTH_PKCE_OK)
    return refuse_challenge (checked, problem);
  if (challenge == NULL)
    return KV_AUTHORIZE_OK;
  if (!st_capabilities_get (oauth->database, kv_oauth_deadline (oauth), &capabilities, error))
    return KV_AUTHORIZE_FAILED;
  if ((capabilities & ST_CAP_PKCE) == 0)
    return tell (problem, "invalid_request",
                 "the database of this server is of a version without PKCE: a code_challenge cannot be kept");
  request->challenge = challenge;
  request->challenge_method = method != NULL ? method : "plain";
  return KV_AUTHORIZE_OK;
}

/* OpenID Connect 3.1.2.1, as far as it asks for something that must not be passed over in silence. */
static KvAuthorizeVerdict
read_login_wishes (KvAuthorizeRequest *request, KvAuthorizeProblem *problem)
{
  const char *prompt = get (request->form, "prompt");
  const char *max_age = get (request->form, "max_age");
  guint64 age;

  request->max_age_s = -1;
  request->nonce = get (request->form, "nonce");
  if (request->nonce != NULL && strlen (request->nonce) > KV_ID_TOKEN_MAX_NONCE)
    return tell (problem, "invalid_request", "the parameter nonce is longer than 128 bytes");
  if (get (request->form, "request") != NULL)
    return tell (problem, "request_not_supported", "request objects are not read here");
  if (get (request->form, "request_uri") != NULL)
    return tell (problem, "request_uri_not_supported", "request objects are not read here");
  if (has_word (prompt, "none"))
    return tell (problem, "interaction_required", "the user is asked each time");
  request->login_again = has_word (prompt, "login") || has_word (prompt, "select_account");
  if (max_age != NULL)
    {
      if (!g_ascii_string_to_unsigned (max_age, 10, 0, G_MAXINT, &age, NULL))
        return tell (problem, "invalid_request", "the parameter max_age is not a number of seconds");
      request->max_age_s = (gint64) age;
    }
  return KV_AUTHORIZE_OK;
}

static KvAuthorizeVerdict
read_scope (KvAuthorizeRequest *request, KvAuthorizeProblem *problem)
{
  g_auto (GStrv) scopes = NULL;

  request->scope = get (request->form, "scope");
  if (request->scope == NULL)
    return KV_AUTHORIZE_OK;
  scopes = core_oauth_parse_scopes (request->scope);
  return scopes != NULL
             ? KV_AUTHORIZE_OK
             : tell (problem, "invalid_scope", "the parameter scope is not a list of scopes, or is too long");
}

KvAuthorizeVerdict
kv_authorize_request_read (KvOauth *oauth, NetHttpForm *form, KvAuthorizeRequest *request, KvAuthorizeProblem *problem,
                           GError **error)
{
  KvAuthorizeVerdict verdict;

  *request = (KvAuthorizeRequest){ .form = form, .max_age_s = -1, .part = CORE_REDIRECT_QUERY };
  if (net_http_form_repeated (form) != NULL)
    return show (problem, "A parameter of the request is there more than once.");
  request->redirect_uri = get (form, "redirect_uri");
  request->state = get (form, "state");
  verdict = read_client (oauth, request, problem, error);
  if (verdict == KV_AUTHORIZE_OK)
    verdict = read_response_type (oauth, request, problem);
  if (verdict == KV_AUTHORIZE_OK)
    verdict = read_scope (request, problem);
  if (verdict == KV_AUTHORIZE_OK)
    verdict = read_challenge (oauth, request, problem, error);
  if (verdict == KV_AUTHORIZE_OK)
    verdict = read_login_wishes (request, problem);
  return verdict;
}

void
kv_authorize_request_clear (KvAuthorizeRequest *request)
{
  net_http_form_free (request->form);
  if (request->client != NULL)
    st_oauth_client_free (request->client);
  *request = (KvAuthorizeRequest){ NULL };
}

char *
kv_authorize_query (const NetHttpForm *form, gboolean logged_in)
{
  static const char *const names[]
      = { "response_type",         "client_id", "redirect_uri", "scope",  "state",  "nonce", "code_challenge",
          "code_challenge_method", "request",   "request_uri",  "prompt", "max_age" };
  gsize n_names = G_N_ELEMENTS (names) - (logged_in ? 2 : 0);
  g_autoptr (GString) query = g_string_new (NULL);

  for (gsize i = 0; i < n_names; i++)
    {
      const char *value = get (form, names[i]);

      if (value == NULL)
        continue;
      g_string_append_printf (query, "%s%s=", query->len > 0 ? "&" : "", names[i]);
      g_string_append_uri_escaped (query, value, NULL, FALSE);
    }
  return query->len <= KV_AUTHORIZE_MAX_QUERY ? g_strdup (query->str) : NULL;
}

char *
kv_authorize_error_uri (const KvAuthorizeRequest *request, const char *code, const char *text, const char *issuer)
{
  return core_redirect_make (request->target, request->part, "error", code, "error_description", text, "state",
                             request->state, "iss", issuer, NULL);
}
