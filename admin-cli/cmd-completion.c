/* apimctl completion: scripts for shells, and the hidden command that they ask for candidates. */
#include "config.h"

#include "admin-cli/ctl-commands.h"
#include "admin-cli/ctl-env.h"
#include "admin-cli/ctl-json.h"
#include "admin-cli/ctl-names.h"
#include "admin-cli/ctl-view.h"

#include <string.h>

static const struct
{
  const char *shell;
  const char *script;
} scripts[] = {
  { "bash", "# bash completion for apimctl; made by: apimctl completion bash\n"
            "_apimctl () {\n"
            "  local candidate\n"
            "  COMPREPLY=()\n"
            "  while IFS= read -r candidate; do\n"
            "    printf -v candidate %q \"$candidate\"\n"
            "    COMPREPLY+=(\"$candidate\")\n"
            "  done < <(apimctl __complete --timeout 3 -- \"${COMP_WORDS[@]:1:COMP_CWORD}\" 2>/dev/null)\n"
            "}\n"
            "complete -o default -F _apimctl apimctl\n" },
  { "zsh",
    "#compdef apimctl\n"
    "# zsh completion for apimctl; made by: apimctl completion zsh\n"
    "_apimctl () {\n"
    "  local -a candidates\n"
    "  candidates=(\"${(@f)$(apimctl __complete --timeout 3 -- \"${(@)words[2,CURRENT]}\" 2>/dev/null)}\")\n"
    "  if [[ -n ${candidates[1]} ]]; then compadd -a candidates; else _files; fi\n"
    "}\n"
    "if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _apimctl \"$@\"; else compdef _apimctl apimctl; fi\n" },
  { "fish", "# fish completion for apimctl; made by: apimctl completion fish\n"
            "function __apimctl_complete\n"
            "  set -l words (commandline -opc) (commandline -ct)\n"
            "  set -l found (apimctl __complete --timeout 3 -- $words[2..-1] 2>/dev/null)\n"
            "  if test -n \"$found\"\n"
            "    printf '%s\\n' $found\n"
            "  else\n"
            "    __fish_complete_path (commandline -ct)\n"
            "  end\n"
            "end\n"
            "complete -c apimctl -f -a '(__apimctl_complete)'\n" },
};

static int
run_script (CtlCall *call, GError **error)
{
  const char *const *words = ctl_call_words (call, 1, 1, error);
  if (words == NULL)
    return 0;
  for (guint i = 0; i < G_N_ELEMENTS (scripts); i++)
    if (strcmp (scripts[i].shell, words[0]) == 0)
      {
        ctl_output_text (call->output, "%s", scripts[i].script);
        return 0;
      }
  ctl_error_set (error, CTL_ERROR_USAGE, "apimctl help completion", words[0],
                 "is no shell that is known: there are bash, zsh and fish");
  return 0;
}

const CtlCommand ctl_cmd_completion = {
  .name = "completion",
  .summary = "Print the script that lets a shell complete commands and names",
  .arguments = "bash|zsh|fish",
  .completes = "shell",
  .details = "Packages install it. Names of APIs, applications and the like come from the server that is in use.",
  .example = "apimctl completion bash >~/.local/share/bash-completion/completions/apimctl",
  .run = run_script,
};

/* Candidates ---------------------------------------------------------------------------------------------------------
 */

/* What was typed: words, of which the last is to be completed. */
typedef struct
{
  CtlCall *call;
  const char *const *words;
  guint n_words;
  GHashTable *seen; /* texts that were printed */
} Line;

static void
offer (Line *line, const char *candidate)
{
  const char *typed = line->words[line->n_words - 1];
  if (g_str_has_prefix (candidate, typed) && g_hash_table_add (line->seen, g_strdup (candidate)))
    {
      g_autofree char *clean = ctl_text_clean (candidate);
      ctl_output_text (line->call->output, "%s\n", clean);
    }
}

static void
offer_all (Line *line, const char *const *candidates)
{
  for (; *candidates != NULL; candidates++)
    offer (line, *candidates);
}

/* Groups and verbs; names within a group when @group is not NULL. */
static void
offer_commands (Line *line, const char *group)
{
  for (const CtlCommand *const *row = line->call->commands; *row != NULL; row++)
    {
      const CtlCommand *command = *row;
      if ((command->flags & CTL_COMMAND_HIDDEN) != 0)
        continue;
      if (group != NULL && g_strcmp0 (command->group, group) == 0)
        offer (line, command->name);
      if (group != NULL)
        continue;
      offer (line, command->group != NULL ? command->group : command->name);
      if (command->synonym != NULL)
        offer (line, command->synonym);
    }
}

static void
offer_options (Line *line, const CtlCommand *command)
{
  g_autofree const CtlOption **tables = ctl_command_tables (command);
  for (const CtlOption **table = tables; *table != NULL; table++)
    for (const CtlOption *option = *table; option->name != NULL; option++)
      {
        g_autofree char *text = g_strconcat ("--", option->name, NULL);
        offer (line, text);
      }
}

/* Kinds of names that a server knows, and where from. */
static const struct
{
  const char *kind;
  CtlService service;
  const char *path;
  const char *member;
} sources[] = {
  { "api", CTL_PUBLISHER, "/apis", "name/version" }, { "catalog", CTL_STORE, "/apis", "name/version" },
  { "app", CTL_STORE, "/applications", "name" },     { "workflow", CTL_ADMIN, "/workflows", "externalRef" },
  { "gateway", CTL_ADMIN, "/environments", "name" }, { "condition", CTL_ADMIN, "/throttling/blacklist", "conditionId" },
  { "tenant", CTL_ADMIN, "/tenants", "domain" },
};

