/* StPolicyRecord: a throttling policy as it stands in its table, and the list of a tenant's
 * (spec/databases.md 4.2). From 2.0 on; ST_ERROR_SCHEMA before. Within an operation of StWriter. Threads: as
 * StWriter. */
#ifndef ST_POLICY_RECORD_H
#define ST_POLICY_RECORD_H

#include "store/st-policy-writes.h"

G_BEGIN_DECLS

typedef struct
{
  gint64 id;   /* 0: no row, made by st_policy_record_new() */
  char *uuid;  /* (nullable) */
  StPolicy policy; /* its texts and groups are the record's */
  GStringChunk *texts;
} StPolicyRecord;

/* A copy of @policy without its condition groups. */
StPolicyRecord *st_policy_record_new (const StPolicy *policy);
void st_policy_record_free (StPolicyRecord *record);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StPolicyRecord, st_policy_record_free)

/* All of the tenant, in the order in which they were made, without condition groups. *records: (transfer
 * full) (element-type StPolicyRecord). */
gboolean st_policy_record_list (StWriter *writer, StPolicyKind kind, gint tenant_id, GPtrArray **records,
                                GError **error);

/* With its condition groups. @id: the UUID; the number of a row that has none. @lock: the row is held until
 * the end of the transaction. *found: (transfer full) (nullable): NULL where the tenant has none. */
gboolean st_policy_record_find (StWriter *writer, StPolicyKind kind, gint tenant_id, const char *id,
                                gboolean lock, StPolicyRecord **found, GError **error);
/* Of exactly this name. */
gboolean st_policy_record_find_named (StWriter *writer, StPolicyKind kind, gint tenant_id, const char *name,
                                      StPolicyRecord **found, GError **error);

G_END_DECLS
#endif
