/* Self-contained access tokens (docs/jwt.md), judged by the gateway itself where Apimd/JwtCertificates names who signs
 * them: the signature, the times, the subscription, the kind of token and the scope, as the Key Manager would judge what
 * the token says. It never grants what the Key Manager would refuse for any of these.
 *
 * What the token does not say, or what the gateway cannot know, is the Key Manager's to answer: another issuer, key or
 * algorithm, a subscription that is not among those of the token (it may be newer), a resource whose scope was not told
 * (only Key Managers of this product tell it, over Thrift), a token that somebody told about, or that was issued before
 * this gateway listened (gw-ended-tokens.h). So a revocation counts from when the gateway is told of it. What a token
 * cannot say, and this check does not see: that its subscription was blocked since, or that its user lost a role.
 *
 * A signature costs a worker about 20 us, once for each answer that it remembers; wrong ones are paid from a budget
 * (Limits/UnknownTokensPerSecond), so that a flood of forged tokens leaves the worker its time for others.
 *
 * Threads: gw_jwt_judge() on any worker; gw_jwt_set_keys() on any thread. */
#ifndef GW_JWT_H
#define GW_JWT_H

#include "common/apim-config.h"
#include "core/core-json.h"
#include "core/core-jwt-keys.h"
#include "gateway/gw-authenticator.h"
#include "gateway/gw-ended-tokens.h"

G_BEGIN_DECLS

/* Texts are copied. */
typedef struct
{
  const char *issuer;            /* what "iss" must say */
  const char *application_scope; /* nullable: the scope that makes an application's token; ApplicationTokenScope */
  gint64 skew_ms;                /* TimestampSkew */
  guint bad_per_second;          /* Limits/UnknownTokensPerSecond; 0: any number */
} GwJwtSettings;

/* The public keys of the certificates in a file, which is PEM, or a key store of carbon.xml's trust store password: at
 * most CORE_JWT_MAX_KEYS, of RSA or P-256. Blocks. NULL with APIM_KEY_STORE_ERROR. */
CoreJwtKeys *gw_jwt_load_keys (const ApimConfig *config, GError **error);

GwJwt *gw_jwt_new (const GwJwtSettings *settings, CoreJwtKeys *keys, const ApimClock *clock);
void gw_jwt_free (GwJwt *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwJwt, gw_jwt_free)

/* From the next judgement on. */
void gw_jwt_set_keys (GwJwt *self, CoreJwtKeys *keys);

typedef enum
{
  GW_JWT_ASK, /* the Key Manager */
  GW_JWT_GRANTED,
  GW_JWT_REFUSED,
  GW_JWT_BUSY, /* the budget is spent: nobody knows */
} GwJwtVerdict;

typedef struct
{
  TwKeyValidationInfo info; /* of GRANTED and REFUSED; texts live until gw_jwt_answer_clear() */
  /*< private >*/
  CoreJson *claims;
  char application_id[24];
} GwJwtAnswer;

/* @question: with a token. @resource: what it asks for. */
GwJwtVerdict gw_jwt_judge (GwJwt *self, const GwAuthQuestion *question, const TwUriTemplate *resource,
                           GwEndedTokens *ended, GwJwtAnswer *answer);
void gw_jwt_answer_clear (GwJwtAnswer *answer);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GwJwtAnswer, gw_jwt_answer_clear)

G_END_DECLS
#endif
