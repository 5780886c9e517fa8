/* The formats of 2.5: what the message formatters of a WSO2 gateway make of a fault element. */
#include "config.h"
#include "gateway/gw-fault-private.h"

#include "soap/soap-writer.h"

#include <string.h>

/* Values hold no line end, so none of them holds this behind one. */
#define BOUNDARY "MIMEBoundary_fault"

static const GwFaultType types[] = {
  { "application/xml", GW_FAULT_FORMAT_XML, "application/xml; charset=UTF-8" },
  { "application/json", GW_FAULT_FORMAT_JSON, "application/json; charset=UTF-8" },
  { "text/xml", GW_FAULT_FORMAT_SOAP_1_1, "text/xml; charset=UTF-8" },
  { "application/soap+xml", GW_FAULT_FORMAT_SOAP_1_2, "application/soap+xml; charset=UTF-8" },
  { "text/html", GW_FAULT_FORMAT_XML, "text/html; charset=UTF-8" },
  { "text/plain", GW_FAULT_FORMAT_TEXT, "text/plain; charset=UTF-8" },
  { "text/javascript", GW_FAULT_FORMAT_JSON, "text/javascript; charset=UTF-8" },
  { "application/json/badgerfish", GW_FAULT_FORMAT_BADGERFISH, "application/json/badgerfish; charset=UTF-8" },
  { "application/x-www-form-urlencoded", GW_FAULT_FORMAT_FORM, "application/x-www-form-urlencoded" },
  { "multipart/form-data", GW_FAULT_FORMAT_MULTIPART, "multipart/form-data; boundary=" BOUNDARY },
};

const GwFaultType *
gw_fault_type_find (const char *name, gsize length)
{
  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    if (strlen (types[i].name) == length && g_ascii_strncasecmp (types[i].name, name, length) == 0)
      return &types[i];
  return NULL;
}

static void
put (NetBuffer *output, const char *text)
{
  net_buffer_append (output, text, strlen (text));
}

/* "fault" or "ams:fault". */
static void
put_name (NetBuffer *output, const GwFaultBody *body, const char *name)
{
  if (body->prefix != NULL)
    {
      put (output, body->prefix);
      put (output, ":");
    }
  put (output, name);
}

static void
put_xml (NetBuffer *output, const GwFaultBody *body)
{
  put (output, "<");
  put_name (output, body, body->root);
  if (body->prefix != NULL)
    {
      put (output, " xmlns:");
      put (output, body->prefix);
      put (output, "=\"");
      put (output, body->namespace);
      put (output, "\"");
    }
  put (output, ">");
  for (guint i = 0; i < body->n_children; i++)
    {
      put (output, "<");
      put_name (output, body, body->children[i].name);
      put (output, ">");
      soap_write_escaped (output, body->children[i].value, strlen (body->children[i].value));
      put (output, "</");
      put_name (output, body, body->children[i].name);
      put (output, ">");
    }
  put (output, "</");
  put_name (output, body, body->root);
  put (output, ">");
}

static void
put_envelope (NetBuffer *output, const GwFaultBody *body, SoapVersion version)
{
  soap_write_begin (output, version);
  put_xml (output, body);
  soap_write_end (output);
}

/* A JSON string; '/' stays as it is, '<' does not, so that no browser that is told this were HTML reads a tag. */
static void
put_string (NetBuffer *output, const char *text)
{
  put (output, "\"");
  while (*text != '\0')
    {
      gsize run = strcspn (text, "\"\\<");

      net_buffer_append (output, text, run);
      text += run;
      if (*text == '\0')
        break;
      put (output, *text == '"' ? "\\\"" : *text == '\\' ? "\\\\" : "\\u003c");
      text++;
    }
  put (output, "\"");
}

/* What the JSON formatter writes as a number. */
static gboolean
is_number (const char *text)
{
  gsize length = strspn (text, "0123456789");

  return length > 0 && length <= 15 && text[length] == '\0' && (*text != '0' || length == 1);
}

