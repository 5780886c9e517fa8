/* A change of a name has a number. A file that was read before the newest change of any name that it uses is read
 * again, until there is none: names without circles have an order, so this ends. */
#include "config.h"
#include "gateway/gw-catalog.h"

#include "common/apim-config.h"
#include "common/apim-hash.h"
#include "common/apim-log.h"

#include <string.h>

/* One file. */
typedef struct
{
  GwFileKind kind;
  char *file;
  char *name;       /* that it owns; NULL: none */
  gpointer object;  /* GwEndpoint, GwSequence, GwApi: what it last defined; NULL: nothing yet */
  GHashTable *uses; /* keys that its newest content names, there or not */
  char *problem;    /* why its newest content is not served; NULL: it is */
  gint64 problem_us; /* before then it is no news: monotonic */
  gboolean reported;
  gboolean settled;
  gboolean dirty; /* to be read, though nothing that it uses changed */
  gboolean is_read;
  guint64 hash; /* of the content that was read last */
  guint64 read_at, order;
  guint depth; /* files that name each other, below what it defines */
} Artifact;

struct _GwCatalog
{
  char *label;
  GwCatalogRead read;
  gpointer data;
  ApimHashKey hash_key;
  GHashTable *artifacts[GW_FILE_N_KINDS]; /* file -> Artifact, which it owns */
  GHashTable *owners;                     /* key -> Artifact */
  GHashTable *changes;                    /* key -> number of its newest change (guint64 *) */
  guint64 now;                            /* of the newest change of anything */
  guint64 *comings;
  const GPtrArray *key_managers;
  gboolean apis_changed;
};

/* While a file is read. */
typedef struct
{
  GwCatalog *catalog;
  GHashTable *uses;
  guint depth;
} Reading;

const char *
gw_file_kind_folder (GwFileKind kind)
{
  static const char *const folders[] = { "endpoints", "sequences", "api" };

  return folders[kind];
}

/* Names of endpoints and of sequences are apart. */
static char *
key_of (GwFileKind kind, const char *name)
{
  return g_strdup_printf ("%d:%s", kind, name);
}

static void
object_unref (GwFileKind kind, gpointer object)
{
  if (object == NULL)
    return;
  if (kind == GW_FILE_ENDPOINT)
    gw_endpoint_unref (object);
  else if (kind == GW_FILE_SEQUENCE)
    gw_sequence_unref (object);
  else
    gw_api_unref (object);
}

static void
artifact_free (gpointer data)
{
  Artifact *artifact = data;

  object_unref (artifact->kind, artifact->object);
  g_clear_pointer (&artifact->uses, g_hash_table_unref);
  g_free (artifact->file);
  g_free (artifact->name);
  g_free (artifact->problem);
  g_free (artifact);
}

GwCatalog *
gw_catalog_new (const char *label, GwCatalogRead read, gpointer data, guint64 *comings,
                const GPtrArray *key_managers)
{
  GwCatalog *catalog = g_new0 (GwCatalog, 1);

  catalog->label = g_strdup (label);
  catalog->read = read;
  catalog->data = data;
  catalog->comings = comings;
  catalog->key_managers = key_managers;
  apim_hash_key_init (&catalog->hash_key);
  for (guint i = 0; i < GW_FILE_N_KINDS; i++)
    catalog->artifacts[i] = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, artifact_free);
  catalog->owners = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  catalog->changes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return catalog;
}

void
gw_catalog_free (GwCatalog *catalog)
{
  g_hash_table_unref (catalog->owners);
  g_hash_table_unref (catalog->changes);
  for (guint i = 0; i < GW_FILE_N_KINDS; i++)
    g_hash_table_unref (catalog->artifacts[i]);
  g_free (catalog->label);
  g_free (catalog);
}

/* What a file that is being read names: noted, whether it is there or not. (transfer none) (nullable) */
static gpointer
use (Reading *reading, GwFileKind kind, const char *name)
{
  char *key = key_of (kind, name);
  const Artifact *owner = g_hash_table_lookup (reading->catalog->owners, key);

  g_hash_table_add (reading->uses, key);
  if (owner == NULL)
    return NULL;
  reading->depth = MAX (reading->depth, owner->depth + 1);
  return owner->object;
}

static GwEndpoint *
use_endpoint (gpointer data, const char *name)
{
  GwEndpoint *endpoint = use (data, GW_FILE_ENDPOINT, name);

  return endpoint != NULL ? gw_endpoint_ref (endpoint) : NULL;
}

static GwSequence *
use_sequence (gpointer data, const char *name)
{
  GwSequence *sequence = use (data, GW_FILE_SEQUENCE, name);

  return sequence != NULL ? gw_sequence_ref (sequence) : NULL;
}

