#include "config.h"

#include "admin-cli/ctl-oauth.h"

#include "admin-cli/ctl-json.h"
#include "common/apim-secret.h"

#include <libsoup/soup.h>
#include <openssl/crypto.h>
#include <string.h>

#define LOGIN_HINT "apimctl login"
#define LOGIN "login" /* what a person wanted that gave a user name and a password */
#define DEFAULT_LIFE_S 3600

const char ctl_oauth_scopes[]
    = "apim:api_view apim:api_create apim:api_publish apim:tier_view apim:tier_manage apim:subscription_view "
      "apim:subscription_block apim:mediation_policy_view apim:mediation_policy_create apim:api_workflow "
      "apim:subscribe apim:bl_view apim:bl_manage apim:api_import_export apim:app_import_export apim:tenant_view "
      "apim:tenant_manage";

static void
wipe_string (gpointer text)
{
  apim_secret_free (text);
}

/* A body that is wiped when it was sent; takes @text. */
static GBytes *
secret_bytes (char *text)
{
  return g_bytes_new_with_free_func (text, strlen (text), wipe_string, text);
}

static char *
basic (const char *user, const char *password)
{
  g_auto (ApimSecretText) pair = g_strconcat (user, ":", password, NULL);
  g_auto (ApimSecretText) encoded = g_base64_encode ((const guchar *)pair, strlen (pair));
  return g_strconcat ("Basic ", encoded, NULL);
}

/* What the server says for people; a code, or the reason phrase of a status, tells them nothing. */
static const char *
words_of (JsonObject *body)
{
  static const char *const members[] = { "error_description", "description", "message" };
  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    {
      const char *why = ctl_json_get_text (body, members[i]);
      if (why != NULL && strcmp (why, "Unauthorized") != 0 && strcmp (why, "Forbidden") != 0)
        return why;
    }
  return NULL;
}

/* Why the server said no, in its words where it has any. */
static void
set_refusal (const CtlServer *server, const CtlReply *reply, const char *what, GError **error)
{
  const CtlEnv *env = ctl_server_env (server);
  JsonObject *body
      = reply->json != NULL && JSON_NODE_HOLDS_OBJECT (reply->json) ? json_node_get_object (reply->json) : NULL;
  const char *why = words_of (body), *code = ctl_json_get_text (body, "error");
  if (reply->status == 401 && strcmp (what, LOGIN) == 0)
    ctl_error_set (error, CTL_ERROR_LOGIN, LOGIN_HINT, what,
                   "the server does not take this user name with this password");
  else if (reply->status == 403)
    ctl_error_set (error, CTL_ERROR_FORBIDDEN, NULL, what, "%s", why != NULL ? why : "the server forbids it");
  else if (reply->status == 401 || (reply->status == 400 && body != NULL))
    ctl_error_set (error, CTL_ERROR_LOGIN, LOGIN_HINT, what, "%s",
                   why != NULL    ? why
                   : code != NULL ? code
                                  : "the server takes no client of this key and secret");
  else if (reply->status == 404)
    ctl_error_set (error, CTL_ERROR_NOT_FOUND, "apimctl env list", what, "%s has no such service: is it a Key Manager?",
                   env->urls[CTL_KEY_MANAGER]);
  else
    ctl_error_set (error, reply->status >= 502 ? CTL_ERROR_UNREACHABLE : CTL_ERROR_FAILED, NULL, what,
                   "%s answered HTTP %u%s%s", env->urls[CTL_KEY_MANAGER], reply->status, why != NULL ? ": " : "",
                   why != NULL ? why : "");
}

/* POSTs and wants an object in return (or, where @any, nothing). Takes @authorization and @bytes. */
static CtlReply *
post (CtlServer *server, const char *path, const char *authorization, const char *type, GBytes *bytes, const char *what,
      gboolean any, GError **error)
{
  CtlRequest request = { .service = CTL_KEY_MANAGER,
                         .method = "POST",
                         .path = path,
                         .authorization = authorization,
                         .bytes = bytes,
                         .content_type = type,
                         .what = what };
  g_autoptr (CtlReply) reply = ctl_server_send (server, &request, error);
  if (reply == NULL)
    return NULL;
  gboolean good = reply->status == 200 || reply->status == 201;
  if (good && (any || (reply->json != NULL && JSON_NODE_HOLDS_OBJECT (reply->json))))
    return g_steal_pointer (&reply);
  if (good)
    ctl_error_set (error, CTL_ERROR_FAILED, "apimctl env list", what,
                   "the answer of %s is not JSON: is it a Key Manager?",
                   ctl_server_env (server)->urls[CTL_KEY_MANAGER]);
  else
    set_refusal (server, reply, what, error);
  return NULL;
}

/* Takes @form. */
static CtlReply *
post_form (CtlServer *server, const char *path, const char *client_id, const char *client_secret, char *form,
           gboolean any, GError **error)
{
  g_auto (ApimSecretText) authorization = basic (client_id, client_secret);
  g_autoptr (GBytes) bytes = secret_bytes (form);
  return post (server, path, authorization, "application/x-www-form-urlencoded", bytes, "token", any, error);
}

