/* Tokens issued in a transaction (spec/soap-and-oauth.md 5.3): the ACTIVE one of the same client, user, type and scopes
 * while it is good, else a new one. Whoever issues does it with this: the token endpoint, SOAP, the Store. What is
 * answered for is on disk, and of several that ask at once all get the same token: the unique key of the table decides
 * (ST_ERROR_CONFLICT), and who loses begins anew and finds what the winner wrote.
 * Threads: one per writer. */
#ifndef CORE_TOKEN_ISSUER_H
#define CORE_TOKEN_ISSUER_H

#include "common/apim-clock.h"
#include "common/apim-config.h"
#include "store/st-oauth-token-writes.h"

G_BEGIN_DECLS

/* Everything is borrowed. */
typedef struct
{
  const ApimConfig *config; /* identity.xml: how long tokens live */
  const ApimClock *clock;
  StOauthForm form; /* of the database */
} CoreTokenIssuer;

/* Everything is borrowed. */
typedef struct
{
  const StOauthClient *client; /* ACTIVE: the caller has looked */
  const StOauthUser *user;     /* with tenant id and domain */
  const char *user_type;       /* ST_OAUTH_USER_TYPE_... */
  const char *grant_type;      /* as it is stored */
  const char *const *scopes;   /* what is granted */
  gint64 asked_s;              /* validity asked for; CORE_OAUTH_UNASKED without */
} CoreTokenRequest;

/* Zero-initialise. */
typedef struct
{
  StOauthToken *token;
  char *text;   /* what the client is given, where it is known: the stored access token, or a JWT; nullable */
  gboolean jwt; /* the application's tokens are JWTs: the text is made by who can sign */
  gboolean reused;
  gint64 expires_in_s; /* as the answer says it (5.3 2 and 5) */
  char *replaced;      /* nullable: the stored access token that this one took the place of */
  char *subject;       /* whose it is, [DOMAIN/]user@tenant; nullable until the answer is made */
  char *nonce;         /* nullable: of the authorization request, for the ID token */
  gint64 auth_time_s;  /* when the user logged in; 0: not known */
} CoreTokenIssued;

void core_token_issued_clear (CoreTokenIssued *issued); /* wipes the tokens */
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CoreTokenIssued, core_token_issued_clear)

/* What is answered with what there is; *issued stays empty where a new token is needed. Writes nothing. */
gboolean core_token_find (const CoreTokenIssuer *issuer, StWriter *writer, const CoreTokenRequest *request,
                          CoreTokenIssued *issued, GError **error);

gboolean core_token_issue (const CoreTokenIssuer *issuer, StWriter *writer, const CoreTokenRequest *request,
                           CoreTokenIssued *issued, GError **error);

/* A new token in the place of @old, as found in this operation by its refresh token, which was checked (5.4). */
gboolean core_token_renew (const CoreTokenIssuer *issuer, StWriter *writer, const CoreTokenRequest *request,
                           const StOauthToken *old, CoreTokenIssued *issued, GError **error);

/* What is left of the refresh token of @token, which was found for @client. In 1.9, which keeps no times of it, it lives
 * as long as one that is issued now, from the issue of the access token; that is set in @token. */
gint64 core_token_refresh_remaining_ms (const CoreTokenIssuer *issuer, const StOauthClient *client,
                                        StOauthToken *token);

G_END_DECLS
#endif
