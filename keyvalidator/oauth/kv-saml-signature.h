/* The enveloped XML signature of a SAML assertion (SAML 2.0 Core 5, XMLDSig), verified by libxmlsec1.
 *
 * Only one form is taken, and checked before the library sees it: one ds:Signature in the whole document, a
 * child of its root; in it SignedInfo, SignatureValue and perhaps KeyInfo, which is never read; one
 * Reference, to the ID of the root, which no other element has, by the transforms enveloped-signature and
 * exclusive canonicalization, in this order; SHA-256 or better, by RSA or ECDSA. So what is signed is the
 * root element with all that is in it, but for the signature: nothing else can be shown to whoever reads on.
 * Threads: any; blocks on nothing. */
#ifndef KV_SAML_SIGNATURE_H
#define KV_SAML_SIGNATURE_H

#include "keyvalidator/oauth/kv-saml-document.h"
#include "keyvalidator/oauth/kv-saml-provider.h"

G_BEGIN_DECLS

/* Sets libxmlsec1 up, once, whoever calls it how often; the check does by itself. */
void kv_saml_signature_init (void);

/* Whether the document's root was signed by a key of @provider whose certificate is valid at @now_s, since
 * 1970. FALSE with KV_SAML_ERROR_REFUSED. */
gboolean kv_saml_signature_check (xmlDoc *document, const KvSamlProvider *provider, gint64 now_s,
                                  GError **error);

G_END_DECLS
#endif
