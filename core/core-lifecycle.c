#include "config.h"
#include "core/core-lifecycle.h"

#include "core/core-portal.h"

#include <string.h>

static const struct
{
  const char *from, *event, *to;
} transitions[] = {
  { "CREATED", "Publish", "PUBLISHED" },
  { "CREATED", "Deploy as a Prototype", "PROTOTYPED" },
  { "PROTOTYPED", "Publish", "PUBLISHED" },
  { "PROTOTYPED", "Demote to Created", "CREATED" },
  { "PROTOTYPED", "Deploy as a Prototype", "PROTOTYPED" },
  { "PUBLISHED", "Block", "BLOCKED" },
  { "PUBLISHED", "Deploy as a Prototype", "PROTOTYPED" },
  { "PUBLISHED", "Demote to Created", "CREATED" },
  { "PUBLISHED", "Deprecate", "DEPRECATED" },
  { "PUBLISHED", "Publish", "PUBLISHED" },
  { "BLOCKED", "Re-Publish", "PUBLISHED" },
  { "BLOCKED", "Deprecate", "DEPRECATED" },
  { "DEPRECATED", "Retire", "RETIRED" },
};

/* Other names of events: the older lifecycle's. */
static const struct
{
  const char *old, *event;
} synonyms[] = {
  { "Demote to Prototyped", "Deploy as a Prototype" },
};

static gboolean
is_event (const char *event, const char *word)
{
  if (g_ascii_strcasecmp (event, word) == 0)
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (synonyms); i++)
    if (g_ascii_strcasecmp (synonyms[i].old, word) == 0)
      return g_str_equal (synonyms[i].event, event);
  return FALSE;
}

const char **
core_lifecycle_events (const char *state)
{
  const char **events = g_new0 (const char *, G_N_ELEMENTS (transitions) + 1);
  guint n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (transitions); i++)
    if (state != NULL && g_ascii_strcasecmp (transitions[i].from, state) == 0)
      events[n++] = transitions[i].event;
  return events;
}

/* Transitions that led to a state for the first time, the nearest first. */
typedef struct
{
  guint transition[G_N_ELEMENTS (transitions)];
  gint before[G_N_ELEMENTS (transitions)]; /* index of the one that led there; -1: the first */
  guint n;
} Reached;

static gboolean
is_reached (const Reached *reached, const char *state)
{
  for (guint i = 0; i < reached->n; i++)
    if (g_str_equal (transitions[reached->transition[i]].to, state))
      return TRUE;
  return FALSE;
}

static void
reach_from (Reached *reached, const char *state, gint before)
{
  for (guint i = 0; i < G_N_ELEMENTS (transitions); i++)
    if (g_ascii_strcasecmp (transitions[i].from, state) == 0 && !is_reached (reached, transitions[i].to))
      {
        reached->transition[reached->n] = i;
        reached->before[reached->n++] = before;
      }
}

static const char **
events_to (const Reached *reached, gint last)
{
  const char **events;
  guint length = 0;

  for (gint i = last; i >= 0; i = reached->before[i])
    length++;
  events = g_new0 (const char *, length + 1);
  for (gint i = last; i >= 0; i = reached->before[i])
    events[--length] = transitions[reached->transition[i]].event;
  return events;
}

const char **
core_lifecycle_path (const char *from, const char *to)
{
  Reached reached = { .n = 0 };

  if (g_ascii_strcasecmp (from, to) == 0)
    return events_to (&reached, -1);
  reach_from (&reached, from, -1);
  for (guint i = 0; i < reached.n; i++)
    {
      const char *state = transitions[reached.transition[i]].to;

      if (g_ascii_strcasecmp (state, to) == 0)
        return events_to (&reached, (gint)i);
      reach_from (&reached, state, (gint)i);
    }
  return NULL;
}

static gboolean
fail_without_transition (const char *from, const char *event, GError **error)
{
  g_autofree const char **events = core_lifecycle_events (from);
  g_autofree char *list = g_strjoinv (", ", (char **)events);

  if (*list == '\0')
    return core_portal_fail (error, CORE_PORTAL_ERROR_CONFLICT,
                             "an API in the state %s cannot be changed by \"%s\", nor by anything else",
                             from != NULL ? from : "", event);
  return core_portal_fail (error, CORE_PORTAL_ERROR_CONFLICT,
                           "an API in the state %s cannot be changed by \"%s\"; what it knows is: %s", from,
                           event, list);
}

static void
fill_effects (CoreLifecyclePlan *plan, guint checklist)
{
  gboolean from_created = g_str_equal (plan->from, "CREATED");
  gboolean published = g_str_equal (plan->to, "PUBLISHED");

  plan->changes = !g_str_equal (plan->from, plan->to);
  if (!plan->changes)
    return;
  plan->gateway = g_str_equal (plan->to, "CREATED") || g_str_equal (plan->to, "RETIRED")
                      ? CORE_GATEWAY_REMOVE
                      : CORE_GATEWAY_PUBLISH;
  plan->needs_endpoint_and_tier = published && (from_created || g_str_equal (plan->from, "PROTOTYPED"));
  plan->copies_subscriptions
      = from_created && published && (checklist & CORE_CHECKLIST_REQUIRE_RESUBSCRIPTION) == 0;
  plan->deprecates_old_versions
      = from_created && published && (checklist & CORE_CHECKLIST_DEPRECATE_OLD_VERSIONS) != 0;
  plan->deletes_subscriptions = g_str_equal (plan->to, "RETIRED");
}

