/* What is forgotten on all workers, and from when on: from the return of the function that asked for it. Whoever revokes a
 * token answers his client then, and the client's next call may come to any worker. So a worker looks for what waits to
 * be forgotten before it believes anything, at each call; a task only sees to it that one without calls forgets, too. */
#include "config.h"
#include "gateway/gw-authenticator-private.h"
#include "gateway/gw-token-id.h"

#include <string.h>

typedef enum
{
  FORGET_TOKEN,
  FORGET_REVOKED_TOKEN,
  FORGET_RESOURCES, /* of all APIs */
  FORGET_ANSWERS,   /* about all tokens */
} ForgetKind;

struct _GwAuthForget
{
  GwAuthForget *next;
  ForgetKind kind;
  gint64 expires_s; /* of a token */
  gsize length;     /* of a token's id */
  char id[];
};

static gboolean
concerns (const GwAuthForget *forget, const GwAuthFlight *flight)
{
  switch (forget->kind)
    {
    case FORGET_RESOURCES:
      return flight->question.method == TW_METHOD_GET_ALL_URI_TEMPLATES;
    case FORGET_ANSWERS:
      return flight->question.method == TW_METHOD_VALIDATE_KEY;
    default:
      return flight->id.length == forget->length && memcmp (flight->id.bytes, forget->id, forget->length) == 0;
    }
}

static void
outdate_flights (GwAuthWorker *worker, const GwAuthForget *forget)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, worker->flights);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      GwAuthFlight *flight = value;

      if (concerns (forget, flight))
        flight->outdated = TRUE;
    }
}

static void
forget_one_token (GwAuthWorker *worker, const GwAuthForget *forget)
{
  const TwText id = { forget->id, (guint32)forget->length };
  const GwCacheKey mark = { id.bytes, id.length, id.length };
  const ApimClock *clock = worker->authenticator->clock;

  gw_key_cache_remove_token (worker->grants, id);
  gw_key_cache_remove_token (worker->refusals, id);
  if (worker->ended != NULL)
    gw_ended_tokens_add (worker->ended, id, forget->expires_s);
  if (forget->kind == FORGET_REVOKED_TOKEN)
    gw_key_cache_insert (worker->revoked, &mark, id, NULL, apim_clock_monotonic_us (clock));
}

static void
forget_one (GwAuthWorker *worker, const GwAuthForget *forget)
{
  outdate_flights (worker, forget);
  switch (forget->kind)
    {
    case FORGET_TOKEN:
    case FORGET_REVOKED_TOKEN:
      forget_one_token (worker, forget);
      break;
    case FORGET_RESOURCES:
      g_hash_table_remove_all (worker->resources);
      break;
    case FORGET_ANSWERS:
      gw_key_cache_clear (worker->grants);
      gw_key_cache_clear (worker->refusals);
      break;
    }
}

/* Whatever their order: forgetting leaves the mark of a revoked token where it is. */
void
gw_auth_forget_taken (GwAuthWorker *worker)
{
  GwAuthForget *forget = __atomic_exchange_n (&worker->forgets, NULL, __ATOMIC_ACQUIRE);

  while (forget != NULL)
    {
      GwAuthForget *next = forget->next;

      forget_one (worker, forget);
      g_free (forget);
      forget = next;
    }
}

/* It may be posted again from here on: what comes now may not be among what is taken. */
void
gw_auth_run_forget (NetTask *task, NetWorker *net_worker G_GNUC_UNUSED)
{
  GwAuthWorker *worker = (GwAuthWorker *)((char *)task - G_STRUCT_OFFSET (GwAuthWorker, forget_task));

  __atomic_store_n (&worker->forget_posted, FALSE, __ATOMIC_SEQ_CST);
  gw_auth_forget_taken (worker);
}

static void
ask_worker (GwAuthenticator *authenticator, guint number, GwAuthForget *forget)
{
  GwAuthWorker *worker = &authenticator->workers[number];
  GwAuthForget *top = __atomic_load_n (&worker->forgets, __ATOMIC_RELAXED);

  do
    forget->next = top;
  while (!__atomic_compare_exchange_n (&worker->forgets, &top, forget, TRUE, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED));
  if (!__atomic_exchange_n (&worker->forget_posted, TRUE, __ATOMIC_SEQ_CST))
    net_worker_post (net_reactor_worker (authenticator->reactor, number), &worker->forget_task);
}

static void
forget_everywhere (GwAuthenticator *authenticator, ForgetKind kind, TwText id, gint64 expires_s)
{
  for (guint i = 0; i < authenticator->n_workers; i++)
    {
      GwAuthForget *forget = g_malloc0 (sizeof *forget + id.length);

      forget->kind = kind;
      forget->expires_s = expires_s;
      forget->length = id.length;
      if (id.length > 0)
        memcpy (forget->id, id.bytes, id.length);
      ask_worker (authenticator, i, forget);
    }
}

static void
forget_token (GwAuthenticator *authenticator, ForgetKind kind, const char *token, gsize length)
{
  GwTokenId id;

  if (length == 0 || length > GW_AUTH_MAX_TOKEN)
    return;
  gw_token_id ((TwText){ token, (guint32)length }, &id);
  forget_everywhere (authenticator, kind, id.text, id.expires_s);
}

void
gw_authenticator_forget_token (GwAuthenticator *authenticator, const char *token, gsize length)
{
  forget_token (authenticator, FORGET_TOKEN, token, length);
}

void
gw_authenticator_revoke_token (GwAuthenticator *authenticator, const char *token, gsize length)
{
  forget_token (authenticator, FORGET_REVOKED_TOKEN, token, length);
}

void
gw_authenticator_forget_resources (GwAuthenticator *authenticator)
{
  forget_everywhere (authenticator, FORGET_RESOURCES, (TwText){ NULL, 0 }, 0);
}

void
gw_authenticator_forget_answers (GwAuthenticator *authenticator)
{
  forget_everywhere (authenticator, FORGET_ANSWERS, (TwText){ NULL, 0 }, 0);
}
