/* SAML assertions: those that are taken, and every way known to have something else taken for one. */
#include "config.h"
#include "keyvalidator/oauth/kv-saml-assertion.h"
#include "keyvalidator/oauth/kv-saml-document.h"
#include "tests/lib/saml-signer.h"

#include <glib/gstdio.h>
#include <string.h>

#define DAY_S G_GINT64_CONSTANT (86400)
#define SKEW_MS 60000

typedef struct
{
  EVP_PKEY *key, *other_key, *ec_key, *short_key;
  char *folder;
  GPtrArray *providers;
  KvSamlExpectations expectations;
} World;

static World world;

static const char *const endpoints[] = { SAML_ENDPOINT, NULL };
static const char *const audiences[] = { SAML_ENDPOINT, "apim", NULL };

static char *
write_file (const char *name, const char *text)
{
  char *path = g_build_filename (world.folder, name, NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  return path;
}

/* The certificates of these keys, valid a day around SAML_NOW_S. */
static KvSamlProvider *
try_provider (const char *issuer, EVP_PKEY *first, EVP_PKEY *second, gboolean weak, GError **error)
{
  g_autofree char *one = saml_certificate_new (first, SAML_NOW_S - DAY_S, SAML_NOW_S + DAY_S);
  g_autofree char *two
      = second != NULL ? saml_certificate_new (second, SAML_NOW_S - DAY_S, SAML_NOW_S + DAY_S) : NULL;
  g_autofree char *both = g_strconcat (one, "some words between\n", two, NULL);
  g_autofree char *path = write_file ("idp.pem", both);

  return kv_saml_provider_new (issuer, path, endpoints, audiences, weak, error);
}

static KvSamlProvider *
make_provider (const char *issuer, EVP_PKEY *first, EVP_PKEY *second, gboolean weak)
{
  g_autoptr (GError) error = NULL;
  KvSamlProvider *provider = try_provider (issuer, first, second, weak, &error);

  g_assert_no_error (error);
  return provider;
}

static KvSamlAssertion *
read_text (const char *xml, GError **error)
{
  g_autofree char *base64 = g_base64_encode ((const guchar *)xml, strlen (xml));

  return kv_saml_assertion_read (base64, &world.expectations, error);
}

static void
assert_name (const char *xml, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KvSamlAssertion) assertion = read_text (xml, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (assertion->name, ==, name);
}

/* @why: a part of the message: so a test cannot pass by another refusal than its own. */
static void
assert_refused (const char *xml, const char *why)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KvSamlAssertion) assertion = read_text (xml, &error);

  g_assert_error (error, KV_SAML_ERROR, KV_SAML_ERROR_REFUSED);
  g_assert_null (assertion);
  if (strstr (error->message, why) == NULL)
    g_error ("refused by \"%s\" instead of \"%s\"", error->message, why);
}

/* Signed by the provider's own key, and all the same refused. */
static void
assert_signed_refused (const SamlParts *parts, const char *why)
{
  g_autofree char *xml = saml_signed (parts, world.key);

  assert_refused (xml, why);
}

/* @xml with its only @from replaced. */
static char *
replace (const char *xml, const char *from, const char *to)
{
  g_auto (GStrv) pieces = g_strsplit (xml, from, -1);

  g_assert_cmpuint (g_strv_length (pieces), ==, 2);
  return g_strconcat (pieces[0], to, pieces[1], NULL);
}

static char *
good (void)
{
  SamlParts parts;

  saml_parts_init (&parts);
  return saml_signed (&parts, world.key);
}

