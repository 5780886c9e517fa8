#include "config.h"
#include "gateway/gw-access-log.h"

#include "common/apim-log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define WRITE_EVERY_MS 100
/* Every text at its longest, each byte as "\u00HH", and what stands between them. */
#define MAX_LINE (11 * 6 * GW_ACCESS_LOG_MAX_TEXT + 1024)
#define CLIENT_LEFT 499

/* The lines of one worker: it moves the head, the thread the tail. */
typedef struct
{
  char *bytes;
  guint64 head, tail; /* atomic: bytes since the beginning */
  guint64 lost;       /* atomic */
  char line[MAX_LINE];
  gint64 second; /* that the next one is the text of */
  char time[32];
  char padding[64];
} Ring;

struct _GwAccessLog
{
  char *path;
  GwAccessLogForm form;
  guint n_workers;
  Ring *rings;
  GThread *thread;
  GMutex lock; /* over the next ones; workers never take it */
  GCond wake;
  int fd;
  gboolean ending;
  guint64 lost; /* by the disk */
};

/* Lines */

/* A line in the making; there is always room. */
typedef struct
{
  char *at;
} Line;

static void
add_bytes (Line *line, const char *bytes, gsize length)
{
  memcpy (line->at, bytes, length);
  line->at += length;
}

#define ADD(line, literal) add_bytes (line, "" literal, sizeof literal - 1)

static void
add_number (Line *line, guint64 number)
{
  char digits[20];
  guint n = sizeof digits;

  do
    digits[--n] = (char)('0' + number % 10);
  while ((number /= 10) > 0);
  add_bytes (line, digits + n, sizeof digits - n);
}

/* Milliseconds with three decimals. */
static void
add_ms (Line *line, gint64 us)
{
  char decimals[4] = { '.', (char)('0' + us / 100 % 10), (char)('0' + us / 10 % 10), (char)('0' + us % 10) };

  add_number (line, (guint64)us / 1000);
  add_bytes (line, decimals, sizeof decimals);
}

/* "\xHH" in the combined form, "\u00HH" in JSON: bytes beyond ASCII are shown, and none is a control. */
static void
add_escaped_byte (Line *line, GwAccessLogForm form, guchar byte)
{
  static const char digits[] = "0123456789abcdef";

  if (byte == '"' || byte == '\\')
    {
      *line->at++ = '\\';
      *line->at++ = (char)byte;
      return;
    }
  if (form == GW_ACCESS_LOG_JSON)
    ADD (line, "\\u00");
  else
    ADD (line, "\\x");
  *line->at++ = digits[byte >> 4];
  *line->at++ = digits[byte & 15];
}

static void
add_escaped (Line *line, GwAccessLogForm form, const char *text, gsize length)
{
  for (gsize i = 0; i < length; i++)
    if (text[i] >= 0x20 && text[i] < 0x7f && text[i] != '"' && text[i] != '\\')
      *line->at++ = text[i];
    else
      add_escaped_byte (line, form, (guchar)text[i]);
}

static gsize
cut (GwAccessText text)
{
  return MIN (text.length, GW_ACCESS_LOG_MAX_TEXT);
}

static void
add_text (Line *line, GwAccessLogForm form, GwAccessText text)
{
  if (text.text != NULL)
    add_escaped (line, form, text.text, cut (text));
}

/* Where the value of the next access_token in a query begins; NULL: there is none. */
static const char *
find_token (const char *at, const char *end)
{
  static const char name[] = "access_token=";

  for (; (gsize)(end - at) >= sizeof name - 1; at++)
    if ((*at == 'a' || *at == 'A') && g_ascii_strncasecmp (at, name, sizeof name - 1) == 0)
      return at + sizeof name - 1;
  return NULL;
}

/* A target or a Referer: what tokens there are is left out. */
static void
add_url (Line *line, GwAccessLogForm form, GwAccessText url)
{
  const char *at = url.text, *end, *token;

  if (at == NULL)
    return;
  end = at + cut (url);
  while ((token = find_token (at, end)) != NULL)
    {
      add_escaped (line, form, at, (gsize)(token - at));
      ADD (line, "***");
      for (at = token; at < end && *at != '&' && *at != '#';)
        at++;
    }
  add_escaped (line, form, at, (gsize)(end - at));
}

static void
add_or_dash (Line *line, GwAccessLogForm form, GwAccessText text)
{
  if (text.text == NULL || text.length == 0)
    ADD (line, "-");
  else
    add_text (line, form, text);
}

