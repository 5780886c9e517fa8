#include "config.h"
#include "keyvalidator/kv-backend-jwt.h"

#include "common/apim-log.h"
#include "core/core-backend-jwt.h"
#include "core/core-jwt.h"
#include "keyvalidator/kv-fact-memory.h"
#include "store/st-application.h"
#include "store/st-user-claims.h"

#include <string.h>

#define STANDARD_RETRIEVER "org.wso2.carbon.apimgt.impl.token.DefaultClaimsRetriever"
#define STANDARD_GENERATOR "JWTGenerator"
#define URL_SAFE_GENERATOR "URLSafeJWTGenerator"
#define APPLICATION_USER_TYPE "APPLICATION"
#define EVERYONE_ROLE "Internal/everyone"
/* What 1.x calls the user of an application's own token (spec/soap-and-oauth.md 6). */
#define NO_END_USER "null"

struct _KvBackendJwt
{
  ApimBackendJwtForm form;
  CoreJwtEncoding encoding;
  gboolean sign;
  char *dialect;
  gboolean with_user_claims;
  gint64 validity_ms;
  StDatabase *api_database;
  StDatabase *user_database;
  StUserStore *users;
  KvSigningKeys *keys;
};

/* The name of one JWT. */
typedef struct
{
  const char *context, *version; /* of the API, as the subscription has it */
  KvCacheKey key;                /* borrows from buffer */
  char context_buffer[KV_CONTEXT_SIZE];
  char buffer[KV_CACHE_KEY_SIZE];
} Name;

static const char *
class_name (const char *java_class)
{
  const char *dot = java_class == NULL ? NULL : strrchr (java_class, '.');

  return dot == NULL ? java_class : dot + 1;
}

/* Java classes of the operator's own cannot run here. */
static void
warn_about_classes (const ApimBackendJwtSettings *settings)
{
  const char *generator = class_name (settings->generator);

  if (generator != NULL && *generator != '\0' && strcmp (generator, STANDARD_GENERATOR) != 0
      && strcmp (generator, URL_SAFE_GENERATOR) != 0)
    apim_warning ("keyvalidator",
                  "api-manager.xml JWTConfiguration: the JWT generator %s is Java code and is not used: backend JWTs "
                  "have the form of "
                  "WSO2's own " STANDARD_GENERATOR,
                  settings->generator);
  if (settings->claims_retriever != NULL && *settings->claims_retriever != '\0'
      && strcmp (settings->claims_retriever, STANDARD_RETRIEVER) != 0)
    apim_warning ("keyvalidator",
                  "api-manager.xml JWTConfiguration: the claims retriever %s is Java code and is not used: users' "
                  "claims are read as "
                  "WSO2's own DefaultClaimsRetriever reads them",
                  settings->claims_retriever);
}

KvBackendJwt *
kv_backend_jwt_new (const ApimBackendJwtSettings *settings, KvSigningKeys *keys, StDatabase *api_database,
                    StDatabase *user_database, StUserStore *users)
{
  KvBackendJwt *self = g_new0 (KvBackendJwt, 1);

  self->keys = keys;
  self->form = settings->form;
  self->sign = settings->sign;
  self->encoding
      = g_strcmp0 (class_name (settings->generator), URL_SAFE_GENERATOR) == 0 ? CORE_JWT_BASE64URL : CORE_JWT_BASE64;
  self->dialect = g_strdup (settings->dialect);
  self->with_user_claims = settings->claims_retriever != NULL && *settings->claims_retriever != '\0';
  self->validity_ms = settings->validity_s * G_GINT64_CONSTANT (1000);
  self->api_database = api_database;
  self->user_database = user_database;
  self->users = users;
  warn_about_classes (settings);
  if (!self->sign)
    apim_warning (
        "keyvalidator",
        "api-manager.xml JWTConfiguration/SignatureAlgorithm is NONE: backend JWTs are not signed, so a backend "
        "cannot tell a gateway's from a stranger's");
  return self;
}

void
kv_backend_jwt_free (KvBackendJwt *self)
{
  if (self == NULL)
    return;
  g_free (self->dialect);
  g_free (self);
}

