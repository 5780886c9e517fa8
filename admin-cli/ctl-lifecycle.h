/* The lifecycle that servers ship with (spec/publisher-store-workflows.md 3): a fall-back for servers that cannot be
 * asked, and the way to a state that a manifest wants. Threads: pure functions. */
#ifndef CTL_LIFECYCLE_H
#define CTL_LIFECYCLE_H

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* The events of @state, as objects with "event" and "targetState". (transfer full) */
JsonArray *ctl_lifecycle_events (const char *state);

/* The first event on the shortest way from @from to @to. @target: (out): the state that it leads to.
 * (nullable) (transfer none): NULL when there is no way. */
const char *ctl_lifecycle_step (const char *from, const char *to, const char **target);

G_END_DECLS
#endif
