/* spec/gateway-and-traffic-manager.md 2.1-2.5, row by row. */
#include "config.h"
#include "gateway/gw-fault.h"

#include "gw-http-text.h"

#include <string.h>

#define GET "GET /w/1/a HTTP/1.1\nHost: h"
#define POST "POST /w/1/a HTTP/1.1\nHost: h\nContent-Length: 0"
#define AMS "xmlns:ams=\"http://wso2.org/apimanager/security\""
#define AMT "xmlns:amt=\"http://wso2.org/apimanager/throttling\""
#define AM "xmlns:am=\"http://wso2.org/apimanager\""
#define BASE "Access failure for API: /w/1, version: 1 status: "
#define LITERAL(text) ((GwText){ (text), strlen (text) })

/* What one fault was answered with. */
typedef struct
{
  GwFaultAnswer head;
  char *headers, *body;
} Answer;

static void
answer_clear (Answer *answer)
{
  g_free (answer->headers);
  g_free (answer->body);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Answer, answer_clear)

static Answer
write_style (const GwFault *fault, const GwFaultStyle *style, const char *request, const char *message_type)
{
  NetBuffer headers = { 0 }, body = { 0 };
  GwText type = { message_type, message_type != NULL ? strlen (message_type) : 0 };
  Answer answer;

  answer.head = gw_fault_write (fault, style, gw_test_request (request), type, &headers, &body);
  answer.headers = gw_test_take (&headers);
  answer.body = gw_test_take (&body);
  return answer;
}

static Answer
write_fault (const GwFault *fault, ApimGatewayGeneration generation, const char *request)
{
  const GwFaultStyle style = { .generation = generation };

  return write_style (fault, &style, request, NULL);
}

static GwFault
security (guint code)
{
  g_autoptr (GwApi) api = gw_test_api (GW_HANDLER_AUTHENTICATION);
  GwFault fault = gw_fault_security (api, code);

  g_assert_cmpint (fault.kind, ==, GW_FAULT_SECURITY);
  fault.context = LITERAL ("/w/1");
  fault.version = LITERAL ("1");
  return fault;
}

static void
test_security_rows (void)
{
  static const struct
  {
    guint code, status;
    const char *message, *description;
  } rows[] = {
    { 900900, 500, "Unclassified Authentication Failure",
      BASE "(900900) - Unclassified Authentication Failure. Error while accessing backend services for API "
           "key validation" },
    { 900901, 401, "Invalid Credentials",
      BASE "(900901) - Invalid Credentials. Make sure you have given the correct access token" },
    { 900902, 401, "Missing Credentials",
      "Required OAuth credentials not provided. Make sure your API invocation call has a header: "
      "\"Authorization: Bearer ACCESS_TOKEN\"" },
    { 900903, 401, "Access Token Expired",
      BASE "(900903) - Access Token Expired. Renew the access token and try again" },
    { 900904, 401, "Access Token Inactive",
      BASE "(900904) - Access Token Inactive. Generate a new access token and try again" },
    { 900905, 401, "Incorrect Access Token Type is provided",
      BASE "(900905) - Incorrect Access Token Type is provided" },
    { 900906, 403, "No matching resource found in the API for the given request",
      BASE "(900906) - No matching resource found in the API for the given request. Check the API "
           "documentation and add a proper REST resource path to the invocation URL" },
    { 900907, 401, "The requested API is temporarily blocked",
      BASE "(900907) - The requested API is temporarily blocked" },
    { 900908, 403, "Resource forbidden ", BASE "(900908) - Resource forbidden " },
    { 900909, 401, "The subscription to the API is inactive",
      BASE "(900909) - The subscription to the API is inactive" },
    { 900910, 403, "The access token does not allow you to access the requested resource",
      BASE "(900910) - The access token does not allow you to access the requested resource" },
    { 900999, 401, "Unclassified Authentication Failure",
      BASE "(900999) - Unclassified Authentication Failure" }, /* a code that no release has */
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      GwFault fault = security (rows[i].code);
      g_autofree char *expected
          = g_strdup_printf ("<ams:fault " AMS "><ams:code>%u</ams:code><ams:message>%s</ams:message>"
                             "<ams:description>%s</ams:description></ams:fault>",
                             rows[i].code, rows[i].message, rows[i].description);
      g_auto (Answer) answer = { 0 };

      if (rows[i].code == 900900)
        fault.text = LITERAL ("Error while accessing backend services for API key validation");
      answer = write_fault (&fault, APIM_GATEWAY_2_6, GET);
      g_assert_cmpuint (answer.head.status, ==, rows[i].status);
      g_assert_cmpstr (answer.head.content_type, ==, "application/xml; charset=UTF-8");
      g_assert_cmpstr (answer.body, ==, expected);
      g_assert_cmpint (strstr (answer.headers, "WWW-Authenticate") != NULL, ==, rows[i].status == 401);
    }
}

