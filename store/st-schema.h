/* Creating and recognising the schema: the 2.6 shape of apimgtdb and userdb (spec/databases.md 11, 12), for `apimctl
 * db migrate`, first starts and checks. SQL texts are compiled in from sql/ (mysql/ and sqlite/, same numbers).
 * Threads: any; calls block. */
#ifndef ST_SCHEMA_H
#define ST_SCHEMA_H

#include "store/st-database.h"

G_BEGIN_DECLS

typedef enum
{
  ST_SCHEMA_API,  /* apimgtdb: AM_*, IDN_* */
  ST_SCHEMA_USER, /* userdb: UM_* */
} StSchemaPart;

/* Parts of a database as a set. */
#define ST_SCHEMA_BIT(part) (1u << (part))

typedef enum
{
  ST_SCHEMA_EMPTY,    /* no tables at all (or no file) */
  ST_SCHEMA_OURS,     /* made by us: APIM_SCHEMA_VERSION is there */
  ST_SCHEMA_WSO2,     /* a WSO2 database: usable, never changed by us */
  ST_SCHEMA_FOREIGN,  /* tables of something else */
} StSchemaState;

typedef struct
{
  StSchemaState state;
  guint version;        /* OURS: number of the last migration applied */
  guint latest;         /* number of the last migration there is */
  guint needed;         /* the lowest version that a node works with; what is between only brings more */
  gboolean has_part;    /* the tables of the asked part exist (one database may hold both parts) */
  char generation[8];   /* "2.6", "1.9" ...: label of spec/databases.md 2, only for the API part */
  guint n_tables;
} StSchemaReport;

gboolean st_schema_inspect (StDatabase *database, StSchemaPart part, StSchemaReport *report, GError **error);

/* Creates the part in an empty database (or adds it to one of ours that lacks it), seed rows included
 * (spec/databases.md 11), and records the version. ST_ERROR_SCHEMA when the database is not empty and not ours.
 * SQLite: the file and its folder are created, mode 0600 and 0700, and it happens wholly or not at all. MySQL commits
 * every CREATE by itself: what was broken off is completed by the next call. */
gboolean st_schema_migrate (const ApimDataSource *source, StSchemaPart part, GError **error);

/* What st_schema_migrate() would do, for people: one line per step. Free with g_free(). */
char *st_schema_plan (const ApimDataSource *source, StSchemaPart part, GError **error);

/* Adds the first administrator of a fresh user database (spec/databases.md 6.7): the user and role that @settings
 * name, permissions, Internal roles. @password_hash, @salt: as stored (core_password_hash()); @salt nullable.
 * ST_ERROR_CONFLICT when the user exists. */
gboolean st_schema_add_admin (StDatabase *database, const ApimUserStoreSettings *settings, const char *password_hash,
                              const char *salt, GError **error);

G_END_DECLS
#endif
