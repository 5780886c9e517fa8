/* apimctl is a table of commands (ctl-commands.c), one file each. A row says what dispatch, help, the manual's test
 * and (later) completion need; this file finds the command that was asked for, parses its options, runs it and turns
 * what happened into an exit status.
 * Threads: one. */
#ifndef CTL_COMMAND_H
#define CTL_COMMAND_H

#include "admin-cli/ctl-error.h"
#include "admin-cli/ctl-options.h"
#include "admin-cli/ctl-output.h"

G_BEGIN_DECLS

typedef struct _CtlCommand CtlCommand;

/* One call of one command. */
typedef struct
{
  const CtlCommand *const *commands; /* the whole table, NULL-terminated */
  const CtlCommand *command;
  const CtlOptions *options;
  CtlOutput *output;
} CtlCall;

struct _CtlCommand
{
  const char *group;        /* "db"; NULL: a verb of its own */
  const char *name;         /* "check" */
  const char *summary;      /* one line, begins with a capital, no final stop */
  const char *arguments;    /* what it takes besides options, as in help: "[COMMAND...]"; NULL: nothing */
  const char *details;      /* (nullable): paragraphs for the command's own help page */
  const char *example;      /* one or more lines that can be run */
  const CtlOption *options; /* (nullable) */
  /* Returns the exit status; an error set decides it instead. */
  int (*run) (CtlCall *call, GError **error);
};

/* Runs the command that @arguments (without the program's name) ask for; prints errors.
 * Returns: the exit status of the process. */
int ctl_run (const CtlCommand *const *commands, const char *const *arguments, CtlOutput *output);

/* The command that @words begin with. @n_words: (out): how many words name it.
 * Returns: (nullable): NULL when there is none. */
const CtlCommand *ctl_command_find (const CtlCommand *const *commands, const char *const *words, guint *n_words);
gboolean ctl_command_is_group (const CtlCommand *const *commands, const char *word);

/* "db check". Free with g_free(). */
char *ctl_command_title (const CtlCommand *command);

/* The name of the command or group that is nearest to what was typed. Free with g_free(). (nullable): nothing is
 * near. */
char *ctl_command_nearest (const CtlCommand *const *commands, const char *const *words);

/* CTL_ERROR_USAGE for words that name no command, with the nearest one as a hint. */
void ctl_command_unknown (const CtlCommand *const *commands, const char *const *words, GError **error);

G_END_DECLS
#endif
