/* The HTTP head of a SOAP request, what is written, and faults. */
#include "config.h"
#include "soap/soap-fault.h"
#include "soap/soap-request.h"

typedef struct
{
  const char *name;
  const char *headers; /* each with its CR LF */
  int version;         /* -1: refused */
  const char *action;
} HeadCase;

static const HeadCase head_cases[] = {
  { "axis2", "Content-Type: application/soap+xml; charset=UTF-8; action=\"urn:validateKey\"\r\n", SOAP_1_2, "urn:validateKey" },
  { "tight", "Content-Type: application/soap+xml;charset=utf-8;action=urn\r\n", SOAP_1_2, "urn" },
  { "no-action", "Content-Type: application/soap+xml\r\n", SOAP_1_2, "" },
  { "1.2-with-soapaction", "Content-Type: application/soap+xml\r\nSOAPAction: \"urn:x\"\r\n", SOAP_1_2, "urn:x" },
  { "1.1", "Content-Type: text/xml\r\nSOAPAction: \"urn:validateKey\"\r\n", SOAP_1_1, "urn:validateKey" },
  { "1.1-bare", "content-type: Text/XML; Charset=\"UTF-8\"\r\nsoapaction: urn:validateKey\r\n", SOAP_1_1, "urn:validateKey" },
  { "1.1-no-action", "Content-Type: text/xml; charset=us-ascii\r\nSOAPAction: \"\"\r\n", SOAP_1_1, "" },
  { "1.1-action-is-no-parameter", "Content-Type: text/xml; action=\"urn:x\"\r\n", SOAP_1_1, "" },
  { "semicolon-at-the-end", "Content-Type: text/xml;\r\n", SOAP_1_1, "" },
  { "identity", "Content-Type: text/xml\r\nContent-Encoding: identity\r\n", SOAP_1_1, "" },
  { "gzip", "Content-Type: text/xml\r\nContent-Encoding: gzip\r\n", -1, NULL },
  { "no-type", "", -1, NULL },
  { "other-type", "Content-Type: application/json\r\n", -1, NULL },
  { "xml-alone", "Content-Type: application/xml\r\n", -1, NULL },
  { "multipart", "Content-Type: multipart/related; type=\"text/xml\"\r\n", -1, NULL },
  { "longer-type", "Content-Type: text/xmlx\r\n", -1, NULL },
  { "no-semicolon", "Content-Type: text/xml charset=utf-8\r\n", -1, NULL },
  { "utf-16", "Content-Type: text/xml; charset=utf-16\r\n", -1, NULL },
  { "latin-1", "Content-Type: application/soap+xml; charset=\"iso-8859-1\"\r\n", -1, NULL },
  { "open-quote", "Content-Type: application/soap+xml; action=\"urn:x\r\n", -1, NULL },
  { "escaped-quote", "Content-Type: application/soap+xml; action=\"urn\\\":x\"\r\n", -1, NULL },
  { "no-value", "Content-Type: text/xml; charset=\r\n", -1, NULL },
};

static void
test_head (gconstpointer data)
{
  const HeadCase *c = data;
  g_autofree char *text = g_strconcat ("POST /x HTTP/1.1\r\nHost: a\r\n", c->headers, "\r\n", NULL);
  NetHttpRequest request;
  SoapHead head;
  const char *why = NULL;
  gsize length;
  guint status;

  g_assert_cmpint (net_http_request_parse (&request, text, strlen (text), 65536, &length, &status), ==, NET_HTTP_PARSE_DONE);
  g_assert_true (soap_head_read (&head, &request, &why) == (c->version >= 0));
  if (c->version < 0)
    {
      g_assert_nonnull (why);
      return;
    }
  g_assert_cmpint (head.version, ==, c->version);
  g_assert_true (net_http_text_equal (head.action, c->action));
}

static void
test_action (void)
{
  const SoapHead with_urn = { SOAP_1_2, { "urn:validateKey", 15 } }, bare = { SOAP_1_1, { "validateKey", 11 } };
  const SoapHead none = { SOAP_1_1, { NULL, 0 } };

  g_assert_true (soap_head_names (&with_urn, "validateKey"));
  g_assert_true (soap_head_names (&bare, "validateKey"));
  g_assert_true (soap_head_names (&none, "validateKey"));
  g_assert_false (soap_head_names (&with_urn, "validateKeyforHandshake"));
  g_assert_false (soap_head_names (&bare, "validate"));
}

static void
expect (NetBuffer *output, const char *text)
{
  g_autofree char *written = g_strndup ((const char *) net_buffer_data (output), net_buffer_length (output));

  g_assert_cmpstr (written, ==, text);
  net_buffer_clear (output);
}

