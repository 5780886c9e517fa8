#include "config.h"
#include "keyvalidator/oauth/kv-saml-assertion.h"

#include "keyvalidator/oauth/kv-saml-document.h"
#include "keyvalidator/oauth/kv-saml-signature.h"

#include <string.h>

#define NS KV_SAML_NAMESPACE
#define BEARER "urn:oasis:names:tc:SAML:2.0:cm:bearer"

/* An interval of time, in ms since 1970: [from, until). */
typedef struct
{
  gint64 from, until;
} Window;

static gboolean
refuse (GError **error, const char *why)
{
  g_set_error_literal (error, KV_SAML_ERROR, KV_SAML_ERROR_REFUSED, why);
  return FALSE;
}

void
kv_saml_assertion_free (KvSamlAssertion *assertion)
{
  if (assertion == NULL)
    return;
  g_free (assertion->issuer);
  g_free (assertion->id);
  g_free (assertion->name);
  g_free (assertion);
}

/* Either alphabet in the one that GLib knows, with the padding that it wants. NULL: neither. */
static char *
normalize_base64 (const char *text)
{
  g_autoptr (GString) result = g_string_sized_new (strlen (text) + 4);
  gsize n_pads = 0;

  for (const char *c = text; *c != '\0'; c++)
    {
      if (*c == '\r' || *c == '\n')
        continue;
      if (*c == '=')
        n_pads++;
      else if (n_pads > 0 || (!g_ascii_isalnum (*c) && strchr ("+/-_", *c) == NULL))
        return NULL;
      else
        g_string_append_c (result, *c == '-' ? '+' : *c == '_' ? '/' : *c);
    }
  if (result->len % 4 == 1 || n_pads > 2 || (n_pads > 0 && (result->len + n_pads) % 4 != 0))
    return NULL;
  while (result->len % 4 != 0)
    g_string_append_c (result, '=');
  return g_string_free (g_steal_pointer (&result), FALSE);
}

static xmlDoc *
decode (const char *parameter, GError **error)
{
  g_autofree char *base64 = NULL;
  g_autofree char *bytes = NULL;
  gsize length;

  if (strlen (parameter) > KV_SAML_MAX_BYTES * 2)
    {
      refuse (error, "the assertion is too large");
      return NULL;
    }
  base64 = normalize_base64 (parameter);
  if (base64 == NULL || *base64 == '\0')
    {
      refuse (error, "the assertion is not in base64url");
      return NULL;
    }
  bytes = (char *)g_base64_decode (base64, &length);
  return kv_saml_document_parse (bytes, length, error);
}

static gboolean
check_root (const xmlNode *root, GError **error)
{
  g_autofree char *version = kv_saml_attribute (root, "Version");

  if (!kv_saml_is (root, NS, "Assertion"))
    return refuse (error, "an Assertion of SAML 2.0 is wanted, by itself: not a Response, and not encrypted");
  return g_strcmp0 (version, "2.0") == 0 || refuse (error, "the assertion's Version is not 2.0");
}

static const KvSamlProvider *
find_provider (const KvSamlExpectations *expectations, const char *issuer)
{
  for (guint i = 0; i < expectations->providers->len; i++)
    {
      const KvSamlProvider *provider = expectations->providers->pdata[i];

      if (strcmp (provider->issuer, issuer) == 0)
        return provider;
    }
  return NULL;
}

/* xs:dateTime in UTC (SAML 2.0 Core 1.3.3); an offset is understood. An attribute that is missing leaves *ms
 * as it is. */
static gboolean
read_time (const xmlNode *node, const char *name, gint64 *ms)
{
  static const char shape[] = "0000-00-00T00:00:00";
  g_autofree char *text = kv_saml_attribute (node, name);
  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();
  g_autoptr (GDateTime) time = NULL;

  if (text == NULL)
    return TRUE;
  for (gsize i = 0; i < sizeof shape - 1; i++)
    if (shape[i] == '0' ? !g_ascii_isdigit (text[i]) : text[i] != shape[i])
      return FALSE;
  time = g_date_time_new_from_iso8601 (text, utc);
  if (time == NULL)
    return FALSE;
  *ms = g_date_time_to_unix (time) * 1000 + g_date_time_get_microsecond (time) / 1000;
  return TRUE;
}

