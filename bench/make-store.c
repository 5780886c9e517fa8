/* Fills a database of the 2.6 shape with the rows of StoreWorld.
 *
 *   make-store --sqlite FILE | --mysql SOCKET --database NAME  [--tokens N] [--subscriptions N] [--applications N]
 *              [--apis N] [--lines FILE]
 *
 * --lines: a few of the tokens, as load-thrift takes them (a world of their own, all with a subscription to one API's
 * resource without scope). */
#include "config.h"
#include "bench/make-store.h"

#include <stdio.h>
#include <string.h>

#define LINES 16
#define SAY_EVERY 1000000

void
make_store_say (const StoreTable *table, guint64 number, guint64 count)
{
  if (number > 0 && number % SAY_EVERY == 0)
    fprintf (stderr, "make-store: %s: %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT "\n", table->name, number, count);
}

/* The columns of make-tokens. */
static gboolean
write_lines (const StoreWorld *world, const char *path, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint64 i = 0; i < LINES; i++)
    {
      guint64 number = i * (world->tokens / LINES);
      guint64 application = store_world_application_of_token (world, number);
      StoreQuestion question;

      store_world_question (world, number, &question);
      g_string_append_printf (text,
                              "%s\t%s\t" STORE_WORLD_VERSION "\t/items\tGET\t%s@carbon.super\t%s\t%" G_GUINT64_FORMAT
                              "\tShop %08" G_GUINT64_FORMAT "\tsubscriber-%08" G_GUINT64_FORMAT
                              "@carbon.super\tOrders-%.8s\tapi-publisher\tsecret\n",
                              question.token, question.context, question.user, question.consumer_key,
                              question.application_id, application, application / 10,
                              question.context + strlen ("/orders-"));
    }
  return g_file_set_contents_full (path, text->str, (gssize) text->len, G_FILE_SET_CONTENTS_NONE, 0600, error);
}

int
main (int argc, char *argv[])
{
  StoreWorld world = { 10000000, 1000000, 100000, 10000 };
  g_autofree char *sqlite = NULL;
  g_autofree char *socket = NULL;
  g_autofree char *database = NULL;
  g_autofree char *lines = NULL;
  const GOptionEntry entries[] = {
    { "sqlite", 0, 0, G_OPTION_ARG_FILENAME, &sqlite, "Database file", "FILE" },
    { "mysql", 0, 0, G_OPTION_ARG_FILENAME, &socket, "Server's socket", "SOCKET" },
    { "database", 0, 0, G_OPTION_ARG_STRING, &database, "Name on that server", "NAME" },
    { "lines", 0, 0, G_OPTION_ARG_FILENAME, &lines, "Write some tokens here", "FILE" },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_add_main_entries (context, store_world_options (&world), NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || !store_world_check (&world, &error)
      || (sqlite == NULL) == (socket == NULL) || (socket != NULL && database == NULL))
    {
      fprintf (stderr, "make-store: %s\n", error != NULL ? error->message : "give --sqlite, or --mysql and --database");
      return 2;
    }
  store_rows_set_now (g_get_real_time () / 1000);
  if ((sqlite != NULL ? make_store_sqlite (&world, sqlite, &error)
                      : make_store_mysql (&world, socket, database, &error))
      && (lines == NULL || write_lines (&world, lines, &error)))
    return 0;
  fprintf (stderr, "make-store: %s\n", error->message);
  return 1;
}