/* @name: (out): what it defines. NULL with @error. */
static gpointer
parse (Reading *reading, GwFileKind kind, const char *label, const char *bytes, gsize length, char **name,
       GPtrArray *notes, GError **error)
{
  const GwSynapseKeys keys = { use_endpoint, use_sequence, reading, reading->catalog->key_managers };
  gpointer object;

  *name = NULL;
  if (kind == GW_FILE_SEQUENCE)
    return gw_synapse_read_sequence (label, bytes, length, &keys, name, notes, error);
  if (kind == GW_FILE_ENDPOINT)
    {
      object = gw_synapse_read_endpoint (label, bytes, length, &keys, error);
      *name = object != NULL ? g_strdup (((GwEndpoint *)object)->name) : NULL;
      return object;
    }
  object = gw_synapse_read_api (label, bytes, length, &keys, notes, error);
  *name = object != NULL ? g_strdup (((GwApi *)object)->name) : NULL;
  return object;
}

/* Whether what @uses has leads back to @target, or too far. @seen: keys that were followed. */
static gboolean
leads_to (const GwCatalog *catalog, GHashTable *uses, const char *target, GHashTable *seen, guint depth)
{
  GHashTableIter iter;
  gpointer key;

  if (depth > GW_CATALOG_MAX_DEPTH)
    return TRUE;
  g_hash_table_iter_init (&iter, uses);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    {
      const Artifact *owner;

      if (strcmp (key, target) == 0)
        return TRUE;
      owner = g_hash_table_lookup (catalog->owners, key);
      if (g_hash_table_add (seen, key) && owner != NULL && owner->uses != NULL
          && leads_to (catalog, owner->uses, target, seen, depth + 1))
        return TRUE;
    }
  return FALSE;
}

static gboolean
check_circle (const Reading *reading, const char *label, const char *key, GError **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  if (reading->depth <= GW_CATALOG_MAX_DEPTH && !leads_to (reading->catalog, reading->uses, key, seen, 0))
    return TRUE;
  g_set_error (error, APIM_CONFIG_ERROR, APIM_CONFIG_ERROR_VALUE,
               "%s: what it names leads back to itself, or over more than %d files", label, GW_CATALOG_MAX_DEPTH);
  return FALSE;
}

static gboolean
check_owner (const GwCatalog *catalog, const Artifact *artifact, const char *label, const char *key,
             const char *name, GError **error)
{
  const Artifact *owner = g_hash_table_lookup (catalog->owners, key);

  if (owner == NULL || owner == artifact)
    return TRUE;
  g_set_error (error, APIM_CONFIG_ERROR, APIM_CONFIG_ERROR_VALUE, "%s: \"%s\" is what %s/%s defines already", label,
               name, gw_file_kind_folder (owner->kind), owner->file);
  return FALSE;
}

static void
name_changed (GwCatalog *catalog, const char *key)
{
  guint64 *number = g_new (guint64, 1);

  *number = ++catalog->now;
  g_hash_table_replace (catalog->changes, g_strdup (key), number);
}

/* Nobody finds it by its name any more. */
static void
disown (GwCatalog *catalog, Artifact *artifact)
{
  g_autofree char *key = NULL;

  if (artifact->name == NULL)
    return;
  key = key_of (artifact->kind, artifact->name);
  g_hash_table_remove (catalog->owners, key);
  name_changed (catalog, key);
  g_clear_pointer (&artifact->name, g_free);
}

/* @object: (transfer full). */
static void
take (GwCatalog *catalog, Artifact *artifact, const char *name, gpointer object)
{
  g_autofree char *key = key_of (artifact->kind, name);

  if (g_strcmp0 (artifact->name, name) != 0)
    disown (catalog, artifact);
  object_unref (artifact->kind, artifact->object);
  artifact->object = object;
  if (artifact->name == NULL)
    {
      artifact->name = g_strdup (name);
      artifact->order = ++*catalog->comings;
      g_hash_table_insert (catalog->owners, g_strdup (key), artifact);
    }
  name_changed (catalog, key);
  catalog->apis_changed |= artifact->kind == GW_FILE_API;
}

static char *
label_of (const GwCatalog *catalog, const Artifact *artifact)
{
  return g_strdup_printf ("%s/%s/%s", catalog->label, gw_file_kind_folder (artifact->kind), artifact->file);
}

/* "fault.xml" is a file of what gateways bring along, whatever is in it. */
static gboolean
is_built_in (const Artifact *artifact, const char *name)
{
  g_autofree char *stem = g_strndup (artifact->file, strlen (artifact->file) - strlen (".xml"));

  return artifact->kind == GW_FILE_SEQUENCE && gw_built_in_parse (name != NULL ? name : stem) != GW_BUILT_IN_NONE;
}

