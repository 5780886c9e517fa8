/* Who is let in: cookie, Basic, permission; what costs a look-up, and for how long it is believed. */
#include "config.h"
#include "keyvalidator/kv-admission.h"
#include "tests/unit/kv-world.h"

#include <string.h>

#define PEER "192.0.2.7"

typedef struct
{
  KvWorld world;
  CoreLockout *lockout;
  CoreAuthenticator *authenticator;
  KvAdmission *admission;
  KvAdmissionResult result;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  static const char *const roles[] = { "admin", NULL };
  StUserStore *users;

  kv_world_init (&f->world);
  users = fake_store_users (f->world.store);
  fake_store_set_roles (f->world.store, ST_SUPER_TENANT_ID, ST_PRIMARY_USER_DOMAIN, KV_WORLD_USER, roles);
  fake_store_add_permission (f->world.store, ST_SUPER_TENANT_ID, "/permission", NULL, "admin", TRUE);
  f->lockout = core_lockout_new (&f->world.clock.clock);
  f->authenticator = core_authenticator_new (users, &f->world.config.user_store, NULL, f->lockout, &f->world.clock.clock);
  f->admission = kv_admission_new (f->authenticator, f->world.sessions, users, &f->world.clock.clock, 60000);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  kv_admission_free (f->admission);
  core_authenticator_free (f->authenticator);
  core_lockout_free (f->lockout);
  kv_world_clear (&f->world);
}

static guint
look_ups (Fixture *f)
{
  guint n = 0;

  for (guint kind = 0; kind < FAKE_N_KINDS; kind++)
    n += fake_store_calls (f->world.store, (FakeKind) kind);
  return n;
}

static char *
basic_header (const char *user, const char *password)
{
  g_autofree char *pair = g_strconcat (user, ":", password, NULL);
  g_autofree char *encoded = g_base64_encode ((const guchar *) pair, strlen (pair));

  return g_strconcat ("Authorization: Basic ", encoded, "\r\n", NULL);
}

static char *
cookie_header (const char *id)
{
  return g_strconcat ("Cookie: a=b; JSESSIONID=", id, "\r\n", NULL);
}

/* As the service does: first what is known, then the store. Returns whether the store was needed. */
static gboolean
ask (Fixture *f, const char *first, const char *second)
{
  g_autofree char *text = g_strconcat ("POST / HTTP/1.1\r\nHost: a\r\n", first, second, "\r\n", NULL);
  guint before = look_ups (f);
  NetHttpRequest request;
  gsize length;
  guint status;

  g_assert_cmpint (net_http_request_parse (&request, text, strlen (text), 65536, &length, &status), ==,
                   NET_HTTP_PARSE_DONE);
  kv_admission_peek (f->admission, &request, &f->result);
  g_assert_cmpuint (look_ups (f), ==, before);
  if (f->result.verdict != KV_ADMISSION_NEEDS_STORE)
    return FALSE;
  kv_admission_verify (f->admission, &request, PEER, &f->result);
  g_assert_cmpint (f->result.verdict, !=, KV_ADMISSION_NEEDS_STORE);
  return TRUE;
}

static void
test_nothing (Fixture *f, gconstpointer data)
{
  static const char *const headers[]
      = { "", "Authorization: Basic !!\r\n", "Authorization: Bearer abc\r\n", "Cookie: JSESSIONID=x\r\n",
          "Authorization: Basic YTpi\r\nAuthorization: Basic YTpi\r\n" };

  for (guint i = 0; i < G_N_ELEMENTS (headers); i++)
    {
      g_assert_false (ask (f, headers[i], ""));
      g_assert_cmpint (f->result.verdict, ==, KV_ADMISSION_NO_CREDENTIALS);
    }
}

