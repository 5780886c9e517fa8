#include "config.h"
#include "common/apim-log.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LIMITED_INTERVAL_US (10 * G_USEC_PER_SEC)
#define LINE_SIZE 2048

static int log_level = APIM_LOG_INFO;

void
apim_log_set_level (ApimLogLevel level)
{
  g_atomic_int_set (&log_level, (int) level);
}

/* Writes the line with one write(2), so that lines of several threads never mix. */
static void
write_line (ApimLogLevel level, const char *area, const char *text)
{
  static const char *const names[] = { "ERROR", "WARNING", "INFO", "DEBUG" };
  gint64 now = g_get_real_time ();
  time_t seconds = now / G_USEC_PER_SEC;
  struct tm utc;
  char line[LINE_SIZE];
  size_t used;

  gmtime_r (&seconds, &utc);
  used = strftime (line, sizeof line, "%Y-%m-%dT%H:%M:%S", &utc);
  used += g_snprintf (line + used, sizeof line - used, ".%03dZ %s %s: ", (int) (now / 1000 % 1000), names[level], area);
  for (const char *p = text; *p != '\0' && used < sizeof line - 6; p++)
    {
      guchar c = (guchar) *p;

      if (c >= 0x20 && c != 0x7f)
        line[used++] = *p;
      else
        used += g_snprintf (line + used, sizeof line - used, "\\x%02x", c);
    }
  line[used++] = '\n';
  if (write (STDERR_FILENO, line, used) < 0)
    return; /* nowhere left to complain */
}

void
apim_log (ApimLogLevel level, const char *area, const char *format, ...)
{
  char text[LINE_SIZE];
  va_list args;

  if ((int) level > g_atomic_int_get (&log_level))
    return;
  va_start (args, format);
  g_vsnprintf (text, sizeof text, format, args);
  va_end (args);
  write_line (level, area, text);
}

void
apim_log_limited (ApimLogGate *gate, ApimLogLevel level, const char *area, const char *format, ...)
{
  gint64 now = g_get_monotonic_time ();
  gint64 next = __atomic_load_n (&gate->next_us, __ATOMIC_RELAXED);
  char text[LINE_SIZE];
  guint64 left_out;
  size_t used;
  va_list args;

  if ((int) level > g_atomic_int_get (&log_level))
    return;
  if (now < next
      || !__atomic_compare_exchange_n (&gate->next_us, &next, now + LIMITED_INTERVAL_US, FALSE, __ATOMIC_RELAXED,
                                       __ATOMIC_RELAXED))
    {
      __atomic_add_fetch (&gate->left_out, 1, __ATOMIC_RELAXED);
      return;
    }
  va_start (args, format);
  g_vsnprintf (text, sizeof text, format, args);
  va_end (args);
  left_out = __atomic_exchange_n (&gate->left_out, 0, __ATOMIC_RELAXED);
  used = strlen (text);
  if (left_out > 0)
    g_snprintf (text + used, sizeof text - used, " (and %" G_GUINT64_FORMAT " more like this since the last line)",
                left_out);
  write_line (level, area, text);
}
