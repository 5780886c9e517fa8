#include "config.h"
#include "core/core-validation.h"

#include "common/apim-saturate.h"
#include "common/apim-text.h"

#include <string.h>

/* The chain (spec/thrift-key-validation.md 7.1): token, level, API default (handshake only), subscription, scope with
 * roles. Each link is one check_...() below; the first that does not pass ends the chain, and the decision goes out
 * as it stands (7.1). So what an earlier link wrote into it stays in a later refusal, and a link writes only once it
 * passes, but for the cases that the specification names. */

#define DEFAULT_VERSION_PREFIX "_default_"
#define TENANT_CONTEXT_PREFIX "/t/"
#define EVERYONE_ROLE "Internal/everyone" /* held by every user, never stored as membership (spec/databases.md 6.4) */
#define THROTTLING_DATA "api_level_throttling_key" /* spec 7.3 item 5 */
#define LAST_SECOND_MS 1000                        /* spec 7.2: a token within its last second is expired */

typedef struct
{
  const CoreValidationRequest *request;
  const CoreFacts *facts;
  const CoreValidationRules *rules;
  gint64 now_ms;
  CoreDecision *decision;
  CoreNeed need;
} Chain;

/* A decision is a refusal until the whole chain has passed; a caller that overlooks the need grants nothing. */
static void
reset_decision (CoreDecision *decision)
{
  memset (decision, 0, G_STRUCT_OFFSET (CoreDecision, end_user_buffer));
  decision->status = CORE_STATUS_GENERAL_ERROR;
  decision->end_user_buffer[0] = '\0';
  decision->api_name_buffer[0] = '\0';
  decision->application_id_buffer[0] = '\0';
}

static gboolean
refuse (Chain *chain, CoreStatus status)
{
  chain->decision->status = status;
  return FALSE;
}

static gboolean
ask_for (Chain *chain, CoreNeed need)
{
  chain->need = need;
  return FALSE;
}

static gboolean
is_empty (const char *text)
{
  return text == NULL || text[0] == '\0';
}

static gboolean
contains (const char *const *texts, const char *wanted)
{
  return wanted != NULL && g_strv_contains (texts, wanted);
}

/* Token */

static gboolean
token_is_usable (const CoreFacts *facts)
{
  const StToken *token = facts->token;

  return token != NULL && !is_empty (token->consumer_key) && !is_empty (token->user_name) && token->scopes != NULL
         && !is_empty (facts->token_tenant_domain);
}

/* Server-wide validity below 0 makes tokens of that kind report that they never expire, once they have passed (spec
 * 7.2). */
static gboolean
kind_never_expires (const StToken *token, const CoreValidationRules *rules)
{
  if (g_strcmp0 (token->user_type, "APPLICATION_USER") == 0)
    return rules->user_tokens_never_expire;
  if (g_strcmp0 (token->user_type, "APPLICATION") == 0)
    return rules->app_tokens_never_expire;
  return FALSE;
}

/* FALSE: expired. *validity_ms: the remaining life, clock skew included, in whole seconds (decisions.md 9). */
static gboolean
remaining_life (const Chain *chain, gint64 *validity_ms)
{
  const StToken *token = chain->facts->token;
  gint64 end_ms, remaining_ms;

  *validity_ms = G_MAXINT64;
  if (token->validity_ms < 0 || token->validity_ms == G_MAXINT64)
    return TRUE;
  end_ms = apim_add_saturated (token->issued_ms, token->validity_ms);
  remaining_ms = apim_subtract_saturated (end_ms, apim_subtract_saturated (chain->now_ms, chain->rules->skew_ms));
  if (remaining_ms <= LAST_SECOND_MS)
    return FALSE;
  if (!kind_never_expires (token, chain->rules))
    *validity_ms = remaining_ms / 1000 * 1000;
  return TRUE;
}

