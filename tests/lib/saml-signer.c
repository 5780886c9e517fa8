#include "config.h"
#include "tests/lib/saml-signer.h"

#include "keyvalidator/oauth/kv-saml-signature.h"

#include <libxml/parser.h>
#include <libxml/valid.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <string.h>

/* The others lean on it. */
#include <xmlsec/xmlsec.h>

#include <xmlsec/keys.h>
#include <xmlsec/openssl/crypto.h>
#include <xmlsec/openssl/evp.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/xmltree.h>

void
saml_parts_init (SamlParts *parts)
{
  *parts = (SamlParts){
    .version = "2.0",
    .id = "_a1",
    .issuer = SAML_ISSUER,
    .name_id = "<saml:NameID>mary</saml:NameID>",
    .confirmation = "<saml:SubjectConfirmation Method=\"urn:oasis:names:tc:SAML:2.0:cm:bearer\">"
                    "<saml:SubjectConfirmationData Recipient=\"" SAML_ENDPOINT
                    "\" NotOnOrAfter=\"2030-01-01T00:05:00Z\"/></saml:SubjectConfirmation>",
    .conditions
    = "<saml:Conditions NotBefore=\"2029-12-31T23:59:00Z\" NotOnOrAfter=\"2030-01-01T00:10:00.5Z\">"
      "<saml:AudienceRestriction><saml:Audience>urn:other</saml:Audience><saml:Audience>" SAML_ENDPOINT
      "</saml:Audience></saml:AudienceRestriction></saml:Conditions>",
    .more = "<saml:AttributeStatement><saml:Attribute Name=\"mail\"><saml:AttributeValue>mary@example.com"
            "</saml:AttributeValue></saml:Attribute></saml:AttributeStatement>",
    .method = SAML_RSA_SHA256,
    .digest = SAML_SHA256,
    .canonicalization = SAML_EXCLUSIVE,
    .transforms = SAML_TRANSFORMS,
    .key_info = "",
  };
}

static char *
make (const SamlParts *parts, const char *signature)
{
  return g_strconcat ("<saml:Assertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"", parts->id,
                      "\" Version=\"", parts->version,
                      "\" IssueInstant=\"2029-12-31T23:59:30Z\"><saml:Issuer>", parts->issuer,
                      "</saml:Issuer>", signature, "<saml:Subject>", parts->name_id, parts->confirmation,
                      "</saml:Subject>", parts->conditions, parts->more, "</saml:Assertion>", NULL);
}

char *
saml_unsigned (const SamlParts *parts)
{
  return make (parts, "");
}

static char *
make_template (const SamlParts *parts)
{
  g_autofree char *own_uri = g_strconcat ("#", parts->id, NULL);
  g_autofree char *signature = g_strconcat (
      "<ds:Signature xmlns:ds=\"" SAML_DSIG "\"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm=\"",
      parts->canonicalization, "\"/><ds:SignatureMethod Algorithm=\"", parts->method,
      "\"/><ds:Reference URI=\"", parts->uri != NULL ? parts->uri : own_uri, "\"><ds:Transforms>",
      parts->transforms, "</ds:Transforms><ds:DigestMethod Algorithm=\"", parts->digest,
      "\"/><ds:DigestValue/></ds:Reference></ds:SignedInfo><ds:SignatureValue/>", parts->key_info,
      "</ds:Signature>", NULL);

  return make (parts, signature);
}

static char *
sign (const SamlParts *parts, xmlSecKey *key)
{
  g_autofree char *text = make_template (parts);
  xmlDoc *document = xmlReadMemory (text, (int)strlen (text), NULL, NULL, 0);
  xmlNode *root = xmlDocGetRootElement (document);
  xmlSecDSigCtx *context = xmlSecDSigCtxCreate (NULL);
  xmlChar *bytes;
  char *copy;
  int length;

  g_assert_nonnull (root);
  g_assert_nonnull (key);
  context->signKey = key;
  xmlAddID (NULL, document, (const xmlChar *)parts->id, xmlHasProp (root, (const xmlChar *)"ID"));
  g_assert_cmpint (
      xmlSecDSigCtxSign (context, xmlSecFindNode (root, xmlSecNodeSignature, (const xmlChar *)SAML_DSIG)), ==,
      0);
  xmlDocDumpMemory (document, &bytes, &length);
  copy = g_strndup ((const char *)bytes, (gsize)length);
  xmlFree (bytes);
  xmlSecDSigCtxDestroy (context);
  xmlFreeDoc (document);
  return copy;
}

char *
saml_signed (const SamlParts *parts, EVP_PKEY *key)
{
  xmlSecKey *wrapped;

  kv_saml_signature_init ();
  wrapped = xmlSecKeyCreate ();
  EVP_PKEY_up_ref (key);
  g_assert_cmpint (xmlSecKeySetValue (wrapped, xmlSecOpenSSLEvpKeyAdopt (key)), ==, 0);
  return sign (parts, wrapped);
}

char *
saml_signed_hmac (const SamlParts *parts, const char *bytes, gsize length)
{
  kv_saml_signature_init ();
  return sign (parts, xmlSecKeyReadMemory (xmlSecOpenSSLKeyDataHmacId, (const xmlSecByte *)bytes, length));
}

EVP_PKEY *
saml_key_new (guint bits)
{
  EVP_PKEY *key = bits > 0 ? EVP_RSA_gen (bits) : EVP_EC_gen ("P-256");

  g_assert_nonnull (key);
  return key;
}

char *
saml_certificate_new (EVP_PKEY *key, gint64 from_s, gint64 until_s)
{
  X509 *certificate = X509_new ();
  BIO *file = BIO_new (BIO_s_mem ());
  char *bytes, *copy;
  long length;

  ASN1_INTEGER_set (X509_get_serialNumber (certificate), 1);
  g_assert_nonnull (ASN1_TIME_set (X509_getm_notBefore (certificate), (time_t)from_s));
  g_assert_nonnull (ASN1_TIME_set (X509_getm_notAfter (certificate), (time_t)until_s));
  X509_NAME_add_entry_by_txt (X509_get_subject_name (certificate), "CN", MBSTRING_ASC, (const guchar *)"idp",
                              -1, -1, 0);
  X509_set_issuer_name (certificate, X509_get_subject_name (certificate));
  X509_set_pubkey (certificate, key);
  g_assert_cmpint (X509_sign (certificate, key, EVP_sha256 ()), >, 0);
  g_assert_cmpint (PEM_write_bio_X509 (file, certificate), ==, 1);
  length = BIO_get_mem_data (file, &bytes);
  copy = g_strndup (bytes, (gsize)length);
  BIO_free (file);
  X509_free (certificate);
  return copy;
}
