/* The table of commands. Adding a command: one file, one line here, one in ctl-commands.c, one in the manual page. */
#ifndef CTL_COMMANDS_H
#define CTL_COMMANDS_H

#include "admin-cli/ctl-command.h"

G_BEGIN_DECLS

extern const CtlCommand ctl_cmd_node_init;
extern const CtlCommand ctl_cmd_node_status;
extern const CtlCommand ctl_cmd_db_backup;
extern const CtlCommand ctl_cmd_db_check;
extern const CtlCommand ctl_cmd_db_feed;
extern const CtlCommand ctl_cmd_db_migrate;
extern const CtlCommand ctl_cmd_db_purge;
extern const CtlCommand ctl_cmd_db_sample;
extern const CtlCommand ctl_cmd_validate;
extern const CtlCommand ctl_cmd_help;
extern const CtlCommand ctl_cmd_version;

/* In the order of the help pages; NULL-terminated. */
extern const CtlCommand *const ctl_commands[];

G_END_DECLS
#endif
