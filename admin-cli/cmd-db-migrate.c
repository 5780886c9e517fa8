/* apimctl db migrate: the 2.6-shaped schema in the empty databases that a home's data sources name. */
#include "config.h"

#include "admin-cli/ctl-commands.h"
#include "admin-cli/ctl-home.h"
#include "admin-cli/ctl-prompt.h"
#include "apimd/first-start.h"
#include "common/apim-secret.h"
#include "store/st-sql-stores.h"

static const CtlOption options[] = {
  { "home", CTL_OPTION_TEXT, TRUE, "DIR", "the node's home, whose data sources are meant" },
  { "yes", CTL_OPTION_FLAG, FALSE, NULL, "do not ask" },
  { "admin-password-file", CTL_OPTION_TEXT, FALSE, "FILE",
    "the administrator's password (or - for stdin); default: a random one" },
  { NULL },
};

/* What is to be done to both parts. */
typedef struct
{
  gboolean works[G_N_ELEMENTS (ctl_home_parts)];
  gboolean migrate[G_N_ELEMENTS (ctl_home_parts)];
  gboolean add_admin;
  GString *text; /* for people */
} Plan;

static void
plan_clear (Plan *plan)
{
  if (plan->text != NULL)
    g_string_free (plan->text, TRUE);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Plan, plan_clear)

/* FALSE where a database must not be touched. *works: whether the part is there, if in an older version; *needed:
 * whether it lacks something. */
static gboolean
inspect_part (const ApimConfig *config, StSchemaPart part, gboolean *works, gboolean *needed, GError **error)
{
  StSchemaReport report = { 0 };
  g_autoptr (StDatabase) database = ctl_home_open (config, part, error);
  if (database == NULL || !st_schema_inspect (database, part, &report, error))
    return FALSE;
  *works = report.has_part && report.version >= report.needed;
  *needed = report.state == ST_SCHEMA_EMPTY
            || (report.state == ST_SCHEMA_OURS && (!report.has_part || report.version < report.latest));
  if (report.state == ST_SCHEMA_EMPTY || report.state == ST_SCHEMA_OURS)
    return TRUE;

  g_autofree char *where = ctl_home_describe_source (ctl_home_source (config, part));
  g_autofree char *hint = ctl_home_hint (config, "db check");
  ctl_error_set (error, CTL_ERROR_REFUSED, hint, where, "%s",
                 report.state == ST_SCHEMA_WSO2
                     ? "was made by WSO2's scripts: it is used as it is and never changed"
                     : "holds tables of something else: give the data source an empty database");
  return FALSE;
}

/* Whether a user database of ours has no administrator yet: a migration that was interrupted before it was added. */
static gboolean
lacks_admin (const ApimConfig *config, gboolean *lacks, GError **error)
{
  g_autoptr (StDatabase) database = ctl_home_open (config, ST_SCHEMA_USER, error);
  if (database == NULL)
    return FALSE;
  g_autoptr (StUserStore) users = st_sql_user_store_new (database, &config->user_store);
  g_autoptr (StUser) admin = NULL;
  if (!st_user_store_find_user (users, ST_SUPER_TENANT_ID, config->user_store.admin_user, ctl_home_deadline (config),
                                &admin, error))
    return FALSE;
  *lacks = admin == NULL;
  return TRUE;
}