/* The time of a second is made once. */
static void
add_time (Line *line, Ring *ring, GwAccessLogForm form, gint64 wall_ms)
{
  time_t second = wall_ms / 1000;
  struct tm parts;

  if (ring->second != (gint64)second || ring->time[0] == '\0')
    {
      gmtime_r (&second, &parts);
      strftime (ring->time, sizeof ring->time,
                form == GW_ACCESS_LOG_JSON ? "%Y-%m-%dT%H:%M:%S" : "%d/%b/%Y:%H:%M:%S +0000", &parts);
      ring->second = second;
    }
  add_bytes (line, ring->time, strlen (ring->time));
}

/* HOST - USER [TIME] "METHOD TARGET VERSION" STATUS BYTES "REFERER" "AGENT" */
static void
format_combined (Line *line, Ring *ring, const GwAccessLogCall *call)
{
  const GwAccessLogForm form = GW_ACCESS_LOG_COMBINED;

  add_bytes (line, call->peer, strlen (call->peer));
  ADD (line, " - ");
  add_or_dash (line, form, call->user);
  ADD (line, " [");
  add_time (line, ring, form, call->wall_ms);
  ADD (line, "] \"");
  add_text (line, form, call->method);
  ADD (line, " ");
  add_url (line, form, call->target);
  ADD (line, " ");
  add_text (line, form, call->version);
  ADD (line, "\" ");
  add_number (line, call->status != 0 ? call->status : CLIENT_LEFT);
  ADD (line, " ");
  add_number (line, call->bytes_out);
  ADD (line, " \"");
  if (call->referer.text == NULL)
    ADD (line, "-");
  add_url (line, form, call->referer);
  ADD (line, "\" \"");
  add_or_dash (line, form, call->user_agent);
  ADD (line, "\"\n");
}

static void
add_member (Line *line, const char *name, GwAccessText value)
{
  if (value.text == NULL)
    return;
  ADD (line, ",\"");
  add_bytes (line, name, strlen (name));
  ADD (line, "\":\"");
  add_url (line, GW_ACCESS_LOG_JSON, value);
  ADD (line, "\"");
}

static void
add_number_member (Line *line, const char *name, guint64 value)
{
  ADD (line, ",\"");
  add_bytes (line, name, strlen (name));
  ADD (line, "\":");
  add_number (line, value);
}

static void
add_ms_member (Line *line, const char *name, gint64 us)
{
  ADD (line, ",\"");
  add_bytes (line, name, strlen (name));
  ADD (line, "\":");
  add_ms (line, us);
}

/* What is not there has no member. */
static void
format_json (Line *line, Ring *ring, const GwAccessLogCall *call)
{
  GwAccessText api = { call->api, call->api != NULL ? strlen (call->api) : 0 };
  guint ms = (guint)(call->wall_ms % 1000);
  char decimals[] = { '.', (char)('0' + ms / 100), (char)('0' + ms / 10 % 10), (char)('0' + ms % 10) };

  ADD (line, "{\"time\":\"");
  add_time (line, ring, GW_ACCESS_LOG_JSON, call->wall_ms);
  add_bytes (line, decimals, sizeof decimals);
  ADD (line, "Z\"");
  add_member (line, "peer", (GwAccessText){ call->peer, strlen (call->peer) });
  add_member (line, "method", call->method);
  add_member (line, "target", call->target);
  add_member (line, "version", call->version);
  add_member (line, "host", call->host);
  add_number_member (line, "status", call->status != 0 ? call->status : CLIENT_LEFT);
  add_number_member (line, "bytes_in", call->bytes_in);
  add_number_member (line, "bytes_out", call->bytes_out);
  add_ms_member (line, "duration_ms", MAX (call->duration_us, 0));
  if (call->backend_us >= 0)
    add_ms_member (line, "backend_ms", call->backend_us);
  add_member (line, "api", api);
  add_member (line, "application", call->application);
  add_member (line, "user", call->user);
  add_member (line, "referer", call->referer);
  add_member (line, "user_agent", call->user_agent);
  add_member (line, "request_id", call->request_id);
  ADD (line, "}\n");
}

/* Rings */

static gboolean
put (Ring *ring, const char *bytes, gsize length)
{
  guint64 head = ring->head, tail = __atomic_load_n (&ring->tail, __ATOMIC_ACQUIRE);
  gsize place = head % GW_ACCESS_LOG_RING, first = MIN (length, GW_ACCESS_LOG_RING - place);

  if (head - tail + length > GW_ACCESS_LOG_RING)
    return FALSE;
  memcpy (ring->bytes + place, bytes, first);
  memcpy (ring->bytes, bytes + first, length - first);
  __atomic_store_n (&ring->head, head + length, __ATOMIC_RELEASE);
  return TRUE;
}

