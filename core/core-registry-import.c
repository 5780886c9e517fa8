#include "config.h"
#include "core/core-registry-import.h"

#include "core/core-registry-import-private.h"

#include <string.h>

const char *
core_import_result_text (CoreImportResult result)
{
  static const char *const texts[] = {
    [CORE_IMPORT_TAKEN] = "taken",   [CORE_IMPORT_REFRESHED] = "refreshed", [CORE_IMPORT_UNCHANGED] = "unchanged",
    [CORE_IMPORT_KEPT] = "kept",     [CORE_IMPORT_NO_API] = "no API",       [CORE_IMPORT_NO_ARTIFACT] = "no artifact",
    [CORE_IMPORT_FAILED] = "failed",
  };

  return texts[result];
}

static void
import_free (gpointer data)
{
  CoreRegistryImport *import = data;

  g_free (import->provider);
  g_free (import->name);
  g_free (import->version);
  g_free (import->tenant_domain);
  g_ptr_array_unref (import->taken);
  g_ptr_array_unref (import->notes);
  g_free (import);
}

void
core_registry_imports_free (CoreRegistryImports *imports)
{
  if (imports == NULL)
    return;
  g_ptr_array_unref (imports->apis);
  g_ptr_array_unref (imports->notes);
  g_free (imports);
}

static CoreRegistryImport *
import_new (const char *provider, const char *name, const char *version, const char *tenant_domain)
{
  CoreRegistryImport *import = g_new0 (CoreRegistryImport, 1);

  import->provider = g_strdup (provider);
  import->name = g_strdup (name);
  import->version = g_strdup (version);
  import->tenant_domain = g_strdup (tenant_domain);
  import->taken = g_ptr_array_new_with_free_func (g_free);
  import->notes = g_ptr_array_new_with_free_func (g_free);
  return import;
}

typedef struct
{
  const CorePortal *portal;
  StDatabase *registry;
  const CoreRegistryImportOptions *options;
  CoreRegistryImports *imports;
  GHashTable *tenants; /* (element-type gint CoreActor): who acts in each; NULL: there is no such tenant */
  GHashTable *seen;    /* (element-type utf8): key_of() the APIs that the registry has */
} Run;

