/* spec/soap-and-oauth.md 1.3-1.7, from the gateway's side. */
#include "config.h"
#include "gateway/gw-soap-answer.h"

#include <string.h>

#define ENVELOPE(body)                                                                                                 \
  "<?xml version='1.0' encoding='UTF-8'?><soapenv:Envelope xmlns:soapenv=\"" SOAP_NAMESPACE_1_2                        \
  "\" xmlns:ns=\"http://org.apache.axis2/xsd\" xmlns:d=\"http://dto.impl.apimgt.carbon.wso2.org/xsd\" "                \
  "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><soapenv:Body>" body "</soapenv:Body></soapenv:Envelope>"
#define VALIDATION(children)                                                                                           \
  ENVELOPE ("<ns:validateKeyResponse><ns:return>" children "</ns:return></ns:validateKeyResponse>")

static SoapReader *
read_bytes (const char *bytes, SoapEnvelope *envelope)
{
  SoapReader *reader = soap_reader_new_answers ();
  const char *why;

  g_assert_cmpint (soap_reader_read (reader, bytes, strlen (bytes), envelope, &why), ==, SOAP_READ_DONE);
  return reader;
}

static void
test_calls (void)
{
  static const struct
  {
    TwMethod method;
    ApimSoapProfile profile;
    const char *parameters;
  } rows[] = {
    { TW_METHOD_GET_ALL_URI_TEMPLATES, APIM_SOAP_PROFILE_2_X, "context=/w/1 version=1" },
    { TW_METHOD_VALIDATE_KEY, APIM_SOAP_PROFILE_2_X,
      "context=/w/1 version=1 accessToken=<&> requiredAuthenticationLevel=Any clientDomain=nil matchingResource=/a "
      "httpVerb=GET" },
    { TW_METHOD_VALIDATE_KEY, APIM_SOAP_PROFILE_1_5,
      "context=/w/1 version=1 accessToken=<&> requiredAuthenticationLevel=Any clientDomain=nil" },
  };
  const TwArguments arguments = { .context = TW_TEXT ("/w/1"),
                                  .version = TW_TEXT ("1"),
                                  .access_token = TW_TEXT ("<&>"),
                                  .required_level = TW_TEXT ("Any"),
                                  .matching_resource = TW_TEXT ("/a"),
                                  .http_verb = TW_TEXT ("GET") };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      NetBuffer output = { 0 };
      g_autofree char *bytes = NULL;
      g_autoptr (SoapReader) reader = NULL;
      g_autoptr (GString) parameters = g_string_new (NULL);
      const SoapElement *child = NULL;
      SoapEnvelope envelope;

      gw_soap_write_call (&output, rows[i].method, &arguments, rows[i].profile);
      bytes = g_strndup ((const char *) net_buffer_data (&output), net_buffer_length (&output));
      net_buffer_clear (&output);
      reader = read_bytes (bytes, &envelope);
      g_assert_cmpstr (envelope.body_child->name, ==, tw_method_name (rows[i].method));
      g_assert_cmpstr (envelope.body_child->namespace, ==, "http://org.apache.axis2/xsd");
      while ((child = soap_element_next (envelope.body_child, child)) != NULL)
        g_string_append_printf (parameters, "%s%s=%s", parameters->len > 0 ? " " : "", child->name,
                                child->nil ? "nil" : child->text);
      g_assert_cmpstr (parameters->str, ==, rows[i].parameters);
    }
}

static void
test_grant (void)
{
  SoapEnvelope envelope;
  g_autoptr (SoapReader) reader = read_bytes (
      VALIDATION ("<d:apiName>Weather</d:apiName><d:apiPublisher xsi:nil=\"true\"/><d:applicationName>a&lt;b"
                  "</d:applicationName><d:authorized>true</d:authorized><d:contentAware>false</d:contentAware>"
                  "<d:issuedTime>1469613900000</d:issuedTime><d:scopes xsi:nil=\"true\"/><d:spikeArrestLimit>7"
                  "</d:spikeArrestLimit><d:stopOnQuotaReach>true</d:stopOnQuotaReach><d:throttlingDataList "
                  "xsi:nil=\"true\"/><d:throttlingDataList>one</d:throttlingDataList><d:throttlingDataList>two"
                  "</d:throttlingDataList><d:tier>Gold</d:tier><d:type>PRODUCTION</d:type><d:unheardOf>x</d:unheardOf>"
                  "<d:validationStatus>0</d:validationStatus><d:validityPeriod>9223372036854775807"
                  "</d:validityPeriod>"),
      &envelope);
  g_auto (GwSoapAnswer) answer = { 0 };

  g_assert_true (gw_soap_answer_read (&answer, TW_METHOD_VALIDATE_KEY, &envelope));
  g_assert_true (answer.info.authorized && answer.info.stop_on_quota_reach && !answer.info.content_aware);
  g_assert_true (tw_text_equal (answer.info.api_name, TW_TEXT ("Weather")));
  g_assert_null (answer.info.api_publisher.bytes);
  g_assert_true (tw_text_equal (answer.info.application_name, TW_TEXT ("a<b")));
  g_assert_true (tw_text_equal (answer.info.throttling_data, TW_TEXT ("one")));
  g_assert_true (tw_text_equal (answer.info.type, TW_TEXT ("PRODUCTION")));
  g_assert_cmpint (answer.info.spike_arrest_limit, ==, 7);
  g_assert_cmpint (answer.info.issued_time_ms, ==, G_GINT64_CONSTANT (1469613900000));
  g_assert_cmpint (answer.info.validity_period_ms, ==, G_MAXINT64);
}

