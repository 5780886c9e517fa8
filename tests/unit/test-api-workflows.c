/* What the Publisher and the Store do with APIs, on real databases: created, found, listed, changed, copied,
 * published, deprecated, retired and deleted, with gateways that answer or fail; refusals, tenants,
 * visibility, races. */
#include "config.h"

#include "core/core-api-lifecycle.h"
#include "core/core-api-read.h"
#include "core/core-api-write.h"
#include "core/core-catalogue.h"
#include "store/st-api-writes.h"
#include "tests/lib/write-world.h"

#include <string.h>

#define ENDPOINT                                                                                             \
  "{\"endpoint_type\":\"http\",\"production_endpoints\":{\"url\":\"http://backend:8080\",\"config\":null}}"

/* A deployer that writes down what it is told: "publish Weather-1.0.0 PUBLISHED default > Europe". */
typedef struct
{
  CoreDeployer deployer;
  GString *log;
  const char *broken; /* (nullable): an environment that fails */
} Recorder;

static const char *const all_environments[] = { "Europe", "Asia", NULL };

static const char *const *
list_environments (CoreDeployer *deployer)
{
  return all_environments;
}

static void
record (CoreDeployer *deployer, const char *what, const CoreApi *api, CoreDeployerAction action,
        const char *const *environments, GPtrArray *failures)
{
  Recorder *recorder = (Recorder *)deployer;

  for (guint i = 0; environments[i] != NULL; i++)
    {
      g_string_append_printf (recorder->log, "%s %s-%s %s%s > %s\n", what, api->name, api->version,
                              api->status, api->is_published_default_version ? " default" : "",
                              environments[i]);
      if (g_strcmp0 (recorder->broken, environments[i]) == 0)
        core_deployer_failures_add (failures, environments[i], action, "connection refused");
    }
}

static void
record_publish (CoreDeployer *deployer, const CoreApi *api, const char *const *environments,
                GPtrArray *failures)
{
  record (deployer, "publish", api, CORE_DEPLOYER_PUBLISH, environments, failures);
}

static void
record_remove (CoreDeployer *deployer, const CoreApi *api, const char *const *environments,
               GPtrArray *failures)
{
  record (deployer, "remove", api, CORE_DEPLOYER_REMOVE, environments, failures);
}

static void
record_remove_default (CoreDeployer *deployer, const CoreApi *api, const char *const *environments,
                       GPtrArray *failures)
{
  record (deployer, "remove-default", api, CORE_DEPLOYER_REMOVE, environments, failures);
}

typedef struct
{
  WriteWorld *world;
  Recorder recorder;
  CorePortal portal;
  CoreActor *alice; /* creator and publisher */
  CoreActor *bob;   /* the same, another user */
  CoreActor *carol; /* subscriber with the role partner */
  CoreActor *dave;  /* creator and publisher of example.com */
  CoreActor *root;  /* API administrator */
  CoreActor *visitor;
} Stage;

static StTenant super_tenant = { ST_SUPER_TENANT_ID, (char *)ST_SUPER_TENANT_DOMAIN, TRUE };
static StTenant example_tenant = { 1, (char *)"example.com", TRUE };

static Stage *
stage_new (WriteWorld *world)
{
  static const char *const none[] = { NULL };
  static const char *const partner[] = { "Partner", NULL };
  static const char gold[] = "INSERT INTO AM_POLICY_SUBSCRIPTION (NAME, TENANT_ID, QUOTA_TYPE, QUOTA, "
                             "UNIT_TIME, TIME_UNIT, BILLING_PLAN,"
                             " UUID) VALUES"
                             " ('Gold', -1234, 'requestCount', 5, 1, 'min', 'FREE', 'a'), ('Gold', 1, "
                             "'requestCount', 5, 1, 'min', 'FREE', 'b')";
  Stage *stage = g_new0 (Stage, 1);
  guint both = CORE_MAY_CREATE | CORE_MAY_PUBLISH;

  if (write_world_has (world, ST_CAP_API_ARTIFACT))
    write_world_run (world, gold);
  stage->world = world;
  stage->recorder.deployer
      = (CoreDeployer){ list_environments, record_publish, record_remove, record_remove_default };
  stage->recorder.log = g_string_new (NULL);
  stage->portal = (CorePortal){ .apis = world->database,
                                .clock = &apim_clock_system,
                                .deployer = &stage->recorder.deployer,
                                .catalogue = core_catalogue_new (world->database, CORE_CATALOGUE_MAX_BYTES),
                                .advanced_throttling = TRUE };
  stage->alice = core_actor_new (NULL, "alice", &super_tenant, none, both);
  stage->bob = core_actor_new (NULL, "bob", &super_tenant, none, both);
  stage->carol = core_actor_new (NULL, "carol", &super_tenant, partner, CORE_MAY_SUBSCRIBE);
  stage->dave = core_actor_new (NULL, "dave", &example_tenant, none, both);
  stage->root = core_actor_new (NULL, "root", &super_tenant, none, both | CORE_MAY_ADMINISTER);
  stage->visitor = core_actor_new_visitor (&super_tenant);
  return stage;
}

