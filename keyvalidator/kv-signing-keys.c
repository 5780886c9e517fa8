#include "config.h"
#include "keyvalidator/kv-signing-keys.h"

#include "common/apim-key-store.h"
#include "common/apim-log.h"
#include "core/core-jwt.h"

struct _KvSigningKeys
{
  GMutex lock;
  CoreJwtKeys *keys; /* under the lock */
  gint generation;   /* written under the lock, read atomically */
};

static void
set_keys (KvSigningKeys *self, CoreJwtKeys *keys)
{
  CoreJwtKeys *old;

  g_mutex_lock (&self->lock);
  old = self->keys;
  self->keys = core_jwt_keys_ref (keys);
  g_atomic_int_inc (&self->generation);
  g_mutex_unlock (&self->lock);
  core_jwt_keys_unref (old);
}

static void
add_pair (CoreJwtKeys *keys, const ApimKeyPair *pair)
{
  int bits = EVP_PKEY_get_bits (pair->key);

  if (!core_jwt_keys_add (keys, pair->key, pair->certificate))
    apim_warning ("keyvalidator",
                  "JWTs are not signed with the node's %s key of %d bits: it must be RSA of %d bits or more, or EC on "
                  "the curve P-256",
                  EVP_PKEY_get0_type_name (pair->key), bits, CORE_JWT_MIN_RSA_BITS);
  else if (EVP_PKEY_get_base_id (pair->key) == EVP_PKEY_RSA && bits < CORE_JWT_GOOD_RSA_BITS)
    apim_warning ("keyvalidator", "JWTs are signed with the node's RSA key of %d bits: replace it by one of %d or more",
                  bits, CORE_JWT_GOOD_RSA_BITS);
}

static CoreJwtKeys *
load_keys (const ApimConfig *config, GError **error)
{
  const ApimBackendJwtSettings *backend = &config->backend_jwt;
  g_autoptr (GPtrArray) pairs = apim_key_store_load (config, error);
  g_autoptr (CoreJwtKeys) keys = NULL;

  if (pairs == NULL)
    return NULL;
  keys = core_jwt_keys_new ();
  for (guint i = 0; i < pairs->len; i++)
    add_pair (keys, pairs->pdata[i]);
  if (!backend->enabled || !backend->sign || core_jwt_keys_first (keys, CORE_JWT_RS256) != NULL)
    return g_steal_pointer (&keys);
  g_set_error_literal (error, CORE_JWT_ERROR, CORE_JWT_ERROR_UNKNOWN_KEY,
                       "backend JWTs are signed with an RSA key (api-manager.xml JWTConfiguration/SignatureAlgorithm), "
                       "and the node's key store has "
                       "none: add one, or set EnableJWTGeneration to false");
  return NULL;
}

KvSigningKeys *
kv_signing_keys_new_from (CoreJwtKeys *keys)
{
  KvSigningKeys *self = g_new0 (KvSigningKeys, 1);

  g_mutex_init (&self->lock);
  set_keys (self, keys);
  return self;
}

KvSigningKeys *
kv_signing_keys_new (const ApimConfig *config, GError **error)
{
  g_autoptr (CoreJwtKeys) keys = load_keys (config, error);

  return keys == NULL ? NULL : kv_signing_keys_new_from (keys);
}

void
kv_signing_keys_free (KvSigningKeys *self)
{
  if (self == NULL)
    return;
  core_jwt_keys_unref (self->keys);
  g_mutex_clear (&self->lock);
  g_free (self);
}

gboolean
kv_signing_keys_reload (KvSigningKeys *self, const ApimConfig *config, GError **error)
{
  g_autoptr (CoreJwtKeys) keys = load_keys (config, error);

  if (keys == NULL)
    return FALSE;
  set_keys (self, keys);
  return TRUE;
}

CoreJwtKeys *
kv_signing_keys_get (KvSigningKeys *self, guint *generation)
{
  CoreJwtKeys *keys;

  g_mutex_lock (&self->lock);
  keys = core_jwt_keys_ref (self->keys);
  if (generation != NULL)
    *generation = (guint) self->generation;
  g_mutex_unlock (&self->lock);
  return keys;
}

guint
kv_signing_keys_generation (const KvSigningKeys *self)
{
  return (guint) g_atomic_int_get (&self->generation);
}
