/* Databases of every generation with OAuth clients in them, for tests of what is written there: the product's own
 * schema on SQLite and MariaDB, and the fixtures of tests/fixtures/generations on MariaDB. Threads: one, but for the
 * database. */
#ifndef OAUTH_WORLD_H
#define OAUTH_WORLD_H

#include "store/st-oauth-token-writes.h"
#include "tests/lib/store-fixture.h"

G_BEGIN_DECLS

/* What the specification says of a database, said apart from the product's probes. */
typedef struct
{
  const char *name;
  const char *fixture; /* of tests/fixtures/generations; NULL: the product's own schema */
  gboolean mysql;
  gboolean ids;
  gboolean pkce;
  gboolean state;
  gboolean validity;
  gboolean id_token_validity;
  StOauthHash hash;
} OauthGeneration;

extern const OauthGeneration oauth_generations[]; /* ends with one without a name */

typedef struct
{
  const OauthGeneration *generation;
  StoreFixture *fixture;
  StDatabase *database; /* apimgtdb */
  StOauthForm form;
  StOauthClient *client; /* in the database */
  StWriter writer;       /* between oauth_world_begin() and _commit() or _rollback() */
  StTokenTables *token_tables; /* of the writer */
  GPtrArray *statements; /* that live as long as the connections */
} OauthWorld;

/* The world of @generation; the one that was used before is removed. */
OauthWorld *oauth_world_of (const OauthGeneration *generation);
/* Removes the last one. */
void oauth_world_end (void);

void oauth_world_begin (OauthWorld *world);
void oauth_world_commit (OauthWorld *world);
void oauth_world_rollback (OauthWorld *world);

/* The rows of a query, columns joined by "|", rows by "\n", NULL as "NULL". Free with g_free(). Within the transaction,
 * where one is open. */
char *oauth_world_select (OauthWorld *world, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* The query's rows are @expected. */
#define oauth_world_assert(world, expected, ...) \
  do \
    { \
      g_autofree char *rows_ = oauth_world_select (world, __VA_ARGS__); \
      g_assert_cmpstr (rows_, ==, expected); \
    } \
  while (0)
/* One statement. */
void oauth_world_run (OauthWorld *world, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* A token of the user "alice" of the super tenant, issued two hours ago, with @scopes (space-separated) and random
 * secrets, not in the database. */
StOauthToken *oauth_world_token (const char *scopes);
/* A client that is in the database, after a transaction of its own. */
StOauthClient *oauth_world_client (OauthWorld *world);

G_END_DECLS
#endif
