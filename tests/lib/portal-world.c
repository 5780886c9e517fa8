#include "config.h"
#include "tests/lib/portal-world.h"

#include <glib/gstdio.h>

#define EVERYTHING                                                                                           \
  (CORE_MAY_LOGIN | CORE_MAY_CREATE | CORE_MAY_PUBLISH | CORE_MAY_SUBSCRIBE | CORE_MAY_MANAGE_TIERS          \
   | CORE_MAY_APPROVE_WORKFLOWS | CORE_MAY_ADMINISTER)

/* Of a home without files. */
static ApimConfig *
load_defaults (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *home = g_dir_make_tmp ("portal-world-XXXXXX", &error);
  ApimConfig *config;

  g_assert_no_error (error);
  config = apim_config_load (home, -1, &error);
  g_assert_no_error (error);
  g_rmdir (home);
  return config;
}

PortalWorld *
portal_world_new (WriteWorld *world)
{
  static const char *const subscriber[] = { "Internal/subscriber", NULL };
  static const char *const creator[] = { "Internal/creator", NULL };
  static const char *const administrator[] = { "admin", NULL };
  const StTenant super = { ST_SUPER_TENANT_ID, (char *)ST_SUPER_TENANT_DOMAIN, TRUE };
  const StTenant tenant = { 7, (char *)"example.com", TRUE };
  PortalWorld *portal_world = g_new0 (PortalWorld, 1);

  portal_world->world = world;
  portal_world->config = load_defaults ();
  portal_world->portal = (CorePortal){ .apis = world->database,
                                       .clock = &apim_clock_system,
                                       .config = portal_world->config,
                                       .workflows = &portal_world->workflows,
                                       .advanced_throttling = TRUE };
  portal_world->alice
      = core_actor_new (NULL, "alice", &super, subscriber, CORE_MAY_LOGIN | CORE_MAY_SUBSCRIBE);
  portal_world->bob = core_actor_new (NULL, "bob", &super, subscriber, CORE_MAY_LOGIN | CORE_MAY_SUBSCRIBE);
  portal_world->dave
      = core_actor_new (NULL, "dave", &tenant, subscriber, CORE_MAY_LOGIN | CORE_MAY_SUBSCRIBE);
  portal_world->publisher
      = core_actor_new (NULL, "paula", &super, creator, CORE_MAY_LOGIN | CORE_MAY_CREATE | CORE_MAY_PUBLISH);
  portal_world->admin = core_actor_new (NULL, "admin", &super, administrator, EVERYTHING);
  portal_world->visitor = core_actor_new_visitor (&super);
  return portal_world;
}

void
portal_world_free (PortalWorld *portal_world)
{
  core_actor_free (portal_world->alice);
  core_actor_free (portal_world->bob);
  core_actor_free (portal_world->dave);
  core_actor_free (portal_world->publisher);
  core_actor_free (portal_world->admin);
  core_actor_free (portal_world->visitor);
  apim_config_unref (portal_world->config);
  g_free (portal_world);
}
