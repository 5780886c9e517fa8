/* The login service from HTTP bytes to HTTP bytes (spec/thrift-key-validation.md 4), over a connection in memory. */
#include "config.h"
#include "keyvalidator/kv-login.h"
#include "tests/unit/fake-net-conn.h"
#include "tests/unit/kv-world.h"

#include <string.h>

typedef struct
{
  KvWorld world;
  CoreLockout *lockout;
  CoreAuthenticator *authenticator;
  KvLogin *login;
  ApimPool *pool;
  NetHttpServer *server;
} Fixture;

static void
make_service (Fixture *fixture, const char *required_role)
{
  KvWorld *world = &fixture->world;

  fixture->lockout = core_lockout_new (&world->clock.clock);
  fixture->authenticator = core_authenticator_new (fake_store_users (world->store), &world->config.user_store, required_role,
                                                 fixture->lockout, &world->clock.clock);
  fixture->login = kv_login_new (fixture->authenticator, world->sessions, 60000);
  fixture->server = net_http_server_new (&world->config.limits, fixture->pool);
  kv_login_add_to (fixture->login, fixture->server, "/km");
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  kv_world_init (&fixture->world);
  fixture->pool = apim_pool_new ("http", 1, 16);
  make_service (fixture, data);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  apim_pool_free (fixture->pool);
  net_http_server_free (fixture->server);
  kv_login_free (fixture->login);
  core_authenticator_free (fixture->authenticator);
  core_lockout_free (fixture->lockout);
  kv_world_clear (&fixture->world);
}

/* The compact-protocol call of golden example 9.8, with these texts; NULL leaves the argument out. */
static GByteArray *
login_call (const char *method, const char *user, const char *password)
{
  GByteArray *call = g_byte_array_new ();
  const char *const texts[] = { user, password };
  guint8 last_id = 0;

  g_byte_array_append (call, (const guint8 *) "\x82\x21\x01", 3);
  g_byte_array_append (call, (const guint8[]){ (guint8) strlen (method) }, 1);
  g_byte_array_append (call, (const guint8 *) method, strlen (method));
  for (guint8 i = 0; i < 2; i++)
    {
      if (texts[i] == NULL)
        continue;
      g_byte_array_append (call, (const guint8[]){ (guint8) ((i + 1 - last_id) << 4 | 8), (guint8) strlen (texts[i]) }, 2);
      g_byte_array_append (call, (const guint8 *) texts[i], strlen (texts[i]));
      last_id = i + 1;
    }
  g_byte_array_append (call, (const guint8[]){ 0 }, 1);
  return call;
}

/* Posts @body; returns the answer's body. */
static GByteArray *
post (Fixture *fixture, const char *path, const GByteArray *body, guint expected_status)
{
  g_autoptr (NetConn) conn = fake_conn_new (&net_http_protocol, fixture->server);
  g_autofree char *head = g_strdup_printf ("POST %s HTTP/1.1\r\nHost: km\r\nContent-Length: %u\r\n\r\n", path, body->len);
  g_autofree char *status = g_strdup_printf ("HTTP/1.1 %u ", expected_status);
  GByteArray *answer = g_byte_array_new ();
  const char *sent, *end;
  gsize length;

  fake_conn_feed (conn, head, strlen (head));
  fake_conn_feed (conn, body->data, body->len);
  if (fake_conn_is_busy (conn))
    fake_worker_wait ();
  sent = fake_conn_sent (conn, &length);
  g_assert_true (length > strlen (status) && memcmp (sent, status, strlen (status)) == 0);
  end = g_strstr_len (sent, (gssize) length, "\r\n\r\n");
  g_assert_nonnull (end);
  if (expected_status == 200)
    g_assert_nonnull (g_strstr_len (sent, end - sent, "Content-Type: application/x-thrift"));
  g_byte_array_append (answer, (const guint8 *) end + 4, (guint) (sent + length - end - 4));
  return answer;
}

static GByteArray *
try_login (Fixture *fixture, const char *user, const char *password)
{
  g_autoptr (GByteArray) call = login_call ("authenticate", user, password);

  return post (fixture, "/km/thriftAuthenticator", call, 200);
}

