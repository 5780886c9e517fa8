#include "config.h"
#include "keyvalidator/oauth/kv-rest-scopes.h"

#define FOLDER "resources"
#define FILE_NAME "tenant-conf.json"

CoreRestScopes *
kv_rest_scopes_load (const ApimConfig *config, GError **error)
{
  const char *admin_role = config->user_store.admin_role;
  g_autofree char *path = apim_home_path (config->home, FOLDER, FILE_NAME, NULL);
  g_autofree char *text = NULL;
  g_autoptr (GError) why = NULL;
  CoreRestScopes *scopes;
  gsize length;

  if (!g_file_get_contents (path, &text, &length, &why))
    {
      if (g_error_matches (why, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        return core_rest_scopes_new_default (admin_role);
      g_propagate_error (error, g_steal_pointer (&why));
      return NULL;
    }
  scopes = core_rest_scopes_parse (text, length, admin_role, error);
  if (scopes == NULL)
    g_prefix_error (error, "repository/" FOLDER "/" FILE_NAME ": ");
  return scopes;
}
