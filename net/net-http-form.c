#include "config.h"
#include "net/net-http-form.h"

#include <openssl/crypto.h>
#include <string.h>

typedef struct
{
  char *name; /* into text */
  char *value;
} Field;

struct _NetHttpForm
{
  char *text; /* decoded in place: names and values, each terminated */
  gsize size;
  guint n_fields;
  Field fields[NET_HTTP_MAX_FIELDS];
};

/* Decodes the @length bytes at @text, which get shorter, and terminates them: in the separator that followed, at most. */
static const char *
decode (char *text, gsize length)
{
  const char *end = text + length;
  char *to = text;

  for (const char *from = text; from < end; from++)
    {
      if (*from == '%')
        {
          int high = end - from > 2 ? g_ascii_xdigit_value (from[1]) : -1;
          int low = end - from > 2 ? g_ascii_xdigit_value (from[2]) : -1;

          if (high < 0 || low < 0)
            return "a \"%\" in the form is not followed by two hexadecimal digits";
          *to = (char) (high << 4 | low);
          from += 2;
        }
      else
        *to = *from == '+' ? ' ' : *from;
      if (*to++ == '\0')
        return "the form holds a NUL";
    }
  *to = '\0';
  return g_utf8_validate (text, to - text, NULL) ? NULL : "the form is not UTF-8";
}

static const char *
read_field (NetHttpForm *form, char *text, gsize length)
{
  char *equals = memchr (text, '=', length);
  gsize name_length = equals != NULL ? (gsize) (equals - text) : length;
  Field field = { text, equals != NULL ? equals + 1 : text + length };
  const char *error;

  text[length] = '\0';
  if (name_length == 0)
    return "a field of the form has no name";
  if (form->n_fields == NET_HTTP_MAX_FIELDS)
    return "the form has too many fields";
  if (equals != NULL)
    {
      error = decode (field.value, length - name_length - 1);
      if (error != NULL)
        return error;
    }
  error = decode (field.name, name_length);
  form->fields[form->n_fields++] = field;
  return error;
}

NetHttpForm *
net_http_form_parse (const char *bytes, gsize length, const char **error)
{
  g_autoptr (NetHttpForm) form = g_new (NetHttpForm, 1);
  char *at, *end;

  form->n_fields = 0;
  form->size = length + 1;
  form->text = g_malloc (form->size);
  if (length > 0)
    memcpy (form->text, bytes, length);
  form->text[length] = '\0';
  end = form->text + length;
  for (at = form->text; at < end;)
    {
      char *ampersand = memchr (at, '&', end - at);
      char *field_end = ampersand != NULL ? ampersand : end;

      /* Empty ones ("a=1&&b=2", a final "&") are nobody's fields. */
      *error = field_end > at ? read_field (form, at, field_end - at) : NULL;
      if (*error != NULL)
        return NULL;
      at = field_end + 1;
    }
  return g_steal_pointer (&form);
}

void
net_http_form_free (NetHttpForm *form)
{
  if (form == NULL)
    return;
  OPENSSL_cleanse (form->text, form->size);
  g_free (form->text);
  g_free (form);
}

const char *
net_http_form_get (const NetHttpForm *form, const char *name)
{
  for (guint i = 0; i < form->n_fields; i++)
    if (strcmp (form->fields[i].name, name) == 0)
      return form->fields[i].value;
  return NULL;
}

const char *
net_http_form_repeated (const NetHttpForm *form)
{
  for (guint i = 1; i < form->n_fields; i++)
    for (guint j = 0; j < i; j++)
      if (strcmp (form->fields[i].name, form->fields[j].name) == 0)
        return form->fields[i].name;
  return NULL;
}

guint
net_http_form_length (const NetHttpForm *form)
{
  return form->n_fields;
}

void
net_http_form_field (const NetHttpForm *form, guint index, const char **name, const char **value)
{
  g_assert (index < form->n_fields);
  *name = form->fields[index].name;
  *value = form->fields[index].value;
}

gboolean
net_http_request_has_form (const NetHttpRequest *request)
{
  static const char form[] = "application/x-www-form-urlencoded";
  NetHttpText type;

  if (!net_http_request_header (request, "Content-Type", &type) || type.length < strlen (form)
      || g_ascii_strncasecmp (type.text, form, strlen (form)) != 0)
    return FALSE;
  return type.length == strlen (form) || strchr ("; \t", type.text[strlen (form)]) != NULL;
}
