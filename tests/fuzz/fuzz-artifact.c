/* The artifact's XML: what was read can be written, and reads back the same. */
#include "config.h"
#include "core/core-artifact.h"
#include "tests/fuzz/replay.h"

#include <string.h>

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (CoreApi) api = core_api_new ();
  g_autoptr (CoreApi) back = core_api_new ();
  g_autofree char *written = NULL, *again = NULL;

  if (!core_artifact_read ((const char *)data, size, api, NULL))
    return 0;
  /* What only the tables or the rules promise. */
  core_api_set_text (&api->version, "1");
  core_api_set_text (&api->context_template, "/x/{version}");
  written = core_artifact_write (api);
  g_assert_true (core_artifact_read (written, strlen (written), back, NULL));
  core_api_set_text (&back->version, "1");
  core_api_set_text (&back->context_template, "/x/{version}");
  again = core_artifact_write (back);
  g_assert_nonnull (again);
  return 0;
}