static void
run_clear (Run *run)
{
  g_clear_pointer (&run->tenants, g_hash_table_unref);
  g_clear_pointer (&run->seen, g_hash_table_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Run, run_clear)

/* No part has a line feed in it. Free with g_free(). */
static char *
key_of (const char *provider, const char *name, const char *version)
{
  return g_strdup_printf ("%s\n%s\n%s", provider, name, version);
}

static void
actor_free (gpointer actor)
{
  core_actor_free (actor);
}

/* Who acts in the tenant: its administrator, by name only. *actor: (out) (transfer none) (nullable). */
static gboolean
find_actor (Run *run, gint tenant_id, const CoreActor **actor, GError **error)
{
  const char *name = run->portal->config != NULL ? run->portal->config->user_store.admin_user : "admin";
  g_autoptr (StTenant) tenant = NULL;
  gpointer known;
  GError *why = NULL;

  if (!g_hash_table_lookup_extended (run->tenants, GINT_TO_POINTER (tenant_id), NULL, &known))
    {
      if (!st_user_store_find_tenant_by_id (run->portal->users, tenant_id, 0, &tenant, &why))
        return core_portal_fail_store (why, error);
      known = tenant != NULL ? core_actor_new (NULL, name, tenant, NULL, 0) : NULL;
      g_hash_table_insert (run->tenants, GINT_TO_POINTER (tenant_id), known);
    }
  *actor = known;
  return TRUE;
}

static void
fail_import (CoreRegistryImport *import, const char *why)
{
  import->result = CORE_IMPORT_FAILED;
  g_ptr_array_set_size (import->taken, 0);
  g_ptr_array_add (import->notes, g_strdup (why));
}

/* Whether the whole import can go on after @why, which then becomes a note. */
static gboolean
can_go_on (CoreRegistryImport *import, GError *why, GError **error)
{
  gboolean away = g_error_matches (why, CORE_PORTAL_ERROR, CORE_PORTAL_ERROR_UNAVAILABLE);

  fail_import (import, why->message);
  if (!away)
    {
      g_error_free (why);
      return TRUE;
    }
  g_propagate_error (error, why);
  return FALSE;
}

static gboolean
import_artifact (Run *run, const StRegistryFile *artifact, CoreRegistryImport *import, const CoreActor *actor,
                 GError **error)
{
  g_autoptr (CoreRegistryApi) api = NULL;
  GError *why = NULL;

  api = core_registry_api_read (run->registry, artifact, run->options->governance, &why);
  if (api == NULL)
    {
      GError *portal_why = NULL;

      core_portal_fail_store (why, &portal_why);
      return can_go_on (import, portal_why, error);
    }
  return core_registry_import_one (run->portal, actor, api, run->options->overwrite, import, &why)
         || can_go_on (import, why, error);
}

static gboolean
import_file (Run *run, const StRegistryFile *artifact, GError **error)
{
  g_autofree char *provider = NULL, *name = NULL, *version = NULL;
  const CoreActor *actor = NULL;
  CoreRegistryImport *import;

  if (!find_actor (run, artifact->tenant_id, &actor, error))
    return FALSE;
  if (run->options->tenant_domain != NULL
      && (actor == NULL || strcmp (actor->tenant_domain, run->options->tenant_domain) != 0))
    return TRUE;
  if (!core_registry_api_identify (artifact, run->options->governance, &provider, &name, &version))
    {
      g_ptr_array_add (run->imports->notes, g_strdup_printf ("%s/%s is an API's artifact where none belongs: left out",
                                                             artifact->folder, artifact->name));
      return TRUE;
    }
  import = import_new (provider, name, version, actor != NULL ? actor->tenant_domain : NULL);
  g_ptr_array_add (run->imports->apis, import);
  g_hash_table_add (run->seen, key_of (provider, name, version));
  if (actor != NULL)
    return import_artifact (run, artifact, import, actor, error);
  import->result = CORE_IMPORT_NO_API;
  g_ptr_array_add (import->notes,
                   g_strdup_printf ("the user database has no tenant %d, whose API it is", artifact->tenant_id));
  return TRUE;
}

static gboolean
add_if_orphan (const StApiRow *row, gpointer data)
{
  Run *run = data;
  g_autofree char *domain = core_api_tenant_of_context (row->context);
  g_autofree char *key = key_of (row->provider, row->name, row->version);
  CoreRegistryImport *import;

  if (row->uuid != NULL || g_hash_table_contains (run->seen, key)
      || (run->options->tenant_domain != NULL && strcmp (domain, run->options->tenant_domain) != 0))
    return TRUE;
  import = import_new (row->provider, row->name, row->version, domain);
  import->result = CORE_IMPORT_NO_ARTIFACT;
  g_ptr_array_add (import->notes, g_strdup ("the registry has no artifact of it: it stays as the Publisher shows it "
                                            "now, without endpoints"));
  g_ptr_array_add (run->imports->apis, import);
  return TRUE;
}

static gboolean
find_orphans (StWriter *reader, gpointer data, GError **error)
{
  return st_read_each_api (reader, add_if_orphan, data, error);
}

/* What an operator may look for afterwards. @name: NULL: whatever is in the folder. */
static const struct
{
  const char *folder, *name, *why;
} rest[] = {
  { "/apimgt/applicationdata", "tiers.xml",
    "tiers of 1.x: here tiers are policies of the database, or WSO2's first ones" },
  { "/apimgt/applicationdata", "app-tiers.xml", "likewise" },
  { "/apimgt/applicationdata", "res-tiers.xml", "likewise" },
  { "/apimgt/applicationdata", "sign-up-config.xml", "see Apimd/SelfSignUp and Apimd/SignUpRole" },
  { "/apimgt/applicationdata", "workflow-extensions.xml", "see Apimd/Workflow... in the manual" },
  { "/apimgt/customsequences/in", NULL, "mediation sequences: gateways have them as files" },
  { "/apimgt/customsequences/out", NULL, "mediation sequences: gateways have them as files" },
  { "/apimgt/customsequences/fault", NULL, "mediation sequences: gateways have them as files" },
  { "/apimgt/applicationdata/wsdls", NULL, "WSDL documents: only their addresses are kept here" },
};

static gboolean
tell_rest_of_tenant (Run *run, gint tenant_id, const char *domain, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (rest); i++)
    {
      g_autofree char *folder = g_strconcat (run->options->governance, rest[i].folder, NULL);
      g_autoptr (GPtrArray) files = NULL;
      GError *why = NULL;

      if (!st_registry_list_folder (run->registry, tenant_id, folder, &files, &why))
        return core_portal_fail_store (why, error);
      for (guint j = 0; j < files->len; j++)
        {
          const StRegistryFile *file = files->pdata[j];

          if (rest[i].name == NULL || strcmp (file->name, rest[i].name) == 0)
            g_ptr_array_add (run->imports->notes,
                             g_strdup_printf ("%s: %s/%s is not taken: %s", domain, folder, file->name, rest[i].why));
        }
    }
  return TRUE;
}

