#include "config.h"
#include "gateway/gw-trailers.h"

#include "net/net-http-field.h"

#define NAME(name) { name, sizeof name - 1 }

static const NetHttpText never[] = {
  /* Framing, and what belongs to a connection. */
  NAME ("connection"), NAME ("content-length"), NAME ("expect"), NAME ("http2-settings"), NAME ("keep-alive"), NAME ("te"),
  NAME ("trailer"), NAME ("transfer-encoding"), NAME ("upgrade"),
  /* Routing. */
  NAME ("forwarded"), NAME ("host"), NAME ("max-forwards"), NAME ("soapaction"), NAME ("via"), NAME ("x-http-method"),
  NAME ("x-http-method-override"), NAME ("x-method-override"), NAME ("x-original-url"), NAME ("x-real-ip"),
  NAME ("x-rewrite-url"),
  /* Authentication and state. */
  NAME ("apikey"), NAME ("authentication-info"), NAME ("authorization"), NAME ("cookie"), NAME ("cookie2"),
  NAME ("set-cookie"), NAME ("set-cookie2"), NAME ("www-authenticate"), NAME ("x-api-key"), NAME ("x-auth-token"),
  /* Modifiers of requests, and where they come from. */
  NAME ("cache-control"), NAME ("origin"), NAME ("pragma"), NAME ("range"), NAME ("referer"), NAME ("user-agent"),
  /* Control of responses, and what browsers do with them. */
  NAME ("age"), NAME ("alt-svc"), NAME ("clear-site-data"), NAME ("content-security-policy"),
  NAME ("content-security-policy-report-only"), NAME ("date"), NAME ("expires"), NAME ("location"), NAME ("refresh"),
  NAME ("retry-after"), NAME ("server"), NAME ("strict-transport-security"), NAME ("vary"), NAME ("warning"),
  NAME ("x-content-type-options"), NAME ("x-frame-options"),
  /* How the body is to be read. */
  NAME ("content-disposition"), NAME ("content-encoding"), NAME ("content-language"), NAME ("content-location"),
  NAME ("content-range"), NAME ("content-type"),
  /* The gateway's own, and the Key Manager's. */
  NAME ("activityid"), NAME ("assertion"), NAME ("authorizeduser"), NAME ("deactivatedaccesstoken"),
  NAME ("revokedaccesstoken"), NAME ("revokedrefreshtoken"), NAME ("traceparent"), NAME ("tracestate"),
  NAME (GW_HEADERS_DEFAULT_VERSION), NAME ("x-jwt-assertion"),
};

static const NetHttpText never_begins[] = {
  NAME ("accept"), NAME ("access-control-"), NAME ("if-"), NAME ("proxy-"), NAME ("sec-"), NAME ("x-forwarded-"),
};

static NetHttpText
text_of (const char *text)
{
  return (NetHttpText){ text, strlen (text) };
}

static gboolean
begins_with (NetHttpText name, NetHttpText prefix)
{
  return name.length >= prefix.length
         && gw_headers_is_same_variable ((NetHttpText){ name.text, prefix.length }, prefix);
}

static gboolean
is_changed (const GwTrailerRules *rules, NetHttpText name)
{
  for (guint i = 0; i < rules->n_changes; i++)
    {
      GwText changed = rules->changes[i].name;

      if (gw_headers_is_same_variable (name, (NetHttpText){ changed.text, changed.length }))
        return TRUE;
    }
  return FALSE;
}

/* Cuts the next element off a list. Returns: FALSE: there is none. */
static gboolean
next_element (NetHttpText *list, NetHttpText *element)
{
  while (list->length > 0)
    {
      *element = net_http_text_trim (net_http_text_cut (list, ','));
      if (element->length > 0)
        return TRUE;
    }
  return FALSE;
}

static gboolean
is_named (const GwTrailerRules *rules, NetHttpText name)
{
  for (guint i = 0; i < rules->n_headers; i++)
    {
      NetHttpText list = rules->headers[i].value, element;

      if (net_http_header_id (&rules->headers[i]) != NET_HTTP_NAME_CONNECTION)
        continue;
      while (next_element (&list, &element))
        if (gw_headers_is_same_variable (name, element))
          return TRUE;
    }
  return FALSE;
}

gboolean
gw_trailers_pass (const GwTrailerRules *rules, NetHttpText name)
{
  if (!net_http_text_is_token (name))
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (never); i++)
    if (gw_headers_is_same_variable (name, never[i]))
      return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (never_begins); i++)
    if (begins_with (name, never_begins[i]))
      return FALSE;
  if (gw_headers_is_same_variable (name, text_of (rules->jwt_header))
      || (rules->token_header != NULL && gw_headers_is_same_variable (name, text_of (rules->token_header))))
    return FALSE;
  return !is_changed (rules, name) && !is_named (rules, name);
}

static void
append (NetBuffer *output, NetHttpText text)
{
  net_buffer_append (output, text.text, text.length);
}

void
gw_trailers_append (const GwTrailerRules *rules, NetHttpText lines, NetBuffer *output)
{
  while (lines.length > 0)
    {
      NetHttpText line = net_http_text_cut_line (&lines);
      NetHttpText name = net_http_text_cut (&line, ':');

      if (!gw_trailers_pass (rules, name))
        continue;
      append (output, name);
      append (output, text_of (": "));
      append (output, net_http_text_trim (line));
      append (output, text_of ("\r\n"));
    }
}

void
gw_trailers_append_names (const GwTrailerRules *rules, NetBuffer *output)
{
  gboolean any = FALSE;

  for (guint i = 0; i < rules->n_headers; i++)
    {
      NetHttpText list = rules->headers[i].value, name;

      if (net_http_header_id (&rules->headers[i]) != NET_HTTP_NAME_TRAILER)
        continue;
      while (next_element (&list, &name))
        {
          if (!gw_trailers_pass (rules, name))
            continue;
          append (output, text_of (any ? ", " : "Trailer: "));
          append (output, name);
          any = TRUE;
        }
    }
  if (any)
    append (output, text_of ("\r\n"));
}

gboolean
gw_trailers_are_asked_for (const NetHttpRequest *request)
{
  for (guint i = 0; request->minor_version > 0 && i < request->n_headers; i++)
    {
      NetHttpText list = request->headers[i].value, element;

      if (net_http_header_id (&request->headers[i]) != NET_HTTP_NAME_TE)
        continue;
      while (next_element (&list, &element))
        if (net_http_text_equal_nocase (element, "trailers"))
          return TRUE;
    }
  return FALSE;
}

gboolean
gw_trailers_connection_names (const NetHttpHeader *headers, guint n_headers)
{
  for (guint i = 0; i < n_headers; i++)
    {
      NetHttpText list = headers[i].value, element;

      if (net_http_header_id (&headers[i]) != NET_HTTP_NAME_CONNECTION)
        continue;
      while (next_element (&list, &element))
        if (!net_http_text_equal_nocase (element, "close") && !gw_headers_is_of_connection (element))
          return TRUE;
    }
  return FALSE;
}
