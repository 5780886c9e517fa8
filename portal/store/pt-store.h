/* The resources of the store API: a table for each file (spec/publisher-store-workflows.md 11). */
#ifndef PT_STORE_H
#define PT_STORE_H

#include "portal/pt-router.h"

G_BEGIN_DECLS

#define PT_STORE_SCOPE "apim:subscribe" /* of everything but the catalogue, which needs no token */

extern const PtRoute pt_store_apis[];
extern const PtRoute pt_store_applications[];
extern const PtRoute pt_store_documents[];
extern const PtRoute pt_store_keys[];
extern const PtRoute pt_store_subscriptions[];
extern const PtRoute pt_store_tiers[];

G_END_DECLS
#endif
