#include "config.h"
#include "portal/json/pt-json-key.h"

#include "common/apim-secret.h"

static void
append_words (GString *json, const char *name, const char *text)
{
  g_auto (GStrv) words = g_strsplit (text != NULL ? text : "", " ", -1);

  core_json_append_texts (json, name, *words != NULL && **words != '\0' ? (const char *const *)words : NULL);
}

static void
append_client (GString *json, const StOauthClient *client)
{
  core_json_append_member (json, "consumerSecret", client != NULL ? client->secret : NULL);
  append_words (json, "supportedGrantTypes", client != NULL ? client->grant_types : NULL);
  core_json_append_member (json, "callbackUrl", client != NULL ? client->callback_url : NULL);
}

static void
append_token (GString *json, const CoreTokenIssued *issued)
{
  core_json_append_name (json, "token");
  if (issued->token == NULL || issued->text == NULL)
    {
      g_string_append (json, "null");
      return;
    }
  g_string_append_c (json, '{');
  core_json_append_member (json, "accessToken", issued->text);
  core_json_append_texts (json, "tokenScopes", (const char *const *)issued->token->scopes);
  core_json_append_int64 (json, "validityTime", issued->expires_in_s);
  g_string_append_c (json, '}');
}

void
pt_json_key_append (GString *json, const CoreKey *key)
{
  g_string_append_c (json, '{');
  core_json_append_member (json, "consumerKey", key->key->consumer_key);
  append_client (json, key->client);
  core_json_append_member (json, "keyState", key->key->state);
  core_json_append_member (json, "keyType", st_key_type_text (key->key->type));
  core_json_append_member (json, "groupId", NULL);
  append_token (json, &key->issued);
  g_string_append_c (json, '}');
}

void
pt_key_body_clear (PtKeyBody *body)
{
  g_free (body->type);
  g_free (body->callback_url);
  g_free (body->validity);
  g_free (body->consumer_key);
  apim_secret_free (body->consumer_secret);
  g_strfreev (body->grant_types);
  g_strfreev (body->scopes);
  g_strfreev (body->domains);
  *body = (PtKeyBody){ { 0 } };
}

/* A text in v0.14, but scripts send numbers, too. */
static void
read_validity (const PtJson *json, char **validity)
{
  gint64 seconds = G_MININT64;

  pt_json_number (json, "validityTime", G_MININT64 + 1, G_MAXINT64, &seconds);
  if (seconds != G_MININT64)
    *validity = g_strdup_printf ("%" G_GINT64_FORMAT, seconds);
}

gboolean
pt_json_key_read (const CoreJsonNode *node, PtKeyBody *body, GError **error)
{
  g_autoptr (GPtrArray) violations = core_violations_new ();
  const PtJson json = { node, "", violations };

  pt_json_text (&json, "keyType", &body->type);
  pt_json_text (&json, "callbackUrl", &body->callback_url);
  pt_json_text (&json, "consumerKey", &body->consumer_key);
  pt_json_text (&json, "consumerSecret", &body->consumer_secret);
  pt_json_texts (&json, "supportedGrantTypes", &body->grant_types);
  pt_json_texts (&json, "scopes", &body->scopes);
  pt_json_texts (&json, "accessAllowDomains", &body->domains);
  read_validity (&json, &body->validity);
  body->request = (CoreKeyRequest){ .type = body->type,
                                    .callback_url = body->callback_url,
                                    .grant_types = (const char *const *)body->grant_types,
                                    .scopes = (const char *const *)body->scopes,
                                    .domains = (const char *const *)body->domains,
                                    .validity = body->validity };
  return core_violations_check (violations, error);
}