/* 1.9 words its descriptions otherwise (2.2). */
static void
test_security_1_9 (void)
{
  GwFault fault = security (900901);
  g_auto (Answer) answer = { 0 }, later = { 0 };

  fault.token = LITERAL ("a<b");
  answer = write_fault (&fault, APIM_GATEWAY_1_9, GET);
  g_assert_nonnull (strstr (answer.body,
                            "<ams:description>Access failure for API: /w/1, version: 1 with key: a&lt;b. "
                            "Make sure your have given the correct access token</ams:description>"));
  later = write_fault (&fault, APIM_GATEWAY_1_10, GET);
  g_assert_null (strstr (later.body, "a&lt;b"));
  g_assert_nonnull (strstr (later.body, BASE "(900901)"));
}

static void
test_challenge (void)
{
  static const char brief[] = "WWW-Authenticate: OAuth2 realm=\"WSO2 API Manager\"\n";
  static const char whole[] = "WWW-Authenticate: OAuth2 realm=\"WSO2 API Manager\", error=\"invalid token\", "
                              "error_description=\"The access token expired\"\n";

  for (guint i = APIM_GATEWAY_1_9; i <= APIM_GATEWAY_2_6; i++)
    {
      GwFault fault = security (900902);
      g_auto (Answer) answer = write_fault (&fault, i, GET);

      g_assert_true (g_str_has_prefix (answer.headers, i >= APIM_GATEWAY_2_1 ? whole : brief));
    }
}

/* The Key Manager is away: 503 by the caller's word (issue of the gateway, item 7). */
static void
test_status_is_given (void)
{
  GwFault fault = security (900900);
  g_auto (Answer) answer = { 0 };

  fault.status = 503;
  answer = write_fault (&fault, APIM_GATEWAY_2_6, GET);
  g_assert_cmpuint (answer.head.status, ==, 503);
  g_assert_null (strstr (answer.headers, "WWW-Authenticate"));
}

