#include "config.h"
#include "bench/store-rows.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define HOUR_MS G_GINT64_CONSTANT (3600000)
#define MONTH_MS "2592000000"
#define SUPER_TENANT "-1234"
#define APPLICATIONS_PER_SUBSCRIBER 10
#define RESOURCES_PER_API 2
#define SCOPE_HASH "2dc4d5b21a4b0e1e0f7a0ee3dc3ab5b0" /* nobody looks tokens up by it */

static gint64 now_ms;

void
store_rows_set_now (gint64 now)
{
  now_ms = now;
}

static void
add (StoreRow *row, const char *constant)
{
  row->values[row->n++] = constant;
}

G_GNUC_PRINTF (2, 3)
static void
add_text (StoreRow *row, const char *format, ...)
{
  char *text = row->text + row->used;
  va_list arguments;

  va_start (arguments, format);
  row->used += (gsize) vsnprintf (text, sizeof row->text - row->used, format, arguments) + 1;
  va_end (arguments);
  g_assert (row->used <= sizeof row->text);
  add (row, text);
}

static void
add_id (StoreRow *row, guint64 number)
{
  add_text (row, "%" G_GUINT64_FORMAT, STORE_WORLD_FIRST_ID + number);
}

/* In the order of numbers, so that indexes grow at their ends. */
static void
add_uuid (StoreRow *row, guint kind, guint64 number)
{
  add_text (row, "%08x-0000-4000-8000-%012" G_GINT64_MODIFIER "x", kind, number);
}

static guint64
count_apis (const StoreWorld *world)
{
  return world->apis;
}

static void
fill_api (const StoreWorld *world, guint64 number, StoreRow *row)
{
  char context[STORE_WORLD_TEXT];

  store_world_context (number, context);
  add_id (row, number);
  add (row, "api-publisher");
  add_text (row, "Orders-%08" G_GUINT64_FORMAT, number);
  add (row, STORE_WORLD_VERSION);
  add_text (row, "%s", context);
  add_text (row, "%.*s", (int) (strlen (context) - strlen ("/" STORE_WORLD_VERSION)), context);
  add (row, "Unlimited");
  add (row, "api-publisher");
}

static guint64
count_resources (const StoreWorld *world)
{
  return world->apis * RESOURCES_PER_API;
}

static void
fill_resource (const StoreWorld *world, guint64 number, StoreRow *row)
{
  add_id (row, number / RESOURCES_PER_API);
  add (row, number % RESOURCES_PER_API == 0 ? "GET" : "POST");
  add (row, "Any");
  add (row, "/items");
  add (row, "Unlimited");
}

static void
fill_scope (const StoreWorld *world, guint64 number, StoreRow *row)
{
  add_id (row, number);
  add (row, STORE_WORLD_SCOPE);
  add (row, "Write orders");
  add (row, SUPER_TENANT);
}

static void
fill_binding (const StoreWorld *world, guint64 number, StoreRow *row)
{
  add_id (row, number);
  add (row, "Internal/subscriber");
}

static void
fill_resource_scope (const StoreWorld *world, guint64 number, StoreRow *row)
{
  char resource[STORE_WORLD_TEXT];

  store_world_resource (number, resource);
  add_text (row, "%s", resource);
  add_id (row, number);
  add (row, SUPER_TENANT);
}

static void
fill_api_scope (const StoreWorld *world, guint64 number, StoreRow *row)
{
  add_id (row, number);
  add_id (row, number);
}

static guint64
count_subscribers (const StoreWorld *world)
{
  return (world->applications + APPLICATIONS_PER_SUBSCRIBER - 1) / APPLICATIONS_PER_SUBSCRIBER;
}

static void
fill_subscriber (const StoreWorld *world, guint64 number, StoreRow *row)
{
  add_id (row, number);
  add_text (row, "subscriber-%08" G_GUINT64_FORMAT "@carbon.super", number);
  add (row, SUPER_TENANT);
  add (row, "");
  add_text (row, "%" G_GINT64_FORMAT, now_ms);
  add (row, "bench");
}

static guint64
count_applications (const StoreWorld *world)
{
  return world->applications;
}

static void
fill_application (const StoreWorld *world, guint64 number, StoreRow *row)
{
  add_id (row, number);
  add_text (row, "Shop %08" G_GUINT64_FORMAT, number);
  add_id (row, number / APPLICATIONS_PER_SUBSCRIBER);
  add (row, "Unlimited");
  add (row, "");
  add (row, "APPROVED");
  add_uuid (row, 1, number);
  add (row, "DEFAULT");
}

static void
fill_client (const StoreWorld *world, guint64 number, StoreRow *row)
{
  char key[STORE_WORLD_TEXT];

  store_world_consumer_key (number, key);
  add_id (row, number);
  add_text (row, "%s", key);
  add (row, "secret");
  add (row, "bench");
  add (row, SUPER_TENANT);
  add (row, "PRIMARY");
  add_text (row, "bench_Shop %08" G_GUINT64_FORMAT "_PRODUCTION", number);
  add (row, "OAuth-2.0");
  add (row, "");
  add (row, "client_credentials password");
  add (row, "ACTIVE");
}

static void
fill_key_mapping (const StoreWorld *world, guint64 number, StoreRow *row)
{
  char key[STORE_WORLD_TEXT];

  store_world_consumer_key (number, key);
  add_id (row, number);
  add_text (row, "%s", key);
  add (row, "PRODUCTION");
  add (row, "COMPLETED");
  add (row, "CREATED");
}

