/* multipart/form-data: the first line is the Content-Type, the rest the body. Whatever the bytes are: every
 * part lies within the body, names are clean UTF-8 and file names have no folder. */
#include "config.h"
#include "portal/pt-multipart.h"
#include "tests/fuzz/replay.h"

#include <string.h>

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const char *bytes = (const char *)data;
  const char *line_end = size > 0 ? memchr (bytes, '\n', size) : NULL;
  const char *error = NULL, *body;
  gsize length;
  PtMultipart *multipart;

  if (line_end == NULL)
    return 0;
  body = line_end + 1;
  length = size - (gsize)(body - bytes);
  multipart = pt_multipart_parse ((NetHttpText){ bytes, (gsize)(line_end - bytes) }, body, length, &error);
  g_assert_true ((multipart == NULL) == (error != NULL));
  for (guint i = 0; multipart != NULL && i < pt_multipart_length (multipart); i++)
    {
      const PtPart *part = pt_multipart_part (multipart, i);

      g_assert_true (part->bytes >= body && part->length <= length
                     && part->bytes + part->length <= body + length);
      g_assert_true (*part->name != '\0' && g_utf8_validate (part->name, -1, NULL));
      g_assert_true (part->file_name == NULL || strpbrk (part->file_name, "/\\") == NULL);
      g_assert_nonnull (pt_multipart_find (multipart, part->name));
    }
  pt_multipart_free (multipart);
  return 0;
}
