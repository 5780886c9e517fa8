#include "config.h"
#include "common/apim-xml.h"

#include "common/apim-config.h"
#include "common/apim-secret.h"

#include <errno.h>
#include <fcntl.h>
#include <libxml/parser.h>
#include <libxml/xmlerror.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define QUOTED_MAX 64 /* characters of a bad value that a message repeats */

/* What the parser's call-backs leave behind. */
typedef struct
{
  int doctype_line; /* 0: none */
  int error_code;   /* the first fatal error; 0: none */
  int error_line;
} ParseState;

/* Texts of our own: libxml2's repeat pieces of the file, which may be pieces of a password. */
static const struct
{
  int code;
  const char *reason;
} syntax_reasons[] = {
  { XML_ERR_DOCUMENT_EMPTY, "there is no element in the file" },
  { XML_ERR_DOCUMENT_END, "there is something after the end of the root element" },
  { XML_ERR_TAG_NAME_MISMATCH, "an end tag does not fit the start tag before it" },
  { XML_ERR_TAG_NOT_FINISHED, "the file ends inside an element" },
  { XML_ERR_GT_REQUIRED, "a tag is not closed with >" },
  { XML_ERR_LT_IN_ATTRIBUTE, "there is a < in an attribute: write it as &lt;" },
  { XML_ERR_LTSLASH_REQUIRED, "an end tag is missing" },
  { XML_ERR_ATTRIBUTE_NOT_STARTED, "an attribute's value has no quotes" },
  { XML_ERR_ATTRIBUTE_WITHOUT_VALUE, "an attribute has no value" },
  { XML_ERR_ATTRIBUTE_REDEFINED, "an attribute is given twice" },
  { XML_ERR_NAME_REQUIRED, "a & or < begins no entity or tag: write them as &amp; and &lt;" },
  { XML_ERR_ENTITYREF_SEMICOL_MISSING, "a & begins no entity: write it as &amp;" },
  { XML_ERR_UNDECLARED_ENTITY, "a & begins no entity that XML defines: write it as &amp;" },
  { XML_ERR_COMMENT_NOT_FINISHED, "a comment is not closed with -->" },
  { XML_ERR_INVALID_CHAR, "there is a character that XML does not allow, or a byte that the encoding does not" },
  { XML_ERR_INVALID_ENCODING, "there are bytes that are not in the file's encoding" },
  { XML_ERR_UNSUPPORTED_ENCODING, "the encoding that the file names is not known" },
};

static void
refuse_doctype (void *context, const xmlChar *name, const xmlChar *external_id, const xmlChar *system_id)
{
  xmlParserCtxt *parser = context;
  ParseState *state = parser->_private;

  state->doctype_line = parser->input != NULL ? parser->input->line : 1;
  xmlStopParser (parser);
}

static void
keep_first_error (void *context, xmlErrorPtr error)
{
  xmlParserCtxt *parser = context;
  ParseState *state = parser->_private;

  if (state->error_code == 0 && error->level == XML_ERR_FATAL)
    {
      state->error_code = error->code;
      state->error_line = error->line;
    }
}

static void
set_syntax_error (const char *label, const ParseState *state, GError **error)
{
  if (state->doctype_line != 0)
    {
      g_set_error (error, APIM_CONFIG_ERROR, APIM_CONFIG_ERROR_SYNTAX,
                   "%s:%d: a DOCTYPE is not allowed in a configuration file: remove it", label, state->doctype_line);
      return;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (syntax_reasons); i++)
    if (syntax_reasons[i].code == state->error_code)
      {
        g_set_error (error, APIM_CONFIG_ERROR, APIM_CONFIG_ERROR_SYNTAX, "%s:%d: %s", label, MAX (state->error_line, 1),
                     syntax_reasons[i].reason);
        return;
      }
  g_set_error (error, APIM_CONFIG_ERROR, APIM_CONFIG_ERROR_SYNTAX, "%s:%d: not well-formed XML (libxml2 error %d)",
               label, MAX (state->error_line, 1), state->error_code);
}

