#include "config.h"
#include "common/apim-environments.h"

#include "common/apim-secret.h"

#include <string.h>

static const ApimXmlChoice types[] = {
  { "hybrid", APIM_ENVIRONMENT_HYBRID },
  { "production", APIM_ENVIRONMENT_PRODUCTION },
  { "sandbox", APIM_ENVIRONMENT_SANDBOX },
  { NULL, 0 },
};

const char *
apim_environment_type_text (ApimEnvironmentType type)
{
  return types[type].word;
}

void
apim_environment_free (ApimEnvironment *environment)
{
  if (environment == NULL)
    return;
  g_free (environment->name);
  g_free (environment->description);
  g_free (environment->server_url);
  g_free (environment->user);
  apim_secret_free (environment->password);
  g_free (environment->gateway_endpoint);
  g_free (environment->gateway_ws_endpoint);
  g_free (environment);
}

/* Attributes; without case, as WSO2 compares them. */
static gboolean
read_type (ApimEnvironment *environment, const ApimXml *xml, xmlNode *node, GError **error)
{
  xmlChar *type = xmlGetNoNsProp (node, (const xmlChar *) "type");
  xmlChar *console = xmlGetNoNsProp (node, (const xmlChar *) "api-console");
  gsize i = 0;

  while (type != NULL && types[i].word != NULL && g_ascii_strcasecmp ((const char *) type, types[i].word) != 0)
    i++;
  environment->type = (ApimEnvironmentType) types[i].value;
  environment->api_console = console == NULL || g_ascii_strcasecmp ((const char *) console, "true") == 0;
  xmlFree (type);
  xmlFree (console);
  return types[i].word != NULL
         || apim_xml_fail (xml, node, error, "the attribute type is not one of hybrid, production, sandbox");
}

/* Two slashes are one, because ${carbon.context} ends with one or not depending on the release; and the names
 * of services are put behind the last one. */
static char *
normalize_url (const char *text)
{
  g_autoptr (GString) url = g_string_new (NULL);
  const char *at = strstr (text, "://");

  at = at != NULL ? at + 3 : text;
  g_string_append_len (url, text, at - text);
  for (; *at != '\0'; at++)
    if (*at != '/' || url->str[url->len - 1] != '/')
      g_string_append_c (url, *at);
  if (url->str[url->len - 1] != '/')
    g_string_append_c (url, '/');
  return g_string_free (g_steal_pointer (&url), FALSE);
}

/* Only https: user and password of an administrator go there. */
static gboolean
read_server_url (ApimEnvironment *environment, const ApimXml *xml, xmlNode *node, GError **error)
{
  g_autofree char *text = NULL;
  g_autoptr (GUri) uri = NULL;
  xmlNode *element = apim_xml_find (xml, node, "ServerURL");

  if (element == NULL)
    return apim_xml_fail (xml, node, error, "the environment has no ServerURL");
  text = apim_xml_node_text (xml, element, error);
  if (text == NULL)
    return FALSE;
  if (strstr (text, "${") != NULL)
    return apim_xml_fail (xml, element, error, "there is a ${...} in it that is not known here: write what it means");
  uri = g_uri_parse (text, G_URI_FLAGS_NONE, NULL);
  if (uri == NULL || strcmp (g_uri_get_scheme (uri), "https") != 0 || g_uri_get_host (uri) == NULL
      || *g_uri_get_host (uri) == '\0' || g_uri_get_userinfo (uri) != NULL || g_uri_get_query (uri) != NULL
      || g_uri_get_fragment (uri) != NULL)
    return apim_xml_fail (xml, element, error,
                          "not the https URL of a gateway's services, such as https://gateway:9443/services/");
  environment->server_url = normalize_url (text);
  return TRUE;
}

static gboolean
read_credentials (ApimEnvironment *environment, const ApimXml *xml, xmlNode *node, GError **error)
{
  xmlNode *element = apim_xml_find (xml, node, "Password");

  if (!apim_xml_get_text (xml, node, "Username", &environment->user, error))
    return FALSE;
  if (element == NULL || xmlHasProp (element, (const xmlChar *) "secretAlias") != NULL)
    return TRUE;
  if (!apim_xml_get_secret (xml, node, "Password", &environment->password, error))
    return FALSE;
  if (*environment->password == '\0'
      || (g_str_has_prefix (environment->password, "${") && g_str_has_suffix (environment->password, "}")))
    g_clear_pointer (&environment->password, apim_secret_free);
  return TRUE;
}

