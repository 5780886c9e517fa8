/* apimctl db sample: a small published world to try a node with. Printing its tokens is what it is for. */
#include "config.h"

#include "admin-cli/ctl-commands.h"
#include "admin-cli/ctl-home.h"
#include "core/core-password.h"
#include "store/st-sample.h"

static const CtlOption options[] = {
  { "home", CTL_OPTION_TEXT, TRUE, "DIR", "the node's home, whose data sources are meant" },
  { NULL },
};

static char *
hash_password (const char *password, char **salt, gpointer data, GError **error)
{
  const ApimConfig *config = data;
  return core_password_hash (password, &config->user_store, salt, error);
}

static GPtrArray *
load (ApimConfig *config, GError **error)
{
  StSampleSecrets secrets = { hash_password, config };
  GPtrArray *tokens = NULL;
  g_autoptr (StDatabase) api = ctl_home_open (config, ST_SCHEMA_API, error);
  g_autoptr (StDatabase) users = api != NULL ? ctl_home_open (config, ST_SCHEMA_USER, error) : NULL;
  if (users != NULL && st_sample_load (api, users, &secrets, &tokens, error))
    return tokens;
  g_autofree char *hint = ctl_home_hint (config, "db check");
  ctl_error_wrap (error, hint, "sample data");
  return NULL;
}

static void
print_text (CtlOutput *output, const GPtrArray *tokens)
{
  g_autoptr (CtlTable) table = ctl_table_new ("TOKEN", "CONTEXT", "VERSION", "RESOURCE", "VERB", "LEVEL", "KEY",
                                              "STATUS", "DESCRIPTION", NULL);
  for (guint i = 0; i < tokens->len; i++)
    {
      const StSampleToken *token = g_ptr_array_index (tokens, i);
      g_autofree char *status = g_strdup_printf ("%d", token->expected_status);
      ctl_table_add (table, token->token, token->context, token->version, token->resource, token->verb, token->level,
                     token->key_type, status, token->description);
    }
  ctl_output_table (output, table);
}

static void
print_json (CtlOutput *output, const GPtrArray *tokens)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "tokens");
  json_builder_begin_array (builder);
  for (guint i = 0; i < tokens->len; i++)
    {
      const StSampleToken *token = g_ptr_array_index (tokens, i);
      json_builder_begin_object (builder);
      ctl_json_text (builder, "token", token->token);
      ctl_json_text (builder, "context", token->context);
      ctl_json_text (builder, "version", token->version);
      ctl_json_text (builder, "resource", token->resource);
      ctl_json_text (builder, "verb", token->verb);
      ctl_json_text (builder, "level", token->level);
      ctl_json_text (builder, "keyType", token->key_type);
      ctl_json_text (builder, "consumerKey", token->consumer_key);
      ctl_json_text (builder, "consumerSecret", token->consumer_secret);
      ctl_json_int (builder, "expectedStatus", token->expected_status);
      ctl_json_text (builder, "description", token->description);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  ctl_output_json (output, builder);
}

static int
run (CtlCall *call, GError **error)
{
  g_autoptr (ApimConfig) config = ctl_home_load (ctl_options_text (call->options, "home"), error);
  g_autoptr (GPtrArray) tokens = config != NULL ? load (config, error) : NULL;
  if (tokens == NULL)
    return 0;
  if (call->output->json)
    print_json (call->output, tokens);
  else
    print_text (call->output, tokens);
  return 0;
}

const CtlCommand ctl_cmd_db_sample = {
  .group = "db",
  .name = "sample",
  .summary = "Load a small published world and print its tokens",
  .details = "Loads two tenants, APIs in several versions with scopes, applications with production and\n"
             "sandbox keys, subscriptions in every state and tokens of every kind into the home's databases,\n"
             "and prints each token with a request to try and the validation status that must come (0:\n"
             "authorized); with -o json also the consumer key and secret of its application, to ask for tokens\n"
             "with. For trying a node out: databases that this product did not make are refused, and so is a\n"
             "second load.",
  .example = "apimctl db sample --home /srv/km -o json",
  .options = options,
  .run = run,
};