static xmlDoc *
parse_document (const char *label, const char *bytes, gsize length, GError **error)
{
  ParseState state = { 0 };
  xmlParserCtxt *parser = xmlNewParserCtxt ();
  xmlDoc *document;
  gboolean well_formed;

  if (parser == NULL)
    g_error ("out of memory");
  parser->_private = &state;
  parser->sax->internalSubset = refuse_doctype;
  parser->sax->serror = keep_first_error;
  document = xmlCtxtReadMemory (parser, bytes, (int) length, NULL, NULL,
                                XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_BIG_LINES);
  well_formed = document != NULL && parser->wellFormed && state.doctype_line == 0 && xmlDocGetRootElement (document);
  xmlFreeParserCtxt (parser);
  if (!well_formed)
    {
      set_syntax_error (label, &state, error);
      g_clear_pointer (&document, xmlFreeDoc);
    }
  return document;
}

ApimXml *
apim_xml_parse (const char *label, const char *bytes, gsize length, GError **error)
{
  g_autoptr (ApimXml) xml = g_new0 (ApimXml, 1);

  xml->label = g_strdup (label);
  if (length > APIM_XML_FILE_MAX)
    {
      g_set_error (error, APIM_CONFIG_ERROR, APIM_CONFIG_ERROR_SYNTAX, "%s: larger than %d MiB", label,
                   APIM_XML_FILE_MAX / 1024 / 1024);
      return NULL;
    }
  if (bytes != NULL && (xml->document = parse_document (label, bytes, length, error)) == NULL)
    return NULL;
  return g_steal_pointer (&xml);
}

/* FALSE with errno. At most one byte more than is allowed is read, so that growth during the reading does no harm. */
static gboolean
read_file (int fd, GByteArray *content)
{
  guint8 part[16384];

  while (content->len <= APIM_XML_FILE_MAX)
    {
      gssize n = read (fd, part, sizeof part);

      if (n == 0)
        return TRUE;
      if (n > 0)
        g_byte_array_append (content, part, (guint) n);
      else if (errno != EINTR)
        return FALSE;
    }
  return TRUE;
}

ApimXml *
apim_xml_load (const char *home, const char *label, GError **error)
{
  g_autofree char *path = g_build_filename (home, label, NULL);
  g_autoptr (GByteArray) content = g_byte_array_new ();
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  struct stat info;
  gboolean done;

  if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
    return apim_xml_parse (label, NULL, 0, error);
  done = fd >= 0 && fstat (fd, &info) == 0;
  if (done && !S_ISREG (info.st_mode))
    {
      errno = S_ISDIR (info.st_mode) ? EISDIR : EINVAL;
      done = FALSE;
    }
  done = done && read_file (fd, content);
  if (!done)
    g_set_error (error, APIM_CONFIG_ERROR, APIM_CONFIG_ERROR_UNREADABLE, "%s: could not read the file: %s", label,
                 g_strerror (errno));
  if (fd >= 0)
    close (fd);
  if (!done)
    return NULL;
  /* The terminating NUL makes an empty file different from a missing one. */
  g_byte_array_append (content, (const guint8 *) "", 1);
  return apim_xml_parse (label, (const char *) content->data, content->len - 1, error);
}

void
apim_xml_free (ApimXml *xml)
{
  if (xml == NULL)
    return;
  g_clear_pointer (&xml->document, xmlFreeDoc);
  g_clear_pointer (&xml->variables, g_hash_table_unref);
  g_free (xml->label);
  g_free (xml);
}

void
apim_xml_set_variables (ApimXml *xml, GHashTable *variables)
{
  g_hash_table_ref (variables);
  g_clear_pointer (&xml->variables, g_hash_table_unref);
  xml->variables = variables;
}

static gboolean
is_element (const xmlNode *node, const char *name, gsize length)
{
  return node->type == XML_ELEMENT_NODE && strlen ((const char *) node->name) == length
         && memcmp (node->name, name, length) == 0;
}

static gboolean
has_name_attribute (xmlNode *node, const char *name, gsize length)
{
  xmlChar *attribute = xmlGetNoNsProp (node, (const xmlChar *) "name");
  gboolean same = attribute != NULL && strlen ((char *) attribute) == length && memcmp (attribute, name, length) == 0;

  xmlFree (attribute);
  return same;
}

/* @step: "Element" or "Element[value of its name attribute]", @length bytes. */
static xmlNode *
find_child (xmlNode *parent, const char *step, gsize length)
{
  const char *bracket = memchr (step, '[', length);
  gsize name_length = bracket != NULL ? (gsize) (bracket - step) : length;

  for (xmlNode *child = parent->children; child != NULL; child = child->next)
    if (is_element (child, step, name_length)
        && (bracket == NULL || has_name_attribute (child, bracket + 1, length - name_length - 2)))
      return child;
  return NULL;
}

