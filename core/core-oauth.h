/* Rules of issuing tokens (spec/soap-and-oauth.md 4.1, 5.3-5.5; RFC 6749, 7636, 9700). No I/O.
 *
 * Clock skew. TimestampSkew lets key validation accept a token for a while after its end (decisions.md 9), because the
 * clocks of nodes differ. Where tokens are issued, it counts for nothing: a token is answered with again, and a refresh
 * token or code taken, up to its nominal end. So expires_in never promises time that is only grace, and never is 0.
 * (WSO2 2.x adds the skew to the first and subtracts it from the second.)
 *
 * Threads: pure functions. */
#ifndef CORE_OAUTH_H
#define CORE_OAUTH_H

#include <glib.h>

G_BEGIN_DECLS

#define CORE_OAUTH_UNASKED (-1)
#define CORE_OAUTH_NEVER_MS (-1000) /* the validity of a new token that never expires, as it is stored */
#define CORE_OAUTH_SCOPE_DEFAULT "default"

/* grant_type, as requests and GRANT_TYPES write it. */
#define CORE_OAUTH_PASSWORD "password"
#define CORE_OAUTH_SAML2_BEARER "urn:ietf:params:oauth:grant-type:saml2-bearer" /* RFC 7522 2.1 */
#define CORE_OAUTH_CLIENT_CREDENTIALS "client_credentials"
#define CORE_OAUTH_APPLICATION_TOKEN "application_token" /* WSO2's own: client credentials with a validity */
#define CORE_OAUTH_REFRESH_TOKEN "refresh_token"
#define CORE_OAUTH_AUTHORIZATION_CODE "authorization_code"

/* What is left of a life of @validity_ms that began at @issued_ms: G_MAXINT64 where it never ends (< 0 or G_MAXINT64), 0
 * in its last second and after (5.5). Saturates. @skew_ms: grace after the end. */
gint64 core_oauth_remaining_ms (gint64 issued_ms, gint64 validity_ms, gint64 skew_ms, gint64 now_ms);

/* How long a new token is good, in milliseconds, as it is stored: @asked_s (CORE_OAUTH_UNASKED and 0: not asked; less:
 * never expires), else the client's (0: none), else the server's (negative: never expires). */
gint64 core_oauth_validity_ms (gint64 asked_s, gint64 client_s, gint64 server_s);

/* The parameter validity_period. NULL or "": CORE_OAUTH_UNASKED. FALSE: not a number, or one that is no time. */
gboolean core_oauth_parse_validity (const char *text, gint64 *asked_s);

/* expires_in of a token (5.3 2 and 5): whole seconds; of one that never expires the two numbers of the original. */
gint64 core_oauth_expires_in_s (gint64 remaining_ms, gboolean reused);

/* What to do with a request for a token when @state is that of the ACTIVE token there is. */
typedef enum
{
  CORE_OAUTH_REUSE,        /* answer with it */
  CORE_OAUTH_KEEP_REFRESH, /* a new access token with the refresh token, and the times of it, that there is */
  CORE_OAUTH_NEW,          /* both anew */
} CoreOauthIssue;

/* The times of the token that is ACTIVE; remaining: of core_oauth_remaining_ms(). */
CoreOauthIssue core_oauth_issue (gint64 access_remaining_ms, gint64 refresh_remaining_ms, gboolean has_refresh_token);

typedef enum
{
  CORE_OAUTH_REFRESH_OK,
  CORE_OAUTH_REFRESH_UNKNOWN, /* not to be refreshed: revoked, refreshed already, or not the newest */
  CORE_OAUTH_REFRESH_EXPIRED,
} CoreOauthRefresh;

/* @state: TOKEN_STATE of the row. */
CoreOauthRefresh core_oauth_refresh (const char *state, gboolean superseded, gint64 refresh_remaining_ms);

/* Whether a client may use a grant. @registered: GRANT_TYPES, words separated by blanks; NULL or "": a client from before
 * they were kept, which may use all but the password grant. application_token comes with client_credentials. */
gboolean core_oauth_client_may (const char *registered, const char *grant_type);

typedef enum
{
  CORE_OAUTH_PKCE_OK,
  CORE_OAUTH_PKCE_MISSING,    /* the client must use PKCE, or the code was asked for with it, and there is no verifier */
  CORE_OAUTH_PKCE_UNEXPECTED, /* a verifier for a code that was asked for without a challenge: it was stripped (RFC 9700 2.1.1) */
  CORE_OAUTH_PKCE_MALFORMED,  /* not a verifier (RFC 7636 4.1) */
  CORE_OAUTH_PKCE_METHOD,     /* plain, which the client may not use, or an unknown method */
  CORE_OAUTH_PKCE_MISMATCH,
} CoreOauthPkce;

/* Whether a challenge may be taken for a code (at /oauth2/authorize). @challenge: nullable. @method: nullable: plain
 * (RFC 7636 4.3). OK, MISSING, MALFORMED or METHOD. */
CoreOauthPkce core_oauth_check_challenge (const char *challenge, const char *method, gboolean mandatory,
                                          gboolean plain_allowed);

/* Whether @verifier (nullable) answers the challenge (nullable) that came with the code. Constant time. */
CoreOauthPkce core_oauth_check_verifier (const char *challenge, const char *method, const char *verifier,
                                         gboolean mandatory, gboolean plain_allowed);

/* Whether @asked is the client's registered redirect URI: the same bytes (RFC 9700 2.1). An empty one is nobody's. */
gboolean core_oauth_same_redirect (const char *registered, const char *asked);

/* Whether all of @asked are among @granted. NULL-terminated. */
gboolean core_oauth_scopes_within (const char *const *asked, const char *const *granted);

/* The words of a "scope" parameter, each once, in order. NULL where it is no such list (RFC 6749 3.3) or has more than
 * CORE_OAUTH_MAX_SCOPES. Free with g_strfreev(). */
#define CORE_OAUTH_MAX_SCOPES 128
char **core_oauth_parse_scopes (const char *text);

/* A name of a JavaScript function, with dots: safe to begin an answer of JSONP with. */
gboolean core_oauth_is_callback (const char *text);

G_END_DECLS
#endif
