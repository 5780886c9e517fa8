/* Databases of every release and half-migrated ones, with the same rows as each of them writes them.
 * Threads: one. */
#ifndef GENERATION_WORLD_H
#define GENERATION_WORLD_H

#include "store/st-capabilities.h"
#include "store/st-sql-stores.h"
#include "tests/lib/fake-store.h"
#include "tests/lib/store-fixture.h"

G_BEGIN_DECLS

#define GENERATION_ISSUED_S 1700000000
#define TOKEN_TABLE "IDN_OAUTH2_ACCESS_TOKEN"

/* Shapes: what decides which tables there are and how rows are written. */
#define AM_1 ST_CAP_APIM
#define AM_2_0 (AM_1 | ST_CAP_API_TIER | ST_CAP_POLICIES)
#define AM_2_5 (AM_2_0 | ST_CAP_APP_TOKEN_TYPE)
#define IDN_1_9 ST_CAP_TOKEN_SCOPE_COLUMN
#define IDN_1_10 ST_CAP_TOKEN_IDS
#define IDN_2_1 (IDN_1_10 | ST_CAP_APP_STATE)
#define HASHES (IDN_2_1 | ST_CAP_TOKEN_HASH)
#define IDN_2_2 (HASHES | ST_CAP_SCOPE_BINDING)

typedef struct
{
  StoreFixture *fixture;
  FakeStore *tenants; /* example.com is 1 */
  StKeyStore *keys;
  guint capabilities;
  const char *name;
} GenerationWorld;

/* A token as a row, and what must be read of it. */
typedef struct
{
  const char *token;
  const char *hash;   /* where there are hashes: "hex", "json", or NULL */
  const char *key;    /* NULL: of a client that is gone */
  const char *domain; /* NULL: the column is NULL, or 1.9 leaves it out */
  const char *user;
  const char *tenant; /* its domain */
  gint tenant_id;
  const char *state;
  const char *validity;
  const char *scopes;
  gboolean found;
} GenerationToken;

extern const GenerationToken generation_tokens[];
extern const guint generation_n_tokens;

/* Empty tables of @shape; 0: no tables at all. */
GenerationWorld *generation_world_sqlite (const char *name, guint shape);
/* The fixture @name of tests/fixtures/generations, on the MariaDB of the environment. */
GenerationWorld *generation_world_mysql (const char *name);
void generation_world_free (GenerationWorld *world);

gboolean generation_world_has (const GenerationWorld *world, guint flag);
gboolean generation_world_is_mysql (const GenerationWorld *world);

/* Rows in every table, generation_tokens[] among them. */
void generation_world_fill (GenerationWorld *world);
/* A fresh key store. */
void generation_world_make_store (GenerationWorld *world, gboolean advanced_throttling,
                                  ApimTokenTime token_time);
/* Runs statements; MariaDB lets orphans and zero dates in. */
void generation_world_run (const GenerationWorld *world, const char *script);

/* Statements for generation_world_run(). @scope_table: NULL where the shape has none. */
void generation_world_add_token (const GenerationWorld *world, GString *script, const char *table,
                                 const char *scope_table, const GenerationToken *token);
void generation_world_add_copy (const GenerationWorld *world, GString *script, const char *name,
                                const char *original);

G_END_DECLS
#endif
