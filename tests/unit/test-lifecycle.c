/* The lifecycle's table (spec/publisher-store-workflows.md 3): each state with each event, what each does,
 * and which version is older. */
#include "config.h"

#include "core/core-lifecycle.h"
#include "core/core-portal.h"

#include <string.h>

static const char *const states[]
    = { "CREATED", "PROTOTYPED", "PUBLISHED", "BLOCKED", "DEPRECATED", "RETIRED" };
static const char *const events[] = {
  "Publish", "Deploy as a Prototype", "Demote to Created", "Block", "Deprecate", "Re-Publish", "Retire"
};
/* By state, by event; NULL: refused. */
static const char *const targets[G_N_ELEMENTS (states)][G_N_ELEMENTS (events)] = {
  { "PUBLISHED", "PROTOTYPED", NULL, NULL, NULL, NULL, NULL },
  { "PUBLISHED", "PROTOTYPED", "CREATED", NULL, NULL, NULL, NULL },
  { "PUBLISHED", "PROTOTYPED", "CREATED", "BLOCKED", "DEPRECATED", NULL, NULL },
  { NULL, NULL, NULL, NULL, "DEPRECATED", "PUBLISHED", NULL },
  { NULL, NULL, NULL, NULL, NULL, NULL, "RETIRED" },
  { NULL, NULL, NULL, NULL, NULL, NULL, NULL },
};

static void
test_transitions (void)
{
  for (guint s = 0; s < G_N_ELEMENTS (states); s++)
    {
      g_autofree const char **known = core_lifecycle_events (states[s]);

      for (guint e = 0; e < G_N_ELEMENTS (events); e++)
        {
          g_autoptr (GError) error = NULL;
          CoreLifecyclePlan plan;

          g_assert_cmpint (core_lifecycle_plan (states[s], events[e], 0, &plan, &error), ==,
                           targets[s][e] != NULL);
          g_assert_cmpint (g_strv_contains (known, events[e]), ==, targets[s][e] != NULL);
          if (targets[s][e] == NULL)
            {
              g_assert_error (error, CORE_PORTAL_ERROR, CORE_PORTAL_ERROR_CONFLICT);
              g_assert_nonnull (strstr (error->message, states[s]));
              continue;
            }
          g_assert_no_error (error);
          g_assert_cmpstr (plan.to, ==, targets[s][e]);
          g_assert_cmpint (plan.changes, ==, strcmp (states[s], targets[s][e]) != 0);
        }
    }
}

#define DEPRECATE CORE_CHECKLIST_DEPRECATE_OLD_VERSIONS
#define RESUBSCRIBE CORE_CHECKLIST_REQUIRE_RESUBSCRIPTION

static const struct
{
  const char *from, *event;
  guint checklist;
  CoreGatewayAction gateway;
  gboolean needs, copies, deprecates, deletes;
} effects[] = {
  { "CREATED", "Publish", 0, CORE_GATEWAY_PUBLISH, TRUE, TRUE, FALSE, FALSE },
  { "CREATED", "publish", DEPRECATE, CORE_GATEWAY_PUBLISH, TRUE, TRUE, TRUE, FALSE },
  { "created", "Publish", DEPRECATE | RESUBSCRIBE, CORE_GATEWAY_PUBLISH, TRUE, FALSE, TRUE, FALSE },
  { "CREATED", "Deploy as a Prototype", DEPRECATE, CORE_GATEWAY_PUBLISH, FALSE, FALSE, FALSE, FALSE },
  { "PROTOTYPED", "Publish", DEPRECATE, CORE_GATEWAY_PUBLISH, TRUE, FALSE, FALSE, FALSE },
  { "PROTOTYPED", "Demote to Created", 0, CORE_GATEWAY_REMOVE, FALSE, FALSE, FALSE, FALSE },
  { "PROTOTYPED", "Deploy as a Prototype", 0, CORE_GATEWAY_NOTHING, FALSE, FALSE, FALSE, FALSE },
  { "PUBLISHED", "Publish", DEPRECATE, CORE_GATEWAY_NOTHING, FALSE, FALSE, FALSE, FALSE },
  { "PUBLISHED", "Demote to Created", 0, CORE_GATEWAY_REMOVE, FALSE, FALSE, FALSE, FALSE },
  { "PUBLISHED", "Demote to Prototyped", 0, CORE_GATEWAY_PUBLISH, FALSE, FALSE, FALSE, FALSE },
  { "PUBLISHED", "Block", 0, CORE_GATEWAY_PUBLISH, FALSE, FALSE, FALSE, FALSE },
  { "PUBLISHED", "Deprecate", 0, CORE_GATEWAY_PUBLISH, FALSE, FALSE, FALSE, FALSE },
  { "BLOCKED", "Re-Publish", DEPRECATE, CORE_GATEWAY_PUBLISH, FALSE, FALSE, FALSE, FALSE },
  { "DEPRECATED", "Retire", 0, CORE_GATEWAY_REMOVE, FALSE, FALSE, FALSE, TRUE },
};

static void
test_effects (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (effects); i++)
    {
      CoreLifecyclePlan plan;

      g_assert_true (
          core_lifecycle_plan (effects[i].from, effects[i].event, effects[i].checklist, &plan, NULL));
      g_assert_cmpint (plan.gateway, ==, effects[i].gateway);
      g_assert_cmpint (plan.needs_endpoint_and_tier, ==, effects[i].needs);
      g_assert_cmpint (plan.copies_subscriptions, ==, effects[i].copies);
      g_assert_cmpint (plan.deprecates_old_versions, ==, effects[i].deprecates);
      g_assert_cmpint (plan.deletes_subscriptions, ==, effects[i].deletes);
    }
}

