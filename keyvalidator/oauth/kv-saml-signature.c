#include "config.h"
#include "keyvalidator/oauth/kv-saml-signature.h"

#include <libxml/valid.h>
#include <openssl/err.h>
#include <string.h>

/* The others lean on it. */
#include <xmlsec/xmlsec.h>

#include <xmlsec/errors.h>
#include <xmlsec/io.h>
#include <xmlsec/keys.h>
#include <xmlsec/openssl/crypto.h>
#include <xmlsec/openssl/evp.h>
#include <xmlsec/xmldsig.h>

#define DSIG "http://www.w3.org/2000/09/xmldsig#"
#define DSIG_MORE "http://www.w3.org/2001/04/xmldsig-more#"
#define XMLENC "http://www.w3.org/2001/04/xmlenc#"
#define ENVELOPED DSIG "enveloped-signature"
#define EXCLUSIVE "http://www.w3.org/2001/10/xml-exc-c14n#"

G_DEFINE_AUTOPTR_CLEANUP_FUNC (xmlSecDSigCtx, xmlSecDSigCtxDestroy)

typedef struct
{
  const char *uri;
  xmlSecTransformId (*find) (void);
  int key_type; /* of signatures: EVP_PKEY_...; 0: a digest */
  gboolean weak;
} Algorithm;

static const Algorithm algorithms[] = {
  { XMLENC "sha256", xmlSecOpenSSLTransformSha256GetKlass, 0, FALSE },
  { DSIG_MORE "sha384", xmlSecOpenSSLTransformSha384GetKlass, 0, FALSE },
  { XMLENC "sha512", xmlSecOpenSSLTransformSha512GetKlass, 0, FALSE },
  { DSIG "sha1", xmlSecOpenSSLTransformSha1GetKlass, 0, TRUE },
  { DSIG_MORE "rsa-sha256", xmlSecOpenSSLTransformRsaSha256GetKlass, EVP_PKEY_RSA, FALSE },
  { DSIG_MORE "rsa-sha384", xmlSecOpenSSLTransformRsaSha384GetKlass, EVP_PKEY_RSA, FALSE },
  { DSIG_MORE "rsa-sha512", xmlSecOpenSSLTransformRsaSha512GetKlass, EVP_PKEY_RSA, FALSE },
  { DSIG "rsa-sha1", xmlSecOpenSSLTransformRsaSha1GetKlass, EVP_PKEY_RSA, TRUE },
  { DSIG_MORE "ecdsa-sha256", xmlSecOpenSSLTransformEcdsaSha256GetKlass, EVP_PKEY_EC, FALSE },
  { DSIG_MORE "ecdsa-sha384", xmlSecOpenSSLTransformEcdsaSha384GetKlass, EVP_PKEY_EC, FALSE },
  { DSIG_MORE "ecdsa-sha512", xmlSecOpenSSLTransformEcdsaSha512GetKlass, EVP_PKEY_EC, FALSE },
};

/* What was found to have the one form that is taken. */
typedef struct
{
  xmlNode *signature;
  const Algorithm *method, *digest;
} Shape;

static gboolean
refuse (GError **error, const char *why)
{
  g_set_error_literal (error, KV_SAML_ERROR, KV_SAML_ERROR_REFUSED, why);
  return FALSE;
}

/* Its messages go to standard error otherwise, and quote what strangers sent. */
static void
keep_silent (const char *file, int line, const char *function, const char *object, const char *subject,
             int reason, const char *message)
{
}

static gpointer
initialize (gpointer data)
{
  if (xmlSecInit () < 0 || xmlSecCheckVersion () != 1 || xmlSecOpenSSLInit () < 0)
    g_error ("libxmlsec1 could not be initialized");
  xmlSecErrorsSetCallback (keep_silent);
  xmlSecIOCleanupCallbacks (); /* nothing is ever loaded by a URI */
  return NULL;
}

void
kv_saml_signature_init (void)
{
  static GOnce once = G_ONCE_INIT;

  g_once (&once, initialize, NULL);
}

/* @node's elements are exactly these of XMLDSig, in this order; @n_needed of them must be there. */
static gboolean
has_children (const xmlNode *node, const char *const *names, guint n_names, guint n_needed)
{
  guint i = 0;

  for (const xmlNode *child = node->children; child != NULL; child = child->next)
    {
      if (child->type != XML_ELEMENT_NODE)
        continue;
      if (i == n_names || !kv_saml_is (child, DSIG, names[i]))
        return FALSE;
      i++;
    }
  return i >= n_needed;
}

static gboolean
is_empty (const xmlNode *node)
{
  return has_children (node, NULL, 0, 0);
}

/* With or without comments: a reference to an ID leaves them out anyhow. */
static gboolean
is_exclusive (const char *uri)
{
  return g_strcmp0 (uri, EXCLUSIVE) == 0 || g_strcmp0 (uri, EXCLUSIVE "WithComments") == 0;
}