static ApimEnvironment *
read_environment (const ApimXml *xml, xmlNode *node, GError **error)
{
  g_autoptr (ApimEnvironment) environment = g_new0 (ApimEnvironment, 1);

  if (!read_type (environment, xml, node, error) || !apim_xml_get_text (xml, node, "Name", &environment->name, error)
      || !apim_xml_get_text (xml, node, "Description", &environment->description, error)
      || !read_server_url (environment, xml, node, error) || !read_credentials (environment, xml, node, error)
      || !apim_xml_get_text (xml, node, "GatewayEndpoint", &environment->gateway_endpoint, error)
      || !apim_xml_get_text (xml, node, "GatewayWSEndpoint", &environment->gateway_ws_endpoint, error))
    return NULL;
  return g_steal_pointer (&environment);
}

/* A comma separates names where APIs list theirs. */
static gboolean
check_name (const ApimEnvironment *environment, const GPtrArray *before, const ApimXml *xml, xmlNode *node,
            GError **error)
{
  if (environment->name == NULL || *environment->name == '\0')
    return apim_xml_fail (xml, node, error, "the environment has no Name");
  if (strchr (environment->name, ',') != NULL || strcmp (environment->name, "none") == 0)
    return apim_xml_fail (xml, node, error, "the Name must have no comma, and not be \"none\"");
  if (apim_environments_find (before, environment->name) != NULL)
    return apim_xml_fail (xml, node, error, "there are two environments of this Name");
  if (before->len == APIM_ENVIRONMENTS_MAX)
    return apim_xml_fail (xml, node, error, "there are more than %d environments", APIM_ENVIRONMENTS_MAX);
  return TRUE;
}

static gboolean
add_environment (GPtrArray *environments, const ApimXml *xml, xmlNode *node, const char *standard_name, GError **error)
{
  g_autoptr (ApimEnvironment) environment = read_environment (xml, node, error);

  if (environment == NULL)
    return FALSE;
  if (environment->name == NULL)
    environment->name = g_strdup (standard_name);
  if (!check_name (environment, environments, xml, node, error))
    return FALSE;
  g_ptr_array_add (environments, g_steal_pointer (&environment));
  return TRUE;
}

GPtrArray *
apim_environments_read (const ApimXml *xml, GError **error)
{
  g_autoptr (GPtrArray) environments = g_ptr_array_new_with_free_func ((GDestroyNotify) apim_environment_free);
  xmlNode *gateway = apim_xml_find (xml, NULL, "APIGateway");
  xmlNode *list = apim_xml_find (xml, NULL, "APIGateway/Environments");

  for (xmlNode *node = apim_xml_find (xml, list, "Environment"); list != NULL && node != NULL;
       node = apim_xml_next (node))
    if (!add_environment (environments, xml, node, NULL, error))
      return NULL;
  if (list == NULL && gateway != NULL && apim_xml_find (xml, gateway, "ServerURL") != NULL
      && !add_environment (environments, xml, gateway, APIM_ENVIRONMENT_STANDARD_NAME, error))
    return NULL;
  return g_steal_pointer (&environments);
}

const ApimEnvironment *
apim_environments_find (const GPtrArray *environments, const char *name)
{
  for (guint i = 0; i < environments->len; i++)
    {
      const ApimEnvironment *environment = environments->pdata[i];

      if (strcmp (environment->name, name) == 0)
        return environment;
    }
  return NULL;
}

static gboolean
equal (const ApimEnvironment *a, const ApimEnvironment *b)
{
  return strcmp (a->name, b->name) == 0 && g_strcmp0 (a->description, b->description) == 0 && a->type == b->type
         && a->api_console == b->api_console && strcmp (a->server_url, b->server_url) == 0
         && g_strcmp0 (a->user, b->user) == 0 && g_strcmp0 (a->password, b->password) == 0
         && g_strcmp0 (a->gateway_endpoint, b->gateway_endpoint) == 0
         && g_strcmp0 (a->gateway_ws_endpoint, b->gateway_ws_endpoint) == 0;
}

gboolean
apim_environments_equal (const GPtrArray *a, const GPtrArray *b)
{
  if (a->len != b->len)
    return FALSE;
  for (guint i = 0; i < a->len; i++)
    if (!equal (a->pdata[i], b->pdata[i]))
      return FALSE;
  return TRUE;
}

char *
apim_environment_endpoint (const ApimEnvironment *environment, const char *scheme)
{
  g_auto (GStrv) urls = g_strsplit (environment->gateway_endpoint != NULL ? environment->gateway_endpoint : "", ",", -1);
  g_autofree char *prefix = g_strconcat (scheme, "://", NULL);

  for (guint i = 0; urls[i] != NULL; i++)
    {
      gsize length = strlen (g_strstrip (urls[i]));

      if (g_ascii_strncasecmp (urls[i], prefix, strlen (prefix)) == 0)
        return g_strndup (urls[i], urls[i][length - 1] == '/' ? length - 1 : length);
    }
  return NULL;
}
