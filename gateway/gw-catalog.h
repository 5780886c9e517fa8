/* The synapse files of one tenant, read: what each defines, and what it names of the others'
 * (spec/gateway-and-traffic-manager.md 5.2, 5.3).
 *
 * A file that is refused keeps what it last defined. When an endpoint or a sequence changes, comes or goes, the files
 * that name it are read again, and those that name these. Files that name each other in a circle are refused. Of two
 * files that define one name, the first stays.
 *
 * Threads: one at a time. What it hands out is immutable. */
#ifndef GW_CATALOG_H
#define GW_CATALOG_H

#include "gateway/gw-folder.h"
#include "gateway/gw-synapse.h"

G_BEGIN_DECLS

#define GW_CATALOG_MAX_DEPTH 16 /* files that name each other */

/* In the order in which they are read: what is named before what names it. */
typedef enum
{
  GW_FILE_ENDPOINT,
  GW_FILE_SEQUENCE,
  GW_FILE_API,
  GW_FILE_N_KINDS,
} GwFileKind;

/* The subfolder of a kind: "endpoints", "sequences", "api". */
const char *gw_file_kind_folder (GwFileKind kind);

/* Where bytes come from. NULL with any error. */
typedef char *(*GwCatalogRead) (gpointer data, GwFileKind kind, const char *file, gsize *length, GError **error);

typedef struct _GwCatalog GwCatalog;

/* @key_managers: (nullable) (borrowed): as in GwSynapseKeys. @label: how messages name its folder: "deployment/server/synapse-configs/default". @comings: (borrowed): the number of
 * the newest API, shared by all catalogs of a gateway. */
GwCatalog *gw_catalog_new (const char *label, GwCatalogRead read, gpointer data, guint64 *comings,
                           const GPtrArray *key_managers);
void gw_catalog_free (GwCatalog *catalog);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwCatalog, gw_catalog_free)

/* What a look at a folder found. Reads nothing yet. */
void gw_catalog_change (GwCatalog *catalog, GwFileKind kind, const char *file, GwFileChange change);

/* Reads what has to be read. What is refused, and what is not done though a file asks for it, is logged, once.
 * Returns: whether an API came, went or became another one. */
gboolean gw_catalog_settle (GwCatalog *catalog);

/* Appends the APIs, borrowed, in no order, each with the number of its coming: of two that cannot both be served, the
 * lower one was there first. */
typedef struct
{
  guint64 order;
  GwApi *api;
} GwCatalogApi;
void gw_catalog_append_apis (const GwCatalog *catalog, GArray *apis);

/* Whether @bytes would be taken as a file of @kind, as things are. @name: (out) (transfer full): what it defines: of an API
 * with its version. @context: (out) (optional) (transfer full): of an API. */
gboolean gw_catalog_check (GwCatalog *catalog, GwFileKind kind, const char *bytes, gsize length, char **name,
                           char **context, GError **error);

/* The file that defines @name; NULL: none. (transfer none) */
const char *gw_catalog_file (const GwCatalog *catalog, GwFileKind kind, const char *name);
/* What @file defines; NULL: nothing. (transfer none) */
const char *gw_catalog_name (const GwCatalog *catalog, GwFileKind kind, const char *file);
/* Why the newest content of @file is not served; NULL: it is, or there is no such file. (transfer none) */
const char *gw_catalog_problem (const GwCatalog *catalog, GwFileKind kind, const char *file);

typedef struct
{
  guint files, refused; /* refused: also those whose last good content goes on */
} GwCatalogCounts;
/* Adds to @counts. */
void gw_catalog_count (const GwCatalog *catalog, GwCatalogCounts *counts);

G_END_DECLS
#endif
