/* What operations of admin services name in their parameters: users, OAuth clients, APIs.
 * Threads: on the HTTP pool; what looks something up blocks on a database. */
#ifndef KV_SOAP_LOOKUP_H
#define KV_SOAP_LOOKUP_H

#include "keyvalidator/soap/kv-soap-admin.h"
#include "store/st-oauth-client.h"
#include "store/st-subscribed-apis.h"

G_BEGIN_DECLS

/* An error that the caller can do something about becomes SOAP_ERROR. @why: (transfer full). Always FALSE. */
gboolean kv_soap_fail_store (GError *why, GError **error);

/* "[DOMAIN/]user[@tenant]" as a user with his tenant. SOAP_ERROR where there is none. @user: zeroed by the caller.
 */
gboolean kv_soap_resolve_user (SoapCall *call, const char *text, StOauthUser *user, GError **error);

/* *client: (transfer full); SOAP_ERROR where there is none. */
gboolean kv_soap_find_client (SoapCall *call, const char *key, StOauthClient **client, GError **error);

/* APIInfoDTO, of every release: provider, name and version say which API it is; resources are not asked for and not
 * told (spec/soap-and-oauth.md 3.1). */
extern const SoapBean kv_soap_api_info_bean;

/* The parameter "apiInfoDTO". Texts live as long as the call. */
gboolean kv_soap_read_api (SoapCall *call, StApiName *api, GError **error);

/* One "return" of this bean. */
void kv_soap_write_api (NetBuffer *output, const StSubscribedApi *api);

G_END_DECLS
#endif
