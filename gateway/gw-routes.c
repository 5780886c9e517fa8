#include "config.h"
#include "gateway/gw-routes.h"

#include <string.h>

/* FNV-1a, because the hash of each prefix of a path is a step on the way to that of the whole. */
#define HASH_BEGIN G_GUINT64_CONSTANT (14695981039346656037)
#define HASH_STEP G_GUINT64_CONSTANT (1099511628211)

/* APIs of one context, those with a version first. Nearly always there is one: it is found without a further step. */
typedef struct
{
  guint32 hash;
  guint32 length;
  const char *context; /* the first API's */
  GwApi *first;        /* NULL: an empty place */
  GPtrArray *others;   /* GwApi; NULL: none */
} Place;

struct _GwRoutes
{
  gint ref_count;
  GPtrArray *apis;
  GHashTable *by_name;
  Place *places;
  gsize mask;
  guint max_segments;
};

G_DEFINE_QUARK (gw-routes-error-quark, gw_routes_error)

static guint64
hash_more (guint64 hash, const char *text, gsize length)
{
  for (gsize i = 0; i < length; i++)
    hash = (hash ^ (guchar)text[i]) * HASH_STEP;
  return hash;
}

/* The place of a context: taken by it, or empty. */
static Place *
find_place (const GwRoutes *routes, guint64 hash, const char *context, gsize length)
{
  for (gsize i = hash & routes->mask;; i = (i + 1) & routes->mask)
    {
      Place *place = &routes->places[i];

      if (place->first == NULL
          || (place->hash == (guint32)hash && place->length == length
              && memcmp (place->context, context, length) == 0))
        return place;
    }
}

static guint
count_segments (const char *context)
{
  guint n = 0;

  for (; *context != '\0'; context++)
    n += *context == '/';
  return n;
}

/* Two APIs that no request could tell apart. */
static gboolean
is_same_target (const GwApi *a, const GwApi *b)
{
  return strcmp (a->version, b->version) == 0 && a->version_type == b->version_type
         && (a->transports & b->transports) != 0 && g_strcmp0 (a->host, b->host) == 0 && a->port == b->port;
}

static guint
count_apis (const Place *place)
{
  return (place->first != NULL ? 1 : 0) + (place->others != NULL ? place->others->len : 0);
}

static GwApi *
nth_api (const Place *place, guint n)
{
  return n == 0 ? place->first : g_ptr_array_index (place->others, n - 1);
}

static gboolean
check (const GwRoutes *routes, const Place *place, const GwApi *api, GError **error)
{
  if (count_segments (api->context) > GW_ROUTES_MAX_SEGMENTS)
    {
      g_set_error (error, GW_ROUTES_ERROR, GW_ROUTES_ERROR_CONTEXT,
                   "the context of %s has more than %d segments", api->name, GW_ROUTES_MAX_SEGMENTS);
      return FALSE;
    }
  for (guint i = 0; i < count_apis (place); i++)
    if (is_same_target (nth_api (place, i), api))
      {
        g_set_error (error, GW_ROUTES_ERROR, GW_ROUTES_ERROR_DUPLICATE,
                     "%s and %s have the same context and version (%s)", nth_api (place, i)->name, api->name,
                     *api->context == '\0' ? "/" : api->context);
        return FALSE;
      }
  if (g_hash_table_contains (routes->by_name, api->name))
    {
      g_set_error (error, GW_ROUTES_ERROR, GW_ROUTES_ERROR_DUPLICATE, "there are two APIs named %s",
                   api->name);
      return FALSE;
    }
  return TRUE;
}

static void
add_to_place (Place *place, GwApi *api)
{
  GwApi *other = api;

  if (api->version_type != GW_VERSION_NONE)
    {
      other = place->first;
      place->first = api;
    }
  if (place->others == NULL)
    place->others = g_ptr_array_new ();
  g_ptr_array_insert (place->others, other == api ? -1 : 0, other);
}

/* FALSE: nothing was changed. */
static gboolean
add (GwRoutes *routes, GwApi *api, GError **error)
{
  gsize length = strlen (api->context);
  guint64 hash = hash_more (HASH_BEGIN, api->context, length);
  Place *place = find_place (routes, hash, api->context, length);

  if (!check (routes, place, api, error))
    return FALSE;
  g_ptr_array_add (routes->apis, gw_api_ref (api));
  if (place->first == NULL)
    *place = (Place){ (guint32)hash, (guint32)length, api->context, api, NULL };
  else
    add_to_place (place, api);
  routes->max_segments = MAX (routes->max_segments, count_segments (api->context));
  g_hash_table_insert (routes->by_name, api->name, api);
  return TRUE;
}

