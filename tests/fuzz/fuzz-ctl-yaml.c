/* Manifests and definitions from strangers: what is read can be written, and is then read as the same. */
#include "config.h"
#include "admin-cli/ctl-definition.h"
#include "admin-cli/ctl-json.h"
#include "admin-cli/ctl-yaml.h"
#include "tests/fuzz/replay.h"

#include <string.h>

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (CtlYaml) yaml = ctl_yaml_parse ((const char *)data, size, "input", NULL);
  g_autoptr (JsonNode) json = ctl_json_parse ((const char *)data, size, "input", NULL);
  for (guint i = 0; yaml != NULL && i < yaml->documents->len; i++)
    {
      JsonNode *document = yaml->documents->pdata[i];
      g_autofree char *name = ctl_definition_check (document, "input", NULL) ? ctl_definition_name (document) : NULL;
      g_autofree char *text = ctl_yaml_render (document);
      g_autoptr (CtlYaml) again = ctl_yaml_parse (text, strlen (text), "again", NULL);
      g_assert_nonnull (again);
      g_assert_cmpuint (again->documents->len, ==, 1);
      g_assert_true (ctl_json_same (document, again->documents->pdata[0]));
    }
  return 0;
}
