#include "config.h"
#include "core/core-digest.h"

#include <string.h>

/* @bytes: NULL: none. */
static void
add (GChecksum *checksum, gconstpointer bytes, gsize length)
{
  const guint64 prefix = GUINT64_TO_BE (bytes != NULL ? (guint64)length + 1 : 0);

  g_checksum_update (checksum, (const guchar *)&prefix, sizeof prefix);
  if (bytes != NULL && length > 0)
    g_checksum_update (checksum, bytes, (gssize)length);
}

void
core_digest_text (GChecksum *checksum, const char *text)
{
  add (checksum, text, text != NULL ? strlen (text) : 0);
}

void
core_digest_content (GChecksum *checksum, GBytes *content)
{
  gsize length = 0;
  gconstpointer bytes = content != NULL ? g_bytes_get_data (content, &length) : NULL;

  add (checksum, content != NULL && bytes == NULL ? "" : bytes, length);
}
