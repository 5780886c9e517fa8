/* A SAML 2.0 bearer assertion, from the parameter of a token request to what it says of a user (RFC 7521, RFC
 * 7522 3).
 *
 * Everything is read from the root element, which is the one that was signed (kv-saml-signature.h). Whether
 * it was used before is the caller's to find out. Pure: what it depends on is in KvSamlExpectations. Fuzz
 * target: tests/fuzz/fuzz-saml.c. Threads: any; blocks on nothing. */
#ifndef KV_SAML_ASSERTION_H
#define KV_SAML_ASSERTION_H

#include "common/apim-secret.h"
#include "keyvalidator/oauth/kv-saml-provider.h"

G_BEGIN_DECLS

#define KV_SAML_MAX_NAME 255 /* bytes of a NameID: what the user store can hold */
#define KV_SAML_MAX_ID 256   /* bytes of an assertion's ID */

typedef struct
{
  const GPtrArray *providers; /* of KvSamlProvider; borrowed */
  gint64 now_ms;              /* since 1970 */
  gint64 skew_ms;             /* how far clocks may differ */
} KvSamlExpectations;

typedef struct
{
  const KvSamlProvider *provider; /* who signed it; of the expectations */
  char *issuer;
  char *id;          /* unique among those of the issuer */
  char *name;        /* the NameID */
  gint64 expires_ms; /* since 1970: from then on, skew included, it is refused */
} KvSamlAssertion;

/* @parameter: base64url, or base64; padded or not; line breaks are passed over. NULL with
 * KV_SAML_ERROR_REFUSED: it is not one signed assertion of a provider that is known, for us, at this time, of
 * a bearer. (transfer full) */
KvSamlAssertion *kv_saml_assertion_read (const char *parameter, const KvSamlExpectations *expectations,
                                         GError **error);
/* What an assertion is known by once it was used, and no other is: of its issuer and its ID, which are
 * signed, so that writing it in another way helps nobody. FALSE: OpenSSL could not. */
gboolean kv_saml_assertion_digest (const KvSamlAssertion *assertion, char hex[APIM_SHA256_HEX_SIZE]);

void kv_saml_assertion_free (KvSamlAssertion *assertion);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KvSamlAssertion, kv_saml_assertion_free)

G_END_DECLS
#endif
