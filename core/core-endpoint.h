/* The endpoint configuration of an API: the JSON text that the Publisher keeps, read
 * (spec/publisher-store-workflows.md 1.2). It says where a gateway sends calls, and what it does when nobody
 * answers there.
 *
 * Read tolerantly in shape, as real exports are sparse (numbers as texts, config null or "", keys missing,
 * keys that nobody knows), and strictly in meaning: what would end up in a gateway's file must be a URL, a
 * number, an error code or a known word. Threads: pure functions; a configuration never changes. */
#ifndef CORE_ENDPOINT_H
#define CORE_ENDPOINT_H

#include <glib.h>

G_BEGIN_DECLS

#define CORE_ENDPOINT_ERROR (core_endpoint_error_quark ())
GQuark core_endpoint_error_quark (void);
typedef enum
{
  CORE_ENDPOINT_ERROR_INVALID, /* the message begins with the place: "production_endpoints/url: ..." */
} CoreEndpointError;

/* Endpoints of one side (production or sandbox) of one API. */
#define CORE_ENDPOINT_MAX_CHILDREN 64

typedef enum
{
  CORE_ENDPOINT_HTTP,
  CORE_ENDPOINT_ADDRESS,
  CORE_ENDPOINT_WSDL,
  CORE_ENDPOINT_LOAD_BALANCE,
  CORE_ENDPOINT_FAILOVER,
  CORE_ENDPOINT_DEFAULT, /* an in-sequence says where to */
} CoreEndpointType;

typedef enum
{
  CORE_ENDPOINT_TIMEOUT_STANDARD, /* nothing is said: fault */
  CORE_ENDPOINT_TIMEOUT_FAULT,
  CORE_ENDPOINT_TIMEOUT_DISCARD,
  CORE_ENDPOINT_TIMEOUT_NEVER,
} CoreEndpointTimeout;

/* One place to send to. Numbers are -1 where nothing is said. */
typedef struct
{
  gboolean is_address;         /* <address> rather than <http> */
  char *url;                   /* NULL: of CORE_ENDPOINT_DEFAULT */
  char *format;                /* nullable; of an address: soap11, soap12, pox, get, rest */
  char *optimize;              /* nullable; likewise: mtom, swa */
  CoreEndpointTimeout timeout; /* actionSelect */
  gint64 timeout_ms;           /* actionDuration */
  char *suspend_error_codes;   /* suspendErrorCode, nullable: "101500,101501" */
  gint64 suspend_ms;           /* suspendDuration; 0: never suspend */
  gint64 suspend_max_ms;       /* suspendMaxDuration */
  char *suspend_factor;        /* factor, nullable: "1.5" */
  char *retry_error_codes;     /* retryErroCode (sic), nullable */
  gint64 retries;              /* retryTimeOut: how often, not how long */
  gint64 retry_delay_ms;       /* retryDelay */
} CoreEndpoint;

typedef struct
{
  GPtrArray *endpoints; /* of CoreEndpoint, at least one; of a failover the first is the primary */
  char *wsdl_service;   /* nullable; wsdlendpointService (Sandbox) */
  char *wsdl_port;      /* nullable; wsdlendpointPort (Sandbox) */
} CoreEndpointSide;

typedef struct
{
  CoreEndpointType type;
  CoreEndpointSide *production; /* nullable */
  CoreEndpointSide *sandbox;    /* nullable */
  /* Of load_balance: */
  char *algorithm;        /* class name; round robin where nothing is said */
  char *session_type;     /* nullable: http, soap or simpleClientSession */
  gint64 session_timeout; /* sessionTimeOut, as it is handed on; -1 */
  gboolean tries_others;  /* failOver; FALSE only for "False" */
} CoreEndpointConfig;

/* @json: the text of endpointConfig. Either side may be missing, not both.
 * Returns: (transfer full): NULL with CORE_ENDPOINT_ERROR. */
CoreEndpointConfig *core_endpoint_config_parse (const char *json, GError **error);
void core_endpoint_config_free (CoreEndpointConfig *config);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CoreEndpointConfig, core_endpoint_config_free)

G_END_DECLS
#endif
