/* SAML assertions: those that are taken, and what is wrong with others; test-kv-saml-wrapping.c has attacks.
 */
#include "config.h"
#include "keyvalidator/oauth/kv-saml-assertion.h"
#include "keyvalidator/oauth/kv-saml-document.h"
#include "tests/lib/saml-world.h"

#include <string.h>

static void
test_good (void)
{
  g_autofree char *xml = saml_good ();
  g_autoptr (GError) error = NULL;
  g_autoptr (KvSamlAssertion) assertion = saml_read (xml, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (assertion->name, ==, "mary");
  g_assert_cmpstr (assertion->issuer, ==, SAML_ISSUER);
  g_assert_cmpstr (assertion->id, ==, "_a1");
  g_assert_cmpint (assertion->expires_ms, ==, (SAML_NOW_S + 300) * 1000 + SAML_SKEW_MS);
  g_assert_true (assertion->provider == saml_world.providers->pdata[0]);
}

/* As the endpoint calls itself, and as we are called, where the settings say nothing else. */
static void
test_names_of_us (void)
{
  const KvSamlProvider *provider = saml_world.providers->pdata[0];
  static char *no_words[] = { NULL };
  static char *recipients[] = { (char *)"https://gw:8243/token", NULL };
  g_autofree char *certificate
      = saml_certificate_new (saml_world.key, SAML_NOW_S - SAML_DAY_S, SAML_NOW_S + SAML_DAY_S);
  g_autofree char *path = saml_world_file ("idp.pem", certificate);
  const ApimSamlProvider settings = { .issuer = (char *)"x",
                                      .certificate = path,
                                      .recipients = recipients,
                                      .audiences = no_words,
                                      .tenants = no_words };
  g_autoptr (KvSamlProvider) other = kv_saml_provider_new (&settings, SAML_ENDPOINT, NULL);

  g_assert_cmpuint (g_strv_length (provider->recipients), ==, 1);
  g_assert_cmpstr (provider->recipients[0], ==, SAML_ENDPOINT);
  g_assert_cmpuint (g_strv_length (provider->audiences), ==, 2);
  g_assert_cmpuint (g_strv_length (other->audiences), ==, 1);
  g_assert_cmpstr (other->audiences[0], ==, "https://gw:8243/token");
}

/* Issuer and ID make it, and where one ends. */
static void
test_digest (void)
{
  static const struct
  {
    const char *issuer, *id;
  } rows[] = {
    { "https://idp", "_a1" }, { "https://idp", "_a2" }, { "https://idp2", "_a1" }, { "https://idp_", "a1" }
  };
  char digests[G_N_ELEMENTS (rows)][APIM_SHA256_HEX_SIZE];

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const KvSamlAssertion assertion = {
        .issuer = (char *)rows[i].issuer, .id = (char *)rows[i].id, .name = (char *)"x", .expires_ms = i
      };
      const KvSamlAssertion same = { .issuer = assertion.issuer, .id = assertion.id, .name = (char *)"y" };
      char again[APIM_SHA256_HEX_SIZE];

      g_assert_true (kv_saml_assertion_digest (&assertion, digests[i]));
      g_assert_true (kv_saml_assertion_digest (&same, again));
      g_assert_cmpstr (digests[i], ==, again);
      for (guint j = 0; j < i; j++)
        g_assert_cmpstr (digests[i], !=, digests[j]);
    }
}

static void
test_base64 (void)
{
  static const char *const bad[] = { "",     "=",     "====", "A",   "AAAAA",    "AAA===",  "AA=A",
                                     "AA A", "AAAA=", "AA=",  "%3C", "PHg\tLz4", "<saml/>", "\303\244AAA" };
  g_autofree char *xml = saml_good ();
  g_autofree char *base64 = NULL;
  g_autofree char *wrapped = NULL;
  g_autoptr (KvSamlAssertion) assertion = NULL;

  /* The last bytes of a document may be white space: each length of padding comes up. */
  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *standard = g_base64_encode ((const guchar *)xml, strlen (xml));
      g_autofree char *url = g_strdelimit (g_strdup (standard), "+", '-');
      g_autofree char *longer = g_strconcat (xml, " ", NULL);
      g_autoptr (KvSamlAssertion) one = kv_saml_assertion_read (standard, &saml_world.expectations, NULL);
      g_autoptr (KvSamlAssertion) two = NULL;

      g_strdelimit (url, "/", '_');
      if (strchr (url, '=') != NULL)
        *strchr (url, '=') = '\0';
      two = kv_saml_assertion_read (url, &saml_world.expectations, NULL);
      g_assert_nonnull (one);
      g_assert_nonnull (two);
      g_free (xml);
      xml = g_steal_pointer (&longer);
    }
  base64 = g_base64_encode ((const guchar *)xml, strlen (xml));
  wrapped = g_strconcat ("\r\n", base64, "\n", NULL);
  assertion = kv_saml_assertion_read (wrapped, &saml_world.expectations, NULL);
  g_assert_nonnull (assertion);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (kv_saml_assertion_read (bad[i], &saml_world.expectations, &error));
      g_assert_error (error, KV_SAML_ERROR, KV_SAML_ERROR_REFUSED);
      g_assert_nonnull (strstr (error->message, "base64url"));
    }
}

