#include "config.h"
#include "portal/json/pt-json-lifecycle.h"

#include "core/core-lifecycle.h"
#include "portal/json/pt-json.h"

static void
append_transition (GString *json, const char *state, const char *event)
{
  CoreLifecyclePlan plan;

  if (!core_lifecycle_plan (state, event, 0, &plan, NULL))
    return;
  if (json->str[json->len - 1] != '[')
    g_string_append_c (json, ',');
  g_string_append_c (json, '{');
  core_json_append_member (json, "event", plan.event);
  core_json_append_member (json, "targetState", plan.to);
  g_string_append_c (json, '}');
}

void
pt_json_lifecycle_append (GString *json, const CoreApi *api)
{
  g_autofree const char **events = core_lifecycle_events (api->status);

  g_string_append_c (json, '{');
  core_json_append_member (json, "state", api->status);
  core_json_append_name (json, "availableTransitions");
  g_string_append_c (json, '[');
  for (guint i = 0; events[i] != NULL; i++)
    append_transition (json, api->status, events[i]);
  g_string_append (json, "]}");
}

void
pt_json_lifecycle_append_event (GString *json, const StLifecycleEvent *event)
{
  g_string_append_c (json, '{');
  core_json_append_member (json, "previousState", event->from);
  core_json_append_member (json, "postState", event->to);
  core_json_append_member (json, "user", event->user);
  pt_json_append_time (json, "updatedTime", event->time_ms);
  g_string_append_c (json, '}');
}