static void
stage_free (Stage *stage)
{
  g_string_free (stage->recorder.log, TRUE);
  core_actor_free (stage->alice);
  core_actor_free (stage->bob);
  core_actor_free (stage->carol);
  core_actor_free (stage->dave);
  core_actor_free (stage->root);
  core_actor_free (stage->visitor);
  core_catalogue_free (stage->portal.catalogue);
  g_free (stage);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Stage, stage_free)

static void
assert_deployed (Stage *stage, const char *expected)
{
  g_assert_cmpstr (stage->recorder.log->str, ==, expected);
  g_string_truncate (stage->recorder.log, 0);
}

/* An API that can be published. */
static CoreApi *
wanted (const char *name, const char *version)
{
  CoreApi *api = core_api_new ();
  g_autofree char *context = g_ascii_strdown (name, -1);
  CoreApiResource *resource;

  core_api_set_text (&api->name, name);
  core_api_set_text (&api->version, version);
  core_api_set_text (&api->context_template, context);
  core_api_set_text (&api->endpoint_config, ENDPOINT);
  core_api_set_list (&api->tiers, (const char *const[]){ "Gold", "Unlimited", NULL });
  resource = core_api_add_resource (api, "get", "city/*", "Application & Application User");
  resource = core_api_add_resource (api, "POST", "/report", "Application User");
  resource->scope = g_strdup_printf ("%s_write", context);
  core_api_add_scope (api, resource->scope, "Write", (const char *const[]){ "editor", NULL });
  return api;
}

static CoreApi *
create (Stage *stage, const CoreActor *actor, const char *name, const char *version)
{
  g_autoptr (CoreApi) api = wanted (name, version);
  g_autoptr (GError) error = NULL;
  CoreApi *created
      = core_api_create (&stage->portal, actor, api, CORE_API_NEEDS_ENDPOINT | CORE_API_NEEDS_TIER, &error);

  g_assert_no_error (error);
  return created;
}

static void
change (Stage *stage, const CoreApi *api, const char *event, guint checklist, const char *expected_state)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CoreApi) changed = NULL;

  core_api_change_lifecycle (&stage->portal, stage->alice, api->uuid, event, checklist, NULL, &changed,
                             &error);
  g_assert_no_error (error);
  g_assert_cmpstr (changed->status, ==, expected_state);
}

static CoreApi *
find (Stage *stage, const CoreActor *actor, CoreAudience audience, const char *identifier)
{
  g_autoptr (GError) error = NULL;
  CoreApi *api = core_api_find (&stage->portal, actor, audience, identifier, &error);

  if (api == NULL)
    g_assert_error (error, CORE_PORTAL_ERROR, CORE_PORTAL_ERROR_NOT_FOUND);
  return api;
}

/* Names and versions of a list, and its total. */
static char *
listed (Stage *stage, const CoreActor *actor, CoreAudience audience, const char *search, guint offset,
        guint limit)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CoreApiPage) page
      = core_api_list (&stage->portal, actor, audience, search, offset, limit, &error);
  GString *text = g_string_new (NULL);

  g_assert_no_error (error);
  for (guint i = 0; i < page->items->len; i++)
    {
      const CoreApiItem *item = page->items->pdata[i];

      g_string_append_printf (text, "%s-%s ", item->name, item->version);
    }
  g_string_append_printf (text, "of %u", page->total);
  return g_string_free (text, FALSE);
}

static void
assert_listed (Stage *stage, const CoreActor *actor, CoreAudience audience, const char *search,
               const char *expected)
{
  g_autofree char *found = listed (stage, actor, audience, search, 0, 100);

  g_assert_cmpstr (found, ==, expected);
}

static void
test_create_and_find (WriteWorld *world)
{
  g_autoptr (Stage) stage = NULL;
  g_autoptr (CoreApi) api = NULL;
  g_autoptr (CoreApi) found = NULL;
  g_autoptr (CoreApi) named = NULL;
  g_autoptr (CoreApi) other = NULL;
  const CoreApiResource *resource;
  const CoreApiScope *scope;

  if (!write_world_has (world, ST_CAP_API_ARTIFACT))
    return;
  stage = stage_new (world);
  api = create (stage, stage->alice, "Weather", "1.0.0");
  assert_deployed (stage, ""); /* creation never goes to a gateway */
  g_assert_true (g_uuid_string_is_valid (api->uuid));
  found = find (stage, stage->bob, CORE_AUDIENCE_PUBLISHER, api->uuid);
  named = find (stage, stage->alice, CORE_AUDIENCE_PUBLISHER, "alice-Weather-1.0.0");
  g_assert_cmpint (named->id, ==, api->id);
  g_assert_cmpstr (found->provider, ==, "alice");
  g_assert_cmpstr (found->status, ==, "CREATED");
  g_assert_cmpstr (found->context_template, ==, "/weather/{version}");
  g_assert_cmpstr (found->endpoint_config, ==, ENDPOINT);
  g_assert_cmpstr (found->tiers[1], ==, "Unlimited");
  g_assert_cmpuint (found->resources->len, ==, 2);
  resource = found->resources->pdata[0];
  g_assert_cmpstr (resource->verb, ==, "GET");
  g_assert_cmpstr (resource->url_pattern, ==, "/city/*");
  g_assert_cmpstr (resource->auth_type, ==, "Any");
  g_assert_null (resource->scope);
  resource = found->resources->pdata[1];
  g_assert_cmpstr (resource->scope, ==, "weather_write");
  scope = found->scopes->pdata[0];
  g_assert_cmpstr (scope->name, ==, "Write");
  g_assert_cmpstr (scope->roles[0], ==, "editor");
  g_assert_cmpint (ABS (found->created_ms - g_get_real_time () / 1000), <, 60000);
  /* Hyphens do not confuse the id. */
  other = create (stage, stage->alice, "Weather-Report", "2.0-beta");
  g_clear_pointer (&named, core_api_free);
  named = find (stage, stage->alice, CORE_AUDIENCE_PUBLISHER, "alice-Weather-Report-2.0-beta");
  g_assert_cmpint (named->id, ==, other->id);
  g_assert_null (find (stage, stage->alice, CORE_AUDIENCE_PUBLISHER, "alice-weather-1.0.0"));
  g_assert_null (find (stage, stage->alice, CORE_AUDIENCE_PUBLISHER, "../../etc/passwd"));
  g_assert_null (find (stage, stage->dave, CORE_AUDIENCE_PUBLISHER, api->uuid)); /* another tenant's user */
  g_assert_null (find (stage, stage->carol, CORE_AUDIENCE_STORE, api->uuid));    /* not published */
}