static void
test_algorithms (void)
{
  static const struct
  {
    const char *method, *digest;
    gboolean ec;
  } rows[] = {
    { SAML_DSIG_MORE "rsa-sha384", SAML_DSIG_MORE "sha384", FALSE },
    { SAML_DSIG_MORE "rsa-sha512", "http://www.w3.org/2001/04/xmlenc#sha512", FALSE },
    { SAML_ECDSA_SHA256, SAML_SHA256, TRUE },
    { SAML_DSIG_MORE "ecdsa-sha384", SAML_SHA256, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      SamlParts parts;
      g_autofree char *xml = NULL;

      saml_parts_init (&parts);
      parts.method = rows[i].method;
      parts.digest = rows[i].digest;
      xml = saml_signed (&parts, rows[i].ec ? saml_world.ec_key : saml_world.key);
      saml_assert_name (xml, "mary");
    }
}

static void
test_names (void)
{
  static const struct
  {
    const char *element, *name;
  } rows[] = {
    { "<saml:NameID "
      "Format=\"urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress\">mary@example.com</saml:NameID>",
      "mary@example.com" },
    { "<saml:NameID>\n  mary\n</saml:NameID>", "mary" },
    { "<saml:NameID>m&#228;ry &amp; co</saml:NameID>", "m\xc3\xa4ry & co" },
    { "<saml:NameID><![CDATA[mary]]>@<![CDATA[tenant]]></saml:NameID>", "mary@tenant" },
    { "<saml:NameID>admin<!-- x -->@evil.example.com</saml:NameID>", "admin@evil.example.com" },
  };
  static const char *const refused[] = {
    "",
    "<saml:NameID/>",
    "<saml:NameID> <!-- admin --> </saml:NameID>",
    "<saml:NameID>admin<saml:x/></saml:NameID>",
    "<saml:NameID>a</saml:NameID><saml:NameID>b</saml:NameID>",
    "<saml:EncryptedID>admin</saml:EncryptedID>",
    "<NameID>admin</NameID>",
    "<x:NameID xmlns:x=\"urn:x\">admin</x:NameID>",
  };
  g_autofree char *long_name = g_strnfill (KV_SAML_MAX_NAME + 1, 'x');
  g_autofree char *long_element = g_strconcat ("<saml:NameID>", long_name, "</saml:NameID>", NULL);
  SamlParts parts;

  saml_parts_init (&parts);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *xml = NULL;

      parts.name_id = rows[i].element;
      xml = saml_signed (&parts, saml_world.key);
      saml_assert_name (xml, rows[i].name);
    }
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      parts.name_id = refused[i];
      saml_assert_signed_refused (&parts, "must have a NameID, once");
    }
  parts.name_id = long_element;
  saml_assert_signed_refused (&parts, "NameID is too long");
}

/* A comment is not signed, so anybody can put one in: it must change nothing. */
static void
test_comment_put_in (void)
{
  g_autofree char *xml = saml_good ();
  g_autofree char *cut = saml_replace (xml, ">mary<", ">ma<!---->ry<");
  g_autofree char *cut_issuer = saml_replace (xml, ">" SAML_ISSUER "<", ">https://idp<!---->.example.com<");

  saml_assert_name (cut, "mary");
  saml_assert_name (cut_issuer, "mary");
}

