/* Strict JSON: what is read, what is refused, what is written. */
#include "config.h"
#include "core/core-json.h"

#include <string.h>

static CoreJson *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  CoreJson *json = core_json_parse (text, strlen (text), &error);

  g_assert_no_error (error);
  return json;
}

static void
test_values (void)
{
  g_autoptr (CoreJson) json
      = parse (" {\"a\":\"x\\n\\u00e4\\ud83d\\ude00\\/\", \"n\" : -12 ,\"e\":1e3,\"f\":1.5,\"big\":9223372036854775808,"
               "\"t\":true,\"u\":false,\"z\":null,\"l\":[1,[],{\"k\":\"v\"}],\"\":\"empty\"}\r\n\t ");
  const CoreJsonNode *root = core_json_root (json), *list;
  gint64 number;

  g_assert_cmpstr (core_json_string (core_json_member (root, "a")), ==, "x\n\xc3\xa4\xf0\x9f\x98\x80/");
  g_assert_cmpstr (core_json_string (core_json_member (root, "")), ==, "empty");
  g_assert_true (core_json_int64 (core_json_member (root, "n"), &number));
  g_assert_cmpint (number, ==, -12);
  g_assert_false (core_json_int64 (core_json_member (root, "e"), &number));
  g_assert_false (core_json_int64 (core_json_member (root, "f"), &number));
  g_assert_false (core_json_int64 (core_json_member (root, "big"), &number));
  g_assert_false (core_json_int64 (core_json_member (root, "a"), &number));
  g_assert_cmpint (core_json_type (core_json_member (root, "t")), ==, CORE_JSON_TRUE);
  g_assert_cmpint (core_json_type (core_json_member (root, "u")), ==, CORE_JSON_FALSE);
  g_assert_cmpint (core_json_type (core_json_member (root, "z")), ==, CORE_JSON_NULL);
  g_assert_null (core_json_string (core_json_member (root, "n")));
  g_assert_null (core_json_member (root, "missing"));
  g_assert_null (core_json_member (core_json_member (root, "n"), "a"));
  list = core_json_first (core_json_member (root, "l"));
  g_assert_true (core_json_int64 (list, &number));
  g_assert_null (core_json_first (core_json_next (list)));
  list = core_json_next (core_json_next (list));
  g_assert_cmpstr (core_json_string (core_json_member (list, "k")), ==, "v");
  g_assert_null (core_json_next (list));
}

static void
assert_refused (const char *text, gsize length)
{
  g_autoptr (GError) error = NULL;

  g_test_message ("%.*s", (int) MIN (length, 60), text);
  g_assert_null (core_json_parse (text, length, &error));
  g_assert_error (error, CORE_JSON_ERROR, CORE_JSON_ERROR_SYNTAX);
}

static void
test_refused (void)
{
  static const char *const texts[] = {
    "",
    " ",
    "[]",
    "\"a\"",
    "null",
    "{",
    "{}x",
    "{}{}",
    "{\"a\"}",
    "{\"a\":}",
    "{\"a\":1,}",
    "{,}",
    "{\"a\":1 \"b\":2}",
    "{a:1}",
    "{'a':1}",
    "{\"a\":1}//",
    "{/**/}",
    "{\"a\":01}",
    "{\"a\":+1}",
    "{\"a\":-}",
    "{\"a\":.5}",
    "{\"a\":1.}",
    "{\"a\":1e}",
    "{\"a\":0x1}",
    "{\"a\":NaN}",
    "{\"a\":tru}",
    "{\"a\":[1,]}",
    "{\"a\":[1}",
    "{\"a\":\"x}",
    "{\"a\":\"\\x\"}",
    "{\"a\":\"\\u12\"}",
    "{\"a\":\"\\u12g4\"}",
    "{\"a\":\"\\u0000\"}",
    "{\"a\":\"\\ud800\"}",
    "{\"a\":\"\\ud800\\u0041\"}",
    "{\"a\":\"\\udc00\"}",
    "{\"a\":\"\n\"}",
    "{\"a\":\"\\",
    "{\"a\":\"\xff\"}",
    "{\"a\":\"\xed\xa0\x80\"}",
    "\xef\xbb\xbf{}",
    "{\"a\":1,\"a\":1}",
    "{\"a\":1,\"\\u0061\":2}",
    "{\"x\":{\"a\":1,\"a\":2}}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    assert_refused (texts[i], strlen (texts[i]));
  assert_refused ("{\"a\":\"\0\"}", 9);
  assert_refused ("{}\0", 3);
}

static char *
nested (guint depth)
{
  GString *text = g_string_new ("{\"a\":");

  for (guint i = 0; i < depth; i++)
    g_string_append_c (text, '[');
  for (guint i = 0; i < depth; i++)
    g_string_append_c (text, ']');
  g_string_append_c (text, '}');
  return g_string_free (text, FALSE);
}

static char *
wide (guint n, gboolean members)
{
  GString *text = g_string_new (members ? "{" : "{\"a\":[");

  for (guint i = 0; i < n; i++)
    {
      g_string_append (text, i > 0 ? "," : "");
      if (members)
        g_string_append_printf (text, "\"m%u\":", i);
      g_string_append_c (text, '1');
    }
  g_string_append (text, members ? "}" : "]}");
  return g_string_free (text, FALSE);
}

static void
test_limits (void)
{
  g_autofree char *deep = nested (CORE_JSON_MAX_DEPTH - 1);
  g_autofree char *too_deep = nested (CORE_JSON_MAX_DEPTH);
  g_autofree char *far_too_deep = nested (100000);
  g_autofree char *many = wide (CORE_JSON_MAX_MEMBERS, TRUE);
  g_autofree char *too_many = wide (CORE_JSON_MAX_MEMBERS + 1, TRUE);
  g_autofree char *values = wide (CORE_JSON_MAX_NODES - 2, FALSE);
  g_autofree char *too_many_values = wide (CORE_JSON_MAX_NODES - 1, FALSE);

  core_json_free (parse (deep));
  core_json_free (parse (many));
  core_json_free (parse (values));
  assert_refused (too_deep, strlen (too_deep));
  assert_refused (far_too_deep, strlen (far_too_deep));
  assert_refused (too_many, strlen (too_many));
  assert_refused (too_many_values, strlen (too_many_values));
}

static void
test_written (void)
{
  g_autoptr (GString) text = g_string_new ("{");
  g_autoptr (CoreJson) json = NULL;

  core_json_append_member (text, "a\"b", "\\ / \b\f\n\r\t\x01 \xc3\xa4");
  core_json_append_member (text, "none", NULL);
  core_json_append_name (text, "list");
  g_string_append (text, "[]");
  core_json_append_member (text, "bad", "\xff!");
  g_string_append_c (text, '}');
  g_assert_cmpstr (
      text->str, ==,
      "{\"a\\\"b\":\"\\\\ / \\b\\f\\n\\r\\t\\u0001 \xc3\xa4\",\"none\":null,\"list\":[],\"bad\":\"\xef\xbf\xbd!\"}");
  json = parse (text->str);
  g_assert_cmpstr (core_json_string (core_json_member (core_json_root (json), "a\"b")), ==,
                   "\\ / \b\f\n\r\t\x01 \xc3\xa4");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json/values", test_values);
  g_test_add_func ("/json/refused", test_refused);
  g_test_add_func ("/json/limits", test_limits);
  g_test_add_func ("/json/written", test_written);
  return g_test_run ();
}
