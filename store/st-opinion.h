/* What subscribers think of an API: ratings (AM_API_RATINGS), one of each subscriber, and comments (AM_API_COMMENTS).
 * Within an operation of StWriter. Errors: ST_ERROR. Threads: as StWriter. */
#ifndef ST_OPINION_H
#define ST_OPINION_H

#include "store/st-list.h"

G_BEGIN_DECLS

typedef struct
{
  guint n;        /* subscribers who rated it */
  double average; /* of theirs; 0 without */
  guint own;      /* of the one asked about; 0: none */
} StRating;

/* Of two rows of one subscriber, which no key forbids, the newer counts. */
gboolean st_rating_read (StWriter *reader, gint64 api_id, gint64 subscriber_id, StRating *rating, GError **error);
/* In the place of what the subscriber had; @stars 0: takes it away. */
gboolean st_write_rating (StWriter *writer, gint64 api_id, gint64 subscriber_id, guint stars, GError **error);

#define ST_COMMENT_MAX 512

typedef struct
{
  gint64 id;
  char *user;
  char *text;
  gint64 created_ms; /* epoch */
} StComment;

void st_comment_free (StComment *comment);

/* The newest first. Adds to @comments (element-type StComment). *total: (out): of all pages. */
gboolean st_comment_list (StWriter *reader, gint64 api_id, const StPage *page, GPtrArray *comments, gint64 *total,
                          GError **error);
/* @text: 1 to ST_COMMENT_MAX characters; @user: with the tenant unless it is the super tenant's. */
gboolean st_write_comment (StWriter *writer, gint64 api_id, const char *user, const char *text, GError **error);

G_END_DECLS
#endif