/* What is not said grants nothing, and what cannot be understood is no answer. */
static void
test_no_grant (void)
{
  static const struct
  {
    const char *bytes;
    gboolean is_answer;
  } rows[] = {
    { VALIDATION ("<d:authorized>false</d:authorized><d:validationStatus>900901</d:validationStatus>"), TRUE },
    { VALIDATION ("<d:tier>Gold</d:tier>"), TRUE },
    { VALIDATION ("<d:authorized>yes</d:authorized>"), TRUE },
    { VALIDATION ("<d:authorized>TRUE</d:authorized>"), TRUE },
    { VALIDATION ("<d:authorized/>"), TRUE },
    { VALIDATION ("<d:authorized><d:authorized>true</d:authorized></d:authorized>"), TRUE },
    { VALIDATION ("<d:validationStatus>no</d:validationStatus>"), FALSE },
    { VALIDATION ("<d:validationStatus>99999999999</d:validationStatus>"), FALSE },
    { VALIDATION ("<d:authorized>true</d:authorized><d:validityPeriod>1e9</d:validityPeriod>"), FALSE },
    { VALIDATION (""), FALSE },
    { ENVELOPE ("<ns:validateKeyResponse/>"), FALSE },
    { ENVELOPE ("<ns:validateKeyResponse><ns:return xsi:nil=\"true\"/></ns:validateKeyResponse>"), FALSE },
    { ENVELOPE ("<ns:getAllURITemplatesResponse><ns:return><d:authorized>true</d:authorized></ns:return>"
                "</ns:getAllURITemplatesResponse>"),
      FALSE },
    { ENVELOPE ("<ns:validateKey><ns:return><d:authorized>true</d:authorized></ns:return></ns:validateKey>"), FALSE },
    { ENVELOPE ("<soapenv:Fault><soapenv:Reason/></soapenv:Fault>"), FALSE },
    { ENVELOPE (""), FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      SoapEnvelope envelope;
      g_autoptr (SoapReader) reader = read_bytes (rows[i].bytes, &envelope);
      g_auto (GwSoapAnswer) answer = { 0 };

      g_assert_cmpint (gw_soap_answer_read (&answer, TW_METHOD_VALIDATE_KEY, &envelope), ==, rows[i].is_answer);
      if (rows[i].is_answer)
        g_assert_false (answer.info.authorized);
    }
}

static void
test_templates (void)
{
  SoapEnvelope envelope;
  g_autoptr (SoapReader) reader = read_bytes (
      ENVELOPE ("<ns:getAllURITemplatesResponse><ns:return><d:HTTPVerb>GET</d:HTTPVerb><d:authType>Any</d:authType>"
                "<d:conditionGroups><d:conditionGroupId>_default</d:conditionGroupId></d:conditionGroups>"
                "<d:throttlingConditions>c1</d:throttlingConditions><d:throttlingConditions>c2"
                "</d:throttlingConditions><d:throttlingTier>Gold</d:throttlingTier><d:uriTemplate>/a</d:uriTemplate>"
                "</ns:return><ns:return xsi:nil=\"true\"/><ns:return><d:HTTPVerb>PUT</d:HTTPVerb><d:authType>None"
                "</d:authType><d:throttlingConditions xsi:nil=\"true\"/><d:uriTemplate>/b</d:uriTemplate></ns:return>"
                "</ns:getAllURITemplatesResponse>"),
      &envelope);
  g_auto (GwSoapAnswer) answer = { 0 };

  g_assert_true (gw_soap_answer_read (&answer, TW_METHOD_GET_ALL_URI_TEMPLATES, &envelope));
  g_assert_cmpuint (answer.n_templates, ==, 2);
  g_assert_true (tw_text_equal (answer.templates[0].uri_template, TW_TEXT ("/a")));
  g_assert_true (tw_text_equal (answer.templates[0].http_verb, TW_TEXT ("GET")));
  g_assert_true (tw_text_equal (answer.templates[0].throttling_tier, TW_TEXT ("Gold")));
  g_assert_cmpuint (answer.templates[0].n_throttling_conditions, ==, 2);
  g_assert_true (tw_text_equal (answer.templates[0].throttling_conditions[1], TW_TEXT ("c2")));
  g_assert_true (tw_text_equal (answer.templates[1].auth_type, TW_TEXT ("None")));
  g_assert_cmpuint (answer.templates[1].n_throttling_conditions, ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gw-soap-answer/calls", test_calls);
  g_test_add_func ("/gw-soap-answer/grant", test_grant);
  g_test_add_func ("/gw-soap-answer/no-grant", test_no_grant);
  g_test_add_func ("/gw-soap-answer/templates", test_templates);
  return g_test_run ();
}
