#include "config.h"
#include "keyvalidator/oauth/kv-authorize.h"

#include "common/apim-log.h"
#include "common/apim-secret.h"
#include "keyvalidator/oauth/kv-authorize-grant.h"
#include "keyvalidator/oauth/kv-browser.h"
#include "keyvalidator/oauth/kv-oauth-answer.h"
#include "keyvalidator/oauth/kv-oauth-request.h"
#include "keyvalidator/oauth/kv-oauth-scopes.h"
#include "keyvalidator/oauth/kv-oauth-tenant.h"
#include "keyvalidator/oauth/kv-page.h"
#include "keyvalidator/oauth/kv-scope-words.h"

#include <string.h>

#define TITLE_REFUSED "This request cannot be answered"
#define LOG_OUT "Log out and use another account"

struct _KvAuthorize
{
  KvOauth *oauth;
  KvBrowsers *browsers;
  char *issuer;
};

/* One request of a browser, and what it is about. */
typedef struct
{
  KvAuthorize *authorize;
  NetHttpExchange *exchange;
  KvBrowser browser;
  KvAuthorizeRequest request;
} Step;

static void
step_clear (Step *step)
{
  kv_browser_clear (&step->browser);
  kv_authorize_request_clear (&step->request);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Step, step_clear)

static void
show (Step *step, guint status, const char *title, const char *text)
{
  kv_page_respond (step->exchange, status, NULL, kv_page_message (title, text, NULL, NULL));
}

/* A database, or the random source: the person hears that it is not his fault, the operator why. */
static void
show_failure (Step *step, const GError *error)
{
  static ApimLogGate gate;

  apim_log_limited (&gate, APIM_LOG_ERROR, "keyvalidator", "could not answer a browser's authorization request: %s",
                    error->message);
  show (step, 503, "Not now",
        "The server cannot answer at the moment. Go back to the application and try again in a minute.");
}

static void
answer_problem (Step *step, const KvAuthorizeProblem *problem)
{
  g_autofree char *uri = kv_authorize_error_uri (&step->request, problem->code, problem->text, step->authorize->issuer);

  kv_page_redirect (step->exchange, uri);
}

/* Reads the request whose parameters are @form: (transfer full). FALSE: there is no more to it, and it has been answered. */
static gboolean
read_request (Step *step, NetHttpForm *form)
{
  g_autoptr (GError) error = NULL;
  KvAuthorizeProblem problem;

  switch (kv_authorize_request_read (step->authorize->oauth, form, &step->request, &problem, &error))
    {
    case KV_AUTHORIZE_OK:
      return TRUE;
    case KV_AUTHORIZE_SHOW:
      show (step, 400, TITLE_REFUSED, problem.text);
      return FALSE;
    case KV_AUTHORIZE_REDIRECT:
      answer_problem (step, &problem);
      return FALSE;
    default:
      show_failure (step, error);
      return FALSE;
    }
}

static gboolean
read_browser (Step *step)
{
  g_autoptr (GError) error = NULL;

  if (kv_browser_read (step->authorize->browsers, net_http_exchange_request (step->exchange),
                       kv_oauth_deadline (step->authorize->oauth), &step->browser, &error))
    return TRUE;
  show_failure (step, error);
  return FALSE;
}

/* The form that a browser posted. FALSE: none, and it has been answered. */
static gboolean
read_form (Step *step, NetHttpForm **form)
{
  g_autoptr (GError) error = NULL;

  *form = kv_oauth_request_form (step->exchange, &error);
  if (*form != NULL)
    return TRUE;
  if (error->domain == KV_OAUTH_ERROR && error->code == KV_OAUTH_ERROR_METHOD)
    net_http_exchange_add_header (step->exchange, "Allow", "POST");
  show (step, kv_oauth_error_status (error), TITLE_REFUSED, kv_oauth_error_description (error));
  return FALSE;
}

