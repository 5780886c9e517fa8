/* The client's side of APIKeyValidationService: answers of any server and IDL generation, decoded in place
 * (spec/thrift-key-validation.md 2.4, 5.3, 5.4). Calls are encoded by tw_encode_call().
 *
 * The message was scanned before (tw_scan()). Unknown ids, and known ids of another type, are skipped; of a
 * repeated one the last counts; what is absent is zero, as for Java's clients. Fuzz target:
 * tests/fuzz/fuzz-binary.c. Threads: pure functions over the caller's memory. */
#ifndef TW_ANSWER_H
#define TW_ANSWER_H

#include "thrift/tw-key-validation.h"

G_BEGIN_DECLS

typedef enum
{
  TW_ANSWER_VALIDATION,    /* info */
  TW_ANSWER_URI_TEMPLATES, /* templates */
  /* message: of an exception, declared or not; also a reply without a result. Java's clients make no
   * difference: log in again, on a new connection (5.3). */
  TW_ANSWER_EXCEPTION,
  /* No answer to this call: another sequence id, another method, or no answer at all. Close the connection:
   * whatever comes next may be another call's. (Java does not look at the name.) */
  TW_ANSWER_OUT_OF_STEP,
} TwAnswerKind;

typedef struct
{
  TwAnswerKind kind;
  TwText message;
  TwKeyValidationInfo info; /* throttling_data: the first of the list */
  TwUriTemplate *templates; /* owned, as what their conditions lie in; texts are the message's */
  guint n_templates;
  TwText *conditions;
} TwAnswer;

/* @method, @sequence_id: of the call. @answer: clear it with tw_answer_clear(). */
void tw_answer_decode (TwAnswer *answer, TwMethod method, gint32 sequence_id, const guint8 *message,
                       const TwEnvelope *envelope);
void tw_answer_clear (TwAnswer *answer);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TwAnswer, tw_answer_clear)

G_END_DECLS
#endif
