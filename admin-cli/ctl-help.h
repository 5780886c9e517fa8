/* Help pages, made from the table of commands. Free each with g_free(). Threads: any. */
#ifndef CTL_HELP_H
#define CTL_HELP_H

#include "admin-cli/ctl-command.h"

G_BEGIN_DECLS

/* Every command with its summary. */
char *ctl_help_overview (const CtlCommand *const *commands);
/* The commands of one group. */
char *ctl_help_group (const CtlCommand *const *commands, const char *group);
/* Usage, options, details, example. */
char *ctl_help_command (const CtlCommand *command);
/* "apimctl db check --home DIR [-o table|json]", broken into lines of at most 100 columns. */
char *ctl_help_usage (const CtlCommand *command);

G_END_DECLS
#endif