/* What the hidden field of a posted form carries: the parameters of the request. FALSE: it does not count, and it has been answered. */
static gboolean
open_form (Step *step, const NetHttpForm *form, KvForm kind, NetHttpForm **parameters, guint8 *nonce)
{
  const char *sealed = net_http_form_get (form, "request");
  g_autofree char *text = NULL;
  const char *problem;

  switch (kv_browser_open (step->authorize->browsers, &step->browser, kind, sealed, &text, nonce))
    {
    case CORE_SEALED_OK:
      *parameters = net_http_form_parse (text, strlen (text), &problem);
      g_assert (*parameters != NULL); /* kv_authorize_query() wrote it */
      return TRUE;
    case CORE_SEALED_EXPIRED:
      show (step, 403, "This page is too old", "Go back to the application and begin again.");
      return FALSE;
    default:
      show (step, 403, TITLE_REFUSED,
            "The form was not made for this browser, or you have logged in or out since. Go back to the application"
            " and begin again, with cookies allowed.");
      return FALSE;
    }
}

static void
describe_client (const KvAuthorizeRequest *request, char **name, char **place)
{
  *name = kv_page_client_name (request->client->name != NULL ? request->client->name : request->client->key,
                               request->client->owner.name);
  *place = core_redirect_place (request->target);
}

/* @problem, @user_name: nullable. */
static void
show_login (Step *step, guint status, const char *user_name, const char *problem)
{
  g_autofree char *query = kv_authorize_query (step->request.form, TRUE);
  g_autofree char *name = NULL;
  g_autofree char *place = NULL;
  g_autofree char *sealed = NULL;
  g_autofree char *cancel = NULL;
  g_autoptr (GError) error = NULL;

  if (kv_browser_introduce (&step->browser, step->exchange, &error))
    sealed = kv_browser_seal (step->authorize->browsers, &step->browser, KV_FORM_LOGIN, query, &error);
  if (sealed == NULL)
    {
      show_failure (step, error);
      return;
    }
  describe_client (&step->request, &name, &place);
  cancel = kv_authorize_error_uri (&step->request, "access_denied", "the user did not log in", step->authorize->issuer);
  kv_page_respond (step->exchange, status, NULL,
                   kv_page_login (&(KvLoginPage){
                       .client = { name, place },
                       .sealed = sealed,
                       .user_name = user_name,
                       .problem = problem,
                       .cancel = cancel,
                   }));
}

/* What is the protocol's business goes back to the application, anything else does not. */
static void
answer_error (Step *step, const GError *error)
{
  if (error->domain == KV_OAUTH_ERROR)
    answer_problem (step, &(KvAuthorizeProblem){ kv_oauth_error_name (error), kv_oauth_error_description (error) });
  else
    show_failure (step, error);
}

/* What the user may give the application, and as whom. FALSE: it has been answered. */
static gboolean
read_grant (Step *step, StOauthUser *user, char ***scopes)
{
  KvOauth *oauth = step->authorize->oauth;
  const StUser *login = step->browser.user;
  g_autoptr (GError) error = NULL;

  if (kv_oauth_user_of (oauth, login->tenant_id, ST_PRIMARY_USER_DOMAIN, login->name, user, &error)
      && kv_oauth_grant_scopes (oauth, step->request.client, user, step->request.scope, FALSE, scopes, &error))
    return TRUE;
  answer_error (step, error);
  return FALSE;
}

/* Whether the application is for the user (spec 7). FALSE: the database did not say, and it has been answered. */
static gboolean
check_client_serves (Step *step, gboolean *serves)
{
  g_autoptr (GError) error = NULL;

  if (kv_oauth_client_serves (step->authorize->oauth, step->request.client, step->browser.user->tenant_id, serves, &error))
    return TRUE;
  show_failure (step, error);
  return FALSE;
}

static gboolean
must_log_in (const Step *step)
{
  gint64 age_ms = apim_clock_wall_ms (step->authorize->oauth->stores.clock) - step->browser.login_ms;

  return step->browser.user == NULL || step->request.login_again
         || (step->request.max_age_s >= 0 && age_ms > step->request.max_age_s * 1000);
}

