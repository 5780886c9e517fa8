#include "config.h"
#include "core/core-user-rules.h"

#include "common/apim-pattern.h"

#include <string.h>

#define MAX_NAME 255     /* characters of UM_USER_NAME */
#define MAX_ROLE 240     /* of UM_ROLE_NAME, with room for "Application/" */
#define MAX_PASSWORD 255 /* as stored with PLAIN_TEXT */

typedef struct
{
  const char *element; /* of user-mgt.xml */
  GRegex *regex;       /* NULL: any text, or not understood */
  gboolean broken;
} Pattern;

struct _CoreUserRules
{
  Pattern user_name;
  Pattern role_name;
  Pattern password;
  gboolean email_user_names;
};

G_DEFINE_QUARK (core-user-rules-error-quark, core_user_rules_error)

static void
pattern_init (Pattern *pattern, const char *element, const char *text)
{
  pattern->element = element;
  if (text == NULL || *text == '\0')
    return;
  pattern->regex = apim_pattern_new (text);
  pattern->broken = pattern->regex == NULL;
}

CoreUserRules *
core_user_rules_new (const ApimUserStoreSettings *settings)
{
  CoreUserRules *rules = g_new0 (CoreUserRules, 1);

  rules->email_user_names = settings->email_user_names;
  if (settings->email_user_names)
    pattern_init (&rules->user_name, "UsernameWithEmailJavaScriptRegEx", settings->email_pattern);
  else
    pattern_init (&rules->user_name, "UsernameJavaRegEx", settings->user_name_pattern);
  pattern_init (&rules->role_name, "RolenameJavaRegEx", settings->role_name_pattern);
  pattern_init (&rules->password, "PasswordJavaRegEx", settings->password_pattern);
  return rules;
}

void
core_user_rules_free (CoreUserRules *rules)
{
  if (rules == NULL)
    return;
  g_clear_pointer (&rules->user_name.regex, g_regex_unref);
  g_clear_pointer (&rules->role_name.regex, g_regex_unref);
  g_clear_pointer (&rules->password.regex, g_regex_unref);
  g_free (rules);
}

static gboolean
refuse (GError **error, const char *what, const char *reason)
{
  g_set_error (error, CORE_USER_RULES_ERROR, CORE_USER_RULES_ERROR_REFUSED, "the %s %s", what, reason);
  return FALSE;
}

static gboolean
check_pattern (const Pattern *pattern, const char *what, const char *text, GError **error)
{
  g_autoptr (GError) why = NULL;

  if (pattern->broken)
    {
      g_set_error (error, CORE_USER_RULES_ERROR, CORE_USER_RULES_ERROR_PATTERN,
                   "the %s cannot be checked: the regular expression %s of user-mgt.xml is not understood here", what,
                   pattern->element);
      return FALSE;
    }
  if (pattern->regex == NULL || g_regex_match_full (pattern->regex, text, -1, 0, 0, NULL, &why))
    return TRUE;
  if (why == NULL)
    {
      g_set_error (error, CORE_USER_RULES_ERROR, CORE_USER_RULES_ERROR_REFUSED,
                   "the %s does not match the regular expression %s of user-mgt.xml", what, pattern->element);
      return FALSE;
    }
  g_set_error (error, CORE_USER_RULES_ERROR, CORE_USER_RULES_ERROR_PATTERN,
               "the %s cannot be checked: the regular expression %s of user-mgt.xml takes too many steps", what,
               pattern->element);
  return FALSE;
}

static gboolean
check_length (const char *what, const char *text, glong maximum, GError **error)
{
  if (*text == '\0')
    return refuse (error, what, "is empty");
  if (!g_utf8_validate (text, -1, NULL))
    return refuse (error, what, "is not UTF-8");
  if (g_utf8_strlen (text, -1) <= maximum)
    return TRUE;
  g_set_error (error, CORE_USER_RULES_ERROR, CORE_USER_RULES_ERROR_REFUSED, "the %s is longer than %ld characters",
               what, maximum);
  return FALSE;
}

/* Databases drop or ignore blanks at the end of a name, so two names would be one. */
static gboolean
check_name (const char *what, const char *name, glong maximum, GError **error)
{
  const char *last;

  if (!check_length (what, name, maximum, error))
    return FALSE;
  last = g_utf8_find_prev_char (name, name + strlen (name));
  if (g_unichar_isspace (g_utf8_get_char (name)) || g_unichar_isspace (g_utf8_get_char (last)))
    return refuse (error, what, "begins or ends with a blank");
  for (const char *at = name; *at != '\0'; at = g_utf8_next_char (at))
    if (g_unichar_iscntrl (g_utf8_get_char (at)))
      return refuse (error, what, "has a control character");
  if (strchr (name, '/') != NULL)
    return refuse (error, what, "has a \"/\", which stands behind the name of a user store");
  return TRUE;
}

static gboolean
is_of_system (const char *name)
{
  return g_ascii_strcasecmp (name, "wso2.system.user") == 0 || g_ascii_strcasecmp (name, "wso2.anonymous.user") == 0;
}

gboolean
core_user_rules_check_user_name (const CoreUserRules *rules, const char *name, GError **error)
{
  static const char what[] = "user name";
  const char *at;

  if (!check_name (what, name, MAX_NAME, error))
    return FALSE;
  if (is_of_system (name))
    return refuse (error, what, "is reserved");
  at = strchr (name, '@');
  if (!rules->email_user_names && at != NULL)
    return refuse (error, what, "has an \"@\", which stands before the name of a tenant");
  if (rules->email_user_names && (at == NULL || at == name || at[1] == '\0' || strchr (at + 1, '@') != NULL))
    return refuse (error, what, "is not an e-mail address");
  return check_pattern (&rules->user_name, what, name, error);
}

gboolean
core_user_rules_check_role_name (const CoreUserRules *rules, const char *name, GError **error)
{
  static const char what[] = "role name";

  return check_name (what, name, MAX_ROLE, error) && check_pattern (&rules->role_name, what, name, error);
}

gboolean
core_user_rules_check_password (const CoreUserRules *rules, const char *password, GError **error)
{
  static const char what[] = "password";
  const char *start = password;

  if (!check_length (what, password, MAX_PASSWORD, error))
    return FALSE;
  while (g_unichar_isspace (g_utf8_get_char (start)))
    start = g_utf8_next_char (start);
  if (*start == '\0')
    return refuse (error, what, "has only blanks");
  return check_pattern (&rules->password, what, password, error);
}
