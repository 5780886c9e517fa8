/* Ratings and comments of subscribers, on every release's tables. */
#include "config.h"

#include "core/core-opinion.h"
#include "tests/lib/portal-world.h"

#define API "carol-Weather-1.0.0"

static void
add_api (WriteWorld *world)
{
  write_world_run (world, "INSERT INTO AM_API (API_PROVIDER, API_NAME, API_VERSION, CONTEXT, CONTEXT_TEMPLATE)"
                          " VALUES ('carol', 'Weather', '1.0.0', '/weather/1.0.0', '/weather')");
  write_world_run (world, world->sql_mode == NULL
                              ? "INSERT INTO AM_API_LC_EVENT (API_ID, NEW_STATE, USER_ID, TENANT_ID)"
                                " SELECT API_ID, 'PUBLISHED', 'carol', -1234 FROM AM_API"
                              : "INSERT INTO AM_API_LC_EVENT (API_ID, NEW_STATE, USER_ID, TENANT_ID, EVENT_DATE)"
                                " SELECT API_ID, 'PUBLISHED', 'carol', -1234, CURRENT_TIMESTAMP FROM AM_API");
}

static void
assert_rating (PortalWorld *of, const CoreActor *actor, guint stars, guint n, double average)
{
  StRating rating;

  PORTAL_DO (core_opinion_rate (&of->portal, actor, API, stars, &rating, &error));
  g_assert_cmpuint (rating.n, ==, n);
  g_assert_cmpfloat (rating.average, ==, average);
  g_assert_cmpuint (rating.own, ==, stars);
}

static void
test_ratings (WriteWorld *world)
{
  g_autoptr (PortalWorld) of = portal_world_new (world);
  StRating rating;

  add_api (world);
  assert_rating (of, of->alice, 0, 0, 0);
  assert_rating (of, of->alice, 5, 1, 5);
  assert_rating (of, of->bob, 2, 2, 3.5);
  assert_rating (of, of->alice, 1, 2, 1.5); /* in the place of the 5 */
  g_assert_cmpint (write_world_number (world, "SELECT COUNT(*) FROM AM_API_RATINGS"), ==, 2);
  assert_rating (of, of->alice, 0, 1, 2);
  PORTAL_REFUSE (CORE_PORTAL_ERROR_INVALID, "from 1 to 5",
                 core_opinion_rate (&of->portal, of->alice, API, 6, &rating, &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_NOT_FOUND, "Cannot find",
                 core_opinion_rate (&of->portal, of->alice, "carol-Other-1.0.0", 3, &rating, &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_NOT_FOUND, "Cannot find",
                 core_opinion_rate (&of->portal, of->dave, API, 3, &rating, &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_FORBIDDEN, "",
                 core_opinion_rate (&of->portal, of->visitor, API, 3, &rating, &error));
  g_assert_cmpint (write_world_number (world, "SELECT COUNT(*) FROM AM_API_RATINGS"), ==, 1);
  write_world_run (world, "DELETE FROM AM_API_RATINGS");
}

static void
test_comments (WriteWorld *world)
{
  const StPage page = { 0, 1 };
  g_autoptr (PortalWorld) of = portal_world_new (world);
  g_autoptr (GPtrArray) comments = NULL;
  const StComment *newest;
  gint64 total;

  add_api (world);
  PORTAL_DO (core_opinion_comment (&of->portal, of->alice, API, "Fine & <good>", &error));
  PORTAL_DO (core_opinion_comment (&of->portal, of->bob, API, write_world_long (ST_COMMENT_MAX), &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_INVALID, "",
                 core_opinion_comment (&of->portal, of->bob, API, write_world_long (ST_COMMENT_MAX + 1), &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_INVALID, "", core_opinion_comment (&of->portal, of->bob, API, "", &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_FORBIDDEN, "", core_opinion_comment (&of->portal, of->visitor, API, "x", &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_NOT_FOUND, "", core_opinion_comment (&of->portal, of->dave, API, "x", &error));
  PORTAL_DO (core_opinion_list_comments (&of->portal, of->visitor, API, &page, &comments, &total, &error));
  g_assert_cmpint (total, ==, 2);
  g_assert_cmpuint (comments->len, ==, 1);
  newest = comments->pdata[0];
  g_assert_cmpstr (newest->user, ==, "bob");
  g_assert_cmpint (ABS (newest->created_ms - g_get_real_time () / 1000), <, 3600000);
  write_world_rows (world, "SELECT COMMENTED_USER, COMMENT_TEXT FROM AM_API_COMMENTS WHERE COMMENTED_USER = 'alice'",
                    "alice|Fine & <good>");
  write_world_run (world, "DELETE FROM AM_API_COMMENTS");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  write_world_add_few ("/opinions/ratings", test_ratings);
  write_world_add_few ("/opinions/comments", test_comments);
  return write_world_run_tests ();
}
