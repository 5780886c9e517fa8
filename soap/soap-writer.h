/* SOAP answers, written straight into a NetBuffer: envelope, elements, escaped texts, xsi:nil.
 * Names come with their prefix ("ns:return") and are ours; whoever writes an element declares its prefix.
 * Threads: pure functions over the caller's buffer. */
#ifndef SOAP_WRITER_H
#define SOAP_WRITER_H

#include "net/net-buffer.h"
#include "soap/soap-envelope.h"

G_BEGIN_DECLS

/* "application/soap+xml; charset=UTF-8" or "text/xml; charset=UTF-8". */
const char *soap_content_type (SoapVersion version);

/* The envelope up to and including <soapenv:Body>; xsi is declared. */
void soap_write_begin (NetBuffer *output, SoapVersion version);
void soap_write_end (NetBuffer *output);

/* Markup as it is: ours, never a peer's. */
#define SOAP_WRITE_MARKUP(output, literal) net_buffer_append (output, "" literal, sizeof literal - 1)
void soap_write_markup (NetBuffer *output, const char *markup);

/* @text as character data. What XML cannot hold (control characters, bytes that are no UTF-8) becomes U+FFFD. */
void soap_write_escaped (NetBuffer *output, const char *text, gsize length);

/* <name>text</name>; @text NULL: <name xsi:nil="true"/>. */
void soap_write_text (NetBuffer *output, const char *name, const char *text);
void soap_write_boolean (NetBuffer *output, const char *name, gboolean value);
void soap_write_integer (NetBuffer *output, const char *name, gint64 value);

G_END_DECLS
#endif
