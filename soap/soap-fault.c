#include "config.h"
#include "soap/soap-fault.h"

#define MAX_REASON 300

static const char *
code_text (const SoapFault *fault, SoapVersion version)
{
  static const char *const names[][2] = {
    [SOAP_FAULT_SENDER] = { "soapenv:Client", "soapenv:Sender" },
    [SOAP_FAULT_RECEIVER] = { "soapenv:Server", "soapenv:Receiver" },
    [SOAP_FAULT_VERSION_MISMATCH] = { "soapenv:VersionMismatch", "soapenv:VersionMismatch" },
    [SOAP_FAULT_MUST_UNDERSTAND] = { "soapenv:MustUnderstand", "soapenv:MustUnderstand" },
  };

  return fault->special_code != NULL ? fault->special_code : names[fault->code][version];
}

static void
write_exception (NetBuffer *output, const SoapFault *fault)
{
  SOAP_WRITE_MARKUP (output, "<ns:");
  soap_write_markup (output, fault->service);
  soap_write_markup (output, fault->exception);
  SOAP_WRITE_MARKUP (output, " xmlns:ns=\"");
  soap_write_markup (output, fault->namespace);
  SOAP_WRITE_MARKUP (output, "\"><ns:");
  soap_write_markup (output, fault->exception);
  SOAP_WRITE_MARKUP (output, "/></ns:");
  soap_write_markup (output, fault->service);
  soap_write_markup (output, fault->exception);
  SOAP_WRITE_MARKUP (output, ">");
}

/* Axis2 writes an empty detail where there is nothing to say. */
static void
write_detail (NetBuffer *output, const char *name, const SoapFault *fault)
{
  SOAP_WRITE_MARKUP (output, "<");
  soap_write_markup (output, name);
  if (fault->exception == NULL && fault->detail == NULL)
    {
      SOAP_WRITE_MARKUP (output, "/>");
      return;
    }
  SOAP_WRITE_MARKUP (output, ">");
  if (fault->exception != NULL)
    write_exception (output, fault);
  else
    soap_write_escaped (output, fault->detail, strlen (fault->detail));
  SOAP_WRITE_MARKUP (output, "</");
  soap_write_markup (output, name);
  SOAP_WRITE_MARKUP (output, ">");
}

static void
write_1_1 (NetBuffer *output, const SoapFault *fault)
{
  soap_write_text (output, "faultcode", code_text (fault, SOAP_1_1));
  soap_write_text (output, "faultstring", fault->reason);
  write_detail (output, "detail", fault);
}

static void
write_1_2 (NetBuffer *output, const SoapFault *fault)
{
  SOAP_WRITE_MARKUP (output, "<soapenv:Code>");
  soap_write_text (output, "soapenv:Value", code_text (fault, SOAP_1_2));
  SOAP_WRITE_MARKUP (output, "</soapenv:Code><soapenv:Reason><soapenv:Text xml:lang=\"en-US\">");
  soap_write_escaped (output, fault->reason, strlen (fault->reason));
  SOAP_WRITE_MARKUP (output, "</soapenv:Text></soapenv:Reason>");
  write_detail (output, "soapenv:Detail", fault);
}

void
soap_write_fault (NetBuffer *output, SoapVersion version, const SoapFault *fault)
{
  soap_write_begin (output, version);
  SOAP_WRITE_MARKUP (output, "<soapenv:Fault>");
  if (version == SOAP_1_1)
    write_1_1 (output, fault);
  else
    write_1_2 (output, fault);
  SOAP_WRITE_MARKUP (output, "</soapenv:Fault>");
  soap_write_end (output);
}

SoapFault
soap_fault_of_read (SoapRead result, const char *why)
{
  SoapFault fault = { .code = SOAP_FAULT_SENDER, .reason = why };

  if (result == SOAP_READ_OTHER_VERSION)
    fault.code = SOAP_FAULT_VERSION_MISMATCH;
  else if (result == SOAP_READ_NOT_UNDERSTOOD)
    fault.code = SOAP_FAULT_MUST_UNDERSTAND;
  return fault;
}

char *
soap_fault_reason (const SoapElement *fault)
{
  const SoapElement *reason = soap_element_next_named (fault, NULL, "faultstring");
  g_autofree char *valid = NULL;
  g_autofree char *text = NULL;

  if (reason == NULL)
    {
      const SoapElement *parent = soap_element_next_named (fault, NULL, "Reason");

      reason = parent != NULL ? soap_element_next_named (parent, NULL, "Text") : NULL;
    }
  if (reason == NULL || reason->length == 0)
    return g_strdup ("a fault without a reason");
  valid = g_utf8_make_valid (reason->text, (gssize) reason->length);
  text = g_utf8_strlen (valid, -1) > MAX_REASON ? g_utf8_substring (valid, 0, MAX_REASON) : g_steal_pointer (&valid);
  for (char *c = text; *c != '\0'; c++)
    if ((guchar) *c < 0x20 || *c == 0x7f)
      *c = ' ';
  return g_steal_pointer (&text);
}
