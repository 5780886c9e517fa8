#include "config.h"
#include "tests/lib/change-log.h"

#include "tests/lib/store-fixture.h"

#include <string.h>

ChangeLog *
change_log_new (StDatabase *database)
{
  ChangeLog *log = g_new0 (ChangeLog, 1);
  g_autoptr (GError) error = NULL;

  store_fixture_run (database, "INSERT INTO APIM_CHANGE_FEED (KIND) VALUES ('roles');\n");
  log->feed = st_change_feed_new (database);
  log->lines = g_ptr_array_new_with_free_func (g_free);
  st_change_feed_start (log->feed, 0, &log->position, &error);
  g_assert_no_error (error);
  g_assert_cmpint (log->position, >, 0);
  return log;
}

void
change_log_free (ChangeLog *log)
{
  st_change_feed_free (log->feed);
  g_ptr_array_unref (log->lines);
  g_free (log);
}

static void
on_change (StChangeKind kind, const char *subject, gpointer data)
{
  const char *parts[] = { st_change_kind_text (kind), subject, NULL };

  g_ptr_array_add (data, g_strjoinv (" ", (char **) parts));
}

void
change_log_read (ChangeLog *log, guint limit)
{
  guint n = limit;

  while (n >= limit)
    {
      g_autoptr (GError) error = NULL;
      guint before = log->lines->len;

      st_change_feed_read (log->feed, &log->position, limit, 0, on_change, log->lines, &n, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (n, ==, log->lines->len - before);
    }
}

static gint
compare (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

char *
change_log_take (ChangeLog *log)
{
  char *text;

  change_log_read (log, 100);
  g_ptr_array_sort (log->lines, compare);
  g_ptr_array_add (log->lines, NULL);
  text = g_strjoinv (", ", (char **) log->lines->pdata);
  g_ptr_array_set_size (log->lines, 0);
  return text;
}
