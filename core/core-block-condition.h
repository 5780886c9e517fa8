/* Block conditions: what gateways refuse to serve, tenant by tenant (spec/publisher-store-workflows.md 8,
 * spec/databases.md 5.8). Administrators make, switch and delete those of their tenant; of others' nothing is
 * known: CORE_PORTAL_ERROR_NOT_FOUND. A database before 2.0, which has none, is CORE_PORTAL_ERROR_CONFLICT.
 * Errors: CORE_PORTAL_ERROR. Threads: any; calls block. */
#ifndef CORE_BLOCK_CONDITION_H
#define CORE_BLOCK_CONDITION_H

#include "core/core-portal.h"
#include "store/st-block-record.h"

G_BEGIN_DECLS

/* *records: (transfer full) (element-type StBlockRecord). */
gboolean core_block_condition_list (const CorePortal *portal, const CoreActor *actor, GPtrArray **records,
                                    GError **error);
/* @id: a UUID, or the number of a row that others made without. *found: (transfer full). */
gboolean core_block_condition_get (const CorePortal *portal, const CoreActor *actor, const char *id,
                                   StBlockRecord **found, GError **error);

/* @type: API, APPLICATION, IP or USER. @value: the context of an API of the tenant with its version
 * ("/weather/1.0.0"), "owner:application" of one of its applications, an IP address, or a user of the tenant,
 * with or without it. *created: (transfer full). */
gboolean core_block_condition_create (const CorePortal *portal, const CoreActor *actor, const char *type,
                                      const char *value, StBlockRecord **created, GError **error);

/* Switches it on or off. @etag: (nullable): core_block_condition_etag() of what the caller saw. *changed:
 * (transfer full). */
gboolean core_block_condition_switch (const CorePortal *portal, const CoreActor *actor, const char *id,
                                      gboolean enabled, const char *etag, StBlockRecord **changed,
                                      GError **error);
gboolean core_block_condition_delete (const CorePortal *portal, const CoreActor *actor, const char *id,
                                      const char *etag, GError **error);

/* As people say it: an address without the tenant that is stored with it. Borrowed from @record. */
const char *core_block_condition_value (const StBlockRecord *record, const char *tenant_domain);
/* Free with g_free(). */
char *core_block_condition_etag (const StBlockRecord *record);

G_END_DECLS
#endif
