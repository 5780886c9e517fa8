#include "config.h"
#include "deployment/dp-environments.h"

#include "common/apim-environments.h"
#include "common/apim-trust-store.h"
#include "deployment/dp-folder.h"
#include "deployment/dp-gateway-admin.h"

#include <string.h>

/* One environment. */
typedef struct
{
  const char *name;
  ApimEnvironmentType type;
  DpTarget *target; /* NULL: no password is known */
  GMutex lock;      /* over target */
} Place;

struct _DpEnvironments
{
  CoreDeployer deployer; /* first: what callers hold */
  ApimConfig *config;
  DpSettings settings;
  GPtrArray *places; /* of Place */
  GPtrArray *names;  /* NULL-terminated */
};

/* What one environment is to do, and how it went. */
typedef struct
{
  const DpEnvironments *environments;
  Place *place;
  const CoreApi *api;
  gboolean (*work) (const DpEnvironments *environments, Place *place, const CoreApi *api, GError **error);
  GError *error;
  GThread *thread; /* NULL: done by the caller */
} Job;

static void
place_free (Place *place)
{
  dp_target_free (place->target);
  g_mutex_clear (&place->lock);
  g_free (place);
}

static Place *
find_place (const DpEnvironments *environments, const char *name)
{
  for (guint i = 0; i < environments->places->len; i++)
    {
      Place *place = g_ptr_array_index (environments->places, i);

      if (strcmp (place->name, name) == 0)
        return place;
    }
  return NULL;
}

static gboolean
has_target (const Place *place, GError **error)
{
  if (place->target != NULL)
    return TRUE;
  g_set_error_literal (
      error, DP_TARGET_ERROR, DP_TARGET_ERROR_REFUSED,
      "no user and password for its ServerURL are known: give the environment in api-manager.xml both");
  return FALSE;
}

static gboolean
publish_one (const DpEnvironments *environments, Place *place, const CoreApi *api, GError **error)
{
  g_autoptr (DpArtifacts) artifacts = dp_artifacts_new (api, place->type, &environments->settings, error);

  return artifacts != NULL && has_target (place, error)
         && place->target->class->publish (place->target, artifacts, error);
}

static gboolean
remove_one (const DpEnvironments *environments, Place *place, const CoreApi *api, GError **error)
{
  g_autoptr (DpArtifacts) artifacts = dp_artifacts_new_names (api, &environments->settings);

  return has_target (place, error) && place->target->class->remove (place->target, artifacts, error);
}

static gboolean
remove_default_one (const DpEnvironments *environments, Place *place, const CoreApi *api, GError **error)
{
  g_autoptr (DpArtifacts) artifacts = dp_artifacts_new_names (api, &environments->settings);

  return has_target (place, error) && place->target->class->remove_default (place->target, artifacts, error);
}

static gpointer
run_job (gpointer data)
{
  Job *job = data;

  g_mutex_lock (&job->place->lock);
  job->work (job->environments, job->place, job->api, &job->error);
  g_mutex_unlock (&job->place->lock);
  return NULL;
}

/* All but the last one in threads of their own; they are few, and mostly wait. */
static void
run_jobs (Job *jobs, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      jobs[i].thread = i + 1 < n ? g_thread_try_new ("deploy", run_job, &jobs[i], NULL) : NULL;
      if (jobs[i].thread == NULL)
        run_job (&jobs[i]);
    }
  for (guint i = 0; i < n; i++)
    if (jobs[i].thread != NULL)
      g_thread_join (jobs[i].thread);
}

/* @names that the configuration does not have: a failure where something was to be brought there, else
 * nothing: there is no such gateway any more. */
static void
run (CoreDeployer *deployer, const CoreApi *api, const char *const *names, CoreDeployerAction action,
     gboolean (*work) (const DpEnvironments *, Place *, const CoreApi *, GError **), GPtrArray *failures)
{
  const DpEnvironments *environments = (const DpEnvironments *)deployer;
  guint n_names = g_strv_length ((char **)names), n = 0;
  g_autofree Job *jobs = g_new0 (Job, n_names + 1);

  for (guint i = 0; i < n_names; i++)
    {
      Place *place = find_place (environments, names[i]);

      if (place != NULL)
        jobs[n++] = (Job){ environments, place, api, work, NULL, NULL };
      else if (action == CORE_DEPLOYER_PUBLISH)
        core_deployer_failures_add (failures, names[i], action,
                                    "api-manager.xml has no environment of this name");
    }
  run_jobs (jobs, n);
  for (guint i = 0; i < n; i++)
    if (jobs[i].error != NULL)
      {
        g_message ("gateway environment \"%s\": %s %s-%s: %s", jobs[i].place->name,
                   action == CORE_DEPLOYER_PUBLISH ? "publishing" : "removing", api->name, api->version,
                   jobs[i].error->message);
        core_deployer_failures_add (failures, jobs[i].place->name, action, jobs[i].error->message);
        g_clear_error (&jobs[i].error);
      }
}

