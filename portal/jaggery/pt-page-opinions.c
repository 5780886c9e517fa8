/* Ratings (api/api-info) and comments (comment/...) of the Store. */
#include "config.h"
#include "portal/jaggery/pt-page-tables.h"

#include "core/core-json.h"
#include "core/core-opinion.h"
#include "portal/jaggery/pt-page-lookup.h"
#include "portal/pt-error.h"

/* The average of all, with two decimals. */
static gboolean
rate (PtPageCall *call, guint stars, GError **error)
{
  g_autofree char *api = pt_page_api_id (call, "name", error);
  char number[G_ASCII_DTOSTR_BUF_SIZE];
  StRating rating;

  if (api == NULL || !core_opinion_rate (&call->portal->core, call->actor, api, stars, &rating, error))
    return FALSE;
  core_json_append_name (call->json, "rating");
  g_string_append (call->json, g_ascii_formatd (number, sizeof number, "%.2f", rating.average));
  return TRUE;
}

static gboolean
add_rating (PtPageCall *call, GError **error)
{
  guint stars;

  if (!pt_page_number (call, "rating", 0, &stars, error))
    return FALSE;
  if (stars == 0)
    return pt_fail (error, PT_ERROR_BAD_REQUEST, "The parameter \"rating\" must be a number from 1 to %d.",
                    CORE_MAX_STARS);
  return rate (call, stars, error);
}

static gboolean
remove_rating (PtPageCall *call, GError **error)
{
  return rate (call, 0, error);
}

static gboolean
is_activated (PtPageCall *call, GError **error)
{
  core_json_append_boolean (call->json, "allow", TRUE);
  return TRUE;
}

static gboolean
add_comment (PtPageCall *call, GError **error)
{
  g_autofree char *api = pt_page_api_id (call, "name", error);
  const char *text = api != NULL ? pt_fields_need (call->fields, "comment", error) : NULL;

  return text != NULL && core_opinion_comment (&call->portal->core, call->actor, api, text, error);
}

#define COMMENTS 100

/* Additional: WSO2's pages have them within the page of the API. */
static gboolean
list_comments (PtPageCall *call, GError **error)
{
  g_autofree char *api = pt_page_api_id (call, "name", error);
  g_autoptr (GPtrArray) comments = NULL;
  StPage page = { 0, COMMENTS };
  gint64 total;

  if (api == NULL || !pt_page_number (call, "start", 0, &page.offset, error)
      || !core_opinion_list_comments (&call->portal->core, call->actor, api, &page, &comments, &total, error))
    return FALSE;
  core_json_append_int64 (call->json, "totalLength", total);
  core_json_append_name (call->json, "comments");
  g_string_append_c (call->json, '[');
  for (guint i = 0; i < comments->len; i++)
    {
      const StComment *comment = comments->pdata[i];

      g_string_append (call->json, i > 0 ? ",{" : "{");
      core_json_append_member (call->json, "userName", comment->user);
      core_json_append_member (call->json, "comment", comment->text);
      core_json_append_int64 (call->json, "createdTime", comment->created_ms);
      g_string_append_c (call->json, '}');
    }
  g_string_append_c (call->json, ']');
  return TRUE;
}

#define INFO "api/api-info/ajax/api-info.jag"
#define COMMENT "comment/comment-add/ajax/comment-add.jag"

const PtPageRow pt_store_page_opinions[] = {
  { INFO, "addRating", PT_PAGE_LOGIN_REQUIRED, 0, add_rating },
  { INFO, "removeRating", PT_PAGE_LOGIN_REQUIRED, 0, remove_rating },
  { INFO, "isRatingActivated", PT_PAGE_LOGIN_REQUIRED, PT_PAGE_READS, is_activated },
  { COMMENT, "addComment", PT_PAGE_LOGIN_REQUIRED, 0, add_comment },
  { COMMENT, "isCommentActivated", PT_PAGE_LOGIN_REQUIRED, PT_PAGE_READS, is_activated },
  { COMMENT, "getComments", PT_PAGE_LOGIN_REQUIRED, PT_PAGE_READS, list_comments },
  { NULL },
};
