/* Which handler a path and a method lead to. */
#include "config.h"
#include "portal/pt-router.h"

#include <string.h>

static gboolean
never (PtRequest *request, PtAnswer *answer, GError **error)
{
  g_assert_not_reached ();
}

static const PtRoute apis[] = {
  { "GET", "/apis", "apim:api_view", PT_BODY_NONE, FALSE, never },
  { "POST", "/apis", "apim:api_create", PT_BODY_JSON, FALSE, never },
  { "POST", "/apis/copy-api", "apim:api_create", PT_BODY_NONE, FALSE, never },
  { "GET", "/apis/{apiId}", "apim:api_view", PT_BODY_NONE, FALSE, never },
  { "DELETE", "/apis/{apiId}", "apim:api_create", PT_BODY_NONE, FALSE, never },
  { NULL },
};

static const PtRoute documents[] = {
  { "GET", "/apis/{apiId}/documents/{documentId}", NULL, PT_BODY_NONE, FALSE, never },
  { NULL },
};

static const PtRoute *const tables[] = { apis, documents, NULL };

typedef struct
{
  const char *method;
  const char *path;
  const PtRoute *route;      /* NULL: none */
  const char *allowed;       /* of none: the methods there are; NULL: no such path */
  const char *parameters[3]; /* of one */
} Case;

static const Case cases[] = {
  { "GET", "/apis", &apis[0], NULL, { NULL } },
  { "HEAD", "/apis", &apis[0], NULL, { NULL } },
  { "POST", "/apis/", &apis[1], NULL, { NULL } },
  { "POST", "/apis/copy-api", &apis[2], NULL, { NULL } },
  { "GET", "/apis/copy-api", &apis[3], NULL, { "copy-api" } },
  { "GET", "/apis/admin-Pizza-1.0.0", &apis[3], NULL, { "admin-Pizza-1.0.0" } },
  { "GET", "/apis/a%20b%C3%A9", &apis[3], NULL, { "a b\u00e9" } },
  { "GET", "/apis/1/documents/2", &documents[0], NULL, { "1", "2" } },
  { "PUT", "/apis", NULL, "GET, POST", { NULL } },
  { "PATCH", "/apis/x", NULL, "GET, DELETE", { NULL } },
  { "get", "/apis", NULL, "GET, POST", { NULL } },
  { "GET", "/api", NULL, NULL, { NULL } },
  { "GET", "/apis/1/documents", NULL, NULL, { NULL } },
  { "GET", "/apis/1/documents/2/3", NULL, NULL, { NULL } },
  { "GET", "/apis/%ff", NULL, NULL, { NULL } },
  { "GET", "/apis/%0a", NULL, NULL, { NULL } },
  { "GET", "/apis/%zz", NULL, NULL, { NULL } },
  { "GET", "/apis/%00", NULL, NULL, { NULL } },
  { "GET", "//apis", NULL, NULL, { NULL } },
  { "GET", "/", NULL, NULL, { NULL } },
  { "GET", "", NULL, NULL, { NULL } },
};

static void
test_find (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const Case *c = &cases[i];
      g_auto (PtMatch) match = { NULL };

      g_test_message ("%s %s", c->method, c->path);
      pt_router_find (tables, c->method, c->path, strlen (c->path), &match);
      g_assert_true (match.route == c->route);
      for (guint n = 0; n < PT_MAX_PARAMETERS; n++)
        g_assert_cmpstr (match.parameters[n], ==, c->parameters[n]);
      if (c->route == NULL)
        g_assert_cmpstr (match.allowed != NULL ? match.allowed->str : NULL, ==, c->allowed);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/router/find", test_find);
  return g_test_run ();
}
