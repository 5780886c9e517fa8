#include "config.h"

#include "admin-cli/ctl-lifecycle.h"

#include <string.h>

/* More steps than states lead in circles. */
#define MAX_STEPS 6

static const struct
{
  const char *state;
  const char *event;
  const char *target;
} transitions[] = {
  { "CREATED", "Publish", "PUBLISHED" },
  { "CREATED", "Deploy as a Prototype", "PROTOTYPED" },
  { "PROTOTYPED", "Publish", "PUBLISHED" },
  { "PROTOTYPED", "Demote to Created", "CREATED" },
  { "PUBLISHED", "Block", "BLOCKED" },
  { "PUBLISHED", "Deprecate", "DEPRECATED" },
  { "PUBLISHED", "Demote to Created", "CREATED" },
  { "PUBLISHED", "Deploy as a Prototype", "PROTOTYPED" },
  { "BLOCKED", "Re-Publish", "PUBLISHED" },
  { "BLOCKED", "Deprecate", "DEPRECATED" },
  { "DEPRECATED", "Retire", "RETIRED" },
};

JsonArray *
ctl_lifecycle_events (const char *state)
{
  JsonArray *events = json_array_new ();
  for (guint i = 0; i < G_N_ELEMENTS (transitions); i++)
    if (strcmp (transitions[i].state, state) == 0)
      {
        JsonObject *event = json_object_new ();
        json_object_set_string_member (event, "event", transitions[i].event);
        json_object_set_string_member (event, "targetState", transitions[i].target);
        json_array_add_object_element (events, event);
      }
  return events;
}

/* How many events lead from @from to @to, at most @limit; @limit + 1 when they do not. */
static guint
distance (const char *from, const char *to, guint limit)
{
  if (strcmp (from, to) == 0)
    return 0;
  guint best = limit + 1;
  for (guint i = 0; limit > 0 && i < G_N_ELEMENTS (transitions); i++)
    if (strcmp (transitions[i].state, from) == 0)
      best = MIN (best, 1 + distance (transitions[i].target, to, limit - 1));
  return best;
}

const char *
ctl_lifecycle_step (const char *from, const char *to, const char **target)
{
  guint best = MAX_STEPS;
  const char *event = NULL;
  for (guint i = 0; i < G_N_ELEMENTS (transitions); i++)
    {
      if (strcmp (transitions[i].state, from) != 0)
        continue;
      guint rest = distance (transitions[i].target, to, MAX_STEPS - 1);
      if (rest < best)
        {
          best = rest;
          event = transitions[i].event;
          *target = transitions[i].target;
        }
    }
  return event;
}