static gboolean
is_application_token (const StToken *token)
{
  return g_strcmp0 (token->user_type, APPLICATION_USER_TYPE) == 0;
}

/* FALSE: too long to be remembered; the context and version are set all the same. */
static gboolean
name_init (Name *name, const KvBackendJwtCall *call, guint generation)
{
  const CoreDecision *decision = call->decision;
  const StToken *token = call->facts->token;
  const StSubscription *subscription = call->facts->subscription;

  if (!core_validation_subscription_key (call->request, call->facts, name->context_buffer, sizeof name->context_buffer,
                                         &name->context, &name->version))
    name->context = call->request->context;
  name->version = subscription->api_version;
  if (call->memory == NULL)
    return FALSE;
  return kv_cache_key_jwt (
      &name->key, kv_cache_hash_key (call->memory->cache), name->buffer, generation, token->tenant_id,
      (const char *const[]){ token->user_domain, token->user_name, token->user_type, token->consumer_key,
                             decision->end_user_name, decision->subscriber, decision->application_id,
                             decision->application_name, decision->application_tier, decision->tier, decision->type,
                             name->context, name->version },
      13);
}

KvCacheEntry *
kv_backend_jwt_recall (KvBackendJwt *self, const KvBackendJwtCall *call)
{
  gint64 now_us = apim_clock_monotonic_us (call->clock);
  KvCacheEntry *entry;
  Name name;

  if (!name_init (&name, call, kv_signing_keys_generation (self->keys)) || !kv_memory_believes (call->memory, now_us))
    return NULL;
  entry = kv_cache_find (call->memory->cache, &name.key, now_us);
  if (entry == NULL || now_us < kv_cache_entry_jwt (entry)->good_until_us)
    return entry;
  kv_cache_entry_unref (entry);
  return NULL;
}

/* The user's claims */

/* WSO2 has no attribute for them: it asks for the roles and joins them. */
static gboolean
add_roles (KvBackendJwt *self, const StToken *token, const char *uri, gint64 deadline_us, GPtrArray *claims,
           GError **error)
{
  g_auto (GStrv) roles = NULL;
  g_autofree char *joined = NULL;
  g_autofree char *all = NULL;

  if (!st_user_store_find_roles (self->users, token->tenant_id, token->user_domain, token->user_name, deadline_us,
                                 &roles, error))
    return FALSE;
  joined = g_strjoinv (",", roles);
  all = roles[0] == NULL ? g_strdup (EVERYONE_ROLE) : g_strconcat (joined, "," EVERYONE_ROLE, NULL);
  st_user_claims_add (claims, uri, all);
  return TRUE;
}

/* Takes the mapping of the roles out of @mappings. Returns: (nullable): its claim. Free with g_free(). */
static char *
take_role_claim (GPtrArray *mappings)
{
  for (guint i = 0; i < mappings->len; i++)
    {
      const StClaimMapping *mapping = mappings->pdata[i];
      char *uri;

      if (strcmp (mapping->attribute, "role") != 0)
        continue;
      uri = g_strdup (mapping->uri);
      g_ptr_array_remove_index (mappings, i);
      return uri;
    }
  return NULL;
}

/* *claims: (transfer full) (nullable): NULL for a user that the user database does not hold. */
static gboolean
find_user_claims (KvBackendJwt *self, const StToken *token, gint64 deadline_us, GPtrArray **claims, GError **error)
{
  g_autoptr (StUser) user = NULL;
  g_autoptr (GPtrArray) mappings = NULL;
  g_autoptr (GPtrArray) found = NULL;
  g_autofree char *role_claim = NULL;

  *claims = NULL;
  if (!self->with_user_claims || g_ascii_strcasecmp (token->user_domain, ST_PRIMARY_USER_DOMAIN) != 0)
    return TRUE;
  if (!st_user_store_find_user (self->users, token->tenant_id, token->user_name, deadline_us, &user, error))
    return FALSE;
  if (user == NULL)
    return TRUE;
  if (!st_claim_mappings_find (self->user_database, token->tenant_id, self->dialect, deadline_us, &mappings, error))
    return FALSE;
  role_claim = take_role_claim (mappings);
  if (!st_user_claims_find (self->user_database, token->tenant_id, user->id, mappings, deadline_us, &found, error)
      || (role_claim != NULL && !add_roles (self, token, role_claim, deadline_us, found, error)))
    return FALSE;
  *claims = g_steal_pointer (&found);
  return TRUE;
}

