#include "config.h"
#include "gateway/gw-deployment.h"

#include "common/apim-folder.h"
#include "common/apim-log.h"
#include "common/apim-xml.h"
#include "gateway/gw-watch.h"

#include <string.h>

#define POLL_MS 500      /* where nobody tells of changes */
#define RESCAN_MS 15000  /* where somebody does, to be sure */
#define QUIET_MS 50      /* changes come in bursts: after one, so long without another, */
#define BURST_MS 250     /* but no longer than that */
#define MAX_API_LINES 20 /* of the log for one look */

/* The files of one tenant. */
typedef struct
{
  char *root; /* .../synapse-configs/default */
  GwFolder *folders[GW_FILE_N_KINDS];
  GwCatalog *catalog;
} Tenant;

/* What a worker has. Each in a cache line of its own. */
typedef struct
{
  GwRoutes *routes;
  guint64 generation;
  char padding[64 - sizeof (GwRoutes *) - sizeof (guint64)];
} Slot;

struct _GwDeployment
{
  char *top, *tenants_path; /* HOME/repository, HOME/repository/tenants */
  GPtrArray *key_managers; /* nullable */
  GwWatch *watch;
  GThread *thread;
  gboolean ending; /* atomic */

  GMutex lock; /* over everything to the next blank line */
  GCond looked;
  GHashTable *tenants; /* id -> Tenant, which it owns */
  GHashTable *left_out; /* name of an API -> why, as logged */
  guint64 comings; /* of APIs */
  guint64 looks_wanted, looks_done;
  gboolean polls;
  guint64 snapshots;

  GMutex routes_lock;
  GwRoutes *routes;
  guint64 generation; /* atomic; of routes */

  guint n_workers;
  Slot *slots;
};

/* While a look goes on. */
typedef struct
{
  Tenant *tenant;
  GwFileKind kind;
} Looking;

static char *
read_file (gpointer data, GwFileKind kind, const char *file, gsize *length, GError **error)
{
  Tenant *tenant = data;

  return gw_folder_read (tenant->folders[kind], file, APIM_XML_FILE_MAX, length, error);
}

static char *
label_of (gint tenant_id)
{
  return tenant_id == APIM_SUPER_TENANT_ID
             ? g_strdup ("deployment/server/synapse-configs/default")
             : g_strdup_printf ("tenants/%d/synapse-configs/default", tenant_id);
}

static Tenant *
tenant_new (GwDeployment *deployment, gint id)
{
  g_autofree char *label = label_of (id);
  Tenant *tenant = g_new0 (Tenant, 1);

  tenant->root = g_build_filename (deployment->top, label, NULL);
  for (guint kind = 0; kind < GW_FILE_N_KINDS; kind++)
    {
      g_autofree char *path = g_build_filename (tenant->root, gw_file_kind_folder (kind), NULL);

      tenant->folders[kind] = gw_folder_new (path, GW_DEPLOYMENT_MAX_FILES);
    }
  tenant->catalog = gw_catalog_new (label, read_file, tenant, &deployment->comings,
                                    deployment->key_managers);
  return tenant;
}

static void
tenant_free (gpointer data)
{
  Tenant *tenant = data;

  for (guint kind = 0; kind < GW_FILE_N_KINDS; kind++)
    gw_folder_free (tenant->folders[kind]);
  gw_catalog_free (tenant->catalog);
  g_free (tenant->root);
  g_free (tenant);
}

/* Made where it is missing. */
static Tenant *
need_tenant (GwDeployment *deployment, gint id)
{
  Tenant *tenant = g_hash_table_lookup (deployment->tenants, GINT_TO_POINTER (id));

  if (tenant == NULL)
    {
      tenant = tenant_new (deployment, id);
      g_hash_table_insert (deployment->tenants, GINT_TO_POINTER (id), tenant);
    }
  return tenant;
}

