#include "config.h"
#include "keyvalidator/kv-call.h"

#include "common/apim-log.h"
#include "keyvalidator/kv-backend-jwt.h"

#include <string.h>

/* Sizes that hold every value a database can hold (spec/databases.md 4.1: CONTEXT 256, API_VERSION 30, URL_PATTERN 512, HTTP_METHOD 20 characters). */
#define CONTEXT_SIZE 768
#define VERSION_SIZE 128
#define LEVEL_SIZE 64
#define RESOURCE_SIZE 1024
#define VERB_SIZE 64
G_STATIC_ASSERT (CONTEXT_SIZE + VERSION_SIZE + LEVEL_SIZE + RESOURCE_SIZE + VERB_SIZE
                 <= sizeof (((KvCallResult *) NULL)->texts));

/* Stands for a text that no row can hold: too long, or with a NUL in it. */
#define IMPOSSIBLE_TEXT "\001"

void
kv_call_result_clear (KvCallResult *result)
{
  kv_facts_clear (&result->facts);
  g_clear_pointer (&result->resources, st_resources_unref);
  g_clear_pointer (&result->scopes, g_ptr_array_unref);
  g_clear_pointer (&result->session, kv_session_unref);
  g_clear_pointer (&result->remembered_jwt, kv_cache_entry_unref);
  g_clear_pointer (&result->made_jwt, g_free);
}

void
kv_call_result_init (KvCallResult *result)
{
  memset (&result->facts, 0, sizeof result->facts);
  result->resources = NULL;
  result->scopes = NULL;
  result->session = NULL;
  result->end_user_token = NULL;
  result->remembered_jwt = NULL;
  result->made_jwt = NULL;
  result->has_ticket = FALSE;
  result->jwt_ticket = (KvCacheTicket){ 0, 0 };
}

void
kv_call_result_set_exception (KvCallResult *result, TwDeclaredException exception, const char *message)
{
  result->answer = KV_ANSWER_EXCEPTION;
  result->exception = exception;
  result->message = message;
}

/* A terminated copy of an argument in *place, which moves on by @size; NULL when it was absent. */
static const char *
copy_text (TwText text, char **place, gsize size)
{
  char *copy = *place;

  if (text.bytes == NULL)
    return NULL;
  *place += size;
  if (text.length >= size || memchr (text.bytes, '\0', text.length) != NULL)
    return IMPOSSIBLE_TEXT;
  memcpy (copy, text.bytes, text.length);
  copy[text.length] = '\0';
  return copy;
}

static void
log_store_failure (const char *what, const GError *error)
{
  static ApimLogGate gate;

  apim_log_limited (&gate, APIM_LOG_ERROR, "keyvalidator", "could not look up the %s: %s", what, error->message);
}

/* An outage is an exception (spec 7.2 item 4, 7.3 item 7): never a refusal, which gateways would remember, and never a grant. */
static void
fail_validation (KvCallResult *result, CoreNeed need, const GError *error)
{
  switch (need)
    {
    case CORE_NEED_TOKEN:
      log_store_failure ("token", error);
      kv_call_result_set_exception (result, TW_KEY_MGT_EXCEPTION,
                                    "Error while obtaining Token Metadata from Authorization Server");
      break;
    case CORE_NEED_SCOPE:
    case CORE_NEED_ROLES:
      log_store_failure (need == CORE_NEED_SCOPE ? "scope of a resource" : "roles of a user", error);
      kv_call_result_set_exception (result, TW_API_MANAGEMENT_EXCEPTION, "Exception occurred while validating scopes.");
      break;
    default:
      log_store_failure ("subscription", error);
      kv_call_result_set_exception (result, TW_API_MANAGEMENT_EXCEPTION,
                                    "Exception occurred while validating Subscription.");
    }
}

/* What a JWT is made of is as old as this, at the most. */
static void
take_jwt_ticket (const KvStores *stores, KvCallResult *result)
{
  if (stores->backend_jwt == NULL || stores->memory == NULL || result->has_ticket)
    return;
  result->jwt_ticket = kv_cache_ticket (stores->memory->cache, apim_clock_monotonic_us (stores->clock));
  result->has_ticket = TRUE;
}

/* FALSE: the decision needs a JWT that is not remembered and may not be made. One that cannot be made is only logged,
 * as in Java (spec 7.5): the call was granted, and a backend that needs the JWT refuses it. */
static gboolean
add_jwt (const KvStores *stores, const CoreValidationRequest *request, gboolean may_make, gint64 deadline_us,
         KvCallResult *result)
{
  static ApimLogGate gate;
  const KvBackendJwtCall call = { stores->memory, stores->clock, request, &result->facts.view, &result->decision,
                                  result->jwt_ticket };
  g_autoptr (GError) error = NULL;

  if (stores->backend_jwt == NULL || !result->decision.authorized || result->decision.end_user_name == NULL)
    return TRUE;
  result->remembered_jwt = kv_backend_jwt_recall (stores->backend_jwt, &call);
  if (result->remembered_jwt != NULL)
    {
      result->end_user_token = kv_cache_entry_jwt (result->remembered_jwt)->text;
      return TRUE;
    }
  if (!may_make)
    return FALSE;
  result->made_jwt = kv_backend_jwt_make (stores->backend_jwt, &call, deadline_us, &error);
  if (result->made_jwt == NULL)
    apim_log_limited (&gate, APIM_LOG_ERROR, "keyvalidator",
                      "could not make a backend JWT, the call is answered without: %s", error->message);
  result->end_user_token = result->made_jwt;
  return TRUE;
}

