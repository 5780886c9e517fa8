/* What all connections of a gateway share: its parts, its settings, and what each worker keeps between requests.
 *
 * Threads: made and freed on the main thread; settings and parts are immutable while workers run. */
#ifndef GW_SERVICE_H
#define GW_SERVICE_H

#include "gateway/gw-access-log.h"
#include "gateway/gw-authenticator.h"
#include "gateway/gw-cors.h"
#include "gateway/gw-credentials.h"
#include "gateway/gw-fault.h"
#include "gateway/gw-headers.h"
#include "gateway/gw-key-managers.h"
#include "gateway/gw-routes.h"
#include "gateway/gw-throttle.h"
#include "gateway/gw-upstream.h"
#include "gateway/gw-usage.h"
#include "gateway/gw-vault.h"

G_BEGIN_DECLS

/* Bytes of an answer that wait for its client before its backend is no longer read. */
#define GW_CLIENT_MARK 65536
/* Bytes of a request's body that are kept to be sent to another address of a group when the first one fails. */
#define GW_KEPT_BODY 65536
/* Bytes of a request's body that nobody wants, which are read for the sake of the next request on the connection. */
#define GW_DISCARDED_BODY 65536
/* How long a request whose client has ended its side of the connection may go on before the client is asked whether it
 * is still there. */
#define GW_GONE_CLIENT_MS 1000
/* Exchanges that a worker keeps for the next requests. */
#define GW_SPARE_EXCHANGES 1024
/* Bytes of each scratch buffer that a worker keeps. */
#define GW_KEPT_SCRATCH 65536

/* HTTP/2 with clients (docs/configuration.md). */
typedef struct
{
  gboolean enabled;
  guint max_streams;       /* at once on a connection */
  guint stream_window;     /* bytes of a request's body, on their way or waiting; at most 2^31-1, as the next */
  guint connection_window; /* of all of them */
  guint max_resets;        /* of a connection's streams, in GW_H2_GUARD_WINDOW_US */
  guint max_control_frames; /* likewise */
} GwH2Settings;

typedef struct
{
  ApimGatewayGeneration generation;
  GwFaultStyle faults;
  GwCorsSettings cors;
  GwCredentialsSettings credentials;
  GwHeaderSettings headers;
  guint16 http_port, https_port; /* what sequences see as http.nio.port and https.nio.port */
  const GwKeyManager *key_manager; /* nullable: what sequences see as keyManager.hostname and keyManager.port */
  const char *mark;              /* nullable: what calls to the Key Manager show as NET_HTTP_GATEWAY_MARK */
  guint max_head;                /* bytes of a request line and its headers; more: 431 */
  guint max_trailer;             /* bytes of what comes behind a body; more: 431; 0: NET_HTTP_MAX_TRAILER */
  guint64 max_body;              /* bytes of a request's body; more: 413; 0: any number */
  guint read_timeout_ms;         /* between two pieces of a request's body; more: 408 */
  guint min_rate;                /* bytes per second of it, and of an answer that waits in HTTP/2; 0: any (gw-pace.h) */
  guint write_timeout_ms;        /* a client that takes nothing of an HTTP/2 answer; of HTTP/1.1 it is net's to know */
  gsize max_unread_output;       /* answers that wait before pipelined requests do */
  GwH2Settings http2;
} GwServiceSettings;

/* Borrowed: they outlive the service. */
typedef struct
{
  /* The newest APIs, as gw_deployment_routes() gives them. */
  GwRoutes *(*routes) (gpointer data, guint worker, gboolean *changed);
  gpointer routes_data;
  GwAuthenticator *authenticator;
  GwUpstream *upstream;
  GwUpstream *key_manager_upstream; /* of endpoints with is_key_manager */
  GwThrottleRule *const *rules; /* in the order in which they are asked; the array, too, is borrowed */
  guint n_rules;
  GwVault *vault; /* nullable: it has no passwords */
  GwUsage *usage;          /* nullable: nothing is counted by API */
  GwAccessLog *access_log; /* nullable: no line is written */
} GwServiceParts;

typedef struct _GwExchange GwExchange;
typedef struct _GwH2Stream GwH2Stream;

/* Of one worker. */
typedef struct
{
  GwExchange *spare;
  guint n_spare;
  NetBuffer lines, text; /* scratch, of no call longer than a function takes: header lines; a body, or a target */
  GwH2Stream *spare_streams;
  guint n_spare_streams;
  guint64 requests, own_answers, failed_sends; /* atomic */
} GwServiceWorker;

typedef struct
{
  GwServiceSettings settings;
  GwServiceParts parts;
  char http_port[6], https_port[6], key_manager_port[6]; /* the settings' as texts; "": there is none */
  GQuark postfix, end_user_jwt; /* properties that every call asks for: GLib finds a name under a lock of the process */
  guint n_workers;
  GwServiceWorker *workers;
} GwService;

/* One of a gateway's ports: what net_reactor_listen() is given for gw_connection_protocol or its like. */
typedef struct
{
  GwService *service;
  GwTransport transport;
} GwDoor;

/* Copies @settings (whose texts and lists are borrowed) and @parts. */
GwService *gw_service_new (const GwServiceSettings *settings, const GwServiceParts *parts, guint n_workers);
/* When the workers have ended. */
void gw_service_free (GwService *service);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwService, gw_service_free)

/* Sums over all workers; any thread. */
typedef struct
{
  guint64 requests;     /* whose head was read */
  guint64 own_answers;  /* faults, preflights, prototypes: no backend's */
  guint64 failed_sends; /* to backends */
} GwServiceCounters;
void gw_service_read_counters (const GwService *service, GwServiceCounters *counters);

/* Adds to a counter of one's own worker. */
static inline void
gw_service_count (guint64 *counter)
{
  __atomic_store_n (counter, *counter + 1, __ATOMIC_RELAXED);
}

G_END_DECLS
#endif
