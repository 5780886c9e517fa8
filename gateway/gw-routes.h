/* All APIs of a gateway, found by path (spec/gateway-and-traffic-manager.md 1.2): the longest context wins. A
 * snapshot: a deployment makes a new one and swaps it whole.
 *
 * A look-up takes one hash probe for each segment of the path, at most as many as the longest context has,
 * however many APIs there are; it allocates nothing. Threads: immutable; references are atomic. */
#ifndef GW_ROUTES_H
#define GW_ROUTES_H

#include "gateway/gw-api.h"

G_BEGIN_DECLS

#define GW_ROUTES_MAX_SEGMENTS 32 /* of a context */

#define GW_ROUTES_ERROR gw_routes_error_quark ()
GQuark gw_routes_error_quark (void);

typedef enum
{
  GW_ROUTES_ERROR_DUPLICATE, /* two APIs of one name, or of one context and version */
  GW_ROUTES_ERROR_CONTEXT,   /* more segments than GW_ROUTES_MAX_SEGMENTS */
} GwRoutesError;

typedef struct _GwRoutes GwRoutes;

/* @apis: GwApi; referenced. NULL with GW_ROUTES_ERROR, which names both. */
GwRoutes *gw_routes_new (const GPtrArray *apis, GError **error);

/* The same without those that cannot be served beside the ones before them; @left_out is told of each. */
typedef void (*GwRoutesLeftOut) (GwApi *api, const GError *why, gpointer data);
GwRoutes *gw_routes_new_without (const GPtrArray *apis, GwRoutesLeftOut left_out, gpointer data);

GwRoutes *gw_routes_ref (GwRoutes *routes);
void gw_routes_unref (GwRoutes *routes);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwRoutes, gw_routes_unref)

guint gw_routes_count (const GwRoutes *routes);
/* @n: below gw_routes_count(). (transfer none) */
GwApi *gw_routes_nth (const GwRoutes *routes, guint n);
/* By name with version. (transfer none) (nullable) */
GwApi *gw_routes_by_name (const GwRoutes *routes, const char *name);

/* What a request says that a route depends on. */
typedef struct
{
  const char *path; /* begins with "/", without query */
  gsize path_length;
  GwTransport transport;
  const char *host; /* of the Host header, without port; NULL: none */
  gsize host_length;
  int port; /* of the Host header; 0: none */
} GwTarget;

/* The API that takes it. (transfer none) (nullable) @rest: (out): where in the path that begins which its
 * resources see; at the end of the path where that is "/". @transport_denied: (out): an API would have taken
 * it over the other transport. */
GwApi *gw_routes_find (const GwRoutes *routes, const GwTarget *target, gsize *rest,
                       gboolean *transport_denied);

G_END_DECLS
#endif
