/* What an application must look like: pure rules (spec/publisher-store-workflows.md 2). */
#include "config.h"
#include "core/core-application.h"

#include "core/core-redirect.h"

#include <string.h>

/* Trimmed at both ends, and without characters that no line of a list can show. */
static const char *
wrong_with_text (const char *text, guint limit)
{
  if (!g_utf8_validate (text, -1, NULL))
    return "is not UTF-8";
  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at))
    if (g_unichar_iscntrl (g_utf8_get_char (at)) && strchr ("\n\r\t", *at) == NULL)
      return "holds a control character";
  return g_utf8_strlen (text, -1) > (glong)limit ? "is too long" : NULL;
}

static void
check_text (GPtrArray *violations, const char *field, const char *text, guint limit)
{
  const char *wrong = text != NULL ? wrong_with_text (text, limit) : NULL;

  if (wrong != NULL)
    core_violations_add (violations, field, "the %s of the application %s: at most %u characters are allowed",
                         field, wrong, limit);
}

static void
check_name (const char *name, gboolean is_new, GPtrArray *violations)
{
  g_autofree char *trimmed = name != NULL ? g_strstrip (g_strdup (name)) : NULL;

  if (name == NULL && !is_new)
    return;
  if (trimmed == NULL || *trimmed == '\0')
    core_violations_add (violations, "name", "Application name is not specified");
  else if (strpbrk (name, "\n\r\t") != NULL)
    core_violations_add (violations, "name", "the name of the application must be one line");
  else
    check_text (violations, "name", trimmed, CORE_APPLICATION_MAX_NAME);
}

/* WSO2 empties a URL that it does not like without a word; nothing is to be lost here in silence. */
static void
check_callback_url (const char *url, GPtrArray *violations)
{
  if (url == NULL || *url == '\0' || g_str_has_prefix (url, "regexp="))
    check_text (violations, "callbackUrl", url, 512);
  else if (!core_redirect_is_usable (url))
    core_violations_add (violations, "callbackUrl", "\"%s\" is no absolute URL that a browser can be sent to",
                         url);
  else
    check_text (violations, "callbackUrl", url, 512);
}

static void
check_attributes (const char *const *attributes, GPtrArray *violations)
{
  guint length = attributes != NULL ? g_strv_length ((char **)attributes) : 0;

  if (length % 2 != 0 || length / 2 > CORE_APPLICATION_MAX_ATTRIBUTES)
    core_violations_add (violations, "attributes",
                         "an application has at most %u attributes, each with a value",
                         CORE_APPLICATION_MAX_ATTRIBUTES);
  for (guint i = 0; i + 1 < length; i += 2)
    {
      if (*attributes[i] == '\0')
        core_violations_add (violations, "attributes", "an attribute of the application has no name");
      check_text (violations, "attributes", attributes[i], 255);
      check_text (violations, "attributes", attributes[i + 1], 1024);
    }
}

void
core_application_check (const CoreApplicationInput *input, gboolean is_new, GPtrArray *violations)
{
  static const char *const token_types[] = { "DEFAULT", "OAUTH", "JWT", NULL };

  check_name (input->name, is_new, violations);
  check_text (violations, "throttlingTier", input->tier, 50);
  check_text (violations, "description", input->description, CORE_APPLICATION_MAX_DESCRIPTION);
  check_callback_url (input->callback_url, violations);
  if (input->token_type != NULL && !g_strv_contains (token_types, input->token_type))
    core_violations_add (violations, "tokenType", "\"%s\" is neither DEFAULT nor JWT", input->token_type);
  for (guint i = 0; input->groups != NULL && input->groups[i] != NULL; i++)
    check_text (violations, "groupId", input->groups[i], 512);
  check_attributes (input->attributes, violations);
}

char *
core_application_etag (const StApplicationRecord *application)
{
  g_autofree char *groups
      = application->groups != NULL ? g_strjoinv ("\n", application->groups) : g_strdup ("");
  g_autofree char *attributes
      = application->attributes != NULL ? g_strjoinv ("\n", application->attributes) : g_strdup ("");
  const char *const texts[]
      = { application->name,   application->tier,     application->callback_url, application->description,
          application->status, application->group_id, application->token_type,   groups,
          attributes };
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree char *id = g_strdup_printf ("%" G_GINT64_FORMAT, application->id);

  g_checksum_update (sum, (const guchar *)id, -1);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      /* NULL and "" are the same to whoever reads it. */
      const char *text = texts[i] != NULL ? texts[i] : "";

      g_checksum_update (sum, (const guchar *)text, (gssize)strlen (text) + 1);
    }
  return g_strndup (g_checksum_get_string (sum), 32);
}
