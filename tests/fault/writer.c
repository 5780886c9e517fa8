/* A program to be killed: issues, refreshes and revokes tokens without end, and says so.
 *
 *   writer create sqlite FILE               makes the database, with an OAuth client
 *   writer run    sqlite FILE
 *   writer create mysql SOCKET USER SCHEMA  the schema is there, and empty
 *   writer run    mysql SOCKET USER SCHEMA
 *
 * "run" prints a line "try OPERATION NEW OLD" before each operation and the same with "done" after its commit, NEW and
 * OLD being the ids of the tokens that it writes and changes, or "-". tests/integration/test_kill_writer.py kills it
 * and compares. */
#include "config.h"

#include "common/apim-secret.h"
#include "store/st-oauth-token-writes.h"
#include "store/st-schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLIENT_KEY "fault_writer"
#define HOUR_MS G_GINT64_CONSTANT (3600000)
#define MAX_LIVE 1000

typedef struct
{
  StDatabase *database;
  GPtrArray *live; /* of StOauthToken: written here, and good */
  guint count;
} Writer;

typedef struct
{
  StOauthToken *token;     /* to be written; NULL: none */
  const StOauthToken *old; /* NULL: none */
} Operation;

static void
die (const char *what, const GError *error)
{
  fprintf (stderr, "writer: %s: %s\n", what, error != NULL ? error->message : "wrong usage");
  exit (EXIT_FAILURE);
}

static gboolean
add_client (StWriter *writer, gpointer data, GError **error)
{
  g_autoptr (StOauthClient) client = st_oauth_client_new ();

  client->key = g_strdup (CLIENT_KEY);
  client->owner.name = g_strdup ("admin");
  client->name = g_strdup ("admin_Fault_PRODUCTION");
  client->grant_types = g_strdup ("password refresh_token");
  return st_oauth_client_insert (writer, client, error);
}

/* Finds the old token anew by what its holder knows of it, as an endpoint would. */
static gboolean
run_operation (StWriter *writer, gpointer data, GError **error)
{
  const Operation *operation = data;
  g_autoptr (StOauthClient) client = NULL;
  g_autoptr (StOauthToken) old = NULL;
  StOauthForm form;

  if (!st_oauth_form_read (writer, APIM_TOKEN_TIME_SERVER, TRUE, &form, error)
      || !st_oauth_client_find (writer, CLIENT_KEY, &client, error))
    return FALSE;
  if (operation->old == NULL)
    return st_oauth_token_issue (writer, &form, client, operation->token, NULL, error);
  if (!st_oauth_token_find_by_refresh (writer, &form, client, operation->old->refresh_token, &old, error))
    return FALSE;
  if (old == NULL || strcmp (old->state, ST_OAUTH_ACTIVE) != 0)
    {
      g_set_error_literal (error, ST_ERROR, ST_ERROR_DATA, "an acknowledged token is not there");
      return FALSE;
    }
  if (operation->token == NULL)
    return st_oauth_token_revoke (writer, old, error);
  return st_oauth_token_refresh (writer, &form, client, operation->token, old, error);
}

/* The successor of @old, or a user's first. */
static StOauthToken *
new_token (Writer *self, const StOauthToken *old)
{
  StOauthToken *token = st_oauth_token_new ();

  token->access_token = apim_random_uuid ();
  token->refresh_token = apim_random_uuid ();
  if (old != NULL)
    token->user = st_oauth_user_copy (&old->user);
  else
    {
      token->user = st_oauth_user_parse ("user@" ST_SUPER_TENANT_DOMAIN);
      g_free (token->user.name);
      token->user.name = g_strdup_printf ("user_%s_%u", token->id, self->count++);
    }
  token->user_type = g_strdup (ST_OAUTH_USER_TYPE_USER);
  token->grant_type = g_strdup (old != NULL ? "refresh_token" : "password");
  token->issued_ms = token->refresh_issued_ms = g_get_real_time () / 1000;
  token->validity_ms = HOUR_MS;
  token->refresh_validity_ms = 24 * HOUR_MS;
  g_strfreev (token->scopes);
  token->scopes = g_strsplit ("one two three", " ", -1);
  return token;
}

static void
say (const char *word, const Operation *operation)
{
  const char *name = operation->old == NULL ? "issue" : operation->token != NULL ? "refresh" : "revoke";

  printf ("%s %s %s %s\n", word, name, operation->token != NULL ? operation->token->id : "-",
          operation->old != NULL ? operation->old->id : "-");
  fflush (stdout);
}

/* Half of the operations issue, a third refresh, the others revoke. */
static void
work (Writer *self)
{
  gboolean issue = self->live->len == 0 || (self->live->len < MAX_LIVE && g_random_boolean ());
  gboolean revoke = !issue && g_random_int_range (0, 3) == 0;
  guint at = issue ? 0 : (guint) g_random_int_range (0, (gint32) self->live->len);
  StOauthToken *old = issue ? NULL : g_ptr_array_index (self->live, at);
  Operation operation = { .token = revoke ? NULL : new_token (self, old), .old = old };
  g_autoptr (GError) error = NULL;

  say ("try", &operation);
  if (!st_write (self->database, run_operation, &operation, 0, &error))
    die ("could not write", error);
  say ("done", &operation);
  if (old != NULL)
    g_ptr_array_remove_index_fast (self->live, at);
  if (operation.token != NULL)
    g_ptr_array_add (self->live, operation.token);
}

static void
run (StDatabase *database)
{
  g_autoptr (GPtrArray) live = g_ptr_array_new_with_free_func ((GDestroyNotify) st_oauth_token_free);
  Writer self = { .database = database, .live = live };

  for (;;)
    work (&self);
}

int
main (int argc, char *argv[])
{
  ApimDataSource source = { .jndi_name = (char *) "jdbc/WSO2AM_DB", .max_active = 2, .max_wait_ms = 5000 };
  ApimLimits limits = { .database_timeout_ms = 20000 };
  g_autoptr (StDatabase) database = NULL;
  g_autoptr (GError) error = NULL;
  gboolean create = argc > 1 && strcmp (argv[1], "create") == 0;

  if (argc == 4 && strcmp (argv[2], "sqlite") == 0)
    {
      source.kind = APIM_DATABASE_SQLITE;
      source.path = argv[3];
    }
  else if (argc == 6 && strcmp (argv[2], "mysql") == 0)
    {
      source.kind = APIM_DATABASE_MYSQL;
      source.unix_socket = argv[3];
      source.user = argv[4];
      source.database = argv[5];
    }
  else
    die ("create|run sqlite FILE, or create|run mysql SOCKET USER SCHEMA", NULL);
  if (create && !st_schema_migrate (&source, ST_SCHEMA_API, &error))
    die ("could not make the database", error);
  database = st_database_open (&source, &limits, &error);
  if (database == NULL)
    die ("could not open the database", error);
  if (!create)
    run (database);
  else if (!st_write (database, add_client, NULL, 0, &error))
    die ("could not add the client", error);
  return EXIT_SUCCESS;
}
