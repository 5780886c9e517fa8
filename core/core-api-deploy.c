/* Which environment gets what after a change: the half of core-api-private.h that talks to gateways. */
#include "config.h"
#include "core/core-api-private.h"

const char *const *
core_api_environments_of (const CorePortal *portal, const CoreApi *api)
{
  static const char *const none[] = { NULL };

  if (portal->deployer == NULL)
    return none;
  if (api->environments != NULL)
    return (const char *const *)api->environments;
  return portal->deployer->environments (portal->deployer);
}

gboolean
core_api_is_brought (const CoreApi *api)
{
  return g_strcmp0 (api->type, "WS") != 0;
}

/* (transfer container): those of @all that @but does not have. */
static const char **
environments_without (const char *const *all, const char *const *but)
{
  g_autoptr (GPtrArray) rest = g_ptr_array_new ();

  for (guint i = 0; all[i] != NULL; i++)
    if (!g_strv_contains (but, all[i]))
      g_ptr_array_add (rest, (gpointer)all[i]);
  g_ptr_array_add (rest, NULL);
  return (const char **)g_ptr_array_steal (rest, NULL);
}

static gboolean
is_deployed (const CoreApi *api)
{
  return api != NULL && core_api_state_is_deployed (api->status);
}

/* The version-less file goes where nobody follows: the API led to it before, and no version does now. */
static void
remove_default (const CorePortal *portal, const CoreApi *before, const CoreApi *after,
                const char *const *environments, GPtrArray *failures)
{
  gboolean was = is_deployed (before) && before->is_published_default_version;
  gboolean is = is_deployed (after) && after->is_published_default_version;

  if (was && !is && *environments != NULL)
    portal->deployer->remove_default (portal->deployer, before, environments, failures);
}

void
core_api_deploy (const CorePortal *portal, const CoreApi *before, const CoreApi *after, GPtrArray *failures)
{
  static const char *const none[] = { NULL };
  const char *const *had = is_deployed (before) ? core_api_environments_of (portal, before) : none;
  const char *const *gets = is_deployed (after) ? core_api_environments_of (portal, after) : none;
  g_autofree const char **loses = NULL;

  if (portal->dry_run || portal->deployer == NULL)
    return;
  loses = environments_without (had, gets);
  if (*gets != NULL)
    portal->deployer->publish (portal->deployer, after, gets, failures);
  if (*loses != NULL)
    {
      portal->deployer->remove (portal->deployer, before, loses, failures);
      if (is_deployed (after) && before->is_published_default_version && after->is_published_default_version)
        portal->deployer->remove_default (portal->deployer, before, loses, failures);
    }
  remove_default (portal, before, after, had, failures);
}

gboolean
core_api_report (const GPtrArray *failures, const char *done, GError **error)
{
  return failures->len == 0 || core_portal_fail_partial (failures, done, error);
}
