/* What faults say (2.1-2.4) and which format a request gets (2.5). */
#include "config.h"
#include "gateway/gw-fault-private.h"

#include "common/apim-text.h"
#include "gateway/gw-headers.h"
#include "soap/soap-fault.h"

#include <string.h>
#include <time.h>

/* A fault of one request, in words. */
typedef struct
{
  guint status;
  GwFaultBody body;
  gsize base_length; /* of the description: what SOAP faults have of it */
  char code[64];
  char message[GW_FAULT_MAX_TEXT + 1];
  char description[GW_FAULT_MAX_TEXT + 1];
  char next_access[48];
} Words;

/* Puts a text together in one of their buffers. */
typedef struct
{
  char *at, *last;
} Text;

#define TEXT(buffer) ((Text){ (buffer), (buffer) + sizeof (buffer) - 1 })

static void
add_bytes (Text *text, const char *bytes, gsize length)
{
  if ((gsize)(text->last - text->at) < length)
    text->last = text->at; /* cut here: nothing may follow either */
  else
    {
      memcpy (text->at, bytes, length);
      text->at += length;
    }
  *text->at = '\0';
}

/* Strangers' bytes: control characters become blanks, what is no UTF-8 becomes U+FFFD. */
static void
add_text (Text *text, GwText other)
{
  const char *at = other.text;
  gsize left = other.length;

  *text->at = '\0';
  while (left > 0)
    {
      gunichar c = (guchar)*at < 0x80 ? (guchar)*at : g_utf8_get_char_validated (at, (gssize)left);
      gsize length = 1;

      if ((gint32)c < 0)
        add_bytes (text, "\xef\xbf\xbd", 3);
      else if (c < 0x20 || (c >= 0x7f && c < 0xa0))
        {
          length = c < 0x80 ? 1 : 2;
          add_bytes (text, " ", 1);
        }
      else
        {
          length = (gsize)(g_utf8_next_char (at) - at);
          add_bytes (text, at, length);
        }
      at += length;
      left -= length;
    }
}

static void
add (Text *text, const char *other)
{
  add_bytes (text, other, strlen (other));
}

static void
add_number (Text *text, guint number)
{
  char digits[16];
  ApimText piece;

  apim_text_init (&piece, digits, sizeof digits);
  apim_text_add_int (&piece, number);
  add (text, digits);
}

/* 2.2. Codes that no release has named are unclassified. */
static const struct
{
  guint code, status;
  const char *message;
  const char *extra; /* nullable */
} security_rows[] = {
  { 900900, 500, "Unclassified Authentication Failure", NULL },
  { 900901, 401, "Invalid Credentials", "Make sure you have given the correct access token" },
  { 900902, 401, "Missing Credentials",
    "Make sure your API invocation call has a header: \"Authorization: Bearer ACCESS_TOKEN\"" },
  { 900903, 401, "Access Token Expired", "Renew the access token and try again" },
  { 900904, 401, "Access Token Inactive", "Generate a new access token and try again" },
  { 900905, 401, "Incorrect Access Token Type is provided", NULL },
  { 900906, 403, "No matching resource found in the API for the given request",
    "Check the API documentation and add a proper REST resource path to the invocation URL" },
  { 900907, 401, "The requested API is temporarily blocked", NULL },
  { 900908, 403, "Resource forbidden ", NULL },
  { 900909, 401, "The subscription to the API is inactive", NULL },
  { 900910, 403, "The access token does not allow you to access the requested resource", NULL },
};

/* 2.3; the others are 429, and the first's texts. */
static const struct
{
  guint code, status;
  const char *message, *description;
} throttle_rows[] = {
  { 900800, 429, "Message throttled out", "You have exceeded your quota" },
  { 900801, 503, "API Limit Reached", "API not accepting requests" },
  { 900805, 403, "Message blocked", "You have been blocked from accessing the resource" },
};

