/* The resources of the publisher API: a table for each file (spec/publisher-store-workflows.md 11). */
#ifndef PT_PUBLISHER_H
#define PT_PUBLISHER_H

#include "portal/pt-router.h"

G_BEGIN_DECLS

extern const PtRoute pt_publisher_apis[];
extern const PtRoute pt_publisher_documents[];
extern const PtRoute pt_publisher_environments[];
extern const PtRoute pt_publisher_subscriptions[];
extern const PtRoute pt_publisher_tiers[];

G_END_DECLS
#endif