static GwRoutes *
routes_new (gsize n_apis)
{
  GwRoutes *routes = g_new0 (GwRoutes, 1);
  gsize size = 16;

  while (size < n_apis * 2)
    size *= 2;
  routes->ref_count = 1;
  routes->apis = g_ptr_array_new_with_free_func ((GDestroyNotify)gw_api_unref);
  routes->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  routes->places = g_new0 (Place, size);
  routes->mask = size - 1;
  return routes;
}

GwRoutes *
gw_routes_new (const GPtrArray *apis, GError **error)
{
  g_autoptr (GwRoutes) routes = routes_new (apis->len);

  for (guint i = 0; i < apis->len; i++)
    if (!add (routes, g_ptr_array_index (apis, i), error))
      return NULL;
  return g_steal_pointer (&routes);
}

GwRoutes *
gw_routes_new_without (const GPtrArray *apis, GwRoutesLeftOut left_out, gpointer data)
{
  GwRoutes *routes = routes_new (apis->len);

  for (guint i = 0; i < apis->len; i++)
    {
      g_autoptr (GError) error = NULL;

      if (!add (routes, g_ptr_array_index (apis, i), &error))
        left_out (g_ptr_array_index (apis, i), error, data);
    }
  return routes;
}

GwRoutes *
gw_routes_ref (GwRoutes *routes)
{
  g_atomic_int_inc (&routes->ref_count);
  return routes;
}

void
gw_routes_unref (GwRoutes *routes)
{
  if (!g_atomic_int_dec_and_test (&routes->ref_count))
    return;
  for (gsize i = 0; i <= routes->mask; i++)
    g_clear_pointer (&routes->places[i].others, g_ptr_array_unref);
  g_hash_table_unref (routes->by_name);
  g_ptr_array_unref (routes->apis);
  g_free (routes->places);
  g_free (routes);
}

guint
gw_routes_count (const GwRoutes *routes)
{
  return routes->apis->len;
}

GwApi *
gw_routes_nth (const GwRoutes *routes, guint n)
{
  return g_ptr_array_index (routes->apis, n);
}

GwApi *
gw_routes_by_name (const GwRoutes *routes, const char *name)
{
  return g_hash_table_lookup (routes->by_name, name);
}

/* Whether the host and port that the file asks for are those of the request. */
static gboolean
is_for_host (const GwApi *api, const GwTarget *target)
{
  if (api->host != NULL
      && (target->host == NULL || strlen (api->host) != target->host_length
          || g_ascii_strncasecmp (api->host, target->host, target->host_length) != 0))
    return FALSE;
  return api->port == 0 || api->port == target->port;
}

/* Whether the segment behind the context is the version; *rest moves behind it. */
static gboolean
takes_version (const GwApi *api, const GwTarget *target, gsize *rest)
{
  gsize length = strlen (api->version);

  if (target->path_length < *rest + 1 + length || target->path[*rest] != '/'
      || memcmp (target->path + *rest + 1, api->version, length) != 0)
    return FALSE;
  *rest += 1 + length;
  return *rest == target->path_length || target->path[*rest] == '/';
}

static GwApi *
find_in_place (const Place *place, const GwTarget *target, gsize *rest, gboolean *transport_denied)
{
  for (guint i = 0; i < count_apis (place); i++)
    {
      GwApi *api = nth_api (place, i);

      *rest = place->length;
      if (!is_for_host (api, target)
          || (api->version_type == GW_VERSION_URL && !takes_version (api, target, rest)))
        continue;
      if ((api->transports & target->transport) != 0)
        return api;
      *transport_denied = TRUE;
    }
  return NULL;
}

GwApi *
gw_routes_find (const GwRoutes *routes, const GwTarget *target, gsize *rest, gboolean *transport_denied)
{
  guint64 hashes[GW_ROUTES_MAX_SEGMENTS + 1];
  gsize ends[GW_ROUTES_MAX_SEGMENTS + 1];
  guint n = 1;
  gsize end = 0;

  *transport_denied = FALSE;
  hashes[0] = HASH_BEGIN; /* the context "/" */
  ends[0] = 0;
  while (n <= routes->max_segments && end < target->path_length)
    {
      const char *slash = memchr (target->path + end + 1, '/', target->path_length - end - 1);
      gsize next = slash != NULL ? (gsize)(slash - target->path) : target->path_length;

      hashes[n] = hash_more (hashes[n - 1], target->path + end, next - end);
      ends[n++] = end = next;
    }
  while (n-- > 0)
    {
      const Place *place = find_place (routes, hashes[n], target->path, ends[n]);
      GwApi *api = place->first != NULL ? find_in_place (place, target, rest, transport_denied) : NULL;

      if (api != NULL)
        return api;
    }
  return NULL;
}