static char *
registration (const char *user)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  /* A tenant's name has characters that not every server takes in a client's name. */
  g_autofree char *name = g_strdup_printf ("apimctl_%s", user);
  g_strdelimit (name, "@/.+ ", '_');
  json_builder_begin_object (builder);
  ctl_json_text (builder, "callbackUrl", "");
  ctl_json_text (builder, "clientName", name);
  ctl_json_text (builder, "owner", user);
  ctl_json_text (builder, "grantType", "password refresh_token");
  ctl_json_bool (builder, "saasApp", TRUE);
  json_builder_end_object (builder);
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  return ctl_json_compact (root);
}

static gboolean
register_client (CtlServer *server, CtlState *state, const char *user, const char *password, GError **error)
{
  g_auto (ApimSecretText) authorization = basic (user, password);
  g_autoptr (GBytes) bytes = secret_bytes (registration (user));
  g_autoptr (CtlReply) reply = post (server, "/client-registration/v0.14/register", authorization, "application/json",
                                     bytes, LOGIN, FALSE, error);
  if (reply == NULL)
    return FALSE;
  JsonObject *client = json_node_get_object (reply->json);
  ctl_state_set (&state->client_id, ctl_json_get_text (client, "clientId"));
  ctl_state_set (&state->client_secret, ctl_json_get_text (client, "clientSecret"));
  if (state->client_id != NULL && state->client_secret != NULL)
    return TRUE;
  ctl_error_set (error, CTL_ERROR_FAILED, NULL, "login", "the server registered no client for apimctl");
  return FALSE;
}

static gboolean
take_tokens (CtlState *state, JsonObject *answer, GError **error)
{
  const char *access = ctl_json_get_text (answer, "access_token");
  JsonNode *life = json_object_get_member (answer, "expires_in");
  if (access == NULL)
    {
      ctl_error_set (error, CTL_ERROR_FAILED, NULL, "login", "the server sent no access token");
      return FALSE;
    }
  ctl_state_set (&state->access_token, access);
  if (ctl_json_get_text (answer, "refresh_token") != NULL)
    ctl_state_set (&state->refresh_token, ctl_json_get_text (answer, "refresh_token"));
  if (ctl_json_get_text (answer, "scope") != NULL)
    ctl_state_set (&state->scopes, ctl_json_get_text (answer, "scope"));
  gboolean number = life != NULL && JSON_NODE_HOLDS_VALUE (life) && json_node_get_value_type (life) == G_TYPE_INT64;
  state->expires_s = g_get_real_time () / G_USEC_PER_SEC + (number ? json_node_get_int (life) : DEFAULT_LIFE_S);
  return TRUE;
}

gboolean
ctl_oauth_login (CtlServer *server, CtlState *state, const char *user, const char *password, GError **error)
{
  if (!register_client (server, state, user, password, error))
    return FALSE;
  char *form = soup_form_encode ("grant_type", "password", "username", user, "password", password, "scope",
                                 ctl_oauth_scopes, NULL);
  g_autoptr (CtlReply) reply
      = post_form (server, "/oauth2/token", state->client_id, state->client_secret, form, FALSE, error);
  if (reply == NULL)
    return FALSE;
  ctl_state_set (&state->user, user);
  ctl_state_set (&state->refresh_token, NULL);
  ctl_state_set (&state->scopes, NULL);
  return take_tokens (state, json_node_get_object (reply->json), error);
}

gboolean
ctl_oauth_renew (CtlServer *server, CtlState *state, GError **error)
{
  if (state->refresh_token == NULL)
    {
      ctl_error_set (error, CTL_ERROR_LOGIN, LOGIN_HINT, state->env, "the login has expired");
      return FALSE;
    }
  char *form = soup_form_encode ("grant_type", "refresh_token", "refresh_token", state->refresh_token, NULL);
  g_autoptr (CtlReply) reply
      = post_form (server, "/oauth2/token", state->client_id, state->client_secret, form, FALSE, error);
  return reply != NULL && take_tokens (state, json_node_get_object (reply->json), error);
}

gboolean
ctl_oauth_revoke_token (CtlServer *server, const char *client_id, const char *client_secret, const char *token,
                        GError **error)
{
  char *form = soup_form_encode ("token", token, NULL);
  g_autoptr (CtlReply) reply = post_form (server, "/oauth2/revoke", client_id, client_secret, form, TRUE, error);
  return reply != NULL;
}

gboolean
ctl_oauth_revoke (CtlServer *server, const CtlState *state, GError **error)
{
  /* By RFC 7009 the other token goes with either; servers of the 2.x line need both told. */
  return (state->refresh_token == NULL
          || ctl_oauth_revoke_token (server, state->client_id, state->client_secret, state->refresh_token, error))
         && ctl_oauth_revoke_token (server, state->client_id, state->client_secret, state->access_token, error);
}

JsonNode *
ctl_oauth_client_token (CtlServer *server, const char *client_id, const char *client_secret, const char *scope,
                        GError **error)
{
  char *form = scope != NULL ? soup_form_encode ("grant_type", "client_credentials", "scope", scope, NULL)
                             : soup_form_encode ("grant_type", "client_credentials", NULL);
  g_autoptr (CtlReply) reply = post_form (server, "/oauth2/token", client_id, client_secret, form, FALSE, error);
  return reply != NULL ? g_steal_pointer (&reply->json) : NULL;
}
