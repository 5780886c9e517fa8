/* Keys of applications. Beside v0.14's generate-keys, GET and PUT there are, for what it has no resource for:
 * regenerate-secret, map-keys, clean-up, generate-token and revoke (docs/rest-api.md). */
#include "config.h"
#include "portal/store/pt-store.h"

#include "portal/json/pt-json-key.h"
#include "portal/pt-request.h"

static void
answer_key (PtAnswer *answer, const CoreKey *key)
{
  pt_json_key_append (answer->json, key);
}

/* The body with the application and the type that the path names. */
static gboolean
read_body (const PtRequest *request, PtKeyBody *body, GError **error)
{
  if (!pt_json_key_read (request->body, body, error))
    return FALSE;
  body->request.application = request->parameters[0];
  if (request->parameters[1] != NULL)
    body->request.type = request->parameters[1];
  return TRUE;
}

static gboolean
generate_keys (PtRequest *request, PtAnswer *answer, GError **error)
{
  const char *application = pt_request_need_query (request, "applicationId", error);
  g_auto (PtKeyBody) body = { { 0 } };
  g_autoptr (CoreKey) key = NULL;

  if (application == NULL || !pt_json_key_read (request->body, &body, error))
    return FALSE;
  body.request.application = application;
  if (!core_key_generate (&request->core, request->actor, &body.request, &key, error))
    return FALSE;
  answer_key (answer, key);
  return TRUE;
}

static gboolean
get_key (PtRequest *request, PtAnswer *answer, GError **error)
{
  g_autoptr (CoreKey) key = NULL;

  if (!core_key_get (&request->core, request->actor, request->parameters[0], request->parameters[1], &key,
                     error))
    return FALSE;
  answer_key (answer, key);
  return TRUE;
}

static gboolean
update_key (PtRequest *request, PtAnswer *answer, GError **error)
{
  g_auto (PtKeyBody) body = { { 0 } };
  g_autoptr (CoreKey) key = NULL;

  if (!read_body (request, &body, error)
      || !core_key_update (&request->core, request->actor, &body.request, &key, error))
    return FALSE;
  answer_key (answer, key);
  return TRUE;
}

static gboolean
regenerate_secret (PtRequest *request, PtAnswer *answer, GError **error)
{
  g_autoptr (CoreKey) key = NULL;

  if (!core_key_regenerate_secret (&request->core, request->actor, request->parameters[0],
                                   request->parameters[1], &key, error))
    return FALSE;
  answer_key (answer, key);
  return TRUE;
}

static gboolean
map_keys (PtRequest *request, PtAnswer *answer, GError **error)
{
  g_auto (PtKeyBody) body = { { 0 } };
  g_autoptr (CoreKey) key = NULL;

  if (!read_body (request, &body, error)
      || !core_key_map (&request->core, request->actor, &body.request, body.consumer_key,
                        body.consumer_secret, &key, error))
    return FALSE;
  answer_key (answer, key);
  return TRUE;
}

static gboolean
clean_up (PtRequest *request, PtAnswer *answer, GError **error)
{
  return core_key_clean_up (&request->core, request->actor, request->parameters[0], request->parameters[1],
                            error);
}

static gboolean
revoke_tokens (PtRequest *request, PtAnswer *answer, GError **error)
{
  guint n_users;

  if (!core_key_revoke_tokens (&request->core, request->actor, request->parameters[0], request->parameters[1], &n_users,
                               error))
    return FALSE;
  g_string_append_c (answer->json, '{');
  core_json_append_member (answer->json, "keyType", request->parameters[1]);
  core_json_append_int64 (answer->json, "users", n_users);
  g_string_append_c (answer->json, '}');
  return TRUE;
}

static gboolean
generate_token (PtRequest *request, PtAnswer *answer, GError **error)
{
  g_auto (PtKeyBody) body = { { 0 } };
  g_autoptr (CoreKey) key = NULL;

  if (!read_body (request, &body, error)
      || !core_key_refresh_token (&request->core, request->actor, &body.request, &key, error))
    return FALSE;
  answer_key (answer, key);
  return TRUE;
}

#define KEYS "/applications/{applicationId}/keys/{keyType}"

const PtRoute pt_store_keys[] = {
  { "POST", "/applications/generate-keys", PT_STORE_SCOPE, PT_BODY_JSON, FALSE, generate_keys },
  { "POST", "/applications/{applicationId}/map-keys", PT_STORE_SCOPE, PT_BODY_JSON, FALSE, map_keys },
  { "GET", KEYS, PT_STORE_SCOPE, PT_BODY_NONE, FALSE, get_key },
  { "PUT", KEYS, PT_STORE_SCOPE, PT_BODY_JSON, FALSE, update_key },
  { "POST", KEYS "/regenerate-secret", PT_STORE_SCOPE, PT_BODY_NONE, FALSE, regenerate_secret },
  { "POST", KEYS "/clean-up", PT_STORE_SCOPE, PT_BODY_NONE, FALSE, clean_up },
  { "POST", KEYS "/revoke", PT_STORE_SCOPE, PT_BODY_NONE, FALSE, revoke_tokens },
  { "POST", KEYS "/generate-token", PT_STORE_SCOPE, PT_BODY_JSON, FALSE, generate_token },
  { NULL },
};