/* Exclusive canonicalization, with nothing in it but its list of prefixes. */
static gboolean
check_canonicalization (const xmlNode *node)
{
  g_autofree char *uri = kv_saml_attribute (node, "Algorithm");

  for (const xmlNode *child = node->children; child != NULL; child = child->next)
    if (child->type == XML_ELEMENT_NODE && !kv_saml_is (child, EXCLUSIVE, "InclusiveNamespaces"))
      return FALSE;
  return is_exclusive (uri);
}

static gboolean
check_transforms (const xmlNode *transforms)
{
  static const char *const names[] = { "Transform", "Transform" };
  const xmlNode *enveloped = kv_saml_next (transforms, NULL, DSIG, "Transform");
  const xmlNode *exclusive
      = enveloped != NULL ? kv_saml_next (transforms, enveloped, DSIG, "Transform") : NULL;
  g_autofree char *uri = enveloped != NULL ? kv_saml_attribute (enveloped, "Algorithm") : NULL;

  return has_children (transforms, names, 2, 2) && g_strcmp0 (uri, ENVELOPED) == 0 && is_empty (enveloped)
         && check_canonicalization (exclusive);
}

/* @node: SignatureMethod or DigestMethod. NULL: one that is not taken. Parameters, such as HMAC's length,
 * none of these has. */
static const Algorithm *
find_algorithm (const xmlNode *node, gboolean signs, gboolean weak)
{
  g_autofree char *uri = kv_saml_attribute (node, "Algorithm");

  for (guint i = 0; i < G_N_ELEMENTS (algorithms); i++)
    if (g_strcmp0 (algorithms[i].uri, uri) == 0)
      return (algorithms[i].key_type != 0) == signs && (weak || !algorithms[i].weak) && is_empty (node)
                 ? &algorithms[i]
                 : NULL;
  return NULL;
}

/* No other attribute that anybody could take for an ID has the value of the root's, whatever its case. */
static gboolean
is_unique (xmlNode *root, const xmlAttr *id, const char *value)
{
  for (xmlNode *node = root; node != NULL; node = kv_saml_walk (root, node))
    for (const xmlAttr *attribute = node->properties; attribute != NULL; attribute = attribute->next)
      {
        xmlChar *other;
        gboolean same;

        if (attribute == id || g_ascii_strcasecmp ((const char *)attribute->name, "id") != 0)
          continue;
        other = xmlNodeListGetString (node->doc, attribute->children, 1);
        same = other != NULL && strcmp ((const char *)other, value) == 0;
        xmlFree (other);
        if (same)
          return FALSE;
      }
  return TRUE;
}

/* The library finds the root by its ID from now on. */
static gboolean
register_id (xmlDoc *document, xmlNode *root, const char *id, GError **error)
{
  xmlAttr *attribute = xmlHasNsProp (root, (const xmlChar *)"ID", NULL);

  if (xmlValidateNCName ((const xmlChar *)id, 0) != 0)
    return refuse (error, "the assertion's ID is not one of XML");
  if (!is_unique (root, attribute, id))
    return refuse (error, "the assertion's ID is there twice");
  return xmlAddID (NULL, document, (const xmlChar *)id, attribute) != NULL
         || refuse (error, "the assertion's ID is there twice");
}

static gboolean
check_reference (const xmlNode *reference, const char *id, gboolean weak, Shape *shape, GError **error)
{
  static const char *const names[] = { "Transforms", "DigestMethod", "DigestValue" };
  g_autofree char *uri = kv_saml_attribute (reference, "URI");

  if (uri == NULL || *uri != '#' || strcmp (uri + 1, id) != 0)
    return refuse (error, "the signature is not for the assertion");
  if (!has_children (reference, names, 3, 3)
      || !check_transforms (kv_saml_only (reference, DSIG, "Transforms")))
    return refuse (error, "the signature must have the transforms enveloped-signature and exclusive "
                          "canonicalization, and no other");
  shape->digest = find_algorithm (kv_saml_only (reference, DSIG, "DigestMethod"), FALSE, weak);
  return shape->digest != NULL || refuse (error, "the digest of the signature must be SHA-256 or better");
}

/* Exactly one in the whole document, and that a child of the root. */
static xmlNode *
find_signature (xmlNode *root, GError **error)
{
  xmlNode *found = NULL;

  for (xmlNode *node = root; node != NULL; node = kv_saml_walk (root, node))
    if (kv_saml_is (node, DSIG, "Signature"))
      {
        if (found != NULL || node->parent != root)
          {
            refuse (error, "the assertion must have one signature, and nothing in it another one");
            return NULL;
          }
        found = node;
      }
  if (found == NULL)
    refuse (error, "the assertion is not signed");
  return found;
}

