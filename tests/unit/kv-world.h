/* What tests of the Key Manager stand on: a small world in a scripted store, a clock that the test moves, sessions. */
#ifndef KV_WORLD_H
#define KV_WORLD_H

#include "common/apim-clock.h"
#include "common/apim-config.h"
#include "keyvalidator/kv-sessions.h"
#include "tests/lib/fake-store.h"

G_BEGIN_DECLS

#define KV_WORLD_NOW G_GINT64_CONSTANT (1500000000000)
#define KV_WORLD_TOKEN "a1b2c3d4e5f60718293a4b5c6d7e8f90" /* granted: /weather/1.0.0 1.0.0 */
#define KV_WORLD_CONTEXT "/weather/1.0.0"
#define KV_WORLD_VERSION "1.0.0"
#define KV_WORLD_RESOURCE "/city/*" /* GET asks for the scope "read" and the role "forecaster"; bob has both */
#define KV_WORLD_USER "admin"
#define KV_WORLD_PASSWORD "s3cret-P\xc3\xa4"

typedef struct
{
  FakeStore *store;
  ApimManualClock clock;
  KvSessions *sessions;
  guint8 key[CORE_SESSION_KEY_SIZE];
  ApimConfig config; /* only what the Key Manager's parts read is set */
  char session_id[CORE_SESSION_ID_LENGTH + 1]; /* of KV_WORLD_USER, issued KV_WORLD_NOW */
} KvWorld;

void kv_world_init (KvWorld *world);
void kv_world_clear (KvWorld *world);

/* Puts the administrator in with this stored hash (of KV_WORLD_PASSWORD by default, with its salt). */
void kv_world_set_admin (KvWorld *world, gint id, const char *password_hash);
/* A deadline that no test reaches. */
gint64 kv_world_deadline (void);

G_END_DECLS
#endif