static void
test_good (void)
{
  g_autofree char *xml = good ();
  g_autoptr (GError) error = NULL;
  g_autoptr (KvSamlAssertion) assertion = read_text (xml, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (assertion->name, ==, "mary");
  g_assert_cmpstr (assertion->issuer, ==, SAML_ISSUER);
  g_assert_cmpstr (assertion->id, ==, "_a1");
  g_assert_cmpint (assertion->expires_ms, ==, (SAML_NOW_S + 300) * 1000 + SKEW_MS);
}

static void
test_base64 (void)
{
  static const char *const bad[] = { "",
                                     "=",
                                     "====",
                                     "A",
                                     "AAAAA",
                                     "AAA===",
                                     "AA=A",
                                     "AA A",
                                     "AAAA=",
                                     "AA=",
                                     "%3C",
                                     "PHg\tLz4",
                                     "<saml/>",
                                     "\303\244AAA" };
  g_autofree char *xml = good ();
  g_autofree char *base64 = NULL;
  g_autofree char *wrapped = NULL;
  g_autoptr (KvSamlAssertion) assertion = NULL;

  /* The last bytes of a document may be white space: each length of padding comes up. */
  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *standard = g_base64_encode ((const guchar *)xml, strlen (xml));
      g_autofree char *url = g_strdelimit (g_strdup (standard), "+", '-');
      g_autofree char *longer = g_strconcat (xml, " ", NULL);
      g_autoptr (KvSamlAssertion) one = kv_saml_assertion_read (standard, &world.expectations, NULL);
      g_autoptr (KvSamlAssertion) two = NULL;

      g_strdelimit (url, "/", '_');
      if (strchr (url, '=') != NULL)
        *strchr (url, '=') = '\0';
      two = kv_saml_assertion_read (url, &world.expectations, NULL);
      g_assert_nonnull (one);
      g_assert_nonnull (two);
      g_free (xml);
      xml = g_steal_pointer (&longer);
    }
  base64 = g_base64_encode ((const guchar *)xml, strlen (xml));
  wrapped = g_strconcat ("\r\n", base64, "\n", NULL);
  assertion = kv_saml_assertion_read (wrapped, &world.expectations, NULL);
  g_assert_nonnull (assertion);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (kv_saml_assertion_read (bad[i], &world.expectations, &error));
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
      xml = saml_signed (&parts, rows[i].ec ? world.ec_key : world.key);
      assert_name (xml, "mary");
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
      xml = saml_signed (&parts, world.key);
      assert_name (xml, rows[i].name);
    }
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      parts.name_id = refused[i];
      assert_signed_refused (&parts, "must have a NameID, once");
    }
  parts.name_id = long_element;
  assert_signed_refused (&parts, "NameID is too long");
}

/* A comment is not signed, so anybody can put one in: it must change nothing. */
static void
test_comment_put_in (void)
{
  g_autofree char *xml = good ();
  g_autofree char *cut = replace (xml, ">mary<", ">ma<!---->ry<");
  g_autofree char *cut_issuer = replace (xml, ">" SAML_ISSUER "<", ">https://idp<!---->.example.com<");

  assert_name (cut, "mary");
  assert_name (cut_issuer, "mary");
}

