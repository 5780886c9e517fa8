/* Who may ask a node's admin services over SOAP, and AuthenticationAdmin, where they log in
 * (spec/soap-and-oauth.md 1.9, 3.4).
 *
 * An administrator of the super tenant, with the permission /permission/admin/manage, by Basic credentials or session
 * cookie (kv-admission.h). Which permissions WSO2 wants for each service is not known for all of them: this is the
 * highest. Administrators of other tenants are refused, because the operations name users, clients, tokens and APIs of
 * any tenant. Who is let in is a StUser.
 *
 * It also says which tenant has a domain, to services that do not read the user store.
 * Threads: any; blocks on the user store. */
#ifndef KV_SOAP_GUARD_H
#define KV_SOAP_GUARD_H

#include "common/apim-tenants.h"
#include "keyvalidator/kv-admission.h"
#include "soap/soap-service.h"

G_BEGIN_DECLS

typedef struct _KvSoapGuard KvSoapGuard;

struct _KvSoapGuard
{
  SoapGuard guard; /* first */
  ApimTenants tenants; /* of the user store */
  KvAdmission *admission;
  CoreAuthenticator *authenticator;
  KvSessions *sessions;
  StUserStore *users;
};

/* All borrowed. */
KvSoapGuard *kv_soap_guard_new (KvAdmission *admission, CoreAuthenticator *authenticator, KvSessions *sessions,
                                StUserStore *users);
void kv_soap_guard_free (KvSoapGuard *guard);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KvSoapGuard, kv_soap_guard_free)

static inline SoapGuard *
kv_soap_guard_get (KvSoapGuard *guard)
{
  return &guard->guard;
}

/* AuthenticationAdmin; its data is the KvSoapGuard. To be added as open to anyone. */
extern const SoapService kv_soap_authentication_admin;

G_END_DECLS
#endif
