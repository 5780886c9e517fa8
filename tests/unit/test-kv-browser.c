/* Cookies and forms of browsers: what two nodes with one cluster key believe of each other, and of nobody else. */
#include "config.h"
#include "keyvalidator/oauth/kv-browser.h"

#include "common/apim-cluster-key.h"
#include "tests/unit/fake-net-conn.h"
#include "tests/unit/kv-world.h"

#include <glib/gstdio.h>
#include <string.h>

#define ID "0123456789abcdefghijABCDEFGHIJ01"
#define OTHER_ID "0123456789abcdefghijABCDEFGHIJ02"

typedef struct
{
  KvWorld world;
  char *home;
  KvBrowsers *browsers;
  KvBrowsers *of_other_node;
  NetHttpServer *server;
} Fixture;

/* Answers with the cookies of a login of the administrator. */
static void
handle_login (NetHttpExchange *exchange, gpointer data)
{
  Fixture *fixture = data;
  g_autoptr (StUser) user = NULL;
  g_autoptr (GError) error = NULL;
  KvBrowser browser = { "" };

  g_assert_true (st_user_store_find_user (fake_store_users (fixture->world.store), ST_SUPER_TENANT_ID, KV_WORLD_USER,
                                          kv_world_deadline (), &user, &error));
  g_assert_true (kv_browser_introduce (&browser, exchange, &error));
  g_assert_true (kv_browser_log_in (fixture->browsers, exchange, user, &error));
  kv_browser_clear (&browser);
  net_http_respond (exchange, 200, NULL, NULL, 0);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  StUserStore *users;

  kv_world_init (&fixture->world);
  users = fake_store_users (fixture->world.store);
  fixture->home = g_dir_make_tmp ("apim-browser-XXXXXX", &error);
  g_assert_no_error (error);
  g_assert_true (apim_cluster_key_make (fixture->home, NULL, &error));
  fixture->browsers = kv_browsers_new (fixture->home, users, &fixture->world.clock.clock, &error);
  fixture->of_other_node = kv_browsers_new (fixture->home, users, &fixture->world.clock.clock, &error);
  g_assert_no_error (error);
  fixture->server = net_http_server_new (&fixture->world.config.limits, NULL);
  net_http_server_add (fixture->server, "/login", NET_HTTP_ON_WORKER, handle_login, fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autofree char *command = g_strdup_printf ("rm -r '%s'", fixture->home);

  g_assert_true (g_spawn_command_line_sync (command, NULL, NULL, NULL, NULL));
  net_http_server_free (fixture->server);
  kv_browsers_free (fixture->browsers);
  kv_browsers_free (fixture->of_other_node);
  g_free (fixture->home);
  kv_world_clear (&fixture->world);
}

/* The value of the cookie that logs the administrator in. Free with g_free(). */
static char *
log_in (Fixture *fixture)
{
  static const char request[] = "GET /login HTTP/1.1\r\nHost: km\r\n\r\n";
  g_autoptr (NetConn) conn = fake_conn_new (&net_http_protocol, fixture->server);
  const char *sent, *cookie;
  gsize length;

  fake_conn_feed (conn, request, strlen (request));
  sent = fake_conn_sent (conn, &length);
  g_assert_nonnull (g_strstr_len (sent, (gssize) length, "Set-Cookie: __Host-apim-browser="));
  cookie = g_strstr_len (sent, (gssize) length, "Set-Cookie: __Host-apim-login=");
  g_assert_nonnull (cookie);
  return g_strndup (cookie + strlen ("Set-Cookie: __Host-apim-login="), CORE_SESSION_ID_LENGTH);
}

/* Reads the cookies of a request that has these. */
static void
read_cookies (Fixture *fixture, KvBrowsers *browsers, const char *id, const char *login, KvBrowser *browser)
{
  g_autofree char *head = g_strdup_printf (
      "GET / HTTP/1.1\r\nHost: km\r\nCookie: __Host-apim-browser=%s; __Host-apim-login=%s\r\n\r\n", id, login);
  g_autoptr (GError) error = NULL;
  NetHttpRequest request;
  gsize length;
  guint status;

  g_assert_cmpint (net_http_request_parse (&request, head, strlen (head), 8192, &length, &status), ==,
                   NET_HTTP_PARSE_DONE);
  g_assert_true (kv_browser_read (browsers, &request, kv_world_deadline (), browser, &error));
  g_assert_no_error (error);
}

static gboolean
is_logged_in (Fixture *fixture, KvBrowsers *browsers, const char *login)
{
  g_auto (KvBrowser) browser = { "" };

  read_cookies (fixture, browsers, ID, login, &browser);
  g_assert_true ((browser.user != NULL) == (*browser.login != '\0'));
  return browser.user != NULL;
}

static void
test_login (Fixture *fixture, gconstpointer data)
{
  g_autofree char *login = log_in (fixture);

  g_assert_true (is_logged_in (fixture, fixture->browsers, login));
  g_assert_true (is_logged_in (fixture, fixture->of_other_node, login));
  g_assert_false (is_logged_in (fixture, fixture->browsers, ""));
  g_assert_false (is_logged_in (fixture, fixture->browsers, fixture->world.session_id)); /* a Thrift session is none */
  login[5] ^= 1;
  g_assert_false (is_logged_in (fixture, fixture->browsers, login));
}

static void
test_login_ends (Fixture *fixture, gconstpointer data)
{
  g_autofree char *login = log_in (fixture);

  fixture->world.clock.now_wall_ms += KV_BROWSER_LOGIN_S * 1000 - 1;
  g_assert_true (is_logged_in (fixture, fixture->browsers, login));
  fixture->world.clock.now_wall_ms += 1;
  g_assert_false (is_logged_in (fixture, fixture->browsers, login));
}

static void
test_new_password (Fixture *fixture, gconstpointer data)
{
  g_autofree char *login = log_in (fixture);

  kv_world_set_admin (&fixture->world, 1, "jGl25bVBBBW96Qi9Te4V37Fnqchz/Eu4qB9vKrRIqRg=");
  g_assert_false (is_logged_in (fixture, fixture->browsers, login));
}

static CoreSealedVerdict
try (KvBrowsers *browsers, const KvBrowser *browser, KvForm form, const char *sealed)
{
  g_autofree char *text = NULL;
  guint8 nonce[CORE_SEALED_NONCE_SIZE];

  return kv_browser_open (browsers, browser, form, sealed, &text, nonce);
}

static void
test_forms (Fixture *fixture, gconstpointer data)
{
  g_autofree char *login = log_in (fixture);
  g_autofree char *later_login = log_in (fixture);
  g_auto (KvBrowser) browser = { "" }, later = { "" }, other = { "" }, unknown = { "" };
  g_autofree char *sealed = NULL;
  g_autofree char *before_login = NULL;

  read_cookies (fixture, fixture->browsers, ID, login, &browser);
  read_cookies (fixture, fixture->browsers, ID, later_login, &later);
  read_cookies (fixture, fixture->browsers, OTHER_ID, login, &other);
  read_cookies (fixture, fixture->browsers, "short", login, &unknown);
  sealed = kv_browser_seal (fixture->browsers, &browser, KV_FORM_CONSENT, "a=b", NULL);
  before_login = kv_browser_seal (fixture->browsers, &browser, KV_FORM_LOGIN, "a=b", NULL);

  g_assert_cmpint (try (fixture->of_other_node, &browser, KV_FORM_CONSENT, sealed), ==, CORE_SEALED_OK);
  g_assert_cmpint (try (fixture->browsers, &browser, KV_FORM_LOGOUT, sealed), ==, CORE_SEALED_FORGED);
  g_assert_cmpint (try (fixture->browsers, &browser, KV_FORM_LOGIN, sealed), ==, CORE_SEALED_FORGED);
  g_assert_cmpint (try (fixture->browsers, &later, KV_FORM_CONSENT, sealed), ==, CORE_SEALED_FORGED);
  g_assert_cmpint (try (fixture->browsers, &later, KV_FORM_LOGIN, before_login), ==, CORE_SEALED_OK);
  g_assert_cmpint (try (fixture->browsers, &other, KV_FORM_CONSENT, sealed), ==, CORE_SEALED_FORGED);
  g_assert_cmpint (try (fixture->browsers, &unknown, KV_FORM_CONSENT, sealed), ==, CORE_SEALED_FORGED);
  fixture->world.clock.now_wall_ms += KV_BROWSER_FORM_S * 1000;
  g_assert_cmpint (try (fixture->browsers, &browser, KV_FORM_CONSENT, sealed), ==, CORE_SEALED_EXPIRED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, function) g_test_add ("/kv-browser/" path, Fixture, NULL, set_up, function, tear_down)
  ADD ("login", test_login);
  ADD ("login-ends", test_login_ends);
  ADD ("new-password", test_new_password);
  ADD ("forms", test_forms);
  return g_test_run ();
}