static void
test_signature (void)
{
  SamlParts parts;
  g_autofree char *xml = good ();
  g_autofree char *other_name = replace (xml, ">mary<", ">admin<");
  g_autofree char *other_value = replace (xml, "<ds:SignatureValue>", "<ds:SignatureValue>AAAA");
  g_autofree char *no_value = NULL;
  g_autofree char *unsigned_one = NULL;
  g_autofree char *by_other = NULL;
  g_autofree char *with_key = NULL;

  saml_parts_init (&parts);
  unsigned_one = saml_unsigned (&parts);
  by_other = saml_signed (&parts, world.other_key);
  parts.key_info = "<ds:KeyInfo><ds:KeyValue/></ds:KeyInfo>";
  with_key = saml_signed (&parts, world.other_key);
  g_assert_nonnull (strstr (with_key, "Modulus"));
  no_value = g_strdup (xml);
  memset (strstr (no_value, "<ds:DigestValue>") + strlen ("<ds:DigestValue>"), 'A', 8);

  assert_refused (unsigned_one, "is not signed");
  assert_refused (other_name, "not the identity provider's");
  assert_refused (other_value, "not the identity provider's");
  assert_refused (no_value, "not the identity provider's");
  assert_refused (by_other, "not the identity provider's");
  assert_refused (with_key, "not the identity provider's");
  g_free (with_key);
  with_key = saml_signed (&parts, world.key);
  assert_name (with_key, "mary");
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
  g_autofree char *certificate = saml_certificate_new (world.key, SAML_NOW_S - DAY_S, SAML_NOW_S + DAY_S);
  g_autofree char *hmac = NULL;
  g_autofree char *xslt = NULL;
  g_autofree char *xml = good ();
  SamlParts parts;

  saml_parts_init (&parts);
  parts.method = SAML_DSIG_MORE "hmac-sha256";
  hmac = saml_signed_hmac (&parts, certificate, strlen (certificate));
  assert_refused (hmac, "RSA or ECDSA");
  saml_parts_init (&parts);
  parts.method = SAML_DSIG "rsa-sha1";
  assert_signed_refused (&parts, "SHA-256 or better");
  saml_parts_init (&parts);
  parts.digest = SAML_DSIG "sha1";
  assert_signed_refused (&parts, "the digest of the signature must be SHA-256");
  saml_parts_init (&parts);
  parts.canonicalization = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
  assert_signed_refused (&parts, "exclusive canonicalization");
  for (guint i = 0; i < G_N_ELEMENTS (transforms); i++)
    {
      g_autofree char *other = replace (xml, SAML_TRANSFORMS, transforms[i]);

      assert_refused (other, "must have the transforms");
    }
  xslt = replace (xml, SAML_TRANSFORMS, transform_xslt);
  assert_refused (xslt, "must have the transforms");
}

static void
test_references_refused (void)
{
  static const char *const uris[] = { "",    "#xpointer(/)",         "#xpointer(id('_a1'))", "#_a2",
                                      "_a1", "http://127.0.0.1:9/x", "file:///etc/passwd" };
  g_autofree char *xml = good ();
  g_autofree char *two = NULL;
  g_autofree char *none = replace (xml, " URI=\"#_a1\"", "");
  g_autofree char *object
      = replace (xml, "</ds:Signature>", "<ds:Object><ds:Manifest/></ds:Object></ds:Signature>");
  const char *begin = strstr (xml, "<ds:Reference"), *end = strstr (xml, "</ds:SignedInfo>");
  g_autofree char *reference = g_strndup (begin, (gsize)(end - begin));
  g_autofree char *twice = g_strconcat (reference, "</ds:SignedInfo>", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (uris); i++)
    {
      g_autofree char *uri = g_strconcat (" URI=\"", uris[i], "\"", NULL);
      g_autofree char *other = replace (xml, " URI=\"#_a1\"", uri);

      assert_refused (other, "not for the assertion");
    }
  two = replace (xml, "</ds:SignedInfo>", twice);
  assert_refused (two, "must have one reference");
  assert_refused (none, "not for the assertion");
  assert_refused (object, "no objects of its own");
}

/* The signature, the assertion without it, and somebody else's assertion: what wrapping attacks are made of.
 */
typedef struct
{
  char *whole;     /* the signed assertion, as an element */
  char *signature; /* out of it */
  char *bare;      /* and what is left */
  char *evil;      /* with the ID _evil and the name admin; "@" where children may be put */
  char *same_id;   /* the same with the ID of the signed one */
} Pieces;

static void
pieces_clear (Pieces *pieces)
{
  g_free (pieces->whole);
  g_free (pieces->signature);
  g_free (pieces->bare);
  g_free (pieces->evil);
  g_free (pieces->same_id);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Pieces, pieces_clear)

static void
take_apart (Pieces *pieces)
{
  g_autofree char *xml = good ();
  SamlParts parts;
  char *end;

  pieces->whole = g_strdup (strstr (xml, "<saml:Assertion"));
  pieces->signature = g_strdup (strstr (xml, "<ds:Signature"));
  end = strstr (pieces->signature, "</ds:Signature>") + strlen ("</ds:Signature>");
  *end = '\0';
  pieces->bare = replace (pieces->whole, pieces->signature, "");
  saml_parts_init (&parts);
  parts.name_id = "<saml:NameID>admin</saml:NameID>";
  parts.id = "_evil";
  parts.more = "@@";
  pieces->evil = saml_unsigned (&parts);
  parts.id = "_a1";
  pieces->same_id = saml_unsigned (&parts);
}

