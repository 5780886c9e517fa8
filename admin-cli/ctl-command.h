/* apimctl is a table of commands (ctl-commands.c), one file each. A row says what dispatch, help, the manual pages
 * and completion need; this file finds the command that was asked for, parses its options, runs it and turns
 * what happened into an exit status.
 * Threads: one. */
#ifndef CTL_COMMAND_H
#define CTL_COMMAND_H

#include "admin-cli/ctl-error.h"
#include "admin-cli/ctl-options.h"
#include "admin-cli/ctl-output.h"

G_BEGIN_DECLS

typedef struct _CtlCommand CtlCommand;

/* What a command is like, beside what it does. */
typedef enum
{
  CTL_COMMAND_LOCAL = 0,
  CTL_COMMAND_REMOTE = 1 << 0, /* asks a server: takes --env and --timeout */
  CTL_COMMAND_WRITES = 1 << 1, /* changes something on a server: takes --dry-run and --yes */
  CTL_COMMAND_HIDDEN = 1 << 2, /* for completion scripts, not for people: in no list */
} CtlCommandFlags;

/* A group of commands, for its help and manual page; a list ends with a NULL name. */
typedef struct
{
  const char *name;
  const char *summary; /* one line, begins with a capital, no final stop */
} CtlGroup;
extern const CtlGroup ctl_groups[];

/* One call of one command. */
typedef struct
{
  const CtlCommand *const *commands; /* the whole table, NULL-terminated */
  const CtlCommand *command;
  const char *title; /* as it was typed: "subscribe" or "sub create" */
  const CtlOptions *options;
  CtlOutput *output;
} CtlCall;

struct _CtlCommand
{
  const char *group;        /* "db"; NULL: a verb of its own */
  const char *name;         /* "check" */
  const char *synonym;      /* a verb that does the same without the group: "publish"; NULL: none */
  const char *summary;      /* one line, begins with a capital, no final stop */
  const char *arguments;    /* what it takes besides options, as in help: "[COMMAND...]"; NULL: nothing */
  const char *details;      /* (nullable): paragraphs for the command's own help page */
  const char *example;      /* one or more lines that can be run */
  const char *completes;    /* what stands for each argument, for completion: "api app"; NULL: nothing known */
  guint flags;              /* CtlCommandFlags */
  const CtlOption *options; /* (nullable) */
  /* Returns the exit status; an error set decides it instead. NULL: the other program runs it (ctl-exec.h). */
  int (*run) (CtlCall *call, GError **error);
};

/* Runs the command that @arguments (without the program's name) ask for; prints errors.
 * Returns: the exit status of the process. */
int ctl_run (const CtlCommand *const *commands, const char *const *arguments, CtlOutput *output);

/* The command that @words begin with. @n_words: (out): how many words name it.
 * Returns: (nullable): NULL when there is none. */
const CtlCommand *ctl_command_find (const CtlCommand *const *commands, const char *const *words, guint *n_words);
gboolean ctl_command_is_group (const CtlCommand *const *commands, const char *word);

/* The tables of options that @command takes, those of every command among them. Free with g_free(). */
const CtlOption **ctl_command_tables (const CtlCommand *command);

/* "db check". Free with g_free(). */
char *ctl_command_title (const CtlCommand *command);

/* The name of the command or group that is nearest to what was typed. Free with g_free(). (nullable): nothing is
 * near. */
char *ctl_command_nearest (const CtlCommand *const *commands, const char *const *words);

/* CTL_ERROR_USAGE for words that name no command, with the nearest one as a hint. */
void ctl_command_unknown (const CtlCommand *const *commands, const char *const *words, GError **error);

/* The arguments of a call, at least @min and at most @max of them. NULL with CTL_ERROR_USAGE, which repeats what the
 * command takes. (transfer none) */
const char *const *ctl_call_words (const CtlCall *call, guint min, guint max, GError **error);

G_END_DECLS
#endif
