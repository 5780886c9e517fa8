#include "config.h"
#include "gateway/gw-jwt.h"

#include "common/apim-budget.h"
#include "common/apim-key-store.h"
#include "common/apim-trust-store.h"
#include "core/core-jwt.h"
#include "gateway/gw-token-id.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>

#define LAST_SECOND_MS 1000 /* decisions.md 9 */

struct _GwJwt
{
  char *issuer;
  char *application_scope;
  gint64 skew_ms;
  const ApimClock *clock;
  ApimBudget bad;
  GMutex lock;
  CoreJwtKeys *keys; /* under the lock */
};

/* Keys */

static gboolean
add_certificate (CoreJwtKeys *keys, X509 *certificate, const char *path, GError **error)
{
  if (core_jwt_keys_add (keys, X509_get0_pubkey (certificate), certificate))
    return TRUE;
  g_set_error (error, APIM_KEY_STORE_ERROR, APIM_KEY_STORE_ERROR_FORMAT,
               "%s: only certificates of Key Managers that sign tokens belong here (Apimd/JwtCertificates), %d at the most, "
               "with RSA keys of %d bits or more, or P-256 keys",
               path, CORE_JWT_MAX_KEYS, CORE_JWT_MIN_RSA_BITS);
  return FALSE;
}

CoreJwtKeys *
gw_jwt_load_keys (const ApimConfig *config, GError **error)
{
  const char *path = config->gateway.jwt_certificates;
  g_autofree char *pem = apim_trust_store_read (path, config->trust_store.password, error);
  g_autoptr (CoreJwtKeys) keys = NULL;
  gboolean good = TRUE;
  X509 *certificate;
  BIO *bio;

  if (pem == NULL)
    return NULL;
  keys = core_jwt_keys_new ();
  bio = BIO_new_mem_buf (pem, -1);
  while (good && bio != NULL && (certificate = PEM_read_bio_X509 (bio, NULL, NULL, NULL)) != NULL)
    {
      good = add_certificate (keys, certificate, path, error);
      X509_free (certificate);
    }
  BIO_free (bio);
  ERR_clear_error (); /* that there is no further one */
  if (good && core_jwt_keys_count (keys) > 0)
    return g_steal_pointer (&keys);
  if (good)
    g_set_error (error, APIM_KEY_STORE_ERROR, APIM_KEY_STORE_ERROR_FORMAT, "%s: there is no certificate in the file", path);
  return NULL;
}

GwJwt *
gw_jwt_new (const GwJwtSettings *settings, CoreJwtKeys *keys, const ApimClock *clock)
{
  GwJwt *self = g_new0 (GwJwt, 1);

  self->issuer = g_strdup (settings->issuer);
  self->application_scope = g_strdup (settings->application_scope);
  self->skew_ms = settings->skew_ms;
  self->clock = clock;
  apim_budget_init (&self->bad, settings->bad_per_second);
  g_mutex_init (&self->lock);
  self->keys = core_jwt_keys_ref (keys);
  return self;
}

void
gw_jwt_free (GwJwt *self)
{
  if (self == NULL)
    return;
  core_jwt_keys_unref (self->keys);
  g_mutex_clear (&self->lock);
  g_free (self->issuer);
  g_free (self->application_scope);
  g_free (self);
}

void
gw_jwt_set_keys (GwJwt *self, CoreJwtKeys *keys)
{
  CoreJwtKeys *old;

  g_mutex_lock (&self->lock);
  old = self->keys;
  self->keys = core_jwt_keys_ref (keys);
  g_mutex_unlock (&self->lock);
  core_jwt_keys_unref (old);
}

static CoreJwtKeys *
get_keys (GwJwt *self)
{
  CoreJwtKeys *keys;

  g_mutex_lock (&self->lock);
  keys = core_jwt_keys_ref (self->keys);
  g_mutex_unlock (&self->lock);
  return keys;
}

/* Claims */

static const char *
text_of (const CoreJsonNode *object, const char *name)
{
  return core_json_string (core_json_member (object, name));
}

static gboolean
is_text (const CoreJsonNode *object, const char *name, TwText wanted)
{
  const char *text = text_of (object, name);

  return text != NULL && tw_text_equal (tw_text (text), wanted);
}

