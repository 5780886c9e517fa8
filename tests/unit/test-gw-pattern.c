/* spec/gateway-and-traffic-manager.md 1.3. */
#include "config.h"
#include "gateway/gw-pattern.h"

#include <string.h>

typedef struct
{
  const char *pattern;
  const char *path;
  gboolean matches;
} Case;

static void
check (const GwPattern *pattern, const Case *c)
{
  const char *query = strchr (c->path, '?');
  gsize length = query != NULL ? (gsize) (query - c->path) : strlen (c->path);

  if (gw_pattern_matches (pattern, c->path, length, strlen (c->path) - length, NULL) != c->matches)
    g_error ("\"%s\" against \"%s\"", c->pattern, c->path);
  if (c->matches)
    {
      GwPatternProbe probe = gw_pattern_probe (pattern);

      if (!gw_pattern_probe_fits (&probe, c->path, length))
        g_error ("the probe of \"%s\" against \"%s\"", c->pattern, c->path);
    }
}

static void
test_mappings (void)
{
  static const Case cases[] = {
    { "/menu", "/menu", TRUE },        { "/menu", "/menu/", TRUE },      { "/menu/", "/menu", TRUE },
    { "/menu", "/menu?x=/", TRUE },    { "/menu", "/menus", FALSE },     { "/menu", "/menu/a", FALSE },
    { "/menu", "/Menu", FALSE },       { "/", "/", TRUE },               { "/", "/a", FALSE },
    { "/*", "/", TRUE },               { "/*", "/a/b/c", TRUE },         { "/*", "/?a=b", TRUE },
    { "/a/b/*", "/a/b", TRUE },        { "/a/b/*", "/a/b/", TRUE },      { "/a/b/*", "/a/b/c/d", TRUE },
    { "/a/b/*", "/a/bc", FALSE },      { "/a/b/*", "/a", FALSE },        { "*.json", "/a/b.json", TRUE },
    { "*.json", "/a/b.json?x", TRUE }, { "*.json", "/a/b.jsonx", FALSE }, { "*.json", ".json", FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GwPattern) pattern = gw_pattern_new_mapping (cases[i].pattern, &error);

      g_assert_no_error (error);
      check (pattern, &cases[i]);
    }
}

static void
test_templates (void)
{
  static const Case cases[] = {
    { "/order/{id}", "/order/7", TRUE },
    { "/order/{id}", "/order/7/", TRUE },
    { "/order/{id}", "/order/", FALSE },
    { "/order/{id}", "/order/7/items", FALSE },
    { "/order/{id}", "/order/7?x=y", TRUE },
    { "/order/{id}/items", "/order/7/items", TRUE },
    { "/order/{id}/items", "/order//items", FALSE },
    { "/order/{id}/items", "/order/7/item", FALSE },
    { "/{a}-{b}", "/x-y", TRUE },
    { "/{a}-{b}", "/xy", FALSE },
    { "/file/{+path}", "/file/a/b/c", TRUE },
    { "/file/{path}", "/file/a/b/c", FALSE },
    { "/code/{c:3}", "/code/abc", TRUE },
    { "/code/{c:3}", "/code/abcd", FALSE },
    { "/x{/rest}", "/x/y", TRUE },
    { "/x{/rest}", "/x", FALSE },
    { "/x{.ext}", "/x.json", TRUE },
    { "/a/*", "/a/b/c", TRUE },
    { "/a/*", "/a", TRUE },
    { "/a/*", "/ab", FALSE },
    { "/{id}/*", "/7/b/c", TRUE },
    { "/find?q={word}", "/find?q=x", TRUE },
    { "/find?q={word}", "/find", FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GwPattern) pattern = gw_pattern_new_template (cases[i].pattern, &error);

      g_assert_no_error (error);
      check (pattern, &cases[i]);
    }
}