static void
find_tenants (GwDeployment *deployment)
{
  g_autoptr (GDir) directory = g_dir_open (deployment->tenants_path, 0, NULL);
  const char *name;
  gint64 id;

  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
    if (g_ascii_string_to_signed (name, 10, 1, G_MAXINT32, &id, NULL))
      need_tenant (deployment, (gint)id);
}

static void
note_change (const char *file, GwFileChange change, gpointer data)
{
  const Looking *looking = data;

  gw_catalog_change (looking->tenant->catalog, looking->kind, file, change);
}

/* Watched before it is looked at, so that nothing falls in between.
 * @next_us: (inout): when it should be looked at again. */
static gboolean
look_at_tenant (GwDeployment *deployment, Tenant *tenant, gint64 *next_us)
{
  for (guint kind = 0; kind < GW_FILE_N_KINDS; kind++)
    {
      Looking looking = { tenant, kind };
      GwFolder *folder = tenant->folders[kind];
      gboolean told = gw_watch_folder (deployment->watch, deployment->top, gw_folder_path (folder));
      gint64 again_us = gw_folder_look (folder, g_get_monotonic_time (), note_change, &looking);

      *next_us = MIN (*next_us, again_us);
      deployment->polls |= !told || gw_folder_is_remote (folder);
    }
  return gw_catalog_settle (tenant->catalog);
}

static int
compare_order (gconstpointer a, gconstpointer b)
{
  const GwCatalogApi *one = a, *other = b;

  if (one->order != other->order)
    return one->order < other->order ? -1 : 1;
  return strcmp (one->api->name, other->api->name);
}

static void
note_left_out (GwApi *api, const GError *why, gpointer data)
{
  GHashTable *left_out = data;

  g_hash_table_insert (left_out, g_strdup (api->name), g_strdup (why->message));
}

static void
log_left_out (GwDeployment *deployment, GHashTable *left_out)
{
  GHashTableIter iter;
  gpointer name, why;

  g_hash_table_iter_init (&iter, left_out);
  while (g_hash_table_iter_next (&iter, &name, &why))
    if (g_strcmp0 (g_hash_table_lookup (deployment->left_out, name), why) != 0)
      apim_warning ("gateway", "the API %s is not served: %s", (char *)name, (char *)why);
}

static void
count_line (guint *n, const char *name, const char *what)
{
  if (++*n <= MAX_API_LINES)
    apim_info ("gateway", "the API %s is %s", name, what);
}

/* What a look brought, for the operator. The first one is told by its numbers. */
static void
log_difference (const GwRoutes *before, const GwRoutes *after)
{
  guint n = 0;

  for (guint i = 0; i < gw_routes_count (after); i++)
    {
      GwApi *api = gw_routes_nth (after, i), *old = gw_routes_by_name (before, api->name);

      if (old != api)
        count_line (&n, api->name, old == NULL ? "served from now on" : "served as its file says now");
    }
  for (guint i = 0; i < gw_routes_count (before); i++)
    {
      GwApi *api = gw_routes_nth (before, i);

      if (gw_routes_by_name (after, api->name) == NULL)
        count_line (&n, api->name, "served no more");
    }
  if (n > MAX_API_LINES)
    apim_info ("gateway", "%u more APIs have changed", n - MAX_API_LINES);
}

/* @routes: (transfer full). */
static void
publish (GwDeployment *deployment, GwRoutes *routes)
{
  g_autoptr (GwRoutes) before = NULL;

  g_mutex_lock (&deployment->routes_lock);
  before = deployment->routes;
  deployment->routes = routes;
  __atomic_add_fetch (&deployment->generation, 1, __ATOMIC_RELEASE);
  g_mutex_unlock (&deployment->routes_lock);
  deployment->snapshots++;
  if (before != NULL)
    log_difference (before, routes);
}