/* [DOMAIN/]user@tenant (spec 7.2 item 3). FALSE when it does not fit: a name that was cut would be another user's. */
static gboolean
name_end_user (Chain *chain)
{
  const StToken *token = chain->facts->token;
  CoreDecision *decision = chain->decision;
  gboolean primary
      = is_empty (token->user_domain) || g_ascii_strcasecmp (token->user_domain, ST_PRIMARY_USER_DOMAIN) == 0;
  ApimText name;

  apim_text_init (&name, decision->end_user_buffer, sizeof decision->end_user_buffer);
  if (!primary)
    {
      apim_text_add (&name, token->user_domain);
      apim_text_add (&name, "/");
    }
  apim_text_add (&name, token->user_name);
  apim_text_add (&name, "@");
  apim_text_add (&name, chain->facts->token_tenant_domain);
  if (!apim_text_fits (&name))
    return FALSE;
  decision->end_user_name = decision->end_user_buffer;
  return TRUE;
}

static gboolean
check_token (Chain *chain)
{
  gint64 validity_ms;
  gboolean alive;

  if (!chain->facts->token_known)
    return ask_for (chain, CORE_NEED_TOKEN);
  if (!token_is_usable (chain->facts))
    return refuse (chain, CORE_STATUS_INVALID_CREDENTIALS);
  /* The stored text is no token by itself, whatever it is used for (decisions.md 6). */
  if (chain->facts->token->of_jwt_application && !chain->facts->token_self_contained)
    return refuse (chain, CORE_STATUS_INVALID_CREDENTIALS);
  alive = remaining_life (chain, &validity_ms);
  /* Only the handshake names the user and the key of an expired token (spec 6.4 item 1). */
  if (!alive && chain->request->kind != CORE_VALIDATE_HANDSHAKE)
    return refuse (chain, CORE_STATUS_INVALID_CREDENTIALS);
  if (!name_end_user (chain))
    return refuse (chain, alive ? CORE_STATUS_GENERAL_ERROR : CORE_STATUS_INVALID_CREDENTIALS);
  chain->decision->consumer_key = chain->facts->token->consumer_key;
  if (!alive)
    return refuse (chain, CORE_STATUS_INVALID_CREDENTIALS);
  chain->decision->issued_ms = chain->now_ms;
  chain->decision->validity_ms = validity_ms;
  return TRUE;
}

/* spec 7.3 item 1. The handshake asks with level "Any" (6.4 item 1), which every token passes. */
static gboolean
check_level (Chain *chain)
{
  const char *level = chain->request->required_level;
  gboolean application_token, fits = TRUE;

  if (chain->request->kind == CORE_VALIDATE_HANDSHAKE)
    return TRUE;
  application_token
      = contains ((const char *const *) chain->facts->token->scopes, chain->rules->application_token_scope);
  if (is_empty (level))
    fits = FALSE;
  else if (strcmp (level, "Application") == 0)
    fits = application_token;
  else if (strcmp (level, "Application_User") == 0)
    fits = !application_token;
  return fits || refuse (chain, CORE_STATUS_WRONG_TOKEN_TYPE);
}

/* API by context */

static gboolean
check_api_default (Chain *chain)
{
  if (chain->request->kind == CORE_VALIDATE_HANDSHAKE && !chain->facts->api_default_known)
    return ask_for (chain, CORE_NEED_API_DEFAULT);
  return TRUE;
}

/* The version that the handshake uses instead of the client's; NULL: the client's. */
static const char *
handshake_default_version (const CoreValidationRequest *request, const CoreFacts *facts)
{
  if (request->kind != CORE_VALIDATE_HANDSHAKE || facts->api_default == NULL
      || is_empty (facts->api_default->default_version))
    return NULL;
  return facts->api_default->default_version;
}

static gboolean
ends_in_version (const char *context, const char *version)
{
  gsize context_length = strlen (context), version_length = strlen (version);

  return context_length > version_length && context[context_length - version_length - 1] == '/'
         && strcmp (context + context_length - version_length, version) == 0;
}

gboolean
core_validation_subscription_key (const CoreValidationRequest *request, const CoreFacts *facts, char *context_buffer,
                                  gsize size, const char **context, const char **version)
{
  const char *default_version = handshake_default_version (request, facts);

  if (request->context == NULL || (default_version == NULL && request->version == NULL))
    return FALSE;
  *context = request->context;
  *version = request->version;
  if (default_version == NULL)
    {
      if (g_str_has_prefix (request->version, DEFAULT_VERSION_PREFIX))
        *version = NULL;
      return TRUE;
    }
  *version = default_version;
  if (ends_in_version (request->context, default_version))
    return TRUE;
  *context = context_buffer;
  return g_strlcpy (context_buffer, request->context, size) < size && g_strlcat (context_buffer, "/", size) < size
         && g_strlcat (context_buffer, default_version, size) < size;
}