/* Among the words of @scope. */
static gboolean
has_scope (const char *scope, TwText wanted)
{
  const char *at = scope;

  while (*(at += strspn (at, " ")) != '\0')
    {
      gsize length = strcspn (at, " ");

      if (length == wanted.length && memcmp (at, wanted.bytes, length) == 0)
        return TRUE;
      at += length;
    }
  return FALSE;
}

/* The API's entry among the subscriptions. */
static const CoreJsonNode *
find_subscription (const CoreJsonNode *claims, const GwAuthQuestion *question)
{
  const CoreJsonNode *apis = core_json_member (claims, "subscribedAPIs");

  if (apis == NULL || core_json_type (apis) != CORE_JSON_ARRAY)
    return NULL;
  for (const CoreJsonNode *api = core_json_first (apis); api != NULL; api = core_json_next (api))
    if (is_text (api, "context", question->context)
        && (question->default_version || is_text (api, "version", question->version)))
      return api;
  return NULL;
}

static GwJwtVerdict
refuse (GwJwtAnswer *answer, guint code)
{
  answer->info = (TwKeyValidationInfo){ .validation_status = (gint32)code };
  return GW_JWT_REFUSED;
}

/* FALSE: the answer is a refusal. */
static gboolean
tell_life (const GwJwt *self, const CoreJsonNode *claims, TwKeyValidationInfo *info)
{
  gint64 now_ms = apim_clock_wall_ms (self->clock), expires_s = 0, remaining_ms;

  core_json_int64 (core_json_member (claims, "exp"), &expires_s);
  info->issued_time_ms = now_ms;
  info->validity_period_ms = G_MAXINT64;
  /* That it has not passed is known; a clock at its beginning makes the rest of a long life longer than there are numbers. */
  if (expires_s >= CORE_JWT_NEVER_S || __builtin_sub_overflow (expires_s * 1000, now_ms - self->skew_ms, &remaining_ms))
    return TRUE;
  info->validity_period_ms = remaining_ms / 1000 * 1000;
  return remaining_ms > LAST_SECOND_MS;
}

/* FALSE: the token does not say all that an answer has. */
static gboolean
tell_application (GwJwtAnswer *answer, const CoreJsonNode *claims, const CoreJsonNode *api)
{
  const CoreJsonNode *application = core_json_member (claims, "application");
  TwKeyValidationInfo *info = &answer->info;
  gint64 id;

  if (!core_json_int64 (core_json_member (application, "id"), &id))
    return FALSE;
  g_snprintf (answer->application_id, sizeof answer->application_id, "%" G_GINT64_FORMAT, id);
  info->application_id = tw_text (answer->application_id);
  info->application_name = tw_text (text_of (application, "name"));
  info->application_tier = tw_text (text_of (application, "tier"));
  info->subscriber = tw_text (text_of (application, "owner"));
  info->consumer_key = tw_text (text_of (claims, "consumerKey"));
  info->end_user_name = tw_text (text_of (claims, "sub"));
  info->type = tw_text (text_of (claims, "keytype"));
  info->tier = tw_text (text_of (api, "subscriptionTier"));
  info->api_name = tw_text (text_of (api, "name"));
  info->api_publisher = tw_text (text_of (api, "publisher"));
  info->subscriber_tenant_domain = tw_text (text_of (api, "subscriberTenantDomain"));
  /* The policy of the tier says that, which is not here: as for callers without a token. */
  info->stop_on_quota_reach = TRUE;
  info->authorized = TRUE;
  return info->application_name.bytes != NULL && info->subscriber.bytes != NULL && info->consumer_key.length > 0
         && info->end_user_name.length > 0 && info->tier.bytes != NULL && info->api_name.bytes != NULL
         && (tw_text_equal (info->type, TW_TEXT ("PRODUCTION")) || tw_text_equal (info->type, TW_TEXT ("SANDBOX")));
}

/* The kind of token that the resource asks for (spec/thrift-key-validation.md 7.3 item 1). */
static gboolean
fits_level (const GwJwt *self, const char *scope, TwText level)
{
  gboolean application = self->application_scope != NULL && has_scope (scope, tw_text (self->application_scope));

  if (tw_text_equal (level, TW_TEXT ("Application")))
    return application;
  if (tw_text_equal (level, TW_TEXT ("Application_User")))
    return !application;
  return level.length > 0;
}