static void
show_consent (Step *step)
{
  KvAuthorize *authorize = step->authorize;
  g_auto (StOauthUser) user = { NULL };
  g_auto (GStrv) scopes = NULL;
  g_auto (GStrv) words = NULL;
  g_autofree char *query = kv_authorize_query (step->request.form, TRUE);
  g_autofree char *sealed = NULL;
  g_autofree char *sealed_logout = NULL;
  g_autofree char *name = NULL;
  g_autofree char *place = NULL;
  g_autofree char *user_text = NULL;
  g_autofree char *form_action = core_redirect_form_action (step->request.target);
  g_autoptr (GError) error = NULL;

  if (!read_grant (step, &user, &scopes))
    return;
  if (!kv_scope_words (authorize->oauth, step->request.client, (const char *const *) scopes, &words, &error)
      || !kv_browser_introduce (&step->browser, step->exchange, &error)
      || (sealed = kv_browser_seal (authorize->browsers, &step->browser, KV_FORM_CONSENT, query, &error)) == NULL
      || (sealed_logout = kv_browser_seal (authorize->browsers, &step->browser, KV_FORM_LOGOUT, query, &error)) == NULL)
    {
      show_failure (step, error);
      return;
    }
  describe_client (&step->request, &name, &place);
  user_text = st_oauth_user_text (&user);
  kv_page_respond (step->exchange, 200, form_action,
                   kv_page_consent (&(KvConsentPage){
                       .client = { name, place },
                       .user = user_text,
                       .permissions = (const char *const *) words,
                       .sealed = sealed,
                       .sealed_logout = sealed_logout,
                   }));
}

static void
show_wrong_tenant (Step *step)
{
  g_autofree char *query = kv_authorize_query (step->request.form, TRUE);
  g_autofree char *sealed = NULL;
  g_autoptr (GError) error = NULL;

  if (kv_browser_introduce (&step->browser, step->exchange, &error))
    sealed = kv_browser_seal (step->authorize->browsers, &step->browser, KV_FORM_LOGOUT, query, &error);
  if (sealed == NULL)
    show_failure (step, error);
  else
    kv_page_respond (step->exchange, 403, NULL,
                     kv_page_message ("Not with this account",
                                      "The application belongs to another organisation (tenant) than your account.",
                                      sealed, LOG_OUT));
}

/* The next page for a request that can be answered. */
static void
go_on (Step *step)
{
  g_autofree char *query = kv_authorize_query (step->request.form, FALSE);
  gboolean serves;

  if (query == NULL)
    show (step, 414, TITLE_REFUSED, "The parameters of the request are too long.");
  else if (must_log_in (step))
    show_login (step, 200, NULL, NULL);
  else if (!check_client_serves (step, &serves))
    return;
  else if (!serves)
    show_wrong_tenant (step);
  else
    show_consent (step);
}

/* Sends the browser to authorize with the parameters @form, which it came with. The paths are siblings, so what a proxy puts in front of them stays. */
static void
redirect_to_authorize (Step *step, const NetHttpForm *form, gboolean logged_in)
{
  g_autofree char *query = kv_authorize_query (form, logged_in);
  g_autofree char *location = NULL;

  if (query == NULL)
    {
      show (step, 413, TITLE_REFUSED, "The parameters of the request are too long.");
      return;
    }
  location = g_strconcat ("authorize?", query, NULL);
  kv_page_redirect (step->exchange, location);
}

static void
handle_authorize (NetHttpExchange *exchange, gpointer data)
{
  g_auto (Step) step = { data, exchange };
  const NetHttpRequest *request = net_http_exchange_request (exchange);
  g_autoptr (NetHttpForm) form = NULL;
  const char *problem;

  if (net_http_text_equal (request->method, "POST"))
    {
      /* A form of somebody's page brings no cookies with it; the GET that follows does. */
      if (read_form (&step, &form))
        redirect_to_authorize (&step, form, FALSE);
      return;
    }
  if (!net_http_text_equal (request->method, "GET") && !net_http_text_equal (request->method, "HEAD"))
    {
      net_http_exchange_add_header (exchange, "Allow", "GET, HEAD, POST");
      show (&step, 405, TITLE_REFUSED, "Only the methods GET and POST mean something here.");
      return;
    }
  form = net_http_form_parse (request->query.text, request->query.length, &problem);
  if (form == NULL)
    show (&step, 400, TITLE_REFUSED, "The parameters of the request are not encoded as they must be.");
  else if (read_browser (&step) && read_request (&step, g_steal_pointer (&form)))
    go_on (&step);
}

