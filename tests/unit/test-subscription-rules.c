/* Who may subscribe to what. */
#include "config.h"

#include "core/core-portal.h"
#include "core/core-subscription-rules.h"

#include <string.h>

static CoreApi *
make_api (const char *visibility, const char *availability)
{
  static const char *const tiers[] = { "Gold", "Unauthenticated", NULL };
  static const char *const roles[] = { "red", NULL };
  static const char *const tenants[] = { "Example.com", NULL };
  CoreApi *api = core_api_new ();

  core_api_set_text (&api->uuid, "0");
  core_api_set_text (&api->provider, "paula");
  core_api_set_text (&api->name, "Weather");
  core_api_set_text (&api->version, "1.0.0");
  api->tenant_id = ST_SUPER_TENANT_ID;
  core_api_set_text (&api->tenant_domain, ST_SUPER_TENANT_DOMAIN);
  core_api_set_text (&api->status, "PUBLISHED");
  core_api_set_text (&api->visibility, visibility);
  core_api_set_text (&api->subscription_availability, availability);
  core_api_set_list (&api->tiers, tiers);
  core_api_set_list (&api->visible_roles, roles);
  core_api_set_list (&api->visible_tenants, tenants);
  core_api_set_list (&api->subscription_tenants, tenants);
  return api;
}

static CoreActor *
make_actor (const char *name, gint tenant_id, const char *domain, const char *role)
{
  const StTenant tenant = { tenant_id, (char *)domain, TRUE };
  const char *const roles[] = { role, NULL };

  return name != NULL ? core_actor_new (NULL, name, &tenant, roles, CORE_MAY_SUBSCRIBE)
                      : core_actor_new_visitor (&tenant);
}

static void
test_visibility (void)
{
  enum
  {
    ALICE,
    RED,
    PAULA,
    VISITOR,
    DAVE,
    RED_DAVE,
    EVE,
    N
  };
  CoreActor *actors[N] = {
    make_actor ("alice", -1234, "carbon.super", "blue"), make_actor ("ruth", -1234, "carbon.super", "RED"),
    make_actor ("paula", -1234, "carbon.super", "blue"), make_actor (NULL, -1234, "carbon.super", NULL),
    make_actor ("dave", 7, "example.com", "blue"),       make_actor ("rosa", 7, "example.com", "red"),
    make_actor ("eve", 8, "other.com", "red"),
  };
  static const struct
  {
    const char *visibility;
    gboolean seen[N];
  } cases[] = {
    { "public", { 1, 1, 1, 1, 1, 1, 1 } },     { "private", { 1, 1, 1, 0, 0, 0, 0 } },
    { "restricted", { 0, 1, 1, 0, 0, 0, 0 } }, { "controlled", { 1, 1, 1, 1, 1, 1, 0 } },
    { "secret", { 0, 0, 1, 0, 0, 0, 0 } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (guint j = 0; j < N; j++)
      {
        g_autoptr (CoreApi) api = make_api (cases[i].visibility, "current_tenant");

        g_assert_cmpint (core_subscription_sees_api (actors[j], api), ==, cases[i].seen[j]);
      }
  for (guint i = 0; i < N; i++)
    core_actor_free (actors[i]);
}

static void
test_availability (void)
{
  static const struct
  {
    const char *availability;
    gboolean own, named, other;
  } cases[] = {
    { "current_tenant", TRUE, FALSE, FALSE },
    { "all_tenants", TRUE, TRUE, TRUE },
    { "specific_tenants", TRUE, TRUE, FALSE },
    { NULL, TRUE, FALSE, FALSE },
  };
  g_autoptr (CoreActor) alice = make_actor ("alice", -1234, "carbon.super", "blue");
  g_autoptr (CoreActor) dave = make_actor ("dave", 7, "example.com", "blue");
  g_autoptr (CoreActor) eve = make_actor ("eve", 8, "other.com", "blue");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (CoreApi) api = make_api ("public", cases[i].availability);

      g_assert_cmpint (core_subscription_is_available (alice, api), ==, cases[i].own);
      g_assert_cmpint (core_subscription_is_available (dave, api), ==, cases[i].named);
      g_assert_cmpint (core_subscription_is_available (eve, api), ==, cases[i].other);
    }
}

static void
test_check (void)
{
  static const struct
  {
    const char *state, *visibility, *tier;
    gboolean stranger;
    gint code; /* -1: allowed */
    const char *words;
  } cases[] = {
    { "PUBLISHED", "public", "Gold", FALSE, -1, NULL },
    { "DEPRECATED", "public", "Gold", FALSE, CORE_PORTAL_ERROR_CONFLICT,
      "Subscriptions not allowed on APIs in the state: DEPRECATED" },
    { "CREATED", "public", "Gold", FALSE, CORE_PORTAL_ERROR_CONFLICT, "the state: CREATED" },
    { "PUBLISHED", "public", "gold", FALSE, CORE_PORTAL_ERROR_INVALID, "Tier gold is not allowed" },
    { "PUBLISHED", "public", "", FALSE, CORE_PORTAL_ERROR_INVALID, "No tier" },
    { "PUBLISHED", "public", "Unauthenticated", FALSE, CORE_PORTAL_ERROR_INVALID, "not allowed" },
    { "PUBLISHED", "restricted", "Gold", FALSE, CORE_PORTAL_ERROR_NOT_FOUND, "no API Weather-1.0.0" },
    { "CREATED", "restricted", "Gold", FALSE, CORE_PORTAL_ERROR_NOT_FOUND, "no API Weather-1.0.0" },
    { "PUBLISHED", "public", "Gold", TRUE, CORE_PORTAL_ERROR_FORBIDDEN, "for other tenants" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (CoreApi) api = make_api (cases[i].visibility, "current_tenant");
      g_autoptr (CoreActor) actor = cases[i].stranger ? make_actor ("eve", 8, "other.com", "blue")
                                                      : make_actor ("alice", -1234, "carbon.super", "blue");
      g_autoptr (GError) error = NULL;
      gboolean allowed;

      core_api_set_text (&api->status, cases[i].state);
      allowed = core_subscription_check (actor, api, cases[i].tier, &error);
      g_assert_cmpint (allowed, ==, cases[i].code < 0);
      if (cases[i].code < 0)
        continue;
      g_assert_error (error, CORE_PORTAL_ERROR, cases[i].code);
      g_assert_nonnull (strstr (error->message, cases[i].words));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/subscription-rules/visibility", test_visibility);
  g_test_add_func ("/subscription-rules/availability", test_availability);
  g_test_add_func ("/subscription-rules/check", test_check);
  return g_test_run ();
}