static gboolean
read_window (const xmlNode *node, Window *window)
{
  return read_time (node, "NotBefore", &window->from) && read_time (node, "NotOnOrAfter", &window->until);
}

/* Differences instead of sums: the end may be the last moment that there is. */
static gboolean
contains_now (const Window *window, const KvSamlExpectations *expectations)
{
  return expectations->now_ms + expectations->skew_ms >= window->from
         && expectations->now_ms - expectations->skew_ms < window->until;
}

/* One of the audiences of @restriction is one of us. */
static gboolean
is_for_us (const xmlNode *restriction, const KvSamlProvider *provider)
{
  for (xmlNode *node = NULL; (node = kv_saml_next (restriction, node, NS, "Audience")) != NULL;)
    {
      g_autofree char *audience = kv_saml_text (node);

      if (audience != NULL && g_strv_contains ((const char *const *)provider->audiences, audience))
        return TRUE;
    }
  return FALSE;
}

/* Every restriction must be met, and one must be there; a condition that is not known leaves open whether the
 * assertion is good (SAML 2.0 Core 2.5.1.1). OneTimeUse is what happens here anyhow, ProxyRestriction is for
 * other identity providers. */
static gboolean
check_audience (const xmlNode *conditions, const KvSamlProvider *provider, GError **error)
{
  gboolean restricted = FALSE;

  for (const xmlNode *node = conditions->children; node != NULL; node = node->next)
    {
      if (node->type != XML_ELEMENT_NODE || kv_saml_is (node, NS, "OneTimeUse")
          || kv_saml_is (node, NS, "ProxyRestriction"))
        continue;
      if (!kv_saml_is (node, NS, "AudienceRestriction"))
        return refuse (error, "the assertion has a condition that is not known here");
      if (!is_for_us (node, provider))
        return refuse (error, "the assertion is for another audience");
      restricted = TRUE;
    }
  return restricted || refuse (error, "the assertion names no audience");
}

static gboolean
check_conditions (const xmlNode *root, const KvSamlProvider *provider, const KvSamlExpectations *expectations,
                  gint64 *until_ms, GError **error)
{
  const xmlNode *conditions = kv_saml_only (root, NS, "Conditions");
  Window window = { G_MININT64, G_MAXINT64 };

  if (conditions == NULL)
    return refuse (error, "the assertion must have Conditions, once");
  if (!read_window (conditions, &window))
    return refuse (error, "a time of the assertion's Conditions is not understood");
  if (!contains_now (&window, expectations))
    return refuse (error, window.from > expectations->now_ms ? "the assertion is not valid yet"
                                                             : "the assertion has expired");
  *until_ms = window.until;
  return check_audience (conditions, provider, error);
}

/* Whether one SubjectConfirmation is a bearer's, sent to us, in time. Its Address is not looked at: behind
 * balancers it would not fit (RFC 7522 3 leaves it to us). */
static gboolean
is_confirmed (const xmlNode *confirmation, const KvSamlProvider *provider,
              const KvSamlExpectations *expectations, gint64 *until_ms)
{
  g_autofree char *method = kv_saml_attribute (confirmation, "Method");
  const xmlNode *data = kv_saml_only (confirmation, NS, "SubjectConfirmationData");
  g_autofree char *recipient = data != NULL ? kv_saml_attribute (data, "Recipient") : NULL;
  Window window = { G_MININT64, G_MININT64 }; /* NotOnOrAfter must be there */

  if (g_strcmp0 (method, BEARER) != 0 || recipient == NULL
      || !g_strv_contains ((const char *const *)provider->recipients, recipient)
      || !read_window (data, &window) || !contains_now (&window, expectations))
    return FALSE;
  *until_ms = window.until;
  return TRUE;
}

