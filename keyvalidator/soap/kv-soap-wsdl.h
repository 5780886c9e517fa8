/* The WSDL of APIKeyValidationService, one per client profile, from api-key-validation.wsdl.in.
 * Threads: pure function. */
#ifndef KV_SOAP_WSDL_H
#define KV_SOAP_WSDL_H

#include "common/apim-config.h"
#include "net/net-http-request.h"

G_BEGIN_DECLS

/* Where the service at @path is, for the description: see below. Free with g_free(). */
char *kv_soap_wsdl_address (const NetHttpRequest *request, const char *default_host, const char *path);

/* The description for whoever reached the service at @path (the service's, without a port's name) of the Host that
 * @request names; a Host that is no host name is not repeated, @default_host ("host:port") stands for it. Free with
 * g_free(). */
char *kv_soap_wsdl (ApimSoapProfile profile, const NetHttpRequest *request, const char *default_host, const char *path);

G_END_DECLS
#endif
