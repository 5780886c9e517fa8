/* Where an API's calls are sent, as synapse files say it (spec/gateway-and-traffic-manager.md 1.6, 5.3): an
 * address, or a group of them tried in order or in turns; what counts as failure, and for how long a failed
 * one is left alone. This is the description; the state that hangs on it (ready, suspended until when) is
 * gw-health's. Threads: immutable but for that; references are atomic. */
#ifndef GW_ENDPOINT_H
#define GW_ENDPOINT_H

#include <glib.h>

G_BEGIN_DECLS

#define GW_ENDPOINT_MAX_CODES 32
#define GW_ENDPOINT_MAX_CHILDREN 64
#define GW_ENDPOINT_MAX_DEPTH 4       /* groups within each other */
#define GW_ENDPOINT_SUSPEND_MS 30000  /* where suspendOnFailure has no initialDuration */
#define GW_ENDPOINT_KEY_MANAGER_SUSPEND_MS 1000 /* of token APIs whose file says nothing of suspension */
#define GW_ENDPOINT_TIMEOUT_MS 120000 /* synapse.global_timeout_interval of the product file */
#define GW_ENDPOINT_NEVER (-1)        /* an error code: "never suspend" */

/* Error codes of the transport (1.6) that suspension speaks of. */
typedef enum
{
  GW_ERROR_SENDING = 101500,
  GW_ERROR_RECEIVING = 101501,
  GW_ERROR_CONNECT = 101503,
  GW_ERROR_TIMEOUT = 101504,
  GW_ERROR_CLOSED = 101505,
  GW_ERROR_PROTOCOL = 101506, /* an answer that is no HTTP, or could be read in two ways */
  GW_ERROR_TIMEOUT_AFTER_REQUEST = 101507,
  GW_ERROR_CLOSED_AFTER_REQUEST = 101508,
  GW_ERROR_CONNECT_TIMEOUT = 101508,
  GW_ERROR_SEND_ABORT = 101509, /* given up on this side: a limit of ours, or the node stops */
  GW_ERROR_NONE_READY = 303000,
  GW_ERROR_SUSPENDED = 303001,
} GwErrorCode;

typedef enum
{
  GW_ENDPOINT_HTTP,         /* uri-template; the path behind the context is appended */
  GW_ENDPOINT_ADDRESS,      /* likewise */
  GW_ENDPOINT_WSDL,         /* likewise, to the address that the file names */
  GW_ENDPOINT_DEFAULT,      /* where the property To says; only a sequence of the operator's sets it */
  GW_ENDPOINT_SELF,         /* this gateway's own port: the hop of a default version to the versioned API */
  GW_ENDPOINT_FAILOVER,     /* the first child that is ready */
  GW_ENDPOINT_LOAD_BALANCE, /* children in turns */
} GwEndpointKind;

/* Codes for which something happens. n 0: the block names none, and the defaults hold. */
typedef struct
{
  guint n;
  gint32 codes[GW_ENDPOINT_MAX_CODES];
} GwCodes;

/* What changes: gw-health.c alone reads and writes it. */
typedef struct
{
  gint64 until_us;     /* atomic; monotonic: left alone until then; 0: ready */
  int state;           /* atomic: GwHealthState */
  guint turn;          /* atomic: of a load balance */
  GMutex lock;         /* of what follows */
  gboolean marked;     /* it failed in a way that only marks it */
  guint retries_left;  /* until that suspends it */
  gint64 suspended_ms; /* how long the last time; 0: not since it last worked */
} GwEndpointHealth;

typedef struct _GwEndpoint GwEndpoint;
struct _GwEndpoint
{
  /*< private >*/
  gint ref_count;
  GwEndpointHealth *health;
  gpointer target; /* atomic; GwUpstreamTarget, of gw-exchange-send.c; nullable */
  GDestroyNotify free_target;
  /*< public >*/
  GwEndpointKind kind;
  char *name;   /* nullable: it has none */
  char *url;    /* of one address; as the file has it */
  /* The same in pieces; of HTTP, ADDRESS, WSDL and SELF. */
  gboolean tls;
  char *host;   /* IPv6 addresses without their brackets */
  guint16 port; /* 0 of SELF: whatever this gateway listens on */
  char *path;   /* path and query, as they stand in the URL; "" where it has none */
  char *method; /* nullable: that of the request; an HTTP endpoint's own, and then nothing is appended to its
                   URL */
  gint64 timeout_ms;          /* GW_ENDPOINT_TIMEOUT_MS where the file has none */
  gboolean gives_up_silently; /* a time-out without responseAction: the original answers nothing; we answer
                                 101504, too */
  GwCodes mark;               /* markForSuspension: may fail a few times first */
  guint retries;              /* retriesBeforeSuspension */
  gint64 retry_delay_ms;
  GwCodes suspend;        /* suspendOnFailure */
  gint64 suspend_ms;      /* initialDuration */
  gint64 suspend_most_ms; /* maximumDuration; 0: no limit */
  double factor;          /* progressionFactor */
  gboolean is_key_manager; /* one of APIKeyValidator: what it says of tokens that have ended is believed */
  GPtrArray *children;    /* GwEndpoint; nullable */
  guint *weights;         /* of a weighted load balance, one each; nullable */
  gboolean failover;      /* of a load balance: another child is tried when one fails */
  gboolean sticky;        /* of a load balance: a session keeps its child (gw-sticky.h), and then: */
  char *cookie;           /* its name */
  char **routes;          /* its value for each child */
  guint weight;           /* of a child of a weighted load balance; 0: 1 */
};

GwEndpoint *gw_endpoint_new (GwEndpointKind kind);
GwEndpoint *gw_endpoint_ref (GwEndpoint *endpoint);
void gw_endpoint_unref (GwEndpoint *endpoint);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwEndpoint, gw_endpoint_unref)

#define GW_ENDPOINT_ERROR gw_endpoint_error_quark ()
GQuark gw_endpoint_error_quark (void);

typedef enum
{
  GW_ENDPOINT_ERROR_URL, /* not one that messages could be sent to */
} GwEndpointError;

/* Sets url and its pieces. http://localhost:{uri.var.portnum}/... is this gateway itself, and makes the endpoint one of
 * the kind GW_ENDPOINT_SELF; other variables are not expanded. FALSE with GW_ENDPOINT_ERROR. */
gboolean gw_endpoint_set_url (GwEndpoint *endpoint, const char *url, GError **error);

/* What a failure with @code means for an endpoint. */
typedef enum
{
  GW_FAILURE_IGNORED, /* it stays as it is */
  GW_FAILURE_MARKS,   /* one of the retries is used up */
  GW_FAILURE_SUSPENDS,
} GwFailure;

/* 1.6, "Suspension": without codes of its own, time-outs mark, and every other error suspends. */
GwFailure gw_endpoint_failure (const GwEndpoint *endpoint, gint32 code);

/* How long it is left alone after a suspension of @last_ms (0: the first one). */
gint64 gw_endpoint_suspension_ms (const GwEndpoint *endpoint, gint64 last_ms);

G_END_DECLS
#endif
