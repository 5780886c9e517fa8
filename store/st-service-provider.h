/* The service provider that a WSO2 node keeps beside each OAuth client (spec/databases.md 3.1): SP_APP, which people
 * see in its administration, and the row of SP_INBOUND_AUTH that leads from the consumer key to it. What we read of them
 * is whether it is a SaaS application; the rest is for a WSO2 node that carries on after us. Of databases without the
 * tables nothing is asked. Within an operation of StWriter. Threads: as StWriter. */
#ifndef ST_SERVICE_PROVIDER_H
#define ST_SERVICE_PROVIDER_H

#include "store/st-oauth-client.h"

G_BEGIN_DECLS

/* Adds the rows of @client. One provider has one name in a tenant: where there is one of the client's name already, as
 * WSO2 nodes leave them behind, the client becomes another of its. ST_ERROR_DATA: a text does not fit. */
gboolean st_service_provider_add (StWriter *writer, const StOauthClient *client, GError **error);

/* The client's secret has changed. */
gboolean st_service_provider_update_secret (StWriter *writer, const StOauthClient *client, GError **error);

/* Whether @client serves the users of every tenant (spec/soap-and-oauth.md 7). FALSE where the database has no place for
 * it, or no provider of the client. */
gboolean st_service_provider_find_saas (StWriter *writer, const StOauthClient *client, gboolean *saas, GError **error);

/* Of a provider that st_service_provider_add() has just added: those that other clients share stay as they are. Where the
 * database has no place for it, nothing is done. */
gboolean st_service_provider_set_saas (StWriter *writer, const StOauthClient *client, gboolean saas, GError **error);

/* Deletes the rows of @client; the provider stays where it has something else to let in. */
gboolean st_service_provider_remove (StWriter *writer, const StOauthClient *client, GError **error);

G_END_DECLS
#endif
