/* The table of commands. Adding a command: one file, one line here, one in ctl-commands.c, one in the Makefile; help,
 * manual page and completion follow from its row. */
#ifndef CTL_COMMANDS_H
#define CTL_COMMANDS_H

#include "admin-cli/ctl-command.h"

G_BEGIN_DECLS

extern const CtlCommand ctl_cmd_login;
extern const CtlCommand ctl_cmd_logout;
extern const CtlCommand ctl_cmd_whoami;
extern const CtlCommand ctl_cmd_status;
extern const CtlCommand ctl_cmd_apply;
extern const CtlCommand ctl_cmd_diff;
extern const CtlCommand ctl_cmd_export;
extern const CtlCommand ctl_cmd_api_list;
extern const CtlCommand ctl_cmd_api_get;
extern const CtlCommand ctl_cmd_api_create;
extern const CtlCommand ctl_cmd_api_update;
extern const CtlCommand ctl_cmd_api_copy;
extern const CtlCommand ctl_cmd_api_delete;
extern const CtlCommand ctl_cmd_api_lifecycle;
extern const CtlCommand ctl_cmd_api_history;
extern const CtlCommand ctl_cmd_api_publish;
extern const CtlCommand ctl_cmd_api_prototype;
extern const CtlCommand ctl_cmd_api_block;
extern const CtlCommand ctl_cmd_api_unblock;
extern const CtlCommand ctl_cmd_api_deprecate;
extern const CtlCommand ctl_cmd_api_retire;
extern const CtlCommand ctl_cmd_api_demote;
extern const CtlCommand ctl_cmd_api_definition;
extern const CtlCommand ctl_cmd_api_endpoint;
extern const CtlCommand ctl_cmd_api_thumbnail;
extern const CtlCommand ctl_cmd_api_default;
extern const CtlCommand ctl_cmd_api_export;
extern const CtlCommand ctl_cmd_api_import;
extern const CtlCommand ctl_cmd_doc_list;
extern const CtlCommand ctl_cmd_doc_get;
extern const CtlCommand ctl_cmd_doc_create;
extern const CtlCommand ctl_cmd_doc_delete;
extern const CtlCommand ctl_cmd_scope_list;
extern const CtlCommand ctl_cmd_scope_add;
extern const CtlCommand ctl_cmd_scope_remove;
extern const CtlCommand ctl_cmd_sub_list;
extern const CtlCommand ctl_cmd_sub_create;
extern const CtlCommand ctl_cmd_sub_delete;
extern const CtlCommand ctl_cmd_sub_block;
extern const CtlCommand ctl_cmd_sub_unblock;
extern const CtlCommand ctl_cmd_app_list;
extern const CtlCommand ctl_cmd_app_get;
extern const CtlCommand ctl_cmd_app_create;
extern const CtlCommand ctl_cmd_app_update;
extern const CtlCommand ctl_cmd_app_delete;
extern const CtlCommand ctl_cmd_app_export;
extern const CtlCommand ctl_cmd_app_import;
extern const CtlCommand ctl_cmd_key_generate;
extern const CtlCommand ctl_cmd_key_get;
extern const CtlCommand ctl_cmd_key_update;
extern const CtlCommand ctl_cmd_key_regenerate_secret;
extern const CtlCommand ctl_cmd_key_map;
extern const CtlCommand ctl_cmd_key_revoke;
extern const CtlCommand ctl_cmd_key_cleanup;
extern const CtlCommand ctl_cmd_token_get;
extern const CtlCommand ctl_cmd_token_revoke;
extern const CtlCommand ctl_cmd_catalog_list;
extern const CtlCommand ctl_cmd_catalog_search;
extern const CtlCommand ctl_cmd_catalog_show;
extern const CtlCommand ctl_cmd_user_signup;
extern const CtlCommand ctl_cmd_user_password;
extern const CtlCommand ctl_cmd_policy_list;
extern const CtlCommand ctl_cmd_policy_get;
extern const CtlCommand ctl_cmd_policy_create;
extern const CtlCommand ctl_cmd_policy_update;
extern const CtlCommand ctl_cmd_policy_delete;
extern const CtlCommand ctl_cmd_condition_list;
extern const CtlCommand ctl_cmd_condition_add;
extern const CtlCommand ctl_cmd_condition_enable;
extern const CtlCommand ctl_cmd_condition_disable;
extern const CtlCommand ctl_cmd_condition_delete;
extern const CtlCommand ctl_cmd_workflow_list;
extern const CtlCommand ctl_cmd_workflow_show;
extern const CtlCommand ctl_cmd_workflow_approve;
extern const CtlCommand ctl_cmd_workflow_reject;
extern const CtlCommand ctl_cmd_tenant_list;
extern const CtlCommand ctl_cmd_tenant_show;
extern const CtlCommand ctl_cmd_tenant_create;
extern const CtlCommand ctl_cmd_tenant_activate;
extern const CtlCommand ctl_cmd_tenant_deactivate;
extern const CtlCommand ctl_cmd_gateway_list;
extern const CtlCommand ctl_cmd_gateway_status;
extern const CtlCommand ctl_cmd_gateway_sync;
extern const CtlCommand ctl_cmd_gateway_undeploy;
extern const CtlCommand ctl_cmd_env_list;
extern const CtlCommand ctl_cmd_env_add;
extern const CtlCommand ctl_cmd_env_use;
extern const CtlCommand ctl_cmd_env_remove;
extern const CtlCommand ctl_cmd_config;
extern const CtlCommand ctl_cmd_node_init;
extern const CtlCommand ctl_cmd_node_status;
extern const CtlCommand ctl_cmd_db_backup;
extern const CtlCommand ctl_cmd_db_check;
extern const CtlCommand ctl_cmd_db_feed;
extern const CtlCommand ctl_cmd_db_import_registry;
extern const CtlCommand ctl_cmd_db_migrate;
extern const CtlCommand ctl_cmd_db_portal;
extern const CtlCommand ctl_cmd_db_purge;
extern const CtlCommand ctl_cmd_db_sample;
extern const CtlCommand ctl_cmd_validate;
extern const CtlCommand ctl_cmd_completion;
extern const CtlCommand ctl_cmd_complete;
extern const CtlCommand ctl_cmd_help;
extern const CtlCommand ctl_cmd_version;

/* In the order of the help pages; NULL-terminated. */
extern const CtlCommand *const ctl_commands[];

G_END_DECLS
#endif