static void
assert_wrapped_refused (const char *outer, const char *inner, const char *why)
{
  g_autofree char *xml = replace (outer, "@@", inner);

  assert_refused (xml, why);
}

/* The eight of "On Breaking SAML" (Somorovsky and others, 2012), where they were Responses, and what becomes
 * of them where the Assertion is the root. */
static void
test_wrapping (void)
{
  static const char response[]
      = "<samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\""
        " xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"_r\">@@</samlp:Response>";
  g_auto (Pieces) pieces = { NULL };
  g_autofree char *evil = NULL;
  g_autofree char *object_of_bare = NULL, *object_of_whole = NULL, *advice = NULL, *wrapped_signature = NULL;
  g_auto (GStrv) pairs = g_new0 (char *, 9);

  take_apart (&pieces);
  evil = replace (pieces.evil, "@@", "");
  object_of_bare = g_strconcat ("<ds:Object>", pieces.bare, "</ds:Object></ds:Signature>", NULL);
  object_of_whole
      = g_strconcat ("<ds:Object xmlns:ds=\"" SAML_DSIG "\">", pieces.whole, "</ds:Object>", NULL);
  wrapped_signature = replace (pieces.signature, "</ds:Signature>", object_of_bare);
  advice = g_strconcat ("<saml:Advice>", pieces.whole, "</saml:Advice>", NULL);

  pairs[0] = g_strconcat (evil, pieces.whole, NULL);
  pairs[1] = g_strconcat (pieces.whole, evil, NULL);
  pairs[2] = replace (pieces.evil, "@@", pieces.whole);
  pairs[3] = g_strconcat (pieces.signature, pieces.bare, evil, NULL);
  pairs[4] = replace (pieces.evil, "@@", wrapped_signature);
  pairs[5] = replace (pieces.same_id, "@@", wrapped_signature);
  pairs[6] = g_strconcat ("<samlp:Extensions>", pieces.whole, "</samlp:Extensions>", evil, NULL);
  pairs[7] = g_strconcat (evil, object_of_whole, NULL);
  for (char **pair = pairs; *pair != NULL; pair++)
    assert_wrapped_refused (response, *pair, "by itself: not a Response");
  assert_wrapped_refused (response, pieces.whole, "by itself: not a Response");

  assert_refused (evil, "is not signed");
  assert_wrapped_refused (pieces.evil, pieces.whole, "must have one signature");
  assert_wrapped_refused (pieces.evil, advice, "must have one signature");
  assert_wrapped_refused (pieces.evil, object_of_whole, "must have one signature");
  assert_wrapped_refused (pieces.evil, pieces.signature, "not for the assertion");
  assert_wrapped_refused (pieces.evil, wrapped_signature, "no objects of its own");
  assert_wrapped_refused (pieces.same_id, wrapped_signature, "no objects of its own");
  assert_wrapped_refused (pieces.same_id, pieces.signature, "not the identity provider's");
  g_free (pairs[0]);
  pairs[0] = g_strconcat (pieces.signature, pieces.bare, NULL);
  assert_wrapped_refused (pieces.evil, pairs[0], "not for the assertion");
  assert_wrapped_refused (pieces.same_id, pairs[0], "ID is there twice");
  g_free (pairs[1]);
  pairs[1] = g_strconcat (pieces.whole, evil, NULL);
  assert_refused (pairs[1], "not well-formed");
}

