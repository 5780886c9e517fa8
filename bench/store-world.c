#include "config.h"
#include "bench/store-world.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

const GOptionEntry *
store_world_options (StoreWorld *world)
{
  static GOptionEntry entries[5];
  const GOptionEntry filled[] = {
    { "tokens", 0, 0, G_OPTION_ARG_INT64, &world->tokens, "Access tokens", "N" },
    { "subscriptions", 0, 0, G_OPTION_ARG_INT64, &world->subscriptions, "Subscriptions", "N" },
    { "applications", 0, 0, G_OPTION_ARG_INT64, &world->applications, "Applications", "N" },
    { "apis", 0, 0, G_OPTION_ARG_INT64, &world->apis, "APIs", "N" },
    { NULL },
  };

  memcpy (entries, filled, sizeof filled);
  return entries;
}

/* Of how many each application has. */
static guint64
share (guint64 count, guint64 applications)
{
  return (count + applications - 1) / applications;
}

gboolean
store_world_check (const StoreWorld *world, GError **error)
{
  const guint64 most = 99999999; /* the texts have eight digits */

  if (world->apis >= 1 && world->applications >= 1 && world->subscriptions >= world->applications
      && world->tokens >= world->applications && world->tokens <= most && world->subscriptions <= most
      && share (world->subscriptions, world->applications) <= world->apis)
    return TRUE;
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               "every application has a token and a subscription at least, and no two subscriptions to one API; there "
               "are at most %" G_GUINT64_FORMAT " of anything",
               most);
  return FALSE;
}

guint64
store_world_application_of_token (const StoreWorld *world, guint64 number)
{
  return number / share (world->tokens, world->applications);
}

guint64
store_world_application_of_subscription (const StoreWorld *world, guint64 number)
{
  return number / share (world->subscriptions, world->applications);
}

/* Runs of numbers, so that an application's are all different. */
guint64
store_world_api_of_subscription (const StoreWorld *world, guint64 number)
{
  return number % world->apis;
}

/* SplitMix64: nobody could tell these from random ones by looking. */
static guint64
mix (guint64 number)
{
  guint64 z = (number + 1) * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);

  z = (z ^ (z >> 30)) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return z ^ (z >> 31);
}

void
store_world_token (guint64 number, char *text)
{
  guint64 high = mix (2 * number);
  guint64 low = mix (2 * number + 1);

  snprintf (text, STORE_WORLD_TEXT, "%08x-%04x-%04x-%04x-%012" G_GINT64_MODIFIER "x", (guint) (high >> 32),
            (guint) (high >> 16) & 0xffff, (guint) high & 0xffff, (guint) (low >> 48),
            low & G_GUINT64_CONSTANT (0xffffffffffff));
}

void
store_world_user (guint64 number, char *text)
{
  snprintf (text, STORE_WORLD_TEXT, "user-%08" G_GUINT64_FORMAT "@shops.example.com", number);
}

void
store_world_consumer_key (guint64 application, char *text)
{
  snprintf (text, STORE_WORLD_TEXT, "%016" G_GINT64_MODIFIER "x_%08" G_GUINT64_FORMAT "_aa", mix (application),
            application);
}

void
store_world_context (guint64 api, char *text)
{
  snprintf (text, STORE_WORLD_TEXT, "/orders-%08" G_GUINT64_FORMAT "/" STORE_WORLD_VERSION, api);
}

void
store_world_resource (guint64 api, char *text)
{
  char context[STORE_WORLD_TEXT];

  store_world_context (api, context);
  snprintf (text, STORE_WORLD_TEXT, "%.60s/" STORE_WORLD_VERSION "/items:POST", context);
}

void
store_world_question (const StoreWorld *world, guint64 number, StoreQuestion *question)
{
  guint64 application = store_world_application_of_token (world, number);
  guint64 each = share (world->subscriptions, world->applications);
  guint64 first = application * each;
  guint64 left = first < world->subscriptions ? world->subscriptions - first : 1;
  guint64 api = store_world_api_of_subscription (world, first + mix (number) % MIN (each, left));

  store_world_token (number, question->token);
  store_world_user (number, question->user);
  store_world_consumer_key (application, question->consumer_key);
  store_world_context (api, question->context);
  store_world_resource (api, question->resource);
  question->application_id = STORE_WORLD_FIRST_ID + application;
}

gboolean
store_world_sha256 (const char *text, char hex[STORE_WORLD_SHA256_HEX])
{
  guchar digest[EVP_MAX_MD_SIZE];
  guint length = 0;

  if (EVP_Digest (text, strlen (text), digest, &length, EVP_sha256 (), NULL) != 1)
    return FALSE;
  for (guint i = 0; i < length; i++)
    {
      hex[2 * i] = "0123456789abcdef"[digest[i] >> 4];
      hex[2 * i + 1] = "0123456789abcdef"[digest[i] & 15];
    }
  hex[2 * length] = '\0';
  return TRUE;
}
