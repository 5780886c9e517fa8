#include "config.h"

#include "admin-cli/ctl-options.h"

#include "admin-cli/ctl-error.h"

#include <string.h>

const CtlOption ctl_options_common[] = {
  { "output", CTL_OPTION_TEXT, FALSE, "FORM", "how results are printed: table, wide, json, yaml or name", 'o' },
  { "columns", CTL_OPTION_TEXT, FALSE, "NAMES", "which columns of a table, separated by commas" },
  { "field", CTL_OPTION_TEXT, FALSE, "PATH", "one value of the JSON result only, e.g. maxTps.production" },
  { "quiet", CTL_OPTION_FLAG, FALSE, NULL, "no notes and warnings; of what is made, its name only", 'q' },
  { "verbose", CTL_OPTION_FLAG, FALSE, NULL, "tell each request on stderr", 'v' },
  { "help", CTL_OPTION_FLAG, FALSE, NULL, "explain the command", 'h' },
  { NULL },
};

struct _CtlOptions
{
  GHashTable *values;   /* option name -> GPtrArray of texts, NULL-terminated; a flag's list is empty */
  GPtrArray *arguments; /* NULL-terminated */
};

/* Where a parse stands. */
typedef struct
{
  CtlOptions *options;
  const CtlOption *const *tables; /* NULL-terminated; without those of all commands */
  const char *const *next;        /* argument to look at */
  const char *what;
  const char *hint;
} Parser;

static GPtrArray *
text_list_new (void)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (list, NULL);
  return list;
}

static void
text_list_add (GPtrArray *list, const char *text)
{
  g_ptr_array_insert (list, list->len - 1, g_strdup (text));
}

static const CtlOption *
find_in_table (const CtlOption *table, const char *name, gsize length, char letter)
{
  for (; table->name != NULL; table++)
    if (letter != 0 ? table->letter == letter
                    : strlen (table->name) == length && strncmp (table->name, name, length) == 0)
      return table;
  return NULL;
}

/* By its @name of @length bytes, or by its @letter when that is not 0. */
static const CtlOption *
find_option (const Parser *parser, const char *name, gsize length, char letter)
{
  const CtlOption *option = NULL;
  for (const CtlOption *const *table = parser->tables; *table != NULL && option == NULL; table++)
    option = find_in_table (*table, name, length, letter);
  return option != NULL ? option : find_in_table (ctl_options_common, name, length, letter);
}

/* Always FALSE. */
static gboolean
usage_error (const Parser *parser, GError **error, const char *format, ...) G_GNUC_PRINTF (3, 4);

static gboolean
usage_error (const Parser *parser, GError **error, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *why = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  ctl_error_set (error, CTL_ERROR_USAGE, parser->hint, parser->what, "%s", why);
  return FALSE;
}

/* The value behind "=" or in the next argument. */
static const char *
take_value (Parser *parser, const char *name, const char *equals, GError **error)
{
  const char *value = equals != NULL ? equals + 1 : *parser->next;
  if (value == NULL)
    {
      usage_error (parser, error, "option %s needs a value", name);
      return NULL;
    }
  if (equals == NULL)
    parser->next++;
  if (!g_utf8_validate (value, -1, NULL))
    {
      usage_error (parser, error, "the value of option %s is not UTF-8", name);
      return NULL;
    }
  return value;
}

/* Notes @option; @shown: as it was typed; @equals: (nullable): "=VALUE". */
static gboolean
parse_option (Parser *parser, const CtlOption *option, const char *shown, const char *equals, GError **error)
{
  GPtrArray *list = g_hash_table_lookup (parser->options->values, option->name);
  if (list != NULL && option->kind == CTL_OPTION_TEXT)
    return usage_error (parser, error, "option %s is given twice", shown);
  if (list == NULL)
    {
      list = text_list_new ();
      g_hash_table_insert (parser->options->values, (gpointer) option->name, list);
    }
  if (option->kind == CTL_OPTION_FLAG)
    return equals == NULL || usage_error (parser, error, "option %s takes no value", shown);

  const char *value = take_value (parser, shown, equals, error);
  if (value == NULL)
    return FALSE;
  text_list_add (list, value);
  return TRUE;
}

