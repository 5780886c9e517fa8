#include "config.h"
#include "keyvalidator/oauth/kv-browser.h"

#include "common/apim-cluster-key.h"
#include "common/apim-secret.h"
#include "net/net-http-credentials.h"

#include <openssl/crypto.h>
#include <string.h>

#define ID_COOKIE "__Host-apim-browser"
#define LOGIN_COOKIE "__Host-apim-login"
/* Lax: a link from the application brings the cookies, a form on somebody's page does not. */
#define COOKIE_RULES "Path=/; Secure; HttpOnly; SameSite=Lax"

struct _KvBrowsers
{
  guint8 login_key[CORE_SESSION_KEY_SIZE];
  guint8 form_key[CORE_SEALED_KEY_SIZE];
  StUserStore *users;
  const ApimClock *clock;
};

KvBrowsers *
kv_browsers_new (const char *home, StUserStore *users, const ApimClock *clock, GError **error)
{
  g_autoptr (KvBrowsers) browsers = g_new0 (KvBrowsers, 1);

  browsers->users = users;
  browsers->clock = clock;
  if (!apim_cluster_key_derive (home, "browser login", browsers->login_key, sizeof browsers->login_key, error)
      || !apim_cluster_key_derive (home, "browser form", browsers->form_key, sizeof browsers->form_key, error))
    return NULL;
  return g_steal_pointer (&browsers);
}

void
kv_browsers_free (KvBrowsers *browsers)
{
  if (browsers == NULL)
    return;
  OPENSSL_cleanse (browsers, sizeof *browsers);
  g_free (browsers);
}

/* The user of a login, or NULL where it is too old, or he is gone or has another password now. */
static gboolean
find_user (KvBrowsers *browsers, const CoreSession *login, gint64 deadline_us, StUser **found, GError **error)
{
  gint64 age_ms = apim_clock_wall_ms (browsers->clock) - login->issued_ms;
  g_autoptr (StTenant) tenant = NULL;
  g_autoptr (StUser) user = NULL;

  if (age_ms >= KV_BROWSER_LOGIN_S * G_GINT64_CONSTANT (1000))
    return TRUE;
  if (!st_user_store_find_tenant_by_id (browsers->users, login->tenant_id, deadline_us, &tenant, error))
    return FALSE;
  if (tenant == NULL || !tenant->active)
    return TRUE;
  if (!st_user_store_find_user_by_id (browsers->users, login->tenant_id, login->user_id, deadline_us, &user, error))
    return FALSE;
  if (user != NULL && core_session_fingerprint (user, browsers->login_key) == login->fingerprint)
    *found = g_steal_pointer (&user);
  return TRUE;
}

gboolean
kv_browser_read (KvBrowsers *browsers, const NetHttpRequest *request, gint64 deadline_us, KvBrowser *browser,
                 GError **error)
{
  NetHttpText cookie;
  CoreSession login;

  *browser = (KvBrowser){ "" };
  if (net_http_request_cookie (request, ID_COOKIE, &cookie) && cookie.length == KV_BROWSER_ID_LENGTH)
    memcpy (browser->id, cookie.text, cookie.length);
  if (!net_http_request_cookie (request, LOGIN_COOKIE, &cookie)
      || !core_session_open (&login, browsers->login_key, cookie.text, cookie.length))
    return TRUE;
  if (!find_user (browsers, &login, deadline_us, &browser->user, error))
    return FALSE;
  if (browser->user == NULL)
    return TRUE;
  memcpy (browser->login, cookie.text, cookie.length);
  browser->login_ms = login.issued_ms;
  return TRUE;
}

void
kv_browser_clear (KvBrowser *browser)
{
  g_clear_pointer (&browser->user, st_user_unref);
  OPENSSL_cleanse (browser->id, sizeof browser->id);
  OPENSSL_cleanse (browser->login, sizeof browser->login);
}

gboolean
kv_browser_introduce (KvBrowser *browser, NetHttpExchange *exchange, GError **error)
{
  g_auto (ApimSecretText) id = NULL;
  g_auto (ApimSecretText) cookie = NULL;

  if (*browser->id != '\0')
    return TRUE;
  id = apim_random_text (KV_BROWSER_ID_LENGTH, error);
  if (id == NULL)
    return FALSE;
  memcpy (browser->id, id, KV_BROWSER_ID_LENGTH);
  cookie = g_strdup_printf (ID_COOKIE "=%s; " COOKIE_RULES, id);
  net_http_exchange_add_header (exchange, "Set-Cookie", cookie);
  return TRUE;
}

gboolean
kv_browser_log_in (KvBrowsers *browsers, NetHttpExchange *exchange, const StUser *user, GError **error)
{
  CoreSession login = {
    .tenant_id = user->tenant_id,
    .user_id = user->id,
    .issued_ms = apim_clock_wall_ms (browsers->clock),
    .fingerprint = core_session_fingerprint (user, browsers->login_key),
  };
  char id[CORE_SESSION_ID_LENGTH + 1];
  g_auto (ApimSecretText) cookie = NULL;

  if (!core_session_seal (&login, browsers->login_key, id, error))
    return FALSE;
  cookie = g_strdup_printf (LOGIN_COOKIE "=%s; Max-Age=%d; " COOKIE_RULES, id, KV_BROWSER_LOGIN_S);
  net_http_exchange_add_header (exchange, "Set-Cookie", cookie);
  OPENSSL_cleanse (id, sizeof id);
  return TRUE;
}

void
kv_browser_log_out (NetHttpExchange *exchange)
{
  net_http_exchange_add_header (exchange, "Set-Cookie", LOGIN_COOKIE "=; Max-Age=0; " COOKIE_RULES);
}

static const char *const purposes[] = {
  [KV_FORM_LOGIN] = "login",
  [KV_FORM_CONSENT] = "consent",
  [KV_FORM_LOGOUT] = "logout",
};

static char *
owner_of (const KvBrowser *browser, KvForm form)
{
  return g_strconcat (browser->id, "/", form == KV_FORM_LOGIN ? "" : browser->login, NULL);
}

char *
kv_browser_seal (KvBrowsers *browsers, const KvBrowser *browser, KvForm form, const char *text, GError **error)
{
  g_auto (ApimSecretText) owner = owner_of (browser, form);

  g_return_val_if_fail (*browser->id != '\0', NULL);
  return core_sealed_make (browsers->form_key, purposes[form], owner, text,
                           apim_clock_wall_ms (browsers->clock) + KV_BROWSER_FORM_S * G_GINT64_CONSTANT (1000), error);
}

CoreSealedVerdict
kv_browser_open (KvBrowsers *browsers, const KvBrowser *browser, KvForm form, const char *sealed, char **text,
                 guint8 *nonce)
{
  g_auto (ApimSecretText) owner = owner_of (browser, form);

  if (*browser->id == '\0')
    return CORE_SEALED_FORGED;
  return core_sealed_open (browsers->form_key, purposes[form], owner, sealed, apim_clock_wall_ms (browsers->clock),
                           text, nonce);
}