/* A reply with AuthenticationException: `82 41 01 authenticate 1c 18 length text 00 00`. */
static void
assert_refused (const GByteArray *answer, const char *text)
{
  g_autoptr (GByteArray) expected = g_byte_array_new ();

  g_byte_array_append (expected, (const guint8 *) "\x82\x41\x01\x0c" "authenticate" "\x1c\x18", 18);
  g_byte_array_append (expected, (const guint8[]){ (guint8) strlen (text) }, 1);
  g_byte_array_append (expected, (const guint8 *) text, strlen (text));
  g_byte_array_append (expected, (const guint8 *) "\0\0", 2);
  g_assert_cmpmem (answer->data, answer->len, expected->data, expected->len);
}

static void
assert_logged_in (Fixture *fixture, const GByteArray *answer)
{
  KvSession *found;
  const gsize head = 16 + 3; /* envelope; field header, id 0, length */

  g_assert_cmpuint (answer->len, ==, head + CORE_SESSION_ID_LENGTH + 1);
  g_assert_cmpmem (answer->data, head, "\x82\x41\x01\x0c" "authenticate" "\x08\x00\x3e", head);
  g_assert_cmpint (kv_sessions_peek (fixture->world.sessions, NULL, (const char *) answer->data + head,
                                     CORE_SESSION_ID_LENGTH, &found),
                   ==, KV_SESSION_VALID);
  kv_session_unref (found);
}

static void
test_right_password (Fixture *fixture, gconstpointer data)
{
  static const char *const names[]
      = { "admin", "ADMIN", "admin@carbon.super", "PRIMARY/admin", "primary/Admin@carbon.super" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GByteArray) answer = try_login (fixture, names[i], KV_WORLD_PASSWORD);

      assert_logged_in (fixture, answer);
    }
}

/* Text behind the last "@" that is no tenant belongs to the name; one that is, names the tenant. */
static void
test_email_names (Fixture *fixture, gconstpointer data)
{
  static const char *const names[] = { "jo@mail.example", "JO@mail.example@carbon.super", "PRIMARY/jo@mail.example" };
  StUserStore *users = fake_store_users (fixture->world.store);
  g_autoptr (StUser) admin = NULL;
  StUser *jo = st_user_new ();

  g_assert_true (st_user_store_find_user (users, ST_SUPER_TENANT_ID, KV_WORLD_USER, 0, &admin, NULL));
  *jo = (StUser){ .id = 77, .tenant_id = ST_SUPER_TENANT_ID, .name = g_strdup ("jo@mail.example"),
                  .password_hash = g_strdup (admin->password_hash), .salt = g_strdup (admin->salt) };
  fake_store_add_user (fixture->world.store, jo);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GByteArray) answer = try_login (fixture, names[i], KV_WORLD_PASSWORD);

      assert_logged_in (fixture, answer);
    }
}

typedef struct
{
  const char *user, *password, *text;
} Refusal;

/* An unknown user and a wrong password look the same. */
static const Refusal refusals[] = {
  { "admin", "wrong", "User 'admin' not authenticated." },
  { "nobody", "wrong", "User 'nobody' not authenticated." },
  { "admin@nowhere.example", KV_WORLD_PASSWORD, "User 'admin@nowhere.example' not authenticated." },
  { "admin@sleeping.example", KV_WORLD_PASSWORD, "User 'admin@sleeping.example' not authenticated." },
  { "LDAP/admin", KV_WORLD_PASSWORD, "User 'LDAP/admin' not authenticated." },
  { "/admin", KV_WORLD_PASSWORD, "User '/admin' not authenticated." },
  { "PRIMARY/", KV_WORLD_PASSWORD, "User 'PRIMARY/' not authenticated." },
  { "admin@", KV_WORLD_PASSWORD, "Authentication request was missing the domain name of the user" },
  { "", KV_WORLD_PASSWORD, "Authentication request was missing the user name " },
  { "admin", "", "Authentication request was missing the required password" },
  { "adm\xff", "x", "User 'adm\xff' not authenticated." },
};

static void
test_refusals (Fixture *fixture, gconstpointer data)
{
  for (gsize i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      g_autoptr (GByteArray) answer = try_login (fixture, refusals[i].user, refusals[i].password);

      assert_refused (answer, refusals[i].text);
    }
}

