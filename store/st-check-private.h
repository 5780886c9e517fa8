/* What the parts of StCheck share. Private to store/st-check*.c. Each st_check_*() function below looks after one
 * concern of the database in hand and adds its findings. */
#ifndef ST_CHECK_PRIVATE_H
#define ST_CHECK_PRIVATE_H

#include "store/st-capabilities.h"
#include "store/st-check.h"

G_BEGIN_DECLS

/* From so many rows on a scan takes longer than a look-up may. */
#define ST_CHECK_LARGE_TABLE 1000000

typedef struct
{
  char *name;      /* as the server writes it */
  char *engine;    /* "" on SQLite */
  char *collation; /* "" on SQLite */
  gint64 rows;     /* the server's estimate; -1: unknown */
} StCheckTable;

typedef struct
{
  char *table; /* as the server writes them */
  char *column;
  char *collation; /* "" where it has none */
  char *extra;     /* "on update current_timestamp()" */
} StCheckColumn;

/* What was read about one database. Keys are in upper case: "TABLE", "TABLE.COLUMN". */
typedef struct
{
  GHashTable *tables;    /* -> StCheckTable */
  GHashTable *columns;   /* -> StCheckColumn */
  GHashTable *leading;   /* set: the first column of some index */
  GHashTable *variables; /* of the server, names in lower case; empty on SQLite */
  guint capabilities;
} StCheckFacts;

struct _StCheck
{
  StCheckSettings settings;
  GPtrArray *findings;      /* of StCheckFinding */
  StCheckResult results[2]; /* by StSchemaPart */

  /* The database in hand. */
  StDatabase *database;
  StSchemaPart part;
  StCheckFacts facts;

  char *server;           /* nullable: the one whose settings are told */
  GHashTable *tenants;    /* nullable: not known; domain in lower case -> GINT_TO_POINTER (id) */
  GHashTable *tenant_ids; /* the same, the other way round: set of ids */
};

gboolean st_check_facts_read (StCheck *check, GError **error);
void st_check_facts_clear (StCheckFacts *facts);
/* Names in upper case. */
const StCheckTable *st_check_find_table (const StCheck *check, const char *table);
const StCheckColumn *st_check_find_column (const StCheck *check, const char *table, const char *column);
gboolean st_check_has_index (const StCheck *check, const char *table, const char *column);
/* The collation folds case, so that "=" finds more than the same bytes. FALSE for a column that is not there. */
gboolean st_check_folds_case (const StCheck *check, const char *table, const char *column);
/* (nullable): not a variable of this server. */
const char *st_check_variable (const StCheck *check, const char *name);
gboolean st_check_variable_is (const StCheck *check, const char *name, const char *value);
gboolean st_check_is_mysql (const StCheck *check);

/* A finding about the database in hand. */
#define ST_CHECK_ADD(check, severity, code, why, action, ...)                                                          \
  st_check_add ((check), (check)->part, (severity), (code), (why), (action), __VA_ARGS__)
/* @what: "the policies of subscriptions". */
void st_check_not_checked (StCheck *check, const char *what, const GError *error);
/* "apimctl COMMAND --home DIR". Free with g_free(). */
char *st_check_hint (const StCheck *check, const char *command);

gint64 st_check_deadline (const StCheck *check);
StQuery *st_check_query (StCheck *check, const StStatement *statement, GError **error);
/* The first row's columns as text, NULL where it has NULL. *values: (transfer full): @n of them; all NULL without a
 * row. */
gboolean st_check_read_row (StCheck *check, const StStatement *statement, guint n, char **values, GError **error);

/* A growing "a, b, c and more". */
#define ST_CHECK_SHOWN 5
typedef struct
{
  GString *text;
  guint n;
} StCheckList;
void st_check_list_add (StCheckList *list, const char *name);
void st_check_list_clear (StCheckList *list);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (StCheckList, st_check_list_clear)
/* "5" or, when @n is not below @limit, "at least 1000". Free with g_free(). */
char *st_check_count_text (guint64 n, guint64 limit);

/* st-check-schema.c. FALSE: there is nothing further to look at. */
gboolean st_check_schema (StCheck *check);
/* st-check-generation.c */
void st_check_generation (StCheck *check);
/* st-check-server.c */
void st_check_server (StCheck *check);
/* st-check-time.c */
void st_check_time (StCheck *check);
/* st-check-index.c */
void st_check_indexes (StCheck *check);
/* st-check-reads.c */
void st_check_reads (StCheck *check);
void st_check_feed (StCheck *check);
void st_check_portal (StCheck *check);
/* st-check-rows.c */
void st_check_rows (StCheck *check);
/* st-check-tokens.c */
void st_check_tokens (StCheck *check);
/* st-check-policies.c */
void st_check_policies (StCheck *check);
/* st-check-users.c */
void st_check_user_rows (StCheck *check);
/* Fills check->tenants and check->tenant_ids, carbon.super among them; NULL when they cannot be read. */
void st_check_read_tenants (StCheck *check, StDatabase *users);

G_END_DECLS
#endif
