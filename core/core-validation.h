/* The key validation decision: a pure function of a request, the facts known so far, and the time. No I/O.
 *
 * The chain is token, subscription, scope (spec/thrift-key-validation.md 7, spec/decisions.md 9, 12, 17).
 * core_validation_next() walks it over the facts at hand and either decides or names the fact it needs next; the
 * caller loads that fact and asks again. So one function serves cached facts (it decides at once) and cold ones, and
 * expiry is always measured against the clock of this call.
 *
 * Threads: pure functions over the caller's memory. */
#ifndef CORE_VALIDATION_H
#define CORE_VALIDATION_H

#include "store/st-records.h"

G_BEGIN_DECLS

/* Status codes of spec/thrift-key-validation.md 7.7. */
typedef enum
{
  CORE_STATUS_OK = 0,
  CORE_STATUS_GENERAL_ERROR = 900900,
  CORE_STATUS_INVALID_CREDENTIALS = 900901,
  CORE_STATUS_WRONG_TOKEN_TYPE = 900905,
  CORE_STATUS_API_BLOCKED = 900907,
  CORE_STATUS_FORBIDDEN = 900908,
  CORE_STATUS_SUBSCRIPTION_INACTIVE = 900909,
  CORE_STATUS_INVALID_SCOPE = 900910,
} CoreStatus;

/* What configuration says about the rules. */
typedef struct
{
  gint64 skew_ms;                      /* TimestampSkew */
  gboolean user_tokens_never_expire;   /* server-wide validity < 0 (spec 7.2) */
  gboolean app_tokens_never_expire;
  gboolean advanced_throttling;
  const char *application_token_scope; /* "am_application_scope" */
} CoreValidationRules;

typedef enum
{
  CORE_VALIDATE_KEY,
  CORE_VALIDATE_HANDSHAKE, /* validateKeyforHandshake: spec 6.4, decisions.md 11; needs no level and no scope */
} CoreValidationKind;

/* What is asked; terminated texts, NULL where the client did not send them. */
typedef struct
{
  CoreValidationKind kind;
  const char *context;
  const char *version;           /* may begin with "_default_" */
  const char *required_level;
  const char *matching_resource; /* nullable: generations I and II send none, and no scope is checked then (spec 2.5) */
  const char *http_verb;         /* nullable, likewise */
} CoreValidationRequest;

/* A fact is unknown, known to be absent (known, value NULL), or known. Values are borrowed. */
typedef struct
{
  gboolean token_known;
  const StToken *token;
  /* Domain of token->tenant_id, set with the token. NULL: the tenant does not exist, or is
   * switched off: refused, 900901. */
  const char *token_tenant_domain;
  /* The client showed the JWT that stands for the token, signed here, and not the stored text. */
  gboolean token_self_contained;
  gboolean api_default_known;      /* handshake only */
  const StApiDefault *api_default;
  gboolean subscription_known;
  const StSubscription *subscription;
  gboolean scope_known;
  const StScope *scope;
  gboolean roles_known;
  /* Of the token's user, now, Internal/everyone left out. None at all: a user that the user store does not know. */
  const char *const *roles;
} CoreFacts;

typedef enum
{
  CORE_NEED_NOTHING,      /* *decision is made */
  CORE_NEED_TOKEN,        /* by access token */
  CORE_NEED_API_DEFAULT,  /* by request->context */
  CORE_NEED_SUBSCRIPTION, /* by core_validation_subscription_key() and the token's consumer key */
  CORE_NEED_SCOPE,        /* by core_validation_resource_path() */
  CORE_NEED_ROLES,        /* of the token's user */
} CoreNeed;

/* The answer. Texts are borrowed from facts and request, or sit in the buffers at the end; NULL = not sent. Field
 * presence by how far the chain got: spec/thrift-key-validation.md 6.2, 7.2, 7.3. */
typedef struct
{
  gboolean authorized;
  CoreStatus status;
  const char *end_user_name; /* [DOMAIN/]user@tenant */
  const char *consumer_key;
  gint64 validity_ms; /* G_MAXINT64: never expires */
  gint64 issued_ms;
  const char *subscriber, *tier, *type, *application_id, *application_name, *application_tier;
  const char *api_name, *api_publisher, *api_tier;
  gboolean content_aware;
  gint spike_arrest_limit;
  const char *spike_arrest_unit;
  gboolean stop_on_quota_reach;
  const char *subscriber_tenant_domain;
  const char *throttling_data;

  char end_user_buffer[512];
  char api_name_buffer[512]; /* handshake: "<name>*<version>" */
  char application_id_buffer[16];
} CoreDecision;

/* @now_ms: UTC, milliseconds.
 * Returns: what to load before asking again; CORE_NEED_NOTHING when @decision is made. Fails closed: a fact that
 * makes no sense refuses, and as long as something is needed @decision says refused, 900900. A decision points into
 * itself: do not copy it. */
CoreNeed core_validation_next (const CoreValidationRequest *request, const CoreFacts *facts,
                               const CoreValidationRules *rules, gint64 now_ms, CoreDecision *decision);

/* What find_subscription must be asked for: context and version (*version NULL = any: "_default_..."), with the
 * handshake's default version applied (decisions.md 11). @context_buffer: where a context with an appended version is
 * made. FALSE when it does not fit, or context or version were not sent: no such API, so the subscription is known to
 * be absent. For the handshake @facts must know the API default. */
gboolean core_validation_subscription_key (const CoreValidationRequest *request, const CoreFacts *facts,
                                           char *context_buffer, gsize size, const char **context,
                                           const char **version);

/* context "/" version-without-"_default_" matching_resource ":" verb (spec 7.4) into @buffer. FALSE when it does not
 * fit, or a part is missing: then nothing is known about the resource's scope, and the caller must refuse (900900),
 * not call the scope absent. */
gboolean core_validation_resource_path (const CoreValidationRequest *request, char *buffer, gsize size);

/* What a subscription's status (nullable) says to keys of this kind: CORE_STATUS_OK, or why they are refused (spec 7.3
 * item 4, decisions.md 3). */
CoreStatus core_subscription_standing (const char *status, const char *key_type);

/* The tenant part of a subscriber's name (nullable), or the super tenant: a part of @subscriber, or static. */
const char *core_subscriber_tenant (const char *subscriber);

/* The tenant domain of an API by its context: "/t/<domain>/..." or the super tenant's (decisions.md 1). Copies at
 * most @size bytes. */
gboolean core_context_tenant_domain (const char *context, char *domain, gsize size);

G_END_DECLS
#endif
