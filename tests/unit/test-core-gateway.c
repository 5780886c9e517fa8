/* What gateways have of the APIs, looked at and mended, on real databases: gateways that were away, refuse,
 * have what they should not, and an API that changes while they are told of it. */
#include "config.h"

#include "core/core-api-lifecycle.h"
#include "core/core-api-write.h"
#include "core/core-gateway.h"
#include "tests/lib/portal-world.h"

#include <string.h>

#define ENDPOINT                                                                                             \
  "{\"endpoint_type\":\"http\",\"production_endpoints\":{\"url\":\"http://backend:8080\",\"config\":null}}"
#define N_GATEWAYS 2
#define REMOVALS                                                                                             \
  "SELECT ENVIRONMENT, API_NAME, API_VERSION, IS_DEFAULT_VERSION FROM APIM_PENDING_REMOVAL ORDER BY ID"

/* Gateways that keep what they are brought: "Weather-1.0.0 PUBLISHED", and "Weather" for the version-less
 * file. */
typedef struct
{
  CoreDeployer deployer;
  GHashTable *has[N_GATEWAYS]; /* of state by name */
  gboolean away[N_GATEWAYS], refuses[N_GATEWAYS];
  guint n_calls;
  void (*meanwhile) (
      gpointer data); /* nullable: once, in the middle of the next call that brings something */
  gpointer meanwhile_data;
} Gateways;

static const char *const names[] = { "Europe", "Asia", NULL };

static const char *const *
list_names (CoreDeployer *deployer)
{
  return names;
}

static gboolean
answers (Gateways *gateways, guint i, CoreDeployerAction action, GPtrArray *failures)
{
  gateways->n_calls++;
  if (!gateways->away[i] && !gateways->refuses[i])
    return TRUE;
  core_deployer_failures_add (failures, names[i], action, gateways->away[i] ? "no answer" : "disk full")
      ->unreachable
      = gateways->away[i];
  return FALSE;
}

static void
meanwhile (Gateways *gateways)
{
  void (*act) (gpointer) = gateways->meanwhile;

  gateways->meanwhile = NULL;
  if (act != NULL)
    act (gateways->meanwhile_data);
}

static void
publish (CoreDeployer *deployer, const CoreApi *api, const char *const *to, GPtrArray *failures)
{
  Gateways *gateways = (Gateways *)deployer;

  for (guint i = 0; i < N_GATEWAYS; i++)
    if (g_strv_contains (to, names[i]) && answers (gateways, i, CORE_DEPLOYER_PUBLISH, failures))
      {
        meanwhile (gateways);
        g_hash_table_insert (gateways->has[i], core_api_label (api), g_strdup (api->status));
        if (api->is_published_default_version)
          g_hash_table_insert (gateways->has[i], g_strdup (api->name), g_strdup (api->version));
      }
}

static void
take (Gateways *gateways, const char *name, const char *const *from, GPtrArray *failures)
{
  for (guint i = 0; i < N_GATEWAYS; i++)
    if (g_strv_contains (from, names[i]) && answers (gateways, i, CORE_DEPLOYER_REMOVE, failures))
      g_hash_table_remove (gateways->has[i], name);
}

static void
take_api (CoreDeployer *deployer, const CoreApi *api, const char *const *from, GPtrArray *failures)
{
  g_autofree char *label = core_api_label (api);

  take ((Gateways *)deployer, label, from, failures);
}

static void
take_default (CoreDeployer *deployer, const CoreApi *api, const char *const *from, GPtrArray *failures)
{
  take ((Gateways *)deployer, api->name, from, failures);
}

