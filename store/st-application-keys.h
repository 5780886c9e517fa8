/* Applications and the OAuth clients that are their keys, as administration looks for them
 * (spec/databases.md 3.1, 4.1), found within an operation of StWriter. Threads: as StWriter. */
#ifndef ST_APPLICATION_KEYS_H
#define ST_APPLICATION_KEYS_H

#include "store/st-key-writes.h"
#include "store/st-oauth-client.h"

G_BEGIN_DECLS

/* The application with exactly this name of a subscriber. @user: AM_SUBSCRIBER.USER_ID: with "@domain" for users of a
 * tenant. *application_id: 0 when there is none. */
gboolean st_application_find_named (StWriter *writer, gint tenant_id, const char *user, const char *name,
                              gint64 *application_id, GError **error);

/* The key of one type. *consumer_key: (transfer full): NULL without one. *state: (transfer full) of the mapping; NULL:
 * there is no mapping. */
gboolean st_application_find_key (StWriter *writer, gint64 application_id, StKeyType type, char **consumer_key,
                                  char **state, GError **error);

/* All its keys: NULL-terminated, free with g_strfreev(). */
gboolean st_application_find_keys (StWriter *writer, gint64 application_id, char ***consumer_keys, GError **error);

/* Whose tokens of @client could still be used, refreshed or activated again: (element-type StOauthUser) (transfer full), each once. */
gboolean st_oauth_client_find_users (StWriter *writer, const StOauthClient *client, GPtrArray **users, GError **error);

G_END_DECLS
#endif
