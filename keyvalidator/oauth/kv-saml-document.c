#include "config.h"
#include "keyvalidator/oauth/kv-saml-document.h"

#include "keyvalidator/oauth/kv-saml-provider.h"

#include <libxml/parser.h>
#include <string.h>

static gboolean
refuse (GError **error, const char *why)
{
  g_set_error_literal (error, KV_SAML_ERROR, KV_SAML_ERROR_REFUSED, why);
  return FALSE;
}

/* What the parser's call-backs leave behind. */
typedef struct
{
  const char *why; /* nullable; static */
} ParseState;

static void
stop (xmlParserCtxt *parser, const char *why)
{
  ParseState *state = parser->_private;

  if (state->why == NULL)
    state->why = why;
  xmlStopParser (parser);
}

static void
refuse_doctype (void *parser, const xmlChar *name, const xmlChar *external_id, const xmlChar *system_id)
{
  stop (parser, "the assertion has a DOCTYPE");
}

static void
refuse_instruction (void *parser, const xmlChar *target, const xmlChar *content)
{
  stop (parser, "the assertion has processing instructions");
}

/* Namespace errors too, which libxml2 does not take for fatal; warnings are nothing. */
static void
refuse_error (void *parser, xmlErrorPtr error)
{
  if (error->level >= XML_ERR_ERROR)
    stop (parser, "the assertion is not well-formed XML");
}

static xmlDoc *
parse (const char *bytes, gsize length, GError **error)
{
  ParseState state = { NULL };
  xmlParserCtxt *parser = xmlNewParserCtxt ();
  xmlDoc *document;

  if (parser == NULL)
    g_error ("out of memory");
  parser->_private = &state;
  parser->sax->internalSubset = refuse_doctype;
  parser->sax->processingInstruction = refuse_instruction;
  parser->sax->serror = refuse_error;
  document = xmlCtxtReadMemory (parser, bytes, (int)length, NULL, "UTF-8",
                                XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
  if (state.why == NULL
      && (document == NULL || !parser->wellFormed || xmlDocGetRootElement (document) == NULL))
    state.why = "the assertion is not well-formed XML";
  xmlFreeParserCtxt (parser);
  if (state.why != NULL)
    {
      refuse (error, state.why);
      g_clear_pointer (&document, xmlFreeDoc);
    }
  return document;
}

static gboolean
check_bytes (const char *bytes, gsize length, GError **error)
{
  guint n = 0;

  if (length > KV_SAML_MAX_BYTES)
    return refuse (error, "the assertion is too large");
  if (!g_utf8_validate_len (bytes, length, NULL))
    return refuse (error, "the assertion is not in UTF-8");
  for (gsize i = 0; i < length; i++)
    n += bytes[i] == '=';
  return n <= KV_SAML_MAX_EQUALS_SIGNS || refuse (error, "the assertion has too many attributes");
}

static guint
depth_of (const xmlNode *node)
{
  guint depth = 0;

  while (node->type == XML_ELEMENT_NODE)
    {
      depth++;
      node = node->parent;
    }
  return depth;
}

/* Checked after the parser, which goes no deeper than 256 by itself, and before anything that recurses. */
static gboolean
check_shape (xmlDoc *document, GError **error)
{
  xmlNode *root = xmlDocGetRootElement (document);
  guint n = 0;

  for (xmlNode *node = root; node != NULL; node = kv_saml_walk (root, node))
    {
      if (++n > KV_SAML_MAX_ELEMENTS)
        return refuse (error, "the assertion has too many elements");
      if (depth_of (node) > KV_SAML_MAX_DEPTH)
        return refuse (error, "the assertion has too many elements within each other");
    }
  return TRUE;
}

xmlDoc *
kv_saml_document_parse (const char *bytes, gsize length, GError **error)
{
  g_autoptr (xmlDoc) document = check_bytes (bytes, length, error) ? parse (bytes, length, error) : NULL;

  return document != NULL && check_shape (document, error) ? g_steal_pointer (&document) : NULL;
}

gboolean
kv_saml_is (const xmlNode *node, const char *namespace, const char *name)
{
  return node->type == XML_ELEMENT_NODE && node->ns != NULL && node->ns->href != NULL
         && strcmp ((const char *)node->name, name) == 0
         && strcmp ((const char *)node->ns->href, namespace) == 0;
}

xmlNode *
kv_saml_next (const xmlNode *parent, const xmlNode *previous, const char *namespace, const char *name)
{
  xmlNode *node = previous != NULL ? previous->next : parent->children;

  while (node != NULL && !kv_saml_is (node, namespace, name))
    node = node->next;
  return node;
}

xmlNode *
kv_saml_only (const xmlNode *parent, const char *namespace, const char *name)
{
  xmlNode *node = kv_saml_next (parent, NULL, namespace, name);

  return node != NULL && kv_saml_next (parent, node, namespace, name) == NULL ? node : NULL;
}

char *
kv_saml_attribute (const xmlNode *node, const char *name)
{
  xmlChar *value = xmlGetNoNsProp (node, (const xmlChar *)name);
  char *copy = g_strdup ((const char *)value);

  xmlFree (value);
  return copy;
}

char *
kv_saml_text (const xmlNode *node)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (const xmlNode *child = node->children; child != NULL; child = child->next)
    {
      if (child->type == XML_TEXT_NODE || child->type == XML_CDATA_SECTION_NODE)
        g_string_append (text, child->content != NULL ? (const char *)child->content : "");
      else if (child->type != XML_COMMENT_NODE)
        return NULL;
    }
  return g_strstrip (g_string_free (g_steal_pointer (&text), FALSE));
}

static xmlNode *
first_element (xmlNode *node)
{
  while (node != NULL && node->type != XML_ELEMENT_NODE)
    node = node->next;
  return node;
}

xmlNode *
kv_saml_walk (const xmlNode *root, const xmlNode *node)
{
  xmlNode *next = first_element (node->children);

  while (next == NULL && node != root)
    {
      next = first_element (node->next);
      node = node->parent;
    }
  return next;
}
