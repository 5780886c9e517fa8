#include "config.h"
#include "keyvalidator/kv-cache-entry-private.h"

#include <openssl/crypto.h>
#include <string.h>

/* KvCacheEntry.domain */
enum
{
  DOMAIN_NONE,   /* the tenant does not exist */
  DOMAIN_SUPER,  /* ST_SUPER_TENANT_DOMAIN, which takes no room */
  DOMAIN_PACKED, /* behind the key */
};

#define MAX_TEXTS 12
#define NO_LIST (-1)

typedef struct
{
  char **roles;
} RolesRecord;

/* Which parts of a record lead elsewhere. */
typedef struct
{
  gsize size;
  gssize list; /* offset of a NULL-terminated list of texts, or NO_LIST */
  guint n_texts;
  guint16 texts[MAX_TEXTS]; /* offsets */
} RecordLayout;

#define AT(Type, field) G_STRUCT_OFFSET (Type, field)

#define TOKEN_LAYOUT                                                                                                   \
  {                                                                                                                    \
    sizeof (StToken), AT (StToken, scopes), 4,                                                                         \
    {                                                                                                                  \
      AT (StToken, consumer_key), AT (StToken, user_name), AT (StToken, user_domain), AT (StToken, user_type)          \
    }                                                                                                                  \
  }

static const RecordLayout layouts[KV_N_FACTS] = {
  [KV_FACT_TOKEN] = TOKEN_LAYOUT,
  [KV_FACT_SELF_CONTAINED] = TOKEN_LAYOUT,
  [KV_FACT_SUBSCRIPTION]
  = { sizeof (StSubscription),
      NO_LIST,
      12,
      { AT (StSubscription, subscriber), AT (StSubscription, tier), AT (StSubscription, status),
        AT (StSubscription, create_state), AT (StSubscription, application_name),
        AT (StSubscription, application_tier), AT (StSubscription, key_type), AT (StSubscription, api_name), AT (StSubscription, api_provider),
        AT (StSubscription, api_version), AT (StSubscription, api_tier), AT (StSubscription, rate_limit_unit) } },
  [KV_FACT_SCOPE] = { sizeof (StScope), AT (StScope, roles), 1, { AT (StScope, key) } },
  [KV_FACT_API_DEFAULT] = { sizeof (StApiDefault),
                            NO_LIST,
                            3,
                            { AT (StApiDefault, api_name), AT (StApiDefault, api_version),
                              AT (StApiDefault, default_version) } },
  [KV_FACT_ROLES] = { sizeof (RolesRecord), AT (RolesRecord, roles), 0, { 0 } },
  [KV_FACT_JWT] = { sizeof (KvSignedJwt), NO_LIST, 1, { AT (KvSignedJwt, text) } },
  [KV_FACT_CLIENT] = { sizeof (KvClient),
                       NO_LIST,
                       4,
                       { AT (KvClient, owner_name), AT (KvClient, owner_domain), AT (KvClient, tenant_domain),
                         AT (KvClient, grant_types) } },
  [KV_FACT_GRANT] = { sizeof (KvGranted), NO_LIST, 2, { AT (KvGranted, access_token), AT (KvGranted, scope) } },
  [KV_FACT_TOKEN_KIND] = { sizeof (KvTokenKind), NO_LIST, 0, { 0 } },
};

/* Texts and lists that need no room */

static char *
well_known_text (const char *text)
{
  static const char *const known[] = { ST_PRIMARY_USER_DOMAIN, "APPLICATION", "APPLICATION_USER" };

  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    if (strcmp (known[i], text) == 0)
      return (char *) known[i];
  return NULL;
}

/* What WSO2 writes when a client asks for no scope: for a user's token, and for an application's. */
static char **
well_known_list (char **list)
{
  static const char *const known[][2] = { { "default", NULL }, { "am_application_scope", NULL } };

  if (list[0] != NULL && list[1] == NULL)
    for (guint i = 0; i < G_N_ELEMENTS (known); i++)
      if (strcmp (known[i][0], list[0]) == 0)
        return (char **) known[i];
  return NULL;
}

/* Measuring */

