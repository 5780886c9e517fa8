#include "config.h"
#include "common/apim-config.h"

#include "common/apim-data-source.h"
#include "common/apim-environments.h"
#include "common/apim-limits.h"
#include "common/apim-saml-providers.h"
#include "common/apim-settings.h"

/* A value from a file may hold a line break; it must not look like a line of its own. */
static void
append_line (GString *text, const char *group, const char *name, const char *value)
{
  g_string_append_printf (text, "%s%s%s = ", group, *group != '\0' ? "/" : "", name);
  for (const char *c = value; *c != '\0'; c++)
    {
      if ((guchar) *c >= 0x20 && *c != 0x7f)
        g_string_append_c (text, *c);
      else
        g_string_append_printf (text, "\\x%02x", (guchar) *c);
    }
  g_string_append_c (text, '\n');
}

static void
append_number (GString *text, const char *group, const char *name, guint value)
{
  g_autofree char *number = g_strdup_printf ("%u", value);

  append_line (text, group, name, number);
}

static void
append_data_source (GString *text, const ApimDataSource *source)
{
  g_autofree char *group = g_strdup_printf ("datasources/datasource[%s]", source->jndi_name);
  g_autofree char *url = apim_data_source_url (source);

  append_line (text, group, "url", url);
  if (source->kind == APIM_DATABASE_MYSQL)
    {
      append_line (text, group, "username", source->user);
      append_line (text, group, "password", "********");
    }
  append_number (text, group, "maxActive", source->max_active);
  append_number (text, group, "maxWait", source->max_wait_ms);
  append_line (text, group, "validationQuery", source->validation_query != NULL ? source->validation_query : "(none)");
}

static void
append_environment (GString *text, const ApimEnvironment *environment)
{
  g_autofree char *group = g_strdup_printf ("APIGateway/Environments/Environment[%s]", environment->name);

  append_line (text, group, "type", apim_environment_type_text (environment->type));
  append_line (text, group, "ServerURL", environment->server_url);
  append_line (text, group, "Username", environment->user != NULL ? environment->user : "(none)");
  append_line (text, group, "Password", environment->password != NULL ? "********" : "(none)");
  append_line (text, group, "GatewayEndpoint",
               environment->gateway_endpoint != NULL ? environment->gateway_endpoint : "(none)");
}

/* @absent: what a list without words stands for. */
static void
append_list (GString *text, const char *group, const char *name, char *const *words, const char *absent)
{
  g_autofree char *joined = g_strjoinv (" ", (char **) words);

  append_line (text, group, name, *joined != '\0' ? joined : absent);
}

static void
append_saml_provider (GString *text, const ApimSamlProvider *provider)
{
  g_autofree char *group
      = g_strdup_printf ("Apimd/" APIM_SAML_PROVIDERS_NAME "/IdentityProvider[%s]", provider->issuer);

  append_line (text, group, "Certificate", provider->certificate);
  append_list (text, group, "Recipient", provider->recipients, "(the token endpoint)");
  append_list (text, group, "Audience", provider->audiences, "(the recipients)");
  append_list (text, group, "Tenant", provider->tenants, "");
  append_line (text, group, "WeakSignatures", provider->weak ? "true" : "false");
}

char *
apim_config_describe (const ApimConfig *config)
{
  GString *text = g_string_new (NULL);

  append_line (text, "", "home", config->home);
  for (gsize i = 0; i < apim_n_settings; i++)
    {
      g_autofree char *value = apim_setting_show (&apim_settings[i], config);

      append_line (text, "", apim_settings[i].path, value);
    }
  for (gsize i = 0; i < apim_n_limits; i++)
    append_number (text, "Apimd/Limits", apim_limits[i].name, apim_limits_get (&config->limits, &apim_limits[i]));
  for (guint i = 0; i < config->data_sources->len; i++)
    append_data_source (text, config->data_sources->pdata[i]);
  for (guint i = 0; i < config->environments->len; i++)
    append_environment (text, config->environments->pdata[i]);
  for (guint i = 0; i < config->saml_providers->len; i++)
    append_saml_provider (text, config->saml_providers->pdata[i]);
  return g_string_free (text, FALSE);
}

static void
add_name (GString *names, const char *name)
{
  g_string_append_printf (names, "%s%s", names->len > 0 ? ", " : "", name);
}

char *
apim_config_needs_restart (const ApimConfig *running, const ApimConfig *loaded)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (gsize i = 0; i < apim_n_settings; i++)
    if (apim_settings[i].restart && !apim_setting_equal (&apim_settings[i], running, loaded))
      add_name (names, apim_settings[i].path);
  for (gsize i = 0; i < apim_n_limits; i++)
    if (apim_limits[i].restart
        && apim_limits_get (&running->limits, &apim_limits[i]) != apim_limits_get (&loaded->limits, &apim_limits[i]))
      {
        g_autofree char *name = g_strconcat ("Apimd/Limits/", apim_limits[i].name, NULL);

        add_name (names, name);
      }
  for (guint i = 0; i < running->data_sources->len; i++)
    {
      const ApimDataSource *source = running->data_sources->pdata[i];
      const ApimDataSource *other = apim_config_data_source (loaded, source->jndi_name);
      g_autofree char *name = g_strdup_printf ("datasources/datasource[%s]", source->jndi_name);

      /* One that is no longer used shows as a change of the element that named it. */
      if (other != NULL && !apim_data_source_equal (source, other))
        add_name (names, name);
    }
  if (!apim_environments_equal (running->environments, loaded->environments))
    add_name (names, "APIGateway/Environments");
  if (!apim_saml_providers_equal (running->saml_providers, loaded->saml_providers))
    add_name (names, "Apimd/" APIM_SAML_PROVIDERS_NAME);
  return names->len > 0 ? g_strdup (names->str) : NULL;
}