typedef struct
{
  const CoreActor *actor;
  const char *name, *version, *context, *provider, *scope, *tier;
  CorePortalError code;
  const char *words;
} Refusal;

static void
test_refusals (WriteWorld *world)
{
  g_autoptr (Stage) stage = NULL;
  g_autoptr (CoreApi) api = NULL;

  if (!write_world_has (world, ST_CAP_API_ARTIFACT))
    return;
  stage = stage_new (world);
  api = create (stage, stage->alice, "Weather", "1.0.0");
  {
    const Refusal cases[] = {
      { stage->carol, "New", "1", "/new", NULL, NULL, NULL, CORE_PORTAL_ERROR_FORBIDDEN,
        "may not create APIs" },
      { stage->alice, "Weather", "1.0.0", "/other", NULL, "x", NULL, CORE_PORTAL_ERROR_CONFLICT,
        "A duplicate API already exists for Weather-1.0.0" },
      { stage->alice, "Other", "1.0.0", "/weather", NULL, "x", NULL, CORE_PORTAL_ERROR_CONFLICT,
        "A duplicate API context already exists for /weather/{version}" },
      { stage->bob, "Other", "1", "/other", NULL, "weather_write", NULL, CORE_PORTAL_ERROR_CONFLICT,
        "Scope weather_write is already assigned by another API" },
      { stage->bob, "Other", "1", "/other", "alice", "x", NULL, CORE_PORTAL_ERROR_INVALID,
        "Not allowed to add APIs with different provider name" },
      { stage->root, "Other", "1", "/other", "dave@example.com", "x", NULL, CORE_PORTAL_ERROR_INVALID,
        "Not allowed to add APIs with different provider name" },
      { stage->alice, "Other", "1", "/other", NULL, "x", "Platinum", CORE_PORTAL_ERROR_INVALID,
        "Specified tier Platinum does not exist" },
      { stage->alice, "O/ther", "1 0", "/other/", NULL, "x", NULL, CORE_PORTAL_ERROR_INVALID, "version: " },
    };

    for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
      {
        g_autoptr (CoreApi) refused = wanted ("Weather", "1.0.0");
        g_autoptr (GError) error = NULL;
        CoreApiResource *resource = refused->resources->pdata[1];
        CoreApiScope *scope = refused->scopes->pdata[0];

        core_api_set_text (&refused->name, cases[i].name);
        core_api_set_text (&refused->version, cases[i].version);
        core_api_set_text (&refused->context_template, cases[i].context);
        core_api_set_text (&refused->provider, cases[i].provider);
        if (cases[i].scope != NULL)
          {
            core_api_set_text (&resource->scope, cases[i].scope);
            core_api_set_text (&scope->key, cases[i].scope);
          }
        if (cases[i].tier != NULL)
          core_api_set_list (&refused->tiers, (const char *const[]){ cases[i].tier, NULL });
        g_assert_null (core_api_create (&stage->portal, cases[i].actor, refused, 0, &error));
        g_assert_error (error, CORE_PORTAL_ERROR, (gint)cases[i].code);
        write_world_assert_words (error, cases[i].words);
      }
  }
  g_assert_cmpint (write_world_number (world, "SELECT COUNT(*) FROM AM_API"), ==, 1);
  g_assert_cmpint (write_world_number (world, "SELECT COUNT(*) FROM APIM_API_ARTIFACT"), ==, 1);
}