static void
make_snapshot (GwDeployment *deployment)
{
  g_autoptr (GArray) apis = g_array_new (FALSE, FALSE, sizeof (GwCatalogApi));
  g_autoptr (GPtrArray) ordered = g_ptr_array_new ();
  GHashTable *left_out = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, deployment->tenants);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    gw_catalog_append_apis (((Tenant *)value)->catalog, apis);
  g_array_sort (apis, compare_order);
  for (guint i = 0; i < apis->len; i++)
    g_ptr_array_add (ordered, g_array_index (apis, GwCatalogApi, i).api);
  publish (deployment, gw_routes_new_without (ordered, note_left_out, left_out));
  log_left_out (deployment, left_out);
  g_hash_table_unref (deployment->left_out);
  deployment->left_out = left_out;
}

/* The super tenant first: what its files and another tenant's both want is its own. */
static gboolean
look_at_tenants (GwDeployment *deployment, gint64 *next_us)
{
  Tenant *super = need_tenant (deployment, APIM_SUPER_TENANT_ID);
  gboolean changed = look_at_tenant (deployment, super, next_us);
  GHashTableIter iter;
  gpointer tenant;

  g_hash_table_iter_init (&iter, deployment->tenants);
  while (g_hash_table_iter_next (&iter, NULL, &tenant))
    if (tenant != super)
      changed |= look_at_tenant (deployment, tenant, next_us);
  return changed;
}

/* Returns: when to look again, even if nobody tells of a change. */
static gint64
look (GwDeployment *deployment)
{
  gint64 next_us = g_get_monotonic_time () + RESCAN_MS * 1000;
  gboolean changed;

  g_mutex_lock (&deployment->lock);
  deployment->polls = !gw_watch_folder (deployment->watch, deployment->top, deployment->tenants_path);
  find_tenants (deployment);
  changed = look_at_tenants (deployment, &next_us);
  if (changed || deployment->snapshots == 0)
    make_snapshot (deployment);
  if (deployment->polls)
    next_us = MIN (next_us, g_get_monotonic_time () + POLL_MS * 1000);
  g_mutex_unlock (&deployment->lock);
  return next_us;
}

/* Returns: when all looks that were wanted before will have been done. */
static guint64
wanted (GwDeployment *deployment)
{
  guint64 number;

  g_mutex_lock (&deployment->lock);
  number = deployment->looks_wanted;
  g_mutex_unlock (&deployment->lock);
  return number;
}

static void
done (GwDeployment *deployment, guint64 number)
{
  g_mutex_lock (&deployment->lock);
  deployment->looks_done = number;
  g_cond_broadcast (&deployment->looked);
  g_mutex_unlock (&deployment->lock);
}

static gboolean
is_ending (GwDeployment *deployment)
{
  return __atomic_load_n (&deployment->ending, __ATOMIC_ACQUIRE);
}

/* Files that belong together come together: an endpoint and the API that names it, a folder that is copied. Somebody
 * who waits for the look has written all that there is to see. */
static void
wait_for_quiet (GwDeployment *deployment)
{
  gint64 end_us = g_get_monotonic_time () + BURST_MS * 1000;

  while (!is_ending (deployment) && wanted (deployment) == deployment->looks_done
         && g_get_monotonic_time () < end_us && gw_watch_wait (deployment->watch, QUIET_MS))
    ;
}

static gpointer
run (gpointer data)
{
  GwDeployment *deployment = data;
  gint64 next_us = g_get_monotonic_time () + GW_FOLDER_SETTLE_MS * 1000; /* new() has looked */

  while (!is_ending (deployment))
    {
      gint64 left_us = next_us - g_get_monotonic_time ();
      guint64 number;

      if (gw_watch_wait (deployment->watch, left_us > 0 ? (int)(left_us / 1000 + 1) : 0))
        wait_for_quiet (deployment);
      number = wanted (deployment);
      next_us = look (deployment);
      done (deployment, number);
    }
  return NULL;
}

