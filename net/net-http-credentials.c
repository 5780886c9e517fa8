#include "config.h"
#include "net/net-http-credentials.h"

#include <openssl/crypto.h>
#include <string.h>

/* What follows the scheme in the one Authorization header. */
static NetHttpCredentials
find_authorization (const NetHttpRequest *request, const char *scheme, NetHttpText *rest)
{
  gsize length = strlen (scheme);
  gboolean found = FALSE;

  for (guint i = 0; i < request->n_headers; i++)
    {
      if (!net_http_text_equal_nocase (request->headers[i].name, "Authorization"))
        continue;
      if (found) /* whoever is before us may have looked at the other one */
        return NET_HTTP_CREDENTIALS_MALFORMED;
      *rest = request->headers[i].value;
      found = TRUE;
    }
  if (!found || rest->length < length || g_ascii_strncasecmp (rest->text, scheme, length) != 0
      || (rest->length > length && rest->text[length] != ' '))
    return NET_HTTP_CREDENTIALS_NONE;
  rest->text += length;
  rest->length -= length;
  while (rest->length > 0 && *rest->text == ' ')
    {
      rest->text++;
      rest->length--;
    }
  return NET_HTTP_CREDENTIALS_FOUND;
}

static gboolean
is_base64 (NetHttpText text)
{
  gsize padding = 0;

  for (gsize i = 0; i < text.length; i++)
    {
      char c = text.text[i];

      if (c == '=')
        padding++;
      else if (padding > 0 || !(g_ascii_isalnum (c) || c == '+' || c == '/'))
        return FALSE;
    }
  return text.length > 0 && text.length % 4 == 0 && padding <= 2;
}

NetHttpCredentials
net_http_request_basic (const NetHttpRequest *request, NetHttpBasic *basic)
{
  NetHttpText encoded;
  NetHttpCredentials result = find_authorization (request, "Basic", &encoded);
  gint state = 0;
  guint save = 0;
  gsize length;
  char *colon;

  if (result != NET_HTTP_CREDENTIALS_FOUND)
    return result;
  if (!is_base64 (encoded) || encoded.length / 4 * 3 > NET_HTTP_MAX_CREDENTIALS)
    return NET_HTTP_CREDENTIALS_MALFORMED;
  length = g_base64_decode_step (encoded.text, encoded.length, (guchar *) basic->text, &state, &save);
  basic->text[length] = '\0';
  colon = memchr (basic->text, ':', length);
  if (colon == NULL || memchr (basic->text, '\0', length) != NULL)
    {
      net_http_basic_clear (basic);
      return NET_HTTP_CREDENTIALS_MALFORMED;
    }
  *colon = '\0';
  basic->user = basic->text;
  basic->password = colon + 1;
  return NET_HTTP_CREDENTIALS_FOUND;
}

void
net_http_basic_clear (NetHttpBasic *basic)
{
  OPENSSL_cleanse (basic, sizeof *basic);
}

NetHttpCredentials
net_http_request_bearer (const NetHttpRequest *request, NetHttpText *token)
{
  NetHttpCredentials result = find_authorization (request, "Bearer", token);

  if (result != NET_HTTP_CREDENTIALS_FOUND)
    return result;
  for (gsize i = 0; i < token->length; i++)
    if (!g_ascii_isalnum (token->text[i]) && strchr ("-._~+/=", token->text[i]) == NULL)
      return NET_HTTP_CREDENTIALS_MALFORMED;
  return token->length > 0 ? NET_HTTP_CREDENTIALS_FOUND : NET_HTTP_CREDENTIALS_MALFORMED;
}

static NetHttpText
trim_blanks (NetHttpText text)
{
  while (text.length > 0 && (*text.text == ' ' || *text.text == '\t'))
    {
      text.text++;
      text.length--;
    }
  while (text.length > 0 && (text.text[text.length - 1] == ' ' || text.text[text.length - 1] == '\t'))
    text.length--;
  return text;
}

/* Looks for the cookie in one header. */
static gboolean
find_cookie (NetHttpText header, const char *name, NetHttpText *value)
{
  gsize name_length = strlen (name);

  while (header.length > 0)
    {
      const char *semicolon = memchr (header.text, ';', header.length);
      gsize length = semicolon != NULL ? (gsize) (semicolon - header.text) : header.length;
      NetHttpText pair = trim_blanks ((NetHttpText){ header.text, length });

      header.text += MIN (length + 1, header.length);
      header.length -= MIN (length + 1, header.length);
      if (pair.length <= name_length || memcmp (pair.text, name, name_length) != 0 || pair.text[name_length] != '=')
        continue;
      *value = (NetHttpText){ pair.text + name_length + 1, pair.length - name_length - 1 };
      if (value->length >= 2 && value->text[0] == '"' && value->text[value->length - 1] == '"')
        *value = (NetHttpText){ value->text + 1, value->length - 2 };
      return TRUE;
    }
  return FALSE;
}

gboolean
net_http_request_cookie (const NetHttpRequest *request, const char *name, NetHttpText *value)
{
  for (guint i = 0; i < request->n_headers; i++)
    if (net_http_text_equal_nocase (request->headers[i].name, "Cookie")
        && find_cookie (request->headers[i].value, name, value))
      return TRUE;
  return FALSE;
}
