#include "config.h"
#include "keyvalidator/soap/kv-soap-wsdl.h"

#include "soap/soap-http.h"

#include <string.h>

#define ADDRESS "@ADDRESS@"

/* clang-format off */
static const char text_1_5[] =
#include "keyvalidator/soap/wsdl-1.5.inc"
;
static const char text_1_7[] =
#include "keyvalidator/soap/wsdl-1.7.inc"
;
static const char text_2_x[] =
#include "keyvalidator/soap/wsdl-2.x.inc"
;
/* clang-format on */

static const char *const texts[] = {
  [APIM_SOAP_PROFILE_1_5] = text_1_5,
  [APIM_SOAP_PROFILE_1_7] = text_1_7,
  [APIM_SOAP_PROFILE_2_X] = text_2_x,
};

char *
kv_soap_wsdl (ApimSoapProfile profile, const NetHttpRequest *request, const char *default_host, const char *path)
{
  g_auto (GStrv) parts = g_strsplit (texts[profile], ADDRESS, -1);
  g_autofree char *address = soap_http_address (request, default_host, path);

  return g_strjoinv (address, parts);
}