/* 2.4. NULL: what GwFault says. */
static const struct
{
  guint status;
  const char *code, *message, *description;
  gboolean untyped; /* there is no element "type" */
  gboolean soap;    /* SOAP requests get a SOAP fault */
} mediation_rows[] = {
  [GW_FAULT_RUNTIME] = { .status = 500, .message = "Runtime Error", .soap = TRUE },
  [GW_FAULT_NO_RESOURCE]
  = { 404, "404", "Runtime Error", "No matching resource found for given API Request", FALSE, FALSE },
  [GW_FAULT_NO_METHOD]
  = { 405, "405", "Runtime Error", "Method not allowed for given API resource", FALSE, FALSE },
  [GW_FAULT_NO_SANDBOX] = { 403, "900901", "Runtime Error",
                            "Sandbox key offered to the API with no sandbox endpoint", FALSE, FALSE },
  [GW_FAULT_NO_PRODUCTION] = { 403, "900901", "Runtime Error",
                               "Production key offered to the API with no production endpoint", FALSE, FALSE },
  [GW_FAULT_UNKNOWN_PATH] = { 404, "404", "Not Found", NULL, FALSE, TRUE },
  [GW_FAULT_TRANSPORT] = { 403, "403", "Forbidden", NULL, FALSE, TRUE },
  [GW_FAULT_API_BLOCKED] = { 503, "700700", "API blocked",
                             "This API has been blocked temporarily. Please try again later or contact the "
                             "system administrators.",
                             TRUE, FALSE },
  [GW_FAULT_RECURSION]
  = { 500, "500", "Internal Server Error", "Faulty invoking through default API", FALSE, FALSE },
  [GW_FAULT_TOKEN_API] = { .status = 500, .message = "Runtime Error" },
  [GW_FAULT_THREAT] = { .status = 400, .untyped = TRUE },
  [GW_FAULT_SANDBOX_KEY_HERE]
  = { .status = 401, .message = "Sandbox Key Provided for Production Gateway", .untyped = TRUE },
  [GW_FAULT_PRODUCTION_KEY_HERE]
  = { .status = 401, .message = "Production Key Provided for Sandbox Gateway", .untyped = TRUE },
  [GW_FAULT_ENGINE] = { .status = 500 },
};

static gboolean
is_1_x (const GwFaultStyle *style)
{
  return style->generation < APIM_GATEWAY_2_0;
}

static void
add_child (Words *words, const char *name, const char *value)
{
  words->body.children[words->body.n_children++] = (GwFaultChild){ name, value };
}

static void
word_code (Words *words, const GwFault *fault)
{
  Text text = TEXT (words->code);

  if (fault->code_text.text != NULL)
    add_text (&text, fault->code_text);
  else
    add_number (&text, fault->code);
}

static gsize
find_security (guint code)
{
  for (gsize i = 0; i < G_N_ELEMENTS (security_rows); i++)
    if (security_rows[i].code == code)
      return i;
  return G_MAXSIZE;
}

/* What the handler's exception says, before the advice is added. */
static void
word_security_base (const GwFault *fault, const GwFaultStyle *style, const char *message, Text *text)
{
  if (fault->code == 900902)
    {
      add (text, "Required OAuth credentials not provided");
      return;
    }
  add (text, "Access failure for API: ");
  add_text (text, fault->context);
  add (text, ", version: ");
  add_text (text, fault->version);
  if (style->generation == APIM_GATEWAY_1_9)
    {
      add (text, " with key: ");
      add_text (text, fault->token);
      return;
    }
  add (text, " status: (");
  add_number (text, fault->code);
  add (text, ") - ");
  add (text, message);
}

static void
word_security (Words *words, const GwFault *fault, const GwFaultStyle *style)
{
  gsize row = find_security (fault->code);
  Text message = TEXT (words->message), text = TEXT (words->description);
  const char *extra = row != G_MAXSIZE ? security_rows[row].extra : NULL;

  words->status = row != G_MAXSIZE ? security_rows[row].status : 401;
  add (&message, security_rows[row != G_MAXSIZE ? row : 0].message);
  word_security_base (fault, style, words->message, &text);
  words->base_length = (gsize)(text.at - words->description);
  if (fault->code == 900901 && style->generation == APIM_GATEWAY_1_9)
    extra = "Make sure your have given the correct access token";
  if (extra != NULL || fault->text.text != NULL)
    add (&text, ". ");
  if (extra != NULL)
    add (&text, extra);
  else
    add_text (&text, fault->text);
  words->body.prefix = "ams";
  words->body.namespace = "http://wso2.org/apimanager/security";
  add_child (words, "code", words->code);
  add_child (words, "message", words->message);
  add_child (words, "description", words->description);
}

