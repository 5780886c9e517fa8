#include "config.h"
#include "portal/pt-multipart.h"

#include "net/net-http-chars.h"

#include <string.h>

struct _PtMultipart
{
  GPtrArray *parts; /* of PtPart */
};

typedef struct
{
  const char *at, *end;
  char *delimiter; /* "\r\n--boundary" */
  gsize delimiter_length;
  const char *problem;
} Reader;

static gboolean
fail (Reader *reader, const char *problem)
{
  reader->problem = problem;
  return FALSE;
}

static void
part_free (gpointer data)
{
  PtPart *part = data;

  g_free (part->name);
  g_free (part->file_name);
  g_free (part->type);
  g_free (part);
}

/* Parameters of a header value: "; name=token" or "; name=\"quoted\"". */

static void
skip_blanks (const char **at, const char *end)
{
  while (*at < end && (**at == ' ' || **at == '\t'))
    (*at)++;
}

/* In quotes only '\"' and '\\' are escapes: browsers send other backslashes as they are. */
static char *
read_quoted (const char **at, const char *end)
{
  GString *text = g_string_new (NULL);

  for ((*at)++; *at < end && **at != '"'; (*at)++)
    {
      if (**at == '\\' && *at + 1 < end && ((*at)[1] == '"' || (*at)[1] == '\\'))
        (*at)++;
      g_string_append_c (text, **at);
    }
  if (*at == end)
    {
      g_string_free (text, TRUE);
      return NULL;
    }
  (*at)++;
  return g_string_free (text, FALSE);
}

static char *
read_token (const char **at, const char *end)
{
  const char *begin = *at;

  while (*at < end && net_http_is_token_char (**at))
    (*at)++;
  return *at > begin ? g_strndup (begin, (gsize)(*at - begin)) : NULL;
}

/* The next parameter behind @at. FALSE: malformed; *name NULL: there is no more. */
static gboolean
read_parameter (const char **at, const char *end, char **name, char **value)
{
  *name = *value = NULL;
  skip_blanks (at, end);
  if (*at == end)
    return TRUE;
  if (*(*at)++ != ';')
    return FALSE;
  skip_blanks (at, end);
  if (*at == end)
    return TRUE; /* a last semicolon */
  *name = read_token (at, end);
  if (*name == NULL || *at == end || *(*at)++ != '=')
    return FALSE;
  *value = *at < end && **at == '"' ? read_quoted (at, end) : read_token (at, end);
  return *value != NULL;
}

/* The parameter @wanted, once at most. FALSE: malformed, or twice there. *found: NULL where it is missing. */
static gboolean
find_parameter (const char *at, const char *end, const char *wanted, char **found)
{
  *found = NULL;
  for (;;)
    {
      g_autofree char *name = NULL;
      g_autofree char *value = NULL;
      gboolean fine = read_parameter (&at, end, &name, &value);

      if (fine && name == NULL)
        return TRUE;
      if (!fine || (g_ascii_strcasecmp (name, wanted) == 0 && *found != NULL))
        {
          g_clear_pointer (found, g_free);
          return FALSE;
        }
      if (g_ascii_strcasecmp (name, wanted) == 0)
        *found = g_steal_pointer (&value);
    }
}

static gboolean
has_type (NetHttpText value, const char *type, const char **parameters)
{
  gsize length = strlen (type);

  *parameters = value.text + length;
  return value.length >= length && g_ascii_strncasecmp (value.text, type, length) == 0
         && (value.length == length || strchr ("; \t", value.text[length]) != NULL);
}

gboolean
pt_multipart_is_in (const NetHttpRequest *request)
{
  NetHttpText value;
  const char *parameters;

  return net_http_request_header (request, "Content-Type", &value)
         && has_type (value, "multipart/form-data", &parameters);
}

static gboolean
read_boundary (Reader *reader, NetHttpText content_type)
{
  const char *parameters;
  g_autofree char *boundary = NULL;

  if (!has_type (content_type, "multipart/form-data", &parameters))
    return fail (reader, "the Content-Type must be multipart/form-data");
  if (!find_parameter (parameters, content_type.text + content_type.length, "boundary", &boundary)
      || boundary == NULL || *boundary == '\0' || strlen (boundary) > PT_MULTIPART_MAX_BOUNDARY)
    return fail (reader, "the Content-Type has no boundary, or one that is not allowed");
  reader->delimiter = g_strconcat ("\r\n--", boundary, NULL);
  reader->delimiter_length = strlen (reader->delimiter);
  return TRUE;
}

/* Takes file names as names only: a path in one is a browser of old, or a trick. */
static char *
bare_file_name (const char *name)
{
  const char *slash = strrchr (name, '/'), *backslash = strrchr (name, '\\');
  const char *last = MAX (slash, backslash);

  return g_strdup (last != NULL ? last + 1 : name);
}

static gboolean
is_clean (const char *text)
{
  if (text == NULL || !g_utf8_validate (text, -1, NULL))
    return FALSE;
  for (const char *c = text; *c != '\0'; c++)
    if (g_ascii_iscntrl (*c))
      return FALSE;
  return TRUE;
}

static gboolean
read_disposition (Reader *reader, PtPart *part, NetHttpText value)
{
  const char *parameters, *end = value.text + value.length;
  g_autofree char *file_name = NULL;

  if (part->name != NULL)
    return fail (reader, "a part has two Content-Disposition headers");
  if (!has_type (value, "form-data", &parameters) || !find_parameter (parameters, end, "name", &part->name)
      || !is_clean (part->name) || *part->name == '\0'
      || !find_parameter (parameters, end, "filename", &file_name)
      || (file_name != NULL && !is_clean (file_name)))
    return fail (reader, "the Content-Disposition of a part is no form-data with a name");
  if (file_name != NULL)
    part->file_name = bare_file_name (file_name);
  return TRUE;
}

