#include "config.h"
#include "core/core-opinion.h"

#include "core/core-application.h"

typedef struct
{
  const CoreActor *actor;
  const char *api;
  guint stars;
  StRating rating;
  const char *text;
  const StPage *page;
  GPtrArray *comments; /* (out) */
  gint64 total;        /* (out) */
} Call;

static StApiRow *
find (StWriter *writer, const Call *call, GError **error)
{
  return core_api_find_row (writer, call->actor, CORE_AUDIENCE_STORE, call->api, error);
}

static gboolean
rate (StWriter *writer, gpointer data, GError **error)
{
  Call *call = data;
  gint64 subscriber;
  g_autoptr (StApiRow) row = NULL;

  return core_application_enter_store (writer, call->actor, &subscriber, error)
         && (row = find (writer, call, error)) != NULL
         && st_write_rating (writer, row->id, subscriber, call->stars, error)
         && st_rating_read (writer, row->id, subscriber, &call->rating, error);
}

gboolean
core_opinion_rate (const CorePortal *portal, const CoreActor *actor, const char *api, guint stars, StRating *rating,
                   GError **error)
{
  Call call = { .actor = actor, .api = api, .stars = stars };

  if (stars > CORE_MAX_STARS)
    return core_portal_fail (error, CORE_PORTAL_ERROR_INVALID, "A rating is a number from 1 to %d.", CORE_MAX_STARS);
  if (!core_portal_write (portal, rate, &call, error))
    return FALSE;
  core_portal_audit (portal, actor, stars > 0 ? "rate" : "unrate", "API", api, NULL);
  *rating = call.rating;
  return TRUE;
}

static gboolean
comment (StWriter *writer, gpointer data, GError **error)
{
  const Call *call = data;
  g_autoptr (StApiRow) row = find (writer, call, error);

  return row != NULL && st_write_comment (writer, row->id, call->actor->name, call->text, error);
}

gboolean
core_opinion_comment (const CorePortal *portal, const CoreActor *actor, const char *api, const char *text,
                      GError **error)
{
  Call call = { .actor = actor, .api = api, .text = text };
  g_autoptr (GPtrArray) violations = core_violations_new ();

  if (*text == '\0')
    core_violations_add (violations, "comment", "The comment is empty.");
  core_violations_check_text (violations, "comment", text, ST_COMMENT_MAX);
  if (!core_actor_require (actor, CORE_MAY_SUBSCRIBE, "comment on APIs", error)
      || !core_violations_check (violations, error) || !core_portal_write (portal, comment, &call, error))
    return FALSE;
  core_portal_audit (portal, actor, "comment", "API", api, NULL);
  return TRUE;
}

static gboolean
list_comments (StWriter *reader, gpointer data, GError **error)
{
  Call *call = data;
  g_autoptr (StApiRow) row = find (reader, call, error);

  g_ptr_array_set_size (call->comments, 0);
  return row != NULL && st_comment_list (reader, row->id, call->page, call->comments, &call->total, error);
}

gboolean
core_opinion_list_comments (const CorePortal *portal, const CoreActor *actor, const char *api, const StPage *page,
                            GPtrArray **comments, gint64 *total, GError **error)
{
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func ((GDestroyNotify)st_comment_free);
  Call call = { .actor = actor, .api = api, .page = page, .comments = found };

  if (!core_portal_read (portal, list_comments, &call, error))
    return FALSE;
  *total = call.total;
  *comments = g_steal_pointer (&found);
  return TRUE;
}
