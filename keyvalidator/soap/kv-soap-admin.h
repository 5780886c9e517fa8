/* The admin services of the Key Manager over SOAP 1.1 and 1.2 (spec/soap-and-oauth.md 3): what the Store and the
 * Publisher ask it for. Control plane: they run on the HTTP pool and may block.
 *
 * Each service is a table (soap-service.h) in a file, kv-soap-<service>.c. Who may ask: kv-soap-guard.h says, but for
 * AuthenticationAdmin, and for UserRegistrationAdminService where Apimd/AnonymousSignUp says so.
 * Threads: calls come on threads of the HTTP pool. */
#ifndef KV_SOAP_ADMIN_H
#define KV_SOAP_ADMIN_H

#include "core/core-rate-limit.h"
#include "keyvalidator/oauth/kv-oauth.h"
#include "keyvalidator/soap/kv-soap-guard.h"

G_BEGIN_DECLS

#define KV_SOAP_AXIS2 "http://org.apache.axis2/xsd"
#define KV_SOAP_MODEL "http://model.api.apimgt.carbon.wso2.org/xsd"
#define KV_SOAP_DTO "http://dto.impl.apimgt.carbon.wso2.org/xsd"

typedef struct _KvSoapAdmin KvSoapAdmin;
struct _KvSoapAdmin
{
  KvOauth *oauth;
  KvSoapGuard *guard;
  StDatabase *user_database;
  const ApimConfig *config; /* as it was at the start */
  CoreRateLimit *sign_ups;  /* by strangers; the node's */
  guint64 sign_ups_held_up; /* by the limits on them; atomic */
  SoapServer *server;
};

/* Everything is borrowed, but @oauth's configuration, which it holds on to anyway. */
KvSoapAdmin *kv_soap_admin_new (KvOauth *oauth, KvSoapGuard *guard, StDatabase *user_database, CoreRateLimit *sign_ups);
void kv_soap_admin_free (KvSoapAdmin *admin);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KvSoapAdmin, kv_soap_admin_free)

void kv_soap_admin_set_limits (KvSoapAdmin *admin, const ApimLimits *limits);

void kv_soap_admin_add_status (KvSoapAdmin *admin, ApimStatus *status);

/* Adds the paths of every service to @http. */
void kv_soap_admin_add_to (KvSoapAdmin *admin, NetHttpServer *http);

/* For operations of these services, but AuthenticationAdmin's. */
static inline KvSoapAdmin *
kv_soap_admin_of (const SoapCall *call)
{
  return call->data;
}

/* Who asks; NULL in a service that is open to anyone. */
static inline const StUser *
kv_soap_user_of (const SoapCall *call)
{
  return call->caller;
}

extern const SoapService kv_soap_user_admin;
extern const SoapService kv_soap_user_registration;
extern const SoapService kv_soap_user_store;
extern const SoapService kv_soap_provider;
extern const SoapService kv_soap_subscriber;

G_END_DECLS
#endif
