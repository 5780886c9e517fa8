/* The ids behind the names that people write: NAME/VERSION of an API, the name of an application. Threads: one. */
#ifndef CTL_NAMES_H
#define CTL_NAMES_H

#include "admin-cli/ctl-rest.h"

G_BEGIN_DECLS

/* The list entry of the API @reference, seen by @service (Publisher or Store): NAME/VERSION; NAME alone where there is
 * one version only. (transfer full): NULL with CTL_ERROR_NOT_FOUND or, where several are meant, CTL_ERROR_USAGE. */
JsonNode *ctl_names_find_api (CtlRest *rest, CtlService service, const char *reference, GError **error);
/* An API that somebody may be subscribed to: the Store shows no deprecated or blocked ones, the Publisher does. */
JsonNode *ctl_names_find_subscribed (CtlRest *rest, const char *reference, GError **error);
/* Its id. Free with g_free(). */
char *ctl_names_api_id (CtlRest *rest, CtlService service, const char *reference, GError **error);

/* The list entry of the caller's application. */
JsonNode *ctl_names_find_app (CtlRest *rest, const char *name, GError **error);
char *ctl_names_app_id (CtlRest *rest, const char *name, GError **error);

/* The application's subscription to the API (@api: its list entry). (nullable) (transfer full): NULL without @error
 * when there is none. */
JsonNode *ctl_names_find_subscription (CtlRest *rest, const char *app_id, JsonNode *api, GError **error);

/* The member of an object as a text of its own. (nullable): free with g_free(). */
char *ctl_names_member (JsonNode *record, const char *member);

/* The first of the rows whose members have these values (names and values in turn, NULL-terminated).
 * (nullable) (transfer none). */
JsonNode *ctl_names_match (JsonArray *rows, ...) G_GNUC_NULL_TERMINATED;

G_END_DECLS
#endif
