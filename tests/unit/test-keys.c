/* Keys of applications: clients, mappings, secrets and application tokens, on every release's tables. */
#include "config.h"

#include "core/core-application.h"
#include "core/core-key.h"
#include "core/core-oauth-client.h"
#include "core/core-workflow.h"
#include "store/st-oauth-code.h"
#include "tests/lib/portal-world.h"

#include <string.h>

static char *
create_application (PortalWorld *of, const CoreActor *actor, const char *name)
{
  const CoreApplicationInput input = { .name = name, .callback_url = "https://phone.example/cb" };
  g_autoptr (StApplicationRecord) created = NULL;

  PORTAL_DO (core_application_create (&of->portal, actor, &input, &created, &error));
  return created->uuid != NULL ? g_strdup (created->uuid) : g_strdup_printf ("%" G_GINT64_FORMAT, created->id);
}

/* The states of the tokens, in order of their issue. */
static void
assert_tokens (WriteWorld *world, const char *expected)
{
  write_world_rows (world, "SELECT TOKEN_STATE FROM IDN_OAUTH2_ACCESS_TOKEN ORDER BY TOKEN_STATE", expected);
}

static void
test_generate (WriteWorld *world)
{
  g_autoptr (PortalWorld) of = portal_world_new (world);
  g_autofree char *application = create_application (of, of->alice, "Phone");
  const CoreKeyRequest request = { .application = application, .type = "PRODUCTION", .validity = "1800" };
  g_autoptr (CoreKey) key = NULL;
  g_autoptr (CoreKey) seen = NULL;
  g_autoptr (CoreKey) none = NULL;
  g_autoptr (GPtrArray) all = NULL;

  PORTAL_DO (core_key_generate (&of->portal, of->alice, &request, &key, &error));
  g_assert_cmpstr (key->key->state, ==, "COMPLETED");
  g_assert_cmpuint (strlen (key->client->key), ==, 28);
  g_assert_cmpuint (strlen (key->client->secret), ==, 28);
  g_assert_cmpstr (key->client->name, ==, "alice_Phone_PRODUCTION");
  g_assert_cmpstr (key->client->callback_url, ==, "https://phone.example/cb");
  g_assert_cmpstr (key->client->grant_types, ==, CORE_OAUTH_GRANTS);
  g_assert_cmpstr (key->issued.text, ==, key->issued.token->access_token);
  g_assert_cmpint (key->issued.expires_in_s, ==, 1800);
  write_world_rows (world,
                    "SELECT KEY_TYPE, STATE, CREATE_MODE FROM AM_APPLICATION_KEY_MAPPING", "PRODUCTION|COMPLETED|CREATED");
  write_world_rows (world, "SELECT AUTHZ_DOMAIN FROM AM_APP_KEY_DOMAIN_MAPPING", "ALL");
  assert_tokens (world, "ACTIVE");
  PORTAL_REFUSE (CORE_PORTAL_ERROR_CONFLICT, "has PRODUCTION keys already",
                 core_key_generate (&of->portal, of->alice, &request, &none, &error));
  PORTAL_DO (core_key_get (&of->portal, of->alice, application, "PRODUCTION", &seen, &error));
  g_assert_cmpstr (seen->client->key, ==, key->client->key);
  g_assert_null (seen->client->secret);
  g_assert_null (seen->issued.token);
  PORTAL_DO (core_key_list (&of->portal, of->alice, application, &all, &error));
  g_assert_cmpuint (all->len, ==, 1);
  PORTAL_REFUSE (CORE_PORTAL_ERROR_NOT_FOUND, "has no SANDBOX keys",
                 core_key_get (&of->portal, of->alice, application, "SANDBOX", &none, &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_NOT_FOUND, "of yours",
                 core_key_get (&of->portal, of->bob, application, "PRODUCTION", &none, &error));
}

static void
test_bad_input (WriteWorld *world)
{
  static const char *const bad_grants[] = { "password grant", NULL };
  static const char *const bad_domains[] = { "a,b", NULL };
  static const char *const bad_scopes[] = { "a\"b", NULL };
  g_autoptr (PortalWorld) of = portal_world_new (world);
  g_autofree char *application = create_application (of, of->alice, "Phone");
  const struct
  {
    CoreKeyRequest request;
    const char *words;
  } cases[] = {
    { { application, .type = "STAGING" }, "Invalid Token Type 'STAGING' requested." },
    { { application }, "Invalid Token Type '' requested." },
    { { application, .type = "SANDBOX", .callback_url = "data:x" }, "no absolute URL" },
    { { application, .type = "SANDBOX", .grant_types = bad_grants }, "no name of a grant" },
    { { application, .type = "SANDBOX", .domains = bad_domains }, "no domain" },
    { { application, .type = "SANDBOX", .scopes = bad_scopes }, "names of scopes" },
    { { application, .type = "SANDBOX", .validity = "soon" }, "no number of seconds" },
  };
  g_autoptr (CoreKey) none = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    PORTAL_REFUSE (CORE_PORTAL_ERROR_INVALID, cases[i].words,
                   core_key_generate (&of->portal, of->alice, &cases[i].request, &none, &error));
  write_world_rows (world, "SELECT COUNT(*) FROM AM_APPLICATION_KEY_MAPPING", "0");
}

/* What was asked for waits for an administrator, and is made when its owner comes back. */
static void
test_approval (WriteWorld *world)
{
  static const char *const grants[] = { "client_credentials", "authorization_code", NULL };
  static const char *const domains[] = { "example.com", "example.org", NULL };
  g_autoptr (PortalWorld) of = portal_world_new (world);
  g_autofree char *application = create_application (of, of->alice, "Phone");
  const CoreKeyRequest request = { .application = application,
                                   .type = "SANDBOX",
                                   .callback_url = "https://other.example/",
                                   .grant_types = grants,
                                   .domains = domains,
                                   .validity = "60" };
  const CoreKeyRequest again = { .application = application, .type = "SANDBOX" };
  g_autoptr (CoreKey) waiting = NULL;
  g_autoptr (CoreKey) still = NULL;
  g_autoptr (CoreKey) made = NULL;
  g_autoptr (GPtrArray) tasks = NULL;

  of->workflows.executors[APIM_WORKFLOW_SANDBOX_KEYS] = APIM_EXECUTOR_APPROVAL;
  PORTAL_DO (core_key_generate (&of->portal, of->alice, &request, &waiting, &error));
  g_assert_cmpstr (waiting->key->state, ==, "CREATED");
  g_assert_null (waiting->client);
  PORTAL_DO (core_key_generate (&of->portal, of->alice, &again, &still, &error));
  g_assert_cmpstr (still->key->state, ==, "CREATED");
  PORTAL_DO (core_workflow_list (&of->portal, of->admin, NULL, "CREATED", NULL, &tasks, NULL, &error));
  g_assert_cmpuint (tasks->len, ==, 1);
  PORTAL_DO (core_workflow_decide (&of->portal, of->admin, waiting->key->workflow_reference, TRUE, NULL, NULL, &error));
  PORTAL_DO (core_key_generate (&of->portal, of->alice, &again, &made, &error));
  g_assert_cmpstr (made->key->state, ==, "COMPLETED");
  g_assert_cmpstr (made->client->callback_url, ==, "https://other.example/");
  g_assert_cmpstr (made->client->grant_types, ==, "client_credentials authorization_code");
  g_assert_cmpuint (g_strv_length (made->key->domains), ==, 2);
  g_assert_cmpint (made->issued.expires_in_s, ==, 60);
}

/* A request that was rejected is cleaned up, and made again. */
static void
test_rejection (WriteWorld *world)
{
  g_autoptr (PortalWorld) of = portal_world_new (world);
  g_autofree char *application = create_application (of, of->alice, "Phone");
  const CoreKeyRequest request = { .application = application, .type = "PRODUCTION" };
  g_autoptr (CoreKey) waiting = NULL;
  g_autoptr (CoreKey) made = NULL;

  of->workflows.executors[APIM_WORKFLOW_PRODUCTION_KEYS] = APIM_EXECUTOR_APPROVAL;
  PORTAL_DO (core_key_generate (&of->portal, of->alice, &request, &waiting, &error));
  PORTAL_DO (core_workflow_decide (&of->portal, of->admin, waiting->key->workflow_reference, FALSE, NULL, NULL, &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_CONFLICT, "clean up the registration",
                 core_key_generate (&of->portal, of->alice, &request, &made, &error));
  PORTAL_DO (core_key_clean_up (&of->portal, of->alice, application, "PRODUCTION", &error));
  PORTAL_DO (core_key_clean_up (&of->portal, of->alice, application, "PRODUCTION", &error));
  of->workflows.executors[APIM_WORKFLOW_PRODUCTION_KEYS] = APIM_EXECUTOR_SIMPLE;
  PORTAL_DO (core_key_generate (&of->portal, of->alice, &request, &made, &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_CONFLICT, "already",
                 core_key_clean_up (&of->portal, of->alice, application, "PRODUCTION", &error));
}

static void
test_change (WriteWorld *world)
{
  static const char *const grants[] = { "client_credentials", "authorization_code", NULL };
  static const char *const domains[] = { "example.com", NULL };
  g_autoptr (PortalWorld) of = portal_world_new (world);
  g_autofree char *application = create_application (of, of->alice, "Phone");
  const CoreKeyRequest request = { .application = application, .type = "PRODUCTION" };
  const CoreKeyRequest change
      = { .application = application, .type = "PRODUCTION", .callback_url = "", .grant_types = grants, .domains = domains };
  g_autoptr (CoreKey) made = NULL;
  g_autoptr (CoreKey) changed = NULL;
  g_autoptr (CoreKey) renewed = NULL;
  g_autoptr (CoreKey) none = NULL;

  PORTAL_REFUSE (CORE_PORTAL_ERROR_NOT_FOUND, "has no PRODUCTION keys",
                 core_key_update (&of->portal, of->alice, &change, &none, &error));
  PORTAL_DO (core_key_generate (&of->portal, of->alice, &request, &made, &error));
  PORTAL_DO (core_key_update (&of->portal, of->alice, &change, &changed, &error));
  /* Nowhere to lead a browser back to. */
  g_assert_cmpstr (changed->client->grant_types, ==, "client_credentials");
  g_assert_cmpstr (changed->client->callback_url, ==, "");
  g_assert_cmpstr (changed->key->domains[0], ==, "example.com");
  g_assert_null (changed->client->secret);
  PORTAL_DO (core_key_regenerate_secret (&of->portal, of->alice, application, "PRODUCTION", &renewed, &error));
  g_assert_cmpstr (renewed->client->key, ==, made->client->key);
  g_assert_cmpstr (renewed->client->secret, !=, made->client->secret);
  assert_tokens (world, "ACTIVE");
}

static void
test_refresh (WriteWorld *world)
{
  g_autoptr (PortalWorld) of = portal_world_new (world);
  g_autofree char *application = create_application (of, of->alice, "Phone");
  const CoreKeyRequest request = { .application = application, .type = "PRODUCTION" };
  const CoreKeyRequest longer = { .application = application, .type = "PRODUCTION", .validity = "7200" };
  g_autoptr (CoreKey) made = NULL;
  g_autoptr (CoreKey) refreshed = NULL;

  PORTAL_DO (core_key_generate (&of->portal, of->alice, &request, &made, &error));
  PORTAL_DO (core_key_refresh_token (&of->portal, of->alice, &longer, &refreshed, &error));
  g_assert_cmpstr (refreshed->issued.text, !=, made->issued.text);
  g_assert_cmpint (refreshed->issued.expires_in_s, ==, 7200);
  g_assert_null (refreshed->client->secret);
  assert_tokens (world, "ACTIVE\nREVOKED");
}

/* An authorization code for the client that is good for a while. */
static void
insert_code (WriteWorld *world, const StOauthClient *client)
{
  StOauthForm form = { .fold_names = FALSE };
  g_autoptr (StOauthCode) code = st_oauth_code_new ();

  code->code = g_strdup ("a-code");
  code->user = st_oauth_user_parse ("bob@carbon.super");
  code->callback_url = g_strdup ("https://phone.example/cb");
  code->issued_ms = g_get_real_time () / 1000;
  code->validity_ms = 300000;
  WRITE (world, st_oauth_form_read (writer, APIM_TOKEN_TIME_UTC, FALSE, &form, &error)
                    && st_oauth_code_insert (writer, &form, client, code, &error));
}

static void
assert_no_code (WriteWorld *world)
{
  gboolean ids = write_world_has (world, ST_CAP_TOKEN_IDS);

  write_world_rows (world,
                    ids ? "SELECT COUNT(*) FROM IDN_OAUTH2_AUTHORIZATION_CODE WHERE STATE = 'ACTIVE'"
                        : "SELECT COUNT(*) FROM IDN_OAUTH2_AUTHORIZATION_CODE",
                    "0");
}

/* The texts of tokens that were ended, a line each, with their consumer key. */
static void
note_ended (gpointer data, const char *access_token, const char *consumer_key)
{
  g_string_append_printf (data, "%s %s\n", access_token, consumer_key);
}

/* Who tells gateways hears of the first token, and forgets it. */
static void
assert_ended (GString *ended, const CoreKey *made)
{
  g_autofree char *expected = g_strdup_printf ("%s %s\n", made->issued.token->access_token, made->client->key);

  g_assert_cmpstr (ended->str, ==, expected);
  g_string_truncate (ended, 0);
}

/* Every token goes, and every code that one could be had for, the keys stay; who asks again finds nothing to do. */
static void
test_revoke (WriteWorld *world)
{
  g_autoptr (PortalWorld) of = portal_world_new (world);
  g_autofree char *application = create_application (of, of->alice, "Phone");
  const CoreKeyRequest request = { .application = application, .type = "PRODUCTION" };
  g_autoptr (CoreKey) made = NULL;
  g_autoptr (CoreKey) again = NULL;
  g_autoptr (CoreKey) third = NULL;
  g_autoptr (GString) ended = g_string_new (NULL);
  guint n_users = 7;

  of->portal.token_ended = note_ended;
  of->portal.token_ended_data = ended;
  PORTAL_REFUSE (CORE_PORTAL_ERROR_NOT_FOUND, "has no PRODUCTION keys",
                 core_key_revoke_tokens (&of->portal, of->alice, application, "PRODUCTION", &n_users, &error));
  PORTAL_DO (core_key_generate (&of->portal, of->alice, &request, &made, &error));
  of->portal.dry_run = TRUE;
  PORTAL_DO (core_key_revoke_tokens (&of->portal, of->alice, application, "PRODUCTION", &n_users, &error));
  of->portal.dry_run = FALSE;
  assert_tokens (world, "ACTIVE");
  insert_code (world, made->client);
  PORTAL_REFUSE (CORE_PORTAL_ERROR_NOT_FOUND, "",
                 core_key_revoke_tokens (&of->portal, of->bob, application, "PRODUCTION", &n_users, &error));
  PORTAL_DO (core_key_revoke_tokens (&of->portal, of->alice, application, "PRODUCTION", &n_users, &error));
  g_assert_cmpuint (n_users, ==, 1);
  assert_ended (ended, made);
  assert_tokens (world, "REVOKED");
  assert_no_code (world);
  PORTAL_DO (core_key_revoke_tokens (&of->portal, of->alice, application, "PRODUCTION", &n_users, &error));
  g_assert_cmpuint (n_users, ==, 0);
  PORTAL_DO (core_key_refresh_token (&of->portal, of->alice, &request, &again, &error));
  g_assert_cmpstr (again->issued.text, !=, made->issued.text);
  g_assert_cmpstr (ended->str, ==, "");
  PORTAL_DO (core_key_refresh_token (&of->portal, of->alice, &request, &third, &error));
  assert_ended (ended, again);
  PORTAL_DO (core_application_delete (&of->portal, of->alice, application, NULL, &error));
  g_assert_true (g_str_has_prefix (ended->str, third->issued.token->access_token));
}

/* A client of the same owner, shown with its secret. */
static void
test_map (WriteWorld *world)
{
  const StOauthUser alice = { (char *) "alice", (char *) "PRIMARY", ST_SUPER_TENANT_ID, (char *) "carbon.super" };
  const StOauthUser bob = { (char *) "bob", (char *) "PRIMARY", ST_SUPER_TENANT_ID, (char *) "carbon.super" };
  const StOauthUser namesake = { (char *) "alice", (char *) "LDAP", ST_SUPER_TENANT_ID, (char *) "carbon.super" };
  g_autoptr (PortalWorld) of = portal_world_new (world);
  g_autofree char *application = create_application (of, of->alice, "Phone");
  g_autofree char *other = create_application (of, of->alice, "Watch");
  g_autoptr (StOauthClient) mine = core_oauth_client_new (&alice, "Mine", NULL, NULL);
  g_autoptr (StOauthClient) his = core_oauth_client_new (&bob, "His", NULL, NULL);
  g_autoptr (StOauthClient) hers = core_oauth_client_new (&namesake, "Hers", NULL, NULL);
  const CoreKeyRequest request = { .application = application, .type = "PRODUCTION" };
  const CoreKeyRequest elsewhere = { .application = other, .type = "PRODUCTION" };
  g_autoptr (CoreKey) mapped = NULL;
  g_autoptr (CoreKey) again = NULL;
  g_autoptr (CoreKey) none = NULL;

  WRITE (world, st_oauth_client_insert (writer, mine, &error));
  WRITE (world, st_oauth_client_insert (writer, his, &error));
  WRITE (world, st_oauth_client_insert (writer, hers, &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_INVALID, "is wrong",
                 core_key_map (&of->portal, of->alice, &request, mine->key, "guess", &none, &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_INVALID, "is wrong",
                 core_key_map (&of->portal, of->alice, &request, "nobody's", "guess", &none, &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_INVALID, "another user's",
                 core_key_map (&of->portal, of->alice, &request, his->key, his->secret, &none, &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_INVALID, "another user's",
                 core_key_map (&of->portal, of->alice, &request, hers->key, hers->secret, &none, &error));
  PORTAL_DO (core_key_map (&of->portal, of->alice, &request, mine->key, mine->secret, &mapped, &error));
  g_assert_true (mapped->key->mapped);
  g_assert_nonnull (mapped->issued.text);
  g_assert_null (mapped->client->secret);
  PORTAL_DO (core_key_map (&of->portal, of->alice, &request, mine->key, mine->secret, &again, &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_CONFLICT, "is used for another Application.",
                 core_key_map (&of->portal, of->alice, &elsewhere, mine->key, mine->secret, &none, &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_CONFLICT, "was mapped",
                 core_key_regenerate_secret (&of->portal, of->alice, application, "PRODUCTION", &none, &error));
}

typedef struct
{
  PortalWorld *of;
  const char *application;
  gint made;
  gint conflicts;
} Race;

static gpointer
generate_at_once (gpointer data)
{
  Race *race = data;
  const CoreKeyRequest request = { .application = race->application, .type = "PRODUCTION" };
  g_autoptr (CoreKey) key = NULL;
  g_autoptr (GError) error = NULL;

  if (core_key_generate (&race->of->portal, race->of->alice, &request, &key, &error))
    g_atomic_int_inc (&race->made);
  else if (g_error_matches (error, CORE_PORTAL_ERROR, CORE_PORTAL_ERROR_CONFLICT))
    g_atomic_int_inc (&race->conflicts);
  else
    g_error ("%s", error->message);
  return NULL;
}

static void
test_two_at_once (WriteWorld *world)
{
  g_autoptr (PortalWorld) of = portal_world_new (world);
  g_autofree char *application = create_application (of, of->alice, "Phone");
  Race race = { of, application, 0, 0 };
  GThread *threads[4];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("generator", generate_at_once, &race);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  g_assert_cmpint (race.made, ==, 1);
  g_assert_cmpint (race.conflicts, ==, 3);
  write_world_rows (world, "SELECT COUNT(*) FROM IDN_OAUTH_CONSUMER_APPS", "1");
  assert_tokens (world, "ACTIVE");
}

/* Nothing is left of a dry run. */
static void
test_dry_run (WriteWorld *world)
{
  g_autoptr (PortalWorld) of = portal_world_new (world);
  g_autofree char *application = create_application (of, of->alice, "Phone");
  const CoreKeyRequest request = { .application = application, .type = "PRODUCTION" };
  g_autoptr (CoreKey) key = NULL;

  of->portal.dry_run = TRUE;
  PORTAL_DO (core_key_generate (&of->portal, of->alice, &request, &key, &error));
  write_world_rows (world, "SELECT COUNT(*) FROM IDN_OAUTH_CONSUMER_APPS", "0");
  write_world_rows (world, "SELECT COUNT(*) FROM AM_APPLICATION_REGISTRATION", "0");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  write_world_add_few ("/keys/generate", test_generate);
  write_world_add_few ("/keys/bad-input", test_bad_input);
  write_world_add_few ("/keys/approval", test_approval);
  write_world_add_few ("/keys/rejection", test_rejection);
  write_world_add_few ("/keys/change", test_change);
  write_world_add_few ("/keys/refresh", test_refresh);
  write_world_add_few ("/keys/revoke", test_revoke);
  write_world_add_few ("/keys/map", test_map);
  write_world_add_few ("/keys/two-at-once", test_two_at_once);
  write_world_add_few ("/keys/dry-run", test_dry_run);
  return write_world_run_tests ();
}
