#include "config.h"
#include "portal/jaggery/pt-page-tables.h"

const PtPageRow *const pt_publisher_page_tables[]
    = { pt_publisher_page_login, pt_publisher_page_apis, pt_publisher_page_documents,
        pt_publisher_page_subscriptions, pt_publisher_page_tiers, NULL };
const PtPageRow *const pt_store_page_tables[]
    = { pt_store_page_login, pt_store_page_applications, pt_store_page_subscriptions,
        pt_store_page_keys,  pt_store_page_catalog,      pt_store_page_users,
        pt_store_page_opinions, NULL };