static gboolean
parse_long (Parser *parser, const char *argument, GError **error)
{
  const char *name = argument + 2;
  const char *equals = strchr (name, '=');
  gsize length = equals != NULL ? (gsize) (equals - name) : strlen (name);
  g_autofree char *shown = g_strndup (argument, length + 2);
  const CtlOption *option = find_option (parser, name, length, 0);
  if (option == NULL)
    return usage_error (parser, error, "there is no option %s", shown);
  return parse_option (parser, option, shown, equals, error);
}

/* "-o json": one letter, its value in the next argument. */
static gboolean
parse_short (Parser *parser, const char *argument, GError **error)
{
  const CtlOption *option = argument[2] == '\0' ? find_option (parser, NULL, 0, argument[1]) : NULL;
  if (option == NULL)
    return usage_error (parser, error, "there is no option %s", argument);
  return parse_option (parser, option, argument, NULL, error);
}

static gboolean
parse_argument (Parser *parser, const char *argument, gboolean *only_arguments, GError **error)
{
  gboolean option = !*only_arguments && argument[0] == '-' && argument[1] != '\0';
  if (!option)
    {
      if (!g_utf8_validate (argument, -1, NULL))
        return usage_error (parser, error, "an argument is not UTF-8");
      text_list_add (parser->options->arguments, argument);
      return TRUE;
    }
  if (strcmp (argument, "--") == 0)
    {
      *only_arguments = TRUE;
      return TRUE;
    }
  if (g_str_has_prefix (argument, "--"))
    return parse_long (parser, argument, error);
  return parse_short (parser, argument, error);
}

static gboolean
check_required (Parser *parser, GError **error)
{
  for (const CtlOption *const *table = parser->tables; *table != NULL; table++)
    for (const CtlOption *option = *table; option->name != NULL; option++)
      if (option->required && !g_hash_table_contains (parser->options->values, option->name))
        return usage_error (parser, error, "option --%s is missing", option->name);
  return TRUE;
}

CtlOptions *
ctl_options_parse (const CtlOption *const *tables, const char *const *arguments, const char *what, const char *hint,
                   GError **error)
{
  g_autoptr (CtlOptions) options = g_new0 (CtlOptions, 1);
  options->values = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) g_ptr_array_unref);
  options->arguments = text_list_new ();

  Parser parser = { options, tables, arguments, what, hint };
  gboolean only_arguments = FALSE;
  while (*parser.next != NULL && !ctl_options_help (options))
    {
      const char *argument = *parser.next++;
      if (!parse_argument (&parser, argument, &only_arguments, error))
        return NULL;
    }
  if (!ctl_options_help (options) && !check_required (&parser, error))
    return NULL;
  return g_steal_pointer (&options);
}

void
ctl_options_free (CtlOptions *options)
{
  g_hash_table_unref (options->values);
  g_ptr_array_unref (options->arguments);
  g_free (options);
}

gboolean
ctl_options_help (const CtlOptions *options)
{
  return ctl_options_flag (options, "help");
}

gboolean
ctl_options_flag (const CtlOptions *options, const char *name)
{
  return g_hash_table_contains (options->values, name);
}

const char *
ctl_options_text (const CtlOptions *options, const char *name)
{
  GPtrArray *list = g_hash_table_lookup (options->values, name);
  return list != NULL ? g_ptr_array_index (list, 0) : NULL;
}

const char *const *
ctl_options_list (const CtlOptions *options, const char *name)
{
  static const char *const none[] = { NULL };
  GPtrArray *list = g_hash_table_lookup (options->values, name);
  return list != NULL ? (const char *const *) list->pdata : none;
}

const char *const *
ctl_options_arguments (const CtlOptions *options)
{
  return (const char *const *) options->arguments->pdata;
}

gboolean
ctl_options_want_json (const char *const *arguments)
{
  gboolean json = FALSE;
  for (; *arguments != NULL; arguments++)
    {
      const char *value = NULL;
      if (strcmp (*arguments, "-o") == 0 || strcmp (*arguments, "--output") == 0)
        value = arguments[1];
      else if (g_str_has_prefix (*arguments, "--output="))
        value = *arguments + strlen ("--output=");
      if (value != NULL)
        json = strcmp (value, "json") == 0;
    }
  return json;
}