static void
test_basic_is_remembered (Fixture *f, gconstpointer data)
{
  g_autofree char *basic = basic_header (KV_WORLD_USER, KV_WORLD_PASSWORD);
  g_autofree char *wrong = basic_header (KV_WORLD_USER, "wrong");
  g_autofree char *other = basic_header (KV_WORLD_USER, KV_WORLD_PASSWORD "x");
  char first[CORE_SESSION_ID_LENGTH + 1];

  g_assert_true (ask (f, basic, ""));
  g_assert_cmpint (f->result.verdict, ==, KV_ADMITTED);
  g_assert_cmpuint (strlen (f->result.session_id), ==, CORE_SESSION_ID_LENGTH);
  strcpy (first, f->result.session_id);
  for (guint i = 0; i < 3; i++)
    {
      g_assert_false (ask (f, basic, ""));
      g_assert_cmpint (f->result.verdict, ==, KV_ADMITTED);
      g_assert_cmpstr (f->result.session_id, ==, first);
    }
  g_assert_true (ask (f, wrong, ""));
  g_assert_cmpint (f->result.verdict, ==, KV_ADMISSION_REFUSED);
  g_assert_cmpstr (f->result.session_id, ==, "");
  g_assert_true (ask (f, other, ""));
  g_assert_cmpint (f->result.verdict, ==, KV_ADMISSION_REFUSED);

  /* The cookie that was offered is enough by itself, and goes before whatever else is sent. */
  {
    g_autofree char *cookie = cookie_header (first);

    g_assert_false (ask (f, cookie, ""));
    g_assert_cmpint (f->result.verdict, ==, KV_ADMITTED);
    g_assert_cmpstr (f->result.session_id, ==, "");
    g_assert_false (ask (f, cookie, wrong));
    g_assert_cmpint (f->result.verdict, ==, KV_ADMITTED);
  }
}

static void
test_cookie_of_another_node (Fixture *f, gconstpointer data)
{
  CoreSession claims;
  char id[CORE_SESSION_ID_LENGTH + 1];
  g_autofree char *cookie = NULL;

  g_assert_true (core_session_open (&claims, f->world.key, f->world.session_id, CORE_SESSION_ID_LENGTH));
  g_assert_true (core_session_seal (&claims, f->world.key, id, NULL));
  cookie = cookie_header (id);
  g_assert_true (ask (f, cookie, ""));
  g_assert_cmpint (f->result.verdict, ==, KV_ADMITTED);
  g_assert_false (ask (f, cookie, ""));
  g_assert_cmpint (f->result.verdict, ==, KV_ADMITTED);
}

/* A dead cookie beside good credentials is no reason to refuse. */
static void
test_dead_cookie (Fixture *f, gconstpointer data)
{
  g_autofree char *basic = basic_header (KV_WORLD_USER, KV_WORLD_PASSWORD);

  g_assert_true (ask (f, "Cookie: JSESSIONID=0123\r\n", basic));
  g_assert_cmpint (f->result.verdict, ==, KV_ADMITTED);
  g_assert_cmpuint (strlen (f->result.session_id), ==, CORE_SESSION_ID_LENGTH);
}

static void
test_no_permission (Fixture *f, gconstpointer data)
{
  static const char *const roles[] = { "subscriber", NULL };
  g_autofree char *basic = basic_header (KV_WORLD_USER, KV_WORLD_PASSWORD);

  fake_store_set_roles (f->world.store, ST_SUPER_TENANT_ID, ST_PRIMARY_USER_DOMAIN, KV_WORLD_USER, roles);
  g_assert_true (ask (f, basic, ""));
  g_assert_cmpint (f->result.verdict, ==, KV_ADMISSION_NOT_PERMITTED);
  g_assert_false (ask (f, basic, ""));
  g_assert_cmpint (f->result.verdict, ==, KV_ADMISSION_NOT_PERMITTED);
}

/* Whatever changes, it is noticed within KV_SESSION_STALE_AFTER_MS, also while requests keep coming. */
static void
wait_for (Fixture *f, const char *headers, KvAdmissionVerdict verdict)
{
  for (gint64 waited_ms = 0; waited_ms <= KV_SESSION_STALE_AFTER_MS; waited_ms += 1000)
    {
      apim_manual_clock_advance (&f->world.clock, 1000);
      ask (f, headers, "");
      if (f->result.verdict == verdict)
        return;
    }
  g_assert_not_reached ();
}

static void
test_permission_lost (Fixture *f, gconstpointer data)
{
  static const char *const none[] = { NULL }, *const admin[] = { "admin", NULL };
  g_autofree char *basic = basic_header (KV_WORLD_USER, KV_WORLD_PASSWORD);

  ask (f, basic, "");
  g_assert_cmpint (f->result.verdict, ==, KV_ADMITTED);
  fake_store_set_roles (f->world.store, ST_SUPER_TENANT_ID, ST_PRIMARY_USER_DOMAIN, KV_WORLD_USER, none);
  wait_for (f, basic, KV_ADMISSION_NOT_PERMITTED);
  fake_store_set_roles (f->world.store, ST_SUPER_TENANT_ID, ST_PRIMARY_USER_DOMAIN, KV_WORLD_USER, admin);
  wait_for (f, basic, KV_ADMITTED);
}

