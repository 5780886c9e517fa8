/* What the files of the authenticator share. Everything here belongs to one worker, unless it says otherwise. */
#ifndef GW_AUTHENTICATOR_PRIVATE_H
#define GW_AUTHENTICATOR_PRIVATE_H

#include "gateway/gw-authenticator.h"
#include "gateway/gw-ended-tokens.h"

G_BEGIN_DECLS

#define GW_AUTH_VERSION_PREFIX "_default_"

typedef struct _GwAuthFlight GwAuthFlight;
typedef struct _GwAuthForget GwAuthForget;

/* What one worker remembers, and waits for. */
typedef struct
{
  GwAuthenticator *authenticator;
  GwKeyCache *grants, *refusals, *revoked;
  GHashTable *resources; /* GwCacheKey: context, NUL, version, NUL -> GwResourceList; owns both */
  GwEndedTokens *ended;  /* nullable: where nothing is judged here */
  GHashTable *flights;   /* GwAuthFlight.key -> GwAuthFlight, which it owns until it lands */
  GwAuthCounters counters;
  GwAuthForget *forgets; /* atomic: what any thread asks it to forget, a stack */
  NetTask forget_task;   /* so that it comes around to that */
  gboolean forget_posted; /* atomic: the task */
} GwAuthWorker;

struct _GwAuthenticator
{
  GwKeyValidator *validator;
  GwJwt *jwt; /* nullable */
  GwAuthSettings settings;
  const ApimClock *clock;
  ApimHashKey hash_key;
  NetReactor *reactor;
  guint n_workers;
  GwAuthWorker *workers;
};

/* A call that waits: its question copied, in the list of its flight. */
struct _GwAuthWait
{
  GwAuthWorker *worker;
  NetWorker *net_worker;
  GwAuthCall *call; /* nullable: cancelled */
  GwAuthQuestion question;
  gboolean checking;        /* gw_authenticator_check() has not returned */
  gboolean asked_resources; /* the Key Manager was asked for them on this call's behalf: once is enough */
  GwAuthWait *next;
};

/* A question that is under way. */
struct _GwAuthFlight
{
  GwKeyQuestion question; /* first: answered() gets it */
  GwAuthWorker *worker;
  GwCacheKey *key; /* of the answer; one with a token is of validateKey */
  TwText id;       /* gw_token_id() of the token, behind the arguments; absent without one */
  gint64 asked_us;
  gboolean outdated; /* something was forgotten meanwhile: the answer is not remembered */
  GwAuthWait *waits;
};

/* gw-authenticator.c: as far as it goes with what is remembered. @wait: nullable: of a call that waited
 * already. FALSE: it has to wait; the call is in a flight. */
gboolean gw_auth_proceed (GwAuthWorker *worker, NetWorker *net_worker, const GwAuthQuestion *question,
                          GwAuthCall *call, GwAuthWait *wait, gboolean unavailable);

/* Whether the token with this id was revoked a while ago. */
gboolean gw_auth_is_revoked (GwAuthWorker *worker, TwText id);

/* gw-authenticator-wait.c */
/* @key: of the answer; @arguments: what to ask, if nobody asks yet. Copies all that it needs. */
void gw_auth_wait_for (GwAuthWorker *worker, NetWorker *net_worker, TwMethod method, const GwCacheKey *key,
                       const TwArguments *arguments, const GwAuthQuestion *question, GwAuthCall *call,
                       GwAuthWait *wait);

/* gw-authenticator-forget.c */
void gw_auth_forget_taken (GwAuthWorker *worker);
void gw_auth_run_forget (NetTask *task, NetWorker *net_worker);

/* Before anything is believed. */
static inline void
gw_auth_forget_waiting (GwAuthWorker *worker)
{
  if (__atomic_load_n (&worker->forgets, __ATOMIC_ACQUIRE) != NULL)
    gw_auth_forget_taken (worker);
}

/* Tables with GwCacheKey as keys. The copy is freed with g_free(). */
guint gw_auth_key_hash (gconstpointer key);
gboolean gw_auth_key_equal (gconstpointer a, gconstpointer b);
GwCacheKey *gw_auth_key_copy (const GwCacheKey *key);

G_END_DECLS
#endif
