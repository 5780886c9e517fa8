/* StOauthToken: access tokens with their refresh tokens, the rows of IDN_OAUTH2_ACCESS_TOKEN with their scopes
 * (spec/databases.md 3.2), found within an operation of StWriter. What changes them is in st-oauth-token-writes.h.
 *
 * Partitions (3.3) are searched after the table itself, for users of secondary user stores only: as in key validation,
 * what the table has, in whatever state, is not looked for in them. Threads: as StWriter. */
#ifndef ST_OAUTH_TOKEN_H
#define ST_OAUTH_TOKEN_H

#include "store/st-oauth-client.h"
#include "store/st-oauth-form.h"

G_BEGIN_DECLS

/* EXPIRED: a newer token took its place after its time; its refresh token may still be good. INACTIVE: it was
 * refreshed. */
#define ST_OAUTH_ACTIVE "ACTIVE"
#define ST_OAUTH_EXPIRED "EXPIRED"
#define ST_OAUTH_INACTIVE "INACTIVE"
#define ST_OAUTH_REVOKED "REVOKED"
#define ST_OAUTH_BLOCKED "BLOCKED" /* by the Publisher's administration; what is ACTIVE may become it, and the reverse */

#define ST_OAUTH_USER_TYPE_APPLICATION "APPLICATION" /* client credentials */
#define ST_OAUTH_USER_TYPE_USER "APPLICATION_USER"

/* As text of the row; what 1.9 does not store is NULL or 0 when read, and ignored when written. */
typedef struct
{
  char *table;         /* the partition that it was found in; NULL: IDN_OAUTH2_ACCESS_TOKEN */
  char *id;            /* TOKEN_ID; not in 1.9 */
  char *access_token;  /* not NULL; never logged */
  char *refresh_token; /* stored also where the answer does not tell it; never logged */
  char *consumer_key;  /* of the client; when read */
  StOauthUser user;
  char *user_type;
  char *grant_type;           /* not in 1.9 */
  gint64 issued_ms;           /* TIME_CREATED, since the epoch; MySQL keeps whole seconds */
  gint64 validity_ms;         /* < 0 or G_MAXINT64: never expires */
  gint64 refresh_issued_ms;   /* not in 1.9 */
  gint64 refresh_validity_ms; /* not in 1.9 */
  char **scopes;              /* not NULL; any order when written */
  char *state;                /* TOKEN_STATE */
  char *subject;              /* SUBJECT_IDENTIFIER; not in 1.9; NULL when written: st_oauth_user_text() of the user */
} StOauthToken;

/* Of a new row: ACTIVE, with an id of apim_time_uuid() and no scopes. To the original an id is any text, and two indexes
 * begin with it. */
StOauthToken *st_oauth_token_new (void);
void st_oauth_token_free (StOauthToken *token); /* wipes the secrets */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StOauthToken, st_oauth_token_free)

/* What there is one ACTIVE token for: the unique key CON_APP_KEY. Everything is borrowed. */
typedef struct
{
  const StOauthClient *client;
  const StOauthUser *user;
  const char *user_type;
  const char *const *scopes;
} StOauthTokenKey;

/* The ACTIVE token, expired or not, of this key. *token: (transfer full), NULL when there is none. ST_ERROR_DATA where
 * the database takes another user for this one (accents, in a collation that folds them), so that it will hold no token
 * of this one. */
gboolean st_oauth_token_find_active (StWriter *writer, const StOauthForm *form, const StOauthTokenKey *key,
                                     StOauthToken **token, GError **error);

/* The token with exactly this text, in any state and of any client. */
gboolean st_oauth_token_find_by_access (StWriter *writer, const StOauthForm *form, const char *access_token,
                                        StOauthToken **token, GError **error);

/* The token with this id, in any state. Never one in 1.9, which has no ids. */
gboolean st_oauth_token_find_by_id (StWriter *writer, const StOauthForm *form, const char *id, StOauthToken **token,
                                    GError **error);

/* The client's token with exactly this refresh token, in any state; of several the ACTIVE one, or else the newest. What
 * is ACTIVE or EXPIRED can be refreshed, so not one whose newest row with the refresh token was refreshed, revoked or
 * blocked. */
gboolean st_oauth_token_find_by_refresh (StWriter *writer, const StOauthForm *form, const StOauthClient *client,
                                         const char *refresh_token, StOauthToken **token, GError **error);

/* Whether @token has a successor: another row of its client, user and scopes that is ACTIVE, or EXPIRED and newer. Then
 * it cannot be refreshed (spec/soap-and-oauth.md 5.4). */
gboolean st_oauth_token_is_superseded (StWriter *writer, const StOauthForm *form, const StOauthClient *client,
                                       const StOauthToken *token, gboolean *superseded, GError **error);

/* All of the client and user that are ACTIVE, or BLOCKED, which can be undone, or EXPIRED with a refresh token that is
 * good at @now_ms; without their scopes. (element-type StOauthToken) (transfer full). */
gboolean st_oauth_token_find_all (StWriter *writer, const StOauthForm *form, const StOauthClient *client,
                                  const StOauthUser *user, gint64 now_ms, GPtrArray **tokens, GError **error);

/* The same, of those that are BLOCKED alone. */
gboolean st_oauth_token_find_blocked (StWriter *writer, const StOauthForm *form, const StOauthClient *client,
                                      const StOauthUser *user, GPtrArray **tokens, GError **error);

G_END_DECLS
#endif
