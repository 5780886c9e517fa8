#include "config.h"
#include "keyvalidator/soap/kv-soap-refusal.h"

void
kv_soap_answer_not_admitted (NetHttpExchange *exchange, SoapVersion version, KvAdmissionVerdict verdict)
{
  SoapFault fault = { .code = SOAP_FAULT_SENDER };
  NetBuffer output = { NULL };

  switch (verdict)
    {
    case KV_ADMISSION_REFUSED:
      fault.special_code = "50977";
      fault.reason = "Access Denied. The user name or the password is wrong.";
      break;
    case KV_ADMISSION_NOT_PERMITTED:
      fault.special_code = "50978";
      fault.reason = "Access Denied.";
      break;
    case KV_ADMISSION_FAILED:
      fault.special_code = "50976";
      fault.reason = "Access Denied. The user store is not available.";
      break;
    default:
      net_http_exchange_add_header (exchange, "WWW-Authenticate", "Basic realm=\"apim\"");
      net_http_respond (exchange, 401, NULL, NULL, 0);
      return;
    }
  soap_write_fault (&output, version, &fault);
  net_http_respond (exchange, SOAP_FAULT_STATUS, soap_content_type (version), net_buffer_data (&output),
                    net_buffer_length (&output));
  net_buffer_clear (&output);
}

void
kv_soap_offer_session (NetHttpExchange *exchange, const KvAdmissionResult *admission)
{
  char value[sizeof KV_ADMISSION_COOKIE + CORE_SESSION_ID_LENGTH + sizeof "=; Path=/; Secure; HttpOnly"];

  if (admission->session_id[0] == '\0')
    return;
  g_snprintf (value, sizeof value, "%s=%s; Path=/; Secure; HttpOnly", KV_ADMISSION_COOKIE, admission->session_id);
  net_http_exchange_add_header (exchange, "Set-Cookie", value);
}