static void
look (CoreDeployer *deployer, const CoreApi *api, const char *const *at, CorePresence *presences,
      GPtrArray *failures)
{
  Gateways *gateways = (Gateways *)deployer;
  g_autofree char *label = core_api_label (api);
  gboolean wanted = core_api_state_is_deployed (api->status);

  for (guint j = 0; at[j] != NULL; j++)
    for (guint i = 0; i < N_GATEWAYS; i++)
      if (g_str_equal (at[j], names[i]))
        {
          const char *has = g_hash_table_lookup (gateways->has[i], label);

          presences[j] = CORE_PRESENCE_UNKNOWN;
          if (!answers (gateways, i, CORE_DEPLOYER_PUBLISH, failures))
            continue;
          if (has == NULL)
            presences[j] = wanted ? CORE_PRESENCE_MISSING : CORE_PRESENCE_NONE;
          else if (!wanted)
            presences[j] = CORE_PRESENCE_SURPLUS;
          else
            presences[j] = g_str_equal (has, api->status) ? CORE_PRESENCE_CURRENT : CORE_PRESENCE_OUTDATED;
        }
}

typedef struct
{
  PortalWorld *world;
  Gateways gateways;
} Stage;

static Stage *
stage_new (WriteWorld *world)
{
  Stage *stage = g_new0 (Stage, 1);

  stage->world = portal_world_new (world);
  stage->gateways.deployer = (CoreDeployer){ list_names, publish, take_api, take_default, look };
  for (guint i = 0; i < N_GATEWAYS; i++)
    stage->gateways.has[i] = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  stage->world->portal.deployer = &stage->gateways.deployer;
  return stage;
}

static void
stage_free (Stage *stage)
{
  for (guint i = 0; i < N_GATEWAYS; i++)
    g_hash_table_unref (stage->gateways.has[i]);
  portal_world_free (stage->world);
  g_free (stage);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Stage, stage_free)

static CoreApi *
create (Stage *stage, const char *name, const char *version)
{
  g_autoptr (CoreApi) api = core_api_new ();
  g_autoptr (GError) error = NULL;
  CoreApi *created;

  core_api_set_text (&api->name, name);
  core_api_set_text (&api->version, version);
  core_api_set_text (&api->context_template, name);
  core_api_set_text (&api->endpoint_config, ENDPOINT);
  core_api_set_list (&api->tiers, (const char *const[]){ "Unlimited", NULL });
  created = core_api_create (&stage->world->portal, stage->world->publisher, api, 0, &error);
  g_assert_no_error (error);
  return created;
}

/* The gateways may fail. */
static void
change (Stage *stage, const CoreApi *api, const char *event)
{
  g_autoptr (GError) error = NULL;

  if (!core_api_change_lifecycle (&stage->world->portal, stage->world->publisher, api->uuid, event, 0, NULL,
                                  NULL, &error))
    g_assert_error (error, CORE_PORTAL_ERROR, CORE_PORTAL_ERROR_PARTIAL);
}

/* "Europe: 1 deployed, 0 outdated, 0 missing, 0 surplus, 0 unknown". */
static void
assert_state (Stage *stage, guint i, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) states = core_gateway_look (&stage->world->portal, stage->world->publisher, &error);
  const CoreGatewayState *state;
  g_autofree char *text = NULL;

  g_assert_no_error (error);
  g_assert_cmpuint (states->len, ==, N_GATEWAYS);
  state = states->pdata[i];
  g_assert_cmpstr (state->environment, ==, names[i]);
  text = g_strdup_printf ("%u deployed, %u outdated, %u missing, %u surplus, %u unknown%s%s%s",
                          state->n_deployed, state->n_outdated, state->n_missing, state->n_surplus,
                          state->n_unknown, state->unreachable ? ", away" : "",
                          state->reason != NULL ? ": " : "", state->reason != NULL ? state->reason : "");
  g_assert_cmpstr (text, ==, expected);
}

static void
sync_gateway (Stage *stage, const char *environment, const char *api, guint published, guint removed)
{
  CoreGatewayDone did;

  PORTAL_DO (
      core_gateway_sync (&stage->world->portal, stage->world->publisher, environment, api, &did, &error));
  g_assert_cmpuint (did.n_published, ==, published);
  g_assert_cmpuint (did.n_removed, ==, removed);
}