static guint64
count_subscriptions (const StoreWorld *world)
{
  return world->subscriptions;
}

static void
fill_subscription (const StoreWorld *world, guint64 number, StoreRow *row)
{
  add (row, "Gold");
  add_id (row, store_world_api_of_subscription (world, number));
  add_id (row, store_world_application_of_subscription (world, number));
  add (row, "UNBLOCKED");
  add (row, "SUBSCRIBE");
  add (row, "bench");
  add_uuid (row, 2, number);
}

static guint64
count_tokens (const StoreWorld *world)
{
  return world->tokens;
}

static void
fill_token (const StoreWorld *world, guint64 number, StoreRow *row)
{
  gint64 issued_ms = now_ms - HOUR_MS + (gint64) ((double) HOUR_MS * (double) number / (double) world->tokens);
  char token[STORE_WORLD_TEXT], user[STORE_WORLD_TEXT], hex[STORE_WORLD_SHA256_HEX];

  store_world_token (number, token);
  store_world_user (number, user);
  if (!store_world_sha256 (token, hex))
    g_error ("OpenSSL cannot compute SHA-256");
  add_uuid (row, 3, number);
  add_text (row, "%s", token);
  add_uuid (row, 4, number);
  add_id (row, store_world_application_of_token (world, number));
  add_text (row, "%s", user);
  add (row, SUPER_TENANT);
  add (row, "PRIMARY");
  add (row, "APPLICATION_USER");
  add (row, "password");
  add_text (row, "%" G_GINT64_FORMAT, issued_ms);
  add (row, row->values[row->n - 1]);
  add (row, MONTH_MS);
  add (row, MONTH_MS);
  add (row, SCOPE_HASH);
  add (row, "ACTIVE");
  add (row, "NONE");
  add_text (row, "%s", user);
  add_text (row, "{\"hash\":\"%s\",\"algorithm\":\"SHA-256\"}", hex);
}

static void
fill_token_scope (const StoreWorld *world, guint64 number, StoreRow *row)
{
  add_uuid (row, 3, number);
  add (row, STORE_WORLD_SCOPE);
  add (row, SUPER_TENANT);
}

const StoreTable store_tables[] = {
  { "AM_API", "API_ID API_PROVIDER API_NAME API_VERSION CONTEXT CONTEXT_TEMPLATE API_TIER CREATED_BY", count_apis,
    fill_api },
  { "AM_API_URL_MAPPING", "API_ID HTTP_METHOD AUTH_SCHEME URL_PATTERN THROTTLING_TIER", count_resources,
    fill_resource },
  { "IDN_OAUTH2_SCOPE", "SCOPE_ID NAME DISPLAY_NAME TENANT_ID", count_apis, fill_scope },
  { "IDN_OAUTH2_SCOPE_BINDING", "SCOPE_ID SCOPE_BINDING", count_apis, fill_binding },
  { "IDN_OAUTH2_RESOURCE_SCOPE", "RESOURCE_PATH SCOPE_ID TENANT_ID", count_apis, fill_resource_scope },
  { "AM_API_SCOPES", "API_ID SCOPE_ID", count_apis, fill_api_scope },
  { "AM_SUBSCRIBER", "SUBSCRIBER_ID USER_ID TENANT_ID EMAIL_ADDRESS @DATE_SUBSCRIBED CREATED_BY", count_subscribers,
    fill_subscriber },
  { "AM_APPLICATION",
    "APPLICATION_ID NAME SUBSCRIBER_ID APPLICATION_TIER GROUP_ID APPLICATION_STATUS UUID TOKEN_TYPE",
    count_applications, fill_application },
  { "IDN_OAUTH_CONSUMER_APPS",
    "ID CONSUMER_KEY CONSUMER_SECRET USERNAME TENANT_ID USER_DOMAIN APP_NAME OAUTH_VERSION CALLBACK_URL GRANT_TYPES"
    " APP_STATE",
    count_applications, fill_client },
  { "AM_APPLICATION_KEY_MAPPING", "APPLICATION_ID CONSUMER_KEY KEY_TYPE STATE CREATE_MODE", count_applications,
    fill_key_mapping },
  { "AM_SUBSCRIPTION", "TIER_ID API_ID APPLICATION_ID SUB_STATUS SUBS_CREATE_STATE CREATED_BY UUID",
    count_subscriptions, fill_subscription },
  { "IDN_OAUTH2_ACCESS_TOKEN",
    "TOKEN_ID ACCESS_TOKEN REFRESH_TOKEN CONSUMER_KEY_ID AUTHZ_USER TENANT_ID USER_DOMAIN USER_TYPE GRANT_TYPE"
    " @TIME_CREATED @REFRESH_TOKEN_TIME_CREATED VALIDITY_PERIOD REFRESH_TOKEN_VALIDITY_PERIOD TOKEN_SCOPE_HASH"
    " TOKEN_STATE TOKEN_STATE_ID SUBJECT_IDENTIFIER ACCESS_TOKEN_HASH",
    count_tokens, fill_token },
  { "IDN_OAUTH2_ACCESS_TOKEN_SCOPE", "TOKEN_ID TOKEN_SCOPE TENANT_ID", count_tokens, fill_token_scope },
  { NULL },
};
