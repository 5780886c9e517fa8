/* What the files of APIKeyMgtSubscriberService share. */
#ifndef KV_SOAP_SUBSCRIBER_PRIVATE_H
#define KV_SOAP_SUBSCRIBER_PRIVATE_H

#include "keyvalidator/soap/kv-soap-admin.h"
#include "store/st-oauth-client.h"

G_BEGIN_DECLS

/* OAuthApplicationInfo of 2.0 to 2.5. The two elements that 2.6 adds are optional to its clients, and unknown to those
 * of the releases before. */
extern const KvSoapBean kv_soap_client_bean;

/* "[DOMAIN/]user[@tenant]" as a user with his tenant. KV_SOAP_ERROR where there is none. @user: zeroed by the caller.
 */
gboolean kv_soap_resolve_user (KvSoapAdminCall *call, const char *text, StOauthUser *user, GError **error);

/* *client: (transfer full); KV_SOAP_ERROR where there is none. */
gboolean kv_soap_find_client (KvSoapAdminCall *call, const char *key, StOauthClient **client, GError **error);

/* An error that the caller can do something about becomes KV_SOAP_ERROR. @why: (transfer full). Always FALSE. */
gboolean kv_soap_fail_store (GError *why, GError **error);

/* Operations. */
gboolean kv_soap_create_client (KvSoapAdminCall *call, GError **error);
gboolean kv_soap_create_client_by_info (KvSoapAdminCall *call, GError **error);
gboolean kv_soap_update_client (KvSoapAdminCall *call, GError **error);
gboolean kv_soap_retrieve_client (KvSoapAdminCall *call, GError **error);
gboolean kv_soap_delete_client (KvSoapAdminCall *call, GError **error);
gboolean kv_soap_get_application_token (KvSoapAdminCall *call, GError **error);
gboolean kv_soap_renew_token (KvSoapAdminCall *call, GError **error);

G_END_DECLS
#endif