static void
test_probes (void)
{
  static const Case cases[] = {
    { "/orders-01/*", "/orders-01", TRUE },       { "/orders-01/*", "/orders-02", FALSE },
    { "/orders-01/*", "/orders-0", FALSE },       { "/a", "/a", TRUE },
    { "/a", "/b", FALSE },                        { "/", "/anything", TRUE }, /* it says nothing, and no more is asked of it */
    { "/orders-01/{id}", "/orders-01/", TRUE },   { "/orders-01/{id}", "/orders-01", FALSE },
    { "{id}", "/x", TRUE },                       { "/menu?day={day}", "/menu", TRUE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GwPattern) pattern = strchr (cases[i].pattern, '{') != NULL
                                          ? gw_pattern_new_template (cases[i].pattern, NULL)
                                          : gw_pattern_new_mapping (cases[i].pattern, NULL);
      GwPatternProbe probe = gw_pattern_probe (pattern);

      if (gw_pattern_probe_fits (&probe, cases[i].path, strlen (cases[i].path)) != cases[i].matches)
        g_error ("the probe of \"%s\" against \"%s\"", cases[i].pattern, cases[i].path);
    }
}

static void
test_variables (void)
{
  g_autoptr (GwPattern) pattern = gw_pattern_new_template ("/order/{id}/item/{number}", NULL);
  GwVariables variables;

  g_assert_true (gw_pattern_matches (pattern, "/order/a%20b/item/12", 20, 0, &variables));
  g_assert_cmpuint (variables.n, ==, 2);
  g_assert_cmpstr (variables.variables[0].name, ==, "id");
  g_assert_cmpmem (variables.variables[0].value, variables.variables[0].length, "a%20b", 5);
  g_assert_cmpstr (variables.variables[1].name, ==, "number");
  g_assert_cmpmem (variables.variables[1].value, variables.variables[1].length, "12", 2);
}

static void
test_weights (void)
{
  g_autoptr (GwPattern) all = gw_pattern_new_mapping ("/*", NULL);
  g_autoptr (GwPattern) two = gw_pattern_new_mapping ("/a/b/*", NULL);
  g_autoptr (GwPattern) exact = gw_pattern_new_mapping ("/a/b", NULL);

  g_assert_cmpuint (gw_pattern_weight (all), ==, 1);
  g_assert_cmpuint (gw_pattern_weight (two), ==, 2);
  g_assert_cmpuint (gw_pattern_weight (exact), ==, 0);
}

static void
test_refused (void)
{
  g_autofree char *too_long = g_strnfill (GW_PATTERN_MAX_LENGTH + 1, '/');
  const char *const mappings[] = { "", "menu", "a b", "/a\nb", "/a b", too_long };
  const char *const templates[] = { "",       "order/{id}", "/{",         "/}",         "/{}",     "/{a{b}}",
                                    "/{a b}", "/{;x}",      "/{a:0}",     "/{a:many}",  "/{a,b}",  "/{?q}",
                                    "/{1}{2}{3}{4}{5}{6}{7}{8}{9}{10}{11}{12}{13}{14}{15}{16}{17}" };

  for (gsize i = 0; i < G_N_ELEMENTS (mappings); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (gw_pattern_new_mapping (mappings[i], &error));
      g_assert_error (error, GW_PATTERN_ERROR, GW_PATTERN_ERROR_SYNTAX);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (templates); i++)
    {
      g_autoptr (GError) error = NULL;

      if (gw_pattern_new_template (templates[i], &error) != NULL)
        g_error ("taken: %s", templates[i]);
      g_assert_error (error, GW_PATTERN_ERROR, GW_PATTERN_ERROR_SYNTAX);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gw-pattern/mappings", test_mappings);
  g_test_add_func ("/gw-pattern/templates", test_templates);
  g_test_add_func ("/gw-pattern/probes", test_probes);
  g_test_add_func ("/gw-pattern/variables", test_variables);
  g_test_add_func ("/gw-pattern/weights", test_weights);
  g_test_add_func ("/gw-pattern/refused", test_refused);
  return g_test_run ();
}
