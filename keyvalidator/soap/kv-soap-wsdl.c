#include "config.h"
#include "keyvalidator/soap/kv-soap-wsdl.h"

#include <string.h>

#define ADDRESS "@ADDRESS@"
#define MAX_HOST 260 /* a name of 255 characters, a colon and a port */

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

static gboolean
is_host (NetHttpText host)
{
  for (gsize i = 0; i < host.length; i++)
    if (!g_ascii_isalnum (host.text[i]) && strchr (".-_:[]", host.text[i]) == NULL)
      return FALSE;
  return host.length > 0 && host.length <= MAX_HOST;
}

char *
kv_soap_wsdl_address (const NetHttpRequest *request, const char *default_host, const char *path)
{
  NetHttpText host;

  if (!net_http_request_header (request, "Host", &host) || !is_host (host))
    host = (NetHttpText){ default_host, strlen (default_host) };
  return g_strdup_printf ("https://%.*s%s", (int) host.length, host.text, path);
}

char *
kv_soap_wsdl (ApimSoapProfile profile, const NetHttpRequest *request, const char *default_host, const char *path)
{
  g_auto (GStrv) parts = g_strsplit (texts[profile], ADDRESS, -1);
  g_autofree char *address = kv_soap_wsdl_address (request, default_host, path);

  return g_strjoinv (address, parts);
}
