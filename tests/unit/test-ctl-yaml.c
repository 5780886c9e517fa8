/* YAML in and out, JSON within limits, dotted paths, times, paths of requests, what a definition says. */
#include "config.h"

#include "admin-cli/ctl-definition.h"
#include "admin-cli/ctl-error.h"
#include "admin-cli/ctl-json.h"
#include "admin-cli/ctl-server.h"
#include "admin-cli/ctl-time.h"
#include "admin-cli/ctl-yaml.h"

#include <string.h>

static CtlYaml *
parse (const char *text, GError **error)
{
  return ctl_yaml_parse (text, strlen (text), "f", error);
}

static void
test_values (void)
{
  static const struct
  {
    const char *yaml;
    const char *json;
  } cases[] = {
    { "a: 1\nb: [x, true, null, ~]", "{\"a\":1,\"b\":[\"x\",true,null,null]}" },
    { "version: 1.10", "{\"version\":\"1.10\"}" }, /* no number: 1.1 is another version */
    { "a: 007", "{\"a\":\"007\"}" },
    { "a: '1'", "{\"a\":\"1\"}" },
    { "a: yes", "{\"a\":\"yes\"}" },
    { "{\"a\": \"\\u00e9\\/\", \"b\": -5}", "{\"a\":\"\xc3\xa9/\",\"b\":-5}" },
    { "a: |\n  x\n  y\n", "{\"a\":\"x\\ny\\n\"}" },
    { "[]", "[]" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (CtlYaml) yaml = parse (cases[i].yaml, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (yaml->documents->len, ==, 1);
      g_autofree char *json = ctl_json_compact (yaml->documents->pdata[0]);
      g_assert_cmpstr (json, ==, cases[i].json);
    }
}

static void
test_lines (void)
{
  g_autoptr (CtlYaml) yaml = parse ("a: 1\nb:\n  - x\n  - y\n---\nc: 2\n", NULL);
  g_assert_cmpuint (yaml->documents->len, ==, 2);
  g_assert_cmpuint (ctl_yaml_line (yaml, ctl_json_find (yaml->documents->pdata[0], "b.1")), ==, 4);
  g_assert_cmpuint (ctl_yaml_line (yaml, ctl_json_find (yaml->documents->pdata[1], "c")), ==, 6);
}

static void
test_refused (void)
{
  static const struct
  {
    const char *yaml;
    const char *message;
  } cases[] = {
    { "a: 1\na: 2", "f:2: \"a\" is there twice" },
    { "a: &x 1", "f:1: anchors, aliases and tags are not taken: write the value out" },
    { "a: *x", "f:1: anchors, aliases and tags are not taken: write the value out" },
    { "a: !!str 1", "f:1: anchors, aliases and tags are not taken: write the value out" },
    { "a: \"x\\0y\"", "f:1: a text holds a NUL character" },
    { "[a]: 1", "f:1: a key must be a plain text" },
    { "x: 1\n\ta: [", "f:2: found a tab character that violates indentation" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_null (parse (cases[i].yaml, &error));
      g_assert_error (error, CTL_ERROR, CTL_ERROR_USAGE);
      g_assert_cmpstr (error->message, ==, cases[i].message);
    }
  g_autofree char *deep = g_strnfill (100, '[');
  g_assert_null (parse (deep, NULL));
}

/* What is written is read as what it was. */
static void
test_round_trip (void)
{
  static const char *const texts[] = {
    "",    "true",       "no",       "1.0.0", "12",           "-", "a: b", " x",    "x ",
    "# y", "line\nline", "line\n\n", "\ttab", "\xe5\xa4\xa9", "~", "&a",   "\"q\"", "'",
  };
  g_autoptr (JsonObject) object = json_object_new ();
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    json_object_set_string_member (object, texts[i], texts[i]);
  json_object_set_int_member (object, "n", G_MININT64);
  json_object_set_null_member (object, "null value");
  json_object_set_array_member (object, "empty", json_array_new ());
  json_object_set_object_member (object, "object", json_object_new ());
  g_autoptr (JsonNode) root = json_node_init_object (json_node_alloc (), object);
  g_autofree char *yaml = ctl_yaml_render (root);
  g_autoptr (GError) error = NULL;
  g_autoptr (CtlYaml) back = parse (yaml, &error);
  g_assert_no_error (error);
  g_assert_true (ctl_json_same (root, back->documents->pdata[0]));
}

static void
test_json (void)
{
  g_autoptr (JsonNode) root = ctl_json_parse ("{\"b\":[1,\"x\"],\"a\":{\"n\":null}}", 28, "t", NULL);
  g_assert_nonnull (root);
  g_autofree char *list = ctl_json_display (ctl_json_find (root, "b"));
  g_assert_cmpstr (list, ==, "1,x");
  g_assert_null (ctl_json_find (root, "b.2"));
  g_assert_null (ctl_json_find (root, "a.n.x"));
  g_autoptr (JsonNode) sorted = ctl_json_sorted (root);
  g_autofree char *text = ctl_json_compact (sorted);
  g_assert_cmpstr (text, ==, "{\"a\":{\"n\":null},\"b\":[1,\"x\"]}");

  /* Long is not deep. */
  g_autoptr (GString) rows = g_string_new ("[[]");
  for (guint i = 0; i < 10 * CTL_JSON_MAX_DEPTH; i++)
    g_string_append (rows, ",{\"a\":[\"]\"]}");
  g_string_append (rows, "]");
  g_autoptr (JsonNode) many = ctl_json_parse (rows->str, rows->len, "t", NULL);
  g_assert_nonnull (many);

  g_autofree char *deep = g_strnfill (CTL_JSON_MAX_DEPTH + 1, '[');
  g_autoptr (GError) error = NULL;
  g_assert_null (ctl_json_parse (deep, strlen (deep), "t", &error));
  g_assert_cmpstr (error->message, ==, "t: is not JSON: it has too many levels");
  g_assert_null (ctl_json_parse ("\"\xff\"", 3, "t", NULL));
  g_assert_null (ctl_json_parse ("", 0, "t", NULL));
}

static void
test_times (void)
{
  static const struct
  {
    const char *text;
    gboolean terminal;
    const char *shown;
  } cases[] = {
    { "2020-01-01T12:00:00Z", TRUE, "3 h ago" },
    { "2020-01-01T17:00:00+01:00", TRUE, "in 60 min" },
    { "1577880000000", FALSE, "2020-01-01T12:00:00Z" },
    { "2020-01-01T13:00:00+01:00", FALSE, "2020-01-01T12:00:00Z" },
    { "yesterday", FALSE, "yesterday" },
    { "", TRUE, "" },
    { "42", TRUE, "42" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *shown = ctl_time_display (cases[i].text, cases[i].terminal, 1577890800);
      g_assert_cmpstr (shown, ==, cases[i].shown);
    }
}

static void
test_paths (void)
{
  g_autofree char *escaped = ctl_server_path ("/apis/{}/x?q={}", "../a b/c", "ä&=");
  g_assert_cmpstr (escaped, ==, "/apis/..%2Fa%20b%2Fc/x?q=%C3%A4%26%3D");
  g_autofree char *first = ctl_server_path ("/apis?query={}&limit={}", NULL, "5");
  g_assert_cmpstr (first, ==, "/apis?limit=5");
  g_autofree char *none = ctl_server_path ("/apis?query={}", NULL);
  g_assert_cmpstr (none, ==, "/apis");
  g_autofree char *last = ctl_server_path ("/apis?a={}&b={}", "1", NULL);
  g_assert_cmpstr (last, ==, "/apis?a=1");
}

static void
test_definition (void)
{
  g_autoptr (CtlYaml) yaml
      = parse ("swagger: '2.0'\ninfo: {title: 'Pizza Shack (v1)', version: '1'}\nhost: h:1\nbasePath: /p\n"
               "schemes: [http]\npaths: {}\n",
               NULL);
  JsonNode *document = yaml->documents->pdata[0];
  g_assert_true (ctl_definition_check (document, "f", NULL));
  g_autofree char *name = ctl_definition_name (document), *endpoint = ctl_definition_endpoint (document);
  g_assert_cmpstr (name, ==, "PizzaShackv1");
  g_assert_cmpstr (endpoint, ==, "http://h:1/p");
  g_autoptr (JsonNode) any = ctl_definition_any ("A", "1");
  g_assert_true (ctl_definition_check (any, "f", NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ctl-yaml/values", test_values);
  g_test_add_func ("/ctl-yaml/lines", test_lines);
  g_test_add_func ("/ctl-yaml/refused", test_refused);
  g_test_add_func ("/ctl-yaml/round-trip", test_round_trip);
  g_test_add_func ("/ctl-yaml/json", test_json);
  g_test_add_func ("/ctl-yaml/times", test_times);
  g_test_add_func ("/ctl-yaml/paths", test_paths);
  g_test_add_func ("/ctl-yaml/definition", test_definition);
  return g_test_run ();
}
