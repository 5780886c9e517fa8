#include "config.h"
#include "deployment/dp-folder.h"

#include "common/apim-folder.h"
#include "common/apim-tenants.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Bytes of a file that is compared; ours are smaller. */
#define MAX_FILE (16 * 1024 * 1024)

typedef struct
{
  DpTarget target;
  char *path;
} DpFolder;

static gboolean
fail (const DpFolder *folder, const char *what, const char *name, GError **error)
{
  int saved = errno;

  g_set_error (error, DP_TARGET_ERROR, DP_TARGET_ERROR_UNREACHABLE, "the gateway folder %s: cannot %s %s: %s",
               folder->path, what, name, g_strerror (saved));
  return FALSE;
}

/* The subfolder @kind ("api") of the tenant. -1 with @error. */
static int
open_folder (const DpFolder *folder, gint tenant_id, const char *kind, GError **error)
{
  g_autofree char *relative
      = tenant_id == APIM_SUPER_TENANT_ID
            ? g_strdup_printf ("deployment/server/synapse-configs/default/%s", kind)
            : g_strdup_printf ("tenants/%d/synapse-configs/default/%s", tenant_id, kind);
  int fd = apim_folder_open (folder->path, relative);

  if (fd < 0)
    fail (folder, "open", relative, error);
  return fd;
}

/* @text NULL: the file is to go. */
static gboolean
put (const DpFolder *folder, gint tenant_id, const char *kind, const char *artifact, const char *text,
     GError **error)
{
  g_autofree char *name = apim_folder_file_name (artifact);
  g_auto (ApimFd) directory = open_folder (folder, tenant_id, kind, error);
  g_autofree char *present = NULL;

  if (directory < 0)
    return FALSE;
  if (text == NULL)
    return apim_folder_remove (directory, name) || fail (folder, "remove", name, error);
  present = apim_folder_read (directory, name, MAX_FILE, NULL);
  return g_strcmp0 (present, text) == 0 || apim_folder_replace (directory, name, text, strlen (text))
         || fail (folder, "write", name, error);
}

/* What is referred to comes first and goes last, so that no file ever names one that is not there. */
static gboolean
publish (DpTarget *target, const DpArtifacts *artifacts, GError **error)
{
  DpFolder *folder = (DpFolder *)target;
  gint tenant = artifacts->tenant_id;

  for (guint i = 0; i < DP_ARTIFACTS_N_SIDES; i++)
    if (artifacts->endpoints[i] != NULL
        && !put (folder, tenant, "endpoints", artifacts->endpoint_names[i], artifacts->endpoints[i], error))
      return FALSE;
  if (!put (folder, tenant, "api", artifacts->api_name, artifacts->api, error))
    return FALSE;
  if (artifacts->default_api != NULL
      && !put (folder, tenant, "api", artifacts->default_name, artifacts->default_api, error))
    return FALSE;
  for (guint i = 0; i < DP_ARTIFACTS_N_SIDES; i++)
    if (artifacts->endpoints[i] == NULL && artifacts->endpoint_names[i] != NULL
        && !put (folder, tenant, "endpoints", artifacts->endpoint_names[i], NULL, error))
      return FALSE;
  return TRUE;
}

static gboolean
take_away (DpTarget *target, const DpArtifacts *artifacts, GError **error)
{
  DpFolder *folder = (DpFolder *)target;

  if (!put (folder, artifacts->tenant_id, "api", artifacts->api_name, NULL, error))
    return FALSE;
  for (guint i = 0; i < DP_ARTIFACTS_N_SIDES; i++)
    if (artifacts->endpoint_names[i] != NULL
        && !put (folder, artifacts->tenant_id, "endpoints", artifacts->endpoint_names[i], NULL, error))
      return FALSE;
  return TRUE;
}

static gboolean
take_default_away (DpTarget *target, const DpArtifacts *artifacts, GError **error)
{
  return put ((DpFolder *)target, artifacts->tenant_id, "api", artifacts->default_name, NULL, error);
}

static gboolean
is_current (const DpFolder *folder, const DpArtifacts *artifacts, const char *kind, const char *artifact,
            const char *text)
{
  g_auto (ApimFd) directory = open_folder (folder, artifacts->tenant_id, kind, NULL);
  g_autofree char *name = artifact != NULL ? apim_folder_file_name (artifact) : NULL;
  g_autofree char *present = directory >= 0 && name != NULL ? apim_folder_read (directory, name, MAX_FILE, NULL) : NULL;

  return g_strcmp0 (present, text) == 0;
}

static gboolean
look (DpTarget *target, const DpArtifacts *artifacts, DpPresence *presence, GError **error)
{
  DpFolder *folder = (DpFolder *)target;
  g_auto (ApimFd) directory = open_folder (folder, artifacts->tenant_id, "api", error);
  g_autofree char *name = apim_folder_file_name (artifacts->api_name);
  struct stat info;
  gboolean current;

  if (directory < 0)
    return FALSE;
  if (fstatat (directory, name, &info, AT_SYMLINK_NOFOLLOW) != 0)
    {
      *presence = DP_PRESENCE_MISSING;
      return errno == ENOENT || errno == ENAMETOOLONG || fail (folder, "look at", name, error);
    }
  current = is_current (folder, artifacts, "api", artifacts->api_name, artifacts->api);
  if (artifacts->default_api != NULL)
    current &= is_current (folder, artifacts, "api", artifacts->default_name, artifacts->default_api);
  for (guint i = 0; i < DP_ARTIFACTS_N_SIDES; i++)
    current
        &= is_current (folder, artifacts, "endpoints", artifacts->endpoint_names[i], artifacts->endpoints[i]);
  *presence = current ? DP_PRESENCE_CURRENT : DP_PRESENCE_OUTDATED;
  return TRUE;
}

static void
folder_free (DpTarget *target)
{
  g_free (((DpFolder *)target)->path);
  g_free (target);
}

DpTarget *
dp_folder_new (const char *path)
{
  static const DpTargetClass class = { publish, take_away, take_default_away, look, folder_free };
  DpFolder *folder = g_new0 (DpFolder, 1);

  folder->target.class = &class;
  folder->path = g_strdup (path);
  return &folder->target;
}
