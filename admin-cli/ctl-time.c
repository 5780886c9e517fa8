#include "config.h"

#include "admin-cli/ctl-time.h"

#include <string.h>

#define MINUTE G_GINT64_CONSTANT (60)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
/* Ten digits of milliseconds are still 1970: shorter numbers are no times. */
#define MIN_MILLISECONDS_DIGITS 12

static GDateTime *
parse (const char *text)
{
  gint64 ms;
  if (g_ascii_string_to_signed (text, 10, 0, G_MAXINT64 / 1000, &ms, NULL))
    return strlen (text) >= MIN_MILLISECONDS_DIGITS ? g_date_time_new_from_unix_utc (ms / 1000) : NULL;
  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();
  return g_date_time_new_from_iso8601 (text, utc);
}

char *
ctl_time_span (gint64 seconds)
{
  if (seconds >= 2 * DAY)
    return g_strdup_printf ("%" G_GINT64_FORMAT " days", seconds / DAY);
  if (seconds >= 2 * HOUR)
    return g_strdup_printf ("%" G_GINT64_FORMAT " h", seconds / HOUR);
  if (seconds >= 2 * MINUTE)
    return g_strdup_printf ("%" G_GINT64_FORMAT " min", seconds / MINUTE);
  return g_strdup_printf ("%" G_GINT64_FORMAT " s", seconds);
}

char *
ctl_time_display (const char *text, gboolean terminal, gint64 now_s)
{
  g_autoptr (GDateTime) time = parse (text);
  if (time == NULL)
    return g_strdup (text);
  g_autoptr (GDateTime) utc = g_date_time_to_utc (time);
  if (!terminal)
    return g_date_time_format (utc, "%Y-%m-%dT%H:%M:%SZ");
  gint64 age = now_s - g_date_time_to_unix (time);
  g_autofree char *span = ctl_time_span (ABS (age));
  return age >= 0 ? g_strdup_printf ("%s ago", span) : g_strdup_printf ("in %s", span);
}