static void
test_signature (void)
{
  SamlParts parts;
  g_autofree char *xml = saml_good ();
  g_autofree char *other_name = saml_replace (xml, ">mary<", ">admin<");
  g_autofree char *other_value = saml_replace (xml, "<ds:SignatureValue>", "<ds:SignatureValue>AAAA");
  g_autofree char *no_value = NULL;
  g_autofree char *unsigned_one = NULL;
  g_autofree char *by_other = NULL;
  g_autofree char *with_key = NULL;

  saml_parts_init (&parts);
  unsigned_one = saml_unsigned (&parts);
  by_other = saml_signed (&parts, saml_world.other_key);
  parts.key_info = "<ds:KeyInfo><ds:KeyValue/></ds:KeyInfo>";
  with_key = saml_signed (&parts, saml_world.other_key);
  g_assert_nonnull (strstr (with_key, "Modulus"));
  no_value = g_strdup (xml);
  memset (strstr (no_value, "<ds:DigestValue>") + strlen ("<ds:DigestValue>"), 'A', 8);

  saml_assert_refused (unsigned_one, "is not signed");
  saml_assert_refused (other_name, "not the identity provider's");
  saml_assert_refused (other_value, "not the identity provider's");
  saml_assert_refused (no_value, "not the identity provider's");
  saml_assert_refused (by_other, "not the identity provider's");
  saml_assert_refused (with_key, "not the identity provider's");
  g_free (with_key);
  with_key = saml_signed (&parts, saml_world.key);
  saml_assert_name (with_key, "mary");
}

static void
test_algorithms_refused (void)
{
  static const char transform_xslt[] = SAML_TRANSFORMS
      "<ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xslt-19991116\"><xsl:stylesheet"
      " version=\"1.0\" xmlns:xsl=\"http://www.w3.org/1999/XSL/Transform\"/></ds:Transform>";
  static const char transform_xpath[]
      = "<ds:Transform Algorithm=\"" SAML_DSIG "enveloped-signature\"/><ds:Transform Algorithm="
        "\"http://www.w3.org/TR/1999/"
        "REC-xpath-19991116\"><ds:XPath>not(ancestor-or-self::node()[local-name()="
        "'NameID'])</ds:XPath></ds:Transform>";
  static const char *const transforms[]
      = { "<ds:Transform Algorithm=\"" SAML_EXCLUSIVE "\"/><ds:Transform Algorithm=\"" SAML_DSIG
          "enveloped-signature\"/>",
          "<ds:Transform Algorithm=\"" SAML_DSIG "enveloped-signature\"/>",
          "<ds:Transform Algorithm=\"" SAML_DSIG "enveloped-signature\"/><ds:Transform"
          " Algorithm=\"http://www.w3.org/TR/2001/REC-xml-c14n-20010315\"/>",
          transform_xpath };
  g_autofree char *certificate
      = saml_certificate_new (saml_world.key, SAML_NOW_S - SAML_DAY_S, SAML_NOW_S + SAML_DAY_S);
  g_autofree char *hmac = NULL;
  g_autofree char *xslt = NULL;
  g_autofree char *xml = saml_good ();
  SamlParts parts;

  saml_parts_init (&parts);
  parts.method = SAML_DSIG_MORE "hmac-sha256";
  hmac = saml_signed_hmac (&parts, certificate, strlen (certificate));
  saml_assert_refused (hmac, "RSA or ECDSA");
  saml_parts_init (&parts);
  parts.method = SAML_DSIG "rsa-sha1";
  saml_assert_signed_refused (&parts, "SHA-256 or better");
  saml_parts_init (&parts);
  parts.digest = SAML_DSIG "sha1";
  saml_assert_signed_refused (&parts, "the digest of the signature must be SHA-256");
  saml_parts_init (&parts);
  parts.canonicalization = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
  saml_assert_signed_refused (&parts, "exclusive canonicalization");
  for (guint i = 0; i < G_N_ELEMENTS (transforms); i++)
    {
      g_autofree char *other = saml_replace (xml, SAML_TRANSFORMS, transforms[i]);

      saml_assert_refused (other, "must have the transforms");
    }
  xslt = saml_replace (xml, SAML_TRANSFORMS, transform_xslt);
  saml_assert_refused (xslt, "must have the transforms");
}