static gboolean
read_header (Reader *reader, PtPart *part, const char *line, gsize length)
{
  const char *colon = memchr (line, ':', length);
  NetHttpText name, value;

  if (colon == NULL || colon == line)
    return fail (reader, "a header of a part is malformed");
  name = (NetHttpText){ line, (gsize)(colon - line) };
  value = (NetHttpText){ colon + 1, length - name.length - 1 };
  for (; value.length > 0 && (*value.text == ' ' || *value.text == '\t'); value.text++)
    value.length--;
  for (gsize i = 0; i < value.length; i++)
    if (!net_http_is_field_char (value.text[i]))
      return fail (reader, "a header of a part is malformed");
  if (net_http_text_equal_nocase (name, "Content-Disposition"))
    return read_disposition (reader, part, value);
  if (net_http_text_equal_nocase (name, "Content-Transfer-Encoding")
      && !net_http_text_equal_nocase (value, "binary") && !net_http_text_equal_nocase (value, "8bit")
      && !net_http_text_equal_nocase (value, "7bit"))
    return fail (reader, "parts must not be encoded (RFC 7578 4.7)");
  if (net_http_text_equal_nocase (name, "Content-Type") && part->type == NULL)
    part->type = g_strndup (value.text, value.length);
  return TRUE;
}

/* The headers of a part, up to and with the empty line. */
static gboolean
read_head (Reader *reader, PtPart *part)
{
  const char *limit = reader->at + MIN ((gsize)(reader->end - reader->at), PT_MULTIPART_MAX_HEAD);

  for (;;)
    {
      const char *line = reader->at;
      const char *end = memmem (line, (gsize)(limit - line), "\r\n", 2);

      if (end == NULL)
        return fail (reader, "the headers of a part do not end, or are too long");
      reader->at = end + 2;
      if (end == line)
        return part->name != NULL || fail (reader, "a part has no name");
      if (!read_header (reader, part, line, (gsize)(end - line)))
        return FALSE;
    }
}

/* Behind a delimiter: TRUE and *last, or the reader stands at the part's headers. */
static gboolean
end_delimiter (Reader *reader, gboolean *last)
{
  gsize left = (gsize)(reader->end - reader->at);

  *last = left >= 2 && memcmp (reader->at, "--", 2) == 0;
  if (*last)
    return TRUE;
  skip_blanks (&reader->at, reader->end);
  if (reader->end - reader->at < 2 || memcmp (reader->at, "\r\n", 2) != 0)
    return fail (reader, "a boundary is not followed by a line end");
  reader->at += 2;
  return TRUE;
}

static gboolean
read_part (Reader *reader, PtMultipart *multipart)
{
  PtPart *part = g_new0 (PtPart, 1);
  const char *end;

  g_ptr_array_add (multipart->parts, part);
  if (multipart->parts->len > PT_MULTIPART_MAX_PARTS)
    return fail (reader, "there are too many parts");
  if (!read_head (reader, part))
    return FALSE;
  /* The line end of the empty line may be the delimiter's. */
  reader->at -= 2;
  end = memmem (reader->at, (gsize)(reader->end - reader->at), reader->delimiter, reader->delimiter_length);
  if (end == NULL)
    return fail (reader, "the last boundary is missing: the body is not whole");
  part->bytes = end == reader->at ? end : reader->at + 2;
  part->length = (gsize)(end - part->bytes);
  reader->at = end + reader->delimiter_length;
  return TRUE;
}

static gboolean
read_parts (Reader *reader, PtMultipart *multipart)
{
  gboolean last;

  /* The first delimiter stands at the very beginning, without a line end; a preamble is nothing a client
   * sends. */
  if ((gsize)(reader->end - reader->at) < reader->delimiter_length - 2
      || memcmp (reader->at, reader->delimiter + 2, reader->delimiter_length - 2) != 0)
    return fail (reader, "the body does not begin with its boundary");
  reader->at += reader->delimiter_length - 2;
  while (end_delimiter (reader, &last))
    {
      if (last)
        return TRUE;
      if (!read_part (reader, multipart))
        return FALSE;
    }
  return FALSE;
}

PtMultipart *
pt_multipart_parse (NetHttpText content_type, const char *body, gsize length, const char **error)
{
  g_autoptr (PtMultipart) multipart = g_new0 (PtMultipart, 1);
  Reader reader = { .at = body, .end = body + length };
  gboolean fine;

  multipart->parts = g_ptr_array_new_with_free_func (part_free);
  fine = read_boundary (&reader, content_type) && read_parts (&reader, multipart);
  g_free (reader.delimiter);
  *error = reader.problem;
  return fine ? g_steal_pointer (&multipart) : NULL;
}

void
pt_multipart_free (PtMultipart *multipart)
{
  if (multipart == NULL)
    return;
  g_ptr_array_unref (multipart->parts);
  g_free (multipart);
}

const PtPart *
pt_multipart_find (const PtMultipart *multipart, const char *name)
{
  for (guint i = 0; i < multipart->parts->len; i++)
    if (g_str_equal (pt_multipart_part (multipart, i)->name, name))
      return pt_multipart_part (multipart, i);
  return NULL;
}

guint
pt_multipart_length (const PtMultipart *multipart)
{
  return multipart->parts->len;
}

const PtPart *
pt_multipart_part (const PtMultipart *multipart, guint index)
{
  return multipart->parts->pdata[index];
}
