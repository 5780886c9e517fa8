#include "config.h"
#include "deployment/dp-environments.h"

#include "common/apim-environments.h"
#include "common/apim-trust-store.h"
#include "deployment/dp-folder.h"
#include "deployment/dp-gateway-admin.h"
#include "soap/soap-client.h"

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
  GPtrArray *own;    /* likewise: of those that the gateway of this process serves */
};

typedef struct _Job Job;
typedef gboolean (*Work) (Job *job, GError **error);

/* What one environment is to do, and how it went. */
struct _Job
{
  const DpEnvironments *environments;
  Place *place;
  const CoreApi *api;
  Work work;
  CorePresence *presence; /* where work looks */
  GError *error;
  GThread *thread; /* NULL: done by the caller */
};

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
publish_one (Job *job, GError **error)
{
  Place *place = job->place;
  g_autoptr (DpArtifacts) artifacts
      = dp_artifacts_new (job->api, place->type, &job->environments->settings, error);

  return artifacts != NULL && has_target (place, error)
         && place->target->class->publish (place->target, artifacts, error);
}

static gboolean
remove_one (Job *job, GError **error)
{
  Place *place = job->place;
  g_autoptr (DpArtifacts) artifacts = dp_artifacts_new_names (job->api, &job->environments->settings);

  return has_target (place, error) && place->target->class->remove (place->target, artifacts, error);
}

static gboolean
remove_default_one (Job *job, GError **error)
{
  Place *place = job->place;
  g_autoptr (DpArtifacts) artifacts = dp_artifacts_new_names (job->api, &job->environments->settings);

  return has_target (place, error) && place->target->class->remove_default (place->target, artifacts, error);
}

static CorePresence
presence_of (DpPresence found, gboolean wanted)
{
  static const CorePresence wanted_ones[] = { [DP_PRESENCE_MISSING] = CORE_PRESENCE_MISSING,
                                              [DP_PRESENCE_THERE] = CORE_PRESENCE_THERE,
                                              [DP_PRESENCE_CURRENT] = CORE_PRESENCE_CURRENT,
                                              [DP_PRESENCE_OUTDATED] = CORE_PRESENCE_OUTDATED };

  if (wanted)
    return wanted_ones[found];
  return found == DP_PRESENCE_MISSING ? CORE_PRESENCE_NONE : CORE_PRESENCE_SURPLUS;
}

static gboolean
look_one (Job *job, GError **error)
{
  Place *place = job->place;
  const DpSettings *settings = &job->environments->settings;
  g_autoptr (DpArtifacts) artifacts = core_api_state_is_deployed (job->api->status)
                                          ? dp_artifacts_new (job->api, place->type, settings, error)
                                          : dp_artifacts_new_names (job->api, settings);
  DpPresence found;

  if (artifacts == NULL || !has_target (place, error)
      || !place->target->class->look (place->target, artifacts, &found, error))
    return FALSE;
  *job->presence = presence_of (found, artifacts->api != NULL);
  return TRUE;
}