/* A second signature of the same, elsewhere in what is signed, would be another one to look at. */
static void
test_ids (void)
{
  static const char *const twins[] = { "<x ID=\"_a1\"/>",
                                       "<x Id=\"_a1\"/>",
                                       "<x id=\"_a1\"/>",
                                       "<x xml:id=\"_a1\"/>",
                                       "<x xmlns:y=\"urn:y\" y:ID=\"_a1\"/>",
                                       "<x ID=\"_&#97;1\"/>" };
  static const char *const bad_ids[] = { "", "1a", "a b", "xpointer(/)", "a:b" };
  g_autofree char *xml = good ();
  g_autofree char *none = replace (xml, " ID=\"_a1\"", "");

  for (guint i = 0; i < G_N_ELEMENTS (twins); i++)
    {
      g_autofree char *more = g_strconcat (twins[i], "</saml:Assertion>", NULL);
      g_autofree char *twin = replace (xml, "</saml:Assertion>", more);

      assert_refused (twin, "ID is there twice");
    }
  assert_refused (none, "has no ID");
  for (guint i = 0; i < G_N_ELEMENTS (bad_ids); i++)
    {
      g_autofree char *id = g_strconcat (" ID=\"", bad_ids[i], "\"", NULL);
      g_autofree char *uri = g_strconcat (" URI=\"#", bad_ids[i], "\"", NULL);
      g_autofree char *one = replace (xml, " ID=\"_a1\"", id);
      g_autofree char *both = replace (one, " URI=\"#_a1\"", uri);

      assert_refused (both, "ID is not one of XML");
    }
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
    assert_refused (rows[i].xml, rows[i].why);
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
  assert_refused (huge, "too large");
  assert_refused (deep->str, "within each other");
  assert_refused (deeper->str, "well-formed");
  assert_refused (wide->str, "too many elements");
  assert_refused (attributes->str, "too many attributes");
}

static void
test_huge_parameter (void)
{
  g_autofree char *huge = g_strnfill (KV_SAML_MAX_BYTES * 2 + 1, 'A');
  g_autoptr (GError) error = NULL;

  g_assert_null (kv_saml_assertion_read (huge, &world.expectations, &error));
  g_assert_error (error, KV_SAML_ERROR, KV_SAML_ERROR_REFUSED);
}

/* A good one behind a DOCTYPE is none. */
static void
test_doctype_before_good (void)
{
  g_autofree char *xml = good ();
  g_autofree char *typed = g_strconcat ("<!DOCTYPE saml:Assertion>", strstr (xml, "<saml:Assertion"), NULL);

  assert_refused (typed, "DOCTYPE");
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
      xml = saml_signed (&parts, world.key);
      if (rows[i].why == NULL)
        assert_name (xml, "mary");
      else
        assert_refused (xml, rows[i].why);
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
      xml = saml_signed (&parts, world.key);
      assert_name (xml, "mary");
    }
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      parts.confirmation = refused[i];
      assert_signed_refused (&parts, "no SubjectConfirmation of a bearer");
    }
}

static void
test_issuer (void)
{
  SamlParts parts;

  saml_parts_init (&parts);
  parts.issuer = "https://other.example.com";
  assert_signed_refused (&parts, "no identity provider that is known here");
  parts.issuer = SAML_ISSUER "</saml:Issuer><saml:Issuer>https://second.example.com";
  assert_signed_refused (&parts, "no identity provider that is known here");
  parts.issuer = "https://second.example.com"; /* known, but with another key */
  assert_signed_refused (&parts, "not the identity provider's");
  saml_parts_init (&parts);
  parts.version = "1.1";
  assert_signed_refused (&parts, "Version is not 2.0");
}

/* WeakSignatures: for this provider only. */
static void
test_weak (void)
{
  static const char issuer[] = "https://weak.example.com";
  g_autoptr (GError) error = NULL;
  g_autofree char *xml = NULL;
  SamlParts parts;

  g_assert_null (try_provider (issuer, world.short_key, NULL, FALSE, &error));
  g_assert_error (error, KV_SAML_ERROR, KV_SAML_ERROR_CERTIFICATE);
  g_assert_nonnull (strstr (error->message, "WeakSignatures"));
  g_ptr_array_add (world.providers, make_provider (issuer, world.short_key, NULL, TRUE));
  saml_parts_init (&parts);
  parts.issuer = issuer;
  parts.method = SAML_DSIG "rsa-sha1";
  parts.digest = SAML_DSIG "sha1";
  xml = saml_signed (&parts, world.short_key);
  assert_name (xml, "mary");
  g_ptr_array_remove_index (world.providers, world.providers->len - 1);
}

