#include "config.h"
#include "portal/jaggery/pt-fields.h"

#include "common/apim-secret.h"
#include "net/net-http-form.h"
#include "portal/pt-error.h"

#include <string.h>

struct _PtFields
{
  GHashTable *values; /* of text by name; what came first counts */
  PtMultipart *files; /* nullable */
};

static void
add_value (PtFields *fields, const char *name, char *value)
{
  if (g_hash_table_contains (fields->values, name))
    apim_secret_free (value);
  else
    g_hash_table_insert (fields->values, g_strdup (name), value);
}

static gboolean
add_form (PtFields *fields, const char *bytes, gsize length, GError **error)
{
  const char *why;
  g_autoptr (NetHttpForm) form = net_http_form_parse (bytes, length, &why);

  if (form == NULL)
    return pt_fail (error, PT_ERROR_BAD_REQUEST, "The parameters cannot be understood: %s.", why);
  for (guint i = 0; i < net_http_form_length (form); i++)
    {
      const char *name, *value;

      net_http_form_field (form, i, &name, &value);
      add_value (fields, name, g_strdup (value));
    }
  return TRUE;
}

static gboolean
add_parts (PtFields *fields, NetHttpText type, const char *body, gsize length, GError **error)
{
  const char *why;

  fields->files = pt_multipart_parse (type, body, length, &why);
  if (fields->files == NULL)
    return pt_fail (error, PT_ERROR_BAD_REQUEST, "The body cannot be understood: %s.", why);
  for (guint i = 0; i < pt_multipart_length (fields->files); i++)
    {
      const PtPart *part = pt_multipart_part (fields->files, i);

      if (part->file_name != NULL)
        continue;
      if (memchr (part->bytes, '\0', part->length) != NULL
          || !g_utf8_validate_len (part->bytes, part->length, NULL))
        return pt_fail (error, PT_ERROR_BAD_REQUEST, "The parameter \"%s\" is not UTF-8.", part->name);
      add_value (fields, part->name, g_strndup (part->bytes, part->length));
    }
  return TRUE;
}

static gboolean
add_body (PtFields *fields, NetHttpExchange *exchange, GError **error)
{
  const NetHttpRequest *request = net_http_exchange_request (exchange);
  gsize length;
  const char *body = (const char *)net_http_exchange_body (exchange, &length);
  NetHttpText type;

  if (length == 0)
    return TRUE;
  if (pt_multipart_is_in (request) && net_http_request_header (request, "Content-Type", &type))
    return add_parts (fields, type, body, length, error);
  return add_form (fields, body, length, error);
}

PtFields *
pt_fields_read (NetHttpExchange *exchange, GError **error)
{
  const NetHttpRequest *request = net_http_exchange_request (exchange);
  g_autoptr (PtFields) fields = g_new0 (PtFields, 1);

  fields->values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)apim_secret_free);
  if (!add_body (fields, exchange, error)
      || !add_form (fields, request->query.text, request->query.length, error))
    return NULL;
  return g_steal_pointer (&fields);
}

void
pt_fields_free (PtFields *fields)
{
  if (fields == NULL)
    return;
  g_hash_table_unref (fields->values);
  g_clear_pointer (&fields->files, pt_multipart_free);
  g_free (fields);
}

const char *
pt_fields_raw (const PtFields *fields, const char *name)
{
  return g_hash_table_lookup (fields->values, name);
}

const char *
pt_fields_get (const PtFields *fields, const char *name)
{
  char *value = g_hash_table_lookup (fields->values, name);

  if (value == NULL || *g_strstrip (value) == '\0')
    return NULL;
  return value;
}

const char *
pt_fields_need (const PtFields *fields, const char *name, GError **error)
{
  const char *value = pt_fields_get (fields, name);

  if (value == NULL)
    pt_fail (error, PT_ERROR_BAD_REQUEST, "The parameter \"%s\" is missing.", name);
  return value;
}

const PtPart *
pt_fields_file (const PtFields *fields, const char *name)
{
  const PtPart *part = fields->files != NULL ? pt_multipart_find (fields->files, name) : NULL;

  return part != NULL && part->file_name != NULL && *part->file_name != '\0' && part->length > 0 ? part
                                                                                                 : NULL;
}
