#include "config.h"
#include "common/apim-status.h"

struct _ApimStatus
{
  GString *json; /* without braces */
  GString *line;
};

ApimStatus *
apim_status_new (void)
{
  ApimStatus *status = g_new0 (ApimStatus, 1);

  status->json = g_string_new (NULL);
  status->line = g_string_new (NULL);
  return status;
}

void
apim_status_free (ApimStatus *status)
{
  if (status == NULL)
    return;
  g_string_free (status->json, TRUE);
  g_string_free (status->line, TRUE);
  g_free (status);
}

static void
add (ApimStatus *status, const char *name, const char *quote, const char *value)
{
  g_string_append_printf (status->json, "%s\n  \"%s\": %s%s%s", status->json->len > 0 ? "," : "", name, quote, value, quote);
  g_string_append_printf (status->line, "%s%s=%s", status->line->len > 0 ? " " : "", name, value);
}

void
apim_status_add (ApimStatus *status, const char *name, gint64 value)
{
  char text[24];

  g_snprintf (text, sizeof text, "%" G_GINT64_FORMAT, value);
  add (status, name, "", text);
}

void
apim_status_add_word (ApimStatus *status, const char *name, const char *value)
{
  add (status, name, "\"", value);
}

char *
apim_status_to_json (const ApimStatus *status)
{
  return g_strdup_printf ("{%s\n}\n", status->json->str);
}

char *
apim_status_to_line (const ApimStatus *status)
{
  return g_strdup (status->line->str);
}
