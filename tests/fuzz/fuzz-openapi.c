/* OpenAPI documents of strangers: what was read can be written, and reads back with the same resources. */
#include "config.h"
#include "core/core-openapi.h"
#include "tests/fuzz/replay.h"

#include <string.h>

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (CoreApi) api = core_api_new ();
  g_autoptr (CoreApi) back = core_api_new ();
  g_autofree char *written = NULL;

  if (!core_openapi_read ((const char *)data, size, api, NULL))
    return 0;
  written = core_openapi_write (api);
  g_assert_true (core_openapi_read (written, strlen (written), back, NULL));
  g_assert_cmpuint (back->resources->len, ==, api->resources->len);
  return 0;
}