GwDeployment *
gw_deployment_new (const char *home, guint n_workers, GPtrArray *key_managers, GError **error)
{
  g_autoptr (GwWatch) watch = gw_watch_new (error);
  g_autoptr (GwDeployment) deployment = NULL;
  GwCatalogCounts counts;

  if (watch == NULL)
    return NULL;
  deployment = g_new0 (GwDeployment, 1);
  deployment->watch = g_steal_pointer (&watch);
  deployment->top = g_build_filename (home, "repository", NULL);
  deployment->tenants_path = g_build_filename (deployment->top, "tenants", NULL);
  deployment->tenants = g_hash_table_new_full (NULL, NULL, NULL, tenant_free);
  deployment->left_out = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  deployment->key_managers = key_managers != NULL ? g_ptr_array_ref (key_managers) : NULL;
  deployment->n_workers = n_workers;
  deployment->slots = g_new0 (Slot, n_workers);
  g_mutex_init (&deployment->lock);
  g_cond_init (&deployment->looked);
  g_mutex_init (&deployment->routes_lock);
  look (deployment);
  gw_deployment_count (deployment, &counts);
  apim_info ("gateway", "%u APIs are served; of %u files %u are refused", gw_routes_count (deployment->routes),
             counts.files, counts.refused);
  deployment->thread = g_thread_try_new ("gw-deployment", run, deployment, error);
  return deployment->thread != NULL ? g_steal_pointer (&deployment) : NULL;
}

void
gw_deployment_free (GwDeployment *deployment)
{
  __atomic_store_n (&deployment->ending, TRUE, __ATOMIC_RELEASE);
  gw_watch_wake (deployment->watch);
  if (deployment->thread != NULL)
    g_thread_join (deployment->thread);
  for (guint i = 0; i < deployment->n_workers; i++)
    g_clear_pointer (&deployment->slots[i].routes, gw_routes_unref);
  g_clear_pointer (&deployment->routes, gw_routes_unref);
  g_hash_table_unref (deployment->tenants);
  g_hash_table_unref (deployment->left_out);
  g_clear_pointer (&deployment->key_managers, g_ptr_array_unref);
  gw_watch_free (deployment->watch);
  g_mutex_clear (&deployment->lock);
  g_cond_clear (&deployment->looked);
  g_mutex_clear (&deployment->routes_lock);
  g_free (deployment->slots);
  g_free (deployment->top);
  g_free (deployment->tenants_path);
  g_free (deployment);
}

static GwRoutes *
ref_routes (GwDeployment *deployment, guint64 *generation)
{
  GwRoutes *routes;

  g_mutex_lock (&deployment->routes_lock);
  routes = gw_routes_ref (deployment->routes);
  *generation = deployment->generation;
  g_mutex_unlock (&deployment->routes_lock);
  return routes;
}

GwRoutes *
gw_deployment_routes (GwDeployment *deployment, guint worker, gboolean *changed)
{
  Slot *slot = &deployment->slots[worker];
  gboolean is_new = slot->generation != __atomic_load_n (&deployment->generation, __ATOMIC_ACQUIRE);

  if (is_new)
    {
      g_clear_pointer (&slot->routes, gw_routes_unref);
      slot->routes = ref_routes (deployment, &slot->generation);
    }
  if (changed != NULL)
    *changed = is_new;
  return slot->routes;
}

GwRoutes *
gw_deployment_ref_routes (GwDeployment *deployment)
{
  guint64 generation;

  return ref_routes (deployment, &generation);
}

gboolean
gw_deployment_look (GwDeployment *deployment, guint timeout_ms)
{
  gint64 end_us = g_get_monotonic_time () + (gint64)timeout_ms * 1000;
  gboolean looked = TRUE;
  guint64 number;

  g_mutex_lock (&deployment->lock);
  number = ++deployment->looks_wanted;
  gw_watch_wake (deployment->watch);
  while (looked && deployment->looks_done < number)
    looked = g_cond_wait_until (&deployment->looked, &deployment->lock, end_us);
  g_mutex_unlock (&deployment->lock);
  return looked;
}

