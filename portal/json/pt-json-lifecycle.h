/* The lifecycle of an API as REST shows it: what can happen to it, and what did. WSO2's v0.14 shows neither;
 * the names are those of its later releases. Threads: pure functions. */
#ifndef PT_JSON_LIFECYCLE_H
#define PT_JSON_LIFECYCLE_H

#include "core/core-api-read.h"

G_BEGIN_DECLS

/* {"state":"..","availableTransitions":[{"event":"..","targetState":".."}]} */
void pt_json_lifecycle_append (GString *json, const CoreApi *api);
/* {"previousState":"..","postState":"..","user":"..","updatedTime":".."} */
void pt_json_lifecycle_append_event (GString *json, const StLifecycleEvent *event);

G_END_DECLS
#endif
