/* One cached fact: an immutable copy of a record of store/st-records.h, packed with its key into one allocation.
 *
 * A million tokens are a million allocations and not ten: the record's pointers lead to texts behind it in the same
 * block, and the texts that nearly every row holds ("PRIMARY", "APPLICATION", the default scope) to static memory. A
 * borrower reads an StToken like any other.
 *
 * Threads: any; an entry never changes, and goes with its last reference. */
#ifndef KV_CACHE_ENTRY_H
#define KV_CACHE_ENTRY_H

#include "store/st-records.h"

G_BEGIN_DECLS

typedef struct _KvCacheEntry KvCacheEntry;

/* No allocation, no lock. (nullable) */
void kv_cache_entry_unref (KvCacheEntry *entry);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KvCacheEntry, kv_cache_entry_unref)

/* The fact of an entry of that kind; borrowed from the entry. */

/* Of a token or of a self-contained one. *tenant_domain: (out) (nullable): as CoreFacts.token_tenant_domain. Never NULL: unknown tokens are in KvNegative. */
const StToken *kv_cache_entry_token (const KvCacheEntry *entry, const char **tenant_domain);

/* NULL: it is known that there is none. */
const StSubscription *kv_cache_entry_subscription (const KvCacheEntry *entry);
const StScope *kv_cache_entry_scope (const KvCacheEntry *entry);
const StApiDefault *kv_cache_entry_api_default (const KvCacheEntry *entry);

/* NULL-terminated, not NULL. */
const char *const *kv_cache_entry_roles (const KvCacheEntry *entry);

/* A backend JWT that was made. No fact, but made of facts: what changes them makes it untrue. */
typedef struct
{
  char *text;
  gint64 good_until_us; /* monotonic: until then it may be handed out */
} KvSignedJwt;

/* Not NULL. */
const KvSignedJwt *kv_cache_entry_jwt (const KvCacheEntry *entry);

/* An OAuth client whose owner's tenant is active: what tokens for its application are issued by. */
typedef struct
{
  guint64 secret[2]; /* keyed fingerprint, if has_secret */
  gint64 id;
  char *owner_name;
  char *owner_domain;  /* user store */
  char *tenant_domain; /* of the owner */
  char *grant_types;
  gint tenant_id; /* of the owner */
  gboolean has_secret;
  gboolean active; /* APP_STATE */
  gint64 application_token_s; /* as StOauthClient has them */
  gint64 refresh_token_s;
} KvClient;

/* Not NULL. */
const KvClient *kv_cache_entry_client (const KvCacheEntry *entry);

/* The ACTIVE token that an application has for what it asked for. */
typedef struct
{
  char *access_token;
  char *scope; /* words, as answers tell them */
  gint64 issued_ms;
  gint64 validity_ms;
} KvGranted;

/* Not NULL. */
const KvGranted *kv_cache_entry_granted (const KvCacheEntry *entry);

/* Of an application's tokens. */
typedef struct
{
  gboolean jwt;
} KvTokenKind;

/* Not NULL. */
const KvTokenKind *kv_cache_entry_token_kind (const KvCacheEntry *entry);

G_END_DECLS
#endif