/* Making */

static void
tell_end_user (KvBackendJwt *self, const KvBackendJwtCall *call, CoreBackendClaims *claims)
{
  claims->end_user = call->decision->end_user_name;
  claims->end_user_tenant_id = call->facts->token->tenant_id;
  if (self->form != APIM_BACKEND_JWT_1_X || !is_application_token (call->facts->token))
    return;
  claims->end_user = NO_END_USER;
  claims->end_user_tenant_id = ST_SUPER_TENANT_ID;
}

static char *
make_claims (KvBackendJwt *self, const KvBackendJwtCall *call, const Name *name, gint64 deadline_us, GError **error)
{
  const CoreDecision *decision = call->decision;
  const StToken *token = call->facts->token;
  CoreBackendClaims claims = {
    .form = self->form,
    .dialect = self->dialect,
    .expires_ms = apim_clock_wall_ms (call->clock) + self->validity_ms + KV_BACKEND_JWT_REUSE_MS,
    .subscriber = decision->subscriber,
    .application_id = decision->application_id,
    .application_name = decision->application_name,
    .application_tier = decision->application_tier,
    .api_context = name->context,
    .api_version = name->version,
    .tier = decision->tier,
    .key_type = decision->type,
    .user_type = token->user_type,
  };
  g_autoptr (StApplication) application = NULL;
  g_autoptr (GPtrArray) user_claims = NULL;

  tell_end_user (self, call, &claims);
  if (self->form == APIM_BACKEND_JWT_2_X
      && !st_application_find (self->api_database, token->consumer_key, deadline_us, &application, error))
    return NULL;
  if (application != NULL)
    {
      claims.application_uuid = application->uuid;
      claims.application_attributes = (const char *const *) application->attributes;
    }
  if (!find_user_claims (self, token, deadline_us, &user_claims, error))
    return NULL;
  claims.user_claims = user_claims;
  return core_backend_jwt_claims (&claims);
}

static char *
sign (KvBackendJwt *self, const CoreJwtKeys *keys, const char *claims, GError **error)
{
  const CoreJwtKey *key = self->sign ? core_jwt_keys_first (keys, CORE_JWT_RS256) : NULL;
  g_autofree char *header = core_backend_jwt_header (self->form, key);

  if (key == NULL)
    return core_jwt_make_unsigned (header, claims, self->encoding, error);
  return core_jwt_sign (key, header, claims, self->encoding, error);
}

static void
remember (const KvBackendJwtCall *call, const Name *name, char *text, gint64 made_us)
{
  KvMemory *memory = call->memory;
  const StToken *token = call->facts->token;
  const KvSignedJwt jwt = { text, made_us + KV_BACKEND_JWT_REUSE_MS * 1000 };
  KvCacheLoad load = { .key = &name->key, .ticket = call->ticket };

  if (kv_memory_state (memory) == KV_MEMORY_BYPASSED)
    return;
  load.tags[load.n_tags++] = kv_memory_tag_consumer_key (memory, token->consumer_key);
  load.tags[load.n_tags++] = kv_memory_tag_user (memory, token->tenant_id, token->user_name);
  kv_cache_insert_jwt (memory->cache, &load, &jwt);
}

char *
kv_backend_jwt_make (KvBackendJwt *self, const KvBackendJwtCall *call, gint64 deadline_us, GError **error)
{
  gint64 made_us = apim_clock_monotonic_us (call->clock);
  guint generation;
  g_autoptr (CoreJwtKeys) keys = kv_signing_keys_get (self->keys, &generation);
  g_autofree char *claims = NULL;
  gboolean named;
  char *text;
  Name name;

  named = name_init (&name, call, generation);
  claims = make_claims (self, call, &name, deadline_us, error);
  if (claims == NULL)
    return NULL;
  text = sign (self, keys, claims, error);
  if (text != NULL && named)
    remember (call, &name, text, made_us);
  return text;
}
