#include "config.h"

#include "admin-cli/ctl-env.h"

#include "admin-cli/ctl-error.h"

#include <gio/gio.h>
#include <string.h>

#define GROUP_PREFIX "environment "
#define MAX_NAME 64

static const char *const service_names[CTL_N_SERVICES] = {
  [CTL_PUBLISHER] = "publisher",
  [CTL_STORE] = "store",
  [CTL_ADMIN] = "admin",
  [CTL_KEY_MANAGER] = "key-manager",
};

const char *
ctl_env_service_name (CtlService service)
{
  return service_names[service];
}

void
ctl_env_free (CtlEnv *env)
{
  g_free (env->name);
  for (guint i = 0; i < CTL_N_SERVICES; i++)
    g_free (env->urls[i]);
  g_free (env->ca_file);
  g_free (env);
}

char *
ctl_env_config_path (void)
{
  return g_build_filename (g_get_user_config_dir (), "apimctl", "config", NULL);
}

static char *
group_name (const char *name)
{
  return g_strconcat (GROUP_PREFIX, name, NULL);
}

/* The file; empty where there is none. */
static GKeyFile *
load_file (GError **error)
{
  g_autoptr (GError) cause = NULL;
  g_autofree char *path = ctl_env_config_path ();
  g_autoptr (GKeyFile) file = g_key_file_new ();
  if (g_key_file_load_from_file (file, path, G_KEY_FILE_KEEP_COMMENTS, &cause)
      || g_error_matches (cause, G_FILE_ERROR, G_FILE_ERROR_NOENT))
    return g_steal_pointer (&file);
  ctl_error_set (error, CTL_ERROR_USAGE, NULL, path, "%s", cause->message);
  return NULL;
}

static gboolean
save_file (GKeyFile *file, GError **error)
{
  g_autoptr (GError) cause = NULL;
  g_autofree char *path = ctl_env_config_path ();
  g_autofree char *folder = g_path_get_dirname (path);
  if (g_mkdir_with_parents (folder, 0700) == 0 && g_key_file_save_to_file (file, path, &cause))
    return TRUE;
  ctl_error_set (error, CTL_ERROR_FAILED, NULL, path, "%s",
                 cause != NULL ? cause->message : "its folder could not be made");
  return FALSE;
}

char **
ctl_env_names (GError **error)
{
  g_autoptr (GKeyFile) file = load_file (error);
  if (file == NULL)
    return NULL;
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  g_auto (GStrv) groups = g_key_file_get_groups (file, NULL);
  for (guint i = 0; groups[i] != NULL; i++)
    if (g_str_has_prefix (groups[i], GROUP_PREFIX))
      g_strv_builder_add (names, groups[i] + strlen (GROUP_PREFIX));
  char **all = g_strv_builder_end (names);
  for (guint i = 1; all[0] != NULL && all[i] != NULL; i++)
    for (guint j = i; j > 0 && strcmp (all[j - 1], all[j]) > 0; j--)
      {
        char *swapped = all[j];
        all[j] = all[j - 1];
        all[j - 1] = swapped;
      }
  return all;
}

char *
ctl_env_current (GError **error)
{
  g_autoptr (GKeyFile) file = load_file (error);
  return file != NULL ? g_key_file_get_string (file, "apimctl", "current", NULL) : NULL;
}

static gboolean
is_loopback (const char *host)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (host);
  return g_ascii_strcasecmp (host, "localhost") == 0 || (address != NULL && g_inet_address_get_is_loopback (address));
}

gboolean
ctl_env_set_url (CtlEnv *env, CtlService service, const char *url, GError **error)
{
  g_autofree char *full = strstr (url, "://") != NULL ? g_strdup (url) : g_strconcat ("https://", url, NULL);
  while (g_str_has_suffix (full, "/"))
    full[strlen (full) - 1] = '\0';
  g_autoptr (GUri) uri = g_uri_parse (full, G_URI_FLAGS_NONE, NULL);
  const char *scheme = uri != NULL ? g_uri_get_scheme (uri) : NULL;
  const char *why = NULL;
  if (uri == NULL || g_uri_get_host (uri) == NULL || *g_uri_get_host (uri) == '\0')
    why = "is no URL: write it like https://am.example.com:9443";
  else if (g_uri_get_userinfo (uri) != NULL || g_uri_get_query (uri) != NULL || g_uri_get_fragment (uri) != NULL)
    why = "a server's URL has no user, query or fragment";
  else if (strcmp (scheme, "https") != 0 && (strcmp (scheme, "http") != 0 || !is_loopback (g_uri_get_host (uri))))
    why = "only https is safe for passwords (http is taken for this machine alone)";
  if (why != NULL)
    {
      ctl_error_set (error, CTL_ERROR_USAGE, "apimctl help env add", url, "%s", why);
      return FALSE;
    }
  g_free (env->urls[service]);
  env->urls[service] = g_steal_pointer (&full);
  return TRUE;
}