static void
offer_rows (Line *line, CtlRest *rest, CtlService service, const char *path, const char *member)
{
  g_autoptr (JsonArray) rows = ctl_rest_list (rest, service, path, "names", NULL);
  for (guint i = 0; rows != NULL && i < json_array_get_length (rows); i++)
    {
      g_autofree char *name = ctl_view_text (json_array_get_element (rows, i), member);
      offer (line, name);
    }
}

/* The documents of the API that was typed before. */
static void
offer_documents (Line *line, CtlRest *rest)
{
  g_autofree char *id = ctl_names_api_id (rest, CTL_PUBLISHER, line->words[line->n_words - 2], NULL);
  g_autofree char *path = id != NULL ? ctl_server_path ("/apis/{}/documents", id) : NULL;
  if (path != NULL)
    offer_rows (line, rest, CTL_PUBLISHER, path, "name");
}

static void
offer_names (Line *line, const char *kind)
{
  static const char *const levels[] = { "application", "subscription", "advanced", "custom", NULL };
  static const char *const blockables[] = { "api", "application", "ip", "user", NULL };
  static const char *const shells[] = { "bash", "zsh", "fish", NULL };
  if (strcmp (kind, "level") == 0)
    offer_all (line, levels);
  else if (strcmp (kind, "blockable") == 0)
    offer_all (line, blockables);
  else if (strcmp (kind, "shell") == 0)
    offer_all (line, shells);
  else if (strcmp (kind, "command") == 0)
    offer_commands (line, line->n_words > 2 ? line->words[line->n_words - 2] : NULL);
  else if (strcmp (kind, "env") == 0)
    {
      g_auto (GStrv) names = ctl_env_names (NULL);
      offer_all (line, (const char *const *)names);
    }
  else
    {
      g_autoptr (CtlRest) rest = ctl_rest_open (line->call, NULL);
      if (rest != NULL && strcmp (kind, "doc") == 0)
        offer_documents (line, rest);
      for (guint i = 0; rest != NULL && i < G_N_ELEMENTS (sources); i++)
        if (strcmp (sources[i].kind, kind) == 0)
          offer_rows (line, rest, sources[i].service, sources[i].path, sources[i].member);
    }
}

/* The option whose value is being typed. NULL: none. */
static const CtlOption *
open_option (const Line *line, const CtlCommand *command)
{
  const char *before = line->n_words > 1 ? line->words[line->n_words - 2] : "";
  g_autofree const CtlOption **tables = ctl_command_tables (command);
  for (const CtlOption **table = tables; before[0] == '-' && *table != NULL; table++)
    for (const CtlOption *option = *table; option->name != NULL; option++)
      if (option->kind != CTL_OPTION_FLAG
          && (g_strcmp0 (before + 1, (char[]){ option->letter, '\0' }) == 0
              || (before[1] == '-' && strcmp (before + 2, option->name) == 0)))
        return option;
  return NULL;
}

static void
offer_values (Line *line, const CtlOption *option)
{
  static const char *const forms[] = { "table", "wide", "json", "yaml", "name", NULL };
  if (strcmp (option->name, "output") == 0)
    offer_all (line, forms);
  else if (strcmp (option->name, "env") == 0)
    offer_names (line, "env");
  else if (strcmp (option->name, "api") == 0)
    offer_names (line, "api");
  else if (strcmp (option->name, "app") == 0)
    offer_names (line, "app");
}

/* The argument that is being typed, by what the command says of it. @first: of the words behind the command. */
static void
offer_argument (Line *line, const CtlCommand *command, guint first)
{
  g_auto (GStrv) kinds = g_strsplit (command->completes != NULL ? command->completes : "", " ", -1);
  guint position = 0;
  for (guint i = first; i + 1 < line->n_words; i++)
    position += line->words[i][0] != '-';
  if (position < g_strv_length (kinds) && *kinds[position] != '\0')
    offer_names (line, kinds[position]);
}

static int
run_complete (CtlCall *call, GError **error)
{
  const char *const *words = ctl_options_arguments (call->options);
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Line line = { call, words, g_strv_length ((char **)words), seen };
  guint n_named = 0;
  if (line.n_words == 0)
    return 0;
  if (line.n_words == 1)
    {
      offer_commands (&line, NULL);
      return 0;
    }
  const CtlCommand *command = ctl_command_find (call->commands, words, &n_named);
  if (line.n_words == 2 && ctl_command_is_group (call->commands, words[0]))
    offer_commands (&line, words[0]);
  if (command == NULL || n_named >= line.n_words)
    return 0;
  const CtlOption *option = open_option (&line, command);
  if (option != NULL)
    offer_values (&line, option);
  else if (words[line.n_words - 1][0] == '-')
    offer_options (&line, command);
  else
    offer_argument (&line, command, n_named);
  return 0;
}

const CtlCommand ctl_cmd_complete = {
  .name = "__complete",
  .summary = "Print candidates for the last word of a command line",
  .arguments = "[WORD...]",
  .example = "apimctl __complete -- api get W",
  .flags = CTL_COMMAND_REMOTE | CTL_COMMAND_HIDDEN,
  .run = run_complete,
};
