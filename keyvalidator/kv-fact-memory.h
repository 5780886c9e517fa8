/* Between one validation's facts and the node's memory: the name of a fact, recalling it, remembering it.
 * Used by kv-facts.c only. Threads: one at a time. */
#ifndef KV_FACT_MEMORY_H
#define KV_FACT_MEMORY_H

#include "keyvalidator/kv-facts.h"

G_BEGIN_DECLS

/* Longest context and resource path that a database can hold, with room for an appended version (AM_API.CONTEXT is 256 characters of up to
 * 4 bytes). */
#define KV_CONTEXT_SIZE 2048
#define KV_RESOURCE_PATH_SIZE 4096

/* A fact that is needed: what it is remembered under. */
typedef struct
{
  KvMemory *memory; /* nullable: it cannot be remembered */
  CoreNeed need;
  const ApimClock *clock;
  const char *access_token; /* of a token */
  gsize length;
  const char *context; /* of a subscription or an API default */
  KvCacheKey key;           /* of a JWT: of what it stands for, as a self-contained token */
  KvCacheTicket ticket;
  KvNegativeTicket negative_ticket;
  char buffer[KV_CACHE_KEY_SIZE];      /* key may point here */
  char text[KV_RESOURCE_PATH_SIZE];    /* context and key may point here */
} KvFactName;

void kv_fact_name_init (KvFactName *name, const KvStores *stores, CoreNeed need, const CoreValidationRequest *request,
                        const KvFacts *facts, const char *access_token, gsize length);

/* TRUE when the memory holds the fact: it is known in @facts then. No allocation. @now_us: of the monotonic clock. */
gboolean kv_fact_recall (const KvFactName *name, gint64 now_us, KvFacts *facts);

/* Before the fact is read from the database. */
void kv_fact_name_take_ticket (KvFactName *name);

/* The fact was read into @facts. */
void kv_fact_remember (const KvFactName *name, const KvFacts *facts);

G_END_DECLS
#endif
