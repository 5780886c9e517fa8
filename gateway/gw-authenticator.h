/* Whether a call of an API may pass: what the engine asks for each request
 * (spec/gateway-and-traffic-manager.md 1.5, 3).
 *
 * Answered at once from this worker's caches, which takes no lock and allocates nothing; otherwise the call
 * waits for the Key Manager. Identical questions of a worker are one. Fail closed: whatever breaks, nobody
 * passes.
 *
 * Key of a remembered answer: context (with its tenant), version, whether it came over the default version,
 * resource, verb, the auth type that the resource asks for, client domain, token. Grants are believed for
 * TokenCacheExpiry, counted from the question and not from the last use, and never past the token's own end
 * (then 900901, as in every release). Refusals are believed for a moment only and kept apart, so that a flood
 * of wrong tokens displaces no grant. While no Key Manager answers, what is remembered goes on for a grace
 * beyond its time (0 unless configured), still not past the token's end.
 *
 * Answers go by the token's id (gw-token-id.h) when it has ended: a self-contained token may come as another text
 * than the one that is told.
 *
 * Threads: gw_authenticator_check() and what belongs to a call on the call's worker; forgetting from any
 * thread. */
#ifndef GW_AUTHENTICATOR_H
#define GW_AUTHENTICATOR_H

#include "common/apim-clock.h"
#include "gateway/gw-key-cache.h"
#include "gateway/gw-key-validator.h"
#include "gateway/gw-resource-list.h"
#include "net/net-reactor.h"

G_BEGIN_DECLS

/* Longer tokens are refused without a question. */
#define GW_AUTH_MAX_TOKEN 8192
/* All parts of a key together. */
#define GW_AUTH_MAX_KEY 16384

typedef struct
{
  guint max_answers; /* grants that a worker remembers, about 0.7 kB each; refusals: an eighth of that */
  gint64 grant_ms;   /* how long a grant and an API's resources are believed */
  gint64 refusal_ms; /* the same of refusals, and of APIs and resources that the Key Manager did not know */
  gint64 grace_ms;   /* beyond grant_ms while no Key Manager answers */
} GwAuthSettings;

/* 100,000 answers, 15 minutes, 2 s, none. */
extern const GwAuthSettings gw_auth_standard_settings;

typedef enum
{
  GW_AUTH_PENDING, /* done() is called later */
  GW_AUTH_GRANTED,
  GW_AUTH_REFUSED,     /* code */
  GW_AUTH_UNAVAILABLE, /* nobody could be asked: 503, 900900 */
} GwAuthStatus;

/* Codes that are made here; the Key Manager's other ones are passed on (2.2). */
#define GW_AUTH_CODE_GENERAL 900900
#define GW_AUTH_CODE_INVALID_CREDENTIALS 900901
#define GW_AUTH_CODE_MISSING_CREDENTIALS 900902
#define GW_AUTH_CODE_WRONG_TOKEN_TYPE 900905
#define GW_AUTH_CODE_INCORRECT_RESOURCE 900906
#define GW_AUTH_CODE_INVALID_SCOPE 900910

/* What is known of a request. Nothing of it need live longer than gw_authenticator_check(). */
typedef struct
{
  TwText context;           /* GwApi.context */
  TwText version;           /* GwApi.version */
  gboolean default_version; /* it came through the API of the default version: the Key Manager is told
                               "_default_" */
  TwText resource;          /* gw_pattern_text() */
  TwText verb;              /* upper case */
  TwText token;             /* absent: the request has none */
  TwText client_domain;     /* absent: none */
} GwAuthQuestion;

typedef struct _GwAuthWait GwAuthWait;
typedef struct _GwAuthCall GwAuthCall;

/* The state of a request; zero-initialise it, set done(). */
struct _GwAuthCall
{
  /* A call that was pending is answered: status says how. On its worker; not from within
   * gw_authenticator_check(). */
  void (*done) (GwAuthCall *call);

  GwAuthStatus status;
  guint code; /* unless granted: 9009xx */
  const TwKeyValidationInfo
      *info;                     /* of a grant; of a refusal by the Key Manager. Until gw_auth_call_clear() */
  const TwUriTemplate *resource; /* nullable: throttling tier and auth type. Until gw_auth_call_clear() */
  gboolean anonymous; /* auth type None: info says so; the client's address stands for key and application */

  /*< private >*/
  GwKeyEntry *entry;
  GwResourceList *resources;
  GwAuthWait *wait; /* while pending */
};

typedef struct _GwAuthenticator GwAuthenticator;
typedef struct _GwJwt GwJwt; /* gw-jwt.h */

/* @validator, @reactor: borrowed. */
GwAuthenticator *gw_authenticator_new (GwKeyValidator *validator, const GwAuthSettings *settings,
                                       NetReactor *reactor, const ApimClock *clock);
/* Self-contained tokens are judged by @jwt (borrowed), and the Key Manager is asked only about what it cannot judge.
 * Before the first check. */
void gw_authenticator_set_jwt (GwAuthenticator *authenticator, GwJwt *jwt, gint64 skew_ms);
/* After the workers have ended: no call is pending any more. */
void gw_authenticator_free (GwAuthenticator *authenticator);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwAuthenticator, gw_authenticator_free)

/* Returns: call->status. */
GwAuthStatus gw_authenticator_check (GwAuthenticator *authenticator, NetWorker *worker,
                                     const GwAuthQuestion *question, GwAuthCall *call);
/* Nobody waits for a pending call any more: done() is not called. */
void gw_auth_call_cancel (GwAuthCall *call);
/* Lets go of what the answer points to, and of a pending call. */
void gw_auth_call_clear (GwAuthCall *call);

/* Forgets what every worker remembers of a token: the next call asks, from this function's return on. An answer that is under way is given to
 * those who asked before and is not remembered. */
void gw_authenticator_forget_token (GwAuthenticator *authenticator, const char *token, gsize length);
/* The same, and the token is refused with 900901 from now on, for as long as a grant is believed: whatever an
 * answer from before the revocation says. */
void gw_authenticator_revoke_token (GwAuthenticator *authenticator, const char *token, gsize length);
/* Forgets the resources of all APIs: some were changed. */
void gw_authenticator_forget_resources (GwAuthenticator *authenticator);

/* Forgets what every worker remembers of all tokens, but for those that were revoked: whom they were granted by is not
 * believed any more. */
void gw_authenticator_forget_answers (GwAuthenticator *authenticator);

/* Sums over all workers; any thread. */
typedef struct
{
  guint64 granted, refused, unavailable;
  guint64 asked;  /* questions to Key Managers */
  guint64 joined; /* calls that waited for another one's question */
  guint64 judged; /* self-contained tokens that no Key Manager was asked about */
} GwAuthCounters;
void gw_authenticator_read_counters (GwAuthenticator *authenticator, GwAuthCounters *counters);

G_END_DECLS
#endif