/* The name becomes that of a file. */
static gboolean
check_name (const char *name, GError **error)
{
  gboolean good = *name != '\0' && strlen (name) <= MAX_NAME && name[0] != '.';
  for (const char *c = name; good && *c != '\0'; c++)
    good = g_ascii_isalnum (*c) || strchr ("-_.", *c) != NULL;
  if (!good)
    ctl_error_set (error, CTL_ERROR_USAGE, "apimctl help env add", name,
                   "an environment's name is of letters, digits, \"-\", \"_\" and \".\", at most %d", MAX_NAME);
  return good;
}

CtlEnv *
ctl_env_new (const char *name, const char *server, GError **error)
{
  g_autoptr (CtlEnv) env = g_new0 (CtlEnv, 1);
  if (!check_name (name, error))
    return NULL;
  env->name = g_strdup (name);
  for (CtlService service = 0; service < CTL_N_SERVICES; service++)
    if (!ctl_env_set_url (env, service, server, error))
      return NULL;
  return g_steal_pointer (&env);
}

static CtlEnv *
read_env (GKeyFile *file, const char *name, GError **error)
{
  g_autofree char *group = group_name (name);
  g_autoptr (CtlEnv) env = g_new0 (CtlEnv, 1);
  env->name = g_strdup (name);
  env->ca_file = g_key_file_get_string (file, group, "cacert", NULL);
  for (CtlService service = 0; service < CTL_N_SERVICES; service++)
    {
      g_autofree char *url = g_key_file_get_string (file, group, service_names[service], NULL);
      if (!ctl_env_set_url (env, service, url != NULL ? url : "", error))
        return NULL;
    }
  return g_steal_pointer (&env);
}

CtlEnv *
ctl_env_load (const char *name, GError **error)
{
  g_autoptr (GKeyFile) file = load_file (error);
  if (file == NULL)
    return NULL;
  g_autofree char *current = g_key_file_get_string (file, "apimctl", "current", NULL);
  if (name == NULL)
    name = g_getenv ("APIMCTL_ENV");
  if (name == NULL)
    name = current;
  if (name == NULL)
    {
      ctl_error_set (error, CTL_ERROR_LOGIN, "apimctl login https://SERVER:9443", "environment",
                     "no server is known: log in to one");
      return NULL;
    }
  g_autofree char *group = group_name (name);
  if (g_key_file_has_group (file, group))
    return read_env (file, name, error);
  ctl_error_set (error, CTL_ERROR_NOT_FOUND, "apimctl env list", name, "there is no such environment");
  return NULL;
}

gboolean
ctl_env_save (const CtlEnv *env, gboolean use, GError **error)
{
  g_autoptr (GKeyFile) file = load_file (error);
  if (file == NULL)
    return FALSE;
  g_autofree char *group = group_name (env->name);
  for (CtlService service = 0; service < CTL_N_SERVICES; service++)
    g_key_file_set_string (file, group, service_names[service], env->urls[service]);
  if (env->ca_file != NULL)
    g_key_file_set_string (file, group, "cacert", env->ca_file);
  else
    g_key_file_remove_key (file, group, "cacert", NULL);
  if (use || !g_key_file_has_key (file, "apimctl", "current", NULL))
    g_key_file_set_string (file, "apimctl", "current", env->name);
  return save_file (file, error);
}

/* The file, when it holds the environment. */
static GKeyFile *
load_file_with (const char *name, GError **error)
{
  g_autoptr (CtlEnv) env = ctl_env_load (name, error);
  return env != NULL ? load_file (error) : NULL;
}

gboolean
ctl_env_use (const char *name, GError **error)
{
  g_autoptr (GKeyFile) file = load_file_with (name, error);
  if (file == NULL)
    return FALSE;
  g_key_file_set_string (file, "apimctl", "current", name);
  return save_file (file, error);
}

gboolean
ctl_env_remove (const char *name, GError **error)
{
  g_autoptr (GKeyFile) file = load_file_with (name, error);
  if (file == NULL)
    return FALSE;
  g_autofree char *group = group_name (name);
  g_autofree char *current = g_key_file_get_string (file, "apimctl", "current", NULL);
  g_key_file_remove_group (file, group, NULL);
  if (g_strcmp0 (current, name) == 0)
    g_key_file_remove_key (file, "apimctl", "current", NULL);
  return save_file (file, error);
}
