#include "config.h"
#include "keyvalidator/kv-self-contained.h"

#include "core/core-jwt.h"
#include "keyvalidator/oauth/kv-jwt-token.h"

struct _KvSelfContained
{
  char *issuer;
  KvSigningKeys *keys;
  const ApimClock *clock;
  gint64 skew_s;
};

KvSelfContained *
kv_self_contained_new (const ApimConfig *config, KvSigningKeys *keys, const ApimClock *clock)
{
  KvSelfContained *self = g_new0 (KvSelfContained, 1);

  self->issuer = kv_jwt_token_issuer (config);
  self->keys = keys;
  self->clock = clock;
  self->skew_s = config->timestamp_skew_ms / 1000;
  return self;
}

void
kv_self_contained_free (KvSelfContained *self)
{
  if (self == NULL)
    return;
  g_free (self->issuer);
  g_free (self);
}

guint
kv_self_contained_generation (const KvSelfContained *self)
{
  return kv_signing_keys_generation (self->keys);
}

char *
kv_self_contained_id (const KvSelfContained *self, const char *text, gsize length)
{
  g_autoptr (CoreJwtKeys) keys = NULL;
  g_autoptr (CoreJson) claims = NULL;

  if (!core_jwt_has_form (text, length))
    return NULL;
  keys = kv_signing_keys_get (self->keys, NULL);
  const CoreJwtRules rules = { .keys = keys,
                               .issuer = self->issuer,
                               .audience = CORE_JWT_FOR_GATEWAYS,
                               .now_s = apim_clock_wall_ms (self->clock) / 1000,
                               .skew_s = self->skew_s };
  if (!core_jwt_verify (text, length, &rules, &claims, NULL))
    return NULL;
  return g_strdup (core_json_string (core_json_member (core_json_root (claims), "jti")));
}
