/* apimctl db import-registry: what WSO2's registry has of the APIs, into our own tables beside AM_API. */
#include "config.h"

#include "admin-cli/ctl-commands.h"
#include "admin-cli/ctl-database-url.h"
#include "admin-cli/ctl-home.h"
#include "admin-cli/ctl-password.h"
#include "admin-cli/ctl-prompt.h"
#include "common/apim-log.h"
#include "common/apim-registry-source.h"
#include "common/apim-secret.h"
#include "core/core-registry-import.h"
#include "store/st-sql-stores.h"

#include <string.h>

#define PASSWORD_VARIABLE "APIMCTL_DB_PASSWORD"

static const CtlOption options[] = {
  { "home", CTL_OPTION_TEXT, TRUE, "DIR", "the node's home, whose data sources are meant" },
  { "url", CTL_OPTION_TEXT, FALSE, "URL", "the registry's database, instead of that of the home's registry.xml" },
  { "user", CTL_OPTION_TEXT, FALSE, "USER", "the database user, where the URL names none" },
  { "password-file", CTL_OPTION_TEXT, FALSE, "FILE", "the database user's password (or - for stdin)" },
  { "governance", CTL_OPTION_TEXT, FALSE, "PATH",
    "where the governance tree begins in it; default as registry.xml has it, else /_system/governance" },
  { "tenant", CTL_OPTION_TEXT, FALSE, "DOMAIN", "only the APIs of this tenant" },
  { "overwrite", CTL_OPTION_FLAG, FALSE, NULL, "also what was made or changed here becomes as the registry has it" },
  { "dry-run", CTL_OPTION_FLAG, FALSE, NULL, "only say what would be done" },
  { "yes", CTL_OPTION_FLAG, FALSE, NULL, "do not ask" },
  { NULL },
};

typedef struct
{
  CtlCall *call;
  ApimConfig *config;
  ApimDataSource *source; /* the registry's */
  char *governance;
  char *where;
  StDatabase *apis, *user_rows, *registry;
  StUserStore *users;
  CoreRegistryImports *imports;
} Work;

static void
work_clear (Work *work)
{
  g_clear_pointer (&work->imports, core_registry_imports_free);
  g_clear_pointer (&work->users, st_user_store_free);
  g_clear_pointer (&work->registry, st_database_free);
  g_clear_pointer (&work->user_rows, st_database_free);
  g_clear_pointer (&work->apis, st_database_free);
  g_clear_pointer (&work->source, apim_data_source_free);
  g_clear_pointer (&work->config, apim_config_unref);
  g_free (work->governance);
  g_free (work->where);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Work, work_clear)

static gboolean
source_of_url (Work *work, const char *url, GError **error)
{
  const CtlOptions *given = work->call->options;
  g_autofree char *what = NULL;

  work->governance = g_strdup (APIM_REGISTRY_GOVERNANCE);
  work->source = ctl_database_url_parse (url, ctl_options_text (given, "user"), error);
  if (work->source == NULL || work->source->kind != APIM_DATABASE_MYSQL)
    return work->source != NULL;
  what = g_strdup_printf ("password of database user %s", work->source->user);
  work->source->password
      = ctl_password_read (ctl_options_text (given, "password-file"), PASSWORD_VARIABLE, what, error);
  return work->source->password != NULL;
}

static gboolean
source_of_home (Work *work, GError **error)
{
  if (!apim_registry_source_read (work->config->home, &work->source, &work->governance, error))
    {
      ctl_error_wrap (error, NULL, "configuration");
      return FALSE;
    }
  if (work->source == NULL)
    ctl_error_set (error, CTL_ERROR_USAGE, "apimctl db import-registry --help", "registry",
                   "the home has neither a registry.xml that names a data source nor WSO2REG_DB in "
                   "master-datasources.xml: name its database with --url");
  return work->source != NULL;
}

