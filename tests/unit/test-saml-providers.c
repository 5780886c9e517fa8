/* Apimd/Saml2IdentityProviders: what is understood, and what stops the start. */
#include "config.h"

#include "common/apim-config.h"
#include "common/apim-saml-providers.h"

#include <string.h>

#define AT "api-manager.xml:1: Apimd/Saml2IdentityProviders"
#define NEEDED "<Issuer>https://idp.example.com</Issuer><Certificate>conf/idp.pem</Certificate>"

static GPtrArray *
read_list (const char *list, GError **error)
{
  g_autofree char *text = g_strconcat ("<A><Apimd>", list, "</Apimd></A>", NULL);
  g_autoptr (ApimXml) xml = apim_xml_parse ("api-manager.xml", text, strlen (text), error);

  return xml != NULL ? apim_saml_providers_read (xml, "/home/km", error) : NULL;
}

/* @providers: what is in the list. */
static GPtrArray *
read_providers (const char *providers, GError **error)
{
  g_autofree char *list
      = g_strconcat ("<Saml2IdentityProviders>", providers, "</Saml2IdentityProviders>", NULL);

  return read_list (list, error);
}

static GPtrArray *
read_one (const char *more)
{
  g_autofree char *provider = g_strconcat ("<IdentityProvider>" NEEDED, more, "</IdentityProvider>", NULL);
  g_autoptr (GError) error = NULL;
  GPtrArray *providers = read_providers (provider, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (providers->len, ==, 1);
  return providers;
}

static void
assert_words (char **words, const char *expected)
{
  g_autofree char *joined = g_strjoinv (" ", words);

  g_assert_cmpstr (joined, ==, expected);
}

static void
test_none (void)
{
  g_autoptr (GPtrArray) missing = read_list ("", NULL);
  g_autoptr (GPtrArray) empty = read_providers ("", NULL);

  g_assert_cmpuint (missing->len, ==, 0);
  g_assert_cmpuint (empty->len, ==, 0);
}

static void
test_standard (void)
{
  g_autoptr (GPtrArray) providers = read_one ("");
  const ApimSamlProvider *provider = providers->pdata[0];

  g_assert_cmpstr (provider->issuer, ==, "https://idp.example.com");
  g_assert_cmpstr (provider->certificate, ==, "/home/km/conf/idp.pem");
  assert_words (provider->recipients, "");
  assert_words (provider->audiences, "");
  assert_words (provider->tenants, "carbon.super");
  g_assert_false (provider->weak);
}

static void
test_all (void)
{
  g_autoptr (GPtrArray) providers = read_one (
      "<Recipient> https://gw:8243/token </Recipient><Audience>apim</Audience><Tenant>Wonder.Land</Tenant>"
      "<Recipient>https://km/oauth2/token</Recipient><Audience>other</Audience><Tenant>carbon.super</Tenant>"
      "<WeakSignatures>true</WeakSignatures>");
  const ApimSamlProvider *provider = providers->pdata[0];

  assert_words (provider->recipients, "https://gw:8243/token https://km/oauth2/token");
  assert_words (provider->audiences, "apim other");
  assert_words (provider->tenants, "wonder.land carbon.super");
  g_assert_true (provider->weak);
}

static void
test_refused (void)
{
  static const struct
  {
    const char *providers, *message;
  } rows[] = {
    { "<Provider/>", AT "/Provider: there is no such setting" },
    { "<IdentityProviders/>",
      AT "/IdentityProviders: there is no such setting: did you mean IdentityProvider?" },
    { "<IdentityProvider/>", AT "/IdentityProvider: the identity provider has no Issuer" },
    { "<IdentityProvider><Issuer/><Certificate>a</Certificate></IdentityProvider>",
      AT "/IdentityProvider: the identity provider has no Issuer" },
    { "<IdentityProvider><Issuer>a</Issuer></IdentityProvider>",
      AT "/IdentityProvider: the identity provider has no Certificate" },
    { "<IdentityProvider>" NEEDED "<Audiences>a</Audiences></IdentityProvider>",
      AT "/IdentityProvider/Audiences: there is no such setting: did you mean Audience?" },
    { "<IdentityProvider>" NEEDED "<Issuer>b</Issuer></IdentityProvider>",
      AT "/IdentityProvider/Issuer: the element stands here a second time" },
    { "<IdentityProvider>" NEEDED "<Audience/></IdentityProvider>",
      AT "/IdentityProvider/Audience: the element is empty" },
    { "<IdentityProvider>" NEEDED "<Tenant> </Tenant></IdentityProvider>",
      AT "/IdentityProvider/Tenant: the element is empty" },
    { "<IdentityProvider>" NEEDED "<Recipient>gateway</Recipient></IdentityProvider>",
      AT "/IdentityProvider/Recipient: not the URL of a token endpoint" },
    { "<IdentityProvider>" NEEDED "<Recipient>https:///token</Recipient></IdentityProvider>",
      AT "/IdentityProvider/Recipient: not the URL of a token endpoint" },
    { "<IdentityProvider>" NEEDED "<WeakSignatures>yes</WeakSignatures></IdentityProvider>",
      AT "/IdentityProvider/WeakSignatures: \"yes\" is not one of true, false" },
    { "<IdentityProvider>" NEEDED "</IdentityProvider><IdentityProvider>" NEEDED "</IdentityProvider>",
      AT "/IdentityProvider: there are two identity providers of this Issuer" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", rows[i].providers);
      g_assert_null (read_providers (rows[i].providers, &error));
      g_assert_cmpstr (g_quark_to_string (error->domain), ==, g_quark_to_string (APIM_CONFIG_ERROR));
      g_test_message ("-> %s", error->message);
      g_assert_true (g_str_has_prefix (error->message, rows[i].message));
    }
}

/* @n elements; one that is too many is told. */
static void
assert_bound (GString *(*make) (guint n), guint bound, const char *message)
{
  g_autoptr (GString) most = make (bound);
  g_autoptr (GString) more = make (bound + 1);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) providers = read_providers (most->str, &error);

  g_assert_no_error (error);
  g_assert_null (read_providers (more->str, &error));
  g_assert_nonnull (strstr (error->message, message));
}

static GString *
many_providers (guint n)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    g_string_append_printf (
        text, "<IdentityProvider><Issuer>%u</Issuer><Certificate>a</Certificate></IdentityProvider>", i);
  return text;
}