xmlNode *
apim_xml_find (const ApimXml *xml, xmlNode *from, const char *path)
{
  xmlNode *node = from;

  if (node == NULL)
    node = xml->document != NULL ? xmlDocGetRootElement (xml->document) : NULL;
  while (node != NULL && *path != '\0')
    {
      gsize length = strcspn (path, "/[");

      if (path[length] == '[') /* a name may hold slashes */
        length += strcspn (path + length, "]") + 1;
      node = find_child (node, path, length);
      path += length;
      path += *path == '/';
    }
  return node;
}

xmlNode *
apim_xml_next (xmlNode *node)
{
  const char *name = (const char *) node->name;
  gsize length = strlen (name);

  do
    node = node->next;
  while (node != NULL && !is_element (node, name, length));
  return node;
}

char *
apim_xml_place (const ApimXml *xml, xmlNode *node)
{
  g_autoptr (GString) path = g_string_new (NULL);

  /* The root's name says nothing that the file's does not. */
  for (xmlNode *at = node; at->parent != NULL && at->parent->type == XML_ELEMENT_NODE; at = at->parent)
    {
      xmlChar *name = xmlGetNoNsProp (at, (const xmlChar *) "name");
      g_autofree char *step = name == NULL ? g_strdup ((const char *) at->name)
                                           : g_strdup_printf ("%s[%s]", (const char *) at->name, (const char *) name);

      if (path->len > 0)
        g_string_prepend_c (path, '/');
      g_string_prepend (path, step);
      xmlFree (name);
    }
  if (path->len == 0)
    g_string_assign (path, (const char *) node->name);
  return g_strdup_printf ("%s:%ld: %s", xml->label, xmlGetLineNo (node), path->str);
}

gboolean
apim_xml_fail (const ApimXml *xml, xmlNode *node, GError **error, const char *format, ...)
{
  g_autofree char *place = apim_xml_place (xml, node);
  g_autofree char *reason = NULL;
  va_list args;

  va_start (args, format);
  reason = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, APIM_CONFIG_ERROR, APIM_CONFIG_ERROR_VALUE, "%s: %s", place, reason);
  return FALSE;
}

/* "\"value\"", cut where it is long. */
static char *
quote (const char *value)
{
  g_autofree char *start = NULL;

  if (g_utf8_strlen (value, -1) <= QUOTED_MAX)
    return g_strdup_printf ("\"%s\"", value);
  start = g_utf8_substring (value, 0, QUOTED_MAX);
  return g_strdup_printf ("\"%s...\"", start);
}

/* Replaces ${name}; what is not known stays, as it does in Java. What comes in is not looked at again. */
static char *
substitute (const char *text, GHashTable *variables)
{
  GString *result = g_string_new (NULL);

  for (;;)
    {
      const char *start = strstr (text, "${");
      const char *end = start != NULL ? strchr (start, '}') : NULL;
      g_autofree char *name = end != NULL ? g_strndup (start + 2, (gsize) (end - start) - 2) : NULL;
      const char *value = name != NULL && variables != NULL ? g_hash_table_lookup (variables, name) : NULL;

      if (end == NULL)
        break;
      g_string_append_len (result, text, start - text);
      if (value != NULL)
        g_string_append (result, value);
      else
        g_string_append_len (result, start, end + 1 - start);
      text = end + 1;
    }
  g_string_append (result, text);
  return g_string_free (result, FALSE);
}

char *
apim_xml_node_text (const ApimXml *xml, xmlNode *node, GError **error)
{
  GString *raw = g_string_new (NULL);
  char *text;

  for (xmlNode *child = node->children; child != NULL && raw->len <= APIM_XML_VALUE_MAX; child = child->next)
    if ((child->type == XML_TEXT_NODE || child->type == XML_CDATA_SECTION_NODE) && child->content != NULL)
      g_string_append (raw, (const char *) child->content);
  if (raw->len > APIM_XML_VALUE_MAX)
    {
      apim_secret_free (g_string_free (raw, FALSE));
      apim_xml_fail (xml, node, error, "the value is longer than %d bytes", APIM_XML_VALUE_MAX);
      return NULL;
    }
  g_strstrip (raw->str);
  text = substitute (raw->str, xml->variables);
  apim_secret_free (g_string_free (raw, FALSE)); /* it may be a password */
  return text;
}

