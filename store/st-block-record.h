/* StBlockRecord: a block condition as it stands in AM_BLOCK_CONDITIONS, and the list of a tenant's
 * (spec/databases.md 5.8). From 2.0 on; ST_ERROR_SCHEMA before. Within an operation of StWriter. Threads: as
 * StWriter. */
#ifndef ST_BLOCK_RECORD_H
#define ST_BLOCK_RECORD_H

#include "store/st-block-writes.h"
#include "store/st-list.h"

G_BEGIN_DECLS

typedef struct
{
  gint64 id;
  char *uuid; /* (nullable) */
  char *type; /* (nullable): API, APPLICATION, IP or USER, and what others wrote */
  char *value; /* (nullable): with the tenant that addresses and users have in it */
  gboolean enabled;
  char *domain; /* (nullable): of the tenant whom it serves */
} StBlockRecord;

void st_block_record_free (StBlockRecord *record);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StBlockRecord, st_block_record_free)

/* Of the tenant, in the order in which they were made. @domain: (nullable): of all tenants. *records: (transfer full) (element-type
 * StBlockRecord). */
gboolean st_block_record_list (StWriter *writer, const char *domain, GPtrArray **records, GError **error);

/* @id: the UUID; the number of a row that has none. *found: (transfer full) (nullable): NULL where the tenant
 * has none. */
gboolean st_block_record_find (StWriter *writer, const char *domain, const char *id, StBlockRecord **found,
                               GError **error);

/* Whether there is an API of exactly this context, which a condition could name. */
gboolean st_block_find_context (StWriter *writer, const char *context, gboolean *found, GError **error);

G_END_DECLS
#endif
