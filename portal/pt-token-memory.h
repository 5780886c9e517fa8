/* Whose bearer tokens were found good a moment ago, and what their users may do, so that a script with many
 * requests costs one look-up in a while. A token that is revoked, or a role that is taken away, is believed
 * as long as this remembers and no longer: CacheMaxAge (spec/soap-and-oauth.md 4.2, architecture 5). Threads:
 * any. */
#ifndef PT_TOKEN_MEMORY_H
#define PT_TOKEN_MEMORY_H

#include "common/apim-clock.h"
#include "core/core-actor.h"

G_BEGIN_DECLS

/* Tokens remembered at once; when it is full, all are forgotten. */
#define PT_TOKENS_REMEMBERED 4096

/* Who asks. Immutable. */
typedef struct
{
  CoreActor *actor;
  char **scopes;      /* NULL-terminated, not NULL */
  gint64 end_ms;      /* the token is no good from here on; G_MAXINT64: never ends */
  char *consumer_key; /* of the client that the token was given to */
} PtCaller;

/* (transfer full) of everything. Made with a reference. */
PtCaller *pt_caller_new (CoreActor *actor, char **scopes, char *consumer_key, gint64 end_ms);
PtCaller *pt_caller_ref (PtCaller *caller);
void pt_caller_unref (PtCaller *caller);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtCaller, pt_caller_unref)

typedef struct _PtTokenMemory PtTokenMemory;

/* @clock: borrowed. @remember_ms: 0: nothing is remembered. */
PtTokenMemory *pt_token_memory_new (const ApimClock *clock, gint64 remember_ms);
void pt_token_memory_free (PtTokenMemory *memory);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtTokenMemory, pt_token_memory_free)

/* (transfer full) (nullable): tokens are kept as digests. */
PtCaller *pt_token_memory_recall (PtTokenMemory *memory, const char *token, gsize length);
/* @from_ms: wall clock, from before the token was looked up: what changed during the look-up counts from
 * there. */
void pt_token_memory_remember (PtTokenMemory *memory, const char *token, gsize length, PtCaller *caller,
                               gint64 from_ms);

G_END_DECLS
#endif
