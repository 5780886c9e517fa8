/* Manual pages from the table of commands, as roff (man(7)): apimctl-GROUP(1) for each group, and the part of
 * apimctl(1) that tells of verbs and groups. Threads: any. */
#ifndef CTL_MANUAL_H
#define CTL_MANUAL_H

#include "admin-cli/ctl-command.h"

G_BEGIN_DECLS

/* A whole page. Free with g_free(). (nullable): NULL for a group that is not in ctl_groups. */
char *ctl_manual_group (const CtlCommand *const *commands, const char *group);

/* @template with the line "@COMMANDS@" replaced by the verbs and the list of groups. Free with g_free(). */
char *ctl_manual_overview (const CtlCommand *const *commands, const char *template);

/* @text as roff shows it: backslashes, dashes and leading dots escaped. Free with g_free(). */
char *ctl_manual_escape (const char *text);

G_END_DECLS
#endif