static void
test_bad_input (void)
{
  static const char *const bad[] = { "Explode", "MAINTENANCE", "PUBLISHED" };
  CoreLifecyclePlan plan;

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (core_lifecycle_plan ("CREATED", bad[i], 0, &plan, &error));
      g_assert_error (error, CORE_PORTAL_ERROR, CORE_PORTAL_ERROR_CONFLICT);
      g_assert_nonnull (strstr (error->message, "Publish, Deploy as a Prototype"));
    }
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (core_lifecycle_plan ("CREATED", i == 0 ? NULL : "", 0, &plan, &error));
      g_assert_error (error, CORE_PORTAL_ERROR, CORE_PORTAL_ERROR_INVALID);
    }
  g_assert_false (core_lifecycle_plan ("MAINTENANCE", "Publish", 0, &plan, NULL));
  g_assert_false (core_lifecycle_plan (NULL, "Publish", 0, &plan, NULL));
}

static void
test_words (void)
{
  static const struct
  {
    const char *word, *from, *event;
  } words[] = {
    { "PUBLISHED", "CREATED", "Publish" },
    { "published", "BLOCKED", "Re-Publish" },
    { "CREATED", "PUBLISHED", "Demote to Created" },
    { "DEPRECATED", "PUBLISHED", "Deprecate" },
    { "BLOCKED", "PUBLISHED", "Block" },
    { "RETIRED", "DEPRECATED", "Retire" },
    { "PROTOTYPED", "CREATED", "Deploy as a Prototype" },
    { "Re-Publish", "BLOCKED", "Re-Publish" },
    { "Whatever", "CREATED", "Whatever" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    g_assert_cmpstr (core_lifecycle_event_of_word (words[i].word, words[i].from), ==, words[i].event);
}

static void
test_checklist (void)
{
  static const struct
  {
    const char *text;
    gint expected; /* -1: refused */
  } cases[] = {
    { NULL, 0 },
    { "", 0 },
    { "Deprecate Old Versions:true,Require Re-Subscription:false", DEPRECATE },
    { "deprecate old versions : TRUE , Require Re-Subscription:true", DEPRECATE | RESUBSCRIBE },
    { "Requires re-subscription when publish the API:true", RESUBSCRIBE },
    { "Deprecate Old Versions:yes", -1 },
    { "Deprecate Old Versions", -1 },
    { "Something Else:true", -1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      guint checklist;

      g_assert_cmpint (core_lifecycle_parse_checklist (cases[i].text, &checklist, &error), ==,
                       cases[i].expected >= 0);
      if (cases[i].expected >= 0)
        g_assert_cmpuint (checklist, ==, (guint)cases[i].expected);
      else
        g_assert_error (error, CORE_PORTAL_ERROR, CORE_PORTAL_ERROR_INVALID);
    }
}

/* Each is older than all behind it, whichever two are asked about. */
static void
test_versions (void)
{
  static const char *const ordered[]
      = { "0.9",  "1",    "1.0",   "1.0.0",  "1.0.0-SNAPSHOT",       "1.2", "01.10",
          "1.10", "1.1a", "2.0.0", "10.0.0", "18446744073709551617", "v1",  "v2" };

  for (guint i = 0; i < G_N_ELEMENTS (ordered); i++)
    for (guint j = 0; j < G_N_ELEMENTS (ordered); j++)
      {
        int order = core_version_compare (ordered[i], ordered[j]);

        if ((order > 0) - (order < 0) != (i > j) - (i < j))
          g_error ("%s, %s: %d", ordered[i], ordered[j], order);
      }
}

/* The fewest events that lead from one state to another. */
static void
test_paths (void)
{
  static const struct
  {
    const char *from, *to, *expected;
  } cases[] = {
    { "CREATED", "CREATED", "" },
    { "created", "Published", "Publish" },
    { "CREATED", "PROTOTYPED", "Deploy as a Prototype" },
    { "CREATED", "BLOCKED", "Publish, Block" },
    { "CREATED", "DEPRECATED", "Publish, Deprecate" },
    { "CREATED", "RETIRED", "Publish, Deprecate, Retire" },
    { "BLOCKED", "CREATED", "Re-Publish, Demote to Created" },
    { "PROTOTYPED", "BLOCKED", "Publish, Block" },
    { "RETIRED", "CREATED", NULL },
    { "DEPRECATED", "PUBLISHED", NULL },
    { "CREATED", "FLYING", NULL },
    { "FLYING", "CREATED", NULL },
    { "CREATED", "", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree const char **path_events = core_lifecycle_path (cases[i].from, cases[i].to);
      g_autofree char *list = path_events != NULL ? g_strjoinv (", ", (char **)path_events) : NULL;

      g_assert_cmpstr (list, ==, cases[i].expected);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/lifecycle/transitions", test_transitions);
  g_test_add_func ("/core/lifecycle/effects", test_effects);
  g_test_add_func ("/core/lifecycle/bad-input", test_bad_input);
  g_test_add_func ("/core/lifecycle/words", test_words);
  g_test_add_func ("/core/lifecycle/checklist", test_checklist);
  g_test_add_func ("/core/lifecycle/versions", test_versions);
  g_test_add_func ("/core/lifecycle/paths", test_paths);
  return g_test_run ();
}
