/* Documents of a registry: whatever is read can be checked, and has no name that leads out of its folder. */
#include "config.h"
#include "core/core-document.h"
#include "core/core-registry-document.h"
#include "tests/fuzz/replay.h"

#include <string.h>

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (StApiDocument) document = core_registry_document_read ((const char *)data, size);
  g_autoptr (GPtrArray) violations = core_violations_new ();

  if (document == NULL)
    return 0;
  g_assert_true (document->file_name == NULL || strchr (document->file_name, '/') == NULL);
  g_assert_nonnull (document->visibility);
  core_document_check (document, violations);
  return 0;
}
