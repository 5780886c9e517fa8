/* Feeds one document to the configuration loader as every file at once: their paths do not meet, so one document
 * reaches all settings. What loads must be printable, equal to itself, and have both data sources. */
#include "config.h"
#include "tests/fuzz/replay.h"

#include "common/apim-config-private.h"

static void
check_snapshot (const ApimConfig *config)
{
  g_autofree char *text = apim_config_describe (config);
  g_autofree char *changed = apim_config_needs_restart (config, config);

  g_assert_null (changed);
  g_assert_true (g_utf8_validate (text, -1, NULL));
  g_assert_nonnull (apim_config_data_source (config, config->api_data_source));
  g_assert_nonnull (apim_config_data_source (config, config->user_store.data_source));
  g_assert_cmpuint (config->thrift.port, >, 0);
  g_assert_cmpuint (config->https.port, >, 0);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (ApimConfig) config = NULL;
  g_autoptr (GError) error = NULL;
  ApimXml *files[APIM_N_FILES] = { NULL };
  const char *bytes = size > 0 ? (const char *) data : ""; /* NULL would be a missing file */
  gsize n_files = 0;

  while (n_files < APIM_N_FILES && (files[n_files] = apim_xml_parse ("api-manager.xml", bytes, size, &error)) != NULL)
    n_files++;
  if (n_files == APIM_N_FILES)
    config = apim_config_build ("/home/apim", -1, files, &error);
  g_assert_true ((config != NULL) == (error == NULL));
  if (config != NULL)
    check_snapshot (config);
  else
    g_assert_cmpstr (error->message, !=, "");
  for (gsize i = 0; i < n_files; i++)
    apim_xml_free (files[i]);
  return 0;
}
