/* Whom a node trusts, by its configuration. */
#include "config.h"
#include "keyvalidator/oauth/kv-saml-trust.h"
#include "tests/lib/saml-world.h"

#include <string.h>

typedef struct
{
  ApimManualClock clock;
  ApimConfig config; /* what the trust needs of it */
  ApimSamlProvider provider;
  char *certificate;
} Fixture;

static char *no_words[] = { NULL };
static char *tenants[] = { (char *)"wonder.land", (char *)"carbon.super", NULL };

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *text
      = saml_certificate_new (saml_world.key, SAML_NOW_S - SAML_DAY_S, SAML_NOW_S + SAML_DAY_S);

  apim_manual_clock_init (&fixture->clock, SAML_NOW_S * 1000);
  fixture->certificate = saml_world_file ("idp.pem", text);
  fixture->provider = (ApimSamlProvider){ .issuer = (char *)SAML_ISSUER,
                                          .certificate = fixture->certificate,
                                          .recipients = no_words,
                                          .audiences = no_words,
                                          .tenants = tenants };
  fixture->config = (ApimConfig){ .saml_providers = g_ptr_array_new (), .timestamp_skew_ms = 10000 };
  g_ptr_array_add (fixture->config.saml_providers, &fixture->provider);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_ptr_array_unref (fixture->config.saml_providers);
  g_free (fixture->certificate);
}

static KvSamlTrust *
make (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  KvSamlTrust *trust = NULL;

  g_assert_true (kv_saml_trust_new (&fixture->config, SAML_ENDPOINT, &fixture->clock.clock, &trust, &error));
  g_assert_no_error (error);
  return trust;
}

static gboolean
takes (const KvSamlTrust *trust, const char *xml)
{
  g_autofree char *base64 = g_base64_encode ((const guchar *)xml, strlen (xml));
  g_autoptr (KvSamlAssertion) assertion = kv_saml_trust_read (trust, base64, NULL);

  return assertion != NULL;
}

static void
test_none (Fixture *fixture, gconstpointer data)
{
  g_ptr_array_set_size (fixture->config.saml_providers, 0);
  g_assert_null (make (fixture));
}

static void
test_bad_certificate (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  KvSamlTrust *trust = NULL;

  fixture->provider.certificate = (char *)"/nowhere/idp.pem";
  g_assert_false (kv_saml_trust_new (&fixture->config, SAML_ENDPOINT, &fixture->clock.clock, &trust, &error));
  g_assert_error (error, KV_SAML_ERROR, KV_SAML_ERROR_CERTIFICATE);
  g_assert_nonnull (strstr (error->message, "/nowhere/idp.pem"));
  g_assert_null (trust);
}

/* Good until 300 s from now, and OAuth/TimestampSkew. */
static void
test_times (Fixture *fixture, gconstpointer data)
{
  g_autoptr (KvSamlTrust) trust = make (fixture);
  g_autofree char *xml = saml_good ();

  g_assert_true (takes (trust, xml));
  apim_manual_clock_advance (&fixture->clock, 309999);
  g_assert_true (takes (trust, xml));
  apim_manual_clock_advance (&fixture->clock, 1);
  g_assert_false (takes (trust, xml));
}

static void
test_tenants (Fixture *fixture, gconstpointer data)
{
  g_autoptr (KvSamlProvider) provider = kv_saml_provider_new (&fixture->provider, SAML_ENDPOINT, NULL);

  g_assert_true (kv_saml_trust_covers (provider, "wonder.land"));
  g_assert_true (kv_saml_trust_covers (provider, "Carbon.Super"));
  g_assert_false (kv_saml_trust_covers (provider, "wonder.lan"));
  g_assert_false (kv_saml_trust_covers (provider, ""));
}

static void
test_waiting (Fixture *fixture, gconstpointer data)
{
  g_autoptr (KvSamlTrust) trust = make (fixture);

  for (guint i = 0; i < 6; i++)
    {
      g_assert_cmpint (kv_saml_trust_wait_ms (trust, "c", "192.0.2.7"), ==, 0);
      kv_saml_trust_failed (trust, "c", "192.0.2.7");
    }
  g_assert_cmpint (kv_saml_trust_wait_ms (trust, "c", "192.0.2.7"), >, 0);
  g_assert_cmpint (kv_saml_trust_wait_ms (trust, "d", "192.0.2.7"), ==, 0);
  g_assert_cmpint (kv_saml_trust_wait_ms (trust, "c", "192.0.2.8"), ==, 0);
  kv_saml_trust_succeeded (trust, "c", "192.0.2.7");
  g_assert_cmpint (kv_saml_trust_wait_ms (trust, "c", "192.0.2.7"), ==, 0);
}

static void
test_forgetting (Fixture *fixture, gconstpointer data)
{
  g_autoptr (KvSamlTrust) trust = make (fixture);
  gint64 before_ms = 0;

  g_assert_true (kv_saml_trust_should_forget (trust, &before_ms));
  g_assert_cmpint (before_ms, ==, SAML_NOW_S * 1000 - KV_SAML_KEEP_EXPIRED_MS);
  g_assert_false (kv_saml_trust_should_forget (trust, &before_ms));
  apim_manual_clock_advance (&fixture->clock, KV_SAML_FORGET_EVERY_US / 1000 - 1);
  g_assert_false (kv_saml_trust_should_forget (trust, &before_ms));
  apim_manual_clock_advance (&fixture->clock, 1);
  g_assert_true (kv_saml_trust_should_forget (trust, &before_ms));
  g_assert_false (kv_saml_trust_should_forget (trust, &before_ms));
}

#define ADD(name, test) g_test_add ("/saml-trust/" name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  saml_world_begin ();
  ADD ("none", test_none);
  ADD ("bad-certificate", test_bad_certificate);
  ADD ("times", test_times);
  ADD ("tenants", test_tenants);
  ADD ("waiting", test_waiting);
  ADD ("forgetting", test_forgetting);
  status = g_test_run ();
  saml_world_end ();
  return status;
}
