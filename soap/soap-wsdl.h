/* The WSDL of an admin service, made from its table (soap-service.h).
 * Threads: pure function. */
#ifndef SOAP_WSDL_H
#define SOAP_WSDL_H

#include "soap/soap-service.h"

G_BEGIN_DECLS

/* @address: of the service, without a port's name. Free with g_free(). */
char *soap_wsdl_new (const SoapService *service, const char *address);

G_END_DECLS
#endif