/* FALSE: not answered, because something is not remembered and may not be loaded. */
static gboolean
decide (const KvCallContext *context, TwMethod method, const TwArguments *arguments, gboolean may_load, gint64 deadline_us,
        KvCallResult *result)
{
  char *place = result->texts;
  CoreValidationRequest request = {
    .kind = method == TW_METHOD_VALIDATE_KEY ? CORE_VALIDATE_KEY : CORE_VALIDATE_HANDSHAKE,
    .context = copy_text (arguments->context, &place, CONTEXT_SIZE),
    .version = copy_text (arguments->version, &place, VERSION_SIZE),
    .required_level = copy_text (arguments->required_level, &place, LEVEL_SIZE),
    .matching_resource = copy_text (arguments->matching_resource, &place, RESOURCE_SIZE),
    .http_verb = copy_text (arguments->http_verb, &place, VERB_SIZE),
  };
  g_autoptr (GError) error = NULL;
  CoreNeed missing;

  take_jwt_ticket (&context->stores, result);
  switch (kv_facts_decide (&result->facts, &context->stores, &request, &context->rules, arguments->access_token.bytes,
                           arguments->access_token.length, may_load, deadline_us, &result->decision, &missing, &error))
    {
    case KV_FACTS_DECIDED:
      result->answer = KV_ANSWER_DECISION;
      return add_jwt (&context->stores, &request, may_load, deadline_us, result);
    case KV_FACTS_MISSING:
      return FALSE;
    case KV_FACTS_FAILED:
      break;
    }
  fail_validation (result, missing, error);
  return TRUE;
}

/* A scope without a name, which no token has, must not be taken for none (decision: 900910). */
static char *
told_scope (const StScope *scope)
{
  if (scope == NULL)
    return g_strdup ("");
  return scope->key != NULL && *scope->key != '\0' ? g_strdup (scope->key) : NULL;
}

/* What the decision would find for each of the resources, as remembered as it is there. */
static gboolean
find_scopes (const KvStores *stores, const char *context, const char *version, gint64 deadline_us,
             KvCallResult *result, GError **error)
{
  const GPtrArray *resources = result->resources->resources;

  result->scopes = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < resources->len; i++)
    {
      const StResource *resource = resources->pdata[i];
      const CoreValidationRequest request = { .kind = CORE_VALIDATE_KEY,
                                              .context = context,
                                              .version = version,
                                              .matching_resource = resource->url_pattern,
                                              .http_verb = resource->http_method };
      g_auto (KvFacts) facts = { .token = NULL };

      if (!kv_facts_find_scope (&facts, stores, &request, deadline_us, error))
        return FALSE;
      g_ptr_array_add (result->scopes, !facts.view.scope_known ? NULL : told_scope (facts.view.scope));
    }
  return TRUE;
}

static void
run_uri_templates (const KvCallContext *context, const TwArguments *arguments, gint64 deadline_us, KvCallResult *result)
{
  char *place = result->texts;
  const char *api_context = copy_text (arguments->context, &place, CONTEXT_SIZE);
  const char *version = copy_text (arguments->version, &place, VERSION_SIZE);
  const KvStores *stores = &context->stores;
  g_autoptr (GError) error = NULL;
  gint tenant_id;

  if (kv_api_tenant_id (stores, api_context, deadline_us, &tenant_id, &error)
      && st_key_store_find_resources (stores->keys, api_context, version, tenant_id, deadline_us, &result->resources, &error)
      && (!arguments->tell_scopes || find_scopes (stores, api_context, version, deadline_us, result, &error)))
    {
      result->answer = KV_ANSWER_URI_TEMPLATES;
      return;
    }
  log_store_failure ("resources of an API", error);
  kv_call_result_set_exception (result, TW_API_MANAGEMENT_EXCEPTION, "Error while fetching all URL Templates");
}

/* FALSE when the call ends here, with the exception set (spec 6.1). */
static gboolean
verify_session (const KvCallContext *context, TwMethod method, TwText id, gint64 deadline_us, KvCallResult *result)
{
  g_autoptr (GError) error = NULL;

  if (id.bytes == NULL && method == TW_METHOD_GET_ALL_URI_TEMPLATES && context->templates_without_session)
    return TRUE;
  switch (kv_sessions_verify (context->sessions, id.bytes, id.length, deadline_us, &result->session, &error))
    {
    case KV_SESSION_VALID:
      return TRUE;
    case KV_SESSION_INVALID:
      kv_call_result_set_exception (result, TW_KEY_MGT_EXCEPTION, KV_MESSAGE_INVALID_SESSION);
      return FALSE;
    default:
      log_store_failure ("user of a session", error);
      kv_call_result_set_exception (
          result, TW_KEY_MGT_EXCEPTION,
          "Error populating current carbon context from thrift auth session: the user store is not available");
      return FALSE;
    }
}

gboolean
kv_call_try (const KvCallContext *context, TwMethod method, const TwArguments *arguments, KvCallResult *result)
{
  return method != TW_METHOD_GET_ALL_URI_TEMPLATES && decide (context, method, arguments, FALSE, 0, result);
}

void
kv_call_run (const KvCallContext *context, TwMethod method, const TwArguments *arguments, gboolean session_verified,
             KvCallResult *result)
{
  gint64 deadline_us = g_get_monotonic_time () + context->timeout_us;

  if (!session_verified && !verify_session (context, method, arguments->session_id, deadline_us, result))
    return;
  if (method == TW_METHOD_GET_ALL_URI_TEMPLATES)
    run_uri_templates (context, arguments, deadline_us, result);
  else
    decide (context, method, arguments, TRUE, deadline_us, result);
}
