/* StOauthCode: authorization codes, the rows of IDN_OAUTH2_AUTHORIZATION_CODE (spec/databases.md 3.4), within an
 * operation of StWriter. A code is good once:
 *
 *   find(); ACTIVE and not expired: st_oauth_token_issue() and st_oauth_code_use() in the same operation
 *
 * Of two that use a code at once the second has ST_ERROR_CONFLICT; beginning anew it finds the code used. Threads: as
 * StWriter. */
#ifndef ST_OAUTH_CODE_H
#define ST_OAUTH_CODE_H

#include "store/st-oauth-client.h"
#include "store/st-oauth-form.h"

G_BEGIN_DECLS

#define ST_OAUTH_CODE_ACTIVE "ACTIVE"
#define ST_OAUTH_CODE_INACTIVE "INACTIVE" /* was used */
#define ST_OAUTH_CODE_EXPIRED "EXPIRED"

typedef struct
{
  char *id;   /* CODE_ID; not in 1.9 */
  char *code; /* not NULL; never logged */
  StOauthUser user;
  char *callback_url;
  char **scopes;    /* not NULL; any order when written */
  gint64 issued_ms; /* since the epoch; MySQL keeps whole seconds */
  gint64 validity_ms;
  char *state;     /* ACTIVE in 1.9, which deletes what was used */
  char *token_id;  /* of the token that a used one was given for; not in 1.9 */
  char *subject;   /* not in 1.9; NULL when written: st_oauth_user_text() of the user */
  char *challenge; /* PKCE; NULL without. Not up to 1.10 */
  char *challenge_method;
} StOauthCode;

/* Of a new row: ACTIVE, with a random id and no scopes. */
StOauthCode *st_oauth_code_new (void);
void st_oauth_code_free (StOauthCode *code); /* wipes the code */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StOauthCode, st_oauth_code_free)

/* ST_ERROR_DATA: a text does not fit, or there is a PKCE challenge that the database's generation cannot keep. */
gboolean st_oauth_code_insert (StWriter *writer, const StOauthForm *form, const StOauthClient *client,
                               const StOauthCode *code, GError **error);

/* The client's code with exactly this text, in any state. *code: (transfer full), NULL when there is none. */
gboolean st_oauth_code_find (StWriter *writer, const StOauthForm *form, const StOauthClient *client, const char *text,
                             StOauthCode **code, GError **error);

/* Ends @code, ACTIVE and as found in this operation: 1.9 deletes it, later generations make it INACTIVE and note the
 * token. @token_id: of the token that was issued for it. */
gboolean st_oauth_code_use (StWriter *writer, const StOauthCode *code, const char *token_id, GError **error);

/* Ends @code, ACTIVE and as found in this operation, as too old: 1.9 deletes it, later generations make it EXPIRED. */
gboolean st_oauth_code_expire (StWriter *writer, const StOauthCode *code, GError **error);

/* The same of all codes of the client, and of @user (nullable: of all users), that could still be used at @now_ms: where
 * tokens are revoked, nothing is to be left that would give another one. ST_ERROR_CONFLICT as above. */
gboolean st_oauth_code_expire_all (StWriter *writer, const StOauthForm *form, const StOauthClient *client,
                                   const StOauthUser *user, gint64 now_ms, GError **error);

G_END_DECLS
#endif
