#include "config.h"
#include "store/st-feed-triggers.h"

#include "store/st-schema-private.h"
#include "store/st-token-tables.h"

#include <stdio.h>
#include <string.h>

#define TOKENS ST_TOKEN_TABLE
#define CREATE_TABLE "CREATE TABLE IF NOT EXISTS APIM_CHANGE_FEED"
/* MySQL's longest name, and what tells apart the shortened ones of long partitions. */
#define MAX_NAME 64
#define CHECKSUM_LENGTH 8

/* What a column that older generations lack is replaced with: another one, behind OLD. or NEW., and what stands around
 * it. */
static const struct
{
  const char *column, *other, *before, *after;
} stand_ins[] = {
  { "ACCESS_TOKEN_HASH", "ACCESS_TOKEN", "SHA2(", ", 256)" },
  { "CONSUMER_KEY_ID", "CONSUMER_KEY", "CAST(", " AS BINARY)" },
  { "TOKEN_ID", "TOKEN_SCOPE", "", "" },
};

/* One trigger of the migrations, taken apart. */
typedef struct
{
  char name[MAX_NAME + 1];
  char event[7];
  char table[MAX_NAME + 1];
  char *body;
} Template;

typedef struct
{
  const StTables *columns;
  const char *table; /* that the trigger is on, upper case */
  const char *tokens; /* the table of tokens that it looks into, upper case */
} Adaptation;

static void
template_free (Template *template)
{
  g_free (template->body);
  g_free (template);
}

static void
trigger_free (StFeedTrigger *trigger)
{
  g_free (trigger->name);
  g_free (trigger->sql);
  g_free (trigger);
}

/* A later migration may make a trigger anew. */
static void
add_template (GPtrArray *templates, Template *template)
{
  for (guint i = 0; i < templates->len; i++)
    if (strcmp (((Template *) templates->pdata[i])->name, template->name) == 0)
      {
        g_ptr_array_remove_index (templates, i);
        break;
      }
  g_ptr_array_add (templates, template);
}

/* The triggers that one migration makes (sql/README.md: each ends with the line "END;"). */
static void
read_templates (const char *sql, GPtrArray *templates)
{
  static const char create[] = "CREATE TRIGGER " ST_FEED_TRIGGER_PREFIX;

  for (const char *at = sql; (at = strstr (at, create)) != NULL; at++)
    {
      Template *template = g_new0 (Template, 1);
      const char *begin = strstr (at, "\nBEGIN\n");
      const char *end = strstr (at, "\nEND;\n");

      if (begin == NULL || end == NULL
          || sscanf (at, "CREATE TRIGGER %64s AFTER %6s ON %64s", template->name, template->event, template->table)
                 != 3)
        g_error ("the migrations hold a trigger that cannot be read");
      template->body = g_strndup (begin + 1, (gsize) (end + strlen ("\nEND") - begin - 1));
      add_template (templates, template);
    }
}

static GPtrArray *
all_templates (StSchemaPart part)
{
  GPtrArray *templates = g_ptr_array_new_with_free_func ((GDestroyNotify) template_free);

  for (guint i = 0; i < st_n_migrations; i++)
    if (st_migrations[i].kind == APIM_DATABASE_MYSQL && st_migrations[i].part == part)
      read_templates (st_migrations[i].sql, templates);
  return templates;
}

static void
append_stand_in (GString *result, const StTables *columns, const char *table, const char *prefix, const char *column)
{
  for (guint i = 0; i < G_N_ELEMENTS (stand_ins); i++)
    if (strcmp (column, stand_ins[i].column) == 0 && st_tables_have (columns, table, stand_ins[i].other))
      {
        g_string_append (result, stand_ins[i].before);
        g_string_append (result, prefix);
        g_string_append (result, stand_ins[i].other);
        g_string_append (result, stand_ins[i].after);
        return;
      }
  g_string_append (result, "NULL");
}

/* One word of a body. What stands alone is a column of another table, which all generations have, but for the hash. */
static gboolean
adapt_word (const GMatchInfo *match, GString *result, gpointer data)
{
  const Adaptation *adaptation = data;
  g_autofree char *word = g_match_info_fetch (match, 0);
  g_autofree char *prefix = g_match_info_fetch (match, 1);
  g_autofree char *column = g_match_info_fetch (match, 2);
  gboolean alone = *prefix == '\0';
  const char *table = alone ? adaptation->tokens : adaptation->table;

  if ((!alone || strcmp (column, "ACCESS_TOKEN_HASH") == 0)
      && !st_tables_have (adaptation->columns, table, column))
    append_stand_in (result, adaptation->columns, table, prefix, column);
  else
    g_string_append (result, word);
  return FALSE;
}

/* Bodies and patterns are ours, so nothing here can fail. */
static char *
adapt_columns (const char *body, const Adaptation *adaptation)
{
  g_autoptr (GRegex) words = g_regex_new ("\\b(OLD\\.|NEW\\.|)([A-Z][A-Z0-9_]+)\\b", 0, 0, NULL);

  return g_regex_replace_eval (words, body, -1, 0, 0, adapt_word, (gpointer) adaptation, NULL);
}