static gboolean
find_source (Work *work, GError **error)
{
  const char *url = ctl_options_text (work->call->options, "url");
  const char *governance = ctl_options_text (work->call->options, "governance");

  if (url != NULL ? !source_of_url (work, url, error) : !source_of_home (work, error))
    return FALSE;
  if (governance != NULL)
    {
      g_free (work->governance);
      work->governance = g_strdup (governance);
    }
  while (g_str_has_suffix (work->governance, "/"))
    work->governance[strlen (work->governance) - 1] = '\0';
  work->where = ctl_home_describe_source (work->source);
  if (work->governance[0] == '/')
    return TRUE;
  ctl_error_set (error, CTL_ERROR_USAGE, "apimctl db import-registry --help", "governance",
                 "the path of the governance tree begins with \"/\"");
  return FALSE;
}

static gboolean
open_databases (Work *work, GError **error)
{
  work->apis = ctl_home_open (work->config, ST_SCHEMA_API, error);
  if (work->apis == NULL)
    return FALSE;
  work->user_rows = ctl_home_open (work->config, ST_SCHEMA_USER, error);
  if (work->user_rows == NULL)
    return FALSE;
  work->users = st_sql_user_store_new (work->user_rows, &work->config->user_store);
  work->registry = st_database_open (work->source, &work->config->limits, error);
  return work->registry != NULL;
}

static gboolean
fail (const Work *work, const GError *why, GError **error)
{
  g_autofree char *hint = ctl_home_hint (work->config, "db check");
  CtlErrorKind kind = why->code == CORE_PORTAL_ERROR_UNAVAILABLE ? CTL_ERROR_UNREACHABLE
                      : why->code == CORE_PORTAL_ERROR_NOT_FOUND ? CTL_ERROR_NOT_FOUND
                                                                 : CTL_ERROR_FAILED;

  ctl_error_set (error, kind, hint, "db import-registry", "%s", why->message);
  return FALSE;
}

static gboolean
import (Work *work, gboolean dry_run, GError **error)
{
  const CtlOptions *given = work->call->options;
  const CoreRegistryImportOptions wanted = { .governance = work->governance,
                                             .tenant_domain = ctl_options_text (given, "tenant"),
                                             .overwrite = ctl_options_flag (given, "overwrite") };
  const CorePortal portal = { .apis = work->apis,
                              .user_rows = work->user_rows,
                              .users = work->users,
                              .clock = &apim_clock_system,
                              .config = work->config,
                              .advanced_throttling = work->config->advanced_throttling,
                              .dry_run = dry_run };
  g_autoptr (GError) why = NULL;

  g_clear_pointer (&work->imports, core_registry_imports_free);
  return core_registry_import (&portal, work->registry, &wanted, &work->imports, &why) || fail (work, why, error);
}

static guint
count (const Work *work, CoreImportResult result)
{
  guint n = 0;

  for (guint i = 0; i < work->imports->apis->len; i++)
    n += ((const CoreRegistryImport *)work->imports->apis->pdata[i])->result == result;
  return n;
}

static char *
join (const GPtrArray *texts, const char *separator)
{
  GString *joined = g_string_new (NULL);

  for (guint i = 0; i < texts->len; i++)
    g_string_append_printf (joined, "%s%s", i > 0 ? separator : "", (const char *)texts->pdata[i]);
  return g_string_free (joined, FALSE);
}

static void
print_table (const Work *work)
{
  g_autoptr (CtlTable) table
      = ctl_table_new ("NAME", "VERSION", "PROVIDER", "TENANT", "RESULT", "TAKEN", "NOTES", NULL);

  for (guint i = 0; i < work->imports->apis->len; i++)
    {
      const CoreRegistryImport *one = work->imports->apis->pdata[i];
      g_autofree char *taken = join (one->taken, ", ");
      g_autofree char *notes = join (one->notes, "; ");

      ctl_table_add (table, one->name, one->version, one->provider, one->tenant_domain,
                     core_import_result_text (one->result), taken, notes, NULL);
    }
  ctl_output_table (work->call->output, table);
  for (guint i = 0; i < work->imports->notes->len; i++)
    ctl_output_note (work->call->output, "%s", (const char *)work->imports->notes->pdata[i]);
}

