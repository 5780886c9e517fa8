#include "config.h"
#include "common/apim-json-shape.h"

#include <string.h>

static const char *
wrong (const char *text)
{
  return apim_json_shape_wrong (text, strlen (text), 3, 4);
}

static void
test_right (void)
{
  const char *texts[]
      = { "", " ", "{}", " [1] \n", "\"a\"", "null", " 12 ", "[[[1]]]", "{\"[[[[\":\"}\\\"\\\\\"}", "[\"'/*\"]", "[1,2,3,4]" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    g_assert_cmpstr (wrong (texts[i]), ==, NULL);
}

/* json-glib 1.6 would lose the first value, or what looks quoted here would not be so there. */
static void
test_not_one_value (void)
{
  const char *second[] = { "{}{}", "null{\"a\":1}", "{} x", "\"a\"\"b\"", "1 2", "1\"a\"", "}", "{}}", "[][" };
  const char *foreign[] = { "{'\"':1}", "/* \" */[", "[1] // x" };

  for (guint i = 0; i < G_N_ELEMENTS (second); i++)
    g_assert_cmpstr (wrong (second[i]), ==, "something follows its value");
  for (guint i = 0; i < G_N_ELEMENTS (foreign); i++)
    g_assert_cmpstr (wrong (foreign[i]), ==, "it has single quotes or comments");
}

static void
test_too_much (void)
{
  g_assert_cmpstr (wrong ("[[[["), ==, "it has too many levels");
  g_assert_cmpstr (wrong ("[1,2,3,4,5]"), ==, "it has too many values");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json-shape/right", test_right);
  g_test_add_func ("/json-shape/not-one-value", test_not_one_value);
  g_test_add_func ("/json-shape/too-much", test_too_much);
  return g_test_run ();
}