static void
test_update (WriteWorld *world)
{
  g_autoptr (Stage) stage = NULL;
  g_autoptr (CoreApi) api = NULL;
  g_autoptr (CoreApi) updated = NULL;
  g_autoptr (CoreApi) secret = NULL;
  g_autofree char *etag = NULL;
  g_autoptr (GError) error = NULL;

  if (!write_world_has (world, ST_CAP_API_ARTIFACT))
    return;
  stage = stage_new (world);
  api = create (stage, stage->alice, "Weather", "1.0.0");
  etag = core_api_etag (api);
  core_api_set_text (&api->description, "Rain <and> \"sun\" & \xe2\x98\x83 in\001 town");
  core_api_set_list (&api->tags, (const char *const[]){ "rain", "sun", NULL });
  core_api_set_list (&api->environments, (const char *const[]){ "Asia", NULL });
  api->endpoint_security = CORE_ENDPOINT_SECURITY_DIGEST;
  core_api_set_text (&api->endpoint_user, "machine");
  core_api_set_text (&api->endpoint_password, "pass<word>");
  api->cors.enabled = TRUE;
  core_api_set_list (&api->cors.allow_origins, (const char *const[]){ "https://a", "https://b", NULL });
  api->production_max_tps = 50;
  core_api_update (&stage->portal, stage->bob, api->uuid, api, etag, &updated, &error);
  g_assert_no_error (error);
  g_assert_cmpint (updated->revision, ==, api->revision + 1);
  g_assert_cmpstr (updated->description, ==, "Rain <and> \"sun\" & \xe2\x98\x83 in  town");
  g_assert_cmpstr (updated->tags[1], ==, "sun");
  g_assert_cmpstr (updated->cors.allow_origins[1], ==, "https://b");
  g_assert_cmpint (updated->endpoint_security, ==, CORE_ENDPOINT_SECURITY_DIGEST);
  g_assert_cmpuint (updated->production_max_tps, ==, 50);
  g_assert_cmpuint (updated->resources->len, ==, 2);
  assert_deployed (stage, ""); /* it is not live */

  /* Two who read the same: the second is told. */
  g_assert_false (core_api_update (&stage->portal, stage->alice, api->uuid, api, etag, NULL, &error));
  g_assert_error (error, CORE_PORTAL_ERROR, CORE_PORTAL_ERROR_PRECONDITION);
  g_clear_error (&error);
  core_api_set_text (&api->status, "PUBLISHED");
  g_assert_false (core_api_update (&stage->portal, stage->alice, api->uuid, api, NULL, NULL, &error));
  g_assert_error (error, CORE_PORTAL_ERROR, CORE_PORTAL_ERROR_INVALID);
  write_world_assert_words (error, "Invalid API update operation involving API status changes");
  g_clear_error (&error);
  g_clear_pointer (&updated->endpoint_password, g_free); /* "keep it" */
  core_api_update (&stage->portal, stage->alice, api->uuid, updated, NULL, &secret, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (secret->endpoint_password, ==, "pass<word>");
  g_assert_false (core_api_update (&stage->portal, stage->dave, api->uuid, updated, NULL, NULL, &error));
  g_assert_error (error, CORE_PORTAL_ERROR, CORE_PORTAL_ERROR_NOT_FOUND);
}

static void
test_publish (WriteWorld *world)
{
  g_autoptr (Stage) stage = NULL;
  g_autoptr (CoreApi) api = NULL;
  g_autoptr (CoreApi) bare = NULL;
  g_autoptr (CoreApi) changed = NULL;
  g_autoptr (GPtrArray) history = NULL;
  g_autoptr (GError) error = NULL;

  if (!write_world_has (world, ST_CAP_API_ARTIFACT))
    return;
  stage = stage_new (world);
  api = create (stage, stage->alice, "Weather", "1.0.0");
  change (stage, api, "Publish", 0, "PUBLISHED");
  assert_deployed (stage,
                   "publish Weather-1.0.0 PUBLISHED > Europe\npublish Weather-1.0.0 PUBLISHED > Asia\n");
  change (stage, api, "Publish", 0, "PUBLISHED"); /* again: nothing is touched */
  change (stage, api, "PUBLISHED", 0, "PUBLISHED");
  assert_deployed (stage, "");
  core_api_set_list (&api->environments, (const char *const[]){ "Asia", NULL });
  core_api_set_text (&api->status, "PUBLISHED");
  core_api_update (&stage->portal, stage->alice, api->uuid, api, NULL, NULL, &error);
  g_assert_no_error (error);
  assert_deployed (stage,
                   "publish Weather-1.0.0 PUBLISHED > Asia\nremove Weather-1.0.0 PUBLISHED > Europe\n");
  stage->recorder.broken = "Asia";
  g_assert_false (core_api_change_lifecycle (&stage->portal, stage->alice, api->uuid, "Block", 0, NULL,
                                             &changed, &error));
  g_assert_error (error, CORE_PORTAL_ERROR, CORE_PORTAL_ERROR_PARTIAL);
  g_assert_cmpuint (core_portal_error_failures (error)->len, ==, 1);
  write_world_assert_words (error, "the API is BLOCKED, but not on every gateway; Asia: connection refused");
  g_assert_cmpstr (changed->status, ==, "BLOCKED");
  g_clear_error (&error);
  stage->recorder.broken = NULL;
  change (stage, api, "PUBLISHED", 0, "PUBLISHED"); /* the pages' word for Re-Publish */
  change (stage, api, "Demote to Created", 0, "CREATED");
  assert_deployed (stage, "publish Weather-1.0.0 BLOCKED > Asia\npublish Weather-1.0.0 PUBLISHED > Asia\n"
                          "remove Weather-1.0.0 PUBLISHED > Asia\n");
  history = core_api_history (&stage->portal, stage->alice, api->uuid, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (history->len, ==, 5);
  g_assert_cmpstr (((StLifecycleEvent *)history->pdata[2])->to, ==, "BLOCKED");
  g_assert_cmpstr (((StLifecycleEvent *)history->pdata[2])->user, ==, "alice");

  g_assert_false (
      core_api_change_lifecycle (&stage->portal, stage->alice, api->uuid, "Retire", 0, NULL, NULL, &error));
  g_assert_error (error, CORE_PORTAL_ERROR, CORE_PORTAL_ERROR_CONFLICT);
  g_clear_error (&error);
  g_assert_false (
      core_api_change_lifecycle (&stage->portal, stage->carol, api->uuid, "Publish", 0, NULL, NULL, &error));
  g_assert_error (error, CORE_PORTAL_ERROR, CORE_PORTAL_ERROR_FORBIDDEN);
  g_clear_error (&error);
  bare = wanted ("Bare", "1");
  g_clear_pointer (&bare->endpoint_config, g_free);
  g_clear_pointer (&bare->tiers, g_strfreev);
  g_clear_pointer (&api, core_api_free);
  api = core_api_create (&stage->portal, stage->alice, bare, 0, &error);
  g_assert_no_error (error);
  g_assert_false (
      core_api_change_lifecycle (&stage->portal, stage->alice, api->uuid, "Publish", 0, NULL, NULL, &error));
  g_assert_error (error, CORE_PORTAL_ERROR, CORE_PORTAL_ERROR_INVALID);
  g_assert_cmpstr (error->message, ==, "endpointConfig: No endpoint selected; tiers: No Tiers selected");
}

#define SUBSCRIBERS                                                                                          \
  "INSERT INTO AM_SUBSCRIBER (SUBSCRIBER_ID, USER_ID, TENANT_ID, DATE_SUBSCRIBED) VALUES (1, 'carol', "      \
  "-1234, %s);\n"                                                                                            \
  "INSERT INTO AM_APPLICATION (APPLICATION_ID, NAME, SUBSCRIBER_ID) VALUES (1, 'a', 1), (2, 'b', 1), (3, "   \
  "'c', 1),"                                                                                                 \
  " (4, 'd', 1);\n"

static void
subscribe (WriteWorld *world, gint64 api_id, gint application_id, const char *tier, const char *status,
           const char *create_state)
{
  g_autofree char *insert = g_strdup_printf (
      "INSERT INTO AM_SUBSCRIPTION (TIER_ID, API_ID, APPLICATION_ID, SUB_STATUS, SUBS_CREATE_STATE)"
      " VALUES ('%s', %" G_GINT64_FORMAT ", %d, '%s', '%s')",
      tier, api_id, application_id, status, create_state);

  write_world_run (world, insert);
}

static void
add_applications (WriteWorld *world)
{
  const char *now = world->sql_mode == NULL ? "0" : "CURRENT_TIMESTAMP";
  g_autofree char *script = g_strdup_printf (SUBSCRIBERS, now);
  g_auto (GStrv) lines = g_strsplit (script, ";\n", -1);

  for (guint i = 0; lines[i] != NULL && *lines[i] != '\0'; i++)
    write_world_run (world, lines[i]);
}

/* Versions 1.9, 1.10 and then 2.0: what carries over, what is deprecated, who is the default one. */
static void
test_new_version (WriteWorld *world)
{
  g_autoptr (Stage) stage = NULL;
  g_autoptr (CoreApi) first = NULL;
  g_autoptr (CoreApi) second = NULL;
  g_autoptr (CoreApi) third = NULL;
  g_autoptr (CoreApi) found = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *count = NULL;
  const CoreApiThumbnail png = { "\x89PNG\r\n\x1a\n\0pixels", 15 };
  gboolean has = FALSE;

  if (!write_world_has (world, ST_CAP_API_ARTIFACT))
    return;
  stage = stage_new (world);
  add_applications (world);
  first = create (stage, stage->alice, "Weather", "1.9");
  core_api_set_text (&first->definition,
                     "{\"swagger\":\"2.0\",\"info\":{\"title\":\"Weather\",\"version\":\"1.9\"}}");
  core_api_set_text (&first->fault_sequence, "fault");
  core_api_set_text (&first->in_sequence, "in");
  first->is_default_version = TRUE;
  core_api_update (&stage->portal, stage->alice, first->uuid, first, NULL, NULL, &error);
  g_assert_no_error (error);
  core_api_thumbnail_set (&stage->portal, stage->alice, first->uuid, &png, NULL, NULL, &error);
  g_assert_no_error (error);
  change (stage, first, "Publish", 0, "PUBLISHED");
  assert_deployed (
      stage,
      "publish Weather-1.9 PUBLISHED default > Europe\npublish Weather-1.9 PUBLISHED default > Asia\n");
  subscribe (world, first->id, 1, "Gold", "UNBLOCKED", "SUBSCRIBE");
  subscribe (world, first->id, 2, "Gold", "BLOCKED", "SUBSCRIBE");
  subscribe (world, first->id, 3, "Gold", "ON_HOLD", "SUBSCRIBE");
  subscribe (world, first->id, 4, "Gold", "BLOCKED", "UN_SUBSCRIBE");

  second = core_api_copy_version (&stage->portal, stage->alice, first->uuid, "1.10", FALSE, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (second->status, ==, "CREATED");
  g_assert_cmpstr (second->definition, ==,
                   "{\"swagger\":\"2.0\",\"info\":{\"title\":\"Weather\",\"version\":\"1.10\"}}");
  g_assert_cmpstr (second->in_sequence, ==, "in");
  g_assert_null (second->fault_sequence);
  g_assert_cmpstr (second->thumbnail_type, ==, "image/png");
  g_assert_cmpstr (((CoreApiResource *)second->resources->pdata[1])->scope, ==, "weather_write");
  g_assert_cmpstr (second->uuid, !=, first->uuid);
  g_assert_false (second->is_default_version);
  g_assert_cmpint (write_world_number (world, "SELECT COUNT(*) FROM AM_SUBSCRIPTION"), ==, 4);
  g_assert_null (core_api_copy_version (&stage->portal, stage->alice, first->uuid, "1.10", FALSE, &error));
  g_assert_error (error, CORE_PORTAL_ERROR, CORE_PORTAL_ERROR_CONFLICT);
  write_world_assert_words (error, "API version already exist with version :1.10");
  g_clear_error (&error);
  g_assert_true (core_api_has_older_version (&stage->portal, stage->alice, second->uuid, &has, &error));
  g_assert_true (has); /* 1.9 is older than 1.10 */
  g_assert_true (core_api_has_older_version (&stage->portal, stage->alice, first->uuid, &has, &error));
  g_assert_false (has);

  change (stage, second, "Publish", CORE_CHECKLIST_DEPRECATE_OLD_VERSIONS, "PUBLISHED");
  assert_deployed (stage, "publish Weather-1.10 PUBLISHED > Europe\npublish Weather-1.10 PUBLISHED > Asia\n"
                          "publish Weather-1.9 DEPRECATED default > Europe\n"
                          "publish Weather-1.9 DEPRECATED default > Asia\n");
  count = g_strdup_printf ("SELECT APPLICATION_ID, TIER_ID, SUB_STATUS, SUBS_CREATE_STATE, CREATED_BY FROM"
                           " AM_SUBSCRIPTION WHERE API_ID = %" G_GINT64_FORMAT " ORDER BY APPLICATION_ID",
                           second->id);
  write_world_rows (world, count, "1|Gold|UNBLOCKED|SUBSCRIBE|alice\n2|Gold|BLOCKED|SUBSCRIBE|alice");
  g_assert_cmpint (
      write_world_number (world, "SELECT COUNT(DISTINCT UUID) FROM AM_SUBSCRIPTION WHERE UUID IS NOT NULL"),
      ==, 2);

  third = core_api_copy_version (&stage->portal, stage->alice, second->uuid, "2.0", TRUE, &error);
  g_assert_no_error (error);
  g_assert_true (third->is_default_version);
  change (stage, third, "Publish", CORE_CHECKLIST_REQUIRE_RESUBSCRIPTION, "PUBLISHED");
  g_assert_cmpint (write_world_number (world, "SELECT COUNT(*) FROM AM_SUBSCRIPTION"), ==, 6);
  assert_deployed (
      stage,
      "publish Weather-2.0 PUBLISHED default > Europe\npublish Weather-2.0 PUBLISHED default > Asia\n");
  found = find (stage, stage->alice, CORE_AUDIENCE_PUBLISHER, first->uuid);
  g_assert_false (found->is_default_version);
  g_assert_cmpstr (found->status, ==, "DEPRECATED");

  core_api_set_default (&stage->portal, stage->alice, third->uuid, FALSE, NULL, &error);
  g_assert_no_error (error);
  assert_deployed (stage, "publish Weather-2.0 PUBLISHED > Europe\npublish Weather-2.0 PUBLISHED > Asia\n"
                          "remove-default Weather-2.0 PUBLISHED default > Europe\n"
                          "remove-default Weather-2.0 PUBLISHED default > Asia\n");
  change (stage, first, "Retire", 0, "RETIRED");
  assert_deployed (stage, "remove Weather-1.9 DEPRECATED > Europe\nremove Weather-1.9 DEPRECATED > Asia\n");
  g_assert_cmpint (write_world_number (world, "SELECT COUNT(*) FROM AM_SUBSCRIPTION"), ==, 2);
  g_assert_true (core_api_delete (&stage->portal, stage->alice, first->uuid, NULL, &error));
  g_assert_no_error (error);
  assert_deployed (stage, "");
  g_assert_false (core_api_delete (&stage->portal, stage->alice, second->uuid, NULL, &error));
  g_assert_error (error, CORE_PORTAL_ERROR, CORE_PORTAL_ERROR_CONFLICT);
  write_world_assert_words (error, "Cannot remove the API as active subscriptions exist.");
  g_assert_cmpint (write_world_number (world, "SELECT COUNT(*) FROM APIM_API_THUMBNAIL"), ==, 2);
}

static CoreApi *
publish_visible (Stage *stage, const char *name, const char *visibility, const char *roles)
{
  g_autoptr (CoreApi) api = wanted (name, "1.0.0");
  g_autoptr (GError) error = NULL;
  CoreApi *created;

  core_api_set_text (&api->visibility, visibility);
  api->visible_roles = core_api_list_from_text (roles, ",");
  api->tags = core_api_list_from_text (name[0] == 'P' ? "p,all" : "all", ",");
  created = core_api_create (&stage->portal, stage->alice, api, 0, &error);
  g_assert_no_error (error);
  change (stage, created, "Publish", 0, "PUBLISHED");
  return created;
}

static void
test_catalogue (WriteWorld *world)
{
  g_autoptr (Stage) stage = NULL;
  g_autoptr (CoreApi) public = NULL;
  g_autoptr (CoreApi) private = NULL;
  g_autoptr (CoreApi) restricted = NULL;
  g_autoptr (CoreApi) hidden = NULL;
  g_autoptr (CoreApi) theirs = NULL;
  g_autoptr (GHashTable) tags = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *page = NULL;

  if (!write_world_has (world, ST_CAP_API_ARTIFACT))
    return;
  stage = stage_new (world);
  public = publish_visible (stage, "Public", "public", NULL);
  private = publish_visible (stage, "Private", "private", NULL);
  restricted = publish_visible (stage, "Restricted", "restricted", "partner, other");
  hidden = create (stage, stage->alice, "Hidden", "1.0.0");
  theirs = create (stage, stage->dave, "Theirs", "1.0.0");
  g_assert_cmpstr (theirs->provider, ==, "dave@example.com");
  assert_listed (stage, stage->visitor, CORE_AUDIENCE_STORE, NULL, "Public-1.0.0 of 1");
  assert_listed (stage, stage->bob, CORE_AUDIENCE_STORE, NULL, "Private-1.0.0 Public-1.0.0 of 2");
  assert_listed (stage, stage->carol, CORE_AUDIENCE_STORE, NULL,
                 "Private-1.0.0 Public-1.0.0 Restricted-1.0.0 of 3");
  assert_listed (stage, stage->dave, CORE_AUDIENCE_STORE, NULL, "of 0");
  assert_listed (stage, stage->dave, CORE_AUDIENCE_PUBLISHER, NULL, "Theirs-1.0.0 of 1");
  assert_listed (stage, stage->bob, CORE_AUDIENCE_PUBLISHER, NULL,
                 "Hidden-1.0.0 Private-1.0.0 Public-1.0.0 Restricted-1.0.0 of 4");
  page = listed (stage, stage->bob, CORE_AUDIENCE_PUBLISHER, NULL, 1, 2);
  g_assert_cmpstr (page, ==, "Private-1.0.0 Public-1.0.0 of 4");
  assert_listed (stage, stage->bob, CORE_AUDIENCE_PUBLISHER, "P", "Private-1.0.0 Public-1.0.0 of 2");
  assert_listed (stage, stage->bob, CORE_AUDIENCE_PUBLISHER, "name:pu*", "Public-1.0.0 of 1");
  assert_listed (stage, stage->bob, CORE_AUDIENCE_PUBLISHER, "status:created", "Hidden-1.0.0 of 1");
  assert_listed (stage, stage->bob, CORE_AUDIENCE_PUBLISHER, "tag:p", "Private-1.0.0 Public-1.0.0 of 2");
  assert_listed (stage, stage->bob, CORE_AUDIENCE_PUBLISHER, "version:1", "of 0");
  assert_listed (stage, stage->bob, CORE_AUDIENCE_PUBLISHER, "context:hidd", "Hidden-1.0.0 of 1");
  assert_listed (stage, stage->visitor, CORE_AUDIENCE_STORE, "subcontext:REPO*", "Public-1.0.0 of 1");
  assert_listed (stage, stage->visitor, CORE_AUDIENCE_STORE, "subcontext:100%", "of 0");
  g_assert_null (
      core_api_list (&stage->portal, stage->bob, CORE_AUDIENCE_STORE, "colour:red", 0, 10, &error));
  g_assert_error (error, CORE_PORTAL_ERROR, CORE_PORTAL_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_null (core_api_list (&stage->portal, stage->carol, CORE_AUDIENCE_PUBLISHER, NULL, 0, 10, &error));
  g_assert_error (error, CORE_PORTAL_ERROR, CORE_PORTAL_ERROR_FORBIDDEN);
  g_clear_error (&error);
  tags = core_api_tags (&stage->portal, stage->carol, &error);
  g_assert_cmpuint (GPOINTER_TO_UINT (g_hash_table_lookup (tags, "all")), ==, 3);
  g_assert_cmpuint (GPOINTER_TO_UINT (g_hash_table_lookup (tags, "p")), ==, 2);
}

/* A dry run says what would be, and leaves nothing. */
static void
test_dry_run (WriteWorld *world)
{
  g_autoptr (Stage) stage = NULL;
  g_autoptr (CoreApi) api = NULL;
  g_autoptr (CoreApi) tried = NULL;
  g_autoptr (CoreApi) changed = NULL;
  g_autoptr (GError) error = NULL;
  CorePortal dry;

  if (!write_world_has (world, ST_CAP_API_ARTIFACT))
    return;
  stage = stage_new (world);
  dry = stage->portal;
  dry.dry_run = TRUE;
  api = wanted ("Weather", "1.0.0");
  tried = core_api_create (&dry, stage->alice, api, 0, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (tried->status, ==, "CREATED");
  g_assert_cmpint (write_world_number (world, "SELECT COUNT(*) FROM AM_API"), ==, 0);
  g_clear_pointer (&tried, core_api_free);
  tried = create (stage, stage->alice, "Weather", "1.0.0");
  core_api_change_lifecycle (&dry, stage->alice, tried->uuid, "Publish", 0, NULL, &changed, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (changed->status, ==, "PUBLISHED");
  assert_deployed (stage, "");
  write_world_rows (world, "SELECT NEW_STATE FROM AM_API_LC_EVENT", "CREATED");
}

typedef struct
{
  Stage *stage;
  const CoreActor *actor;
  const char *name;
  gint code; /* -1: it was created */
} Racer;

static gpointer
race (gpointer data)
{
  Racer *racer = data;
  g_autoptr (CoreApi) api = wanted ("Race", "1.0.0");
  g_autoptr (CoreApi) created = NULL;
  g_autoptr (GError) error = NULL;
  CoreApiScope *scope = api->scopes->pdata[0];
  CoreApiResource *resource = api->resources->pdata[1];

  core_api_set_text (&api->name, racer->name);
  core_api_set_text (&scope->key, racer->name);
  core_api_set_text (&resource->scope, racer->name);
  created = core_api_create (&racer->stage->portal, racer->actor, api, 0, &error);
  racer->code = created != NULL ? -1 : error->code;
  return NULL;
}

/* Two creators of one context: one gets it, the other hears of the conflict. */
static void
test_race (WriteWorld *world)
{
  g_autoptr (Stage) stage = NULL;

  if (!write_world_has (world, ST_CAP_API_ARTIFACT))
    return;
  stage = stage_new (world);
  for (guint round = 0; round < 5; round++)
    {
      Racer racers[] = { { stage, stage->alice, "First", 0 }, { stage, stage->bob, "Second", 0 } };
      GThread *thread = g_thread_new ("racer", race, &racers[0]);

      race (&racers[1]);
      g_thread_join (thread);
      g_assert_cmpint (write_world_number (world, "SELECT COUNT(*) FROM AM_API"), ==, 1);
      g_assert_true ((racers[0].code == -1) != (racers[1].code == -1));
      g_assert_cmpint (MAX (racers[0].code, racers[1].code), ==, CORE_PORTAL_ERROR_CONFLICT);
      {
        g_autofree char *identifier
            = g_strdup_printf ("%s-1.0.0", racers[0].code == -1 ? "alice-First" : "bob-Second");
        g_autoptr (GError) error = NULL;

        core_api_delete (&stage->portal, stage->alice, identifier, NULL, &error);
        g_assert_no_error (error);
      }
    }
}

/* A database of WSO2's without our tables: what it has is shown, what it cannot hold is refused with what to
 * do. */
static void
test_foreign (WriteWorld *world)
{
  static const StApiIdentity identity = { "admin", "Weather", "1.0.0" };
  static const StApiResource resource = { "GET", "/city/*", "Any", NULL, NULL, NULL };
  static const StApiDesign design = { ST_SUPER_TENANT_ID, "/weather/{version}", NULL, NULL, 0, &resource, 1 };
  g_autoptr (Stage) stage = NULL;
  g_autoptr (CoreApi) api = NULL;
  g_autoptr (CoreApi) found = NULL;
  g_autoptr (GError) why = NULL;
  gint64 id;

  if (write_world_has (world, ST_CAP_API_ARTIFACT))
    return;
  stage = stage_new (world);
  stage->portal.advanced_throttling = FALSE;
  WRITE (world, st_write_create_api (writer, &identity, &design, "admin", FALSE, &id, &error));
  found = find (stage, stage->alice, CORE_AUDIENCE_PUBLISHER, "admin-Weather-1.0.0");
  g_assert_null (found->uuid);
  g_assert_cmpstr (found->context_template, ==, "/weather/{version}");
  g_assert_cmpuint (found->resources->len, ==, 1);
  assert_listed (stage, stage->alice, CORE_AUDIENCE_PUBLISHER, "weath", "Weather-1.0.0 of 1");
  api = wanted ("Other", "1.0.0");
  g_assert_null (core_api_create (&stage->portal, stage->alice, api, 0, &why));
  g_assert_error (why, CORE_PORTAL_ERROR, CORE_PORTAL_ERROR_FAILED);
  write_world_assert_words (why, "can only be read here");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  write_world_add_few ("/api-workflows/create-and-find", test_create_and_find);
  write_world_add_few ("/api-workflows/refusals", test_refusals);
  write_world_add_few ("/api-workflows/update", test_update);
  write_world_add_few ("/api-workflows/publish", test_publish);
  write_world_add_few ("/api-workflows/new-version", test_new_version);
  write_world_add_few ("/api-workflows/catalogue", test_catalogue);
  write_world_add_few ("/api-workflows/dry-run", test_dry_run);
  write_world_add_few ("/api-workflows/race", test_race);
  write_world_add_few ("/api-workflows/foreign", test_foreign);
  return write_world_run_tests ();
}
