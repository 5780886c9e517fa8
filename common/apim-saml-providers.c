#include "config.h"
#include "common/apim-saml-providers.h"

#include "common/apim-xml-children.h"

#include <string.h>

#define PROVIDER "IdentityProvider"
#define STANDARD_TENANT "carbon.super"

static const char *const lists[] = { "Recipient", "Audience", "Tenant", NULL };

void
apim_saml_provider_free (ApimSamlProvider *provider)
{
  if (provider == NULL)
    return;
  g_free (provider->issuer);
  g_free (provider->certificate);
  g_strfreev (provider->recipients);
  g_strfreev (provider->audiences);
  g_strfreev (provider->tenants);
  g_free (provider);
}

static gboolean
check_names (const ApimXml *xml, xmlNode *node, GError **error)
{
  static const char *const single[] = { "Issuer", "Certificate", "WeakSignatures" };
  g_autoptr (GPtrArray) known = g_ptr_array_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (single); i++)
    g_ptr_array_add (known, (gpointer)single[i]);
  for (gsize i = 0; lists[i] != NULL; i++)
    g_ptr_array_add (known, (gpointer)lists[i]);
  return apim_xml_check_children (xml, node, known, lists, error);
}

static gboolean
read_needed (const ApimXml *xml, xmlNode *node, const char *name, char **value, GError **error)
{
  if (!apim_xml_get_text (xml, node, name, value, error))
    return FALSE;
  return (*value != NULL && **value != '\0')
         || apim_xml_fail (xml, node, error, "the identity provider has no %s", name);
}

/* Each once. */
static gboolean
read_list (const ApimXml *xml, xmlNode *node, const char *name, char ***words, GError **error)
{
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (g_free);

  for (xmlNode *one = apim_xml_find (xml, node, name); one != NULL; one = apim_xml_next (one))
    {
      char *word = apim_xml_node_text (xml, one, error);

      if (word == NULL)
        return FALSE;
      g_ptr_array_add (found, word);
      if (*word == '\0')
        return apim_xml_fail (xml, one, error, "the element is empty");
      if (found->len > APIM_SAML_WORDS_MAX)
        return apim_xml_fail (xml, one, error, "there are more than %d", APIM_SAML_WORDS_MAX);
    }
  g_ptr_array_add (found, NULL);
  *words = (char **)g_ptr_array_steal (found, NULL);
  return TRUE;
}

/* A Recipient is compared as it is written: one that is no URL can only be a typing error. */
static gboolean
check_recipients (const ApimSamlProvider *provider, const ApimXml *xml, xmlNode *node, GError **error)
{
  xmlNode *one = apim_xml_find (xml, node, "Recipient");

  for (gsize i = 0; provider->recipients[i] != NULL; i++, one = apim_xml_next (one))
    {
      g_autoptr (GUri) uri = g_uri_parse (provider->recipients[i], G_URI_FLAGS_NONE, NULL);

      if (uri == NULL || g_uri_get_host (uri) == NULL || *g_uri_get_host (uri) == '\0')
        return apim_xml_fail (xml, one, error,
                              "not the URL of a token endpoint, such as https://gateway:8243/token");
    }
  return TRUE;
}

static gboolean
read_lists (ApimSamlProvider *provider, const ApimXml *xml, xmlNode *node, GError **error)
{
  if (!read_list (xml, node, "Recipient", &provider->recipients, error)
      || !check_recipients (provider, xml, node, error)
      || !read_list (xml, node, "Audience", &provider->audiences, error)
      || !read_list (xml, node, "Tenant", &provider->tenants, error))
    return FALSE;
  if (provider->tenants[0] == NULL)
    {
      g_strfreev (provider->tenants);
      provider->tenants = g_strsplit (STANDARD_TENANT, " ", -1);
    }
  for (gsize i = 0; provider->tenants[i] != NULL; i++)
    {
      g_autofree char *domain = provider->tenants[i];

      provider->tenants[i]
          = g_utf8_strdown (domain, -1); /* as they are compared (spec/soap-and-oauth.md 7) */
    }
  return TRUE;
}

static ApimSamlProvider *
read_provider (const ApimXml *xml, xmlNode *node, const char *home, GError **error)
{
  g_autoptr (ApimSamlProvider) provider = g_new0 (ApimSamlProvider, 1);
  g_autofree char *certificate = NULL;

  if (!check_names (xml, node, error) || !read_needed (xml, node, "Issuer", &provider->issuer, error)
      || !read_needed (xml, node, "Certificate", &certificate, error)
      || !read_lists (provider, xml, node, error)
      || !apim_xml_get_bool (xml, node, "WeakSignatures", &provider->weak, error))
    return NULL;
  provider->certificate = g_canonicalize_filename (certificate, home);
  return g_steal_pointer (&provider);
}

static gboolean
check_provider (const ApimSamlProvider *provider, const GPtrArray *before, const ApimXml *xml, xmlNode *node,
                GError **error)
{
  for (guint i = 0; i < before->len; i++)
    if (strcmp (((const ApimSamlProvider *)before->pdata[i])->issuer, provider->issuer) == 0)
      return apim_xml_fail (xml, node, error, "there are two identity providers of this Issuer");
  return before->len < APIM_SAML_PROVIDERS_MAX
         || apim_xml_fail (xml, node, error, "there are more than %d identity providers",
                           APIM_SAML_PROVIDERS_MAX);
}

GPtrArray *
apim_saml_providers_read (const ApimXml *xml, const char *home, GError **error)
{
  static const char *const many[] = { PROVIDER, NULL };
  g_autoptr (GPtrArray) providers = g_ptr_array_new_with_free_func ((GDestroyNotify)apim_saml_provider_free);
  g_autoptr (GPtrArray) known = g_ptr_array_new ();
  xmlNode *list = apim_xml_find (xml, NULL, "Apimd/" APIM_SAML_PROVIDERS_NAME);

  if (list == NULL)
    return g_steal_pointer (&providers);
  g_ptr_array_add (known, (gpointer)PROVIDER);
  if (!apim_xml_check_children (xml, list, known, many, error))
    return NULL;
  for (xmlNode *node = apim_xml_find (xml, list, PROVIDER); node != NULL; node = apim_xml_next (node))
    {
      g_autoptr (ApimSamlProvider) provider = read_provider (xml, node, home, error);

      if (provider == NULL || !check_provider (provider, providers, xml, node, error))
        return NULL;
      g_ptr_array_add (providers, g_steal_pointer (&provider));
    }
  return g_steal_pointer (&providers);
}

static gboolean
equal (const ApimSamlProvider *a, const ApimSamlProvider *b)
{
  return strcmp (a->issuer, b->issuer) == 0 && strcmp (a->certificate, b->certificate) == 0
         && g_strv_equal ((const char *const *)a->recipients, (const char *const *)b->recipients)
         && g_strv_equal ((const char *const *)a->audiences, (const char *const *)b->audiences)
         && g_strv_equal ((const char *const *)a->tenants, (const char *const *)b->tenants)
         && a->weak == b->weak;
}

gboolean
apim_saml_providers_equal (const GPtrArray *a, const GPtrArray *b)
{
  if (a->len != b->len)
    return FALSE;
  for (guint i = 0; i < a->len; i++)
    if (!equal (a->pdata[i], b->pdata[i]))
      return FALSE;
  return TRUE;
}