static void
test_documents_refused (void)
{
  static const struct
  {
    const char *xml, *why;
  } rows[] = {
    { "<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]><x>&b;</x>", "DOCTYPE" },
    { "<!DOCTYPE x SYSTEM \"file:///etc/passwd\"><x/>", "DOCTYPE" },
    { "<x>&a;</x>", "well-formed" },
    { "<x><?php x?></x>", "processing instructions" },
    { "<x>", "well-formed" },
    { "<y:x/>", "well-formed" },
    { "<x a=\"1\" a=\"2\"/>", "well-formed" },
    { "\xff\xfe<\0x", "UTF-8" },
    { "text", "well-formed" },
    { "<saml:EncryptedAssertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\"/>", "by itself" },
    { "<Assertion/>", "by itself" },
    { "<Assertion xmlns=\"urn:oasis:names:tc:SAML:1.0:assertion\"/>", "by itself" },
  };
  g_autofree char *huge = g_strnfill (KV_SAML_MAX_BYTES + 1, ' ');
  g_autoptr (GString) deep = g_string_new (NULL);
  g_autoptr (GString) deeper = g_string_new (NULL);
  g_autoptr (GString) wide = g_string_new ("<x>");
  g_autoptr (GString) attributes = g_string_new ("<x");

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    saml_assert_refused (rows[i].xml, rows[i].why);
  for (guint i = 0; i <= KV_SAML_MAX_DEPTH; i++)
    g_string_append (deep, "<x>");
  for (guint i = 0; i <= KV_SAML_MAX_DEPTH; i++)
    g_string_append (deep, "</x>");
  for (guint i = 0; i < 10000; i++)
    g_string_append (deeper, "<x>");
  for (guint i = 0; i < KV_SAML_MAX_ELEMENTS; i++)
    g_string_append (wide, "<x/>");
  g_string_append (wide, "</x>");
  for (guint i = 0; i <= KV_SAML_MAX_EQUALS_SIGNS; i++)
    g_string_append_printf (attributes, " a%x=''", i);
  g_string_append (attributes, "/>");
  saml_assert_refused (huge, "too large");
  saml_assert_refused (deep->str, "within each other");
  saml_assert_refused (deeper->str, "well-formed");
  saml_assert_refused (wide->str, "too many elements");
  saml_assert_refused (attributes->str, "too many attributes");
}

static void
test_huge_parameter (void)
{
  g_autofree char *huge = g_strnfill (KV_SAML_MAX_BYTES * 2 + 1, 'A');
  g_autoptr (GError) error = NULL;

  g_assert_null (kv_saml_assertion_read (huge, &saml_world.expectations, &error));
  g_assert_error (error, KV_SAML_ERROR, KV_SAML_ERROR_REFUSED);
}

/* A good one behind a DOCTYPE is none. */
static void
test_doctype_before_good (void)
{
  g_autofree char *xml = saml_good ();
  g_autofree char *typed = g_strconcat ("<!DOCTYPE saml:Assertion>", strstr (xml, "<saml:Assertion"), NULL);

  saml_assert_refused (typed, "DOCTYPE");
}

#define AUDIENCE(text)                                                                                       \
  "<saml:AudienceRestriction><saml:Audience>" text "</saml:Audience></saml:AudienceRestriction>"
#define CONDITIONS(attributes, content) "<saml:Conditions " attributes ">" content "</saml:Conditions>"
#define UNTIL "NotOnOrAfter=\"2030-01-01T00:10:00Z\""

