#include "config.h"
#include "soap/soap-writer.h"

#include "common/apim-text.h"

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

const char *
soap_content_type (SoapVersion version)
{
  return version == SOAP_1_1 ? "text/xml; charset=UTF-8" : "application/soap+xml; charset=UTF-8";
}

void
soap_write_begin (NetBuffer *output, SoapVersion version)
{
  SOAP_WRITE_MARKUP (output, "<?xml version=\"1.0\" encoding=\"UTF-8\"?><soapenv:Envelope xmlns:soapenv=\"");
  soap_write_markup (output, version == SOAP_1_1 ? SOAP_NAMESPACE_1_1 : SOAP_NAMESPACE_1_2);
  SOAP_WRITE_MARKUP (output, "\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><soapenv:Body>");
}

void
soap_write_end (NetBuffer *output)
{
  SOAP_WRITE_MARKUP (output, "</soapenv:Body></soapenv:Envelope>");
}

void
soap_write_markup (NetBuffer *output, const char *markup)
{
  net_buffer_append (output, markup, strlen (markup));
}

/* Bytes that need no second look. */
static inline gboolean
is_plain (guchar c)
{
  return (c >= 0x20 && c < 0x7f && c != '<' && c != '>' && c != '&') || c == '\n' || c == '\t';
}

/* The one character at @at, which is not plain. Returns: its length in @at. */
static gsize
write_special (NetBuffer *output, const char *at, gsize length)
{
  gunichar c;

  switch (*at)
    {
    case '<':
      SOAP_WRITE_MARKUP (output, "&lt;");
      return 1;
    case '>':
      SOAP_WRITE_MARKUP (output, "&gt;");
      return 1;
    case '&':
      SOAP_WRITE_MARKUP (output, "&amp;");
      return 1;
    case '\r': /* as itself it would be read as a line feed */
      SOAP_WRITE_MARKUP (output, "&#13;");
      return 1;
    }
  c = g_utf8_get_char_validated (at, (gssize) length);
  if ((gint32) c < 0x20 || (c & 0xfffe) == 0xfffe)
    {
      SOAP_WRITE_MARKUP (output, REPLACEMENT);
      return (gint32) c < 0x20 ? 1 : (gsize) (g_utf8_next_char (at) - at);
    }
  net_buffer_append (output, at, g_utf8_next_char (at) - at);
  return g_utf8_next_char (at) - at;
}

void
soap_write_escaped (NetBuffer *output, const char *text, gsize length)
{
  const char *end = text + length;

  while (text < end)
    {
      const char *run = text;

      while (text < end && is_plain ((guchar) *text))
        text++;
      net_buffer_append (output, run, text - run);
      if (text < end)
        text += write_special (output, text, end - text);
    }
}

static void
open_element (NetBuffer *output, const char *name)
{
  SOAP_WRITE_MARKUP (output, "<");
  soap_write_markup (output, name);
  SOAP_WRITE_MARKUP (output, ">");
}

static void
close_element (NetBuffer *output, const char *name)
{
  SOAP_WRITE_MARKUP (output, "</");
  soap_write_markup (output, name);
  SOAP_WRITE_MARKUP (output, ">");
}

void
soap_write_text (NetBuffer *output, const char *name, const char *text)
{
  if (text == NULL)
    {
      SOAP_WRITE_MARKUP (output, "<");
      soap_write_markup (output, name);
      SOAP_WRITE_MARKUP (output, " xsi:nil=\"true\"/>");
      return;
    }
  open_element (output, name);
  soap_write_escaped (output, text, strlen (text));
  close_element (output, name);
}

void
soap_write_boolean (NetBuffer *output, const char *name, gboolean value)
{
  open_element (output, name);
  soap_write_markup (output, value ? "true" : "false");
  close_element (output, name);
}

void
soap_write_integer (NetBuffer *output, const char *name, gint64 value)
{
  char digits[24];
  ApimText text;

  apim_text_init (&text, digits, sizeof digits);
  apim_text_add_int (&text, value);
  open_element (output, name);
  soap_write_markup (output, digits);
  close_element (output, name);
}
