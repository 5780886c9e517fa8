/* The WSDL of APIKeyValidationService, one per client profile, from api-key-validation.wsdl.in.
 * Threads: pure function. */
#ifndef KV_SOAP_WSDL_H
#define KV_SOAP_WSDL_H

#include "common/apim-config.h"
#include "net/net-http-request.h"

G_BEGIN_DECLS

/* The description for whoever reached the service at @path: soap_http_address(). Free with g_free(). */
char *kv_soap_wsdl (ApimSoapProfile profile, const NetHttpRequest *request, const char *default_host, const char *path);

G_END_DECLS
#endif
