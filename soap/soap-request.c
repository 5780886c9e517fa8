#include "config.h"
#include "soap/soap-request.h"

#include "net/net-http-chars.h"

#define ACTION_PREFIX "urn:"

static void
skip_spaces (const char **at, const char *end)
{
  while (*at < end && (**at == ' ' || **at == '\t'))
    (*at)++;
}

static NetHttpText
take_token (const char **at, const char *end)
{
  NetHttpText token = { *at, 0 };

  while (*at < end && net_http_is_token_char (**at))
    (*at)++;
  token.length = *at - token.text;
  return token;
}

/* A token or a quoted string; FALSE: neither. A quoted string with a backslash is not taken: no charset and no action
 * of ours has one. */
static gboolean
take_value (const char **at, const char *end, NetHttpText *value)
{
  const char *quote;

  if (*at == end || **at != '"')
    {
      *value = take_token (at, end);
      return value->length > 0;
    }
  quote = memchr (*at + 1, '"', end - *at - 1);
  if (quote == NULL || memchr (*at, '\\', quote - *at) != NULL)
    return FALSE;
  *value = (NetHttpText){ *at + 1, quote - *at - 1 };
  *at = quote + 1;
  return TRUE;
}

/* ";" name "=" value (RFC 9110 5.6.6). */
static gboolean
take_parameter (const char **at, const char *end, NetHttpText *name, NetHttpText *value)
{
  if (**at != ';')
    return FALSE;
  (*at)++;
  skip_spaces (at, end);
  *name = take_token (at, end);
  *value = (NetHttpText){ NULL, 0 };
  if (name->length == 0)
    return *at == end || **at == ';'; /* an empty parameter is allowed */
  if (*at == end || **at != '=')
    return FALSE;
  (*at)++;
  return take_value (at, end, value);
}

static gboolean
is_utf8_name (NetHttpText charset)
{
  return net_http_text_equal_nocase (charset, "utf-8") || net_http_text_equal_nocase (charset, "utf8")
         || net_http_text_equal_nocase (charset, "us-ascii");
}

static gboolean
read_content_type (SoapHead *head, NetHttpText type, const char **why)
{
  static const char syntax[] = "the Content-Type cannot be read";
  const char *at = type.text, *end = type.text + type.length;
  const char *start = at;
  NetHttpText name, value, media_type;

  while (at < end && (net_http_is_token_char (*at) || *at == '/'))
    at++;
  media_type = (NetHttpText){ start, at - start };
  if (net_http_text_equal_nocase (media_type, "text/xml"))
    head->version = SOAP_1_1;
  else if (net_http_text_equal_nocase (media_type, "application/soap+xml"))
    head->version = SOAP_1_2;
  else
    {
      *why = "a SOAP message is of type text/xml (SOAP 1.1) or application/soap+xml (SOAP 1.2)";
      return FALSE;
    }
  for (skip_spaces (&at, end); at < end; skip_spaces (&at, end))
    {
      if (!take_parameter (&at, end, &name, &value))
        {
          *why = syntax;
          return FALSE;
        }
      if (net_http_text_equal_nocase (name, "charset") && !is_utf8_name (value))
        {
          *why = "SOAP messages are read in UTF-8 only";
          return FALSE;
        }
      if (net_http_text_equal_nocase (name, "action") && head->version == SOAP_1_2)
        head->action = value;
    }
  return TRUE;
}

static NetHttpText
without_quotes (NetHttpText text)
{
  if (text.length >= 2 && text.text[0] == '"' && text.text[text.length - 1] == '"')
    return (NetHttpText){ text.text + 1, text.length - 2 };
  return text;
}

gboolean
soap_head_read (SoapHead *head, const NetHttpRequest *request, const char **why)
{
  NetHttpText value;

  *head = (SoapHead){ SOAP_1_1, { "", 0 } };
  if (net_http_request_header (request, "Content-Encoding", &value) && !net_http_text_equal_nocase (value, "identity"))
    {
      *why = "compressed messages are not read";
      return FALSE;
    }
  if (!net_http_request_header (request, "Content-Type", &value))
    {
      *why = "the request has no Content-Type";
      return FALSE;
    }
  if (!read_content_type (head, value, why))
    return FALSE;
  /* SOAP 1.1's header; a client of 1.2 that sends it as well means the same by it. */
  if (head->action.length == 0 && net_http_request_header (request, "SOAPAction", &value))
    head->action = without_quotes (value);
  return TRUE;
}

gboolean
soap_head_names (const SoapHead *head, const char *operation)
{
  NetHttpText action = head->action;

  if (action.length > strlen (ACTION_PREFIX) && memcmp (action.text, ACTION_PREFIX, strlen (ACTION_PREFIX)) == 0)
    {
      action.text += strlen (ACTION_PREFIX);
      action.length -= strlen (ACTION_PREFIX);
    }
  return action.length == 0 || net_http_text_equal (action, operation);
}
