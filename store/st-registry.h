/* WSO2's registry database, regdb, read: files and folders of its tree, their properties and tags
 * (spec/databases.md 7.1). There is nothing here that writes to it.
 *
 * A folder is a row of REG_PATH, a file a row of REG_RESOURCE with a name in one. Every tenant has a tree of its own.
 * Texts are compared as bytes, because collations fold case. Properties and tags hang on a file's version, or on its
 * folder and name, as registry.xml had it when they were written: both are read.
 * Errors: ST_ERROR. Threads: any; calls block, each question up to the database's own limit. */
#ifndef ST_REGISTRY_H
#define ST_REGISTRY_H

#include "store/st-database.h"

G_BEGIN_DECLS

typedef struct
{
  gint tenant_id;
  char *folder; /* "/_system/governance/..." without a final slash */
  char *name;
  gint64 folder_id;
  gint64 version;
  char *uuid;       /* (nullable): the id of an artifact */
  char *media_type; /* (nullable) */
  gint64 length;    /* bytes; -1: no content */
} StRegistryFile;

void st_registry_file_free (StRegistryFile *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StRegistryFile, st_registry_file_free)

/* ST_ERROR_SCHEMA where the tables of a registry are not there. */
gboolean st_registry_check (StDatabase *registry, GError **error);

/* *files: (out) (transfer full) (element-type StRegistryFile): of all tenants, by tenant, folder and name. */
gboolean st_registry_list_media (StDatabase *registry, const char *media_type, GPtrArray **files, GError **error);
/* The same of one folder, which need not be there. */
gboolean st_registry_list_folder (StDatabase *registry, gint tenant_id, const char *folder, GPtrArray **files,
                                  GError **error);
/* *file: (out) (transfer full) (nullable): NULL where there is none. */
gboolean st_registry_find (StDatabase *registry, gint tenant_id, const char *folder, const char *name,
                           StRegistryFile **file, GError **error);

/* *content: (out) (transfer full) (nullable): NULL where the file has none. ST_ERROR_DATA where it has more than
 * @max bytes, of which none is fetched. */
gboolean st_registry_read (StDatabase *registry, const StRegistryFile *file, gsize max, GBytes **content,
                           GError **error);
/* *properties: (out) (transfer full) (element-type utf8 utf8): the first value of each name. */
gboolean st_registry_properties (StDatabase *registry, const StRegistryFile *file, GHashTable **properties,
                                 GError **error);
/* *tags: (out) (transfer full): NULL-terminated, each once, sorted. */
gboolean st_registry_tags (StDatabase *registry, const StRegistryFile *file, char ***tags, GError **error);

G_END_DECLS
#endif
