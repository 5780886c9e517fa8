/* The resources of the admin API: a table for each file (spec/publisher-store-workflows.md 11). */
#ifndef PT_ADMIN_H
#define PT_ADMIN_H

#include "portal/pt-router.h"

G_BEGIN_DECLS

extern const PtRoute pt_admin_archives[];
extern const PtRoute pt_admin_block_conditions[];
extern const PtRoute pt_admin_policies[];
extern const PtRoute pt_admin_environments[];
extern const PtRoute pt_admin_tenants[];
extern const PtRoute pt_admin_workflows[];

G_END_DECLS
#endif