gboolean
gw_deployment_check (GwDeployment *deployment, gint tenant_id, GwFileKind kind, const char *bytes, gsize length,
                     char **name, char **context, GError **error)
{
  gboolean good;

  g_mutex_lock (&deployment->lock);
  good = gw_catalog_check (need_tenant (deployment, tenant_id)->catalog, kind, bytes, length, name, context,
                           error);
  g_mutex_unlock (&deployment->lock);
  return good;
}

char *
gw_deployment_problem (GwDeployment *deployment, gint tenant_id, GwFileKind kind, const char *file)
{
  const GwCatalog *catalog;
  const char *name;
  char *problem;

  g_mutex_lock (&deployment->lock);
  catalog = need_tenant (deployment, tenant_id)->catalog;
  name = kind == GW_FILE_API ? gw_catalog_name (catalog, kind, file) : NULL;
  problem = g_strdup (gw_catalog_problem (catalog, kind, file));
  if (problem == NULL && name != NULL)
    problem = g_strdup (g_hash_table_lookup (deployment->left_out, name));
  g_mutex_unlock (&deployment->lock);
  return problem;
}

char *
gw_deployment_file (GwDeployment *deployment, gint tenant_id, GwFileKind kind, const char *name)
{
  char *file;

  g_mutex_lock (&deployment->lock);
  file = g_strdup (gw_catalog_file (need_tenant (deployment, tenant_id)->catalog, kind, name));
  g_mutex_unlock (&deployment->lock);
  return file;
}

char *
gw_deployment_name (GwDeployment *deployment, gint tenant_id, GwFileKind kind, const char *file)
{
  char *name;

  g_mutex_lock (&deployment->lock);
  name = g_strdup (gw_catalog_name (need_tenant (deployment, tenant_id)->catalog, kind, file));
  g_mutex_unlock (&deployment->lock);
  return name;
}

void
gw_deployment_forget (GwDeployment *deployment, gint tenant_id, GwFileKind kind, const char *file)
{
  GwCatalog *catalog;

  g_mutex_lock (&deployment->lock);
  catalog = need_tenant (deployment, tenant_id)->catalog;
  gw_catalog_change (catalog, kind, file, GW_FILE_GONE);
  if (gw_catalog_settle (catalog))
    make_snapshot (deployment);
  g_mutex_unlock (&deployment->lock);
}

int
gw_deployment_open_folder (const GwDeployment *deployment, gint tenant_id, GwFileKind kind)
{
  g_autofree char *label = label_of (tenant_id);
  g_autofree char *relative = g_strconcat (label, "/", gw_file_kind_folder (kind), NULL);

  return apim_folder_open (deployment->top, relative);
}

void
gw_deployment_count (GwDeployment *deployment, GwCatalogCounts *counts)
{
  GHashTableIter iter;
  gpointer value;

  *counts = (GwCatalogCounts){ 0, 0 };
  g_mutex_lock (&deployment->lock);
  g_hash_table_iter_init (&iter, deployment->tenants);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    gw_catalog_count (((Tenant *)value)->catalog, counts);
  g_mutex_unlock (&deployment->lock);
}

void
gw_deployment_add_status (GwDeployment *deployment, ApimStatus *status)
{
  g_autoptr (GwRoutes) routes = gw_deployment_ref_routes (deployment);
  GwCatalogCounts counts;

  gw_deployment_count (deployment, &counts);
  apim_status_add (status, "gateway.apis", gw_routes_count (routes));
  apim_status_add (status, "gateway.files", counts.files);
  apim_status_add (status, "gateway.files_refused", counts.refused);
  g_mutex_lock (&deployment->lock);
  apim_status_add (status, "gateway.apis_left_out", g_hash_table_size (deployment->left_out));
  apim_status_add (status, "gateway.snapshots", (gint64)deployment->snapshots);
  apim_status_add_word (status, "gateway.folders", deployment->polls ? "polled" : "watched");
  g_mutex_unlock (&deployment->lock);
}
