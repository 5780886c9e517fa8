/* The Thrift server on the reactor: a NetProtocol that scans, decodes and dispatches APIKeyValidationService calls.
 *
 * One call of a connection is in progress at a time: while a service answers later (a database look-up), the
 * connection's input is paused, so pipelined requests are answered in order and the arguments stay valid in the
 * read buffer without a copy. A call that is answered before the handler returns costs no allocation; replies of
 * several pipelined calls leave in one write.
 *
 * The server itself answers: unknown methods, missing arguments, wrong message types (ONEWAY ignored, others
 * closed), rubbish (closed), all by spec/thrift-key-validation.md 2.5 and 8.
 *
 * Threads: everything on the connection's worker. */
#ifndef TW_SERVER_H
#define TW_SERVER_H

#include "common/apim-config.h"
#include "net/net-conn.h"
#include "thrift/tw-key-validation.h"

G_BEGIN_DECLS

typedef struct _TwServer TwServer;
typedef struct _TwCall TwCall; /* the one call in progress of a connection */

/* Who answers. Each method must lead to exactly one tw_call_reply_*() or tw_call_throw(), now or later, on the
 * call's worker. */
typedef struct
{
  void (*call) (TwCall *call, gpointer service);
} TwServiceInterface;

TwServer *tw_server_new (const ApimLimits *limits, const TwServiceInterface *interface, gpointer service);
void tw_server_free (TwServer *server);
void tw_server_set_limits (TwServer *server, const ApimLimits *limits);

/* The protocol for net_reactor_listen(); listener_data is the TwServer. */
extern const NetProtocol tw_protocol;

TwMethod tw_call_method (const TwCall *call);
/* Valid until the call is answered, from any thread (the call holds the connection's memory). */
const TwArguments *tw_call_arguments (const TwCall *call);
NetWorker *tw_call_worker (const TwCall *call);
const char *tw_call_peer (const TwCall *call);

/* A slot of the connection for the service, kept between calls: the session that was verified last. */
gpointer tw_call_get_connection_data (const TwCall *call);
void tw_call_set_connection_data (TwCall *call, gpointer data, GDestroyNotify destroy);

void tw_call_reply_validation (TwCall *call, const TwKeyValidationInfo *info);
void tw_call_reply_uri_templates (TwCall *call, const TwUriTemplate *templates, guint n_templates);
void tw_call_throw (TwCall *call, TwDeclaredException exception, const char *message);

/* Sums over all workers; any thread. */
typedef struct
{
  guint64 calls, replies, exceptions, unknown_methods, protocol_errors;
} TwCounters;
void tw_server_read_counters (TwServer *server, TwCounters *counters);

G_END_DECLS
#endif
