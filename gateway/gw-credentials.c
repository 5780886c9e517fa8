#include "config.h"
#include "gateway/gw-credentials.h"

#include "net/net-http-field.h"

#include <string.h>

static const GwCredentialsSettings standard_1_x = {
  .generation = APIM_GATEWAY_1_9,
  .header = "Authorization",
  .segment = "Bearer",
  .delimiter = " ",
  .separator = ',',
  .client_domain = "referer",
};

static const GwCredentialsSettings standard_2_x = {
  .generation = APIM_GATEWAY_2_6,
  .header = "Authorization",
  .segment = "Bearer",
  .delimiter = " ",
  .separator = ',',
  .client_domain = "referer",
};

const GwCredentialsSettings *
gw_credentials_standard_settings (ApimGatewayGeneration generation)
{
  return generation < APIM_GATEWAY_2_2 ? &standard_1_x : &standard_2_x;
}

const char *
gw_credentials_header (const GwCredentialsSettings *settings, const GwApi *api)
{
  return api->chain.authorization_header != NULL ? api->chain.authorization_header : settings->header;
}

/* Since 2.2 the file of an API says both, the header and whether it goes on; then the node's setting, which
 * the file was made from, says nothing more. */
gboolean
gw_credentials_keeps_header (const GwCredentialsSettings *settings, const GwApi *api)
{
  if (api->chain.keep_authorization_header)
    return TRUE;
  return settings->keeps_header && api->chain.authorization_header == NULL;
}

/* The next word of @rest, up to the delimiter; words may be empty. FALSE: there is none. */
static gboolean
next_word (NetHttpText *rest, const char *delimiter, NetHttpText *word)
{
  gsize width = strlen (delimiter);
  const char *at;

  if (rest->text == NULL)
    return FALSE;
  at = width > 0 ? memmem (rest->text, rest->length, delimiter, width) : NULL;
  *word = *rest;
  if (at != NULL)
    {
      word->length = (gsize)(at - rest->text);
      rest->text += word->length + width;
      rest->length -= word->length + width;
    }
  else
    rest->text = NULL;
  *word = net_http_text_trim (*word);
  return TRUE;
}

static NetHttpText
strip_quotes (NetHttpText text)
{
  while (text.length > 0 && text.text[0] == '"')
    {
      text.text++;
      text.length--;
    }
  while (text.length > 0 && text.text[text.length - 1] == '"')
    text.length--;
  return text;
}

/* The token of one part of the value: the word behind the segment. Empty: it has none. */
static NetHttpText
find_in_part (const GwCredentialsSettings *settings, NetHttpText part)
{
  NetHttpText word;
  gboolean follows = FALSE;

  while (next_word (&part, settings->delimiter, &word))
    {
      if (word.length == 0)
        continue;
      if (follows)
        return strip_quotes (word);
      follows = net_http_text_equal (word, settings->segment);
    }
  return (NetHttpText){ NULL, 0 };
}

/* Up to 2.1 a value may begin with the scheme of OAuth 1.0 (1.5 item 1). */
static NetHttpText
skip_scheme (const GwCredentialsSettings *settings, NetHttpText value)
{
  if (settings->generation < APIM_GATEWAY_2_2 && value.length > 6
      && (memcmp (value.text, "OAuth ", 6) == 0 || memcmp (value.text, "oauth ", 6) == 0))
    {
      value.text += 6;
      value.length -= 6;
    }
  return value;
}

static GwCredentials
find_in_value (const GwCredentialsSettings *settings, NetHttpText value, NetHttpText *token)
{
  GwCredentials found = GW_CREDENTIALS_NONE;
  NetHttpText rest = skip_scheme (settings, value);

  while (rest.length > 0)
    {
      NetHttpText one = find_in_part (settings, net_http_text_cut (&rest, settings->separator));

      if (one.length == 0)
        continue;
      if (found == GW_CREDENTIALS_FOUND)
        return GW_CREDENTIALS_AMBIGUOUS;
      *token = one;
      found = GW_CREDENTIALS_FOUND;
    }
  return found;
}

GwCredentials
gw_credentials_find (const GwCredentialsSettings *settings, const GwApi *api, const NetHttpRequest *request,
                     NetHttpText *token)
{
  const char *name = gw_credentials_header (settings, api);
  gsize length = strlen (name);
  const NetHttpHeader *header = NULL;

  for (guint i = 0; i < request->n_headers; i++)
    {
      if (request->headers[i].name.length != length
          || !net_http_same_nocase (request->headers[i].name.text, name, length))
        continue;
      if (header != NULL)
        return GW_CREDENTIALS_AMBIGUOUS;
      header = &request->headers[i];
    }
  return header == NULL ? GW_CREDENTIALS_NONE : find_in_value (settings, header->value, token);
}

gboolean
gw_credentials_client_domain (const GwCredentialsSettings *settings, const NetHttpRequest *request,
                              NetHttpText *domain)
{
  return net_http_request_header (request, settings->client_domain, domain) && domain->length > 0;
}

NetHttpText
gw_credentials_client_address (const NetHttpRequest *request, const char *peer)
{
  NetHttpText value, first;

  if (net_http_request_named (request, NET_HTTP_NAME_X_FORWARDED_FOR, &value))
    {
      first = net_http_text_trim (net_http_text_cut (&value, ','));
      if (first.length > 0)
        return first;
    }
  return (NetHttpText){ peer, strlen (peer) };
}
