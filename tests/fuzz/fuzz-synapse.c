/* The readers of synapse files, and the matching of what they made. Whatever the bytes are: reading ends, an error says why, and an API that is taken
 * is whole: it has a name, a context, resources with patterns, and no resource that looks at keys without a handler that asks for them. */
#include "config.h"
#include "gateway/gw-routes.h"
#include "gateway/gw-synapse.h"
#include "tests/fuzz/replay.h"

#include <string.h>

static GwEndpoint *
any_endpoint (gpointer data, const char *key)
{
  (void) data, (void) key;
  return gw_endpoint_new (GW_ENDPOINT_DEFAULT);
}

static GwSequence *
any_sequence (gpointer data, const char *key)
{
  (void) data, (void) key;
  return gw_sequence_new ();
}

static GwKeyManager manager = { (char *) "km.example", 9444, (char *) "/services/" };
static gpointer managers_list[] = { &manager, &manager };
static const GPtrArray managers = { managers_list, G_N_ELEMENTS (managers_list) };
static const GwSynapseKeys keys = { any_endpoint, any_sequence, NULL, &managers };

/* What is believed of ended tokens comes from the Key Manager that the gateway was told of, whatever a file says. */
static void
check_endpoint (const GwEndpoint *endpoint)
{
  if (endpoint->is_key_manager)
    g_assert_true (g_str_equal (endpoint->host, manager.host) && endpoint->port == manager.port && endpoint->tls);
  for (guint i = 0; endpoint->children != NULL && i < endpoint->children->len; i++)
    check_endpoint (endpoint->children->pdata[i]);
}

static void
check_sequence (const GwSequence *sequence)
{
  for (guint i = 0; sequence != NULL && i < sequence->steps->len; i++)
    {
      const GwStep *step = sequence->steps->pdata[i];

      if (step->endpoint != NULL)
        check_endpoint (step->endpoint);
      check_sequence (step->yes);
      check_sequence (step->no);
    }
}

/* Any path must be answered, and variables lie within it. */
static void
match (const GwApi *api, const char *path, gsize length)
{
  const GwResource *resource;
  GwVariables variables;

  gw_api_find (api, GW_METHOD_GET, path, length, 0, &resource, &variables);
  g_assert_cmpuint (variables.n, <=, GW_PATTERN_MAX_VARIABLES);
  for (guint i = 0; resource != NULL && i < variables.n; i++)
    g_assert_true (variables.variables[i].value >= path
                   && variables.variables[i].value + variables.variables[i].length <= path + length);
}

static void
check_api (GwApi *api, const char *bytes, gsize length)
{
  g_autoptr (GPtrArray) apis = g_ptr_array_new ();
  g_autoptr (GwRoutes) routes = NULL;
  GwTarget target = { .path = api->context, .path_length = strlen (api->context), .transport = GW_TRANSPORT_HTTPS };
  gboolean denied;
  gsize rest;

  g_assert_true (*api->name != '\0' && api->resources->len > 0 && api->transports != 0);
  g_assert_true (*api->context == '\0' || *api->context == '/');
  for (guint i = 0; i < api->resources->len; i++)
    check_sequence (((GwResource *) api->resources->pdata[i])->in);
  match (api, "/", 1);
  match (api, bytes, length);
  g_ptr_array_add (apis, api);
  routes = gw_routes_new (apis, NULL);
  if (routes != NULL && *api->context != '\0' && gw_routes_find (routes, &target, &rest, &denied) != NULL)
    g_assert_cmpuint (rest, <=, target.path_length);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GPtrArray) notes = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) endpoint_error = NULL;
  g_autoptr (GError) sequence_error = NULL;
  g_autofree char *name = NULL;
  g_autoptr (GwApi) api = gw_synapse_read_api ("a.xml", (const char *) data, size, &keys, notes, &error);
  g_autoptr (GwEndpoint) endpoint
      = gw_synapse_read_endpoint ("e.xml", (const char *) data, size, &keys, &endpoint_error);
  g_autoptr (GwSequence) sequence
      = gw_synapse_read_sequence ("s.xml", (const char *) data, size, &keys, &name, notes, &sequence_error);

  g_assert_true ((api == NULL) == (error != NULL));
  g_assert_true ((endpoint == NULL) == (endpoint_error != NULL));
  g_assert_true ((sequence == NULL) == (sequence_error != NULL));
  if (api != NULL)
    check_api (api, (const char *) data, size);
  return 0;
}