/* TRUE with *node NULL: the element is missing. */
static gboolean
get_element (const ApimXml *xml, xmlNode *from, const char *path, xmlNode **node, char **text, GError **error)
{
  *node = apim_xml_find (xml, from, path);
  if (*node == NULL)
    return TRUE;
  *text = apim_xml_node_text (xml, *node, error);
  return *text != NULL;
}

gboolean
apim_xml_get_text (const ApimXml *xml, xmlNode *from, const char *path, char **value, GError **error)
{
  char *text = NULL;
  xmlNode *node;

  if (!get_element (xml, from, path, &node, &text, error))
    return FALSE;
  if (node != NULL)
    {
      g_free (*value);
      *value = text;
    }
  return TRUE;
}

gboolean
apim_xml_get_secret (const ApimXml *xml, xmlNode *from, const char *path, char **value, GError **error)
{
  char *text = NULL;
  xmlNode *node;

  if (!get_element (xml, from, path, &node, &text, error))
    return FALSE;
  if (node == NULL)
    return TRUE;
  if (xmlHasProp (node, (const xmlChar *) "secretAlias") != NULL)
    {
      apim_secret_free (text);
      return apim_xml_fail (xml, node, error,
                            "the value lies in WSO2's secure vault, which is not supported: write it here and let only "
                            "the node's user read this file");
    }
  apim_secret_free (*value);
  *value = text;
  return TRUE;
}

gboolean
apim_xml_get_int (const ApimXml *xml, xmlNode *from, const char *path, const char *what, gint64 minimum, gint64 maximum,
                  gint64 *value, GError **error)
{
  g_autofree char *text = NULL;
  xmlNode *node;

  if (!get_element (xml, from, path, &node, &text, error))
    return FALSE;
  if (node != NULL && !g_ascii_string_to_signed (text, 10, minimum, maximum, value, NULL))
    {
      g_autofree char *quoted = quote (text);

      return apim_xml_fail (xml, node, error, "%s is not %s (%" G_GINT64_FORMAT "-%" G_GINT64_FORMAT ")", quoted, what,
                            minimum, maximum);
    }
  return TRUE;
}

gboolean
apim_xml_get_choice (const ApimXml *xml, xmlNode *from, const char *path, const ApimXmlChoice *choices, int *value,
                     GError **error)
{
  g_autofree char *text = NULL;
  g_autofree char *quoted = NULL;
  g_autoptr (GString) words = NULL;
  xmlNode *node;

  if (!get_element (xml, from, path, &node, &text, error))
    return FALSE;
  if (node == NULL)
    return TRUE;
  words = g_string_new (NULL);
  for (gsize i = 0; choices[i].word != NULL; i++)
    {
      if (g_ascii_strcasecmp (text, choices[i].word) == 0)
        {
          *value = choices[i].value;
          return TRUE;
        }
      g_string_append_printf (words, "%s%s", i > 0 ? ", " : "", choices[i].word);
    }
  quoted = quote (text);
  return apim_xml_fail (xml, node, error, "%s is not one of %s", quoted, words->str);
}

gboolean
apim_xml_get_bool (const ApimXml *xml, xmlNode *from, const char *path, gboolean *value, GError **error)
{
  static const ApimXmlChoice choices[] = { { "true", TRUE }, { "false", FALSE }, { NULL, 0 } };

  return apim_xml_get_choice (xml, from, path, choices, value, error);
}

gboolean
apim_xml_get_host (const ApimXml *xml, xmlNode *from, const char *path, char **value, GError **error)
{
  static const char allowed[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.-_:%";
  g_autofree char *text = NULL;
  gsize length;
  xmlNode *node;

  if (!get_element (xml, from, path, &node, &text, error))
    return FALSE;
  if (node == NULL)
    return TRUE;
  length = strlen (text);
  if (length == 0 || length > 253 || strspn (text, allowed) != length)
    {
      g_autofree char *quoted = quote (text);

      return apim_xml_fail (xml, node, error, "%s is not a host name or address", quoted);
    }
  g_free (*value);
  *value = g_steal_pointer (&text);
  return TRUE;
}