static void
test_away (WriteWorld *world)
{
  g_autoptr (Stage) stage = NULL;
  g_autoptr (CoreApi) first = NULL;
  g_autoptr (CoreApi) second = NULL;
  CoreGatewayDone did;

  if (!write_world_has (world, ST_CAP_API_ARTIFACT))
    return;
  stage = stage_new (world);
  first = create (stage, "First", "1.0.0");
  second = create (stage, "Second", "1.0.0");
  change (stage, second, "Publish");
  stage->gateways.away[1] = TRUE;
  change (stage, first, "Publish");
  change (stage, second, "Demote to Created");
  assert_state (stage, 0, "1 deployed, 0 outdated, 0 missing, 0 surplus, 0 unknown");
  assert_state (stage, 1, "0 deployed, 0 outdated, 0 missing, 0 surplus, 1 unknown, away: no answer");

  stage->gateways.n_calls = 0;
  PORTAL_REFUSE (
      CORE_PORTAL_ERROR_PARTIAL, "Asia: First-1.0.0: no answer",
      core_gateway_sync (&stage->world->portal, stage->world->publisher, "Asia", NULL, &did, &error));
  g_assert_cmpuint (stage->gateways.n_calls, ==, 1); /* it is not asked for the others */
  stage->gateways.away[1] = FALSE;
  assert_state (stage, 1, "0 deployed, 0 outdated, 1 missing, 1 surplus, 0 unknown");
  sync_gateway (stage, "Asia", first->uuid, 1, 0);
  assert_state (stage, 1, "1 deployed, 0 outdated, 0 missing, 1 surplus, 0 unknown");
  sync_gateway (stage, "Asia", NULL, 1, 1);
  assert_state (stage, 1, "1 deployed, 0 outdated, 0 missing, 0 surplus, 0 unknown");
  sync_gateway (stage, "Asia", NULL, 1, 1); /* again is done already */

  stage->gateways.away[1] = TRUE;
  change (stage, first, "Block");
  stage->gateways.away[1] = FALSE;
  assert_state (stage, 1, "1 deployed, 1 outdated, 0 missing, 0 surplus, 0 unknown");
  sync_gateway (stage, "Asia", NULL, 1, 1);
  assert_state (stage, 1, "1 deployed, 0 outdated, 0 missing, 0 surplus, 0 unknown");
}

/* A gateway that refuses is asked for the others too, but not for ever. */
static void
test_refuses (WriteWorld *world)
{
  g_autoptr (Stage) stage = NULL;
  CoreGatewayDone did;

  if (!write_world_has (world, ST_CAP_API_ARTIFACT))
    return;
  stage = stage_new (world);
  for (guint i = 0; i < CORE_GATEWAY_MAX_FAILURES + 3; i++)
    {
      g_autofree char *name = g_strdup_printf ("Api%02u", i);
      g_autoptr (CoreApi) api = create (stage, name, "1");

      change (stage, api, "Publish");
    }
  stage->gateways.refuses[0] = TRUE;
  stage->gateways.n_calls = 0;
  PORTAL_REFUSE (
      CORE_PORTAL_ERROR_PARTIAL, "disk full",
      core_gateway_sync (&stage->world->portal, stage->world->publisher, "Europe", NULL, &did, &error));
  g_assert_cmpuint (stage->gateways.n_calls, ==, CORE_GATEWAY_MAX_FAILURES);
  assert_state (stage, 0, "0 deployed, 0 outdated, 0 missing, 0 surplus, 10 unknown: disk full");
  assert_state (stage, 1, "13 deployed, 0 outdated, 0 missing, 0 surplus, 0 unknown");
}

