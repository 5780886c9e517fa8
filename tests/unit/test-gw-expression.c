/* spec/gateway-and-traffic-manager.md 5.3. */
#include "config.h"
#include "gateway/gw-expression.h"

#include <string.h>

/* A message with AM_KEY_TYPE, the header X-One, and an empty axis2 property. */
static GwText
get (gpointer data, GwScope scope, GQuark name)
{
  const char *text = NULL;

  (void) data;
  if (scope == GW_SCOPE_MESSAGE && name == g_quark_from_static_string ("AM_KEY_TYPE"))
    text = "PRODUCTION";
  if (scope == GW_SCOPE_TRANSPORT && name == g_quark_from_static_string ("x-one"))
    text = "1";
  if (scope == GW_SCOPE_AXIS2 && name == g_quark_from_static_string ("EMPTY"))
    text = "";
  if (scope == GW_SCOPE_VAULT && name == g_quark_from_static_string ("admin--Weather1.0.0"))
    text = "secret";
  return (GwText){ text, text != NULL ? strlen (text) : 0 };
}

static const GwProperties message = { get, NULL };

static void
check_text (const char *text, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GwExpression) expression = gw_expression_new (text, &error);
  char room[200];
  char *buffer = room;
  gsize left = sizeof room;
  GwText value;

  g_assert_no_error (error);
  g_assert_true (gw_expression_text (expression, &message, &buffer, &left, &value));
  if (value.length != strlen (expected) || (value.length > 0 && memcmp (value.text, expected, value.length) != 0))
    g_error ("%s: \"%.*s\"", text, (int) value.length, value.text);
}

static void
test_texts (void)
{
  check_text ("'a b'", "a b");
  check_text (" \"it's\" ", "it's");
  check_text ("42", "42");
  check_text ("$ctx:AM_KEY_TYPE", "PRODUCTION");
  check_text ("get-property('AM_KEY_TYPE')", "PRODUCTION");
  check_text ("get-property('transport', 'X-One')", "1");
  check_text ("$trp:x-ONE", "1");
  check_text ("$axis2:EMPTY", "");
  check_text ("$ctx:NO_SUCH", "");
  check_text ("fn:concat('Basic ', base64Encode('user:word'))", "Basic dXNlcjp3b3Jk");
  check_text ("base64Encode(fn:concat('a', ':', $trp:X-One))", "YTox");
  check_text ("concat(concat('a', 'b'), concat('c', concat('d', 'e')), 'f')", "abcdef");
  check_text ("base64Encode('')", "");
  check_text ("concat('u:', wso2:vault-lookup('admin--Weather1.0.0'))", "u:secret");
  check_text ("wso2:vault-lookup(\"nobody's\")", "");
  check_text ("get-property('admin--Weather1.0.0')", "");
  check_text ("'a' = 'a'", "true");
  check_text ("not('a')", "false");
}

static void
check_true (const char *text, gboolean expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GwExpression) expression = gw_expression_new (text, &error);
  char room[200];
  gboolean value;

  g_assert_no_error (error);
  g_assert_true (gw_expression_true (expression, &message, room, sizeof room, &value));
  if (value != expected)
    g_error ("%s", text);
}

static void
test_conditions (void)
{
  check_true ("get-property('AM_KEY_TYPE') = 'PRODUCTION'", TRUE);
  check_true ("$ctx:AM_KEY_TYPE != 'PRODUCTION'", FALSE);
  check_true ("boolean($ctx:NO_SUCH)", FALSE);
  check_true ("boolean(get-property('axis2','EMPTY'))", FALSE);
  check_true ("not(boolean($ctx:NO_SUCH))", TRUE);
  check_true ("true()", TRUE);
  check_true ("false()", FALSE);
  check_true ("$trp:X-One = 1 and ($ctx:NO_SUCH = 'a' or true())", TRUE);
  check_true ("$trp:X-One = 2 or false() and true()", FALSE);
  check_true ("$ctx:NO_SUCH = ''", TRUE);
}

/* What does not fit is an error, not a shorter text. */
static void
test_no_room (void)
{
  static const char *const expressions[] = { "concat('abcdef', 'ghijkl')", "base64Encode('abcdefgh')",
                                             "concat('a', base64Encode('abcdef'))" };

  for (gsize i = 0; i < G_N_ELEMENTS (expressions); i++)
    {
      g_autoptr (GwExpression) expression = gw_expression_new (expressions[i], NULL);
      char room[8];
      char *buffer = room;
      gsize left = sizeof room;
      GwText value;
      gboolean is_true;

      g_assert_false (gw_expression_text (expression, &message, &buffer, &left, &value));
      g_assert_false (gw_expression_true (expression, &message, room, sizeof room, &is_true));
      g_assert_false (is_true);
    }
}

static void
test_refused (void)
{
  g_autofree char *deep = g_strnfill (GW_EXPRESSION_MAX_DEPTH + 1, '(');
  g_autofree char *too_long = g_strnfill (GW_EXPRESSION_MAX_LENGTH + 1, '1');
  const char *const bad[] = { "",
                              "'open",
                              "//soap:Body/text()",
                              "substring('a', 1)",
                              "concat('a')",
                              "base64Encode()",
                              "base64Encode('a', 'b')",
                              "get-property(concat('a', 'b'))",
                              "get-property('registry', 'gov:/x')",
                              "$body:x",
                              "$ctx:",
                              "$ctx",
                              "'a' 'b'",
                              "'a' =",
                              "wso2:vault-lookup()",
                              "wso2:vault-lookup('a', 'b')",
                              "wso2:vault-lookup($trp:x-alias)",
                              "wso2:vault-lookup(concat('a', 'b'))",
                              "get-property('vault', 'x')",
                              "('a'",
                              "andy",
                              deep,
                              too_long };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      if (gw_expression_new (bad[i], &error) != NULL)
        g_error ("taken: %s", bad[i]);
      g_assert_error (error, GW_EXPRESSION_ERROR, GW_EXPRESSION_ERROR_UNSUPPORTED);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gw-expression/texts", test_texts);
  g_test_add_func ("/gw-expression/conditions", test_conditions);
  g_test_add_func ("/gw-expression/no-room", test_no_room);
  g_test_add_func ("/gw-expression/refused", test_refused);
  return g_test_run ();
}
