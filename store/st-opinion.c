#include "config.h"
#include "store/st-opinion.h"

#include "store/st-columns.h"

gboolean
st_rating_read (StWriter *reader, gint64 api_id, gint64 subscriber_id, StRating *rating, GError **error)
{
  static const StStatement select
      = { "SELECT SUBSCRIBER_ID, RATING FROM AM_API_RATINGS WHERE API_ID = ? ORDER BY SUBSCRIBER_ID, RATING_ID DESC" };
  g_autoptr (StQuery) query = st_writer_query (reader, &select, error);
  gint64 last = -1, sum = 0;
  StStep step;

  *rating = (StRating){ 0 };
  if (query == NULL)
    return FALSE;
  st_query_bind_int64 (query, 0, api_id);
  while ((step = st_query_step (query, error)) == ST_ROW)
    {
      gint64 subscriber = st_query_int64 (query, 0), stars = st_query_int64 (query, 1);

      if (subscriber == last || stars <= 0)
        continue;
      last = subscriber;
      sum += stars;
      rating->n++;
      if (subscriber == subscriber_id)
        rating->own = (guint)stars;
    }
  if (rating->n > 0)
    rating->average = (double)sum / rating->n;
  return step == ST_END;
}

gboolean
st_write_rating (StWriter *writer, gint64 api_id, gint64 subscriber_id, guint stars, GError **error)
{
  static const StStatement forget = { "DELETE FROM AM_API_RATINGS WHERE API_ID = ? AND SUBSCRIBER_ID = ?" };
  static const StStatement insert
      = { "INSERT INTO AM_API_RATINGS (API_ID, SUBSCRIBER_ID, RATING) VALUES (?, ?, ?)" };

  return st_writer_execute (writer, &forget, error, "ii", api_id, subscriber_id)
         && (stars == 0 || st_writer_execute (writer, &insert, error, "iii", api_id, subscriber_id, (gint64)stars));
}

void
st_comment_free (StComment *comment)
{
  g_free (comment->user);
  g_free (comment->text);
  g_free (comment);
}

static gpointer
read_comment (StQuery *query, gpointer data G_GNUC_UNUSED)
{
  StComment *comment = g_new0 (StComment, 1);

  comment->id = st_query_int64 (query, 0);
  comment->user = g_strdup (st_query_text (query, 1));
  comment->text = g_strdup (st_query_text (query, 2));
  comment->created_ms = st_query_int64 (query, 3);
  return comment;
}

#define COLUMNS "COMMENT_ID, COMMENTED_USER, COMMENT_TEXT, "

gboolean
st_comment_list (StWriter *reader, gint64 api_id, const StPage *page, GPtrArray *comments, gint64 *total,
                 GError **error)
{
  static const StList list = { COLUMNS "DATE_COMMENTED", COLUMNS ST_LIST_TIME_MYSQL ("DATE_COMMENTED"),
                               "AM_API_COMMENTS WHERE API_ID = ?", "COMMENT_ID DESC" };

  return st_list_read (reader, &list, page, read_comment, NULL, comments, total, error, "i", api_id);
}

gboolean
st_write_comment (StWriter *writer, gint64 api_id, const char *user, const char *text, GError **error)
{
#define INSERT "INSERT INTO AM_API_COMMENTS (API_ID, COMMENTED_USER, COMMENT_TEXT, DATE_COMMENTED) VALUES (?, ?, ?, "
  static const StStatement insert = { INSERT ST_NOW_SQLITE ")", INSERT ST_NOW_MYSQL ")" };
  const StText texts[] = { { "COMMENTED_USER", user, 255, ST_TEXT_REQUIRED },
                           { "COMMENT_TEXT", text, ST_COMMENT_MAX, ST_TEXT_REQUIRED } };

  return st_columns_check_row (writer, "AM_API_COMMENTS", texts, G_N_ELEMENTS (texts), error)
         && st_writer_execute (writer, &insert, error, "iss", api_id, user, text);
}
