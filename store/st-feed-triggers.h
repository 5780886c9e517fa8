/* The triggers of the change feed that suit a MySQL or MariaDB database as it is, of any generation 1.9 to 2.6 or in
 * between: those that our own migrations make for the 2.6 shape (sql/mysql/), brought to the tables and columns that
 * are there.
 *   - A table that is missing gets none.
 *   - Without ACCESS_TOKEN_HASH (before 2.2) the subject of a token is the digest of its text, which the database
 *     computes; without CONSUMER_KEY_ID and TOKEN_ID (1.9) CONSUMER_KEY and TOKEN_SCOPE are compared. Another column that
 *     is missing is NULL.
 *   - Partitions of the token table (spec/databases.md 3.3) get triggers like its own.
 * So on a database of the 2.6 shape they are the migrations' own, letter by letter, and the feed says the same
 * everywhere.
 * Threads: any; nothing here asks a database. Private to store/. */
#ifndef ST_FEED_TRIGGERS_H
#define ST_FEED_TRIGGERS_H

#include "store/st-tables.h"
#include "store/st-schema.h"

G_BEGIN_DECLS

/* All names of feed triggers begin so; those of the user part continue with "UM_". */
#define ST_FEED_TRIGGER_PREFIX "APIM_FEED_"

typedef struct
{
  char *name;
  char *sql;        /* CREATE TRIGGER ... END, without a semicolon behind it */
  const char *body; /* BEGIN ... END, in sql */
} StFeedTrigger;

/* (element-type StFeedTrigger): in the order of the migrations, partitions behind; empty when nothing of @part is
 * there. Frees its elements. */
GPtrArray *st_feed_triggers_new (const StTables *columns, StSchemaPart part);

/* Whether @body, as the server gives it back, is the trigger's but for blanks. */
gboolean st_feed_trigger_has_body (const StFeedTrigger *trigger, const char *body);

/* Which part a trigger of the feed belongs to, by its name. */
StSchemaPart st_feed_trigger_part (const char *name);

/* CREATE TABLE of the feed, without a semicolon behind it. Free with g_free(). */
char *st_feed_table_sql (void);

G_END_DECLS
#endif
