#include "config.h"
#include "tests/lib/saml-world.h"

#include <glib/gstdio.h>
#include <string.h>

SamlWorld saml_world;

char *
saml_world_file (const char *name, const char *text)
{
  char *path = g_build_filename (saml_world.folder, name, NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  return path;
}

KvSamlProvider *
saml_world_provider_of (const char *issuer, const char *certificate, gboolean weak, GError **error)
{
  static char *no_words[] = { NULL };
  static char *audiences[] = { (char *)SAML_ENDPOINT, (char *)"apim", NULL };
  static char *tenants[] = { (char *)"carbon.super", NULL };
  const ApimSamlProvider settings = { .issuer = (char *)issuer,
                                      .certificate = (char *)certificate,
                                      .recipients = no_words,
                                      .audiences = audiences,
                                      .tenants = tenants,
                                      .weak = weak };

  return kv_saml_provider_new (&settings, SAML_ENDPOINT, error);
}

KvSamlProvider *
saml_world_try_provider (const char *issuer, EVP_PKEY *first, EVP_PKEY *second, gboolean weak, GError **error)
{
  g_autofree char *one = saml_certificate_new (first, SAML_NOW_S - SAML_DAY_S, SAML_NOW_S + SAML_DAY_S);
  g_autofree char *two = second != NULL
                             ? saml_certificate_new (second, SAML_NOW_S - SAML_DAY_S, SAML_NOW_S + SAML_DAY_S)
                             : NULL;
  g_autofree char *both = g_strconcat (one, "some words between\n", two, NULL);
  g_autofree char *path = saml_world_file ("idp.pem", both);

  return saml_world_provider_of (issuer, path, weak, error);
}

KvSamlProvider *
saml_world_provider (const char *issuer, EVP_PKEY *first, EVP_PKEY *second, gboolean weak)
{
  g_autoptr (GError) error = NULL;
  KvSamlProvider *provider = saml_world_try_provider (issuer, first, second, weak, &error);

  g_assert_no_error (error);
  return provider;
}

char *
saml_good (void)
{
  SamlParts parts;

  saml_parts_init (&parts);
  return saml_signed (&parts, saml_world.key);
}

char *
saml_replace (const char *xml, const char *from, const char *to)
{
  g_auto (GStrv) pieces = g_strsplit (xml, from, -1);

  g_assert_cmpuint (g_strv_length (pieces), ==, 2);
  return g_strconcat (pieces[0], to, pieces[1], NULL);
}

KvSamlAssertion *
saml_read (const char *xml, GError **error)
{
  g_autofree char *base64 = g_base64_encode ((const guchar *)xml, strlen (xml));

  return kv_saml_assertion_read (base64, &saml_world.expectations, error);
}

void
saml_assert_name (const char *xml, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KvSamlAssertion) assertion = saml_read (xml, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (assertion->name, ==, name);
}

void
saml_assert_refused (const char *xml, const char *why)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KvSamlAssertion) assertion = saml_read (xml, &error);

  g_assert_error (error, KV_SAML_ERROR, KV_SAML_ERROR_REFUSED);
  g_assert_null (assertion);
  if (strstr (error->message, why) == NULL)
    g_error ("refused by \"%s\" instead of \"%s\"", error->message, why);
}

void
saml_assert_signed_refused (const SamlParts *parts, const char *why)
{
  g_autofree char *xml = saml_signed (parts, saml_world.key);

  saml_assert_refused (xml, why);
}

void
saml_world_begin (void)
{
  saml_world.folder = g_dir_make_tmp ("apim-saml-XXXXXX", NULL);
  saml_world.key = saml_key_new (2048);
  saml_world.other_key = saml_key_new (2048);
  saml_world.short_key = saml_key_new (1024);
  saml_world.ec_key = saml_key_new (0);
  saml_world.providers = g_ptr_array_new_with_free_func ((GDestroyNotify)kv_saml_provider_free);
  g_ptr_array_add (saml_world.providers,
                   saml_world_provider (SAML_ISSUER, saml_world.key, saml_world.ec_key, FALSE));
  g_ptr_array_add (saml_world.providers,
                   saml_world_provider ("https://second.example.com", saml_world.other_key, NULL, FALSE));
  saml_world.expectations = (KvSamlExpectations){ saml_world.providers, SAML_NOW_S * 1000, SAML_SKEW_MS };
}

void
saml_world_end (void)
{
  static const char *const files[] = { "idp.pem", "empty.pem", "broken.pem" };

  g_ptr_array_unref (saml_world.providers);
  EVP_PKEY_free (saml_world.key);
  EVP_PKEY_free (saml_world.other_key);
  EVP_PKEY_free (saml_world.short_key);
  EVP_PKEY_free (saml_world.ec_key);
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_build_filename (saml_world.folder, files[i], NULL);

      g_unlink (path);
    }
  g_rmdir (saml_world.folder);
  g_free (saml_world.folder);
}
