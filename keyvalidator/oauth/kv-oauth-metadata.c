#include "config.h"
#include "keyvalidator/oauth/kv-oauth-metadata.h"

#include "core/core-oauth.h"
#include "keyvalidator/oauth/kv-oauth-answer.h"
#include "keyvalidator/oauth/kv-oauth.h"

#include <string.h>

#define WELL_KNOWN "/.well-known/oauth-authorization-server"
#define OPENID_WELL_KNOWN "/.well-known/openid-configuration"

struct _KvOauthMetadata
{
  char *json;
  char *path; /* of the issuer's URL */
  char *web_context_root;
};

static void
add_list (GString *json, const char *name, const char *const *words)
{
  g_string_append_printf (json, ",\"%s\":[", name);
  for (gsize i = 0; words[i] != NULL; i++)
    g_string_append_printf (json, "%s\"%s\"", i > 0 ? "," : "", words[i]);
  g_string_append_c (json, ']');
}

/* Implicit and SAML grants are only there where they are configured. */
static void
add_lists (GString *json, gboolean implicit, gboolean saml)
{
  const char *const response_types[] = { "code", implicit ? "token" : NULL, NULL };
  const char *const response_modes[] = { "query", implicit ? "fragment" : NULL, NULL };
  const char *grants[7]
      = { CORE_OAUTH_AUTHORIZATION_CODE, CORE_OAUTH_CLIENT_CREDENTIALS, CORE_OAUTH_PASSWORD, CORE_OAUTH_REFRESH_TOKEN };
  gsize n_grants = 4;
  static const char *const methods[] = { "client_secret_basic", "client_secret_post", NULL };
  static const char *const challenges[] = { "S256", NULL };
  static const char *const scopes[] = { "openid", NULL };
  static const char *const subjects[] = { "public", NULL };
  static const char *const algorithms[] = { "RS256", "ES256", NULL };
  static const char *const claims[] = { "iss",  "sub",        "aud",         "azp",     "exp",
                                        "iat",  "auth_time",  "nonce",       "at_hash", "preferred_username",
                                        "name", "given_name", "family_name", "email",   NULL };

  if (saml)
    grants[n_grants++] = CORE_OAUTH_SAML2_BEARER;
  if (implicit)
    grants[n_grants] = "implicit";
  add_list (json, "response_types_supported", response_types);
  add_list (json, "response_modes_supported", response_modes);
  add_list (json, "grant_types_supported", grants);
  add_list (json, "token_endpoint_auth_methods_supported", methods);
  add_list (json, "revocation_endpoint_auth_methods_supported", methods);
  add_list (json, "introspection_endpoint_auth_methods_supported", methods);
  add_list (json, "code_challenge_methods_supported", challenges);
  add_list (json, "scopes_supported", scopes);
  add_list (json, "subject_types_supported", subjects);
  add_list (json, "id_token_signing_alg_values_supported", algorithms);
  add_list (json, "claims_supported", claims);
}

KvOauthMetadata *
kv_oauth_metadata_new (const ApimConfig *config, const char *issuer)
{
  static const struct
  {
    const char *member, *path;
  } endpoints[] = {
    { "authorization_endpoint", "authorize" }, { "token_endpoint", "token" },
    { "revocation_endpoint", "revoke" },       { "introspection_endpoint", "introspect" },
    { "userinfo_endpoint", "userinfo" },       { "jwks_uri", "jwks" },
  };
  KvOauthMetadata *metadata = g_new0 (KvOauthMetadata, 1);
  GString *json = kv_oauth_json_begin ();

  kv_oauth_json_text (json, "issuer", issuer);
  for (gsize i = 0; i < G_N_ELEMENTS (endpoints); i++)
    {
      g_autofree char *url
          = kv_oauth_endpoint_url (config, endpoints[i].path);

      kv_oauth_json_text (json, endpoints[i].member, url);
    }
  add_lists (json, config->allow_implicit, config->saml_providers->len > 0);
  kv_oauth_json_boolean (json, "authorization_response_iss_parameter_supported", TRUE);
  g_string_append_c (json, '}');
  metadata->json = g_string_free (json, FALSE);
  if (!g_uri_split (issuer, G_URI_FLAGS_ENCODED, NULL, NULL, NULL, NULL, &metadata->path, NULL, NULL, NULL))
    metadata->path = g_strdup ("");
  metadata->web_context_root = g_strdup (config->web_context_root);
  return metadata;
}

void
kv_oauth_metadata_free (KvOauthMetadata *metadata)
{
  if (metadata == NULL)
    return;
  g_free (metadata->json);
  g_free (metadata->path);
  g_free (metadata->web_context_root);
  g_free (metadata);
}

static void
handle_metadata (NetHttpExchange *exchange, gpointer data)
{
  const KvOauthMetadata *metadata = data;
  const NetHttpRequest *request = net_http_exchange_request (exchange);

  if (!net_http_text_equal (request->method, "GET") && !net_http_text_equal (request->method, "HEAD"))
    {
      net_http_exchange_add_header (exchange, "Allow", "GET, HEAD");
      net_http_respond (exchange, 405, NULL, NULL, 0);
      return;
    }
  net_http_respond (exchange, 200, "application/json", metadata->json, strlen (metadata->json));
}

void
kv_oauth_metadata_add_to (KvOauthMetadata *metadata, NetHttpServer *server)
{
  /* RFC 8414 3 puts the name in front of the issuer's path, OpenID Connect Discovery 4 behind it. */
  g_autofree char *of_issuer = g_strconcat (WELL_KNOWN, metadata->path, NULL);
  g_autofree char *of_root = g_strconcat (metadata->web_context_root, WELL_KNOWN, NULL);
  g_autofree char *openid_of_issuer = g_strconcat (metadata->path, OPENID_WELL_KNOWN, NULL);
  g_autofree char *openid_of_root = g_strconcat (metadata->web_context_root, OPENID_WELL_KNOWN, NULL);
  const char *const paths[]
      = { WELL_KNOWN, of_issuer, of_root, OPENID_WELL_KNOWN, openid_of_issuer, openid_of_root };

  for (gsize i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      gboolean added = FALSE;

      for (gsize j = 0; j < i && !added; j++)
        added = strcmp (paths[j], paths[i]) == 0;
      if (!added)
        net_http_server_add (server, paths[i], NET_HTTP_ON_WORKER, handle_metadata, metadata);
    }
}
