/* One API of the gateway, as its synapse file says it (spec/gateway-and-traffic-manager.md 1.1-1.4, 5.3):
 * where it is found, its resources, and which handlers stand before them. Made by gw-synapse-api, immutable
 * after, shared by workers.
 *
 * Threads: immutable, but for the windows of hard limits, which are counted without a lock; references are atomic. */
#ifndef GW_API_H
#define GW_API_H

#include "gateway/gw-pattern.h"
#include "gateway/gw-sequence.h"

G_BEGIN_DECLS

/* HTTP methods as bits. */
typedef enum
{
  GW_METHOD_GET = 1 << 0,
  GW_METHOD_POST = 1 << 1,
  GW_METHOD_PUT = 1 << 2,
  GW_METHOD_DELETE = 1 << 3,
  GW_METHOD_PATCH = 1 << 4,
  GW_METHOD_HEAD = 1 << 5,
  GW_METHOD_OPTIONS = 1 << 6,
} GwMethod;

/* The bit of a method's name, upper case; 0: one that no API has. */
guint gw_method_parse (const char *name, gsize length);

/* Where the version of a request stands: attribute version-type. */
typedef enum
{
  GW_VERSION_NONE,
  GW_VERSION_CONTEXT, /* in the context */
  GW_VERSION_URL,     /* the first segment behind the context */
} GwVersionType;

typedef enum
{
  GW_TRANSPORT_HTTP = 1 << 0,
  GW_TRANSPORT_HTTPS = 1 << 1,
} GwTransport;

/* What stands before the resources, each by its class in the file. Their order is the same in every file that
 * a Publisher writes, so it is not kept (1.1); only where the extension handler stands varies. */
typedef enum
{
  GW_HANDLER_LATENCY = 1 << 0,
  GW_HANDLER_CORS = 1 << 1,
  GW_HANDLER_AUTHENTICATION = 1 << 2,
  GW_HANDLER_THROTTLE = 1 << 3, /* of 2.x */
  GW_HANDLER_TIERS = 1 << 4,    /* APIThrottleHandler of 1.x */
  GW_HANDLER_USAGE = 1 << 5,
  GW_HANDLER_GOOGLE_ANALYTICS = 1 << 6,
  GW_HANDLER_EXTENSION = 1 << 7,
  GW_HANDLER_EXTENSION_FIRST = 1 << 8, /* ExtensionHandlerPosition=top */
  GW_HANDLER_SYNAPSE_PROPERTIES = 1 << 9,
  GW_HANDLER_CACHE_EXTENSION = 1 << 10, /* of the token APIs */
} GwHandlers;

/* Properties of the handlers; NULL, 0: not said. Lists are split and trimmed. */
typedef struct
{
  guint handlers; /* GwHandlers */
  char **cors_headers, **cors_origins, **cors_methods;
  gboolean cors_credentials;
  gboolean has_cors_credentials;
  char *authorization_header;
  gboolean keep_authorization_header; /* RemoveOAuthHeadersFromOutMessage is false */
  gint64 production_max, sandbox_max; /* calls per unit */
  gint64 production_unit_ms, sandbox_unit_ms;
} GwChain;

/* Calls in the present unit of a hard limit (gw-hard-limit.h). */
typedef struct
{
  guint64 state; /* atomic */
} GwCallWindow;

typedef struct
{
  GwCallWindow production, sandbox;
} GwCallWindows;

typedef struct
{
  guint methods; /* GwMethod bits */
  GwPattern *pattern;
  GwSequence *in, *out; /* nullable */
  char *fault_sequence; /* nullable: "fault" */
  GwSequence *fault;    /* the folder's sequence of that name; NULL: the built-in one */
  gpointer cors;        /* atomic; nullable: lines that gw-cors made of it, in one block */
} GwResource;

#define GW_API_N_EXTENSIONS 2

/* What is looked at of each resource to find the one of a request. */
typedef struct
{
  GwPatternProbe probe;
  guint8 kind;    /* GwPatternKind */
  guint8 methods; /* GwMethod bits */
  guint16 weight; /* gw_pattern_weight() */
  GwResource *resource;
} GwResourceKey;

/* What a look-up reads comes first: it is all in two lines of the cache. */
typedef struct
{
  /*< private >*/
  gint ref_count;
  guint n_keys;
  GwResourceKey *keys; /* of the resources, by kind and then in the file's order */
  /*< public >*/
  GwVersionType version_type;
  guint transports; /* GwTransport bits */
  char *host;       /* nullable: any */
  int port;         /* 0: any */
  char *version;    /* "": none */
  char *context;    /* "/weather/1.0.0": the version filled in, no slash at its end; "" of the context "/" */
  char *name;       /* "admin--Weather:v1.0.0": the name with its version, as logs and file names have it */
  GQuark id;        /* of the name: what is counted of calls goes by it. 0: by no name */
  char *base_name;  /* the attribute: "admin--Weather" */
  GwChain chain;
  GwCallWindows *windows;
  /* What the extension handler runs (1.5), where the chain has it and the folder has the sequence: first
   * WSO2AM--Ext--In (Out) of all APIs, then <name>--In (Out) of this one. Nullable, each. */
  GwSequence *extension_in[GW_API_N_EXTENSIONS], *extension_out[GW_API_N_EXTENSIONS];
  GPtrArray *resources; /* GwResource, in the file's order; gw_api_add_resource() adds to it */
} GwApi;

GwApi *gw_api_new (void);
GwApi *gw_api_ref (GwApi *api);
void gw_api_unref (GwApi *api);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwApi, gw_api_unref)

GwResource *gw_resource_new (void);
void gw_resource_free (GwResource *resource);

/* @resource: (transfer full): with its methods and pattern, which stay as they are. */
void gw_api_add_resource (GwApi *api, GwResource *resource);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwResource, gw_resource_free)

typedef enum
{
  GW_FOUND,
  GW_FOUND_OTHER_METHOD, /* a resource takes the path, but not the method: 405 */
  GW_FOUND_NOTHING,      /* 404 */
} GwFound;

/* The resource for @path (what follows the context; "/" at least), in the order of 1.3. @method: one bit, or
 * 0 of a method that no API has; for an OPTIONS request that of Access-Control-Request-Method, as the CORS
 * handler looks for it. @variables: (out): of the resource's template. */
GwFound gw_api_find (const GwApi *api, guint method, const char *path, gsize length, gsize query_length,
                     const GwResource **resource, GwVariables *variables);

G_END_DECLS
#endif
