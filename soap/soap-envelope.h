/* SOAP 1.1 and 1.2 envelopes, read (spec/soap-and-oauth.md 1.3, 1.7, 1.10).
 *
 * Parsed by libxml2's SAX2 interface into a flat list of elements; no tree is made, nothing is loaded, and no entity is
 * known but XML's own five. Refused: a DOCTYPE, processing instructions, text beside elements, anything behind the
 * Body, and whatever is over a limit.
 *
 * Encoding: UTF-8, and US-ASCII, which is a part of it; a byte order mark is let through. Every SOAP stack sends UTF-8
 * unless it is told otherwise; a message in anything else (UTF-16 too, which WS-I would have us read) is refused as
 * such, because each further encoding is a further way to show one text to those who check it and another one to us.
 * What an XML declaration says must agree.
 *
 * Reader: one per thread, kept between messages. What an envelope points to lives until the reader reads again.
 * Fuzz target: tests/fuzz/fuzz-soap.c.
 * Threads: one at a time. */
#ifndef SOAP_ENVELOPE_H
#define SOAP_ENVELOPE_H

#include <glib.h>

G_BEGIN_DECLS

/* Elements, Envelope and header blocks included. */
#define SOAP_MAX_ELEMENTS 512
/* Elements within each other, the Envelope counted. */
#define SOAP_MAX_DEPTH 24
/* Bytes of one element's text. */
#define SOAP_MAX_TEXT (64 * 1024)
/* Attributes and namespace declarations of a message, counted by their "=": the parser's time grows with the square of
 * those of one element. */
#define SOAP_MAX_EQUALS_SIGNS 1024
/* The same where administrators send whole files as one text. */
#define SOAP_MAX_LARGE_TEXT (4 * 1024 * 1024)
#define SOAP_MAX_LARGE_EQUALS_SIGNS 65536

/* Elements of an answer to us: lists of what an API has, each of some 30 elements; and of lists that those send who are
 * known already. */
#define SOAP_MAX_ANSWER_ELEMENTS 32768

#define SOAP_NAMESPACE_1_1 "http://schemas.xmlsoap.org/soap/envelope/"
#define SOAP_NAMESPACE_1_2 "http://www.w3.org/2003/05/soap-envelope"

typedef enum
{
  SOAP_1_1,
  SOAP_1_2,
} SoapVersion;

/* An element of the Body, or below it. Its children follow it in memory, each with its own. */
typedef struct
{
  const char *namespace; /* nullable */
  const char *name;      /* local name */
  const char *text;      /* terminated; "" where there are children or nothing */
  guint32 length;
  guint32 n_below; /* elements below this one, at any depth */
  gboolean nil;    /* xsi:nil */
} SoapElement;

typedef struct
{
  SoapVersion version;
  const SoapElement *body_child; /* the operation; NULL: the Body is empty */
} SoapEnvelope;

typedef enum
{
  SOAP_READ_DONE,
  SOAP_READ_REFUSED,        /* no envelope that we take: the sender's fault */
  SOAP_READ_OTHER_VERSION,  /* the envelope is of no SOAP version known here */
  SOAP_READ_NOT_UNDERSTOOD, /* a header block that must be understood, and is not */
} SoapRead;

typedef struct _SoapReader SoapReader;

SoapReader *soap_reader_new (void);
/* For messages whose texts may be files: only where the sender is known already. Not to be kept: it holds twice the
 * largest message. */
SoapReader *soap_reader_new_large (void);
/* For answers of servers that this node trusts with its password, and lists of those that it knows: up to SOAP_MAX_ANSWER_ELEMENTS, and as many equals
 * signs as a large message has. It holds 1.3 MB. */
SoapReader *soap_reader_new_answers (void);
void soap_reader_free (SoapReader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoapReader, soap_reader_free)

/* The reader of the calling thread. */
SoapReader *soap_reader_of_thread (void);

/* @why: (out): unless DONE: what is wrong, in words for the sender (static). */
SoapRead soap_reader_read (SoapReader *reader, const void *bytes, gsize length, SoapEnvelope *envelope,
                           const char **why);

/* The next child of @parent behind @previous (nullable: the first one); NULL: there is none. */
const SoapElement *soap_element_next (const SoapElement *parent, const SoapElement *previous);

/* The next child with this local name, whatever its namespace. Repeated parameters are children of one name. */
const SoapElement *soap_element_next_named (const SoapElement *parent, const SoapElement *previous, const char *name);

G_END_DECLS
#endif