static void
test_writer (void)
{
  NetBuffer output = { NULL };

  soap_write_text (&output, "a", "x<y>&\"'\r\n\t\xc3\xa4\xf0\x9f\x98\x80");
  expect (&output, "<a>x&lt;y&gt;&amp;\"'&#13;\n\t\xc3\xa4\xf0\x9f\x98\x80</a>");
  soap_write_text (&output, "a", "]]>");
  expect (&output, "<a>]]&gt;</a>");
  /* A control character, a lone byte, a cut-off character, a surrogate, U+FFFE. */
  soap_write_text (&output, "a", "\001.\xff.\xc3");
  expect (&output, "<a>\xef\xbf\xbd.\xef\xbf\xbd.\xef\xbf\xbd</a>");
  soap_write_text (&output, "a", "\xed\xa0\x80.\xef\xbf\xbe.\x7f");
  expect (&output, "<a>\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd.\xef\xbf\xbd.\x7f</a>");
  soap_write_text (&output, "p:a", NULL);
  soap_write_text (&output, "p:a", "");
  soap_write_boolean (&output, "b", TRUE);
  soap_write_boolean (&output, "b", FALSE);
  soap_write_integer (&output, "n", G_MAXINT64);
  soap_write_integer (&output, "n", -1);
  expect (&output, "<p:a xsi:nil=\"true\"/><p:a></p:a><b>true</b><b>false</b><n>9223372036854775807</n><n>-1</n>");
}

#define HEAD(namespace)                                                                                                \
  "<?xml version=\"1.0\" encoding=\"UTF-8\"?><soapenv:Envelope xmlns:soapenv=\"" namespace                            \
  "\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><soapenv:Body><soapenv:Fault>"
#define TAIL "</soapenv:Fault></soapenv:Body></soapenv:Envelope>"

static void
test_faults (void)
{
  const SoapFault typed = { .code = SOAP_FAULT_RECEIVER, .reason = "<no>", .service = "Svc", .exception = "Ex", .namespace = "urn:n" };
  const SoapFault special = { .code = SOAP_FAULT_SENDER, .special_code = "50978", .reason = "Access Denied." };
  const SoapFault told = { .code = SOAP_FAULT_SENDER, .reason = "no", .detail = "a < b" };
  const SoapFault read = soap_fault_of_read (SOAP_READ_NOT_UNDERSTOOD, "why");
  NetBuffer output = { NULL };

  soap_write_fault (&output, SOAP_1_1, &typed);
  expect (&output, HEAD (SOAP_NAMESPACE_1_1) "<faultcode>soapenv:Server</faultcode><faultstring>&lt;no&gt;</faultstring><detail>"
                                             "<ns:SvcEx xmlns:ns=\"urn:n\"><ns:Ex/></ns:SvcEx></detail>" TAIL);
  soap_write_fault (&output, SOAP_1_2, &typed);
  expect (&output, HEAD (SOAP_NAMESPACE_1_2) "<soapenv:Code><soapenv:Value>soapenv:Receiver</soapenv:Value></soapenv:Code><soapenv:Reason>"
                                             "<soapenv:Text xml:lang=\"en-US\">&lt;no&gt;</soapenv:Text></soapenv:Reason><soapenv:Detail>"
                                             "<ns:SvcEx xmlns:ns=\"urn:n\"><ns:Ex/></ns:SvcEx></soapenv:Detail>" TAIL);
  soap_write_fault (&output, SOAP_1_1, &special);
  expect (&output, HEAD (SOAP_NAMESPACE_1_1) "<faultcode>50978</faultcode><faultstring>Access Denied.</faultstring><detail/>" TAIL);
  soap_write_fault (&output, SOAP_1_2, &special);
  expect (&output, HEAD (SOAP_NAMESPACE_1_2) "<soapenv:Code><soapenv:Value>50978</soapenv:Value></soapenv:Code><soapenv:Reason><soapenv:Text xml:lang=\"en-US\">"
                                             "Access Denied.</soapenv:Text></soapenv:Reason><soapenv:Detail/>" TAIL);
  soap_write_fault (&output, SOAP_1_1, &told);
  expect (&output, HEAD (SOAP_NAMESPACE_1_1) "<faultcode>soapenv:Client</faultcode><faultstring>no</faultstring><detail>a &lt; b</detail>" TAIL);
  soap_write_fault (&output, SOAP_1_1, &read);
  expect (&output, HEAD (SOAP_NAMESPACE_1_1) "<faultcode>soapenv:MustUnderstand</faultcode><faultstring>why</faultstring><detail/>" TAIL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (head_cases); i++)
    {
      g_autofree char *path = g_strconcat ("/soap-message/head/", head_cases[i].name, NULL);

      g_test_add_data_func (path, &head_cases[i], test_head);
    }
  g_test_add_func ("/soap-message/action", test_action);
  g_test_add_func ("/soap-message/writer", test_writer);
  g_test_add_func ("/soap-message/faults", test_faults);
  return g_test_run ();
}
