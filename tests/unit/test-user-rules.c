#include "config.h"
#include "core/core-user-rules.h"

#include <string.h>

/* As the kernel ships them. */
#define SHIPPED_NAME "^[^~!#$;%^*+={}\\\\|\\\\\\\\<>,\\'\\\"]{3,30}$"
#define SHIPPED_PASSWORD "^[\\S]{5,30}$"

typedef enum
{
  USER,
  ROLE,
  PASSWORD,
} Kind;

typedef struct
{
  Kind kind;
  const char *pattern;
  const char *text;
  int code; /* CoreUserRulesError; -1: good */
} Case;

#define GOOD (-1)
#define REFUSED CORE_USER_RULES_ERROR_REFUSED
#define PATTERN CORE_USER_RULES_ERROR_PATTERN
#define TEN "0123456789"
#define TEXT_240 TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

static const Case cases[] = {
  { USER, NULL, "bob", GOOD },
  { USER, "", "b", GOOD },
  { USER, NULL, "J\xc3\xbcrgen M\xc3\xbcller", GOOD },
  { USER, NULL, TEXT_240 "012345678901234", GOOD },
  { USER, NULL, TEXT_240 "0123456789012345", REFUSED },
  { USER, NULL, "", REFUSED },
  { USER, NULL, " bob", REFUSED },
  { USER, NULL, "bob ", REFUSED },
  { USER, NULL, "bob\xc2\xa0", REFUSED }, /* a blank that does not break */
  { USER, NULL, "b\nb", REFUSED },
  { USER, NULL, "b\x7f" "b", REFUSED },
  { USER, NULL, "\xff", REFUSED },
  { USER, NULL, "bob@example.com", REFUSED },
  { USER, NULL, "LDAP/bob", REFUSED },
  { USER, NULL, "wso2.system.user", REFUSED },
  { USER, NULL, "WSO2.anonymous.user", REFUSED },
  { USER, SHIPPED_NAME, "bob", GOOD },
  { USER, SHIPPED_NAME, "bo", REFUSED },
  { USER, SHIPPED_NAME, "bob;", REFUSED },
  { USER, SHIPPED_NAME, TEN TEN TEN "0", REFUSED },
  /* Java's matches() wants the whole text. */
  { USER, "[a-z]+", "bob", GOOD },
  { USER, "[a-z]+", "bob1", REFUSED },
  { USER, "a|ab", "ab", GOOD },
  { USER, "^bob$", "bob", GOOD },
  { USER, "(?i)BOB", "bob", GOOD },
  { USER, "\\p{L}{3}", "b\xc3\xb6" "b", GOOD },
  /* Not understood: nothing passes. */
  { USER, "[a-z", "bob", PATTERN },
  { USER, "a)|(.*", "bob", PATTERN },
  { USER, "\\p{javaLowerCase}+", "bob", PATTERN },
  { USER, "[a-z&&[^b]]+", "ada", PATTERN },
  { USER, "(*LIMIT_MATCH=4000000000)(a+)+b", "aaa", PATTERN },
  /* One that would try for years gives up. */
  { USER, "(a+)+b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa cb", PATTERN },
  { ROLE, NULL, "sales", GOOD },
  { ROLE, NULL, "sales@example.com", GOOD },
  { ROLE, NULL, TEXT_240, GOOD },
  { ROLE, NULL, TEXT_240 "0", REFUSED },
  { ROLE, NULL, "Internal/sales", REFUSED },
  { ROLE, NULL, "", REFUSED },
  { ROLE, SHIPPED_NAME, "sales", GOOD },
  { ROLE, SHIPPED_NAME, "a<b", REFUSED },
  { PASSWORD, NULL, "x", GOOD },
  { PASSWORD, NULL, " a/b@c ", GOOD },
  { PASSWORD, NULL, "", REFUSED },
  { PASSWORD, NULL, "  \t", REFUSED },
  { PASSWORD, NULL, "\xff", REFUSED },
  { PASSWORD, NULL, TEXT_240 "0123456789012345", REFUSED },
  { PASSWORD, SHIPPED_PASSWORD, "abcde", GOOD },
  { PASSWORD, SHIPPED_PASSWORD, "abcd", REFUSED },
  { PASSWORD, SHIPPED_PASSWORD, "abc de", REFUSED },
  { PASSWORD, "^(?=.*[0-9])(?=.*[a-z]).{6,}$", "abc123", GOOD },
  { PASSWORD, "^(?=.*[0-9])(?=.*[a-z]).{6,}$", "abcdef", REFUSED },
};

static gboolean
check (Kind kind, const CoreUserRules *rules, const char *text, GError **error)
{
  switch (kind)
    {
    case USER:
      return core_user_rules_check_user_name (rules, text, error);
    case ROLE:
      return core_user_rules_check_role_name (rules, text, error);
    default:
      return core_user_rules_check_password (rules, text, error);
    }
}

static void
test_rules (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      ApimUserStoreSettings settings = { 0 };
      g_autoptr (CoreUserRules) rules = NULL;
      g_autoptr (GError) error = NULL;
      char *pattern = (char *) cases[i].pattern;

      settings.user_name_pattern = cases[i].kind == USER ? pattern : NULL;
      settings.role_name_pattern = cases[i].kind == ROLE ? pattern : NULL;
      settings.password_pattern = cases[i].kind == PASSWORD ? pattern : NULL;
      rules = core_user_rules_new (&settings);
      check (cases[i].kind, rules, cases[i].text, &error);
      g_test_message ("case %" G_GSIZE_FORMAT ": %s", i, error != NULL ? error->message : "good");
      if (cases[i].code == GOOD)
        g_assert_no_error (error);
      else
        g_assert_error (error, CORE_USER_RULES_ERROR, cases[i].code);
      if (error != NULL && cases[i].kind == PASSWORD && strlen (cases[i].text) > 1)
        g_assert_null (strstr (error->message, cases[i].text));
    }
}

static void
test_email_names (void)
{
  static const struct
  {
    const char *pattern, *name;
    gboolean good;
  } names[] = {
    { NULL, "bob@example.com", TRUE },  { NULL, "bob", FALSE },          { NULL, "@example.com", FALSE },
    { NULL, "bob@", FALSE },            { NULL, "a@b@c", FALSE },        { "[a-z]+@corp", "bob@corp", TRUE },
    { "[a-z]+@corp", "bob@x", FALSE },  { "[a-z]+@corp", "bob", FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      /* The other pattern is not for addresses. */
      ApimUserStoreSettings settings = { .email_user_names = TRUE, .email_pattern = (char *) names[i].pattern,
                                         .user_name_pattern = (char *) "nobody" };
      g_autoptr (CoreUserRules) rules = core_user_rules_new (&settings);
      g_autoptr (GError) error = NULL;

      g_assert_cmpint (core_user_rules_check_user_name (rules, names[i].name, &error), ==, names[i].good);
      if (!names[i].good)
        g_assert_error (error, CORE_USER_RULES_ERROR, CORE_USER_RULES_ERROR_REFUSED);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/user-rules/all", test_rules);
  g_test_add_func ("/user-rules/email-names", test_email_names);
  return g_test_run ();
}
