#include "config.h"

#include "admin-cli/ctl-upload.h"

#include "admin-cli/ctl-error.h"

#include <errno.h>
#include <libsoup/soup.h>
#include <string.h>

/* Takes the body and its type out of @multipart. */
static GBytes *
to_bytes (SoupMultipart *multipart, char **type)
{
  g_autoptr (SoupMessageHeaders) headers = soup_message_headers_new (SOUP_MESSAGE_HEADERS_REQUEST);
  GBytes *bytes = NULL;
  soup_multipart_to_message (multipart, headers, &bytes);
  *type = g_strdup (soup_message_headers_get_one (headers, "Content-Type"));
  return bytes;
}

GBytes *
ctl_upload_field (const char *name, const char *text, char **type)
{
  g_autoptr (SoupMultipart) multipart = soup_multipart_new (SOUP_FORM_MIME_TYPE_MULTIPART);
  soup_multipart_append_form_string (multipart, name, text);
  return to_bytes (multipart, type);
}

GBytes *
ctl_upload_file (const char *name, const char *path, char **type, GError **error)
{
  g_autoptr (GError) cause = NULL;
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFileInfo) info = g_file_query_info (
      file, G_FILE_ATTRIBUTE_STANDARD_SIZE "," G_FILE_ATTRIBUTE_STANDARD_CONTENT_TYPE, 0, NULL, &cause);
  g_autoptr (GBytes) content = NULL;
  if (info != NULL && g_file_info_get_size (info) > CTL_UPLOAD_MAX_BYTES)
    {
      ctl_error_set (error, CTL_ERROR_USAGE, NULL, path, "the file is larger than 64 MiB");
      return NULL;
    }
  if (info != NULL)
    content = g_file_load_bytes (file, NULL, NULL, &cause);
  if (content == NULL)
    {
      /* GIO's own words would name the file once more. */
      ctl_error_set (error, CTL_ERROR_USAGE, NULL, path, "%s",
                     g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_NOT_FOUND) ? g_strerror (ENOENT) : cause->message);
      return NULL;
    }
  g_autofree char *base = g_path_get_basename (path);
  g_autofree char *media = g_content_type_get_mime_type (g_file_info_get_content_type (info));
  g_autoptr (SoupMultipart) multipart = soup_multipart_new (SOUP_FORM_MIME_TYPE_MULTIPART);
  soup_multipart_append_form_file (multipart, name, base, media != NULL ? media : "application/octet-stream", content);
  return to_bytes (multipart, type);
}

gboolean
ctl_upload_save (const char *path, const GByteArray *bytes, GError **error)
{
  g_autoptr (GError) cause = NULL;
  if (strcmp (path, "-") == 0)
    return fwrite (bytes->data, 1, bytes->len, stdout) == bytes->len;
  if (g_file_set_contents (path, (const char *)bytes->data, bytes->len, &cause))
    return TRUE;
  ctl_error_set (error, CTL_ERROR_FAILED, NULL, path, "%s", cause->message);
  return FALSE;
}