/* The version-less file goes where it leads nowhere, and stays where it leads to another version. */
static void
test_default_version (WriteWorld *world)
{
  g_autoptr (Stage) stage = NULL;
  g_autoptr (CoreApi) api = NULL;
  g_autoptr (CoreApi) copy = NULL;
  g_autoptr (GError) error = NULL;

  if (!write_world_has (world, ST_CAP_API_ARTIFACT))
    return;
  stage = stage_new (world);
  api = create (stage, "Weather", "1.0.0");
  change (stage, api, "Publish");
  copy = core_api_copy_version (&stage->world->portal, stage->world->publisher, api->uuid, "2.0.0", TRUE,
                                &error);
  g_assert_no_error (error);
  change (stage, copy, "Publish");
  g_assert_cmpstr (g_hash_table_lookup (stage->gateways.has[0], "Weather"), ==, "2.0.0");
  g_hash_table_remove_all (stage->gateways.has[0]);
  sync_gateway (stage, "Europe", NULL, 2, 0);
  g_assert_cmpstr (g_hash_table_lookup (stage->gateways.has[0], "Weather"), ==, "2.0.0");
  sync_gateway (stage, "Europe", api->uuid, 1, 0);
  g_assert_cmpstr (g_hash_table_lookup (stage->gateways.has[0], "Weather"), ==, "2.0.0");
  stage->gateways.away[0] = TRUE;
  change (stage, copy, "Demote to Created");
  stage->gateways.away[0] = FALSE;
  sync_gateway (stage, "Europe", NULL, 1, 1);
  g_assert_cmpuint (g_hash_table_size (stage->gateways.has[0]), ==, 1);
}

static void
test_undeploy (WriteWorld *world)
{
  g_autoptr (Stage) stage = NULL;
  g_autoptr (CoreApi) api = NULL;
  CoreGatewayDone did;

  if (!write_world_has (world, ST_CAP_API_ARTIFACT))
    return;
  stage = stage_new (world);
  api = create (stage, "Weather", "1.0.0");
  change (stage, api, "Publish");
  PORTAL_REFUSE (
      CORE_PORTAL_ERROR_FORBIDDEN, "gateways",
      core_gateway_undeploy (&stage->world->portal, stage->world->alice, "Europe", api->uuid, &error));
  PORTAL_REFUSE (
      CORE_PORTAL_ERROR_FORBIDDEN, "gateways",
      core_gateway_sync (&stage->world->portal, stage->world->alice, "Europe", NULL, &did, &error));
  PORTAL_REFUSE (
      CORE_PORTAL_ERROR_NOT_FOUND, "Africa",
      core_gateway_undeploy (&stage->world->portal, stage->world->publisher, "Africa", api->uuid, &error));
  PORTAL_REFUSE (
      CORE_PORTAL_ERROR_NOT_FOUND, "nothing",
      core_gateway_undeploy (&stage->world->portal, stage->world->publisher, "Europe", "nothing", &error));
  stage->world->portal.dry_run = TRUE;
  PORTAL_DO (
      core_gateway_undeploy (&stage->world->portal, stage->world->publisher, "Europe", api->uuid, &error));
  g_assert_cmpuint (g_hash_table_size (stage->gateways.has[0]), ==, 1);
  stage->world->portal.dry_run = FALSE;
  PORTAL_DO (
      core_gateway_undeploy (&stage->world->portal, stage->world->publisher, "Europe", api->uuid, &error));
  g_assert_cmpuint (g_hash_table_size (stage->gateways.has[0]), ==, 0);
  assert_state (stage, 0, "0 deployed, 0 outdated, 1 missing, 0 surplus, 0 unknown");
  assert_state (stage, 1, "1 deployed, 0 outdated, 0 missing, 0 surplus, 0 unknown");
}

typedef struct
{
  Stage *stage;
  const CoreApi *api;
} Other;

static void
demote (gpointer data)
{
  Other *other = data;

  change (other->stage, other->api, "Demote to Created");
}

static void delete (gpointer data)
{
  Other *other = data;

  PORTAL_DO (core_api_delete (&other->stage->world->portal, other->stage->world->publisher, other->api->uuid,
                              NULL, &error));
}