/* A problem that came by what the file names, and not by the file itself, may go again in a moment: an endpoint is taken
 * away before the new one comes. */
static void
set_problem (Artifact *artifact, const char *problem, gboolean by_others)
{
  if (g_strcmp0 (artifact->problem, problem) == 0)
    return;
  artifact->problem_us = g_get_monotonic_time () + (by_others ? GW_FOLDER_SETTLE_MS * 1000 : 0);
  g_free (artifact->problem);
  artifact->problem = g_strdup (problem);
  artifact->reported = FALSE;
}

/* A file that is being written is no news. */
static void
report (Artifact *artifact)
{
  if (artifact->problem == NULL || artifact->reported || !artifact->settled
      || g_get_monotonic_time () < artifact->problem_us)
    return;
  artifact->reported = TRUE;
  apim_warning ("gateway", "%s; %s", artifact->problem,
                artifact->object != NULL ? "what the file said before goes on" : "the file is not served");
}

static gboolean
read_bytes (GwCatalog *catalog, Artifact *artifact, const char *label, Reading *reading, const char *bytes,
            gsize length, GError **error)
{
  g_autoptr (GPtrArray) notes = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *name = NULL, *key = NULL;
  gpointer object = parse (reading, artifact->kind, label, bytes, length, &name, notes, error);

  if (is_built_in (artifact, name))
    {
      object_unref (artifact->kind, object);
      g_clear_error (error);
      disown (catalog, artifact);
      object_unref (artifact->kind, g_steal_pointer (&artifact->object));
      if (!artifact->is_read)
        apim_info ("gateway", "%s has no effect: what this sequence does is built in", label);
      return TRUE;
    }
  if (object == NULL)
    return FALSE;
  key = key_of (artifact->kind, name);
  if (!check_owner (catalog, artifact, label, key, name, error))
    g_hash_table_add (reading->uses, g_strdup (key)); /* read again when it is free */
  else if (check_circle (reading, label, key, error))
    {
      take (catalog, artifact, name, object);
      artifact->depth = reading->depth;
      for (guint i = 0; i < notes->len && !artifact->is_read; i++)
        apim_info ("gateway", "%s", (char *)notes->pdata[i]);
      return TRUE;
    }
  object_unref (artifact->kind, object);
  return FALSE;
}

/* Whether the newest change of anything that it uses is newer than its last reading. */
static gboolean
is_outdated (const GwCatalog *catalog, const Artifact *artifact)
{
  GHashTableIter iter;
  gpointer key;

  if (artifact->dirty)
    return TRUE;
  if (artifact->uses == NULL)
    return FALSE;
  g_hash_table_iter_init (&iter, artifact->uses);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    {
      const guint64 *number = g_hash_table_lookup (catalog->changes, key);

      if (number != NULL && *number > artifact->read_at)
        return TRUE;
    }
  return FALSE;
}

static void
read_again (GwCatalog *catalog, Artifact *artifact)
{
  g_autofree char *label = label_of (catalog, artifact);
  g_autoptr (GHashTable) uses = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GError) problem = NULL;
  g_autofree char *bytes = NULL;
  Reading reading = { catalog, uses, 0 };
  gboolean only_looked = artifact->dirty;
  guint64 hash;
  gsize length = 0;

  artifact->dirty = FALSE;
  if (only_looked && is_outdated (catalog, artifact))
    only_looked = FALSE;
  artifact->read_at = catalog->now;
  bytes = catalog->read (catalog->data, artifact->kind, artifact->file, &length, &problem);
  if (bytes == NULL)
    {
      set_problem (artifact, problem->message, !only_looked); /* what it uses stays: it may be read again for their sake */
      return;
    }
  hash = apim_hash (&catalog->hash_key, bytes, length);
  if (only_looked && artifact->is_read && hash == artifact->hash)
    return;
  artifact->is_read &= hash == artifact->hash;
  artifact->hash = hash;
  set_problem (artifact,
               read_bytes (catalog, artifact, label, &reading, bytes, length, &problem) ? NULL : problem->message,
               !only_looked);
  artifact->is_read = TRUE;
  g_clear_pointer (&artifact->uses, g_hash_table_unref);
  artifact->uses = g_steal_pointer (&uses);
}

static void
lose (GwCatalog *catalog, Artifact *artifact)
{
  disown (catalog, artifact);
  catalog->apis_changed |= artifact->kind == GW_FILE_API && artifact->object != NULL;
  g_hash_table_remove (catalog->artifacts[artifact->kind], artifact->file);
}