/* One that is good is enough; the assertion is good until the last of them ends. */
static gboolean
check_confirmations (const xmlNode *subject, const KvSamlProvider *provider,
                     const KvSamlExpectations *expectations, gint64 *until_ms, GError **error)
{
  *until_ms = G_MININT64;
  for (xmlNode *node = NULL; (node = kv_saml_next (subject, node, NS, "SubjectConfirmation")) != NULL;)
    {
      gint64 one_ms = G_MININT64;

      if (is_confirmed (node, provider, expectations, &one_ms))
        *until_ms = MAX (*until_ms, one_ms);
    }
  return *until_ms > G_MININT64
         || refuse (
             error,
             "the assertion has no SubjectConfirmation of a bearer with this token endpoint as Recipient"
             " and a NotOnOrAfter that is to come");
}

static gboolean
read_name (KvSamlAssertion *assertion, const xmlNode *subject, GError **error)
{
  const xmlNode *node = kv_saml_only (subject, NS, "NameID");

  assertion->name = node != NULL ? kv_saml_text (node) : NULL;
  if (assertion->name == NULL || *assertion->name == '\0')
    return refuse (error, "the assertion's Subject must have a NameID, once, that is not empty or encrypted");
  return strlen (assertion->name) <= KV_SAML_MAX_NAME || refuse (error, "the assertion's NameID is too long");
}

/* @root: the element that was signed. */
static gboolean
read_signed (KvSamlAssertion *assertion, const xmlNode *root, const KvSamlProvider *provider,
             const KvSamlExpectations *expectations, GError **error)
{
  const xmlNode *subject = kv_saml_only (root, NS, "Subject");
  gint64 conditions_ms = G_MININT64, confirmations_ms = G_MININT64;

  assertion->id = kv_saml_attribute (root, "ID");
  if (strlen (assertion->id) > KV_SAML_MAX_ID)
    return refuse (error, "the assertion's ID is too long");
  if (subject == NULL)
    return refuse (error, "the assertion must have a Subject, once");
  if (!check_conditions (root, provider, expectations, &conditions_ms, error)
      || !check_confirmations (subject, provider, expectations, &confirmations_ms, error)
      || !read_name (assertion, subject, error))
    return FALSE;
  assertion->expires_ms = MIN (conditions_ms, confirmations_ms) + expectations->skew_ms;
  return TRUE;
}

KvSamlAssertion *
kv_saml_assertion_read (const char *parameter, const KvSamlExpectations *expectations, GError **error)
{
  g_autoptr (KvSamlAssertion) assertion = g_new0 (KvSamlAssertion, 1);
  g_autoptr (xmlDoc) document = decode (parameter, error);
  const xmlNode *root = document != NULL ? xmlDocGetRootElement (document) : NULL;
  const KvSamlProvider *provider;
  const xmlNode *issuer;

  if (root == NULL || !check_root (root, error))
    return NULL;
  issuer = kv_saml_only (root, NS, "Issuer");
  assertion->issuer = issuer != NULL ? kv_saml_text (issuer) : NULL;
  provider = assertion->issuer != NULL ? find_provider (expectations, assertion->issuer) : NULL;
  if (provider == NULL)
    {
      refuse (error, "the assertion's Issuer is no identity provider that is known here");
      return NULL;
    }
  if (!kv_saml_signature_check (document, provider, expectations->now_ms / 1000, error)
      || !read_signed (assertion, root, provider, expectations, error))
    return NULL;
  assertion->provider = provider;
  return g_steal_pointer (&assertion);
}

/* The length keeps the end of one from counting as the beginning of the other. */
gboolean
kv_saml_assertion_digest (const KvSamlAssertion *assertion, char hex[APIM_SHA256_HEX_SIZE])
{
  g_autofree char *text
      = g_strdup_printf ("%zu:%s%s", strlen (assertion->issuer), assertion->issuer, assertion->id);

  return apim_sha256_hex (text, strlen (text), hex);
}