static void
test_conditions (void)
{
  static const struct
  {
    const char *conditions, *why; /* NULL: taken */
  } rows[] = {
    { CONDITIONS ("", AUDIENCE (SAML_ENDPOINT)), NULL },
    { CONDITIONS ("", AUDIENCE ("apim") "<saml:OneTimeUse/><saml:ProxyRestriction/>"), NULL },
    { CONDITIONS ("NotOnOrAfter=\"2029-12-31T23:59:01Z\"", AUDIENCE ("apim")), NULL }, /* the skew */
    { CONDITIONS ("NotBefore=\"2030-01-01T00:01:00Z\"", AUDIENCE ("apim")), NULL },
    { CONDITIONS ("NotBefore=\"2030-01-01T02:00:00+02:00\"", AUDIENCE ("apim")), NULL },
    { CONDITIONS ("NotOnOrAfter=\"2029-12-31T23:59:00Z\"", AUDIENCE ("apim")), "has expired" },
    { CONDITIONS ("NotBefore=\"2030-01-01T00:01:01Z\"", AUDIENCE ("apim")), "not valid yet" },
    { CONDITIONS ("NotOnOrAfter=\"\"", AUDIENCE ("apim")), "not understood" },
    { CONDITIONS ("NotOnOrAfter=\"2030\"", AUDIENCE ("apim")), "not understood" },
    { CONDITIONS ("NotOnOrAfter=\"2030-W01-1T00:10:00Z\"", AUDIENCE ("apim")), "not understood" },
    { CONDITIONS ("NotBefore=\"tomorrow\"", AUDIENCE ("apim")), "not understood" },
    { CONDITIONS ("NotOnOrAfter=\"2030-13-01T00:00:00Z\"", AUDIENCE ("apim")), "not understood" },
    { CONDITIONS (UNTIL, ""), "names no audience" },
    { CONDITIONS (UNTIL, AUDIENCE ("https://other.example.com")), "another audience" },
    { CONDITIONS (UNTIL, AUDIENCE (SAML_ENDPOINT "/x")), "another audience" },
    { CONDITIONS (UNTIL, AUDIENCE ("apim") AUDIENCE ("other")), "another audience" },
    { CONDITIONS (UNTIL, "<saml:AudienceRestriction/>"), "another audience" },
    { CONDITIONS (UNTIL, AUDIENCE ("apim") "<saml:Condition/>"), "not known" },
    { "", "must have Conditions, once" },
    { CONDITIONS (UNTIL, AUDIENCE ("apim")) CONDITIONS (UNTIL, AUDIENCE ("apim")),
      "must have Conditions, once" },
  };
  SamlParts parts;

  saml_parts_init (&parts);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *xml = NULL;

      parts.conditions = rows[i].conditions;
      xml = saml_signed (&parts, saml_world.key);
      if (rows[i].why == NULL)
        saml_assert_name (xml, "mary");
      else
        saml_assert_refused (xml, rows[i].why);
    }
}

#define BEARER_METHOD "urn:oasis:names:tc:SAML:2.0:cm:bearer"
#define CONFIRMATION(method, data)                                                                           \
  "<saml:SubjectConfirmation Method=\"" method "\">" data "</saml:SubjectConfirmation>"
#define DATA(attributes) "<saml:SubjectConfirmationData " attributes "/>"
#define TO_US "Recipient=\"" SAML_ENDPOINT "\" "

static void
test_confirmations (void)
{
  static const char *const taken[] = {
    CONFIRMATION (BEARER_METHOD, DATA (TO_US UNTIL " Address=\"192.0.2.1\" InResponseTo=\"x\"")),
    CONFIRMATION ("urn:oasis:names:tc:SAML:2.0:cm:holder-of-key", "")
        CONFIRMATION (BEARER_METHOD, DATA (TO_US UNTIL)),
    CONFIRMATION (BEARER_METHOD, DATA ("Recipient=\"https://other.example.com\" " UNTIL))
        CONFIRMATION (BEARER_METHOD, DATA (TO_US UNTIL)),
  };
  static const char *const refused[] = {
    "",
    CONFIRMATION (BEARER_METHOD, ""),
    CONFIRMATION (BEARER_METHOD, DATA (UNTIL)),
    CONFIRMATION (BEARER_METHOD, DATA (TO_US)),
    CONFIRMATION (BEARER_METHOD, DATA ("Recipient=\"https://other.example.com\" " UNTIL)),
    CONFIRMATION (BEARER_METHOD, DATA ("Recipient=\"apim\" " UNTIL)), /* an audience is no address */
    CONFIRMATION (BEARER_METHOD, DATA (TO_US "NotOnOrAfter=\"2029-12-31T23:59:00Z\"")),
    CONFIRMATION (BEARER_METHOD, DATA (TO_US "NotOnOrAfter=\"soon\"")),
    CONFIRMATION (BEARER_METHOD, DATA (TO_US UNTIL " NotBefore=\"2030-01-01T00:05:00Z\"")),
    CONFIRMATION (BEARER_METHOD, DATA (TO_US UNTIL) DATA (TO_US UNTIL)),
    CONFIRMATION ("urn:oasis:names:tc:SAML:2.0:cm:sender-vouches", DATA (TO_US UNTIL)),
    CONFIRMATION ("urn:oasis:names:tc:SAML:2.0:cm:holder-of-key", DATA (TO_US UNTIL)),
  };
  SamlParts parts;

  saml_parts_init (&parts);
  for (guint i = 0; i < G_N_ELEMENTS (taken); i++)
    {
      g_autofree char *xml = NULL;

      parts.confirmation = taken[i];
      xml = saml_signed (&parts, saml_world.key);
      saml_assert_name (xml, "mary");
    }
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      parts.confirmation = refused[i];
      saml_assert_signed_refused (&parts, "no SubjectConfirmation of a bearer");
    }
}

