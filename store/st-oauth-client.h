/* StOauthClient: OAuth clients, the rows of IDN_OAUTH_CONSUMER_APPS (spec/databases.md 3.1), read and written within an
 * operation of StWriter, in the columns that the database has. A client's service provider (st-service-provider.h) is
 * written and deleted with it. Threads: as StWriter. */
#ifndef ST_OAUTH_CLIENT_H
#define ST_OAUTH_CLIENT_H

#include "store/st-oauth-user.h"
#include "store/st-writer.h"

G_BEGIN_DECLS

#define ST_OAUTH_CLIENT_ACTIVE "ACTIVE"
#define ST_OAUTH_CLIENT_REVOKED "REVOKED"

typedef struct
{
  gint64 id;          /* ID; 0 on 1.9, which has none */
  char *key;          /* CONSUMER_KEY; not NULL */
  char *secret;       /* CONSUMER_SECRET, as stored; never logged */
  StOauthUser owner;  /* tenant_domain is not stored */
  char *name;         /* APP_NAME */
  char *callback_url; /* "" without one */
  char *grant_types;  /* space-separated */
  char *state; /* APP_STATE: anything but ACTIVE gets no new tokens (decision 4); ACTIVE for NULL, and up to 2.0 */
  gboolean pkce_mandatory; /* FALSE where there is no such column (up to 1.10) */
  gboolean pkce_support_plain;
  /* Validity of what is issued to it, in seconds; 0: the server's default. Up to 2.1 there is nothing but 0. */
  gint64 user_token_s;
  gint64 application_token_s;
  gint64 refresh_token_s;
} StOauthClient;

/* ACTIVE, of the super tenant and the primary user store, every other text NULL. */
StOauthClient *st_oauth_client_new (void);
void st_oauth_client_free (StOauthClient *client);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StOauthClient, st_oauth_client_free)

/* A random key or secret as the original makes them: the HMAC-SHA1 of two random UUIDs in Base64, 28 characters of
 * [0-9A-Za-z_] ending in "a". Free with apim_secret_free(). */
char *st_oauth_client_random_key (void);

/* The APP_NAME of an application's keys, "user_application_PRODUCTION". @user: "[DOMAIN/]user", without tenant.
 * @key_type: nullable: "user_application", as registrations are called. Free with g_free(). */
char *st_oauth_client_make_name (const char *user, const char *application, const char *key_type);

/* *client: (transfer full), NULL when there is none with exactly this key, or one that the original would not see
 * (without OAUTH_VERSION). */
gboolean st_oauth_client_find (StWriter *writer, const char *key, StOauthClient **client, GError **error);

/* A client of this APP_NAME in the tenant, as above. No key of the table says that there is one: in an operation that adds
 * it, this locks the rows that another node would add beside. No index either: not for every request. */
gboolean st_oauth_client_find_named (StWriter *writer, gint tenant_id, const char *name, StOauthClient **client,
                                     GError **error);

/* Adds it; sets its id. ST_ERROR_CONFLICT: there is one with this key. ST_ERROR_DATA: a text does not fit, or the
 * database cannot say what is asked for (PKCE, a validity, a state other than ACTIVE, in a generation without the
 * columns). */
gboolean st_oauth_client_insert (StWriter *writer, StOauthClient *client, GError **error);

/* Write the named fields of @client, which st_oauth_client_find() has found. Errors as above. What was issued to it
 * stays (decision 4). */
/* callback_url and grant_types. */
gboolean st_oauth_client_update_grants (StWriter *writer, const StOauthClient *client, GError **error);
/* The service provider keeps the name that it was made with, as in WSO2. */
gboolean st_oauth_client_update_name (StWriter *writer, const StOauthClient *client, GError **error);
gboolean st_oauth_client_update_secret (StWriter *writer, const StOauthClient *client, GError **error);
gboolean st_oauth_client_update_state (StWriter *writer, const StOauthClient *client, GError **error);
gboolean st_oauth_client_update_pkce (StWriter *writer, const StOauthClient *client, GError **error);
gboolean st_oauth_client_update_validity (StWriter *writer, const StOauthClient *client, GError **error);

/* Deletes it; its tokens and codes go with it, and its service provider. */
gboolean st_oauth_client_delete (StWriter *writer, const StOauthClient *client, GError **error);

G_END_DECLS
#endif