/* The tables of tokens in a body become their partitions. @suffix: "_X". */
static char *
adapt_tables (const char *body, const char *suffix)
{
  g_autoptr (GRegex) tables = g_regex_new ("\\b" TOKENS "(_SCOPE)?\\b", 0, 0, NULL);
  g_autofree char *replacement = g_strconcat ("\\0", suffix, NULL);

  return g_regex_replace (tables, body, -1, 0, replacement, 0, NULL);
}

static char *
trigger_name (const char *table, const char *event)
{
  g_autofree char *name = g_strconcat (ST_FEED_TRIGGER_PREFIX, table, "_", event, NULL);
  g_autofree char *checksum = NULL;
  int kept = MAX_NAME - (int) strlen (ST_FEED_TRIGGER_PREFIX) - (int) strlen (event) - CHECKSUM_LENGTH - 2;

  if (strlen (name) <= MAX_NAME)
    return g_steal_pointer (&name);
  checksum = g_compute_checksum_for_string (G_CHECKSUM_SHA256, table, -1);
  return g_strdup_printf ("%s%.*s_%.*s_%s", ST_FEED_TRIGGER_PREFIX, kept, table, CHECKSUM_LENGTH, checksum, event);
}

/* @suffix: of the partition; "" for the table itself. */
static void
add_trigger (GPtrArray *triggers, const Template *template, const char *suffix, const StTables *columns)
{
  g_autofree char *table = g_strconcat (template->table, suffix, NULL);
  g_autofree char *tokens = g_strconcat (TOKENS, suffix, NULL);
  g_autofree char *upper = g_ascii_strup (table, -1);
  g_autofree char *upper_tokens = g_ascii_strup (tokens, -1);
  Adaptation adaptation = { columns, upper, upper_tokens };
  g_autofree char *adapted = NULL;
  g_autofree char *body = NULL;
  StFeedTrigger *trigger;

  if (!st_tables_have (columns, upper, NULL))
    return;
  adapted = adapt_columns (template->body, &adaptation);
  body = adapt_tables (adapted, suffix);
  trigger = g_new0 (StFeedTrigger, 1);
  trigger->name = trigger_name (table, template->event);
  trigger->sql = g_strdup_printf ("CREATE TRIGGER %s AFTER %s ON %s FOR EACH ROW\n%s", trigger->name, template->event,
                                  table, body);
  trigger->body = trigger->sql + strlen (trigger->sql) - strlen (body);
  g_ptr_array_add (triggers, trigger);
}

GPtrArray *
st_feed_triggers_new (const StTables *columns, StSchemaPart part)
{
  GPtrArray *triggers = g_ptr_array_new_with_free_func ((GDestroyNotify) trigger_free);
  g_autoptr (GPtrArray) templates = all_templates (part);
  g_autoptr (GPtrArray) partitions = st_token_partitions (columns);

  for (guint i = 0; i < templates->len; i++)
    add_trigger (triggers, templates->pdata[i], "", columns);
  for (guint p = 0; p < partitions->len; p++)
    for (guint i = 0; i < templates->len; i++)
      if (g_str_has_prefix (((Template *) templates->pdata[i])->table, TOKENS))
        add_trigger (triggers, templates->pdata[i], partitions->pdata[p], columns);
  return triggers;
}

/* Goes over blanks; returns whether there were some. */
static gboolean
skip_blanks (const char **at)
{
  gsize n = strspn (*at, " \t\r\n");

  *at += n;
  return n > 0;
}

gboolean
st_feed_trigger_has_body (const StFeedTrigger *trigger, const char *body)
{
  const char *wanted = trigger->body;

  while (*wanted != '\0' && *body != '\0')
    {
      gboolean blank = skip_blanks (&wanted);

      if (skip_blanks (&body) != blank || *wanted != *body)
        return FALSE;
      if (*wanted == '\0')
        return TRUE;
      wanted++;
      body++;
    }
  skip_blanks (&body);
  return *wanted == '\0' && *body == '\0';
}

StSchemaPart
st_feed_trigger_part (const char *name)
{
  static const char users[] = ST_FEED_TRIGGER_PREFIX "UM_";

  return g_ascii_strncasecmp (name, users, strlen (users)) == 0 ? ST_SCHEMA_USER : ST_SCHEMA_API;
}

char *
st_feed_table_sql (void)
{
  for (guint i = 0; i < st_n_migrations; i++)
    {
      const char *at
          = st_migrations[i].kind == APIM_DATABASE_MYSQL ? strstr (st_migrations[i].sql, CREATE_TABLE) : NULL;

      if (at != NULL)
        return g_strndup (at, (gsize) (strstr (at, ";\n") - at));
    }
  g_error ("the migrations make no change feed");
}