/* Somebody takes the API back, or deletes it, while it is on its way: what is old by then does not stay. */
static void
test_changes_meanwhile (WriteWorld *world)
{
  static void (*const acts[]) (gpointer) = { demote, delete };
  static const char *const labels[] = { "Api0", "Api1" };

  if (!write_world_has (world, ST_CAP_API_ARTIFACT))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (acts); i++)
    {
      g_autoptr (Stage) stage = stage_new (world);
      g_autoptr (CoreApi) api = create (stage, labels[i], "1.0.0");
      Other other = { stage, api };

      change (stage, api, "Publish");
      stage->gateways.meanwhile = acts[i];
      stage->gateways.meanwhile_data = &other;
      sync_gateway (stage, "Europe", api->uuid, 0, 1);
      g_assert_cmpuint (g_hash_table_size (stage->gateways.has[0]), ==, 0);
    }
}

static void
remove_api (Stage *stage, const CoreApi *api)
{
  g_autoptr (GError) error = NULL;

  if (!core_api_delete (&stage->world->portal, stage->world->publisher, api->uuid, NULL, &error))
    g_assert_error (error, CORE_PORTAL_ERROR, CORE_PORTAL_ERROR_PARTIAL);
}

/* An API that is deleted while a gateway is away: it is remembered until that gateway has lost it. */
static void
test_deleted (WriteWorld *world)
{
  g_autoptr (Stage) stage = NULL;
  g_autoptr (CoreApi) api = NULL;
  g_autoptr (CoreApi) again = NULL;

  if (!write_world_has (world, ST_CAP_PENDING_REMOVALS))
    return;
  stage = stage_new (world);
  api = create (stage, "Weather", "1.0.0");
  PORTAL_DO (core_api_set_default (&stage->world->portal, stage->world->publisher, api->uuid, TRUE, NULL, &error));
  change (stage, api, "Publish");
  g_assert_cmpuint (g_hash_table_size (stage->gateways.has[1]), ==, 2);
  stage->world->portal.dry_run = TRUE;
  remove_api (stage, api);
  stage->world->portal.dry_run = FALSE;
  stage->gateways.away[1] = TRUE;
  remove_api (stage, api);
  write_world_rows (world, REMOVALS, "Asia|Weather|1.0.0|1"); /* Europe has done it */
  g_assert_cmpuint (g_hash_table_size (stage->gateways.has[0]), ==, 0);
  g_assert_cmpuint (g_hash_table_size (stage->gateways.has[1]), ==, 2);

  stage->gateways.away[1] = FALSE;
  assert_state (stage, 0, "0 deployed, 0 outdated, 0 missing, 0 surplus, 0 unknown");
  assert_state (stage, 1, "0 deployed, 0 outdated, 0 missing, 1 surplus, 0 unknown");
  sync_gateway (stage, "Europe", NULL, 0, 0);
  stage->world->portal.dry_run = TRUE;
  sync_gateway (stage, "Asia", NULL, 0, 1);
  stage->world->portal.dry_run = FALSE;
  g_assert_cmpuint (g_hash_table_size (stage->gateways.has[1]), ==, 2);
  sync_gateway (stage, "Asia", NULL, 0, 1);
  g_assert_cmpuint (g_hash_table_size (stage->gateways.has[1]), ==, 0);
  write_world_rows (world, REMOVALS, "");

  /* One that came back stands for itself. */
  again = create (stage, "Weather", "1.0.0");
  change (stage, again, "Publish");
  stage->gateways.away[1] = TRUE;
  remove_api (stage, again);
  g_clear_pointer (&again, core_api_free);
  again = create (stage, "Weather", "1.0.0");
  change (stage, again, "Publish");
  stage->gateways.away[1] = FALSE;
  sync_gateway (stage, "Asia", NULL, 1, 0);
  g_assert_cmpuint (g_hash_table_size (stage->gateways.has[1]), ==, 1);
  write_world_rows (world, REMOVALS, "");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  write_world_add_few ("/core-gateway/away", test_away);
  write_world_add_few ("/core-gateway/refuses", test_refuses);
  write_world_add_few ("/core-gateway/default-version", test_default_version);
  write_world_add_few ("/core-gateway/undeploy", test_undeploy);
  write_world_add_few ("/core-gateway/deleted", test_deleted);
  write_world_add_few ("/core-gateway/changes-meanwhile", test_changes_meanwhile);
  return write_world_run_tests ();
}