static gboolean
check_shape (xmlNode *root, const char *id, gboolean weak, Shape *shape, GError **error)
{
  static const char *const of_signature[] = { "SignedInfo", "SignatureValue", "KeyInfo" };
  static const char *const of_info[] = { "CanonicalizationMethod", "SignatureMethod", "Reference" };
  const xmlNode *info;

  shape->signature = find_signature (root, error);
  if (shape->signature == NULL)
    return FALSE;
  info = kv_saml_only (shape->signature, DSIG, "SignedInfo");
  if (info == NULL || !has_children (shape->signature, of_signature, 3, 2)
      || !has_children (info, of_info, 3, 3))
    return refuse (error, "the signature must have one reference, and no objects of its own");
  if (!check_canonicalization (kv_saml_only (info, DSIG, "CanonicalizationMethod")))
    return refuse (error, "the signature must be made with exclusive canonicalization");
  shape->method = find_algorithm (kv_saml_only (info, DSIG, "SignatureMethod"), TRUE, weak);
  if (shape->method == NULL)
    return refuse (error, "the signature must be of RSA or ECDSA with SHA-256 or better");
  return check_reference (kv_saml_only (info, DSIG, "Reference"), id, weak, shape, error);
}

/* (transfer full) (nullable) */
static xmlSecKey *
make_key (X509 *certificate)
{
  EVP_PKEY *public_key = X509_get_pubkey (certificate);
  xmlSecKeyData *data = public_key != NULL ? xmlSecOpenSSLEvpKeyAdopt (public_key) : NULL;
  xmlSecKey *key = data != NULL ? xmlSecKeyCreate () : NULL;

  if (data == NULL)
    EVP_PKEY_free (public_key);
  else if (key == NULL || xmlSecKeySetValue (key, data) < 0)
    {
      xmlSecKeyDataDestroy (data);
      g_clear_pointer (&key, xmlSecKeyDestroy);
    }
  return key;
}

/* Only what was found in the document, so nothing else can come into it. */
static gboolean
allow (xmlSecDSigCtx *context, const Shape *shape)
{
  context->enabledReferenceUris = xmlSecTransformUriTypeSameDocument;
  context->flags |= XMLSEC_DSIG_FLAGS_IGNORE_MANIFESTS;
  return xmlSecDSigCtxEnableReferenceTransform (context, xmlSecTransformEnvelopedId) == 0
         && xmlSecDSigCtxEnableReferenceTransform (context, xmlSecTransformExclC14NId) == 0
         && xmlSecDSigCtxEnableReferenceTransform (context, xmlSecTransformExclC14NWithCommentsId) == 0
         && xmlSecDSigCtxEnableReferenceTransform (context, shape->digest->find ()) == 0
         && xmlSecDSigCtxEnableSignatureTransform (context, xmlSecTransformExclC14NId) == 0
         && xmlSecDSigCtxEnableSignatureTransform (context, xmlSecTransformExclC14NWithCommentsId) == 0
         && xmlSecDSigCtxEnableSignatureTransform (context, shape->method->find ()) == 0;
}

static gboolean
verify (const Shape *shape, X509 *certificate)
{
  g_autoptr (xmlSecDSigCtx) context = xmlSecDSigCtxCreate (NULL);
  gboolean done;

  if (context == NULL || (context->signKey = make_key (certificate)) == NULL)
    return FALSE;
  done = allow (context, shape) && xmlSecDSigCtxVerify (context, shape->signature) == 0
         && context->status == xmlSecDSigStatusSucceeded
         && xmlSecPtrListGetSize (&context->signedInfoReferences) == 1;
  ERR_clear_error ();
  return done;
}

static gboolean
is_valid_at (const X509 *certificate, gint64 now_s)
{
  time_t now = (time_t)now_s;

  return X509_cmp_time (X509_get0_notBefore (certificate), &now) < 0
         && X509_cmp_time (X509_get0_notAfter (certificate), &now) > 0;
}

static gboolean
check_keys (const Shape *shape, const KvSamlProvider *provider, gint64 now_s, GError **error)
{
  gboolean valid = FALSE;

  for (guint i = 0; i < provider->certificates->len; i++)
    {
      X509 *certificate = provider->certificates->pdata[i];

      if (!is_valid_at (certificate, now_s))
        continue;
      valid = TRUE;
      if (EVP_PKEY_get_base_id (X509_get0_pubkey (certificate)) == shape->method->key_type
          && verify (shape, certificate))
        return TRUE;
    }
  return refuse (error, valid ? "the signature is not the identity provider's"
                              : "the identity provider's certificate is not valid at this time");
}

gboolean
kv_saml_signature_check (xmlDoc *document, const KvSamlProvider *provider, gint64 now_s, GError **error)
{
  xmlNode *root = xmlDocGetRootElement (document);
  g_autofree char *id = kv_saml_attribute (root, "ID");
  Shape shape = { NULL };

  kv_saml_signature_init ();
  if (id == NULL)
    return refuse (error, "the assertion has no ID");
  return check_shape (root, id, provider->weak, &shape, error) && register_id (document, root, id, error)
         && check_keys (&shape, provider, now_s, error);
}