static gboolean
plan_part (const ApimConfig *config, guint index, Plan *plan, GError **error)
{
  StSchemaPart part = ctl_home_parts[index];
  const ApimDataSource *source = ctl_home_source (config, part);
  if (!inspect_part (config, part, &plan->works[index], &plan->migrate[index], error))
    return FALSE;
  g_autofree char *where = ctl_home_describe_source (source);
  g_string_append_printf (plan->text, "%s database, %s:\n", ctl_home_part_name (part), where);
  if (!plan->migrate[index])
    {
      g_string_append (plan->text, "  is up to date\n");
      return TRUE;
    }
  g_autofree char *steps = st_schema_plan (source, part, error);
  if (steps == NULL)
    return FALSE;
  g_auto (GStrv) lines = g_strsplit (g_strchomp (steps), "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    g_string_append_printf (plan->text, "  %s\n", lines[i]);
  return TRUE;
}

static gboolean
make_plan (const ApimConfig *config, Plan *plan, GError **error)
{
  plan->text = g_string_new (NULL);
  for (guint i = 0; i < G_N_ELEMENTS (ctl_home_parts); i++)
    {
      if (!plan_part (config, i, plan, error))
        return FALSE;
      if (ctl_home_parts[i] != ST_SCHEMA_USER)
        continue;
      plan->add_admin = !plan->works[i];
      if (!plan->add_admin && !lacks_admin (config, &plan->add_admin, error))
        return FALSE;
    }
  if (plan->add_admin)
    g_string_append_printf (plan->text, "  add the administrator \"%s\"\n", config->user_store.admin_user);
  return TRUE;
}

static gboolean
plan_is_empty (const Plan *plan)
{
  gboolean migrate = FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (plan->migrate); i++)
    migrate |= plan->migrate[i];
  return !migrate && !plan->add_admin;
}

/* @lines: what was done, one line each. */
static gboolean
carry_out (const ApimConfig *config, const Plan *plan, const char *password, GPtrArray *lines, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (ctl_home_parts); i++)
    {
      const ApimDataSource *source = ctl_home_source (config, ctl_home_parts[i]);
      if (!plan->migrate[i])
        continue;
      if (!st_schema_migrate (source, ctl_home_parts[i], error))
        return FALSE;
      g_autofree char *where = ctl_home_describe_source (source);
      g_ptr_array_add (lines, g_strdup_printf ("migrated the %s database, %s",
                                               ctl_home_part_name (ctl_home_parts[i]), where));
    }
  gboolean lacks = FALSE;
  if (!plan->add_admin)
    return TRUE;
  /* Somebody else may have migrated it meanwhile. */
  if (!lacks_admin (config, &lacks, error))
    return FALSE;
  g_autoptr (StDatabase) users = ctl_home_open (config, ST_SCHEMA_USER, error);
  return users != NULL && (!lacks || apim_first_start_add_admin (config, users, password, lines, error));
}

static void
print_done (CtlOutput *output, const GPtrArray *lines)
{
  if (!output->json)
    {
      for (guint i = 0; i < lines->len; i++)
        ctl_output_text (output, "%s\n", (const char *) g_ptr_array_index (lines, i));
      if (lines->len == 0)
        ctl_output_text (output, "nothing to do\n");
      return;
    }
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  json_builder_begin_object (builder);
  ctl_json_texts (builder, "done", lines);
  json_builder_end_object (builder);
  ctl_output_json (output, builder);
}

static int
run (CtlCall *call, GError **error)
{
  g_auto (Plan) plan = { 0 };
  g_auto (ApimSecretText) password = NULL;
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (ApimConfig) config = ctl_home_load (ctl_options_text (call->options, "home"), error);
  if (config == NULL || !make_plan (config, &plan, error))
    return 0;
  if (!plan_is_empty (&plan))
    {
      g_autofree char *hint = ctl_home_hint (config, "db migrate --yes");
      const char *password_file = ctl_options_text (call->options, "admin-password-file");
      fputs (plan.text->str, call->output->err);
      if (!ctl_prompt_confirm (call, "Do this", hint, error))
        return 0;
      if (password_file != NULL
          && (password = ctl_home_read_secret (password_file, "administrator's password", error)) == NULL)
        return 0;
      if (!carry_out (config, &plan, password, lines, error))
        return 0;
    }
  print_done (call->output, lines);
  return 0;
}

const CtlCommand ctl_cmd_db_migrate = {
  .group = "db",
  .name = "migrate",
  .summary = "Create or update the schema in the databases of a home",
  .details = "Creates the schema in the 2.6 shape, with first rows and an administrator, in the empty\n"
             "databases that the home's data sources name (MySQL, MariaDB or SQLite), and brings databases\n"
             "that it made to the newest version. The plan is shown first. A database that is neither empty\n"
             "nor made by this command is refused.",
  .example = "apimctl db migrate --home /srv/km --yes",
  .options = options,
  .run = run,
};