gboolean
core_context_tenant_domain (const char *context, char *domain, gsize size)
{
  if (context != NULL && g_str_has_prefix (context, TENANT_CONTEXT_PREFIX))
    {
      const char *start = context + strlen (TENANT_CONTEXT_PREFIX);
      const char *end = strchr (start, '/');

      if (end != NULL && end > start)
        {
          gsize length = (gsize) (end - start);

          if (length >= size)
            return FALSE;
          memcpy (domain, start, length);
          domain[length] = '\0';
          return TRUE;
        }
    }
  return g_strlcpy (domain, ST_SUPER_TENANT_DOMAIN, size) < size;
}

/* Subscription */

CoreStatus
core_subscription_standing (const char *status, const char *key_type)
{
  if (status == NULL || strcmp (status, "ON_HOLD") == 0 || strcmp (status, "REJECTED") == 0)
    return CORE_STATUS_SUBSCRIPTION_INACTIVE;
  if (strcmp (status, "BLOCKED") == 0)
    return CORE_STATUS_API_BLOCKED;
  if (strcmp (status, "PROD_ONLY_BLOCKED") == 0 && g_strcmp0 (key_type, "SANDBOX") != 0)
    return CORE_STATUS_API_BLOCKED;
  return CORE_STATUS_OK;
}

/* Whether there is one for this chain. The store does not show the last two kinds; were it to, they would still not
 * count (decisions.md 2; spec 7.3 item 3). */
static gboolean
subscription_exists (const Chain *chain)
{
  const StSubscription *subscription = chain->facts->subscription;

  return subscription != NULL && g_strcmp0 (subscription->create_state, "UN_SUBSCRIBE") != 0
         && (!chain->rules->advanced_throttling || subscription->has_policy);
}

const char *
core_subscriber_tenant (const char *subscriber)
{
  const char *at = subscriber != NULL ? strrchr (subscriber, '@') : NULL;

  return at != NULL && at[1] != '\0' ? at + 1 : ST_SUPER_TENANT_DOMAIN;
}

static gboolean
is_blank (const char *text)
{
  return text == NULL || text[strspn (text, " \t\r\n\f\v")] == '\0';
}

static void
tell_throttling (CoreDecision *decision, const StSubscription *subscription)
{
  decision->content_aware = subscription->content_aware;
  decision->spike_arrest_limit = MAX (subscription->rate_limit_count, 0);
  decision->spike_arrest_unit = subscription->rate_limit_unit;
  decision->stop_on_quota_reach = subscription->stop_on_quota_reach;
  decision->subscriber_tenant_domain = core_subscriber_tenant (subscription->subscriber);
  if (!is_blank (subscription->api_tier))
    decision->api_tier = subscription->api_tier;
  decision->throttling_data = THROTTLING_DATA;
}

/* FALSE when the handshake's "<name>*<version>" does not fit. */
static gboolean
tell_subscription (Chain *chain)
{
  const StSubscription *subscription = chain->facts->subscription;
  const char *default_version = handshake_default_version (chain->request, chain->facts);
  CoreDecision *decision = chain->decision;
  ApimText text;

  decision->api_name = subscription->api_name;
  if (default_version != NULL && subscription->api_name != NULL)
    {
      apim_text_init (&text, decision->api_name_buffer, sizeof decision->api_name_buffer);
      apim_text_add (&text, subscription->api_name);
      apim_text_add (&text, "*");
      apim_text_add (&text, default_version);
      decision->api_name = NULL;
      if (!apim_text_fits (&text))
        return FALSE;
      decision->api_name = decision->api_name_buffer;
    }
  apim_text_init (&text, decision->application_id_buffer, sizeof decision->application_id_buffer);
  apim_text_add_int (&text, subscription->application_id);
  decision->application_id = decision->application_id_buffer;
  decision->subscriber = subscription->subscriber;
  decision->tier = subscription->tier;
  decision->type = subscription->key_type;
  decision->application_name = subscription->application_name;
  decision->application_tier = subscription->application_tier;
  decision->api_publisher = subscription->api_provider;
  if (chain->rules->advanced_throttling)
    tell_throttling (decision, subscription);
  return TRUE;
}

