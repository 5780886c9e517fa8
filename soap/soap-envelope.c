#include "config.h"
#include "soap/soap-envelope.h"

#include <libxml/parser.h>
#include <string.h>

/* A document of 1 GiB would be past int; nobody hands over one. */
#define MAX_LENGTH G_MAXINT
/* The parser remembers every name that it has seen. Past this many it is made anew: strangers choose the names. */
#define MAX_KNOWN_NAMES 1024

#define XSI "http://www.w3.org/2001/XMLSchema-instance"
#define ROLE_NEXT_1_1 "http://schemas.xmlsoap.org/soap/actor/next"
#define ROLE_NEXT_1_2 SOAP_NAMESPACE_1_2 "/role/next"
#define ROLE_LAST_1_2 SOAP_NAMESPACE_1_2 "/role/ultimateReceiver"

static const char MALFORMED[] = "The message is not well-formed XML.";

/* Where in the envelope the parser is. */
typedef enum
{
  BEFORE_ENVELOPE,
  IN_ENVELOPE, /* no Header, no Body yet */
  IN_HEADER,
  AFTER_HEADER,
  IN_BODY,
  AFTER_BODY,
} Place;

struct _SoapReader
{
  xmlParserCtxt *parser; /* NULL: to be made */
  gsize max_text;
  guint max_equals_signs;
  guint max_elements;

  /* Of the message being read: */
  SoapRead result;
  const char *why;
  SoapVersion version;
  const char *version_namespace;
  Place place;
  guint depth;      /* open elements */
  guint n_elements; /* seen */
  char *texts;      /* room for as many bytes as the message has: decoded text is never longer than its markup */
  gsize texts_size;
  char *texts_end;
  SoapElement *open[SOAP_MAX_DEPTH]; /* by depth; those in the Body */
  gboolean has_child[SOAP_MAX_DEPTH];
  guint n_kept;
  SoapElement *kept; /* of the Body; room for max_elements */
};

/* The first thing that is wrong counts, and ends the parsing. */
static void
stop (SoapReader *reader, SoapRead result, const char *why)
{
  if (reader->result != SOAP_READ_DONE)
    return;
  reader->result = result;
  reader->why = why;
  xmlStopParser (reader->parser);
}

static void
refuse (SoapReader *reader, const char *why)
{
  stop (reader, SOAP_READ_REFUSED, why);
}

static gboolean
same (const xmlChar *a, const char *b)
{
  return a != NULL && strcmp ((const char *) a, b) == 0;
}

/* An attribute as libxml2's SAX2 interface hands it over. */
typedef struct
{
  const xmlChar *name, *prefix, *namespace, *value, *end;
} Attribute;

G_STATIC_ASSERT (sizeof (Attribute) == 5 * sizeof (const xmlChar *));

static gboolean
has_value (const Attribute *attribute, const char *value)
{
  gsize length = attribute->end - attribute->value;

  return strlen (value) == length && memcmp (attribute->value, value, length) == 0;
}

static const Attribute *
find_attribute (const xmlChar **attributes, int n, const char *namespace, const char *name)
{
  for (int i = 0; i < n; i++)
    {
      const Attribute *attribute = (const Attribute *) (attributes + 5 * i);

      if (same (attribute->name, name) && same (attribute->namespace, namespace))
        return attribute;
    }
  return NULL;
}

/* FALSE: refused. */
static gboolean
read_boolean (SoapReader *reader, const Attribute *attribute, const char *why, gboolean *value)
{
  *value = attribute != NULL && (has_value (attribute, "1") || has_value (attribute, "true"));
  if (attribute == NULL || *value || has_value (attribute, "0") || has_value (attribute, "false"))
    return TRUE;
  refuse (reader, why);
  return FALSE;
}

static void
start_envelope (SoapReader *reader, const xmlChar *name, const xmlChar *namespace)
{
  if (!same (name, "Envelope"))
    {
      refuse (reader, "The message is not a SOAP envelope.");
      return;
    }
  if (same (namespace, SOAP_NAMESPACE_1_1))
    reader->version = SOAP_1_1;
  else if (same (namespace, SOAP_NAMESPACE_1_2))
    reader->version = SOAP_1_2;
  else
    {
      stop (reader, SOAP_READ_OTHER_VERSION, "The envelope is neither of SOAP 1.1 nor of SOAP 1.2.");
      return;
    }
  reader->version_namespace = (const char *) namespace;
  reader->place = IN_ENVELOPE;
}

