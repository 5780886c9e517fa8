/* An authorization request (RFC 6749 4.1.1, 4.2.1; RFC 7636 4.3): its parameters, and whether it can be answered.
 *
 * Until the client and its redirect URI are known to belong together nothing is redirected anywhere: such problems are shown to the person who is there
 * (RFC 6749 4.1.2.1). Every other problem goes back to the client.
 * Threads: any; reading blocks on the database. */
#ifndef KV_AUTHORIZE_REQUEST_H
#define KV_AUTHORIZE_REQUEST_H

#include "core/core-redirect.h"
#include "keyvalidator/oauth/kv-oauth.h"
#include "net/net-http-form.h"
#include "store/st-oauth-client.h"

G_BEGIN_DECLS

/* Bytes of the parameters, encoded: they return as the query of a redirect, which must fit into a request line. */
#define KV_AUTHORIZE_MAX_QUERY 6144

/* Texts live as long as the request; NULL where there is none. */
typedef struct
{
  NetHttpForm *form;
  const char *redirect_uri; /* as asked for */
  const char *scope;
  const char *state;
  const char *nonce; /* for the ID token */
  const char *challenge;
  const char *challenge_method; /* not NULL where there is a challenge */
  gboolean implicit;            /* response_type=token */
  gboolean login_again;         /* prompt=login or select_account */
  gint64 max_age_s;             /* of the login; -1: any */
  StOauthClient *client;
  const char *target;    /* the registered redirect URI, usable, equal to what was asked for */
  CoreRedirectPart part; /* where answers go */
} KvAuthorizeRequest;

typedef enum
{
  KV_AUTHORIZE_OK,
  KV_AUTHORIZE_SHOW,     /* a problem for a page, never for a redirect; only form may be set */
  KV_AUTHORIZE_REDIRECT, /* a problem for the client: target, part and state are set */
  KV_AUTHORIZE_FAILED,   /* ST_ERROR: the database could not say */
} KvAuthorizeVerdict;

/* What is wrong, static. */
typedef struct
{
  const char *code; /* "invalid_request"; NULL on SHOW */
  const char *text; /* a sentence */
} KvAuthorizeProblem;

/* @form: (transfer full): the parameters. @request: (out): clear it whatever comes out. @error: only on FAILED. */
KvAuthorizeVerdict kv_authorize_request_read (KvOauth *oauth, NetHttpForm *form, KvAuthorizeRequest *request,
                                              KvAuthorizeProblem *problem, GError **error);
void kv_authorize_request_clear (KvAuthorizeRequest *request);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (KvAuthorizeRequest, kv_authorize_request_clear)

/* The parameters that mean something here, as a query. @logged_in: without those that ask for a login, which has been. NULL: longer than
 * KV_AUTHORIZE_MAX_QUERY. Free with g_free(). */
char *kv_authorize_query (const NetHttpForm *form, gboolean logged_in);

/* The URI that tells the client @code ("access_denied"; RFC 6749 4.1.2.1, RFC 9207). @text: nullable. Free with g_free(). */
char *kv_authorize_error_uri (const KvAuthorizeRequest *request, const char *code, const char *text, const char *issuer);

G_END_DECLS
#endif
