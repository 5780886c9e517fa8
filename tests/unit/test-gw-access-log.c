/* Lines of the access log: forms, escaping, what is left out, and when there is no room. */
#include "config.h"
#include "gateway/gw-access-log.h"

#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <string.h>
#include <sys/stat.h>

#define TEXT(literal) { "" literal, sizeof literal - 1 }
#define WALL_MS G_GINT64_CONSTANT (784111777045) /* Sun, 06 Nov 1994 08:49:37 GMT */

typedef struct
{
  char *folder, *path;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  (void) data;
  f->folder = g_dir_make_tmp ("gw-access-log-XXXXXX", NULL);
  f->path = g_build_filename (f->folder, "access.log", NULL);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  (void) data;
  g_remove (f->path);
  g_assert_cmpint (g_rmdir (f->folder), ==, 0);
  g_free (f->path);
  g_free (f->folder);
}

static GwAccessLog *
open_log (const Fixture *f, GwAccessLogForm form)
{
  g_autoptr (GError) error = NULL;
  GwAccessLog *log = gw_access_log_new (f->path, form, 2, &error);

  g_assert_no_error (error);
  return log;
}

/* What one call's line is, from a log that is closed after it. Free with g_free(). */
static char *
line_of (const Fixture *f, GwAccessLogForm form, const GwAccessLogCall *call)
{
  GwAccessLog *log = open_log (f, form);
  char *line;

  gw_access_log_write (log, 1, call);
  gw_access_log_free (log);
  g_assert_true (g_file_get_contents (f->path, &line, NULL, NULL));
  g_remove (f->path);
  return line;
}

static const GwAccessLogCall full = {
  .wall_ms = WALL_MS,
  .peer = "192.0.2.7",
  .user = TEXT ("bob"),
  .method = TEXT ("GET"),
  .target = TEXT ("/weather/1.0/x?a=b"),
  .version = TEXT ("HTTP/1.1"),
  .referer = TEXT ("https://a.example/"),
  .user_agent = TEXT ("curl/8"),
  .host = TEXT ("gw.example"),
  .status = 200,
  .bytes_in = 3,
  .bytes_out = 2326,
  .duration_us = 12345,
  .backend_us = 7001,
  .api = "admin--Weather:v1.0",
  .application = TEXT ("PhoneApp"),
  .request_id = TEXT ("r1"),
};

static void
test_combined (Fixture *f, gconstpointer data)
{
  const GwAccessLogCall bare = { .wall_ms = WALL_MS, .peer = "::1", .method = TEXT ("GET"), .target = TEXT ("/"),
                                 .version = TEXT ("HTTP/1.0"), .backend_us = -1 };
  g_autofree char *line = line_of (f, GW_ACCESS_LOG_COMBINED, &full);
  g_autofree char *short_line = line_of (f, GW_ACCESS_LOG_COMBINED, &bare);

  (void) data;
  g_assert_cmpstr (line, ==,
                   "192.0.2.7 - bob [06/Nov/1994:08:49:37 +0000] \"GET /weather/1.0/x?a=b HTTP/1.1\" 200 2326 "
                   "\"https://a.example/\" \"curl/8\"\n");
  g_assert_cmpstr (short_line, ==, "::1 - - [06/Nov/1994:08:49:37 +0000] \"GET / HTTP/1.0\" 499 0 \"-\" \"-\"\n");
}

static void
test_json (Fixture *f, gconstpointer data)
{
  g_autofree char *line = line_of (f, GW_ACCESS_LOG_JSON, &full);

  (void) data;
  g_assert_cmpstr (line, ==,
                   "{\"time\":\"1994-11-06T08:49:37.045Z\",\"peer\":\"192.0.2.7\",\"method\":\"GET\",\"target\":"
                   "\"/weather/1.0/x?a=b\",\"version\":\"HTTP/1.1\",\"host\":\"gw.example\",\"status\":200,\"bytes_in\":3,"
                   "\"bytes_out\":2326,\"duration_ms\":12.345,\"backend_ms\":7.001,\"api\":\"admin--Weather:v1.0\","
                   "\"application\":\"PhoneApp\",\"user\":\"bob\",\"referer\":\"https://a.example/\",\"user_agent\":"
                   "\"curl/8\",\"request_id\":\"r1\"}\n");
}

/* Every byte in every text: one line, and JSON that is JSON. */
static void
test_hostile (Fixture *f, gconstpointer data)
{
  char bytes[256];
  GwAccessLogCall call = full;

  (void) data;
  for (guint i = 0; i < sizeof bytes; i++)
    bytes[i] = (char) i;
  call.target = call.user = call.referer = call.user_agent = call.request_id = call.host
      = (GwAccessText){ bytes, sizeof bytes };
  for (guint form = GW_ACCESS_LOG_COMBINED; form <= GW_ACCESS_LOG_JSON; form++)
    {
      g_autofree char *line = line_of (f, form, &call);
      g_autoptr (JsonParser) parser = json_parser_new ();

      g_assert_true (strchr (line, '\n') == line + strlen (line) - 1);
      for (const char *at = line; *at != '\n'; at++)
        g_assert_true (*at >= 0x20 && *at < 0x7f);
      if (form == GW_ACCESS_LOG_JSON)
        g_assert_true (json_parser_load_from_data (parser, line, -1, NULL));
      else
        g_assert_nonnull (strstr (line, "\\x00\\x01"));
    }
}

