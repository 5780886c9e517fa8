/* Two identity providers, their keys, and assertions of theirs at SAML_NOW_S. Threads: one. */
#ifndef SAML_WORLD_H
#define SAML_WORLD_H

#include "keyvalidator/oauth/kv-saml-assertion.h"
#include "tests/lib/saml-signer.h"

G_BEGIN_DECLS

#define SAML_DAY_S G_GINT64_CONSTANT (86400)
#define SAML_SKEW_MS 60000

typedef struct
{
  EVP_PKEY *key, *other_key, *ec_key, *short_key;
  char *folder;
  GPtrArray *providers; /* SAML_ISSUER with key and ec_key, https://second.example.com with other_key */
  KvSamlExpectations expectations;
} SamlWorld;

extern SamlWorld saml_world;

void saml_world_begin (void);
void saml_world_end (void);

/* Its path, in the world's folder. Free with g_free(). */
char *saml_world_file (const char *name, const char *text);
/* @certificate: its file. */
KvSamlProvider *saml_world_provider_of (const char *issuer, const char *certificate, gboolean weak,
                                        GError **error);
/* With the certificates of these keys, valid a day around SAML_NOW_S. @second: nullable. */
KvSamlProvider *saml_world_try_provider (const char *issuer, EVP_PKEY *first, EVP_PKEY *second, gboolean weak,
                                         GError **error);
KvSamlProvider *saml_world_provider (const char *issuer, EVP_PKEY *first, EVP_PKEY *second, gboolean weak);

/* The good assertion, signed. Free with g_free(). */
char *saml_good (void);
/* @xml with its only @from replaced. Free with g_free(). */
char *saml_replace (const char *xml, const char *from, const char *to);
/* As kv_saml_assertion_read(), of XML. */
KvSamlAssertion *saml_read (const char *xml, GError **error);
void saml_assert_name (const char *xml, const char *name);
/* @why: a part of the message: so a test cannot pass by another refusal than its own. */
void saml_assert_refused (const char *xml, const char *why);
/* Signed by the provider's own key, and all the same refused. */
void saml_assert_signed_refused (const SamlParts *parts, const char *why);

G_END_DECLS
#endif
