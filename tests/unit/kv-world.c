#include "config.h"
#include "tests/unit/kv-world.h"

#include <string.h>

#define SALT "AAECAwQFBgcICQoLDA0ODw==" /* the verified example of spec/databases.md 6.2 */
#define HASH "VfcchhG+BJPPvrHQaCUoml6Ed5sVZahFYG7ym4MBJ6A="

static char *
text (const char *value)
{
  return g_strdup (value);
}

static void
add_token (FakeStore *store)
{
  const char *const scopes[] = { "default", "read", NULL };
  StToken *token = st_token_new ();

  token->consumer_key = text ("ck_9fA3");
  token->user_name = text ("bob");
  token->tenant_id = ST_SUPER_TENANT_ID;
  token->user_domain = text (ST_PRIMARY_USER_DOMAIN);
  token->user_type = text ("APPLICATION_USER");
  token->issued_ms = KV_WORLD_NOW;
  token->validity_ms = 3600000;
  token->scopes = g_strdupv ((char **) scopes);
  fake_store_add_token (store, KV_WORLD_TOKEN, token);
}

static void
add_subscription (FakeStore *store)
{
  StSubscription *subscription = st_subscription_new ();

  subscription->subscriber = text ("alice");
  subscription->tier = text ("Gold");
  subscription->status = text ("UNBLOCKED");
  subscription->create_state = text ("SUBSCRIBE");
  subscription->application_id = 7;
  subscription->application_name = text ("PhoneApp");
  subscription->application_tier = text ("Unlimited");
  subscription->key_type = text ("PRODUCTION");
  subscription->api_name = text ("Weather");
  subscription->api_provider = text ("carol");
  subscription->api_version = text (KV_WORLD_VERSION);
  subscription->has_policy = TRUE;
  fake_store_add_subscription (store, KV_WORLD_CONTEXT, "ck_9fA3", ST_SUPER_TENANT_ID, subscription);
}

static void
add_scope (FakeStore *store)
{
  const char *const roles[] = { "forecaster", NULL };
  StScope *scope = st_scope_new ();

  scope->key = text ("read");
  scope->roles = g_strdupv ((char **) roles);
  fake_store_add_scope (store, KV_WORLD_CONTEXT "/" KV_WORLD_VERSION KV_WORLD_RESOURCE ":GET", scope);
  fake_store_set_roles (store, ST_SUPER_TENANT_ID, ST_PRIMARY_USER_DOMAIN, "bob", roles);
}

static void
add_resources (FakeStore *store)
{
  StResources *resources = st_resources_new ();
  StResource *resource = st_resources_add (resources);

  resource->url_pattern = text (KV_WORLD_RESOURCE);
  resource->http_method = text ("GET");
  resource->auth_scheme = text ("Any");
  resource->throttling_tier = text ("Unlimited");
  fake_store_add_resources (store, KV_WORLD_CONTEXT, KV_WORLD_VERSION, resources);
}

void
kv_world_set_admin (KvWorld *world, gint id, const char *password_hash)
{
  StUser *user = st_user_new ();

  user->id = id;
  user->tenant_id = ST_SUPER_TENANT_ID;
  user->name = text (KV_WORLD_USER);
  user->password_hash = text (password_hash != NULL ? password_hash : HASH);
  user->salt = text (SALT);
  fake_store_add_user (world->store, user);
}

gint64
kv_world_deadline (void)
{
  return g_get_monotonic_time () + 60 * G_USEC_PER_SEC;
}

static void
add_tenants (FakeStore *store)
{
  StTenant *super = st_tenant_new ();
  StTenant *sleeping = st_tenant_new ();

  super->id = ST_SUPER_TENANT_ID;
  super->domain = text (ST_SUPER_TENANT_DOMAIN);
  super->active = TRUE;
  fake_store_add_tenant (store, super);
  sleeping->id = 1;
  sleeping->domain = text ("sleeping.example");
  fake_store_add_tenant (store, sleeping);
}

void
kv_world_init (KvWorld *world)
{
  g_autoptr (StUser) user = NULL;

  memset (world, 0, sizeof *world);
  world->store = fake_store_new ();
  apim_manual_clock_init (&world->clock, KV_WORLD_NOW);
  memset (world->key, 0x5a, sizeof world->key);
  add_tenants (world->store);
  add_token (world->store);
  add_subscription (world->store);
  add_scope (world->store);
  add_resources (world->store);
  kv_world_set_admin (world, 3, NULL);

  world->config.application_token_scope = (char *) "am_application_scope";
  world->config.advanced_throttling = TRUE;
  world->config.timestamp_skew_ms = 300000;
  world->config.user_token_validity_s = world->config.app_token_validity_s = 3600;
  world->config.limits.database_timeout_ms = 60000;
  world->config.limits.max_thrift_message = 4 * 1024 * 1024;
  world->config.limits.max_unread_output = 1024 * 1024;
  world->config.limits.max_http_header = 65536;
  world->config.limits.max_http_body = 65536;
  world->config.user_store.password_digest = (char *) "SHA-256";
  world->config.user_store.salted = TRUE;

  world->sessions = kv_sessions_new (world->key, fake_store_users (world->store), &world->clock.clock, 1024,
                                     30 * 60 * 1000);
  g_assert_true (st_user_store_find_user (fake_store_users (world->store), ST_SUPER_TENANT_ID, KV_WORLD_USER,
                                          kv_world_deadline (), &user, NULL));
  g_assert_true (kv_sessions_issue (world->sessions, user, world->session_id, NULL));
}

void
kv_world_clear (KvWorld *world)
{
  kv_sessions_free (world->sessions);
  fake_store_free (world->store);
}