static void
test_throttle_rows (void)
{
  static const struct
  {
    guint code, status, status_1_9;
    const char *message, *description;
    gboolean next;
  } rows[] = {
    { 900800, 429, 503, "Message throttled out", "You have exceeded your quota", TRUE },
    { 900801, 503, 503, "API Limit Reached", "API not accepting requests", FALSE },
    { 900802, 429, 429, "Message throttled out", "You have exceeded your quota", TRUE },
    { 900803, 429, 429, "Message throttled out", "You have exceeded your quota", TRUE },
    { 900804, 429, 429, "Message throttled out", "You have exceeded your quota", TRUE },
    { 900805, 403, 403, "Message blocked", "You have been blocked from accessing the resource", FALSE },
    { 900806, 429, 429, "Message throttled out", "You have exceeded your quota", TRUE },
    { 900807, 429, 429, "Message throttled out", "You have exceeded your quota", TRUE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      GwFault fault = { .kind = GW_FAULT_THROTTLED,
                        .code = rows[i].code,
                        .next_access_ms = G_GINT64_CONSTANT (1469613900000) };
      g_autofree char *expected = g_strdup_printf (
          "<amt:fault " AMT "><amt:code>%u</amt:code><amt:message>%s</amt:message><amt:description>%s"
          "</amt:description>%s</amt:fault>",
          rows[i].code, rows[i].message, rows[i].description,
          rows[i].next ? "<amt:nextAccessTime>2016-Jul-27 10:05:00+0000 UTC</amt:nextAccessTime>" : "");
      g_auto (Answer) answer = write_fault (&fault, APIM_GATEWAY_2_6, GET);
      g_auto (Answer) old = write_fault (&fault, APIM_GATEWAY_1_9, GET);
      g_auto (Answer) unknown = { 0 };

      g_assert_cmpuint (answer.head.status, ==, rows[i].status);
      g_assert_cmpuint (old.head.status, ==, rows[i].status_1_9);
      g_assert_cmpstr (answer.body, ==, expected);
      g_assert_null (strstr (answer.headers, "Retry-After"));
      fault.next_access_ms = 0;
      unknown = write_fault (&fault, APIM_GATEWAY_2_6, GET);
      g_assert_null (strstr (unknown.body, "nextAccessTime"));
    }
}

#define TYPED(code, message, description)                                                                    \
  "<am:fault " AM "><am:code>" code "</am:code><am:type>Status report</am:type><am:message>" message         \
  "</am:message><am:description>" description "</am:description></am:fault>"
#define UNTYPED(code, message, description)                                                                  \
  "<am:fault " AM "><am:code>" code "</am:code><am:message>" message "</am:message><am:description>"         \
  description "</am:description></am:fault>"

static void
test_mediation_rows (void)
{
  static const char nothing[] = "No matching resource found in the API for the given request";
  static const struct
  {
    GwFault fault;
    ApimGatewayGeneration generation;
    guint status;
    const char *body;
  } rows[] = {
    { { .kind = GW_FAULT_RUNTIME, .code = 101503 },
      APIM_GATEWAY_2_6,
      500,
      TYPED ("101503", "Runtime Error", "Error connecting to the back end") },
    { { .kind = GW_FAULT_RUNTIME, .code = 7, .text = { "what <it> said", 14 }, .status = 502 },
      APIM_GATEWAY_2_6,
      502,
      TYPED ("7", "Runtime Error", "what &lt;it&gt; said") },
    { { .kind = GW_FAULT_RUNTIME, .code_text = { "E-1", 3 }, .text = { "x", 1 } },
      APIM_GATEWAY_1_9,
      500,
      TYPED ("E-1", "Runtime Error", "x") },
    { { .kind = GW_FAULT_RUNTIME, .code = 303001, .endpoint = "X" },
      APIM_GATEWAY_2_6,
      500,
      TYPED ("303001", "Runtime Error", "Currently , Address endpoint : [ Name : X ] [ State : SUSPENDED ]") },
    { { .kind = GW_FAULT_NO_RESOURCE },
      APIM_GATEWAY_2_0,
      404,
      TYPED ("404", "Runtime Error", "No matching resource found for given API Request") },
    { { .kind = GW_FAULT_NO_METHOD },
      APIM_GATEWAY_2_6,
      405,
      TYPED ("405", "Runtime Error", "Method not allowed for given API resource") },
    { { .kind = GW_FAULT_NO_RESOURCE }, APIM_GATEWAY_1_10, 403, NULL },
    { { .kind = GW_FAULT_NO_METHOD }, APIM_GATEWAY_1_9, 403, NULL },
    { { .kind = GW_FAULT_NO_SANDBOX },
      APIM_GATEWAY_2_6,
      403,
      TYPED ("900901", "Runtime Error", "Sandbox key offered to the API with no sandbox endpoint") },
    { { .kind = GW_FAULT_NO_PRODUCTION },
      APIM_GATEWAY_2_6,
      403,
      TYPED ("900901", "Runtime Error", "Production key offered to the API with no production endpoint") },
    { { .kind = GW_FAULT_UNKNOWN_PATH, .text = { "no/<such>", 9 } },
      APIM_GATEWAY_2_1,
      404,
      TYPED ("404", "Not Found", "The requested resource is not available.") },
    { { .kind = GW_FAULT_UNKNOWN_PATH, .text = { "no/<such>", 9 } },
      APIM_GATEWAY_2_0,
      404,
      TYPED ("404", "Not Found", "The requested resource (/no/&lt;such&gt;) is not available.") },
    { { .kind = GW_FAULT_TRANSPORT, .text = { "w/1", 3 } },
      APIM_GATEWAY_2_6,
      403,
      TYPED ("403", "Forbidden",
             "Unsupported Transport [ http ]. The requested resource is not available.") },
    { { .kind = GW_FAULT_TRANSPORT, .text = { "w/1", 3 }, .https = TRUE },
      APIM_GATEWAY_2_0,
      403,
      TYPED ("403", "Forbidden",
             "Unsupported Transport [ https ]. The requested resource (/w/1) is not available.") },
    { { .kind = GW_FAULT_API_BLOCKED },
      APIM_GATEWAY_2_6,
      503,
      UNTYPED ("700700", "API blocked",
               "This API has been blocked temporarily. Please try again later or contact the system "
               "administrators.") },
    { { .kind = GW_FAULT_RECURSION },
      APIM_GATEWAY_2_6,
      500,
      TYPED ("500", "Internal Server Error", "Faulty invoking through default API") },
    { { .kind = GW_FAULT_TOKEN_API, .code = 101504, .status = 504 },
      APIM_GATEWAY_2_6,
      504,
      TYPED ("101504", "Runtime Error", "Send timeout") },
    { { .kind = GW_FAULT_TOKEN_API, .code = 101503 },
      APIM_GATEWAY_2_6,
      500,
      TYPED ("101503", "Runtime Error", "Error connecting to the back end") },
    { { .kind = GW_FAULT_THREAT, .code = 400, .message = { "Bad Request", 11 }, .text = { "too deep", 8 } },
      APIM_GATEWAY_2_6,
      400,
      UNTYPED ("400", "Bad Request", "too deep") },
    { { .kind = GW_FAULT_SANDBOX_KEY_HERE },
      APIM_GATEWAY_2_6,
      401,
      "<error><message>Sandbox Key Provided for Production Gateway</message></error>" },
    { { .kind = GW_FAULT_PRODUCTION_KEY_HERE },
      APIM_GATEWAY_2_6,
      401,
      "<error><message>Production Key Provided for Sandbox Gateway</message></error>" },
    { { .kind = GW_FAULT_ENGINE, .status = 404 }, APIM_GATEWAY_2_6, 404, "" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto (Answer) answer = write_fault (&rows[i].fault, rows[i].generation, GET);

      g_assert_cmpuint (answer.head.status, ==, rows[i].status);
      if (rows[i].body != NULL)
        g_assert_cmpstr (answer.body, ==, rows[i].body);
      else
        {
          g_autofree char *body
              = g_strdup_printf ("<am:message>%s</am:message><am:description>%s<", nothing, nothing);

          g_assert_nonnull (strstr (answer.body, "<am:code>403</am:code>"));
          g_assert_nonnull (strstr (answer.body, body));
        }
      g_assert_cmpint (answer.head.content_type == NULL, ==, rows[i].fault.kind == GW_FAULT_ENGINE);
    }
}

static void
test_transport_texts (void)
{
  static const struct
  {
    gint32 code;
    const char *text;
  } rows[] = {
    { 101500, "Error in Sender" },
    { 101501, "Error in Receiver" },
    { 101503, "Error connecting to the back end" },
    { 101504, "Send timeout" },
    { 101505, "Error in Sender" },
    { 101507, "Error in Sender" },
    { 101508, "Error in Sender" },
  };
  GwFault fault = gw_fault_transport (GW_ERROR_NONE_READY, NULL);
  g_auto (Answer) answer = write_fault (&fault, APIM_GATEWAY_2_6, GET);

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    g_assert_cmpstr (gw_fault_error_text (rows[i].code), ==, rows[i].text);
  g_assert_nonnull (strstr (answer.body, "<am:code>303000</am:code>"));
}

/* Every member of the set of 2.5 item 1. */
static void
test_formats (void)
{
#define DESCRIPTION "Required OAuth credentials not provided. Make sure your API invocation call has a header: "
#define XML                                                                                                  \
  "<ams:fault " AMS "><ams:code>900902</ams:code><ams:message>Missing Credentials</ams:message>"             \
  "<ams:description>" DESCRIPTION "\"Authorization: Bearer ACCESS_TOKEN\"</ams:description></ams:fault>"
#define JSON                                                                                                 \
  "{\"fault\":{\"code\":900902,\"message\":\"Missing Credentials\",\"description\":\"" DESCRIPTION           \
  "\\\"Authorization: Bearer ACCESS_TOKEN\\\"\"}}"
#define ENVELOPE(namespace)                                                                                  \
  "<?xml version=\"1.0\" encoding=\"UTF-8\"?><soapenv:Envelope xmlns:soapenv=\"" namespace                   \
  "\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><soapenv:Body>" XML                            \
  "</soapenv:Body></soapenv:Envelope>"
  static const struct
  {
    const char *accept, *content_type, *body;
  } rows[] = {
    { "application/x-www-form-urlencoded", "application/x-www-form-urlencoded",
      "code=900902&message=Missing+Credentials&description=Required+OAuth+credentials+not+provided.+Make+"
      "sure+your+API+invocation+call+has+a+header%3A+%22Authorization%3A+Bearer+ACCESS_TOKEN%22" },
    { "multipart/form-data", "multipart/form-data; boundary=MIMEBoundary_fault",
      "--MIMEBoundary_fault\nContent-Disposition: form-data; name=\"code\"\n\n900902\n"
      "--MIMEBoundary_fault\nContent-Disposition: form-data; name=\"message\"\n\nMissing Credentials\n"
      "--MIMEBoundary_fault\nContent-Disposition: form-data; name=\"description\"\n\n" DESCRIPTION
      "\"Authorization: Bearer ACCESS_TOKEN\"\n--MIMEBoundary_fault--\n" },
    { "text/html", "text/html; charset=UTF-8", XML },
    { "application/xml", "application/xml; charset=UTF-8", XML },
    { "text/xml", "text/xml; charset=UTF-8", ENVELOPE ("http://schemas.xmlsoap.org/soap/envelope/") },
    { "application/soap+xml", "application/soap+xml; charset=UTF-8",
      ENVELOPE ("http://www.w3.org/2003/05/soap-envelope") },
    { "text/plain", "text/plain; charset=UTF-8",
      "code: 900902\nmessage: Missing Credentials\ndescription: " DESCRIPTION
      "\"Authorization: Bearer ACCESS_TOKEN\"\n" },
    { "application/json", "application/json; charset=UTF-8", JSON },
    { "application/json/badgerfish", "application/json/badgerfish; charset=UTF-8",
      "{\"ams:fault\":{\"@xmlns\":{\"ams\":\"http://wso2.org/apimanager/security\"},\"ams:code\":{\"$\":"
      "\"900902\"},\"ams:message\":{\"$\":\"Missing Credentials\"},\"ams:description\":{\"$\":\"" DESCRIPTION
      "\\\"Authorization: Bearer ACCESS_TOKEN\\\"\"}}}" },
    { "text/javascript", "text/javascript; charset=UTF-8", JSON },
    /* No hit. */
    { "*/*", "application/xml; charset=UTF-8", XML },
    { "application/json, */*", "application/xml; charset=UTF-8", XML },
    { "application/json;q=1", "application/xml; charset=UTF-8", XML },
    { "image/png", "application/xml; charset=UTF-8", XML },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *request = g_strconcat (GET "\nAccept: ", rows[i].accept, NULL);
      GwFault fault = security (900902);
      g_auto (Answer) answer = write_fault (&fault, APIM_GATEWAY_2_6, request);

      g_assert_cmpstr (answer.head.content_type, ==, rows[i].content_type);
      g_assert_cmpstr (answer.body, ==, rows[i].body);
    }
}

/* 2.5 items 1-5: who decides the format. */
static void
test_selection (void)
{
  enum
  {
    SECURITY = GW_FAULT_SECURITY,
    THROTTLED = GW_FAULT_THROTTLED,
    RUNTIME = GW_FAULT_RUNTIME,
    BLOCKED = GW_FAULT_API_BLOCKED,
    TOKEN = GW_FAULT_TOKEN_API,
  };
#define JSON_POST POST "\nContent-Type: application/json; charset=utf-8"
#define JSON_BODY(method) method " /w/1/a HTTP/1.1\nHost: h\nContent-Length: 1\nContent-Type: application/json"
  static const struct
  {
    int kind;
    ApimGatewayGeneration generation;
    const char *request;
    const char *message_type;
    const char *expected; /* up to the parameters */
  } rows[] = {
    { SECURITY, APIM_GATEWAY_2_6, JSON_POST, NULL, "application/xml" },
    { SECURITY, APIM_GATEWAY_2_6, JSON_POST "\nAccept: application/json", NULL, "application/json" },
    { SECURITY, APIM_GATEWAY_2_6, JSON_POST "\nAccept: */*", NULL, "application/xml" },
    { SECURITY, APIM_GATEWAY_2_6, GET, "application/json", "application/json" },
    { SECURITY, APIM_GATEWAY_2_6, GET, "application/unheard-of", "application/xml" },
    { THROTTLED, APIM_GATEWAY_2_6, GET, NULL, "application/xml" },
    { THROTTLED, APIM_GATEWAY_2_6, JSON_POST, NULL, "application/json" },
    { THROTTLED, APIM_GATEWAY_2_6, JSON_POST, "text/plain", "text/plain" },
    { THROTTLED, APIM_GATEWAY_2_6, JSON_POST "\nAccept: text/xml", "text/plain", "text/xml" },
    { THROTTLED, APIM_GATEWAY_2_6, POST "\nContent-Type: application/x-www-form-urlencoded", NULL,
      "application/xml" },
    { THROTTLED, APIM_GATEWAY_2_6, POST "\nContent-Type: multipart/form-data; boundary=x", NULL,
      "application/xml" },
    { THROTTLED, APIM_GATEWAY_2_6, POST "\nContent-Type: image/png", NULL, "application/xml" },
    { THROTTLED, APIM_GATEWAY_2_6, POST "\nContent-Type: text/xml", NULL, "text/xml" },
    { THROTTLED, APIM_GATEWAY_2_0, JSON_BODY ("PATCH"), NULL, "application/json" },
    /* 1.9 */
    { SECURITY, APIM_GATEWAY_1_9, GET "\nAccept: application/json", NULL, "application/xml" },
    { SECURITY, APIM_GATEWAY_1_9, JSON_POST "\nAccept: application/json", NULL, "application/xml" },
    { SECURITY, APIM_GATEWAY_1_9, JSON_POST, "application/json", "application/json" },
    { SECURITY, APIM_GATEWAY_1_9, JSON_BODY ("PUT"), "application/json", "application/json" },
    { SECURITY, APIM_GATEWAY_1_9, JSON_BODY ("PATCH"), "application/json", "application/xml" },
    { THROTTLED, APIM_GATEWAY_1_9, JSON_BODY ("DELETE"), NULL, "application/xml" },
    { THROTTLED, APIM_GATEWAY_1_9, JSON_POST, NULL, "application/json" },
    /* mediation */
    { RUNTIME, APIM_GATEWAY_2_6, GET "\nAccept: application/json", NULL, "application/xml" },
    { RUNTIME, APIM_GATEWAY_2_6, JSON_BODY ("DELETE"), NULL, "application/xml" },
    { RUNTIME, APIM_GATEWAY_2_6, JSON_POST, NULL, "application/json" },
    { RUNTIME, APIM_GATEWAY_1_9, JSON_BODY ("PUT"), NULL, "application/json" },
    { RUNTIME, APIM_GATEWAY_2_6, JSON_BODY ("PATCH"), NULL, "application/json" },
    { RUNTIME, APIM_GATEWAY_2_6, POST, NULL, "application/xml" },
    { BLOCKED, APIM_GATEWAY_2_6, POST "\nContent-Type: text/xml", NULL, "text/xml" },
    { TOKEN, APIM_GATEWAY_2_6, JSON_POST, NULL, "application/xml" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      GwFault fault = security (900901);
      const GwFaultStyle style = { .generation = rows[i].generation };
      g_auto (Answer) answer = { 0 };
      g_auto (GStrv) type = NULL;

      fault.kind = rows[i].kind;
      fault.code = fault.kind == GW_FAULT_THROTTLED ? 900804 : 900901;
      answer = write_style (&fault, &style, rows[i].request, rows[i].message_type);
      type = g_strsplit (answer.head.content_type, ";", 2);
      if (g_strcmp0 (type[0], rows[i].expected) != 0)
        g_error ("row %" G_GSIZE_FORMAT ": %s, not %s", i, type[0], rows[i].expected);
    }
}

/* SOAP requests get SOAP faults (2.2-2.4). */
static void
test_soap (void)
{
#define SOAP11 POST "\nContent-Type: text/xml; charset=utf-8\nSOAPAction: \"urn:x\""
#define SOAP12 POST "\nContent-Type: application/soap+xml"
  GwFault fault = security (900901);
  g_auto (Answer) security_11 = write_fault (&fault, APIM_GATEWAY_2_6, SOAP11);
  g_auto (Answer) security_12 = write_fault (&fault, APIM_GATEWAY_2_6, SOAP12 "\nAccept: application/json");
  g_auto (Answer) throttled = { 0 }, soon = { 0 }, runtime = { 0 }, unknown = { 0 }, blocked = { 0 };

  g_assert_cmpstr (security_11.head.content_type, ==, "text/xml; charset=UTF-8");
  g_assert_cmpuint (security_11.head.status, ==, 401);
  g_assert_nonnull (strstr (security_11.headers, "WWW-Authenticate"));
  g_assert_nonnull (
      strstr (security_11.body, "<faultcode>soapenv:Client</faultcode><faultstring>Authentication Failure"
                                "</faultstring><detail>" BASE "(900901) - Invalid Credentials</detail>"));
  g_assert_cmpstr (security_12.head.content_type, ==, "application/soap+xml; charset=UTF-8");
  g_assert_nonnull (strstr (security_12.body, "<soapenv:Value>soapenv:Sender</soapenv:Value>"));
  fault = (GwFault){ .kind = GW_FAULT_THROTTLED, .code = 900804 };
  throttled = write_fault (&fault, APIM_GATEWAY_2_6, SOAP11);
  g_assert_cmpuint (throttled.head.status, ==, 429);
  g_assert_nonnull (
      strstr (throttled.body, "<faultcode>soapenv:Server</faultcode><faultstring>Message throttled out"
                              "</faultstring><detail>You have exceeded your quota</detail>"));
  fault.next_access_ms = G_GINT64_CONSTANT (1469613900000);
  soon = write_fault (&fault, APIM_GATEWAY_2_6, SOAP11);
  g_assert_nonnull (strstr (soon.body, "<detail>You have exceeded your quotaYou have exceeded your quota "
                                       ".You can access API after 2016-Jul-27 10:05:00+0000 UTC</detail>"));
  fault = gw_fault_transport (GW_ERROR_CONNECT, NULL);
  runtime = write_fault (&fault, APIM_GATEWAY_2_6, SOAP11);
  g_assert_cmpuint (runtime.head.status, ==, 500);
  g_assert_nonnull (strstr (runtime.body, "<faultcode>soapenv:Server</faultcode><faultstring>Error connecting "
                                          "to the back end</faultstring>"));
  fault = (GwFault){ .kind = GW_FAULT_UNKNOWN_PATH, .text = { "x", 1 } };
  unknown = write_fault (&fault, APIM_GATEWAY_2_6, SOAP11);
  g_assert_nonnull (
      strstr (unknown.body, "<faultstring>The requested endpoint is not available.</faultstring>"));
  /* No SOAP fault of its own: the body in an envelope. */
  fault = (GwFault){ .kind = GW_FAULT_API_BLOCKED };
  blocked = write_fault (&fault, APIM_GATEWAY_2_6, SOAP11);
  g_assert_nonnull (strstr (blocked.body, "<soapenv:Body><am:fault "));
}

/* 2.5 item 7, off by default. */
static void
test_echo (void)
{
#define NOISY                                                                                                \
  GET "\nAuthorization: Bearer secret\nAccept: a/b\nX-JWT-Assertion: j\nX-Mine: 1\nactivityID: 42"           \
      "\nConnection: keep-alive\nContent-Type: text/plain"
  GwFault fault = security (900901);
  GwFaultStyle style = { .generation = APIM_GATEWAY_2_6 };
  g_auto (Answer) quiet = write_style (&fault, &style, NOISY, NULL);
  g_auto (Answer) echo = { 0 }, old = { 0 }, mediation = { 0 };

  g_assert_nonnull (strstr (quiet.headers, "activityID: 42\n"));
  g_assert_null (strstr (quiet.headers, "X-Mine"));
  g_assert_nonnull (strstr (quiet.headers, "Server: WSO2-PassThrough-HTTP\n"));
  style.echoes_headers = TRUE;
  echo = write_style (&fault, &style, NOISY, NULL);
  g_assert_nonnull (strstr (echo.headers, "X-Mine: 1\n"));
  for (guint i = 0; i < 7; i++)
    {
      static const char *const never[]
          = { "secret", "Host:", "Accept:", "X-JWT-Assertion", "Connection", "Content-Type", "keep-alive" };

      g_assert_null (strstr (echo.headers, never[i]));
    }
  style.generation = APIM_GATEWAY_1_10;
  old = write_style (&fault, &style, NOISY, NULL);
  g_assert_null (strstr (old.headers, "X-Mine"));
  style.generation = APIM_GATEWAY_2_6;
  fault.kind = GW_FAULT_NO_RESOURCE;
  mediation = write_style (&fault, &style, NOISY, NULL);
  g_assert_null (strstr (mediation.headers, "X-Mine"));
}

/* Texts from outside stay texts, in every format, and within their limit. */
static void
test_hostile_texts (void)
{
  static const char bytes[] = "\xff\r\n\r\n--MIMEBoundary_fault--\"\\</a>&\xc3\xa4\xc2\x85\x7f\xe2\x82";
  static const char clean[] = "\xef\xbf\xbd    --MIMEBoundary_fault--";
  g_autofree char *large = g_strnfill (2 * GW_FAULT_MAX_TEXT, 'x');
  GwFault fault = { .kind = GW_FAULT_RUNTIME, .code = 1, .text = { bytes, sizeof bytes - 1 } };
  g_autofree char *truncated = g_strnfill (GW_FAULT_MAX_TEXT, 'x');
  g_auto (Answer) json = write_fault (&fault, APIM_GATEWAY_2_6, JSON_POST);
  g_auto (Answer) xml = write_fault (&fault, APIM_GATEWAY_2_6, GET);
  g_auto (Answer) multipart = { 0 }, cut = { 0 };
  g_autofree char *expected = NULL;

  expected = g_strconcat ("\"description\":\"", clean,
                          "\\\"\\\\\\u003c/a>&\xc3\xa4  \xef\xbf\xbd\xef\xbf\xbd\"}}", NULL);
  g_assert_true (g_str_has_suffix (json.body, expected));
  g_assert_nonnull (strstr (xml.body, "\"\\&lt;/a&gt;&amp;\xc3\xa4"));
  g_assert_true (g_utf8_validate (xml.body, -1, NULL));
  fault = security (900900);
  fault.text = (GwText){ bytes, sizeof bytes - 1 };
  multipart = write_fault (&fault, APIM_GATEWAY_2_6, GET "\nAccept: multipart/form-data");
  g_assert_true (strstr (multipart.body, "\n--MIMEBoundary_fault--")
                 == multipart.body + strlen (multipart.body) - strlen ("\n--MIMEBoundary_fault--\n"));
  fault = (GwFault){ .kind = GW_FAULT_RUNTIME, .code = 1, .text = { large, strlen (large) } };
  cut = write_fault (&fault, APIM_GATEWAY_2_6, GET);
  g_free (expected);
  expected = g_strconcat ("<am:description>", truncated, "</am:description>", NULL);
  g_assert_nonnull (strstr (cut.body, expected));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gw-fault/security/rows", test_security_rows);
  g_test_add_func ("/gw-fault/security/1.9", test_security_1_9);
  g_test_add_func ("/gw-fault/security/challenge", test_challenge);
  g_test_add_func ("/gw-fault/security/status-is-given", test_status_is_given);
  g_test_add_func ("/gw-fault/throttle/rows", test_throttle_rows);
  g_test_add_func ("/gw-fault/mediation/rows", test_mediation_rows);
  g_test_add_func ("/gw-fault/mediation/transport-texts", test_transport_texts);
  g_test_add_func ("/gw-fault/formats", test_formats);
  g_test_add_func ("/gw-fault/selection", test_selection);
  g_test_add_func ("/gw-fault/soap", test_soap);
  g_test_add_func ("/gw-fault/echo", test_echo);
  g_test_add_func ("/gw-fault/hostile-texts", test_hostile_texts);
  return g_test_run ();
}