static void
print_json (const Work *work, gboolean dry_run)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  ctl_json_text (builder, "registry", work->where);
  ctl_json_bool (builder, "dryRun", dry_run);
  json_builder_set_member_name (builder, "apis");
  json_builder_begin_array (builder);
  for (guint i = 0; i < work->imports->apis->len; i++)
    {
      const CoreRegistryImport *one = work->imports->apis->pdata[i];

      json_builder_begin_object (builder);
      ctl_json_text (builder, "provider", one->provider);
      ctl_json_text (builder, "name", one->name);
      ctl_json_text (builder, "version", one->version);
      ctl_json_text (builder, "tenant", one->tenant_domain);
      ctl_json_text (builder, "result", core_import_result_text (one->result));
      ctl_json_texts (builder, "taken", one->taken);
      ctl_json_texts (builder, "notes", one->notes);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  ctl_json_texts (builder, "notes", work->imports->notes);
  json_builder_end_object (builder);
  ctl_output_json (work->call->output, builder);
}

/* Whether to go on: nothing to be done needs no consent. */
static gboolean
confirm (Work *work, GError **error)
{
  g_autofree char *hint = ctl_home_hint (work->config, "db import-registry --yes");
  g_autofree char *target = ctl_home_describe_source (ctl_home_source (work->config, ST_SCHEMA_API));
  g_autofree char *question = NULL;
  guint n;

  if (ctl_options_flag (work->call->options, "yes"))
    return TRUE;
  if (!import (work, TRUE, error))
    return FALSE;
  n = count (work, CORE_IMPORT_TAKEN) + count (work, CORE_IMPORT_REFRESHED);
  question = g_strdup_printf ("Take %u APIs from %s into %s", n, work->where, target);
  return n == 0 || ctl_prompt_confirm (work->call, question, hint, error);
}

static void
check_all_done (const Work *work, GError **error)
{
  guint failed = count (work, CORE_IMPORT_FAILED);

  if (failed > 0)
    ctl_error_set (error, CTL_ERROR_PARTIAL, NULL, "db import-registry", "%u of %u APIs could not be taken: see NOTES",
                   failed, work->imports->apis->len);
}

static int
run (CtlCall *call, GError **error)
{
  gboolean dry_run = ctl_options_flag (call->options, "dry-run");
  g_auto (Work) work = { .call = call };
  GError *why = NULL;

  /* The table says what was done; a node's log lines say it again. */
  if (!call->output->verbose)
    apim_log_set_level (APIM_LOG_WARNING);
  work.config = ctl_home_load (ctl_options_text (call->options, "home"), error);
  if (work.config == NULL || !find_source (&work, error) || !open_databases (&work, error)
      || (!dry_run && !confirm (&work, error)))
    return 0;
  /* What was done is told also where it could not go on. */
  import (&work, dry_run, &why);
  if (work.imports->apis->len > 0 || why == NULL)
    {
      if (call->output->json)
        print_json (&work, dry_run);
      else
        print_table (&work);
    }
  if (why != NULL)
    g_propagate_error (error, why);
  else
    check_all_done (&work, error);
  return 0;
}

const CtlCommand ctl_cmd_db_import_registry = {
  .group = "db",
  .name = "import-registry",
  .summary = "Take what WSO2's registry has of the APIs",
  .details
  = "WSO2 keeps descriptions, endpoints, visibility, tags, OpenAPI documents, pictures and documents of APIs\n"
    "in its registry's database; a node of ours keeps them in tables of its own beside AM_API. This command\n"
    "copies them, so that our Publisher and Store know the APIs that are there. It only reads the registry.\n"
    "\n"
    "Each API is taken in one transaction, and keeps the id that it has in WSO2's REST API. RESULT is taken,\n"
    "refreshed (the registry has changed since the last import), unchanged, kept (it was made or changed\n"
    "here: --overwrite takes it nevertheless), \"no API\" (an artifact without a row in AM_API, which WSO2\n"
    "does not show either), \"no artifact\" (the other way round) or failed. NOTES say what was left out, and\n"
    "why. Gateways are not told: they have the APIs. Run it again whenever WSO2's Publisher was used.\n"
    "\n"
    "Exit status: 7 when an API could not be taken, else 0. The password for --url comes from\n"
    "--password-file, from the environment variable " PASSWORD_VARIABLE ", or is asked for.",
  .example = "apimctl db import-registry --home /srv/apim --dry-run\n"
             "apimctl db import-registry --home /srv/apim --url mysql://apim@db.example.com/regdb --yes",
  .options = options,
  .run = run,
};
