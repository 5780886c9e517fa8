/* Basic credentials that were found right a moment ago, as keyed fingerprints, so that a client which sends them with every request costs neither a
 * look-up nor a password hash each time. Bounded: a slot's older credentials give way. What they led to is up to the owner: a note of its own.
 * Threads: any. */
#ifndef KV_CREDENTIAL_MEMORY_H
#define KV_CREDENTIAL_MEMORY_H

#include "common/apim-clock.h"
#include "net/net-http-credentials.h"

G_BEGIN_DECLS

/* Credentials remembered at once: there are as many as accounts that gateways and resource servers use. */
#define KV_CREDENTIAL_SLOTS 256
#define KV_CREDENTIAL_NOTE_SIZE 64

typedef struct _KvCredentialMemory KvCredentialMemory;

/* @clock: borrowed. @remember_ms: how long; 0: nothing is remembered. */
KvCredentialMemory *kv_credential_memory_new (const ApimClock *clock, gint64 remember_ms);
void kv_credential_memory_free (KvCredentialMemory *memory); /* wipes it */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KvCredentialMemory, kv_credential_memory_free)

/* FALSE: not remembered. @note: (out): at least KV_CREDENTIAL_NOTE_SIZE bytes, terminated; only on TRUE. */
gboolean kv_credential_memory_recall (KvCredentialMemory *memory, const NetHttpBasic *basic, char *note);

/* @note: shorter than KV_CREDENTIAL_NOTE_SIZE. */
void kv_credential_memory_remember (KvCredentialMemory *memory, const NetHttpBasic *basic, const char *note);

G_END_DECLS
#endif
