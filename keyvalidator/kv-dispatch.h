/* Where a call runs: on its worker where nothing has to be waited for, else on the database pool. One for every
 * protocol that asks for validations, so that they share cache, flights and pool.
 *
 * A protocol first tries kv_dispatch_here(). Where that says FALSE, the call becomes a KvLateCall: a job on the
 * database pool whose answer is posted back; calls with the same token join the job that is under way; when the pool is
 * full, it is answered at once with an honest error. Whatever breaks, the answer is an exception, never authorized=true
 * (Java fails open there, spec/thrift-key-validation.md 7.3 item 7).
 * Threads: calls come on workers. */
#ifndef KV_DISPATCH_H
#define KV_DISPATCH_H

#include "common/apim-config.h"
#include "common/apim-pool.h"
#include "keyvalidator/kv-call.h"
#include "keyvalidator/kv-flights.h"

G_BEGIN_DECLS

typedef struct _KvDispatch KvDispatch;

/* @stores (copied) and what they point to, @sessions, @pool: borrowed, must outlive every call. */
KvDispatch *kv_dispatch_new (const ApimConfig *config, const KvStores *stores, KvSessions *sessions, ApimPool *pool);
void kv_dispatch_free (KvDispatch *dispatch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KvDispatch, kv_dispatch_free)

const KvCallContext *kv_dispatch_context (const KvDispatch *dispatch);

/* Answers from memory, and from the stores where they answer inline (SQLite).
 * @session_verified: the caller knows that the call's session is good.
 * @result: initialised; the caller clears it in any case. FALSE: not answered, somebody has to wait. */
gboolean kv_dispatch_here (KvDispatch *dispatch, TwMethod method, const TwArguments *arguments,
                           gboolean session_verified, KvCallResult *result);

/* A call on its way through the database pool and back to its worker. Embed it; the first five fields are the
 * caller's. */
typedef struct _KvLateCall KvLateCall;
struct _KvLateCall
{
  TwMethod method;
  const TwArguments *arguments; /* what they point to too, until answered */
  NetWorker *worker;
  gboolean session_verified;
  /* On the worker, exactly once; owns the call from here on and clears its result. */
  void (*answered) (KvLateCall *call);

  KvCallResult result;
  KvDispatch *dispatch;
  ApimJob job;
  NetTask task;
  gboolean leads;  /* a flight that others may have joined */
  KvWaiter waiter; /* in the flight of its token; a follower waits in it for the leader's look-up */
};

/* On the worker. answered() may be called before this returns: the pool is full. */
void kv_dispatch_later (KvDispatch *dispatch, KvLateCall *call);

G_END_DECLS
#endif
