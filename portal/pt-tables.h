/* The resources of each REST API: the tables of its files, in the order in which they are searched. */
#ifndef PT_TABLES_H
#define PT_TABLES_H

#include "portal/pt-router.h"

G_BEGIN_DECLS

extern const PtRoute *const pt_publisher_tables[];
extern const PtRoute *const pt_admin_tables[];
extern const PtRoute *const pt_store_tables[];

G_END_DECLS
#endif