/* yyyy-MMM-dd HH:mm:ssZ in UTC, and " UTC"; strftime() would follow the locale. */
static void
word_next_access (Words *words, gint64 at_ms)
{
  static const char months[12][4]
      = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
  time_t second = at_ms / 1000;
  struct tm tm;

  if (gmtime_r (&second, &tm) != NULL)
    g_snprintf (words->next_access, sizeof words->next_access, "%04d-%s-%02d %02d:%02d:%02d+0000 UTC",
                tm.tm_year + 1900, months[tm.tm_mon], tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static void
word_throttled (Words *words, const GwFault *fault, const GwFaultStyle *style)
{
  gsize row = 0;
  Text message = TEXT (words->message), text = TEXT (words->description);

  for (gsize i = 0; i < G_N_ELEMENTS (throttle_rows); i++)
    if (throttle_rows[i].code == fault->code)
      row = i;
  words->status = throttle_rows[row].status;
  if (fault->code == 900800 && style->generation == APIM_GATEWAY_1_9)
    words->status = 503;
  add (&message, throttle_rows[row].message);
  add (&text, throttle_rows[row].description);
  words->body.prefix = "amt";
  words->body.namespace = "http://wso2.org/apimanager/throttling";
  add_child (words, "code", words->code);
  add_child (words, "message", words->message);
  add_child (words, "description", words->description);
  if (throttle_rows[row].status == 429 && fault->next_access_ms > 0)
    {
      word_next_access (words, fault->next_access_ms);
      add_child (words, "nextAccessTime", words->next_access);
    }
}

/* Up to 2.0, "main" names the path. */
static void
word_not_available (const GwFault *fault, const GwFaultStyle *style, Text *text)
{
  add (text, "The requested resource ");
  if (style->generation < APIM_GATEWAY_2_1)
    {
      add (text, "(/");
      add_text (text, fault->text);
      add (text, ") ");
    }
  add (text, "is not available.");
}

static void
word_runtime (const GwFault *fault, Text *text)
{
  const char *name = fault->endpoint != NULL ? fault->endpoint : "AnonymousEndpoint";
  const GwText endpoint = { name, strlen (name) };

  if (fault->text.text != NULL)
    {
      add_text (text, fault->text);
      return;
    }
  if (fault->code != GW_ERROR_SUSPENDED && fault->code != GW_ERROR_NONE_READY)
    {
      add (text, gw_fault_error_text ((gint32)fault->code));
      return;
    }
  add (text, fault->code == GW_ERROR_SUSPENDED ? "Currently , Address endpoint : [ Name : "
                                               : "Endpoint : [ Name : ");
  add_text (text, endpoint);
  add (text, fault->code == GW_ERROR_SUSPENDED ? " ] [ State : SUSPENDED ]"
                                               : " ] - no ready child endpoints");
}

static void
word_description (const GwFault *fault, const GwFaultStyle *style, Text *text)
{
  switch (fault->kind)
    {
    case GW_FAULT_UNKNOWN_PATH:
      word_not_available (fault, style, text);
      break;
    case GW_FAULT_TRANSPORT:
      add (text, "Unsupported Transport [ ");
      add (text, fault->https ? "https" : "http");
      add (text, " ]. ");
      word_not_available (fault, style, text);
      break;
    case GW_FAULT_RUNTIME:
    case GW_FAULT_TOKEN_API:
      word_runtime (fault, text);
      break;
    default:
      add_text (text, fault->text);
      break;
    }
}

static void
word_mediation (Words *words, const GwFault *fault, const GwFaultStyle *style)
{
  const char *code = mediation_rows[fault->kind].code;
  const char *fixed_message = mediation_rows[fault->kind].message;
  const char *fixed = mediation_rows[fault->kind].description;
  Text message = TEXT (words->message), text = TEXT (words->description);

  words->status = mediation_rows[fault->kind].status;
  if (is_1_x (style) && (fault->kind == GW_FAULT_NO_RESOURCE || fault->kind == GW_FAULT_NO_METHOD))
    {
      words->status = 403;
      code = "403";
      fixed = fixed_message = "No matching resource found in the API for the given request";
    }
  if (fixed_message != NULL)
    add (&message, fixed_message);
  else
    add_text (&message, fault->message);
  if (fixed != NULL)
    add (&text, fixed);
  else
    word_description (fault, style, &text);
  words->body.prefix = "am";
  words->body.namespace = "http://wso2.org/apimanager";
  add_child (words, "code", code != NULL ? code : words->code);
  if (!mediation_rows[fault->kind].untyped)
    add_child (words, "type", "Status report");
  add_child (words, "message", words->message);
  add_child (words, "description", words->description);
}

static void
word (Words *words, const GwFault *fault, const GwFaultStyle *style)
{
  words->body = (GwFaultBody){ .root = "fault" };
  words->base_length = GW_FAULT_MAX_TEXT;
  word_code (words, fault);
  switch (fault->kind)
    {
    case GW_FAULT_SECURITY:
      word_security (words, fault, style);
      break;
    case GW_FAULT_THROTTLED:
      word_throttled (words, fault, style);
      break;
    case GW_FAULT_SANDBOX_KEY_HERE:
    case GW_FAULT_PRODUCTION_KEY_HERE:
      words->status = mediation_rows[fault->kind].status;
      words->body.root = "error";
      add_child (words, "message", mediation_rows[fault->kind].message);
      break;
    default:
      word_mediation (words, fault, style);
      break;
    }
  if (fault->status != 0)
    words->status = fault->status;
}

static gboolean
is_handlers (const GwFault *fault)
{
  return fault->kind == GW_FAULT_SECURITY || fault->kind == GW_FAULT_THROTTLED;
}

/* The media type of the request's body, without parameters; empty: none. */
static NetHttpText
media_type (const NetHttpRequest *request)
{
  NetHttpText value = { "", 0 };

  if (!net_http_request_header (request, "Content-Type", &value))
    return value;
  for (gsize i = 0; i < value.length; i++)
    if (value.text[i] == ';')
      value.length = i;
  while (value.length > 0 && (value.text[value.length - 1] == ' ' || value.text[value.length - 1] == '\t'))
    value.length--;
  return value;
}

/* As the transport tells SOAP messages from others that are XML: application/soap+xml, and text/xml with a
 * SOAPAction. */
static gboolean
is_soap (const NetHttpRequest *request, SoapVersion *version)
{
  NetHttpText type = media_type (request), action;

  *version = SOAP_1_2;
  if (net_http_text_equal_nocase (type, "application/soap+xml"))
    return TRUE;
  *version = SOAP_1_1;
  return net_http_text_equal_nocase (type, "text/xml")
         && net_http_request_header (request, "SOAPAction", &action);
}

/* 2.5 item 3; types that no formatter knows count as XML. */
static const GwFaultType *
type_of_request (const NetHttpRequest *request, const GwFaultType *xml)
{
  NetHttpText name = media_type (request);
  const GwFaultType *type = gw_fault_type_find (name.text, name.length);

  if (type == NULL || type->format == GW_FAULT_FORMAT_FORM || type->format == GW_FAULT_FORMAT_MULTIPART)
    return xml;
  return type;
}

static const GwFaultType *
choose_type (const GwFault *fault, const GwFaultStyle *style, const NetHttpRequest *request,
             GwText message_type)
{
  const GwFaultType *xml = gw_fault_type_find ("application/xml", strlen ("application/xml"));
  gboolean posts
      = net_http_text_equal (request->method, "POST") || net_http_text_equal (request->method, "PUT");
  gboolean patches = net_http_text_equal (request->method, "PATCH");
  const GwFaultType *type = NULL;
  NetHttpText accept;

  if (fault->kind == GW_FAULT_TOKEN_API)
    return xml;
  if (!is_handlers (fault))
    return posts || patches ? type_of_request (request, xml) : xml;
  if (style->generation == APIM_GATEWAY_1_9 && !posts)
    return xml;
  if (style->generation != APIM_GATEWAY_1_9 && net_http_request_header (request, "Accept", &accept))
    type = gw_fault_type_find (accept.text, accept.length);
  if (type != NULL)
    return type;
  if (message_type.text != NULL)
    {
      type = gw_fault_type_find (message_type.text, message_type.length);
      return type != NULL ? type : xml;
    }
  return fault->kind == GW_FAULT_SECURITY ? xml : type_of_request (request, xml);
}

/* 2.2-2.4, last items: the reason of throttling says its text twice, which clients may have learnt to read. */
static const char *
write_soap_fault (Words *words, const GwFault *fault, SoapVersion version, NetBuffer *body)
{
  SoapFault soap = { .code = SOAP_FAULT_RECEIVER };
  char doubled[256];

  switch (fault->kind)
    {
    case GW_FAULT_SECURITY:
      words->description[MIN (words->base_length, GW_FAULT_MAX_TEXT)] = '\0';
      soap = (SoapFault){ .code = SOAP_FAULT_SENDER,
                          .reason = "Authentication Failure",
                          .detail = words->description };
      break;
    case GW_FAULT_THROTTLED:
      soap.reason = words->message;
      soap.detail = words->description;
      if (words->body.n_children == GW_FAULT_MAX_CHILDREN)
        {
          g_snprintf (doubled, sizeof doubled, "%s%s .You can access API after %s", words->description,
                      words->description, words->next_access);
          soap.detail = doubled;
        }
      break;
    case GW_FAULT_RUNTIME:
      soap.reason = words->description;
      break;
    default:
      soap.reason = "The requested endpoint is not available.";
      break;
    }
  soap_write_fault (body, version, &soap);
  return soap_content_type (version);
}

static void
add_line (NetBuffer *headers, NetHttpText name, NetHttpText value)
{
  net_buffer_append (headers, name.text, name.length);
  net_buffer_append (headers, ": ", 2);
  net_buffer_append (headers, value.text, value.length);
  net_buffer_append (headers, "\r\n", 2);
}

/* 2.5 item 7: what 2.x leaves out, and what would speak of another message than ours. */
static gboolean
is_echoed (const NetHttpHeader *header, gboolean all)
{
  static const char *const never[]
      = { "Authorization", "Host",   "Accept",          "X-JWT-Assertion", "Content-Type", "Content-Encoding",
          "Date",          "Server", "WWW-Authenticate", NULL };

  if (net_http_text_equal_nocase (header->name, "activityID"))
    return TRUE;
  if (!all || gw_headers_is_of_connection (header->name))
    return FALSE;
  for (guint i = 0; never[i] != NULL; i++)
    if (net_http_text_equal_nocase (header->name, never[i]))
      return FALSE;
  return TRUE;
}

static void
write_headers (const Words *words, const GwFault *fault, const GwFaultStyle *style,
               const NetHttpRequest *request, NetBuffer *headers)
{
  static const char server[] = GW_HEADERS_SERVER_LINE;
  static const char challenge[] = "WWW-Authenticate: OAuth2 realm=\"WSO2 API Manager\"";
  static const char reason[]
      = ", error=\"invalid token\", error_description=\"The access token expired\"";
  gboolean echoes = style->echoes_headers && is_handlers (fault) && !is_1_x (style);

  if (words->status == 401)
    {
      net_buffer_append (headers, challenge, sizeof challenge - 1);
      if (style->generation >= APIM_GATEWAY_2_1)
        net_buffer_append (headers, reason, sizeof reason - 1);
      net_buffer_append (headers, "\r\n", 2);
    }
  for (guint i = 0; i < request->n_headers; i++)
    if (is_echoed (&request->headers[i], echoes))
      add_line (headers, request->headers[i].name, request->headers[i].value);
  net_buffer_append (headers, server, sizeof server - 1);
}

GwFaultAnswer
gw_fault_write (const GwFault *fault, const GwFaultStyle *style, const NetHttpRequest *request,
                GwText message_type, NetBuffer *headers, NetBuffer *body)
{
  const GwFaultType *type;
  SoapVersion version;
  Words words;

  word (&words, fault, style);
  write_headers (&words, fault, style, request, headers);
  if (fault->kind == GW_FAULT_ENGINE)
    return (GwFaultAnswer){ words.status, NULL };
  if ((is_handlers (fault) || mediation_rows[fault->kind].soap) && is_soap (request, &version))
    return (GwFaultAnswer){ words.status, write_soap_fault (&words, fault, version, body) };
  type = choose_type (fault, style, request, message_type);
  gw_fault_format (&words.body, type->format, body);
  return (GwFaultAnswer){ words.status, type->content_type };
}

GwFault
gw_fault_security (const GwApi *api, guint code)
{
  return (GwFault){ .kind = GW_FAULT_SECURITY,
                    .code = code,
                    .context = { api->context, strlen (api->context) },
                    .version = { api->version, strlen (api->version) } };
}

const char *
gw_fault_error_text (gint32 code)
{
  switch (code)
    {
    case GW_ERROR_RECEIVING:
      return "Error in Receiver";
    case GW_ERROR_CONNECT:
      return "Error connecting to the back end";
    case GW_ERROR_TIMEOUT:
      return "Send timeout";
    case GW_ERROR_NONE_READY:
    case GW_ERROR_SUSPENDED:
      return "No endpoint is ready";
    default:
      return "Error in Sender";
    }
}

GwFault
gw_fault_transport (GwErrorCode code, const GwEndpoint *endpoint)
{
  return (GwFault){ .kind = GW_FAULT_RUNTIME,
                    .code = (guint)code,
                    .endpoint = endpoint != NULL ? endpoint->name : NULL };
}
