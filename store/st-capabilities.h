/* What an apimgtdb can do: independent flags read from its tables and columns (spec/databases.md 2). Migrated
 * databases are mixtures, so statements are chosen by flags, and the generation is only a label for people.
 * Threads: any; st_capabilities_read() blocks. */
#ifndef ST_CAPABILITIES_H
#define ST_CAPABILITIES_H

#include "store/st-database.h"

G_BEGIN_DECLS

typedef enum
{
  ST_CAP_APIM = 1 << 0,              /* it is an API Manager database at all */
  ST_CAP_TOKEN_IDS = 1 << 1,         /* 1.10: numeric client id, scope table, TENANT_ID and USER_DOMAIN */
  ST_CAP_TOKEN_SCOPE_COLUMN = 1 << 2, /* only 1.9 */
  ST_CAP_APPLICATION_UUID = 1 << 3,  /* 1.10 */
  ST_CAP_SUBSCRIPTION_UUID = 1 << 4, /* 1.10 */
  ST_CAP_PKCE = 1 << 5,              /* 2.0 */
  ST_CAP_API_TIER = 1 << 6,          /* 2.0 */
  ST_CAP_POLICIES = 1 << 7,          /* 2.0: throttling policies in the database */
  ST_CAP_APP_STATE = 1 << 8,         /* 2.1 */
  ST_CAP_TOKEN_HASH = 1 << 9,        /* 2.2: tokens are searched by hash */
  ST_CAP_SCOPE_BINDING = 1 << 10,    /* 2.2: roles in rows */
  ST_CAP_APP_EXPIRY = 1 << 11,       /* 2.2: validity per client */
  ST_CAP_GROUP_MAPPING = 1 << 12,    /* 2.2 */
  ST_CAP_APP_TOKEN_TYPE = 1 << 13,   /* 2.5 */
  ST_CAP_APP_ATTRIBUTES = 1 << 14,   /* 2.5 */
  ST_CAP_LABELS = 1 << 15,           /* 2.5 */
  ST_CAP_TOKEN_AUDIT = 1 << 16,      /* 2.6 */
  ST_CAP_TOO_NEW = 1 << 17,          /* 3.0 and later: never write */
  ST_CAP_SERVICE_PROVIDERS = 1 << 18, /* WSO2's own: a service provider beside each OAuth client */
  ST_CAP_INBOUND_CONFIG_TYPE = 1 << 19, /* 2.1: their inbound authentication has a type of configuration */
  ST_CAP_SAAS = 1 << 20,             /* they say whether they serve users of every tenant */
  ST_CAP_API_ARTIFACT = 1 << 21,     /* ours: what WSO2 keeps in its registry of an API */
  ST_CAP_USED_ASSERTIONS = 1 << 22,  /* ours: which SAML assertions were used */
  ST_CAP_PENDING_REMOVALS = 1 << 23, /* ours: what gateways still have of deleted APIs */
  ST_CAP_REGISTRY_IMPORTS = 1 << 24, /* ours: which APIs came from a registry */
} StCapability;

/* @type: as the database names it. */
typedef void (*StColumnFunc) (const char *table, const char *column, const char *type, gpointer data);
/* Shows every column of every table to @func, in no order; names in any case. */
gboolean st_capabilities_each_column (StDatabase *database, gint64 deadline_us, StColumnFunc func, gpointer data,
                                      GError **error);

/* The flags that one column adds. Names in any case; @type: the column's type as the database names it. */
guint st_capabilities_of_column (const char *table, const char *column, const char *type);

/* All flags of the database; 0 when it is empty or something else. */
gboolean st_capabilities_read (StDatabase *database, gint64 deadline_us, guint *capabilities, GError **error);

/* The same, read once per database and remembered. */
gboolean st_capabilities_get (StDatabase *database, gint64 deadline_us, guint *capabilities, GError **error);
/* And st_token_tables_get(): somebody may have migrated the database, since a statement met tables of another shape. */
void st_capabilities_forget (StDatabase *database);

/* ST_ERROR_SCHEMA, with what to do, where there are no API Manager tables, or newer ones than this product knows. */
gboolean st_capabilities_check_writable (guint capabilities, GError **error);

/* "1.9" ... "2.6"; "3.0+" when too new; "" when it is no API Manager database. */
const char *st_capabilities_generation (guint capabilities);

G_END_DECLS
#endif
