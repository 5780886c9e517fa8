/* Archives of APIs and of applications, and api.json alone. What is read can be written, and reads the same
 * again. */
#include "config.h"
#include "tests/fuzz/replay.h"

#include "core/core-application-archive.h"
#include "core/core-archive.h"
#include "core/core-zip.h"

static void
try_archive (const guint8 *bytes, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CoreArchive) archive = core_archive_read (bytes, size, &error);
  g_autoptr (CoreArchive) again = NULL;
  g_autoptr (GBytes) written = NULL;

  g_assert_true ((archive != NULL) == (error == NULL));
  if (archive == NULL)
    {
      g_assert_true (error->domain == CORE_ARCHIVE_ERROR || error->domain == CORE_ZIP_ERROR);
      return;
    }
  core_api_set_text (&archive->api->tenant_domain, "carbon.super");
  written = core_archive_write (archive, NULL); /* NULL: names that no archive of ours may have */
  if (written == NULL)
    return;
  again = core_archive_read (g_bytes_get_data (written, NULL), g_bytes_get_size (written), &error);
  g_assert_no_error (error);
  g_assert_cmpstr (archive->api->name, ==, again->api->name);
  g_assert_cmpuint (archive->api->resources->len, ==, again->api->resources->len);
}

static void
try_application (const guint8 *bytes, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CoreApplicationArchive) archive = core_application_archive_read (bytes, size, &error);
  g_autoptr (CoreApplicationArchive) again = NULL;
  g_autoptr (GBytes) written = NULL;

  g_assert_true ((archive != NULL) == (error == NULL));
  if (archive == NULL)
    {
      g_assert_error (error, CORE_PORTAL_ERROR, CORE_PORTAL_ERROR_INVALID);
      return;
    }
  written
      = core_application_archive_write (archive, NULL); /* NULL: a name that no archive of ours may have */
  if (written == NULL)
    return;
  again
      = core_application_archive_read (g_bytes_get_data (written, NULL), g_bytes_get_size (written), &error);
  g_assert_no_error (error);
  g_assert_cmpstr (archive->name, ==, again->name);
  g_assert_cmpuint (archive->subscriptions->len, ==, again->subscriptions->len);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (CoreApi) api = core_archive_api_from_json ((const char *)data, size, NULL);

  try_archive (data, size);
  try_application (data, size);
  return 0;
}