static void
put_json (NetBuffer *output, const GwFaultBody *body)
{
  put (output, "{");
  put_string (output, body->root);
  put (output, ":{");
  for (guint i = 0; i < body->n_children; i++)
    {
      const GwFaultChild *child = &body->children[i];

      if (i > 0)
        put (output, ",");
      put_string (output, child->name);
      put (output, ":");
      if (is_number (child->value))
        put (output, child->value);
      else
        put_string (output, child->value);
    }
  put (output, "}}");
}

/* http://badgerfish.ning.com: names with their prefix, texts under "$", namespaces where they are declared. */
static void
put_badgerfish (NetBuffer *output, const GwFaultBody *body)
{
  put (output, "{\"");
  put_name (output, body, body->root);
  put (output, "\":{");
  if (body->prefix != NULL)
    {
      put (output, "\"@xmlns\":{");
      put_string (output, body->prefix);
      put (output, ":");
      put_string (output, body->namespace);
      put (output, "},");
    }
  for (guint i = 0; i < body->n_children; i++)
    {
      put (output, i > 0 ? ",\"" : "\"");
      put_name (output, body, body->children[i].name);
      put (output, "\":{\"$\":");
      put_string (output, body->children[i].value);
      put (output, "}");
    }
  put (output, "}}");
}

static void
put_text (NetBuffer *output, const GwFaultBody *body)
{
  for (guint i = 0; i < body->n_children; i++)
    {
      put (output, body->children[i].name);
      put (output, ": ");
      put (output, body->children[i].value);
      put (output, "\n");
    }
}

/* application/x-www-form-urlencoded percent-encode set of the URL standard. */
static void
put_form_value (NetBuffer *output, const char *text)
{
  static const char digits[] = "0123456789ABCDEF";

  for (; *text != '\0'; text++)
    {
      guchar c = (guchar)*text;
      const char encoded[3] = { '%', digits[c >> 4], digits[c & 15] };

      if (g_ascii_isalnum (*text) || strchr ("*-._", *text) != NULL)
        net_buffer_append (output, text, 1);
      else if (c == ' ')
        put (output, "+");
      else
        net_buffer_append (output, encoded, sizeof encoded);
    }
}

static void
put_form (NetBuffer *output, const GwFaultBody *body)
{
  for (guint i = 0; i < body->n_children; i++)
    {
      if (i > 0)
        put (output, "&");
      put (output, body->children[i].name);
      put (output, "=");
      put_form_value (output, body->children[i].value);
    }
}

static void
put_multipart (NetBuffer *output, const GwFaultBody *body)
{
  for (guint i = 0; i < body->n_children; i++)
    {
      put (output, "--" BOUNDARY "\r\nContent-Disposition: form-data; name=\"");
      put (output, body->children[i].name);
      put (output, "\"\r\n\r\n");
      put (output, body->children[i].value);
      put (output, "\r\n");
    }
  put (output, "--" BOUNDARY "--\r\n");
}

void
gw_fault_format (const GwFaultBody *body, GwFaultFormat format, NetBuffer *output)
{
  switch (format)
    {
    case GW_FAULT_FORMAT_XML:
      put_xml (output, body);
      break;
    case GW_FAULT_FORMAT_SOAP_1_1:
      put_envelope (output, body, SOAP_1_1);
      break;
    case GW_FAULT_FORMAT_SOAP_1_2:
      put_envelope (output, body, SOAP_1_2);
      break;
    case GW_FAULT_FORMAT_JSON:
      put_json (output, body);
      break;
    case GW_FAULT_FORMAT_BADGERFISH:
      put_badgerfish (output, body);
      break;
    case GW_FAULT_FORMAT_TEXT:
      put_text (output, body);
      break;
    case GW_FAULT_FORMAT_FORM:
      put_form (output, body);
      break;
    case GW_FAULT_FORMAT_MULTIPART:
      put_multipart (output, body);
      break;
    }
}