static void
test_issuer (void)
{
  SamlParts parts;

  saml_parts_init (&parts);
  parts.issuer = "https://other.example.com";
  saml_assert_signed_refused (&parts, "no identity provider that is known here");
  parts.issuer = SAML_ISSUER "</saml:Issuer><saml:Issuer>https://second.example.com";
  saml_assert_signed_refused (&parts, "no identity provider that is known here");
  parts.issuer = "https://second.example.com"; /* known, but with another key */
  saml_assert_signed_refused (&parts, "not the identity provider's");
  saml_parts_init (&parts);
  parts.version = "1.1";
  saml_assert_signed_refused (&parts, "Version is not 2.0");
}

/* WeakSignatures: for this provider only. */
static void
test_weak (void)
{
  static const char issuer[] = "https://weak.example.com";
  g_autoptr (GError) error = NULL;
  g_autofree char *xml = NULL;
  SamlParts parts;

  g_assert_null (saml_world_try_provider (issuer, saml_world.short_key, NULL, FALSE, &error));
  g_assert_error (error, KV_SAML_ERROR, KV_SAML_ERROR_CERTIFICATE);
  g_assert_nonnull (strstr (error->message, "WeakSignatures"));
  g_ptr_array_add (saml_world.providers, saml_world_provider (issuer, saml_world.short_key, NULL, TRUE));
  saml_parts_init (&parts);
  parts.issuer = issuer;
  parts.method = SAML_DSIG "rsa-sha1";
  parts.digest = SAML_DSIG "sha1";
  xml = saml_signed (&parts, saml_world.short_key);
  saml_assert_name (xml, "mary");
  g_ptr_array_remove_index (saml_world.providers, saml_world.providers->len - 1);
}

static void
test_certificates (void)
{
  g_autofree char *missing = g_build_filename (saml_world.folder, "missing.pem", NULL);
  g_autofree char *empty = saml_world_file ("empty.pem", "no certificate\n");
  g_autofree char *broken
      = saml_world_file ("broken.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
  const char *const paths[] = { missing, empty, broken };
  g_autofree char *xml = saml_good ();

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (saml_world_provider_of ("x", paths[i], FALSE, &error));
      g_assert_error (error, KV_SAML_ERROR, KV_SAML_ERROR_CERTIFICATE);
      g_assert_nonnull (strstr (error->message, paths[i]));
    }
  saml_world.expectations.now_ms += 2 * SAML_DAY_S * 1000;
  saml_assert_refused (xml, "certificate is not valid at this time");
  saml_world.expectations.now_ms -= 4 * SAML_DAY_S * 1000;
  saml_assert_refused (xml, "certificate is not valid at this time");
  saml_world.expectations.now_ms = SAML_NOW_S * 1000;
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  saml_world_begin ();
  g_test_add_func ("/saml/good", test_good);
  g_test_add_func ("/saml/names-of-us", test_names_of_us);
  g_test_add_func ("/saml/digest", test_digest);
  g_test_add_func ("/saml/base64", test_base64);
  g_test_add_func ("/saml/algorithms", test_algorithms);
  g_test_add_func ("/saml/names", test_names);
  g_test_add_func ("/saml/comment-put-in", test_comment_put_in);
  g_test_add_func ("/saml/signature", test_signature);
  g_test_add_func ("/saml/algorithms-refused", test_algorithms_refused);
  g_test_add_func ("/saml/documents-refused", test_documents_refused);
  g_test_add_func ("/saml/huge-parameter", test_huge_parameter);
  g_test_add_func ("/saml/doctype-before-good", test_doctype_before_good);
  g_test_add_func ("/saml/conditions", test_conditions);
  g_test_add_func ("/saml/confirmations", test_confirmations);
  g_test_add_func ("/saml/issuer", test_issuer);
  g_test_add_func ("/saml/weak", test_weak);
  g_test_add_func ("/saml/certificates", test_certificates);
  result = g_test_run ();
  saml_world_end ();
  return result;
}
