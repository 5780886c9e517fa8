/* Writes of block conditions: what gateways refuse to serve, tenant by tenant (spec/databases.md 5.8, 10). From 2.0 on;
 * ST_ERROR_SCHEMA before. Other errors: as in st-application-writes.h. Threads: one per writer. */
#ifndef ST_BLOCK_WRITES_H
#define ST_BLOCK_WRITES_H

#include "store/st-writer.h"

G_BEGIN_DECLS

typedef enum
{
  ST_BLOCK_API,         /* the API's context with its version: "/weather/1.0.0" */
  ST_BLOCK_APPLICATION, /* "owner:application" */
  ST_BLOCK_USER,        /* "user@tenant", with carbon.super too */
  ST_BLOCK_IP,          /* "tenant:address" */
} StBlockKind;

/* An enabled condition. @domain: of the tenant whom it serves. @condition_id: (out). ST_ERROR_CONFLICT where the tenant
 * has it already. 2.0 has room for values of 45 characters only. */
gboolean st_write_add_block (StWriter *writer, StBlockKind kind, const char *value, const char *domain,
                             gint64 *condition_id, GError **error);

/* @domain: of the tenant whose condition it must be. ST_ERROR_CONFLICT where that tenant has none. */
gboolean st_write_block_enabled (StWriter *writer, const char *domain, gint64 condition_id, gboolean enabled,
                                 GError **error);
gboolean st_write_delete_block (StWriter *writer, const char *domain, gint64 condition_id, GError **error);

/* As AM_BLOCK_CONDITIONS.TYPE has it, and REST: "API". */
gboolean st_block_kind_parse (const char *text, StBlockKind *kind);
/* ST_ERROR_SCHEMA where the database has no block conditions. */
gboolean st_block_check_generation (StWriter *writer, GError **error);

G_END_DECLS
#endif