static void
test_certificates (void)
{
  g_autofree char *missing = g_build_filename (world.folder, "missing.pem", NULL);
  g_autofree char *empty = write_file ("empty.pem", "no certificate\n");
  g_autofree char *broken
      = write_file ("broken.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
  const char *const paths[] = { missing, empty, broken };
  g_autofree char *xml = good ();

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (kv_saml_provider_new ("x", paths[i], endpoints, audiences, FALSE, &error));
      g_assert_error (error, KV_SAML_ERROR, KV_SAML_ERROR_CERTIFICATE);
      g_assert_nonnull (strstr (error->message, paths[i]));
    }
  world.expectations.now_ms += 2 * DAY_S * 1000;
  assert_refused (xml, "certificate is not valid at this time");
  world.expectations.now_ms -= 4 * DAY_S * 1000;
  assert_refused (xml, "certificate is not valid at this time");
  world.expectations.now_ms = SAML_NOW_S * 1000;
}

static void
make_world (void)
{
  world.folder = g_dir_make_tmp ("apim-saml-XXXXXX", NULL);
  world.key = saml_key_new (2048);
  world.other_key = saml_key_new (2048);
  world.short_key = saml_key_new (1024);
  world.ec_key = saml_key_new (0);
  world.providers = g_ptr_array_new_with_free_func ((GDestroyNotify)kv_saml_provider_free);
  g_ptr_array_add (world.providers, make_provider (SAML_ISSUER, world.key, world.ec_key, FALSE));
  g_ptr_array_add (world.providers,
                   make_provider ("https://second.example.com", world.other_key, NULL, FALSE));
  world.expectations = (KvSamlExpectations){ world.providers, SAML_NOW_S * 1000, SKEW_MS };
}

static void
end_world (void)
{
  static const char *const files[] = { "idp.pem", "empty.pem", "broken.pem" };

  g_ptr_array_unref (world.providers);
  EVP_PKEY_free (world.key);
  EVP_PKEY_free (world.other_key);
  EVP_PKEY_free (world.short_key);
  EVP_PKEY_free (world.ec_key);
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_build_filename (world.folder, files[i], NULL);

      g_unlink (path);
    }
  g_rmdir (world.folder);
  g_free (world.folder);
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  make_world ();
  g_test_add_func ("/saml/good", test_good);
  g_test_add_func ("/saml/base64", test_base64);
  g_test_add_func ("/saml/algorithms", test_algorithms);
  g_test_add_func ("/saml/names", test_names);
  g_test_add_func ("/saml/comment-put-in", test_comment_put_in);
  g_test_add_func ("/saml/signature", test_signature);
  g_test_add_func ("/saml/algorithms-refused", test_algorithms_refused);
  g_test_add_func ("/saml/references-refused", test_references_refused);
  g_test_add_func ("/saml/wrapping", test_wrapping);
  g_test_add_func ("/saml/ids", test_ids);
  g_test_add_func ("/saml/documents-refused", test_documents_refused);
  g_test_add_func ("/saml/huge-parameter", test_huge_parameter);
  g_test_add_func ("/saml/doctype-before-good", test_doctype_before_good);
  g_test_add_func ("/saml/conditions", test_conditions);
  g_test_add_func ("/saml/confirmations", test_confirmations);
  g_test_add_func ("/saml/issuer", test_issuer);
  g_test_add_func ("/saml/weak", test_weak);
  g_test_add_func ("/saml/certificates", test_certificates);
  result = g_test_run ();
  end_world ();
  return result;
}
