/* SAML assertions: the bytes themselves, and as the parameter of a request. Whatever they are: it ends, and
 * without the key of a provider nothing is taken for an assertion. No input is signed by the provider's key, which
 * nobody has. */
#include "config.h"
#include "keyvalidator/oauth/kv-saml-assertion.h"
#include "keyvalidator/oauth/kv-saml-document.h"
#include "keyvalidator/oauth/kv-saml-signature.h"
#include "tests/fuzz/replay.h"

#include <glib/gstdio.h>

/* Of no key that anybody has: made for this and thrown away; valid until 2126. */
static const char certificate[] = "-----BEGIN CERTIFICATE-----\n"
                                  "MIIDATCCAemgAwIBAgIUDMyiK8Gm14GJFLrWR/EJ+iaL5EkwDQYJKoZIhvcNAQEL\n"
                                  "BQAwDzENMAsGA1UEAwwEZnV6ejAgFw0yNjExMjkwNzIwMTBaGA8yMTI2MTEwNTA3\n"
                                  "MjAxMFowDzENMAsGA1UEAwwEZnV6ejCCASIwDQYJKoZIhvcNAQEBBQADggEPADCC\n"
                                  "AQoCggEBAK6B/Wk4b5NknoJY59ZSLc1t9FE9Hk9GIUWMgBiF7RX6Qppj37Ke6k5c\n"
                                  "zvHu/D/uVxPs05uyzUyFLWMr0tl1Afu/eIAG4tqSfSa5/Gi9g7x49fV3EUxJKuW2\n"
                                  "hSzrrevDSQMPs4KWvegY6R+creWNcEKbKIOpZXT8VDhNvBzy4QM5DyBm9l3jgtSn\n"
                                  "c+RLeZ5l7AAvOJBURec/OjDH9vfySfdU3sWfAPmWSCRNF1Ca4qCR9UVTttL7i5Fj\n"
                                  "/iK/gLH4HsG46JT+O13O0pSFD+STkSGoW7GWGoSZXB37JRttH7NzQv1w74cpEpSN\n"
                                  "YZSOA21oSQn3kzIii98sRImu0bJEUn0CAwEAAaNTMFEwHQYDVR0OBBYEFHLvGF9P\n"
                                  "FLx473ybGXlxOMjd7zbYMB8GA1UdIwQYMBaAFHLvGF9PFLx473ybGXlxOMjd7zbY\n"
                                  "MA8GA1UdEwEB/wQFMAMBAf8wDQYJKoZIhvcNAQELBQADggEBAHo4aBT70rOnhyey\n"
                                  "/w23CqkUt4JxaYbpxGuL0HuaQVcmRU4X9qevjNig9Zj/4pJd+Jp+m9wAsgO4MwGZ\n"
                                  "vr93WfaEWRK7PHrin5GvjhQWJEczlefKffz9lvA1efz6LId2EqiDp5XZWMjxVry3\n"
                                  "1judKBkX9nQHs6NUdCzjsu7rVKuj1/zm8MgtbIqP2s0DTNulf6/fMRa7+3A6kyMY\n"
                                  "24MuGL5PdHXAga7uGFi1o5buJFxDHCltl8gM+fKiTY491bvbg+hLiKg/wRjXJQEH\n"
                                  "PZMp6UManCVrfn0AEdLsjYW+YVGBcQ4Lrnw7grtaJISzZ9En2rwccBtrI/AcBhYI\n"
                                  "gzOBc9A=\n"
                                  "-----END CERTIFICATE-----\n";

static KvSamlProvider *
make_provider (void)
{
  static char *no_words[] = { NULL };
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  KvSamlProvider *provider;
  int file = g_file_open_tmp ("apim-fuzz-saml-XXXXXX", &path, &error);

  g_assert_no_error (error);
  g_close (file, NULL);
  g_assert_true (g_file_set_contents (path, certificate, -1, NULL));
  provider = kv_saml_provider_new (&(ApimSamlProvider){ .issuer = (char *)"https://idp.example.com",
                                                        .certificate = path,
                                                        .recipients = no_words,
                                                        .audiences = no_words,
                                                        .tenants = no_words,
                                                        .weak = TRUE },
                                   "https://am.example.com:9443/oauth2/token", &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_unlink (path), ==, 0);
  return provider;
}

static void
try_document (const KvSamlProvider *provider, const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (xmlDoc) document = kv_saml_document_parse ((const char *)data, size, &error);

  g_assert_true ((document == NULL) == (error != NULL));
  if (document == NULL)
    return;
  g_assert_cmpuint (size, <=, KV_SAML_MAX_BYTES);
  g_assert_false (kv_saml_signature_check (document, provider, 1893456000, &error));
  g_assert_error (error, KV_SAML_ERROR, KV_SAML_ERROR_REFUSED);
}

static void
try_parameter (const GPtrArray *providers, const char *parameter)
{
  const KvSamlExpectations expectations = { providers, 1893456000 * G_GINT64_CONSTANT (1000), 60000 };
  g_autoptr (GError) error = NULL;

  g_assert_null (kv_saml_assertion_read (parameter, &expectations, &error));
  g_assert_error (error, KV_SAML_ERROR, KV_SAML_ERROR_REFUSED);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static GPtrArray *providers;
  g_autofree char *text = g_strndup ((const char *)data, size);
  g_autofree char *base64 = g_base64_encode (data, size);

  if (providers == NULL)
    {
      providers = g_ptr_array_new ();
      g_ptr_array_add (providers, make_provider ());
    }
  try_document (providers->pdata[0], data, size);
  try_parameter (providers, text);
  try_parameter (providers, base64);
  return 0;
}
