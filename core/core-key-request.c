#include "config.h"
#include "core/core-key-request.h"

#include "core/core-json.h"
#include "core/core-oauth-client.h"
#include "core/core-redirect.h"

#include <string.h>

#define GRANT_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_:.-"

void
core_key_plan_clear (CoreKeyPlan *plan)
{
  g_free (plan->callback_url);
  g_free (plan->grant_types);
  g_strfreev (plan->scopes);
  g_strfreev (plan->domains);
  memset (plan, 0, sizeof *plan);
}

static void
read_callback_url (const char *url, CoreKeyPlan *plan, GPtrArray *violations)
{
  if (url == NULL || *url == '\0')
    return;
  if (!g_str_has_prefix (url, "regexp=") && !core_redirect_is_usable (url))
    core_violations_add (violations, "callbackUrl", "\"%s\" is no absolute URL that a browser can be sent to", url);
  else if (g_utf8_strlen (url, -1) > CORE_REDIRECT_MAX_LENGTH)
    core_violations_add (violations, "callbackUrl", "the callback URL is longer than %d characters",
                         CORE_REDIRECT_MAX_LENGTH);
  else
    plan->callback_url = g_strdup (url);
}

/* Also grants that only WSO2's own nodes know ("iwa:ntlm"): they may share the database. */
static void
read_grant_types (const char *const *grants, CoreKeyPlan *plan, GPtrArray *violations)
{
  g_autoptr (GString) kept = g_string_new (NULL);

  for (guint i = 0; grants != NULL && grants[i] != NULL; i++)
    if (*grants[i] == '\0' || strspn (grants[i], GRANT_CHARACTERS) != strlen (grants[i]))
      core_violations_add (violations, "supportedGrantTypes", "\"%s\" is no name of a grant", grants[i]);
    else
      g_string_append_printf (kept, "%s%s", kept->len > 0 ? " " : "", grants[i]);
  if (kept->len > CORE_REDIRECT_MAX_LENGTH)
    core_violations_add (violations, "supportedGrantTypes", "the grants are longer than %d characters",
                         CORE_REDIRECT_MAX_LENGTH);
  else if (kept->len > 0)
    plan->grant_types = g_strdup (kept->str);
}

static void
read_scopes (const char *const *scopes, CoreKeyPlan *plan, GPtrArray *violations)
{
  g_autofree char *text = scopes != NULL ? g_strjoinv (" ", (char **) scopes) : NULL;

  plan->scopes = core_oauth_parse_scopes (text);
  if (plan->scopes == NULL)
    core_violations_add (violations, "scopes", "at most %d names of scopes can be asked for", CORE_OAUTH_MAX_SCOPES);
}

static void
read_domains (const char *const *domains, CoreKeyPlan *plan, GPtrArray *violations)
{
  guint length = domains != NULL ? g_strv_length ((char **) domains) : 0;

  if (length > CORE_KEY_MAX_DOMAINS)
    core_violations_add (violations, "accessAllowDomains", "at most %d domains are allowed", CORE_KEY_MAX_DOMAINS);
  for (guint i = 0; i < length; i++)
    if (*domains[i] == '\0' || strpbrk (domains[i], ", \t\n") != NULL)
      core_violations_add (violations, "accessAllowDomains", "\"%s\" is no domain", domains[i]);
  if (length > 0)
    plan->domains = g_strdupv ((char **) domains);
}

gboolean
core_key_plan_read (const CoreKeyRequest *request, CoreKeyPlan *plan, GError **error)
{
  g_autoptr (GPtrArray) violations = core_violations_new ();

  if (!st_key_type_parse (request->type, &plan->type))
    core_violations_add (violations, "keyType", "Invalid Token Type '%s' requested.",
                         request->type != NULL ? request->type : "");
  read_callback_url (request->callback_url, plan, violations);
  read_grant_types (request->grant_types, plan, violations);
  read_scopes (request->scopes, plan, violations);
  read_domains (request->domains, plan, violations);
  if (!core_oauth_parse_validity (request->validity, &plan->validity_s))
    core_violations_add (violations, "validityTime", "\"%s\" is no number of seconds", request->validity);
  return core_violations_check (violations, error);
}

char *
core_key_plan_inputs (const CoreKeyPlan *plan)
{
  GString *json = g_string_new ("{");

  core_json_append_member (json, "callback_url", plan->callback_url != NULL ? plan->callback_url : "");
  core_json_append_member (json, "grant_types", plan->grant_types != NULL ? plan->grant_types : "");
  g_string_append_c (json, '}');
  return g_string_free (json, FALSE);
}

static char *
text_of (const CoreJsonNode *root, const char *name)
{
  const char *text = core_json_string (core_json_member (root, name));

  return text != NULL && *text != '\0' ? g_strdup (text) : NULL;
}

void
core_key_plan_restore (const StKeyRecord *record, CoreKeyPlan *plan)
{
  const char *inputs = record->inputs != NULL ? record->inputs : "{}";
  g_autoptr (CoreJson) json = core_json_parse (inputs, strlen (inputs), NULL);

  core_key_plan_clear (plan);
  plan->type = record->type;
  if (json != NULL)
    {
      plan->callback_url = text_of (core_json_root (json), "callback_url");
      plan->grant_types = text_of (core_json_root (json), "grant_types");
    }
  plan->scopes = core_oauth_parse_scopes (record->token_scope);
  if (plan->scopes == NULL)
    plan->scopes = g_new0 (char *, 1);
  if (record->allowed_domains != NULL && *record->allowed_domains != '\0')
    plan->domains = g_strsplit (record->allowed_domains, ",", CORE_KEY_MAX_DOMAINS);
  plan->validity_s = record->validity_s;
}