static void
test_missing_argument (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GByteArray) answer = try_login (fixture, "admin", NULL);

  g_assert_cmpint (answer->data[1], ==, 0x61);
  g_assert_nonnull (g_strstr_len ((const char *) answer->data, answer->len,
                                  "Required field 'password' was not present! Struct: authenticate_args"));
}

static void
test_unknown_method (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GByteArray) call = login_call ("logout", "admin", NULL);
  g_autoptr (GByteArray) answer = post (fixture, "/km/thriftAuthenticator", call, 200);

  g_assert_cmpint (answer->data[1], ==, 0x61);
  g_assert_nonnull (g_strstr_len ((const char *) answer->data, answer->len, "Invalid method name: 'logout'"));
}

static void
test_rubbish (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GByteArray) empty = g_byte_array_new ();
  g_autoptr (GByteArray) once = login_call ("authenticate", "admin", KV_WORLD_PASSWORD);
  g_autoptr (GByteArray) twice = login_call ("authenticate", "admin", KV_WORLD_PASSWORD);
  g_autoptr (GByteArray) answer = NULL;

  g_byte_array_unref (post (fixture, "/km/thriftAuthenticator", empty, 500));
  g_byte_array_unref (post (fixture, "/thriftAuthenticator", twice, 404));
  g_byte_array_append (twice, once->data, once->len);
  answer = post (fixture, "/km/thriftAuthenticator", twice, 200);
  assert_logged_in (fixture, answer);
}

static void
test_store_away (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GByteArray) answer = NULL;

  fake_store_fail (fixture->world.store, FAKE_USER, ST_ERROR_UNAVAILABLE, 1);
  answer = try_login (fixture, "admin", KV_WORLD_PASSWORD);
  assert_refused (answer, "User not authenticated for the given username : admin");
}

/* Even the right password is not looked at while the lock-out runs, and is taken again after it. */
static void
test_lockout (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GByteArray) locked = NULL;
  g_autoptr (GByteArray) free_again = NULL;

  for (int i = 0; i < 6; i++)
    g_byte_array_unref (try_login (fixture, "admin", "wrong"));
  locked = try_login (fixture, "admin", KV_WORLD_PASSWORD);
  assert_refused (locked, "User 'admin' not authenticated.");
  apim_manual_clock_advance (&fixture->world.clock, 5 * 60000);
  free_again = try_login (fixture, "admin", KV_WORLD_PASSWORD);
  assert_logged_in (fixture, free_again);
}

/* Another way to write the same user's name is no way around it. */
static void
test_lockout_of_both_names (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GByteArray) locked = NULL;

  for (int i = 0; i < 3; i++)
    {
      g_byte_array_unref (try_login (fixture, "admin", "wrong"));
      g_byte_array_unref (try_login (fixture, "PRIMARY/admin", "wrong"));
    }
  locked = try_login (fixture, "primary/admin", KV_WORLD_PASSWORD);
  assert_refused (locked, "User 'primary/admin' not authenticated.");
}

static void
test_required_role (Fixture *fixture, gconstpointer role)
{
  const char *const roles[] = { "gateway", NULL };
  g_autoptr (GByteArray) refused = try_login (fixture, "admin", KV_WORLD_PASSWORD);
  g_autoptr (GByteArray) accepted = NULL;

  assert_refused (refused, "User 'admin' not authenticated.");
  fake_store_set_roles (fixture->world.store, ST_SUPER_TENANT_ID, ST_PRIMARY_USER_DOMAIN, "admin", roles);
  accepted = try_login (fixture, "admin", KV_WORLD_PASSWORD);
  assert_logged_in (fixture, accepted);
}

#define ADD(name, data, function) g_test_add ("/kv-login/" name, Fixture, data, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("right-password", NULL, test_right_password);
  ADD ("email-names", NULL, test_email_names);
  ADD ("refusals", NULL, test_refusals);
  ADD ("missing-argument", NULL, test_missing_argument);
  ADD ("unknown-method", NULL, test_unknown_method);
  ADD ("rubbish", NULL, test_rubbish);
  ADD ("store-away", NULL, test_store_away);
  ADD ("lockout", NULL, test_lockout);
  ADD ("lockout-of-both-names", NULL, test_lockout_of_both_names);
  ADD ("required-role", "gateway", test_required_role);
  return g_test_run ();
}
