/* The lifecycle of APIs (spec/publisher-store-workflows.md 3): which events lead where, and what an event
 * will do, as a plan that core-api-workflows.h carries out. Also which of two versions is the older one.
 * Threads: pure functions. */
#ifndef CORE_LIFECYCLE_H
#define CORE_LIFECYCLE_H

#include <glib.h>

G_BEGIN_DECLS

/* Checklist items; they count when an API leaves CREATED (3.1). */
typedef enum
{
  CORE_CHECKLIST_DEPRECATE_OLD_VERSIONS = 1 << 0, /* order 0 */
  CORE_CHECKLIST_REQUIRE_RESUBSCRIPTION = 1 << 1, /* order 1 */
} CoreChecklist;

typedef enum
{
  CORE_GATEWAY_NOTHING,
  CORE_GATEWAY_PUBLISH,
  CORE_GATEWAY_REMOVE,
} CoreGatewayAction;

/* What an event does. */
typedef struct
{
  const char *event; /* as the lifecycle writes it: "Deploy as a Prototype"; static */
  const char *from;  /* "CREATED"; static */
  const char *to;
  gboolean changes; /* FALSE: the target is the present state: nothing is touched (3.2.2) */
  CoreGatewayAction gateway;
  gboolean needs_endpoint_and_tier; /* 3.2.1 */
  gboolean copies_subscriptions;    /* 3.2.5: of older versions that are not RETIRED */
  gboolean deprecates_old_versions; /* 3.2.6: those that are PUBLISHED */
  gboolean deletes_subscriptions;   /* 3.2.4 */
} CoreLifecyclePlan;

/* @from: a state, in any case. @event: an event, in any case. @checklist: CoreChecklist.
 * FALSE with CORE_PORTAL_ERROR_CONFLICT that names the events that there are; CORE_PORTAL_ERROR_INVALID for
 * no event at all. */
gboolean core_lifecycle_plan (const char *from, const char *event, guint checklist, CoreLifecyclePlan *plan,
                              GError **error);

/* (transfer container): the events that @state has, in the order of the lifecycle; NULL-terminated, the texts
 * static. Empty for RETIRED and for states that are not WSO2's. */
const char **core_lifecycle_events (const char *state);

/* (transfer container): the fewest events that lead from @from to @to (states, in any case), one behind the
 * other; NULL-terminated, the texts static. Empty: it is there already. NULL: no events lead there. */
const char **core_lifecycle_path (const char *from, const char *to);

/* The event that the pages' updateStatus means by a state's name ("BLOCKED" -> Block), or @word itself
 * (10.1). PUBLISHED means Re-Publish where the API is BLOCKED. @from: the present state. */
const char *core_lifecycle_event_of_word (const char *word, const char *from);

/* "Deprecate Old Versions:true,Require Re-Subscription:false" of REST, in any case, with the longer names
 * that are also seen (3.1). @text: (nullable): nothing is ticked. FALSE with CORE_PORTAL_ERROR_INVALID. */
gboolean core_lifecycle_parse_checklist (const char *text, guint *checklist, GError **error);

/* < 0: @a is older; 0: the same. Parts between characters that are neither letters nor digits are compared
 * one by one, as numbers or as texts ("1.10.0" is newer than "1.9"); a missing part is older than a number,
 * and that than a text; ties by text. */
int core_version_compare (const char *a, const char *b);

G_END_DECLS
#endif
