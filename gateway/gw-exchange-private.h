/* What the files of an exchange share. */
#ifndef GW_EXCHANGE_PRIVATE_H
#define GW_EXCHANGE_PRIVATE_H

#include "gateway/gw-exchange.h"
#include "gateway/gw-health.h"
#include "gateway/gw-mediation.h"

G_BEGIN_DECLS

struct _GwExchange
{
  GwUpstreamExchange upstream; /* first: its events get it */
  GwAuthCall auth;
  GwExchange *next_spare;
  GwService *service;
  GwServiceWorker *worker;
  GwStream *stream;
  NetConn *conn; /* the stream's */
  NetWorker *net_worker;

  NetBuffer head; /* the request's, copied */
  NetHttpRequest request;

  /* Where the request goes. In a default version's hop these are of the API behind it. */
  NetHttpText target, path, query; /* the two latter are parts of the former */
  NetBuffer hop_target;
  gboolean lacks_password; /* a sequence asked for one that the vault does not have */
  gboolean hopped; /* it came through the API of the default version */
  GwTransport transport;
  GwApi *api;                 /* nullable: not found yet; a reference */
  const GwResource *resource; /* nullable: none yet; the API's */
  gsize rest;                 /* where in target what follows the context begins */
  GwVariables variables;
  GwText token; /* as the request has it; text NULL: none */

  GwMediation mediation;
  GwHeaderChange changes[GW_MEDIATION_MAX_SETTINGS];
  const NetHttpResponse *response; /* while an answer's head is looked at */
  gint32 error;                    /* of the transport, for fault sequences; 0: none */
  char error_text[12], time_text[24], status_text[12];

  const GwEndpoint *endpoint; /* where the sequence sent it: perhaps a group */
  const GwEndpoint *address;  /* which of them it is at */
  GwTries tries;
  NetBuffer kept;     /* of the body, for another try */
  gboolean keeps;     /* kept is all of the body so far */
  NetBuffer trailers; /* of the request, as they came: "name:value" CR LF... */
  gboolean body_whole;
  gboolean body_replaced; /* a sequence's text was sent instead of the request's */

  gint64 begun_us;   /* monotonic: its head was whole; 0: it never was */
  gint64 sent_us;    /* when it went to the backend */
  gint64 backend_us; /* until that began to answer; -1: it has not */
  guint64 bytes_in, bytes_out; /* of bodies */
  guint status;      /* of the answer; 0: there is none yet */

  GwFraming framing; /* of the answer to the client */
  gboolean answered; /* its head was written */
  gboolean takes_trailers;   /* the client, behind an answer's body */
  gboolean passes_trailers;  /* there is a place for those of this answer */
  NetBuffer answer_trailers; /* as trailers */
  gboolean waits_for_client;
};

/* Makes room in the worker's scratch for something new; what was unusually large is given back. */
static inline void
gw_exchange_empty (NetBuffer *scratch)
{
  if (scratch->size > GW_KEPT_SCRATCH)
    net_buffer_clear (scratch);
  else
    net_buffer_consume (scratch, net_buffer_length (scratch));
}

/* gw-exchange-message.c: what a message came with. Of a request; of an answer, whose transport headers are the
 * backend's. */
GwText gw_exchange_get (gpointer exchange, GwScope scope, GQuark name);
/* The header changes of the mediation: how many. */
guint gw_exchange_changes (GwExchange *exchange);
/* A number that a sequence set as a property; 0: it did not, or it is no status from 200 to 599. */
guint gw_exchange_status (const GwExchange *exchange, GwScope scope, const char *name);
/* Whether the token's header is part of the message that sequences and backends see. */
gboolean gw_exchange_shows_token (const GwExchange *exchange);

/* gw-exchange-throttle.c: whether the call passes the throttle handler; FALSE: it was answered and has ended. */
gboolean gw_exchange_throttle (GwExchange *exchange);

/* gw-exchange-trailers.c. Header lines of a request or an answer about what may come behind its body. */
void gw_exchange_append_request_trailer_lines (GwExchange *exchange, NetBuffer *output);
void gw_exchange_append_answer_trailer_lines (GwExchange *exchange, const NetHttpResponse *response, NetBuffer *output);
/* The request is whole: tells the backend, with what goes on of its trailers. */
void gw_exchange_end_request (GwExchange *exchange);
/* What goes on of the answer's: lines, in a scratch buffer of the worker. */
NetHttpText gw_exchange_answer_trailers (GwExchange *exchange);

/* gw-exchange-record.c: of a call that is over. */
void gw_exchange_record (const GwExchange *exchange);

/* gw-exchange-send.c: to the endpoint where the sequence sent it; to the next address of a group. */
void gw_exchange_send (GwExchange *exchange);

/* gw-exchange.c: the request takes the way of another one, whose target is in hop_target. */
void gw_exchange_hop (GwExchange *exchange, GwTransport transport);

/* gw-exchange-answer.c: each writes an answer and ends the exchange. */
void gw_exchange_fault (GwExchange *exchange, const GwFault *fault);
/* The fault sequence, for an error of the transport. */
void gw_exchange_fail (GwExchange *exchange, gint32 error);
/* What a sequence that ended without a backend said. */
void gw_exchange_answer_mediation (GwExchange *exchange, GwMediationEnd end);
/* @text: nullable: no body; else text/plain. */
void gw_exchange_answer (GwExchange *exchange, guint status, const char *text);
void gw_exchange_answer_preflight (GwExchange *exchange);
/* @cut: the answer broke off. */
void gw_exchange_finish (GwExchange *exchange, gboolean cut);

/* gw-exchange-answer.c: what backends say. */
void gw_exchange_answer_head (GwExchange *exchange, const NetHttpResponse *response);
void gw_exchange_answer_body (GwExchange *exchange, const guint8 *bytes, gsize length);
void gw_exchange_answer_done (GwExchange *exchange);

G_END_DECLS
#endif
