/* Which SAML assertions this node takes, and from whom: the identity providers of its configuration, and how
 * often a client may come with assertions that are no good (spec/decisions.md 14: per client and address,
 * with growing delay). Signatures cannot be guessed; the delay is for what verifying them costs, and for the
 * log. Threads: any, once made. */
#ifndef KV_SAML_TRUST_H
#define KV_SAML_TRUST_H

#include "common/apim-config.h"
#include "core/core-lockout.h"
#include "keyvalidator/oauth/kv-saml-assertion.h"

G_BEGIN_DECLS

/* How often a node looks for used assertions that have expired, and how long after that they are kept: nodes'
 * clocks differ, and one that is behind takes them longer. */
#define KV_SAML_FORGET_EVERY_US (60 * G_USEC_PER_SEC)
#define KV_SAML_KEEP_EXPIRED_MS (24 * 60 * 60 * G_GINT64_CONSTANT (1000))

typedef struct _KvSamlTrust KvSamlTrust;

/* Reads the certificates. @clock: borrowed. @endpoint: the token endpoint's URL. *trust: (out) (transfer
 * full): NULL where no identity provider is configured. KV_SAML_ERROR_CERTIFICATE. */
gboolean kv_saml_trust_new (const ApimConfig *config, const char *endpoint, const ApimClock *clock,
                            KvSamlTrust **trust, GError **error);
void kv_saml_trust_free (KvSamlTrust *trust);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KvSamlTrust, kv_saml_trust_free)

/* As kv_saml_assertion_read(), now; the clock skew is OAuth/TimestampSkew. Blocks on nothing. */
KvSamlAssertion *kv_saml_trust_read (const KvSamlTrust *trust, const char *parameter, GError **error);

/* Whether @provider may name users of the tenant of this domain. */
gboolean kv_saml_trust_covers (const KvSamlProvider *provider, const char *tenant_domain);

/* Of this client at this address: ms until another assertion is looked at, 0: now; one was no good; one was
 * good. */
gint64 kv_saml_trust_wait_ms (KvSamlTrust *trust, const char *consumer_key, const char *address);
void kv_saml_trust_failed (KvSamlTrust *trust, const char *consumer_key, const char *address);
void kv_saml_trust_succeeded (KvSamlTrust *trust, const char *consumer_key, const char *address);

/* Whether it is time to delete used assertions that have expired: TRUE for one caller each
 * KV_SAML_FORGET_EVERY_US. *before_ms: (out): those that expired before this. */
gboolean kv_saml_trust_should_forget (KvSamlTrust *trust, gint64 *before_ms);

G_END_DECLS
#endif