void
gw_access_log_write (GwAccessLog *log, guint worker, const GwAccessLogCall *call)
{
  Ring *ring = &log->rings[worker];
  Line line = { ring->line };

  if (log->form == GW_ACCESS_LOG_JSON)
    format_json (&line, ring, call);
  else
    format_combined (&line, ring, call);
  if (!put (ring, ring->line, (gsize)(line.at - ring->line)))
    __atomic_store_n (&ring->lost, ring->lost + 1, __ATOMIC_RELAXED);
}

static guint
count_lines (const char *bytes, gsize length)
{
  guint n = 0;

  for (const char *at = bytes; (at = memchr (at, '\n', (gsize)(bytes + length - at))) != NULL; at++)
    n++;
  return n;
}

/* @bytes: a piece of a ring. What the disk does not take is lost: a full one must not fill the memory as well. */
static void
write_piece (GwAccessLog *log, const char *bytes, gsize length)
{
  static ApimLogGate gate;

  while (length > 0)
    {
      gssize n = write (log->fd, bytes, length);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          __atomic_store_n (&log->lost, log->lost + count_lines (bytes, length), __ATOMIC_RELAXED);
          apim_log_limited (&gate, APIM_LOG_ERROR, "gateway", "%s cannot be written: %s", log->path,
                            g_strerror (errno));
          return;
        }
      bytes += n;
      length -= (gsize)n;
    }
}

static void
drain (GwAccessLog *log, Ring *ring)
{
  guint64 head = __atomic_load_n (&ring->head, __ATOMIC_ACQUIRE);

  while (ring->tail < head)
    {
      gsize place = ring->tail % GW_ACCESS_LOG_RING;
      gsize length = MIN (head - ring->tail, GW_ACCESS_LOG_RING - place);

      write_piece (log, ring->bytes + place, length);
      __atomic_store_n (&ring->tail, ring->tail + length, __ATOMIC_RELEASE);
    }
}

static gpointer
run (gpointer data)
{
  GwAccessLog *log = data;
  gboolean ending;

  g_mutex_lock (&log->lock);
  do
    {
      ending = log->ending;
      for (guint i = 0; i < log->n_workers; i++)
        drain (log, &log->rings[i]);
      if (!ending)
        g_cond_wait_until (&log->wake, &log->lock, g_get_monotonic_time () + WRITE_EVERY_MS * 1000);
    }
  while (!ending);
  g_mutex_unlock (&log->lock);
  return NULL;
}

static int
open_file (const char *path, GError **error)
{
  int fd = open (path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);

  if (fd < 0)
    g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "the access log %s cannot be opened: %s", path,
                 g_strerror (errno));
  return fd;
}

GwAccessLog *
gw_access_log_new (const char *path, GwAccessLogForm form, guint n_workers, GError **error)
{
  int fd = open_file (path, error);
  g_autoptr (GwAccessLog) log = NULL;

  if (fd < 0)
    return NULL;
  log = g_new0 (GwAccessLog, 1);
  log->path = g_strdup (path);
  log->form = form;
  log->fd = fd;
  log->n_workers = n_workers;
  log->rings = g_new0 (Ring, n_workers);
  for (guint i = 0; i < n_workers; i++)
    log->rings[i].bytes = g_malloc (GW_ACCESS_LOG_RING);
  g_mutex_init (&log->lock);
  g_cond_init (&log->wake);
  log->thread = g_thread_try_new ("access-log", run, log, error);
  return log->thread != NULL ? g_steal_pointer (&log) : NULL;
}

void
gw_access_log_free (GwAccessLog *log)
{
  if (log == NULL)
    return;
  g_mutex_lock (&log->lock);
  log->ending = TRUE;
  g_cond_signal (&log->wake);
  g_mutex_unlock (&log->lock);
  if (log->thread != NULL)
    g_thread_join (log->thread);
  for (guint i = 0; i < log->n_workers; i++)
    g_free (log->rings[i].bytes);
  close (log->fd);
  g_mutex_clear (&log->lock);
  g_cond_clear (&log->wake);
  g_free (log->rings);
  g_free (log->path);
  g_free (log);
}

gboolean
gw_access_log_reopen (GwAccessLog *log, GError **error)
{
  int fd = open_file (log->path, error);

  if (fd < 0)
    return FALSE;
  g_mutex_lock (&log->lock);
  close (log->fd);
  log->fd = fd;
  g_mutex_unlock (&log->lock);
  return TRUE;
}

guint64
gw_access_log_lost (GwAccessLog *log)
{
  guint64 lost = __atomic_load_n (&log->lost, __ATOMIC_RELAXED);

  for (guint i = 0; i < log->n_workers; i++)
    lost += __atomic_load_n (&log->rings[i].lost, __ATOMIC_RELAXED);
  return lost;
}