static GString *
many_audiences (guint n)
{
  GString *text = g_string_new ("<IdentityProvider>" NEEDED);

  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, "<Audience>%u</Audience>", i);
  g_string_append (text, "</IdentityProvider>");
  return text;
}

static void
test_bounds (void)
{
  assert_bound (many_providers, APIM_SAML_PROVIDERS_MAX, "there are more than 16 identity providers");
  assert_bound (many_audiences, APIM_SAML_WORDS_MAX, "there are more than 64");
}

static void
test_equal (void)
{
  static const char *const others[]
      = { "<Audience>a</Audience>", "<Tenant>a</Tenant>", "<Recipient>https://a</Recipient>",
          "<WeakSignatures>true</WeakSignatures>" };
  g_autoptr (GPtrArray) one = read_one ("");
  g_autoptr (GPtrArray) same = read_one ("<Tenant>carbon.super</Tenant>");
  g_autoptr (GPtrArray) none = read_list ("", NULL);

  g_assert_true (apim_saml_providers_equal (one, same));
  g_assert_false (apim_saml_providers_equal (one, none));
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autoptr (GPtrArray) other = read_one (others[i]);

      g_assert_false (apim_saml_providers_equal (one, other));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/saml-providers/none", test_none);
  g_test_add_func ("/saml-providers/standard", test_standard);
  g_test_add_func ("/saml-providers/all", test_all);
  g_test_add_func ("/saml-providers/refused", test_refused);
  g_test_add_func ("/saml-providers/bounds", test_bounds);
  g_test_add_func ("/saml-providers/equal", test_equal);
  return g_test_run ();
}
