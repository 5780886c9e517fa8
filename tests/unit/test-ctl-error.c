/* Kinds, exit statuses and how errors are printed. */
#include "config.h"

#include "admin-cli/ctl-error.h"
#include "store/st-error.h"

#include <json-glib/json-glib.h>

static char *
printed (const GError *error, gboolean json)
{
  char *text = NULL;
  size_t length = 0;
  FILE *stream = open_memstream (&text, &length);
  ctl_error_print (stream, error, json, FALSE);
  fclose (stream);
  return text;
}

/* The contract with scripts: these numbers never change. */
static void
test_exit_statuses (void)
{
  static const struct
  {
    CtlErrorKind kind;
    const char *name;
    int status;
  } cases[] = {
    { CTL_ERROR_FAILED, "failed", 1 },       { CTL_ERROR_USAGE, "usage", 2 },
    { CTL_ERROR_NOT_FOUND, "not_found", 3 }, { CTL_ERROR_LOGIN, "login", 4 },
    { CTL_ERROR_FORBIDDEN, "forbidden", 5 }, { CTL_ERROR_CONFLICT, "conflict", 6 },
    { CTL_ERROR_INVALID, "invalid", 2 },     { CTL_ERROR_PARTIAL, "partial", 7 },
    { CTL_ERROR_REFUSED, "refused", 8 },     { CTL_ERROR_UNREACHABLE, "unreachable", 10 },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_assert_cmpstr (ctl_error_kind_name (cases[i].kind), ==, cases[i].name);
      g_assert_cmpint (ctl_error_exit_status (cases[i].kind), ==, cases[i].status);
    }
}

static void
test_text (void)
{
  g_autoptr (GError) error = NULL;
  ctl_error_set (&error, CTL_ERROR_NOT_FOUND, "apimctl help", "thing", "is \"%s\"", "gone");
  g_autofree char *text = printed (error, FALSE);
  g_assert_cmpstr (text, ==, "apimctl: error: thing: is \"gone\" [not_found]\nhint: apimctl help\n");

  g_autoptr (GError) bare = NULL;
  ctl_error_set (&bare, CTL_ERROR_FAILED, NULL, "thing", "broke");
  g_autofree char *without_hint = printed (bare, FALSE);
  g_assert_cmpstr (without_hint, ==, "apimctl: error: thing: broke [failed]\n");
}

/* A server's text must not move the cursor or forge a second line. */
static void
test_control_characters (void)
{
  g_autoptr (GError) error = NULL;
  ctl_error_set (&error, CTL_ERROR_LOGIN, NULL, "login", "%s", "no\n\033[2Jauthorized");
  g_autofree char *text = printed (error, FALSE);
  g_assert_cmpstr (text, ==, "apimctl: error: login: no??[2Jauthorized [login]\n");
}

static void
test_json (void)
{
  g_autoptr (GError) error = NULL;
  ctl_error_set (&error, CTL_ERROR_CONFLICT, "apimctl help \"x\"", "thing", "is there");
  g_autofree char *text = printed (error, TRUE);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_assert_true (json_parser_load_from_data (parser, text, -1, NULL));
  JsonObject *object = json_object_get_object_member (json_node_get_object (json_parser_get_root (parser)), "error");
  g_assert_cmpstr (json_object_get_string_member (object, "kind"), ==, "conflict");
  g_assert_cmpstr (json_object_get_string_member (object, "message"), ==, "thing: is there");
  g_assert_cmpstr (json_object_get_string_member (object, "hint"), ==, "apimctl help \"x\"");
  g_assert_cmpint (json_object_get_int_member (object, "exitStatus"), ==, 6);
}

static void
test_foreign_domains (void)
{
  static const struct
  {
    int code;
    CtlErrorKind kind;
  } cases[] = {
    { ST_ERROR_UNAVAILABLE, CTL_ERROR_UNREACHABLE }, { ST_ERROR_TIMEOUT, CTL_ERROR_UNREACHABLE },
    { ST_ERROR_CONFLICT, CTL_ERROR_CONFLICT },       { ST_ERROR_SCHEMA, CTL_ERROR_FAILED },
    { ST_ERROR_DATA, CTL_ERROR_FAILED },             { ST_ERROR_SETUP, CTL_ERROR_FAILED },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = g_error_new_literal (ST_ERROR, cases[i].code, "why");
      ctl_error_wrap (&error, "hint", "what");
      g_assert_error (error, CTL_ERROR, (int) cases[i].kind);
      g_assert_cmpstr (error->message, ==, "what: why");
      g_assert_cmpstr (ctl_error_hint (error), ==, "hint");
    }
}

static void
test_wrap_leaves_own (void)
{
  g_autoptr (GError) error = NULL;
  ctl_error_set (&error, CTL_ERROR_USAGE, "first hint", "first", "why");
  ctl_error_wrap (&error, "second hint", "second");
  g_assert_error (error, CTL_ERROR, CTL_ERROR_USAGE);
  g_assert_cmpstr (error->message, ==, "first: why");
  g_assert_cmpstr (ctl_error_hint (error), ==, "first hint");

  g_autoptr (GError) copy = g_error_copy (error);
  g_clear_error (&error);
  g_assert_cmpstr (ctl_error_hint (copy), ==, "first hint");
  ctl_error_wrap (&error, NULL, "nothing");
  g_assert_no_error (error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ctl-error/exit-statuses", test_exit_statuses);
  g_test_add_func ("/ctl-error/text", test_text);
  g_test_add_func ("/ctl-error/control-characters", test_control_characters);
  g_test_add_func ("/ctl-error/json", test_json);
  g_test_add_func ("/ctl-error/foreign-domains", test_foreign_domains);
  g_test_add_func ("/ctl-error/wrap-leaves-own", test_wrap_leaves_own);
  return g_test_run ();
}
