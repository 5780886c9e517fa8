/* One small world that the store contract is tried on, as rows of a database and as records of the fake.
 * Threads: one to make and free it, any to read. */
#ifndef STORE_WORLD_H
#define STORE_WORLD_H

#include "tests/lib/fake-store.h"
#include "tests/lib/store-fixture.h"

G_BEGIN_DECLS

/* TIME_CREATED of every token, seconds since the epoch. */
#define STORE_WORLD_ISSUED_S 1700000000

typedef struct
{
  StoreFixture *fixture; /* NULL for the fake */
  FakeStore *fake;       /* NULL for a database */
  StKeyStore *keys;
  StUserStore *users;
} StoreWorld;

typedef enum
{
  STORE_WORLD_HASH_NONE,
  STORE_WORLD_HASH_HEX,
  STORE_WORLD_HASH_JSON,       /* {"hash":...,"algorithm":...} */
  STORE_WORLD_HASH_JSON_OTHER, /* the other order */
} StoreWorldHash;

typedef struct
{
  const char *token;
  StoreWorldHash form;
  guint client;
  const char *user;
  gint tenant_id;
  const char *user_domain;
  const char *validity;
  const char *state;
  const char *scopes; /* separated by a blank, in byte order */
} StoreWorldToken;

extern const StoreWorldToken store_world_tokens[];
extern const guint store_world_n_tokens;

/* @fixture: (transfer full): empty. */
StoreWorld *store_world_sql (StoreFixture *fixture);
StoreWorld *store_world_fake (void);
void store_world_free (StoreWorld *world);

G_END_DECLS
#endif