static const char *const *
environment_names (CoreDeployer *deployer)
{
  return (const char *const *)((DpEnvironments *)deployer)->names->pdata;
}

static void
publish (CoreDeployer *deployer, const CoreApi *api, const char *const *names, GPtrArray *failures)
{
  run (deployer, api, names, CORE_DEPLOYER_PUBLISH, publish_one, failures);
}

static void
take_away (CoreDeployer *deployer, const CoreApi *api, const char *const *names, GPtrArray *failures)
{
  run (deployer, api, names, CORE_DEPLOYER_REMOVE, remove_one, failures);
}

static void
take_default_away (CoreDeployer *deployer, const CoreApi *api, const char *const *names, GPtrArray *failures)
{
  run (deployer, api, names, CORE_DEPLOYER_REMOVE, remove_default_one, failures);
}

gboolean
dp_environments_look (DpEnvironments *environments, const char *name, const CoreApi *api,
                      DpPresence *presence, GError **error)
{
  Place *place = find_place (environments, name);
  g_autoptr (DpArtifacts) artifacts = NULL;
  gboolean done;

  if (place == NULL)
    return core_portal_fail (error, CORE_PORTAL_ERROR_NOT_FOUND, "there is no gateway environment \"%s\"",
                             name);
  artifacts = core_api_state_is_deployed (api->status)
                  ? dp_artifacts_new (api, place->type, &environments->settings, error)
                  : dp_artifacts_new_names (api, &environments->settings);
  if (artifacts == NULL || !has_target (place, error))
    return FALSE;
  g_mutex_lock (&place->lock);
  done = place->target->class->look (place->target, artifacts, presence, error);
  g_mutex_unlock (&place->lock);
  return done;
}

static void
add_place (DpEnvironments *environments, const char *name, ApimEnvironmentType type, DpTarget *target)
{
  Place *place = g_new0 (Place, 1);

  place->name = name;
  place->type = type;
  place->target = target;
  g_mutex_init (&place->lock);
  g_ptr_array_add (environments->places, place);
  g_ptr_array_add (environments->names, (gpointer)name);
}

/* The folder stands for the environment of its name, or for one more. */
static void
add_places (DpEnvironments *environments, GTlsDatabase *trust)
{
  const ApimConfig *config = environments->config;
  const char *folder = config->deployment.folder, *folder_name = config->deployment.folder_environment;

  for (guint i = 0; i < config->environments->len; i++)
    {
      const ApimEnvironment *environment = g_ptr_array_index (config->environments, i);
      DpTarget *target = NULL;

      if (folder != NULL && strcmp (environment->name, folder_name) == 0)
        target = dp_folder_new (folder);
      else if (environment->user != NULL && environment->password != NULL)
        target = dp_gateway_admin_new (environment, trust, config->limits.gateway_deploy_timeout_ms,
                                       &environments->settings);
      add_place (environments, environment->name, environment->type, target);
    }
  if (folder != NULL && find_place (environments, folder_name) == NULL)
    add_place (environments, folder_name, APIM_ENVIRONMENT_HYBRID, dp_folder_new (folder));
  g_ptr_array_add (environments->names, NULL);
}

DpEnvironments *
dp_environments_new (ApimConfig *config, GError **error)
{
  g_autoptr (GTlsDatabase) trust = apim_trust_store_open (config, error);
  DpEnvironments *environments;

  if (trust == NULL)
    return NULL;
  environments = g_new0 (DpEnvironments, 1);
  environments->deployer = (CoreDeployer){ environment_names, publish, take_away, take_default_away };
  environments->config = apim_config_ref (config);
  dp_settings_init (&environments->settings, config);
  environments->places = g_ptr_array_new_with_free_func ((GDestroyNotify)place_free);
  environments->names = g_ptr_array_new ();
  add_places (environments, trust);
  return environments;
}

void
dp_environments_free (DpEnvironments *environments)
{
  if (environments == NULL)
    return;
  g_ptr_array_unref (environments->places);
  g_ptr_array_unref (environments->names);
  apim_config_unref (environments->config);
  g_free (environments);
}

CoreDeployer *
dp_environments_deployer (DpEnvironments *environments)
{
  return &environments->deployer;
}