void
gw_catalog_change (GwCatalog *catalog, GwFileKind kind, const char *file, GwFileChange change)
{
  Artifact *artifact = g_hash_table_lookup (catalog->artifacts[kind], file);

  if (change == GW_FILE_GONE)
    {
      if (artifact != NULL)
        lose (catalog, artifact);
      return;
    }
  if (artifact == NULL)
    {
      artifact = g_new0 (Artifact, 1);
      artifact->kind = kind;
      artifact->file = g_strdup (file);
      g_hash_table_insert (catalog->artifacts[kind], artifact->file, artifact);
    }
  artifact->dirty = TRUE;
  artifact->settled = change == GW_FILE_SETTLED;
}

static int
compare_files (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(Artifact *const *)a)->file, (*(Artifact *const *)b)->file);
}

/* In the order of their names, so that every start decides alike between two that collide.
 * Returns: whether there was any. */
static gboolean
read_kind (GwCatalog *catalog, GwFileKind kind)
{
  g_autoptr (GPtrArray) outdated = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, catalog->artifacts[kind]);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (is_outdated (catalog, value))
      g_ptr_array_add (outdated, value);
  g_ptr_array_sort (outdated, compare_files);
  for (guint i = 0; i < outdated->len; i++)
    read_again (catalog, g_ptr_array_index (outdated, i));
  return outdated->len > 0;
}

static void
report_all (GwCatalog *catalog)
{
  for (guint kind = 0; kind < GW_FILE_N_KINDS; kind++)
    {
      GHashTableIter iter;
      gpointer value;

      g_hash_table_iter_init (&iter, catalog->artifacts[kind]);
      while (g_hash_table_iter_next (&iter, NULL, &value))
        report (value);
    }
}

gboolean
gw_catalog_settle (GwCatalog *catalog)
{
  gboolean apis_changed;
  gboolean any;

  do
    {
      any = read_kind (catalog, GW_FILE_ENDPOINT);
      any |= read_kind (catalog, GW_FILE_SEQUENCE);
    }
  while (any); /* endpoints name endpoints, sequences both */
  while (read_kind (catalog, GW_FILE_API))
    ; /* one may wait for another's name */
  g_hash_table_remove_all (catalog->changes);
  report_all (catalog);
  apis_changed = catalog->apis_changed;
  catalog->apis_changed = FALSE;
  return apis_changed;
}

void
gw_catalog_append_apis (const GwCatalog *catalog, GArray *apis)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, catalog->artifacts[GW_FILE_API]);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const Artifact *artifact = value;
      GwCatalogApi api = { artifact->order, artifact->object };

      if (api.api != NULL)
        g_array_append_val (apis, api);
    }
}

gboolean
gw_catalog_check (GwCatalog *catalog, GwFileKind kind, const char *bytes, gsize length, char **name, char **context,
                  GError **error)
{
  g_autoptr (GHashTable) uses = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *found = NULL;
  Reading reading = { catalog, uses, 0 };
  gpointer object = parse (&reading, kind, gw_file_kind_folder (kind), bytes, length, &found, NULL, error);

  *name = object != NULL ? g_steal_pointer (&found) : NULL;
  if (context != NULL)
    *context = object != NULL && kind == GW_FILE_API ? g_strdup (((GwApi *)object)->context) : NULL;
  object_unref (kind, object);
  return *name != NULL;
}

const char *
gw_catalog_file (const GwCatalog *catalog, GwFileKind kind, const char *name)
{
  g_autofree char *key = key_of (kind, name);
  const Artifact *owner = g_hash_table_lookup (catalog->owners, key);

  return owner != NULL ? owner->file : NULL;
}

const char *
gw_catalog_name (const GwCatalog *catalog, GwFileKind kind, const char *file)
{
  const Artifact *artifact = g_hash_table_lookup (catalog->artifacts[kind], file);

  return artifact != NULL ? artifact->name : NULL;
}

const char *
gw_catalog_problem (const GwCatalog *catalog, GwFileKind kind, const char *file)
{
  const Artifact *artifact = g_hash_table_lookup (catalog->artifacts[kind], file);

  return artifact != NULL ? artifact->problem : NULL;
}

void
gw_catalog_count (const GwCatalog *catalog, GwCatalogCounts *counts)
{
  for (guint kind = 0; kind < GW_FILE_N_KINDS; kind++)
    {
      GHashTableIter iter;
      gpointer value;

      counts->files += g_hash_table_size (catalog->artifacts[kind]);
      g_hash_table_iter_init (&iter, catalog->artifacts[kind]);
      while (g_hash_table_iter_next (&iter, NULL, &value))
        counts->refused += ((Artifact *)value)->problem != NULL;
    }
}
