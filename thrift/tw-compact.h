/* TCompactProtocol as far as AuthenticatorService.authenticate needs it (spec/thrift-key-validation.md 4, 8.1).
 * Strict about bounds: the body is whole before this is called. Fuzz target: tests/fuzz/fuzz-compact.c.
 * Threads: pure functions. */
#ifndef TW_COMPACT_H
#define TW_COMPACT_H

#include "net/net-buffer.h"
#include "thrift/tw-message.h"

G_BEGIN_DECLS

typedef struct
{
  TwText method; /* "authenticate", or another: answer UNKNOWN_METHOD */
  gint32 sequence_id;
  TwText user_name; /* absent when missing */
  TwText password;  /* absent when missing */
} TwAuthenticateCall;

/* Decodes the first message of @bytes; what follows it is ignored (spec 4.2).
 * Returns: FALSE for rubbish, an empty body, or anything over a limit. */
gboolean tw_compact_decode_authenticate (TwAuthenticateCall *call, const guint8 *bytes, gsize length);

void tw_compact_encode_session (NetBuffer *output, gint32 sequence_id, TwText session_id);
/* AuthenticationException, result field 1. */
void tw_compact_encode_refusal (NetBuffer *output, gint32 sequence_id, const char *message);
void tw_compact_encode_application_exception (NetBuffer *output, TwText method, gint32 sequence_id,
                                              TwApplicationError error, const char *message);

/* The client's side. */
void tw_compact_encode_authenticate (NetBuffer *output, gint32 sequence_id, TwText user_name, TwText password);

/* What a server says to it: one of the two is there. */
typedef struct
{
  TwText session_id;
  TwText message; /* of AuthenticationException, or of a TApplicationException */
} TwAuthenticateAnswer;

/* Returns: FALSE for anything that is no answer to the call of this sequence id. A reply without a result, as older
 * releases refuse a password, is the message "unknown result". */
gboolean tw_compact_decode_answer (TwAuthenticateAnswer *answer, gint32 sequence_id, const guint8 *bytes, gsize length);

G_END_DECLS
#endif