static gboolean
check_subscription (Chain *chain)
{
  const CoreValidationRequest *request = chain->request;
  const StSubscription *subscription = chain->facts->subscription;
  CoreStatus standing;

  /* Without a context and a version no API was asked for. */
  if (request->context == NULL
      || (request->version == NULL && handshake_default_version (request, chain->facts) == NULL))
    return refuse (chain, CORE_STATUS_FORBIDDEN);
  if (!chain->facts->subscription_known)
    return ask_for (chain, CORE_NEED_SUBSCRIPTION);
  if (!subscription_exists (chain))
    return refuse (chain, CORE_STATUS_FORBIDDEN);
  standing = core_subscription_standing (subscription->status, subscription->key_type);
  if (standing != CORE_STATUS_OK)
    {
      if (g_strcmp0 (subscription->status, "PROD_ONLY_BLOCKED") == 0)
        chain->decision->type = subscription->key_type;
      return refuse (chain, standing);
    }
  return tell_subscription (chain) || refuse (chain, CORE_STATUS_GENERAL_ERROR);
}

/* Scope */

gboolean
core_validation_resource_path (const CoreValidationRequest *request, char *buffer, gsize size)
{
  const char *version = request->version;
  ApimText path;

  if (request->context == NULL || version == NULL || request->matching_resource == NULL || request->http_verb == NULL)
    return FALSE;
  if (g_str_has_prefix (version, DEFAULT_VERSION_PREFIX))
    version += strlen (DEFAULT_VERSION_PREFIX);
  apim_text_init (&path, buffer, size);
  apim_text_add (&path, request->context);
  apim_text_add (&path, "/");
  apim_text_add (&path, version);
  apim_text_add (&path, request->matching_resource);
  apim_text_add (&path, ":");
  apim_text_add (&path, request->http_verb);
  return apim_text_fits (&path);
}

/* A user without any role is nobody that the user store knows, and Internal/everyone is not for nobody. */
static gboolean
may_use (const char *const *roles, const char *const *wanted)
{
  if (roles == NULL || roles[0] == NULL)
    return FALSE;
  if (wanted[0] == NULL)
    return TRUE;
  for (gsize i = 0; wanted[i] != NULL; i++)
    if (strcmp (wanted[i], EVERYONE_ROLE) == 0 || g_strv_contains (roles, wanted[i]))
      return TRUE;
  return FALSE;
}

/* spec 7.4. */
static gboolean
check_scope (Chain *chain)
{
  const CoreValidationRequest *request = chain->request;
  const CoreFacts *facts = chain->facts;
  const StScope *scope = facts->scope;

  if (request->kind == CORE_VALIDATE_HANDSHAKE || request->matching_resource == NULL || request->http_verb == NULL
      || facts->token->scopes[0] == NULL)
    return TRUE;
  if (!facts->scope_known)
    return ask_for (chain, CORE_NEED_SCOPE);
  if (scope == NULL)
    return TRUE;
  if (scope->roles == NULL || !contains ((const char *const *) facts->token->scopes, scope->key))
    return refuse (chain, CORE_STATUS_INVALID_SCOPE);
  /* Asked before the scope's roles are looked at: since 2.6 a user without any role is refused even where the scope
   * asks for none (spec/databases.md 5.7). */
  if (!facts->roles_known)
    return ask_for (chain, CORE_NEED_ROLES);
  return may_use (facts->roles, (const char *const *) scope->roles) || refuse (chain, CORE_STATUS_INVALID_SCOPE);
}

CoreNeed
core_validation_next (const CoreValidationRequest *request, const CoreFacts *facts, const CoreValidationRules *rules,
                      gint64 now_ms, CoreDecision *decision)
{
  Chain chain = { request, facts, rules, now_ms, decision, CORE_NEED_NOTHING };

  reset_decision (decision);
  if (check_token (&chain) && check_level (&chain) && check_api_default (&chain) && check_subscription (&chain)
      && check_scope (&chain))
    {
      decision->authorized = TRUE;
      decision->status = CORE_STATUS_OK;
    }
  return chain.need;
}
