/* Fresh databases for tests: SQLite files in a folder of their own, or schemas on the MariaDB that the environment
 * names (tests/lib/mariadb-scratch). Threads: one. */
#ifndef STORE_FIXTURE_H
#define STORE_FIXTURE_H

#include "store/st-database.h"

G_BEGIN_DECLS

typedef struct
{
  char *folder;       /* SQLite: holds api.sqlite and user.sqlite */
  char *socket;       /* MySQL */
  char *api_schema;   /* MySQL */
  char *user_schema;  /* MySQL */
  ApimDataSource api; /* texts are borrowed from above */
  ApimDataSource users;
  ApimLimits limits;
  ApimUserStoreSettings settings;
  StDatabase *api_database; /* after store_fixture_open() */
  StDatabase *user_database;
} StoreFixture;

/* Nothing is in the databases yet; the SQLite files do not exist. */
StoreFixture *store_fixture_sqlite (void);

/* The socket that APIM_TEST_MYSQL_SOCKET names; NULL without. */
const char *store_fixture_mysql_socket (void);
/* @socket: of a running server; @charset: "latin1 COLLATE latin1_swedish_ci". Two empty schemas. */
StoreFixture *store_fixture_mysql (const char *socket, const char *charset);

/* Migrates both and opens them. */
void store_fixture_open (StoreFixture *fixture);

/* After store_fixture_open(), MySQL: takes out what tells our databases from WSO2's: their versions and change feeds. */
void store_fixture_make_foreign (StoreFixture *fixture);

/* Statements that end with ";" at a line's end. */
void store_fixture_run (StDatabase *database, const char *script);

/* The triggers whose names are LIKE @names; there must be some. */
void store_fixture_drop_triggers (StDatabase *database, const char *names);

/* Removes everything. */
void store_fixture_free (StoreFixture *fixture);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StoreFixture, store_fixture_free)

G_END_DECLS
#endif
