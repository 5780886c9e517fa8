#include "config.h"
#include "portal/pt-tables.h"

#include "portal/admin/pt-admin.h"
#include "portal/publisher/pt-publisher.h"
#include "portal/store/pt-store.h"

const PtRoute *const pt_publisher_tables[]
    = { pt_publisher_apis,          pt_publisher_documents, pt_publisher_environments,
        pt_publisher_subscriptions, pt_publisher_tiers,     pt_admin_workflows,
        NULL };
const PtRoute *const pt_admin_tables[]
    = { pt_admin_archives, pt_admin_block_conditions, pt_admin_environments,
        pt_admin_policies, pt_admin_tenants,          pt_admin_workflows, NULL };
const PtRoute *const pt_store_tables[]
    = { pt_store_apis,          pt_store_documents, pt_store_keys, pt_store_applications,
        pt_store_subscriptions, pt_store_tiers,     NULL };
