/* The world of bench/store: APIs, applications with their subscriptions, and tokens, all of which follow from their
 * numbers. So what is asked about ten million tokens needs no list of them. Threads: pure functions. */
#ifndef STORE_WORLD_H
#define STORE_WORLD_H

#include <glib.h>

G_BEGIN_DECLS

#define STORE_WORLD_FIRST_ID 1000000
#define STORE_WORLD_VERSION "1.0"
#define STORE_WORLD_SCOPE "orders:write"
#define STORE_WORLD_TEXT 96
#define STORE_WORLD_SHA256_HEX 65

/* Counts; each at least 1. */
typedef struct
{
  guint64 tokens;
  guint64 subscriptions;
  guint64 applications; /* the tokens and subscriptions are spread over them evenly */
  guint64 apis;
} StoreWorld;

/* --tokens, --subscriptions, --applications, --apis; for g_option_context_add_main_entries(). */
const GOptionEntry *store_world_options (StoreWorld *world);
/* FALSE with words where the counts do not fit each other. */
gboolean store_world_check (const StoreWorld *world, GError **error);

/* What one validation asks, and what the answers must say. */
typedef struct
{
  char token[STORE_WORLD_TEXT];
  char context[STORE_WORLD_TEXT];
  char resource[STORE_WORLD_TEXT]; /* as IDN_OAUTH2_RESOURCE_SCOPE has it */
  char consumer_key[STORE_WORLD_TEXT];
  char user[STORE_WORLD_TEXT];
  guint64 application_id;
} StoreQuestion;

/* About token @number and one of its application's subscriptions. */
void store_world_question (const StoreWorld *world, guint64 number, StoreQuestion *question);

guint64 store_world_application_of_token (const StoreWorld *world, guint64 number);
guint64 store_world_application_of_subscription (const StoreWorld *world, guint64 number);
guint64 store_world_api_of_subscription (const StoreWorld *world, guint64 number);

/* Texts of fixed width, into STORE_WORLD_TEXT bytes. */
void store_world_token (guint64 number, char *text);
void store_world_user (guint64 number, char *text);
void store_world_consumer_key (guint64 application, char *text);
void store_world_context (guint64 api, char *text);
/* The scoped resource of the API; the other one, GET /items, has no scope. */
void store_world_resource (guint64 api, char *text);

/* FALSE: OpenSSL cannot. */
gboolean store_world_sha256 (const char *text, char hex[STORE_WORLD_SHA256_HEX]);

G_END_DECLS
#endif
