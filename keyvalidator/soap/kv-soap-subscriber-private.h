/* What the files of APIKeyMgtSubscriberService share. */
#ifndef KV_SOAP_SUBSCRIBER_PRIVATE_H
#define KV_SOAP_SUBSCRIBER_PRIVATE_H

#include "keyvalidator/soap/kv-soap-lookup.h"

G_BEGIN_DECLS

/* OAuthApplicationInfo of 2.0 to 2.5. The two elements that 2.6 adds are optional to its clients, and unknown to those
 * of the releases before. */
extern const SoapBean kv_soap_client_bean;

/* Operations. */
gboolean kv_soap_create_client (SoapCall *call, GError **error);
gboolean kv_soap_create_client_by_info (SoapCall *call, GError **error);
gboolean kv_soap_update_client (SoapCall *call, GError **error);
gboolean kv_soap_retrieve_client (SoapCall *call, GError **error);
gboolean kv_soap_delete_client (SoapCall *call, GError **error);
gboolean kv_soap_get_application_token (SoapCall *call, GError **error);
gboolean kv_soap_get_access_token (SoapCall *call, GError **error);
gboolean kv_soap_renew_token (SoapCall *call, GError **error);
gboolean kv_soap_revoke_access_token (SoapCall *call, GError **error);
gboolean kv_soap_revoke_of_application (SoapCall *call, GError **error);
gboolean kv_soap_revoke_of_subscriber (SoapCall *call, GError **error);
gboolean kv_soap_revoke_of_tier (SoapCall *call, GError **error);
gboolean kv_soap_revoke_of_user_by_app (SoapCall *call, GError **error);

/* Revokes every usable token of the client with this key; nothing where there is none. */
gboolean kv_soap_revoke_of_client (SoapCall *call, const char *consumer_key, GError **error);

G_END_DECLS
#endif
