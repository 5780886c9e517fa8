/* What it costs to find the API and the resource of a request, among 10 to 10,000 APIs with 20 resources each:
 *
 *   find-api [LOOK-UPS]
 *
 * Each line: APIs, nanoseconds of a look-up where requests are of ten APIs spread over them, the same where every request
 * is of any of them at random, heap bytes for each API. Files are read and routes made as a gateway does; a path is
 * written down before it is looked up, as a request's is that has just come. */
#include "config.h"

#include "gateway/gw-routes.h"
#include "gateway/gw-synapse.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define N_RESOURCES 20
#define ROUNDS 5
#define CONTEXT "/team-000/service-00000/1.0"

/* The path of a request, written over and over. */
typedef struct
{
  char text[128];
  gsize length;
} Path;

static void
append_resource (GString *xml, guint number)
{
  static const char *const shapes[] = { "url-mapping=\"/orders-%02u/*\"", "uri-template=\"/orders-%02u/{id}\"",
                                        "url-mapping=\"/orders-%02u/open\"", "uri-template=\"/orders-%02u/{id}/lines/{line}\"" };
  g_autofree char *shape = NULL;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  shape = g_strdup_printf (shapes[number % G_N_ELEMENTS (shapes)], number);
#pragma GCC diagnostic pop
  g_string_append_printf (xml,
                          "<resource methods=\"GET POST\" %s faultSequence=\"fault\"><inSequence>"
                          "<filter source=\"$ctx:AM_KEY_TYPE\" regex=\"PRODUCTION\"><then><send><endpoint>"
                          "<http uri-template=\"http://backend.example/base\"/></endpoint></send></then>"
                          "<else><sequence key=\"_sandbox_key_error_\"/></else></filter></inSequence>"
                          "<outSequence><send/></outSequence></resource>",
                          shape);
}

static void
write_digits (char *end, guint value, guint digits)
{
  while (digits-- > 0)
    {
      *--end = (char)('0' + value % 10);
      value /= 10;
    }
}

/* @context: CONTEXT, over which the API's is written. */
static void
write_context (char *context, guint api)
{
  write_digits (context + strlen ("/team-000"), api % 100, 3);
  write_digits (context + strlen ("/team-000/service-00000"), api, 5);
}

static GwEndpoint *
no_endpoint (gpointer data G_GNUC_UNUSED, const char *name G_GNUC_UNUSED)
{
  return NULL;
}

static GwSequence *
no_sequence (gpointer data G_GNUC_UNUSED, const char *name G_GNUC_UNUSED)
{
  return NULL;
}

static GwApi *
make_api (guint number)
{
  static const GwSynapseKeys keys = { .endpoint = no_endpoint, .sequence = no_sequence };
  g_autoptr (GString) xml = g_string_new (NULL);
  g_autoptr (GPtrArray) notes = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  char context[] = CONTEXT;
  GwApi *api;

  write_context (context, number);
  g_string_printf (xml, "<api xmlns=\"http://ws.apache.org/ns/synapse\" name=\"admin--service-%05u\" context=\"%s\" version=\"1.0\" version-type=\"context\">",
                   number, context);
  for (guint i = 0; i < N_RESOURCES; i++)
    append_resource (xml, i);
  g_string_append (xml, "<handlers><handler class=\"org.wso2.carbon.apimgt.gateway.handlers.security.APIAuthenticationHandler\"/>"
                        "</handlers></api>");
  api = gw_synapse_read_api ("bench", xml->str, xml->len, &keys, notes, &error);
  if (api == NULL)
    g_error ("%s", error->message);
  return api;
}

static GwRoutes *
make_routes (guint n_apis)
{
  g_autoptr (GPtrArray) apis = g_ptr_array_new_with_free_func ((GDestroyNotify)gw_api_unref);
  GwRoutes *routes;

  for (guint i = 0; i < n_apis; i++)
    g_ptr_array_add (apis, make_api (i));
  routes = gw_routes_new (apis, NULL);
  g_assert (routes != NULL);
  return routes;
}

static guint32
next_random (guint32 *state)
{
  *state ^= *state << 13;
  *state ^= *state >> 17;
  *state ^= *state << 5;
  return *state;
}

static void
write_path (Path *path, guint api, guint resource)
{
  static const char *const rests[] = { "/a/b", "/4711", "/open", "/4711/lines/3" };
  const char *rest = rests[resource % G_N_ELEMENTS (rests)];
  gsize begin = strlen (CONTEXT "/orders-00");

  write_context (path->text, api);
  write_digits (path->text + begin, resource, 2);
  path->length = begin + strlen (rest);
  memcpy (path->text + begin, rest, strlen (rest) + 1);
}

static void
look_up (const GwRoutes *routes, const Path *path)
{
  const GwTarget target = { .path = path->text, .path_length = path->length, .transport = GW_TRANSPORT_HTTPS };
  gboolean denied;
  const GwResource *resource;
  GwVariables variables;
  gsize rest;
  const GwApi *api = gw_routes_find (routes, &target, &rest, &denied);

  if (api == NULL
      || gw_api_find (api, GW_METHOD_GET, path->text + rest, path->length - rest, 0, &resource, &variables) != GW_FOUND)
    g_error ("%s is not found", path->text);
}

/* @n_used: so many of the APIs are asked for, spread over all. */
static void
look_up_all (const GwRoutes *routes, guint n_used, guint n_look_ups)
{
  Path path = { .text = CONTEXT "/orders-00" };
  guint step = gw_routes_count (routes) / n_used;
  guint32 state = 2463534242u;

  for (guint i = 0; i < n_look_ups; i++)
    {
      guint32 number = next_random (&state);

      write_path (&path, number % n_used * step, (number >> 16) % N_RESOURCES);
      look_up (routes, &path);
    }
}

/* Nanoseconds of each, in the best of some rounds: what else the machine did is not ours. */
static double
time_look_ups (const GwRoutes *routes, guint n_used, guint n_look_ups)
{
  double best = G_MAXDOUBLE;

  for (guint round = 0; round < ROUNDS; round++)
    {
      gint64 began_us = g_get_monotonic_time ();

      look_up_all (routes, n_used, n_look_ups);
      best = MIN (best, (double)(g_get_monotonic_time () - began_us) * 1000 / n_look_ups);
    }
  return best;
}

int
main (int argc, char **argv)
{
  guint n_look_ups = argc > 1 ? (guint)strtoul (argv[1], NULL, 10) : 1000000;

  for (guint n_apis = 10; n_apis <= 10000; n_apis *= 10)
    {
      gsize before = mallinfo2 ().uordblks;
      g_autoptr (GwRoutes) routes = make_routes (n_apis);
      gsize bytes = mallinfo2 ().uordblks - before;

      printf ("%u\t%.1f\t%.1f\t%zu\n", n_apis, time_look_ups (routes, 10, n_look_ups), time_look_ups (routes, n_apis, n_look_ups),
              bytes / n_apis);
      fflush (stdout);
    }
  return 0;
}
