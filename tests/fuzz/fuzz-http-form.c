/* Form bodies and queries. Whatever the bytes are: every name and value of a form that was accepted is terminated UTF-8, no longer than the input. */
#include "config.h"
#include "net/net-http-form.h"
#include "tests/fuzz/replay.h"

#include <string.h>

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const char *error = NULL;
  NetHttpForm *form = net_http_form_parse ((const char *) data, size, &error);

  g_assert_true ((form == NULL) == (error != NULL));
  if (form == NULL)
    return 0;
  g_assert_cmpuint (net_http_form_length (form), <=, NET_HTTP_MAX_FIELDS);
  for (guint i = 0; i < net_http_form_length (form); i++)
    {
      const char *name, *value;

      net_http_form_field (form, i, &name, &value);
      g_assert_true (*name != '\0' && g_utf8_validate (name, -1, NULL) && g_utf8_validate (value, -1, NULL));
      g_assert_cmpuint (strlen (name) + strlen (value), <=, size);
      g_assert_nonnull (net_http_form_get (form, name));
    }
  net_http_form_repeated (form);
  net_http_form_free (form);
  return 0;
}