static gboolean
tell_rest (Run *run, GError **error)
{
  g_autoptr (GList) ids = g_hash_table_get_keys (run->tenants);

  for (GList *id = ids; id != NULL; id = id->next)
    {
      const CoreActor *actor = g_hash_table_lookup (run->tenants, id->data);

      if (actor != NULL
          && (run->options->tenant_domain == NULL || strcmp (actor->tenant_domain, run->options->tenant_domain) == 0)
          && !tell_rest_of_tenant (run, GPOINTER_TO_INT (id->data), actor->tenant_domain, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
check_tenant (const Run *run, GError **error)
{
  g_autoptr (StTenant) tenant = NULL;
  GError *why = NULL;

  if (run->options->tenant_domain == NULL)
    return TRUE;
  if (!st_user_store_find_tenant_by_domain (run->portal->users, run->options->tenant_domain, 0, &tenant, &why))
    return core_portal_fail_store (why, error);
  return tenant != NULL
         || core_portal_fail (error, CORE_PORTAL_ERROR_NOT_FOUND, "there is no tenant %s", run->options->tenant_domain);
}

static gboolean
list_artifacts (const Run *run, GPtrArray **artifacts, GError **error)
{
  GError *why = NULL;

  if (st_registry_check (run->registry, &why)
      && st_registry_list_media (run->registry, CORE_REGISTRY_API_MEDIA_TYPE, artifacts, &why))
    return TRUE;
  return core_portal_fail_store (why, error);
}

gboolean
core_registry_import (const CorePortal *portal, StDatabase *registry, const CoreRegistryImportOptions *options,
                      CoreRegistryImports **imports, GError **error)
{
  g_auto (Run) run = { .portal = portal, .registry = registry, .options = options };
  g_autoptr (GPtrArray) artifacts = NULL;

  *imports = run.imports = g_new0 (CoreRegistryImports, 1);
  run.imports->apis = g_ptr_array_new_with_free_func (import_free);
  run.imports->notes = g_ptr_array_new_with_free_func (g_free);
  run.tenants = g_hash_table_new_full (NULL, NULL, NULL, actor_free);
  run.seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  if (!core_portal_read (portal, core_registry_import_check, NULL, error) || !check_tenant (&run, error)
      || !list_artifacts (&run, &artifacts, error))
    return FALSE;
  for (guint i = 0; i < artifacts->len; i++)
    if (!import_file (&run, artifacts->pdata[i], error))
      return FALSE;
  return core_portal_read (portal, find_orphans, &run, error) && tell_rest (&run, error);
}