static gsize
text_size (const char *text)
{
  return text == NULL || well_known_text (text) != NULL ? 0 : strlen (text) + 1;
}

/* NULL: none that would be packed. */
static char **
list_to_pack (const RecordLayout *layout, gconstpointer record)
{
  char **list = layout->list == NO_LIST ? NULL : G_STRUCT_MEMBER (char **, record, layout->list);

  return list == NULL || well_known_list (list) != NULL ? NULL : list;
}

static gsize
pointers_size (const RecordLayout *layout, gconstpointer record)
{
  char **list = list_to_pack (layout, record);

  return list == NULL ? 0 : (g_strv_length (list) + 1) * sizeof *list;
}

static gsize
texts_size (const RecordLayout *layout, gconstpointer record)
{
  gsize size = 0;

  for (guint i = 0; i < layout->n_texts; i++)
    size += text_size (G_STRUCT_MEMBER (const char *, record, layout->texts[i]));
  for (char **text = list_to_pack (layout, record); text != NULL && *text != NULL; text++)
    size += strlen (*text) + 1;
  return size;
}

/* What the allocation takes from glibc's heap: 8 bytes in front, rounded up to 16, at least 32. */
static gsize
charge_of (gsize size)
{
  return MAX ((size + 8 + 15) & ~(gsize) 15, 32);
}

/* Packing */

static char *
pack_text (char **place, const char *text)
{
  gsize size = strlen (text) + 1;
  char *copy = *place;

  memcpy (copy, text, size);
  *place += size;
  return copy;
}

/* @pointers: where the list itself goes; its texts go to *place. */
static char **
pack_list (char **pointers, char **place, char **list)
{
  guint n = 0;

  for (; list[n] != NULL; n++)
    pointers[n] = pack_text (place, list[n]);
  pointers[n] = NULL;
  return pointers;
}

static void
pack_record (const RecordLayout *layout, gconstpointer record, gpointer copy, char **pointers, char **place)
{
  memcpy (copy, record, layout->size);
  for (guint i = 0; i < layout->n_texts; i++)
    {
      char **text = G_STRUCT_MEMBER_P (copy, layout->texts[i]);
      char *known = *text == NULL ? NULL : well_known_text (*text);

      if (*text != NULL)
        *text = known != NULL ? known : pack_text (place, *text);
    }
  if (layout->list != NO_LIST && G_STRUCT_MEMBER (char **, copy, layout->list) != NULL)
    {
      char ***list = G_STRUCT_MEMBER_P (copy, layout->list);
      char **known = well_known_list (*list);

      *list = known != NULL ? known : pack_list (pointers, place, *list);
    }
}

static void
pack (KvCacheEntry *entry, const KvCacheKey *key, gconstpointer record, const char *tenant_domain)
{
  const RecordLayout *layout = &layouts[key->kind];
  char **pointers = (char **) ((char *) entry->payload + layout->size);
  char *place = (char *) entry + entry->key_at;

  if (key->length > 0)
    memcpy (place, key->bytes, key->length);
  place += key->length;
  if (entry->domain == DOMAIN_PACKED)
    pack_text (&place, tenant_domain);
  if (record != NULL)
    pack_record (layout, record, entry->payload, pointers, &place);
}

static guint8
domain_kind (const char *tenant_domain)
{
  if (tenant_domain == NULL)
    return DOMAIN_NONE;
  return strcmp (tenant_domain, ST_SUPER_TENANT_DOMAIN) == 0 ? DOMAIN_SUPER : DOMAIN_PACKED;
}

