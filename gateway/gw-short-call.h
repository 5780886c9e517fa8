/* One short request to a backend and its whole answer: how a gateway asks Key Managers over HTTP. Body and answer are in
 * memory, the answer up to a limit.
 *
 *   call->ended = ...;
 *   gw_short_call_begin (call, upstream, worker, &request);
 *   gw_short_call_field (call, "Accept", "application/json", NULL);   as many as there are
 *   gw_short_call_send (call, body, length);
 *
 * and then ended() comes once, never before gw_short_call_send() returns. It is embedded in whatever the caller keeps for a
 * question, and may be begun anew when it has ended.
 *
 * Threads: as gw-upstream.h: one worker. */
#ifndef GW_SHORT_CALL_H
#define GW_SHORT_CALL_H

#include "gateway/gw-upstream.h"

G_BEGIN_DECLS

typedef struct
{
  GwUpstreamTarget *target; /* the caller's reference, kept until the end */
  const char *method;       /* "GET" without a body, or "POST" with one */
  const char *path;
  gsize max_answer;  /* bytes of its body */
  gint64 timeout_ms; /* 0: it is over as soon as it has begun */
  gboolean to_head;  /* the time-out is for the head of the answer alone; the rest has what gw-upstream gives it */
} GwShortRequest;

/* Lives until ended() returns. */
typedef struct
{
  const char *why; /* there is no whole answer, for logs; NULL: there is one */
  guint status;
  gboolean too_long; /* over max_answer: there are no bytes */
  const guint8 *bytes; /* nullable: an empty one */
  gsize length;
} GwShortAnswer;

typedef struct _GwShortCall GwShortCall;
/* Zero-initialise. */
struct _GwShortCall
{
  /* The call is the caller's again: it may be freed, or begun anew. */
  void (*ended) (GwShortCall *call, const GwShortAnswer *answer);
  /*< private >*/
  GwUpstreamExchange exchange;
  NetTimer timer;
  NetBuffer bytes;
  gsize max_answer;
  guint status;
  unsigned running : 1;
  unsigned too_long : 1;
};

/* @call: ended() is set. Nothing is kept of @request but the target. */
void gw_short_call_begin (GwShortCall *call, GwUpstream *upstream, NetWorker *worker, const GwShortRequest *request);

/* A field of the head, beside Host, User-Agent and Content-Length, in the order of the wire. Its value is what follows @name,
 * texts one behind the other up to NULL: without line breaks. */
void gw_short_call_field (GwShortCall *call, const char *name, ...) G_GNUC_NULL_TERMINATED;

/* The request is whole. @body: NULL of a GET. */
void gw_short_call_send (GwShortCall *call, const void *body, gsize length);

/* Nobody wants the answer: ended() does not come. Does nothing where none is under way. */
void gw_short_call_cancel (GwShortCall *call);

/* After the workers have ended: what it may still hold. */
static inline void
gw_short_call_clear (GwShortCall *call)
{
  net_buffer_clear (&call->bytes);
}

static inline gboolean
gw_short_call_is_running (const GwShortCall *call)
{
  return call->running;
}

G_END_DECLS
#endif