static void
test_password_changed (Fixture *f, gconstpointer data)
{
  g_autofree char *basic = basic_header (KV_WORLD_USER, KV_WORLD_PASSWORD);
  g_autofree char *cookie = NULL;

  ask (f, basic, "");
  g_assert_cmpint (f->result.verdict, ==, KV_ADMITTED);
  cookie = cookie_header (f->result.session_id);
  kv_world_set_admin (&f->world, 3, "anotherHash=");
  wait_for (f, basic, KV_ADMISSION_REFUSED);
  ask (f, cookie, "");
  g_assert_cmpint (f->result.verdict, ==, KV_ADMISSION_NO_CREDENTIALS);
}

static void
test_user_deleted (Fixture *f, gconstpointer data)
{
  g_autofree char *cookie = cookie_header (f->world.session_id);

  ask (f, cookie, "");
  g_assert_cmpint (f->result.verdict, ==, KV_ADMITTED);
  fake_store_remove_user (f->world.store, ST_SUPER_TENANT_ID, KV_WORLD_USER);
  wait_for (f, cookie, KV_ADMISSION_NO_CREDENTIALS);
}

/* An outage keeps what was confirmed less than a minute ago, and nothing else. */
static void
test_outage (Fixture *f, gconstpointer data)
{
  g_autofree char *basic = basic_header (KV_WORLD_USER, KV_WORLD_PASSWORD);

  fake_store_fail (f->world.store, FAKE_PERMISSIONS, ST_ERROR_UNAVAILABLE, 1);
  ask (f, basic, "");
  g_assert_cmpint (f->result.verdict, ==, KV_ADMISSION_FAILED);
  fake_store_fail (f->world.store, FAKE_USER, ST_ERROR_UNAVAILABLE, 1);
  ask (f, "Authorization: Basic YTpi\r\n", "");
  g_assert_cmpint (f->result.verdict, ==, KV_ADMISSION_FAILED);

  ask (f, basic, "");
  g_assert_cmpint (f->result.verdict, ==, KV_ADMITTED);
  fake_store_fail (f->world.store, FAKE_USER, ST_ERROR_UNAVAILABLE, G_MAXUINT);
  fake_store_fail (f->world.store, FAKE_PERMISSIONS, ST_ERROR_UNAVAILABLE, G_MAXUINT);
  apim_manual_clock_advance (&f->world.clock, KV_SESSION_CHECK_EVERY_MS + 1000);
  ask (f, basic, "");
  g_assert_cmpint (f->result.verdict, ==, KV_ADMITTED);
  wait_for (f, basic, KV_ADMISSION_FAILED);
}

/* After the time that credentials are remembered, the password is checked anew. */
static void
test_memory_ends (Fixture *f, gconstpointer data)
{
  g_autofree char *basic = basic_header (KV_WORLD_USER, KV_WORLD_PASSWORD);
  char first[CORE_SESSION_ID_LENGTH + 1];

  ask (f, basic, "");
  strcpy (first, f->result.session_id);
  apim_manual_clock_advance (&f->world.clock, KV_ADMISSION_REMEMBER_MS);
  g_assert_true (ask (f, basic, ""));
  g_assert_cmpint (f->result.verdict, ==, KV_ADMITTED);
  g_assert_cmpstr (f->result.session_id, !=, first);
}

/* Strangers who guess are held up as at the other doors, and do not lock out those who are in. */
static void
test_lockout (Fixture *f, gconstpointer data)
{
  g_autofree char *basic = basic_header (KV_WORLD_USER, KV_WORLD_PASSWORD);
  g_autofree char *wrong = basic_header (KV_WORLD_USER, "wrong");
  g_autofree char *cookie = cookie_header (f->world.session_id);

  for (guint i = 0; i < 20; i++)
    ask (f, wrong, "");
  ask (f, basic, "");
  g_assert_cmpint (f->result.verdict, ==, KV_ADMISSION_REFUSED);
  ask (f, cookie, "");
  g_assert_cmpint (f->result.verdict, ==, KV_ADMITTED);
}

#define ADD(name, function) g_test_add ("/kv-admission/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("nothing", test_nothing);
  ADD ("basic-is-remembered", test_basic_is_remembered);
  ADD ("cookie-of-another-node", test_cookie_of_another_node);
  ADD ("dead-cookie", test_dead_cookie);
  ADD ("no-permission", test_no_permission);
  ADD ("permission-lost", test_permission_lost);
  ADD ("password-changed", test_password_changed);
  ADD ("user-deleted", test_user_deleted);
  ADD ("outage", test_outage);
  ADD ("memory-ends", test_memory_ends);
  ADD ("lockout", test_lockout);
  return g_test_run ();
}
