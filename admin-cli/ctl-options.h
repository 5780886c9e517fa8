/* A command's options: declared in tables, which parsing, help, the manual and completion read.
 * Every command also takes those of ctl_options_common. Threads: one. */
#ifndef CTL_OPTIONS_H
#define CTL_OPTIONS_H

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  CTL_OPTION_FLAG, /* --name */
  CTL_OPTION_TEXT, /* --name VALUE, at most once */
  CTL_OPTION_LIST, /* --name VALUE, any number of times */
} CtlOptionKind;

/* One row; a table ends with a NULL name. */
typedef struct
{
  const char *name; /* without the dashes */
  CtlOptionKind kind;
  gboolean required;
  const char *value; /* what stands for the value in help: "DIR"; NULL for a flag */
  const char *help;  /* one line, lower case */
  char letter;       /* of the short form; 0: there is none */
} CtlOption;

/* What every command takes: --output, --columns, --field, --quiet, --verbose, --help. */
extern const CtlOption ctl_options_common[];

typedef struct _CtlOptions CtlOptions;

/* @tables: NULL-terminated; those that every command takes need not be among them. @arguments: what follows the
 * command's name; NULL-terminated.
 * Returns: (transfer full): NULL with CTL_ERROR_USAGE; @what: the command, for messages; @hint: for the error. */
CtlOptions *ctl_options_parse (const CtlOption *const *tables, const char *const *arguments, const char *what,
                               const char *hint, GError **error);
void ctl_options_free (CtlOptions *options);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CtlOptions, ctl_options_free)

gboolean ctl_options_help (const CtlOptions *options); /* --help was given: nothing else was checked */
gboolean ctl_options_flag (const CtlOptions *options, const char *name);
/* (nullable) (transfer none) */
const char *ctl_options_text (const CtlOptions *options, const char *name);
/* (transfer none): NULL-terminated, may be empty. */
const char *const *ctl_options_list (const CtlOptions *options, const char *name);
/* What is no option, in order; NULL-terminated. */
const char *const *ctl_options_arguments (const CtlOptions *options);

/* Whether "-o json" stands anywhere in @arguments: decides how errors are printed before, and when, parsing fails. */
gboolean ctl_options_want_json (const char *const *arguments);

G_END_DECLS
#endif
