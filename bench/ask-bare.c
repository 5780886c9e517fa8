/* Validates tokens with the statements of a file, which ask-store wrote, through the bare client library of the
 * database: what the product's own layers are measured against.
 *
 *   ask-bare OPTIONS    (ask-run.h) */
#include "config.h"
#include "bench/ask-bare.h"

#include <stdio.h>
#include <string.h>

#define SUPER_TENANT (-1234)

static char **statements;
static const BareDriver *bare;

static void
open_bare (const AskOptions *options)
{
  g_autofree char *texts = NULL;
  g_autoptr (GError) error = NULL;

  if (!g_file_get_contents (options->statements, &texts, NULL, &error))
    ask_fail (options->statements, error->message);
  statements = g_strsplit (g_strstrip (texts), "\n", -1);
  if (g_strv_length (statements) != BARE_N_STATEMENTS)
    ask_fail (options->statements, "there are not three lines");
  bare = options->sqlite != NULL ? &bare_sqlite : &bare_mysql;
}

static gpointer
connect_bare (const AskOptions *options)
{
  return bare->connect (options, statements);
}

static gboolean
ask_token (gpointer connection, const StoreQuestion *question, BareAnswer *answer)
{
  static const guint columns[] = { BARE_TOKEN_CONSUMER_KEY, BARE_TOKEN_USER, BARE_TOKEN_SCOPE };
  char hex[STORE_WORLD_SHA256_HEX];
  char hash_first[128], algorithm_first[128];
  const BareParameters parameters = { .texts = { hex, hash_first, algorithm_first }, .n = 3 };

  if (!store_world_sha256 (question->token, hex))
    ask_fail ("SHA-256", "OpenSSL cannot");
  snprintf (hash_first, sizeof hash_first, "{\"hash\":\"%s\",\"algorithm\":\"SHA-256\"}", hex);
  snprintf (algorithm_first, sizeof algorithm_first, "{\"algorithm\":\"SHA-256\",\"hash\":\"%s\"}", hex);
  return bare->ask (connection, BARE_TOKEN, &parameters, columns, G_N_ELEMENTS (columns), answer);
}

static gboolean
validate (gpointer connection, const StoreQuestion *question)
{
  static const guint application = BARE_SUBSCRIPTION_APPLICATION;
  static const guint name = BARE_SCOPE_NAME;
  const BareParameters of_resource = { .texts = { question->resource }, .n = 1 };
  BareParameters of_subscription = { .numbers = { SUPER_TENANT }, .n = 5 };
  BareAnswer token, subscription, scope;

  if (!ask_token (connection, question, &token))
    return FALSE;
  of_subscription.texts[1] = question->context;
  of_subscription.texts[2] = token.text[0];
  of_subscription.texts[4] = STORE_WORLD_VERSION; /* and 3: the number 0, that is, this version only */
  return bare->ask (connection, BARE_SUBSCRIPTION, &of_subscription, &application, 1, &subscription)
         && bare->ask (connection, BARE_SCOPE, &of_resource, &name, 1, &scope)
         && strcmp (token.text[0], question->consumer_key) == 0 && strcmp (token.text[1], question->user) == 0
         && strcmp (token.text[2], STORE_WORLD_SCOPE) == 0
         && g_ascii_strtoull (subscription.text[0], NULL, 10) == question->application_id
         && strcmp (scope.text[0], STORE_WORLD_SCOPE) == 0;
}

static void
disconnect_bare (gpointer connection)
{
  bare->disconnect (connection);
}

static void
close_bare (void)
{
  g_strfreev (statements);
}

int
main (int argc, char *argv[])
{
  static const AskDriver driver = { open_bare, connect_bare, validate, disconnect_bare, close_bare };

  return ask_run (argc, argv, &driver);
}