static const char *
field (const NetHttpForm *form, const char *name)
{
  const char *value = net_http_form_get (form, name);

  return value != NULL ? value : "";
}

/* NULL: he is logged in, or the user store is away. */
static const char *
login_problem (CoreLogin result)
{
  switch (result)
    {
    case CORE_LOGIN_NO_USER_NAME:
    case CORE_LOGIN_NO_TENANT:
    case CORE_LOGIN_NO_PASSWORD:
      return "Fill in your user name and your password.";
    case CORE_LOGIN_REFUSED:
      return "User name and password do not belong together, or you have to wait after several tries that failed."
             " Check both and try again.";
    default:
      return NULL;
    }
}

static void
log_in (Step *step, const NetHttpForm *form)
{
  KvOauth *oauth = step->authorize->oauth;
  g_autoptr (StUser) user = NULL;
  g_autoptr (GError) error = NULL;
  CoreLogin result;

  result = core_authenticator_login (oauth->authenticator, field (form, "username"), -1, field (form, "password"), -1,
                                   net_http_exchange_peer (step->exchange), kv_oauth_deadline (oauth), &user);
  if (login_problem (result) != NULL)
    show_login (step, 403, net_http_form_get (form, "username"), login_problem (result));
  else if (result != CORE_LOGIN_OK)
    show (step, 503, "Not now", "The server cannot look up users at the moment. Try again in a minute.");
  else if (!kv_browser_log_in (step->authorize->browsers, step->exchange, user, &error))
    show_failure (step, error);
  else
    redirect_to_authorize (step, step->request.form, TRUE);
}

static void
handle_login (NetHttpExchange *exchange, gpointer data)
{
  g_auto (Step) step = { data, exchange };
  g_autoptr (NetHttpForm) form = NULL;
  NetHttpForm *parameters;
  guint8 nonce[CORE_SEALED_NONCE_SIZE];

  if (read_form (&step, &form) && read_browser (&step) && open_form (&step, form, KV_FORM_LOGIN, &parameters, nonce)
      && read_request (&step, parameters))
    log_in (&step, form);
}

static void
grant (Step *step, const guint8 *nonce)
{
  KvAuthorize *authorize = step->authorize;
  g_auto (StOauthUser) user = { NULL };
  g_auto (GStrv) scopes = NULL;
  g_auto (ApimSecretText) uri = NULL;
  g_autoptr (GError) error = NULL;

  if (!read_grant (step, &user, &scopes))
    return;
  uri = kv_authorize_grant (
      authorize->oauth,
      &(KvAuthorizeGrant){ &step->request, &user, (const char *const *) scopes, nonce, step->browser.login_ms,
                           authorize->issuer }, &error);
  if (uri != NULL)
    {
      apim_info ("keyvalidator", "user \"%s\" of %s, from %s, allowed client \"%s\" to act in his name", user.name,
                 user.tenant_domain, net_http_exchange_peer (step->exchange), step->request.client->key);
      kv_page_redirect (step->exchange, uri);
    }
  else if (g_error_matches (error, ST_ERROR, ST_ERROR_CONFLICT))
    show (step, 403, "You have answered already",
          "Go back to the application. If it does not go on, begin again there.");
  else
    answer_error (step, error);
}

