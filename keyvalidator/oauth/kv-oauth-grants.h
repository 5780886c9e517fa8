/* The grants of /oauth2/token, one function each (spec/soap-and-oauth.md 4.1, 5.3, 5.4, 5.7).
 * Threads: any; they block on the databases. */
#ifndef KV_OAUTH_GRANTS_H
#define KV_OAUTH_GRANTS_H

#include "keyvalidator/oauth/kv-oauth-issuer.h"
#include "net/net-http-form.h"

G_BEGIN_DECLS

/* A request for a token of an authenticated, ACTIVE client that may use the grant. Borrowed. */
typedef struct
{
  KvOauth *oauth;
  const StOauthClient *client;
  const NetHttpForm *form;
  const char *grant_type;
  const char *peer; /* the address that asks */
  KvCacheTicket ticket; /* from before the client was read */
} KvOauthGrant;

/* FALSE with KV_OAUTH_ERROR or ST_ERROR. @issued: zeroed by the caller. */
typedef gboolean (*KvOauthGrantFunc) (const KvOauthGrant *grant, KvOauthIssued *issued, GError **error);

/* client_credentials and application_token: in the name of the client's owner. */
gboolean kv_oauth_grant_application (const KvOauthGrant *grant, KvOauthIssued *issued, GError **error);
gboolean kv_oauth_grant_password (const KvOauthGrant *grant, KvOauthIssued *issued, GError **error);
/* A refresh token is good once, unless RenewRefreshTokenForRefreshGrant is off. */
gboolean kv_oauth_grant_refresh (const KvOauthGrant *grant, KvOauthIssued *issued, GError **error);
/* A code that comes a second time revokes what was issued for it (RFC 6749 4.1.2). */
gboolean kv_oauth_grant_code (const KvOauthGrant *grant, KvOauthIssued *issued, GError **error);

/* A SAML 2.0 bearer assertion (RFC 7522; kv-saml-trust.h), good once on all nodes: for the user of ours that it names.
 * Only where an identity provider is configured; ST_ERROR_SCHEMA where the database cannot remember what was used
 * (st-used-assertions.h). A refused one is logged, with client and address, and counts against them. */
gboolean kv_oauth_grant_saml (const KvOauthGrant *grant, KvOauthIssued *issued, GError **error);
/* At the start: warns where the database is such a one. */
void kv_oauth_grant_saml_check_database (KvOauth *oauth);

/* For these: the user with what the tables lack of him. KV_OAUTH_ERROR_INVALID_GRANT where his tenant is gone or not
 * active, or, with @must_exist, he is gone himself. Users of secondary stores, which cannot be asked, are taken as given.
 * @user: zeroed by the caller. */
gboolean kv_oauth_check_user (KvOauth *oauth, const StOauthUser *known, gboolean must_exist, StOauthUser *user,
                              GError **error);

/* KV_OAUTH_ERROR_INVALID_GRANT where the client is none for users of this tenant (kv-oauth-tenant.h). */
gboolean kv_oauth_check_tenant (const KvOauthGrant *grant, gint tenant_id, GError **error);

/* The one text for a grant that is no good (4.1). */
gboolean kv_oauth_refuse_grant (GError **error);

G_END_DECLS
#endif
