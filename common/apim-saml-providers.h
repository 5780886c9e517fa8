/* The SAML 2.0 identity providers of api-manager.xml, Apimd/Saml2IdentityProviders: whose assertions
 * /oauth2/token takes for users of ours (RFC 7522 3), and for which. What a WSO2 node knows of identity
 * providers is in tables of its own, which are not read. Threads: immutable once read. */
#ifndef APIM_SAML_PROVIDERS_H
#define APIM_SAML_PROVIDERS_H

#include "common/apim-xml.h"

G_BEGIN_DECLS

#define APIM_SAML_PROVIDERS_NAME "Saml2IdentityProviders"
/* More are an error. */
#define APIM_SAML_PROVIDERS_MAX 16
#define APIM_SAML_WORDS_MAX 64 /* of one list below */

typedef struct
{
  char *issuer;      /* as its assertions say it; differs from the others' */
  char *certificate; /* file of its certificates, PEM; absolute path */
  char *
      *recipients; /* NULL-terminated: URLs of the token endpoint, as it calls it; none: the endpoint's own */
  char **audiences; /* likewise: names of us; none: the recipients */
  char **tenants; /* domains of the tenants whose users it may name; the first is that of names without one */
  gboolean weak;  /* SHA-1 and short RSA keys are taken, too */
} ApimSamlProvider;

void apim_saml_provider_free (ApimSamlProvider *provider);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ApimSamlProvider, apim_saml_provider_free)

/* @xml: api-manager.xml. @home: where relative paths begin. Files are not looked at. Returns: (transfer full)
 * (element-type ApimSamlProvider): perhaps empty; NULL with APIM_CONFIG_ERROR, also for an element that is
 * not known. Private to common/ and its tests: others take ApimConfig.saml_providers. */
GPtrArray *apim_saml_providers_read (const ApimXml *xml, const char *home, GError **error);

gboolean apim_saml_providers_equal (const GPtrArray *a, const GPtrArray *b);

G_END_DECLS
#endif
