#include "config.h"

#include "admin-cli/ctl-commands.h"

const CtlCommand *const ctl_commands[] = {
  &ctl_cmd_node_init, &ctl_cmd_node_status, &ctl_cmd_db_backup, &ctl_cmd_db_check, &ctl_cmd_db_feed, &ctl_cmd_db_migrate, &ctl_cmd_db_purge, &ctl_cmd_db_sample,
  &ctl_cmd_validate,  &ctl_cmd_help,        &ctl_cmd_version,  NULL,
};