gboolean
core_lifecycle_plan (const char *from, const char *event, guint checklist, CoreLifecyclePlan *plan,
                     GError **error)
{
  *plan = (CoreLifecyclePlan){ NULL };
  if (event == NULL || *event == '\0')
    return core_portal_fail (error, CORE_PORTAL_ERROR_INVALID, "no lifecycle event is named");
  for (guint i = 0; from != NULL && i < G_N_ELEMENTS (transitions); i++)
    if (g_ascii_strcasecmp (transitions[i].from, from) == 0 && is_event (transitions[i].event, event))
      {
        *plan = (CoreLifecyclePlan){ .event = transitions[i].event,
                                     .from = transitions[i].from,
                                     .to = transitions[i].to };
        fill_effects (plan, checklist);
        return TRUE;
      }
  return fail_without_transition (from, event, error);
}

const char *
core_lifecycle_event_of_word (const char *word, const char *from)
{
  static const struct
  {
    const char *state, *event;
  } states[] = {
    { "PUBLISHED", "Publish" },    { "CREATED", "Demote to Created" },
    { "DEPRECATED", "Deprecate" }, { "BLOCKED", "Block" },
    { "RETIRED", "Retire" },       { "PROTOTYPED", "Deploy as a Prototype" },
  };

  if (word != NULL && g_ascii_strcasecmp (word, "PUBLISHED") == 0 && g_strcmp0 (from, "BLOCKED") == 0)
    return "Re-Publish";
  for (guint i = 0; word != NULL && i < G_N_ELEMENTS (states); i++)
    if (g_ascii_strcasecmp (word, states[i].state) == 0)
      return states[i].event;
  return word;
}

static guint
checklist_item (const char *name)
{
  static const struct
  {
    const char *name;
    guint item;
  } items[] = {
    { "Deprecate Old Versions", CORE_CHECKLIST_DEPRECATE_OLD_VERSIONS },
    { "Deprecate old versions after publish the API", CORE_CHECKLIST_DEPRECATE_OLD_VERSIONS },
    { "Require Re-Subscription", CORE_CHECKLIST_REQUIRE_RESUBSCRIPTION },
    { "Requires re-subscription when publish the API", CORE_CHECKLIST_REQUIRE_RESUBSCRIPTION },
  };

  for (guint i = 0; i < G_N_ELEMENTS (items); i++)
    if (g_ascii_strcasecmp (items[i].name, name) == 0)
      return items[i].item;
  return 0;
}

gboolean
core_lifecycle_parse_checklist (const char *text, guint *checklist, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (text != NULL ? text : "", ",", 16);

  *checklist = 0;
  for (guint i = 0; parts[i] != NULL; i++)
    {
      char *colon = strchr (g_strstrip (parts[i]), ':');
      guint item;

      if (*parts[i] == '\0')
        continue;
      if (colon != NULL)
        *colon = '\0';
      item = checklist_item (g_strstrip (parts[i]));
      if (item == 0 || colon == NULL
          || (g_ascii_strcasecmp (g_strstrip (colon + 1), "true") != 0
              && g_ascii_strcasecmp (colon + 1, "false") != 0))
        return core_portal_fail (error, CORE_PORTAL_ERROR_INVALID,
                                 "the lifecycle checklist is not like \"Deprecate Old Versions:true,"
                                 "Require Re-Subscription:false\"");
      if (g_ascii_strcasecmp (colon + 1, "true") == 0)
        *checklist |= item;
    }
  return TRUE;
}

/* The next part of a version; *at is moved behind it. */
static char *
next_part (const char **at)
{
  const char *begin;

  while (**at != '\0' && !g_ascii_isalnum (**at))
    (*at)++;
  begin = *at;
  while (g_ascii_isalnum (**at))
    (*at)++;
  return g_strndup (begin, (gsize)(*at - begin));
}

static gboolean
is_number (const char *part)
{
  return *part != '\0' && part[strspn (part, "0123456789")] == '\0';
}

/* Of any length. */
static int
compare_numbers (const char *a, const char *b)
{
  a += strspn (a, "0");
  b += strspn (b, "0");
  return strlen (a) != strlen (b) ? (strlen (a) < strlen (b) ? -1 : 1) : strcmp (a, b);
}

/* A missing part, a number, a text: compared by this alone where they are of two kinds, so that the order is
 * one. */
static int
kind_of (const char *part)
{
  return *part == '\0' ? 0 : is_number (part) ? 1 : 2;
}

int
core_version_compare (const char *a, const char *b)
{
  const char *at_a = a, *at_b = b;

  while (*at_a != '\0' || *at_b != '\0')
    {
      g_autofree char *part_a = next_part (&at_a);
      g_autofree char *part_b = next_part (&at_b);
      int kind = kind_of (part_a), order = kind - kind_of (part_b);

      if (order == 0)
        order = kind == 1 ? compare_numbers (part_a, part_b) : strcmp (part_a, part_b);

      if (order != 0)
        return order;
    }
  return strcmp (a, b);
}
