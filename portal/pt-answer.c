#include "config.h"
#include "portal/pt-answer.h"

#include "common/apim-secret.h"
#include "net/net-http-chars.h"
#include "portal/pt-error.h"

#include <openssl/crypto.h>

void
pt_answer_init (PtAnswer *answer)
{
  *answer = (PtAnswer){ .status = 200, .type = PT_JSON_TYPE, .json = g_string_new (NULL) };
}

void
pt_answer_clear (PtAnswer *answer)
{
  if (answer->json != NULL)
    apim_secret_free (g_string_free (answer->json, FALSE));
  g_clear_pointer (&answer->bytes, g_bytes_unref);
  g_free (answer->owned_type);
  g_free (answer->path);
  g_free (answer->address);
  g_free (answer->etag);
  g_free (answer->challenge);
  g_free (answer->allow);
  g_free (answer->attachment);
  *answer = (PtAnswer){ 0 };
}

void
pt_answer_created (PtAnswer *answer, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_free (answer->path);
  answer->path = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  answer->status = 201;
}

void
pt_answer_set_etag (PtAnswer *answer, const char *tag)
{
  g_free (answer->etag);
  answer->etag = tag != NULL ? g_strdup_printf ("\"%s\"", tag) : NULL;
}

void
pt_answer_bytes (PtAnswer *answer, GBytes *bytes, const char *type)
{
  g_clear_pointer (&answer->bytes, g_bytes_unref);
  g_free (answer->owned_type);
  answer->bytes = bytes;
  answer->owned_type = g_strdup (type != NULL && net_http_is_field_text (type) ? type : "application/octet-stream");
  answer->type = answer->owned_type;
}

/* The name in the form that takes every character (RFC 8187). */
void
pt_answer_attach (PtAnswer *answer, const char *file_name)
{
  g_autofree char *escaped = g_uri_escape_string (file_name != NULL ? file_name : "file", NULL, FALSE);

  g_free (answer->attachment);
  answer->attachment = g_strconcat ("attachment; filename*=UTF-8''", escaped, NULL);
}

void
pt_answer_error (PtAnswer *answer, const GError *error, const char *request_id, const char *scope)
{
  g_autofree char *json = pt_error_json (error, request_id);

  pt_answer_clear (answer);
  pt_answer_init (answer);
  answer->status = pt_error_status (error);
  answer->challenge = pt_error_challenge (error, scope);
  g_string_append (answer->json, json);
}

const void *
pt_answer_body (const PtAnswer *answer, gsize *length)
{
  if (answer->bytes != NULL)
    return g_bytes_get_data (answer->bytes, length);
  *length = answer->json->len;
  return answer->json->str;
}

char *
pt_etag_of (const void *bytes, gsize length)
{
  char hex[APIM_SHA256_HEX_SIZE];

  if (!apim_sha256_hex (bytes, length, hex))
    return NULL;
  hex[32] = '\0';
  return g_strdup_printf ("\"%s\"", hex);
}

gboolean
pt_etag_listed (const char *header, gsize length, const char *etag)
{
  g_autofree char *text = g_strndup (header, length);
  g_auto (GStrv) tags = g_strsplit (text, ",", -1);

  for (guint i = 0; tags[i] != NULL; i++)
    {
      const char *tag = g_strstrip (tags[i]);

      if (g_str_has_prefix (tag, "W/"))
        tag += 2;
      if (g_str_equal (tag, "*") || g_strcmp0 (tag, etag) == 0)
        return TRUE;
    }
  return FALSE;
}
