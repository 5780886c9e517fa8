/* The pages of each site: the tables of their files, in the order in which they are searched. */
#ifndef PT_PAGE_TABLES_H
#define PT_PAGE_TABLES_H

#include "portal/jaggery/pt-pages.h"

G_BEGIN_DECLS

extern const PtPageRow *const pt_publisher_page_tables[];
extern const PtPageRow *const pt_store_page_tables[];

extern const PtPageRow pt_publisher_page_apis[];
extern const PtPageRow pt_publisher_page_documents[];
extern const PtPageRow pt_publisher_page_login[];
extern const PtPageRow pt_publisher_page_subscriptions[];
extern const PtPageRow pt_publisher_page_tiers[];
extern const PtPageRow pt_store_page_applications[];
extern const PtPageRow pt_store_page_catalog[];
extern const PtPageRow pt_store_page_keys[];
extern const PtPageRow pt_store_page_login[];
extern const PtPageRow pt_store_page_opinions[];
extern const PtPageRow pt_store_page_subscriptions[];
extern const PtPageRow pt_store_page_users[];

/* What pages answer to who has no session, each site and page in its own words. */
#define PT_PAGE_TIMEOUT "timeout"
#define PT_PAGE_AUTHENTICATE_ERROR "AuthenticateError"
#define PT_PAGE_LOGIN_REQUIRED "login required"

G_END_DECLS
#endif