static gpointer
run_job (gpointer data)
{
  Job *job = data;

  g_mutex_lock (&job->place->lock);
  job->work (job, &job->error);
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

static void
report (const Job *job, const char *what, CoreDeployerAction action, GPtrArray *failures)
{
  CoreDeployerFailure *failure;

  g_message ("gateway environment \"%s\": %s %s-%s: %s", job->place->name, what, job->api->name,
             job->api->version, job->error->message);
  failure = core_deployer_failures_add (failures, job->place->name, action, job->error->message);
  failure->unreachable
      = g_error_matches (job->error, SOAP_CLIENT_ERROR, SOAP_CLIENT_ERROR_UNREACHABLE)
        || g_error_matches (job->error, DP_TARGET_ERROR, DP_TARGET_ERROR_UNREACHABLE);
}

/* @names that the configuration does not have: a failure where something was to be brought there or looked at,
 * else nothing: there is no such gateway any more. @presences: (nullable): one for each of @names. */
static void
run (CoreDeployer *deployer, const CoreApi *api, const char *const *names, const char *what, Work work,
     CorePresence *presences, GPtrArray *failures)
{
  const DpEnvironments *environments = (const DpEnvironments *)deployer;
  CoreDeployerAction action
      = work == publish_one || work == look_one ? CORE_DEPLOYER_PUBLISH : CORE_DEPLOYER_REMOVE;
  guint n_names = g_strv_length ((char **)names), n = 0;
  g_autofree Job *jobs = g_new0 (Job, n_names + 1);

  for (guint i = 0; i < n_names; i++)
    {
      Place *place = find_place (environments, names[i]);

      if (presences != NULL)
        presences[i] = CORE_PRESENCE_UNKNOWN;
      if (place != NULL)
        jobs[n++] = (Job){ environments, place, api, work, presences != NULL ? &presences[i] : NULL, NULL, NULL };
      else if (action == CORE_DEPLOYER_PUBLISH)
        core_deployer_failures_add (failures, names[i], action,
                                    "api-manager.xml has no environment of this name");
    }
  run_jobs (jobs, n);
  for (guint i = 0; i < n; i++)
    if (jobs[i].error != NULL)
      {
        report (&jobs[i], what, action, failures);
        g_clear_error (&jobs[i].error);
      }
}

static const char *const *
environment_names (CoreDeployer *deployer)
{
  return (const char *const *)((DpEnvironments *)deployer)->names->pdata;
}

static const char *const *
own_environment_names (CoreDeployer *deployer)
{
  return (const char *const *)((DpEnvironments *)deployer)->own->pdata;
}

static void
publish (CoreDeployer *deployer, const CoreApi *api, const char *const *names, GPtrArray *failures)
{
  run (deployer, api, names, "publishing", publish_one, NULL, failures);
}

static void
take_away (CoreDeployer *deployer, const CoreApi *api, const char *const *names, GPtrArray *failures)
{
  run (deployer, api, names, "removing", remove_one, NULL, failures);
}

static void
take_default_away (CoreDeployer *deployer, const CoreApi *api, const char *const *names, GPtrArray *failures)
{
  run (deployer, api, names, "removing", remove_default_one, NULL, failures);
}

static void
look (CoreDeployer *deployer, const CoreApi *api, const char *const *names, CorePresence *presences,
      GPtrArray *failures)
{
  run (deployer, api, names, "looking for", look_one, presences, failures);
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

/* Whether its gateway is the one of this process. */
static gboolean
is_own (const ApimConfig *config, const ApimEnvironment *environment)
{
  const char *const hosts[] = { "localhost", "127.0.0.1", "::1", config->host_name, NULL };
  g_autoptr (GUri) uri = g_uri_parse (environment->server_url, G_URI_FLAGS_NONE, NULL);
  const char *host = uri != NULL ? g_uri_get_host (uri) : NULL;
  gboolean here = FALSE;

  for (guint i = 0; host != NULL && hosts[i] != NULL && !here; i++)
    here = g_ascii_strcasecmp (host, hosts[i]) == 0;
  return here && g_uri_get_port (uri) == config->https.port;
}

/* The folder of this process's gateway, for this environment. */
static DpTarget *
make_own (DpEnvironments *environments, const char *name, const char *own_folder)
{
  g_ptr_array_add (environments->own, (gpointer)name);
  return dp_folder_new (own_folder);
}

static DpTarget *
make_target (DpEnvironments *environments, const ApimEnvironment *environment, const char *own_folder,
             GTlsDatabase *trust)
{
  const ApimConfig *config = environments->config;
  const char *folder = config->deployment.folder;

  if (folder != NULL && strcmp (environment->name, config->deployment.folder_environment) == 0)
    return dp_folder_new (folder);
  if (own_folder != NULL && is_own (config, environment))
    return make_own (environments, environment->name, own_folder);
  if (environment->user == NULL || environment->password == NULL)
    return NULL;
  return dp_gateway_admin_new (environment, trust, config->limits.gateway_deploy_timeout_ms,
                               &environments->settings);
}

/* The folder stands for the environment of its name, or for one more. */
static void
add_places (DpEnvironments *environments, const char *own_folder, GTlsDatabase *trust)
{
  const ApimConfig *config = environments->config;
  const char *folder = config->deployment.folder, *folder_name = config->deployment.folder_environment;

  for (guint i = 0; i < config->environments->len; i++)
    {
      const ApimEnvironment *environment = g_ptr_array_index (config->environments, i);

      add_place (environments, environment->name, environment->type,
                 make_target (environments, environment, own_folder, trust));
    }
  if (folder != NULL && find_place (environments, folder_name) == NULL)
    add_place (environments, folder_name, APIM_ENVIRONMENT_HYBRID, dp_folder_new (folder));
  if (own_folder != NULL && environments->places->len == 0)
    add_place (environments, APIM_ENVIRONMENT_STANDARD_NAME, APIM_ENVIRONMENT_HYBRID,
               make_own (environments, APIM_ENVIRONMENT_STANDARD_NAME, own_folder));
  g_ptr_array_add (environments->names, NULL);
  g_ptr_array_add (environments->own, NULL);
}

DpEnvironments *
dp_environments_new (ApimConfig *config, const char *own_folder, GError **error)
{
  g_autoptr (GTlsDatabase) trust = apim_trust_store_open (config, error);
  DpEnvironments *environments;

  if (trust == NULL)
    return NULL;
  environments = g_new0 (DpEnvironments, 1);
  environments->deployer
      = (CoreDeployer){ environment_names, publish, take_away, take_default_away, look, own_environment_names };
  environments->config = apim_config_ref (config);
  dp_settings_init (&environments->settings, config);
  environments->places = g_ptr_array_new_with_free_func ((GDestroyNotify)place_free);
  environments->names = g_ptr_array_new ();
  environments->own = g_ptr_array_new ();
  add_places (environments, own_folder, trust);
  return environments;
}

void
dp_environments_free (DpEnvironments *environments)
{
  if (environments == NULL)
    return;
  g_ptr_array_unref (environments->places);
  g_ptr_array_unref (environments->names);
  g_ptr_array_unref (environments->own);
  apim_config_unref (environments->config);
  g_free (environments);
}

CoreDeployer *
dp_environments_deployer (DpEnvironments *environments)
{
  return &environments->deployer;
}