static void
start_part (SoapReader *reader, const xmlChar *name, const xmlChar *namespace)
{
  gboolean ours = same (namespace, reader->version_namespace);

  if (ours && same (name, "Header") && reader->place == IN_ENVELOPE)
    reader->place = IN_HEADER;
  else if (ours && same (name, "Body") && reader->place != AFTER_BODY)
    reader->place = IN_BODY;
  else
    refuse (reader, "The envelope must hold a Header, which may be missing, and a Body, and nothing else.");
}

/* Whether a header block is for us: without a role, or with one that we play (SOAP 1.1 4.2.2, SOAP 1.2-1 2.2). */
static gboolean
is_for_us (const SoapReader *reader, const xmlChar **attributes, int n)
{
  gboolean old = reader->version == SOAP_1_1;
  const Attribute *role = find_attribute (attributes, n, reader->version_namespace, old ? "actor" : "role");

  if (role == NULL || role->value == role->end)
    return TRUE;
  return old ? has_value (role, ROLE_NEXT_1_1) : has_value (role, ROLE_NEXT_1_2) || has_value (role, ROLE_LAST_1_2);
}

static void
start_block (SoapReader *reader, const xmlChar **attributes, int n)
{
  const Attribute *attribute = find_attribute (attributes, n, reader->version_namespace, "mustUnderstand");
  gboolean must;

  if (read_boolean (reader, attribute, "A header block's mustUnderstand is neither true nor false.", &must) && must
      && is_for_us (reader, attributes, n))
    stop (reader, SOAP_READ_NOT_UNDERSTOOD, "A header block must be understood, and no header block is known here.");
}

/* The text of an element that turns out to have children can only be white space. */
static void
drop_text (SoapReader *reader, SoapElement *element)
{
  for (const char *c = element->text; c < reader->texts_end; c++)
    if (!g_ascii_isspace (*c))
      refuse (reader, "There is text beside an element.");
  reader->texts_end = (char *) element->text;
}

static void
start_kept (SoapReader *reader, const xmlChar *name, const xmlChar *namespace, const xmlChar **attributes, int n)
{
  guint level = reader->depth;
  SoapElement *parent = reader->open[level - 1];
  SoapElement *element = &reader->kept[reader->n_kept];
  gboolean nil;

  if (parent == NULL && reader->n_kept > 0)
    {
      refuse (reader, "The Body holds more than one element.");
      return;
    }
  if (!read_boolean (reader, find_attribute (attributes, n, XSI, "nil"),
                     "An element's xsi:nil is neither true nor false.", &nil))
    return;
  if (parent != NULL && parent->nil)
    {
      refuse (reader, "An element with xsi:nil is not empty.");
      return;
    }
  if (parent != NULL && !reader->has_child[level - 1])
    drop_text (reader, parent);
  reader->has_child[level - 1] = TRUE;
  *element = (SoapElement){
    .namespace = (const char *) namespace, .name = (const char *) name, .text = reader->texts_end, .nil = nil
  };
  reader->n_kept++;
  reader->open[level] = element;
  reader->has_child[level] = FALSE;
}

static void
start_element (void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *namespace, int n_namespaces,
               const xmlChar **namespaces, int n_attributes, int n_defaulted, const xmlChar **attributes)
{
  SoapReader *reader = data;

  if (reader->result != SOAP_READ_DONE)
    return;
  if (reader->depth == SOAP_MAX_DEPTH)
    refuse (reader, "The message has too many elements within each other.");
  else if (++reader->n_elements > reader->max_elements)
    refuse (reader, "The message has too many elements.");
  else if (reader->depth == 0)
    start_envelope (reader, name, namespace);
  else if (reader->depth == 1)
    start_part (reader, name, namespace);
  else if (reader->place == IN_BODY)
    start_kept (reader, name, namespace, attributes, n_attributes);
  else if (reader->depth == 2)
    start_block (reader, attributes, n_attributes);
  if (reader->result == SOAP_READ_DONE)
    reader->depth++;
}

static void
end_kept (SoapReader *reader, SoapElement *element)
{
  if (reader->has_child[reader->depth])
    element->text = "";
  else
    {
      element->length = (guint32) (reader->texts_end - element->text);
      *reader->texts_end++ = '\0';
    }
  element->n_below = (guint32) (&reader->kept[reader->n_kept] - element) - 1;
  reader->open[reader->depth] = NULL;
}

