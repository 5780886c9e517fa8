/* Tenants of the user database, as its administrator sees and makes them (UM_TENANT: spec/databases.md 6.1). The super
 * tenant has no row and is none of these. Errors: ST_ERROR. Threads: any, and one per writer. */
#ifndef ST_TENANT_H
#define ST_TENANT_H

#include "store/st-writer.h"

G_BEGIN_DECLS

typedef struct
{
  gint id;
  char *domain;
  char *email; /* NULL: none */
  gboolean active;
  gint64 created_ms; /* epoch; 0: not known */
} StTenantRecord;

void st_tenant_record_free (StTenantRecord *record);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StTenantRecord, st_tenant_record_free)

/* *records: (out) (transfer full) (element-type StTenantRecord): by domain. */
gboolean st_tenant_record_list (StDatabase *users, GPtrArray **records, GError **error);
/* *record: (out) (transfer full) (nullable): compared as bytes. */
gboolean st_tenant_record_find (StWriter *reader, const char *domain, StTenantRecord **record, GError **error);

/* Active, and without what a tenant begins with (st-admin.h). @email: (nullable). @realm: (nullable): its realm
 * configuration, which WSO2's nodes read (core-realm-xml.h). *id: (out). ST_ERROR_CONFLICT where there is one of the
 * domain, in whatever case. */
gboolean st_write_add_tenant (StWriter *writer, const char *domain, const char *email, const char *realm, gint *id,
                              GError **error);
gboolean st_write_tenant_active (StWriter *writer, gint id, gboolean active, GError **error);

G_END_DECLS
#endif
