/* One Thrift call from its arguments to its answer: the part that may block, free of sockets, so that it runs on a worker or on a pool thread alike.
 * Threads: one at a time. */
#ifndef KV_CALL_H
#define KV_CALL_H

#include "keyvalidator/kv-facts.h"
#include "keyvalidator/kv-sessions.h"
#include "thrift/tw-key-validation.h"

G_BEGIN_DECLS

/* What a call is answered with, from where and by which rules. Shared by all calls; immutable. */
typedef struct
{
  KvStores stores;
  KvSessions *sessions;
  CoreValidationRules rules;
  gint64 timeout_us;               /* for everything that one call asks the stores */
  gboolean templates_without_session; /* Apimd/AllowUriTemplatesWithoutSession (spec 2.5) */
} KvCallContext;

typedef enum
{
  KV_ANSWER_DECISION,      /* decision */
  KV_ANSWER_URI_TEMPLATES, /* resources */
  KV_ANSWER_EXCEPTION,     /* exception, message */
} KvAnswer;

typedef struct
{
  KvAnswer answer;
  CoreDecision decision;
  KvFacts facts; /* what decision points into */
  StResources *resources;
  GPtrArray *scopes; /* nullable: not asked for; of each of the resources: its scope, "" without; NULL: not known */
  TwDeclaredException exception;
  const char *message;  /* static */
  KvSession *session;   /* nullable: verified during the call; the connection may remember it */
  const char *end_user_token; /* nullable: the backend JWT of a decision; one of the next two has it */
  KvCacheEntry *remembered_jwt;
  char *made_jwt;
  gboolean has_ticket;
  KvCacheTicket jwt_ticket; /* from before the first fact, if has_ticket */
  char texts[2048];     /* terminated copies of arguments; decision points into it too */
} KvCallResult;

void kv_call_result_clear (KvCallResult *result);

/* Makes @result ready for the functions below. Its buffers need no clearing. */
void kv_call_result_init (KvCallResult *result);

/* Answers the call if everything that it needs is remembered; its session is known to be good. Never blocks.
 * FALSE: kv_call_run() goes on with what was found. */
gboolean kv_call_try (const KvCallContext *context, TwMethod method, const TwArguments *arguments, KvCallResult *result);

/* Answers the call. @session_verified: the caller already knows that the session is good. Blocks on the stores. */
void kv_call_run (const KvCallContext *context, TwMethod method, const TwArguments *arguments, gboolean session_verified,
                  KvCallResult *result);

/* The exception for a call that could not even be tried. */
void kv_call_result_set_exception (KvCallResult *result, TwDeclaredException exception, const char *message);

#define KV_MESSAGE_INVALID_SESSION "Invalid session id for thrift authenticator."
#define KV_MESSAGE_OVERLOADED "The key manager has too many look-ups waiting. Try again."

G_END_DECLS
#endif
