/* Databases that writes are tried on: SQLite, and where the environment names a MariaDB our own schema and that of
 * every release (tests/fixtures/generations), with a forgiving server and with a strict one that knows no zero dates.
 * Threads: one, but for the database. */
#ifndef WRITE_WORLD_H
#define WRITE_WORLD_H

#include "store/st-writer.h"
#include "tests/lib/store-fixture.h"

G_BEGIN_DECLS

typedef struct
{
  StoreFixture *fixture;
  StDatabase *database; /* apimgtdb; the fixture's */
  const char *name;     /* "sqlite", "ours", or the release's */
  const char *sql_mode; /* of the server's sessions; NULL on SQLite */
  guint capabilities;
  StWriter writer;
} WriteWorld;

/* Adds a test case @path/<database> for each database; @test gets one without rows. With APIM_TEST_BRIEF in the environment
 * (tools/check, of all builds but one) it does what write_world_add_few() does. */
void write_world_add (const char *path, void (*test) (WriteWorld *world));
/* For what is built on writes that were tried with write_world_add(): SQLite, our own schema, the oldest and the newest
 * release, with a strict server. */
void write_world_add_few (const char *path, void (*test) (WriteWorld *world));
/* g_test_run(), and then the databases go, which all cases shared. */
int write_world_run_tests (void);

gboolean write_world_has (const WriteWorld *world, guint capabilities);

/* One operation: write_end (world, st_write_x (write_begin (world), ..., &error)) commits it, or rolls it back. */
StWriter *write_begin (WriteWorld *world);
gboolean write_end (WriteWorld *world, gboolean done);
/* The same of one that must succeed. */
#define WRITE(world, call) \
  G_STMT_START \
  { \
    g_autoptr (GError) error = NULL; \
    StWriter *writer = write_begin (world); \
    write_end (world, (call)); \
    g_assert_no_error (error); \
  } \
  G_STMT_END
/* Of one that must be refused with @code and a message that has @words. */
#define REFUSE(world, code, words, call) \
  G_STMT_START \
  { \
    g_autoptr (GError) error = NULL; \
    StWriter *writer = write_begin (world); \
    g_assert_false (write_end (world, (call))); \
    g_assert_error (error, ST_ERROR, code); \
    write_world_assert_words (error, words); \
  } \
  G_STMT_END
void write_world_assert_words (const GError *error, const char *words);

/* Asserts what a SELECT finds: columns joined by "|", rows by a line feed; NULL is "NULL". */
void write_world_rows (WriteWorld *world, const char *select, const char *expected);
/* One number. */
gint64 write_world_number (WriteWorld *world, const char *select);
/* A statement of the test's own, which runs with a forgiving server. */
void write_world_run (WriteWorld *world, const char *sql);

/* A text of @length characters "a"; never freed. */
const char *write_world_long (gsize length);

G_END_DECLS
#endif