static void
test_tokens (Fixture *f, gconstpointer data)
{
  static const struct
  {
    GwAccessText target;
    const char *shown;
  } cases[] = {
    { TEXT ("/a?access_token=secret"), "\"GET /a?access_token=*** HTTP/1.1\"" },
    { TEXT ("/a?x=1&ACCESS_TOKEN=secret&y=2"), "\"GET /a?x=1&ACCESS_TOKEN=***&y=2 HTTP/1.1\"" },
    { TEXT ("/a?access_token=secret&access_token=secret"), "\"GET /a?access_token=***&access_token=*** HTTP/1.1\"" },
    { TEXT ("/a?access_token="), "\"GET /a?access_token=*** HTTP/1.1\"" },
    { TEXT ("/a?access_token"), "\"GET /a?access_token HTTP/1.1\"" },
  };

  (void) data;
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      GwAccessLogCall call = full;
      g_autofree char *line = NULL, *json = NULL;

      call.target = call.referer = cases[i].target;
      line = line_of (f, GW_ACCESS_LOG_COMBINED, &call);
      json = line_of (f, GW_ACCESS_LOG_JSON, &call);
      g_assert_nonnull (strstr (line, cases[i].shown));
      g_assert_null (strstr (line, "secret"));
      g_assert_null (strstr (json, "secret"));
    }
}

static void
test_long (Fixture *f, gconstpointer data)
{
  g_autofree char *text = g_strnfill (100000, '\x01');
  GwAccessLogCall call = full;
  g_autofree char *line = NULL;

  (void) data;
  call.target = call.user = call.referer = call.user_agent = call.request_id = call.host = call.application
      = (GwAccessText){ text, 100000 };
  line = line_of (f, GW_ACCESS_LOG_JSON, &call); /* the longest that there is */
  g_assert_cmpuint (strlen (line), >, 7 * 6 * GW_ACCESS_LOG_MAX_TEXT);
  g_assert_true (g_str_has_suffix (line, "}\n"));
}

static guint
count_lines (const char *text, const char *line)
{
  guint n = 0;

  for (; g_str_has_prefix (text, line); text += strlen (line))
    n++;
  g_assert_cmpstr (text, ==, "");
  return n;
}

/* More than the rings hold: lines are whole or not there, and none is forgotten in the count. */
static void
test_no_room (Fixture *f, gconstpointer data)
{
  g_autofree char *line = line_of (f, GW_ACCESS_LOG_COMBINED, &full);
  guint n = 4 * GW_ACCESS_LOG_RING / (guint) strlen (line);
  GwAccessLog *log = open_log (f, GW_ACCESS_LOG_COMBINED);
  g_autofree char *text = NULL;
  guint64 lost;

  (void) data;
  for (guint i = 0; i < n; i++)
    gw_access_log_write (log, 0, &full);
  lost = gw_access_log_lost (log);
  gw_access_log_free (log);
  g_assert_true (g_file_get_contents (f->path, &text, NULL, NULL));
  g_assert_cmpuint (count_lines (text, line) + lost, ==, n);
}

static void
test_reopen (Fixture *f, gconstpointer data)
{
  g_autofree char *moved = g_build_filename (f->folder, "access.log.1", NULL);
  g_autofree char *line = line_of (f, GW_ACCESS_LOG_COMBINED, &full);
  GwAccessLog *log = open_log (f, GW_ACCESS_LOG_COMBINED);
  g_autofree char *old = NULL, *new = NULL;
  g_autoptr (GError) error = NULL;
  struct stat info;

  (void) data;
  gw_access_log_write (log, 0, &full);
  g_assert_cmpint (g_rename (f->path, moved), ==, 0);
  g_assert_true (gw_access_log_reopen (log, &error));
  g_assert_no_error (error);
  gw_access_log_write (log, 0, &full);
  gw_access_log_free (log);
  g_assert_true (g_file_get_contents (moved, &old, NULL, NULL));
  g_assert_true (g_file_get_contents (f->path, &new, NULL, NULL));
  g_assert_cmpuint (count_lines (old, line) + count_lines (new, line), ==, 2);
  g_assert_cmpuint (count_lines (new, line), >=, 1);
  g_assert_cmpint (stat (f->path, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0137, ==, 0); /* nothing for others, whatever the umask */
  g_remove (moved);
}

static void
test_no_file (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->folder, "missing", "access.log", NULL);
  g_autoptr (GError) error = NULL;

  (void) data;
  g_assert_null (gw_access_log_new (path, GW_ACCESS_LOG_JSON, 1, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD_TEST(NAME, FUNC) g_test_add ("/gw-access-log/" NAME, Fixture, NULL, set_up, FUNC, tear_down)
  ADD_TEST ("combined", test_combined);
  ADD_TEST ("json", test_json);
  ADD_TEST ("hostile", test_hostile);
  ADD_TEST ("tokens", test_tokens);
  ADD_TEST ("long", test_long);
  ADD_TEST ("no-room", test_no_room);
  ADD_TEST ("reopen", test_reopen);
  ADD_TEST ("no-file", test_no_file);
  return g_test_run ();
}