/* By which it would be told of (gw-token-id.h); NULL: by its text, which ended tokens are not found by. */
static const char *
id_of (const CoreJsonNode *claims)
{
  const char *id = text_of (claims, "jti");

  return id != NULL && *id != '\0' && strlen (id) <= GW_TOKEN_ID_MAX ? id : NULL;
}

/* A token without scopes passes, as does a resource without one (7.4). */
static gboolean
fits_scope (const char *scope, TwText wanted)
{
  return wanted.length == 0 || scope[strspn (scope, " ")] == '\0' || has_scope (scope, wanted);
}

/* The token is genuine, and its time has come: the rest of the Key Manager's chain (7.1). */
static GwJwtVerdict
judge_claims (const GwJwt *self, const GwAuthQuestion *question, const TwUriTemplate *resource,
              GwEndedTokens *ended, GwJwtAnswer *answer)
{
  const CoreJsonNode *claims = core_json_root (answer->claims);
  const char *id = id_of (claims), *scope = text_of (claims, "scope");
  const CoreJsonNode *api;
  gint64 issued_s;

  if (id == NULL || scope == NULL || !core_json_int64 (core_json_member (claims, "iat"), &issued_s)
      || gw_ended_tokens_may_have (ended, id, issued_s))
    return GW_JWT_ASK;
  if (!tell_life (self, claims, &answer->info))
    return refuse (answer, GW_AUTH_CODE_INVALID_CREDENTIALS);
  if (!fits_level (self, scope, resource->auth_type))
    return refuse (answer, GW_AUTH_CODE_WRONG_TOKEN_TYPE);
  api = find_subscription (claims, question);
  if (api == NULL || resource->scope.bytes == NULL || !tell_application (answer, claims, api))
    return GW_JWT_ASK;
  return fits_scope (scope, resource->scope) ? GW_JWT_GRANTED : refuse (answer, GW_AUTH_CODE_INVALID_SCOPE);
}

/* What stands in the way of believing the token's claims. */
static GwJwtVerdict
judge_failure (GwJwt *self, const GError *why, GwJwtAnswer *answer)
{
  switch (why->code)
    {
    case CORE_JWT_ERROR_SIGNATURE:
      apim_budget_spend (&self->bad, apim_clock_monotonic_us (self->clock));
      return refuse (answer, GW_AUTH_CODE_INVALID_CREDENTIALS);
    case CORE_JWT_ERROR_EXPIRED:
    case CORE_JWT_ERROR_NOT_YET:
      return refuse (answer, GW_AUTH_CODE_INVALID_CREDENTIALS);
    default: /* perhaps the Key Manager knows what this is */
      return GW_JWT_ASK;
    }
}

GwJwtVerdict
gw_jwt_judge (GwJwt *self, const GwAuthQuestion *question, const TwUriTemplate *resource, GwEndedTokens *ended,
              GwJwtAnswer *answer)
{
  g_autoptr (CoreJwtKeys) keys = NULL;
  g_autoptr (GError) why = NULL;
  CoreJwtRules rules;

  memset (answer, 0, sizeof *answer);
  if (!core_jwt_has_form (question->token.bytes, question->token.length))
    return GW_JWT_ASK;
  if (!apim_budget_allows (&self->bad, apim_clock_monotonic_us (self->clock)))
    return GW_JWT_BUSY;
  keys = get_keys (self);
  rules = (CoreJwtRules){ .keys = keys,
                          .issuer = self->issuer,
                          .audience = CORE_JWT_FOR_GATEWAYS,
                          .now_s = apim_clock_wall_ms (self->clock) / 1000,
                          .skew_s = self->skew_ms / 1000 };
  if (!core_jwt_verify (question->token.bytes, question->token.length, &rules, &answer->claims, &why))
    return judge_failure (self, why, answer);
  return judge_claims (self, question, resource, ended, answer);
}

void
gw_jwt_answer_clear (GwJwtAnswer *answer)
{
  g_clear_pointer (&answer->claims, core_json_free);
}