static void
decide (Step *step, const char *decision, const guint8 *nonce)
{
  gboolean serves = FALSE;

  if (step->browser.user != NULL && !check_client_serves (step, &serves))
    return;
  if (!serves)
    show (step, 403, TITLE_REFUSED, "You are not logged in any more. Go back to the application and begin again.");
  else if (g_strcmp0 (decision, "allow") == 0)
    grant (step, nonce);
  else if (g_strcmp0 (decision, "deny") == 0)
    answer_problem (step, &(KvAuthorizeProblem){ "access_denied", "the user said no" });
  else
    show (step, 400, TITLE_REFUSED, "The form does not say whether access is allowed or denied.");
}

static void
handle_consent (NetHttpExchange *exchange, gpointer data)
{
  g_auto (Step) step = { data, exchange };
  g_autoptr (NetHttpForm) form = NULL;
  NetHttpForm *parameters;
  guint8 nonce[CORE_SEALED_NONCE_SIZE];

  if (read_form (&step, &form) && read_browser (&step) && open_form (&step, form, KV_FORM_CONSENT, &parameters, nonce)
      && read_request (&step, parameters))
    decide (&step, net_http_form_get (form, "decision"), nonce);
}

/* Without a form: asks, so that no foreign page can log somebody out. */
static void
show_logout (Step *step)
{
  g_autofree char *sealed = NULL;
  g_autoptr (GError) error = NULL;

  if (step->browser.user == NULL)
    {
      show (step, 200, "You are logged out", "You can close this page.");
      return;
    }
  if (kv_browser_introduce (&step->browser, step->exchange, &error))
    sealed = kv_browser_seal (step->authorize->browsers, &step->browser, KV_FORM_LOGOUT, "", &error);
  if (sealed == NULL)
    show_failure (step, error);
  else
    kv_page_respond (
        step->exchange, 200, NULL,
        kv_page_message ("Log out?", "Applications that you have allowed access keep it.", sealed, "Log out"));
}

static void
handle_logout (NetHttpExchange *exchange, gpointer data)
{
  g_auto (Step) step = { data, exchange };
  g_autoptr (NetHttpForm) form = NULL;
  g_autoptr (NetHttpForm) parameters = NULL;
  guint8 nonce[CORE_SEALED_NONCE_SIZE];

  if (net_http_text_equal (net_http_exchange_request (exchange)->method, "GET"))
    {
      if (read_browser (&step))
        show_logout (&step);
      return;
    }
  if (!read_form (&step, &form) || !read_browser (&step)
      || !open_form (&step, form, KV_FORM_LOGOUT, &parameters, nonce))
    return;
  kv_browser_log_out (exchange);
  if (net_http_form_length (parameters) > 0)
    redirect_to_authorize (&step, parameters, TRUE);
  else
    show (&step, 200, "You are logged out", "You can close this page.");
}

KvAuthorize *
kv_authorize_new (KvOauth *oauth, const char *issuer, GError **error)
{
  g_autoptr (KvAuthorize) authorize = g_new0 (KvAuthorize, 1);

  authorize->oauth = oauth;
  authorize->issuer = g_strdup (issuer);
  authorize->browsers = kv_browsers_new (oauth->config->home, oauth->stores.users, oauth->stores.clock, error);
  return authorize->browsers != NULL ? g_steal_pointer (&authorize) : NULL;
}

void
kv_authorize_free (KvAuthorize *authorize)
{
  if (authorize == NULL)
    return;
  kv_browsers_free (authorize->browsers);
  g_free (authorize->issuer);
  g_free (authorize);
}

void
kv_authorize_add_to (KvAuthorize *authorize, NetHttpServer *server, const char *web_context_root)
{
  static const struct
  {
    const char *path;
    NetHttpHandler handler;
  } routes[] = { { "/oauth2/authorize", handle_authorize },
                 { "/oauth2/login", handle_login },
                 { "/oauth2/consent", handle_consent },
                 { "/oauth2/logout", handle_logout } };

  for (gsize i = 0; i < G_N_ELEMENTS (routes); i++)
    {
      g_autofree char *path = g_strconcat (web_context_root, routes[i].path, NULL);

      net_http_server_add (server, path, NET_HTTP_ON_POOL, routes[i].handler, authorize);
    }
}