KvCacheEntry *
kv_cache_entry_new (const KvCacheKey *key, gconstpointer record, const char *tenant_domain)
{
  const RecordLayout *layout = &layouts[key->kind];
  const RolesRecord roles = { (char **) record };
  guint8 domain = domain_kind (tenant_domain);
  gsize key_at = sizeof (KvCacheEntry), size;
  KvCacheEntry *entry;

  if (key->kind == KV_FACT_ROLES)
    record = &roles;
  if (record != NULL)
    key_at += layout->size + pointers_size (layout, record);
  size = key_at + key->length + (domain == DOMAIN_PACKED ? strlen (tenant_domain) + 1 : 0)
         + (record == NULL ? 0 : texts_size (layout, record));
  if (key->length > KV_CACHE_KEY_SIZE || charge_of (size) > KV_CACHE_ENTRY_MAX)
    return NULL;
  entry = g_malloc (size);
  *entry = (KvCacheEntry){
    .references = 1,
    .charge_16 = (guint16) (charge_of (size) / 16),
    .key_at = (guint16) key_at,
    .key_length = (guint16) key->length,
    .kind = (guint8) key->kind,
    .domain = domain,
  };
  pack (entry, key, record, tenant_domain);
  return entry;
}

KvCacheEntry *
kv_cache_entry_ref (KvCacheEntry *entry)
{
  g_atomic_int_inc (&entry->references);
  return entry;
}

/* The texts are behind the key, in the order of the layout. */
static void
wipe_granted (KvCacheEntry *entry)
{
  char *access_token = ((KvGranted *) entry->payload)->access_token;

  if (access_token == (char *) entry + entry->key_at + entry->key_length)
    OPENSSL_cleanse (access_token, strlen (access_token));
}

void
kv_cache_entry_unref (KvCacheEntry *entry)
{
  if (entry == NULL || !g_atomic_int_dec_and_test (&entry->references))
    return;
  /* The key may be an access token. */
  OPENSSL_cleanse ((char *) entry + entry->key_at, entry->key_length);
  if (entry->kind == KV_FACT_GRANT)
    wipe_granted (entry);
  g_free (entry);
}

/* Reading */

static const char *
key_of (const KvCacheEntry *entry)
{
  return (const char *) entry + entry->key_at;
}

gboolean
kv_cache_entry_has_key (const KvCacheEntry *entry, const KvCacheKey *key)
{
  return entry->kind == key->kind && entry->key_length == key->length
         && (key->length == 0 || memcmp (key_of (entry), key->bytes, key->length) == 0);
}

static gconstpointer
record_of (const KvCacheEntry *entry, KvFactKind kind)
{
  g_return_val_if_fail (entry->kind == kind, NULL);
  return entry->key_at == sizeof *entry ? NULL : entry->payload;
}

const StToken *
kv_cache_entry_token (const KvCacheEntry *entry, const char **tenant_domain)
{
  switch (entry->domain)
    {
    case DOMAIN_NONE:
      *tenant_domain = NULL;
      break;
    case DOMAIN_SUPER:
      *tenant_domain = ST_SUPER_TENANT_DOMAIN;
      break;
    default:
      *tenant_domain = key_of (entry) + entry->key_length;
    }
  return record_of (entry, entry->kind == KV_FACT_SELF_CONTAINED ? KV_FACT_SELF_CONTAINED : KV_FACT_TOKEN);
}

const StSubscription *
kv_cache_entry_subscription (const KvCacheEntry *entry)
{
  return record_of (entry, KV_FACT_SUBSCRIPTION);
}

const StScope *
kv_cache_entry_scope (const KvCacheEntry *entry)
{
  return record_of (entry, KV_FACT_SCOPE);
}

const StApiDefault *
kv_cache_entry_api_default (const KvCacheEntry *entry)
{
  return record_of (entry, KV_FACT_API_DEFAULT);
}

const char *const *
kv_cache_entry_roles (const KvCacheEntry *entry)
{
  const RolesRecord *record = record_of (entry, KV_FACT_ROLES);

  return record == NULL ? NULL : (const char *const *) record->roles;
}

const KvSignedJwt *
kv_cache_entry_jwt (const KvCacheEntry *entry)
{
  return record_of (entry, KV_FACT_JWT);
}

const KvClient *
kv_cache_entry_client (const KvCacheEntry *entry)
{
  return record_of (entry, KV_FACT_CLIENT);
}

const KvGranted *
kv_cache_entry_granted (const KvCacheEntry *entry)
{
  return record_of (entry, KV_FACT_GRANT);
}

const KvTokenKind *
kv_cache_entry_token_kind (const KvCacheEntry *entry)
{
  return record_of (entry, KV_FACT_TOKEN_KIND);
}
