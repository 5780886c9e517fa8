/* The WSDL of an admin service, made from its table (kv-soap-admin.h).
 * Threads: pure function. */
#ifndef KV_SOAP_ADMIN_WSDL_H
#define KV_SOAP_ADMIN_WSDL_H

#include "keyvalidator/soap/kv-soap-admin.h"

G_BEGIN_DECLS

/* @address: of the service, without a port's name. Free with g_free(). */
char *kv_soap_admin_wsdl (const KvSoapAdminService *service, const char *address);

G_END_DECLS
#endif