static void
end_element (void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *namespace)
{
  SoapReader *reader = data;

  if (reader->result != SOAP_READ_DONE)
    return;
  reader->depth--;
  if (reader->depth >= 2 && reader->place == IN_BODY)
    end_kept (reader, reader->open[reader->depth]);
  else if (reader->depth == 1)
    reader->place = reader->place == IN_HEADER ? AFTER_HEADER : AFTER_BODY;
}

static gboolean
is_space (const xmlChar *bytes, int length)
{
  for (int i = 0; i < length; i++)
    if (!g_ascii_isspace (bytes[i]))
      return FALSE;
  return TRUE;
}

static void
take_text (void *data, const xmlChar *bytes, int length)
{
  SoapReader *reader = data;
  guint level = reader->depth - 1;
  SoapElement *element;

  if (reader->result != SOAP_READ_DONE || reader->depth == 0)
    return;
  element = reader->place == IN_BODY && reader->depth > 2 ? reader->open[level] : NULL;
  if (element == NULL || reader->has_child[level])
    {
      /* Within header blocks, which nobody reads, there may be anything. */
      if ((reader->place != IN_HEADER || reader->depth == 2) && !is_space (bytes, length))
        refuse (reader, "There is text beside an element.");
    }
  else if (element->nil)
    refuse (reader, "An element with xsi:nil is not empty.");
  else if (reader->texts_end - element->text + length > (gssize) reader->max_text)
    refuse (reader, "An element's text is too long.");
  else
    {
      memcpy (reader->texts_end, bytes, length);
      reader->texts_end += length;
    }
}

static void
refuse_doctype (void *data, const xmlChar *name, const xmlChar *external_id, const xmlChar *system_id)
{
  refuse (data, "A SOAP message has no DOCTYPE.");
}

static void
refuse_instruction (void *data, const xmlChar *target, const xmlChar *content)
{
  refuse (data, "A SOAP message has no processing instructions.");
}

/* Namespace errors too, which libxml2 does not take for fatal; warnings are nothing. */
static void
refuse_error (void *data, xmlErrorPtr error)
{
  if (error->level >= XML_ERR_ERROR)
    refuse (data, MALFORMED);
}

static void
make_parser (SoapReader *reader)
{
  xmlParserCtxt *parser = xmlNewParserCtxt ();

  if (parser == NULL)
    g_error ("out of memory");
  memset (parser->sax, 0, sizeof *parser->sax);
  parser->sax->initialized = XML_SAX2_MAGIC;
  parser->sax->startElementNs = start_element;
  parser->sax->endElementNs = end_element;
  parser->sax->characters = take_text;
  parser->sax->ignorableWhitespace = take_text;
  parser->sax->cdataBlock = take_text;
  parser->sax->internalSubset = refuse_doctype;
  parser->sax->processingInstruction = refuse_instruction;
  parser->sax->serror = refuse_error;
  parser->userData = reader;
  reader->parser = parser;
}

static SoapReader *
new_reader (guint max_elements)
{
  SoapReader *reader = g_new0 (SoapReader, 1);

  reader->max_text = SOAP_MAX_TEXT;
  reader->max_equals_signs = SOAP_MAX_EQUALS_SIGNS;
  reader->max_elements = max_elements;
  reader->kept = g_new (SoapElement, max_elements);
  return reader;
}

SoapReader *
soap_reader_new (void)
{
  return new_reader (SOAP_MAX_ELEMENTS);
}

SoapReader *
soap_reader_new_answers (void)
{
  SoapReader *reader = new_reader (SOAP_MAX_ANSWER_ELEMENTS);

  reader->max_equals_signs = SOAP_MAX_LARGE_EQUALS_SIGNS;
  return reader;
}

SoapReader *
soap_reader_new_large (void)
{
  SoapReader *reader = soap_reader_new ();

  reader->max_text = SOAP_MAX_LARGE_TEXT;
  reader->max_equals_signs = SOAP_MAX_LARGE_EQUALS_SIGNS;
  return reader;
}

void
soap_reader_free (SoapReader *reader)
{
  if (reader == NULL)
    return;
  if (reader->parser != NULL)
    xmlFreeParserCtxt (reader->parser);
  g_free (reader->texts);
  g_free (reader->kept);
  g_free (reader);
}

SoapReader *
soap_reader_of_thread (void)
{
  static GPrivate key = G_PRIVATE_INIT ((GDestroyNotify) soap_reader_free);
  SoapReader *reader = g_private_get (&key);

  if (reader == NULL)
    {
      reader = soap_reader_new ();
      g_private_set (&key, reader);
    }
  return reader;
}

