/* apimctl db purge: deletes dead tokens and authorization codes while the database is in use. */
#include "config.h"

#include "admin-cli/ctl-commands.h"
#include "admin-cli/ctl-home.h"
#include "admin-cli/ctl-prompt.h"
#include "store/st-purge.h"

#include <signal.h>

static const CtlOption options[] = {
  { "home", CTL_OPTION_TEXT, TRUE, "DIR", "the node's home, whose API Manager database is meant" },
  { "older-than", CTL_OPTION_TEXT, FALSE, "DAYS", "how long a row must have been dead (30)" },
  { "batch", CTL_OPTION_TEXT, FALSE, "N", "rows per transaction (200)" },
  { "pause", CTL_OPTION_TEXT, FALSE, "MS", "time to wait after each transaction (50)" },
  { "dry-run", CTL_OPTION_FLAG, FALSE, NULL, "only count" },
  { "yes", CTL_OPTION_FLAG, FALSE, NULL, "do not ask" },
  { NULL },
};

/* Ctrl-C, or a polite kill: ends after the batch. */
static volatile sig_atomic_t interrupted;

static void
on_signal (int number)
{
  interrupted = 1;
}

static gboolean
read_number (CtlCall *call, const char *name, guint minimum, guint maximum, guint *value, GError **error)
{
  const char *text = ctl_options_text (call->options, name);
  guint64 number = *value;

  if (text == NULL || g_ascii_string_to_unsigned (text, 10, minimum, maximum, &number, NULL))
    {
      *value = (guint) number;
      return TRUE;
    }
  ctl_error_set (error, CTL_ERROR_USAGE, "apimctl db purge --help", name, "is a number from %u to %u", minimum,
                 maximum);
  return FALSE;
}

static gboolean
show_progress (const StPurgeResult *result, gpointer data)
{
  CtlCall *call = data;

  if (call->output->terminal && !call->output->json)
    fprintf (call->output->err, "\r%" G_GUINT64_FORMAT " tokens, %" G_GUINT64_FORMAT " authorization codes ",
             result->tokens, result->codes);
  return interrupted == 0;
}

static void
print_result (CtlCall *call, const StPurgeOptions *purge, const StPurgeResult *result)
{
  CtlOutput *output = call->output;
  const char *done = purge->dry_run ? "dead" : "deleted";

  if (output->json)
    {
      g_autoptr (JsonBuilder) builder = json_builder_new ();
      json_builder_begin_object (builder);
      ctl_json_int (builder, "tokens", (gint64) result->tokens);
      ctl_json_int (builder, "codes", (gint64) result->codes);
      ctl_json_int (builder, "audited", (gint64) result->audited);
      ctl_json_int (builder, "kept", (gint64) result->kept);
      ctl_json_bool (builder, "dryRun", purge->dry_run);
      ctl_json_bool (builder, "finished", result->finished);
      json_builder_end_object (builder);
      ctl_output_json (output, builder);
      return;
    }
  if (output->terminal)
    fputs ("\r", output->err);
  ctl_output_text (output, "%s: %" G_GUINT64_FORMAT " tokens, %" G_GUINT64_FORMAT " authorization codes\n", done,
                   result->tokens, result->codes);
  if (result->audited > 0)
    ctl_output_text (output, "copied to the audit table before: %" G_GUINT64_FORMAT " tokens\n", result->audited);
  if (result->kept > 0)
    ctl_output_text (output, "kept, because other tables refer to them: %" G_GUINT64_FORMAT "\n", result->kept);
  if (!result->finished)
    ctl_output_text (output, "stopped before the end: run it again to go on\n");
}

static gboolean
purge_until_interrupted (CtlCall *call, const ApimDataSource *source, const StPurgeOptions *purge,
                         StPurgeResult *result, GError **error)
{
  const struct sigaction stop = { .sa_handler = on_signal };
  struct sigaction before_int, before_term;
  gboolean done;

  interrupted = 0;
  sigaction (SIGINT, &stop, &before_int);
  sigaction (SIGTERM, &stop, &before_term);
  done = st_purge (source, purge, g_get_real_time () / 1000, show_progress, call, result, error);
  sigaction (SIGINT, &before_int, NULL);
  sigaction (SIGTERM, &before_term, NULL);
  return done;
}

static int
run (CtlCall *call, GError **error)
{
  StPurgeOptions purge = { .older_than_days = ST_PURGE_DAYS, .batch = ST_PURGE_BATCH, .pause_ms = ST_PURGE_PAUSE_MS };
  StPurgeResult result;

  purge.dry_run = ctl_options_flag (call->options, "dry-run");
  if (!read_number (call, "older-than", 1, 36500, &purge.older_than_days, error)
      || !read_number (call, "batch", 1, ST_PURGE_MAX_BATCH, &purge.batch, error)
      || !read_number (call, "pause", 0, ST_PURGE_MAX_PAUSE_MS, &purge.pause_ms, error))
    return 0;
  g_autoptr (ApimConfig) config = ctl_home_load (ctl_options_text (call->options, "home"), error);
  if (config == NULL)
    return 0;
  const ApimDataSource *source = ctl_home_source (config, ST_SCHEMA_API);
  g_autofree char *where = ctl_home_describe_source (source);
  g_autofree char *hint = ctl_home_hint (config, "db purge --yes");
  g_autofree char *question
      = g_strdup_printf ("Delete what has been dead for %u days from %s", purge.older_than_days, where);
  if (!purge.dry_run && !ctl_prompt_confirm (call, question, hint, error))
    return 0;
  if (!purge_until_interrupted (call, source, &purge, &result, error))
    {
      ctl_error_wrap (error, NULL, where);
      return 0;
    }
  print_result (call, &purge, &result);
  return result.finished ? 0 : 1;
}

const CtlCommand ctl_cmd_db_purge = {
  .group = "db",
  .name = "purge",
  .summary = "Delete tokens and authorization codes that are long dead",
  .details = "Deletes from the API Manager database, in small transactions while it is in use: tokens that are\n"
             "revoked or inactive, or expired together with their refresh tokens, and authorization codes that\n"
             "were used or ran out. What could still be used stays: also refresh tokens that never expire, and on\n"
             "1.9, which does not say how long they live, every expired token that has one. Partitions of the\n"
             "token table are included. Where the table IDN_OAUTH2_ACCESS_TOKEN_AUDIT exists (2.6) tokens are\n"
             "copied there first. Ctrl-C ends it after a transaction (exit status 1); run it again to go on.\n"
             "Nodes do the same by themselves with Apimd/PurgeEvery in api-manager.xml.",
  .example = "apimctl db purge --home /srv/km --dry-run\n"
             "apimctl db purge --home /srv/km --older-than 90 --yes",
  .options = options,
  .run = run,
};