/* Whether the XML declaration, if there is one, names an encoding that the bytes are in. What is no declaration at all
 * the parser will find. */
static gboolean
declares_utf8 (const char *bytes, gsize length)
{
  static const char mark[] = "\xef\xbb\xbf", begin[] = "<?xml", name[] = "encoding";
  const char *end, *at;
  char quote;

  if (length >= strlen (mark) && memcmp (bytes, mark, strlen (mark)) == 0)
    {
      bytes += strlen (mark);
      length -= strlen (mark);
    }
  if (length < strlen (begin) || memcmp (bytes, begin, strlen (begin)) != 0)
    return TRUE;
  end = memchr (bytes, '>', length);
  at = end == NULL ? NULL : g_strstr_len (bytes, end - bytes, name);
  if (at == NULL)
    return TRUE;
  /* The ">" ends every look below. */
  at += strlen (name);
  at += strspn (at, " \t\r\n=");
  quote = *at++;
  if (quote != '"' && quote != '\'')
    return TRUE;
  for (const char *const *known = (const char *const[]){ "utf-8", "us-ascii", "ascii", NULL }; *known != NULL; known++)
    if (g_ascii_strncasecmp (at, *known, strlen (*known)) == 0 && at[strlen (*known)] == quote)
      return TRUE;
  return FALSE;
}

/* What can be said before the parser sees the bytes. Returns: NULL, or why they are refused. */
static const char *
check_bytes (const SoapReader *reader, const char *bytes, gsize length)
{
  guint equals_signs = 0;

  if (length == 0)
    return "The message is empty.";
  if (length > MAX_LENGTH)
    return "The message is too large.";
  /* A NUL is no UTF-8 for this function, either: nor is anything in UTF-16 or UTF-32. */
  if (!g_utf8_validate (bytes, (gssize) length, NULL) || !declares_utf8 (bytes, length))
    return "The message is not in UTF-8.";
  for (const char *at = bytes; (at = memchr (at, '=', bytes + length - at)) != NULL; at++)
    if (++equals_signs > reader->max_equals_signs)
      return "The message has too many attributes.";
  return NULL;
}

static void
begin (SoapReader *reader, gsize length)
{
  if (reader->parser != NULL && xmlDictSize (reader->parser->dict) > MAX_KNOWN_NAMES)
    g_clear_pointer (&reader->parser, xmlFreeParserCtxt);
  if (reader->parser == NULL)
    make_parser (reader);
  if (reader->texts_size <= length)
    {
      g_free (reader->texts);
      reader->texts_size = MAX (2 * length, 4096);
      reader->texts = g_malloc (reader->texts_size);
    }
  reader->result = SOAP_READ_DONE;
  reader->why = NULL;
  reader->place = BEFORE_ENVELOPE;
  reader->depth = 0;
  reader->n_elements = 0;
  reader->n_kept = 0;
  reader->texts_end = reader->texts;
  reader->open[1] = NULL;
  reader->has_child[1] = FALSE;
}

SoapRead
soap_reader_read (SoapReader *reader, const void *bytes, gsize length, SoapEnvelope *envelope, const char **why)
{
  const char *wrong = check_bytes (reader, bytes, length);

  if (wrong != NULL)
    {
      *why = wrong;
      return SOAP_READ_REFUSED;
    }
  begin (reader, length);
  xmlCtxtReadMemory (reader->parser, bytes, (int) length, NULL, NULL,
                     XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_IGNORE_ENC);
  if (reader->result == SOAP_READ_DONE && (!reader->parser->wellFormed || !reader->parser->nsWellFormed))
    refuse (reader, MALFORMED);
  if (reader->result == SOAP_READ_DONE && reader->place != AFTER_BODY)
    refuse (reader, "The envelope has no Body.");
  envelope->version = reader->version;
  envelope->body_child = reader->n_kept > 0 ? &reader->kept[0] : NULL;
  *why = reader->why;
  return reader->result;
}

const SoapElement *
soap_element_next (const SoapElement *parent, const SoapElement *previous)
{
  const SoapElement *next = previous == NULL ? parent + 1 : previous + previous->n_below + 1;

  return next <= parent + parent->n_below ? next : NULL;
}

const SoapElement *
soap_element_next_named (const SoapElement *parent, const SoapElement *previous, const char *name)
{
  const SoapElement *child = previous;

  while ((child = soap_element_next (parent, child)) != NULL)
    if (strcmp (child->name, name) == 0)
      return child;
  return NULL;
}
