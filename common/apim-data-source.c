#include "config.h"
#include "common/apim-data-source.h"

#include "common/apim-secret.h"

#include <string.h>

#define MAX_ACTIVE_DEFAULT 50
#define MAX_ACTIVE_MAXIMUM 10000
#define MAX_WAIT_DEFAULT_MS 60000
#define MAX_WAIT_MAXIMUM_MS (60 * 60 * 1000)
#define VALIDATION_INTERVAL_MAXIMUM_MS (60 * 60 * 1000)

void
apim_data_source_free (ApimDataSource *source)
{
  if (source == NULL)
    return;
  g_free (source->jndi_name);
  g_free (source->path);
  g_free (source->host);
  for (guint i = 0; i < source->n_others; i++)
    g_free (source->others[i].host);
  g_free (source->unix_socket);
  g_free (source->database);
  g_free (source->user);
  apim_secret_free (source->password);
  g_free (source->trust_store);
  apim_secret_free (source->trust_store_password);
  g_free (source->validation_query);
  g_free (source);
}

ApimDataSource *
apim_data_source_copy (const ApimDataSource *source)
{
  ApimDataSource *copy = g_memdup2 (source, sizeof *source);

  copy->jndi_name = g_strdup (source->jndi_name);
  copy->path = g_strdup (source->path);
  copy->host = g_strdup (source->host);
  for (guint i = 0; i < source->n_others; i++)
    copy->others[i].host = g_strdup (source->others[i].host);
  copy->unix_socket = g_strdup (source->unix_socket);
  copy->database = g_strdup (source->database);
  copy->user = g_strdup (source->user);
  copy->password = g_strdup (source->password);
  copy->trust_store = g_strdup (source->trust_store);
  copy->trust_store_password = g_strdup (source->trust_store_password);
  copy->validation_query = g_strdup (source->validation_query);
  return copy;
}

static ApimDataSource *
data_source_new (const char *jndi_name)
{
  ApimDataSource *source = g_new0 (ApimDataSource, 1);

  source->jndi_name = g_strdup (jndi_name);
  source->max_active = MAX_ACTIVE_DEFAULT;
  source->max_wait_ms = MAX_WAIT_DEFAULT_MS;
  source->validation_interval_ms = APIM_VALIDATION_INTERVAL_MS;
  return source;
}

ApimDataSource *
apim_data_source_new_embedded (const char *jndi_name, const char *home, const char *file_name)
{
  ApimDataSource *source = data_source_new (jndi_name);

  source->kind = APIM_DATABASE_SQLITE;
  source->path = apim_home_path (home, "database", file_name, NULL);
  return source;
}

static const char *
without_prefix (const char *jndi_name)
{
  return g_str_has_prefix (jndi_name, "jdbc/") ? jndi_name + strlen ("jdbc/") : jndi_name;
}

gboolean
apim_data_source_has_name (const char *jndi_name, const char *name)
{
  return strcmp (without_prefix (jndi_name), without_prefix (name)) == 0;
}

static gboolean
find_datasource (const ApimXml *xml, const char *jndi_name, xmlNode **found, GError **error)
{
  for (xmlNode *node = apim_xml_find (xml, NULL, "datasources/datasource"); node != NULL; node = apim_xml_next (node))
    {
      g_autofree char *name = NULL;

      if (!apim_xml_get_text (xml, node, "jndiConfig/name", &name, error))
        return FALSE;
      if (name != NULL && apim_data_source_has_name (name, jndi_name))
        {
          *found = node;
          return TRUE;
        }
    }
  return TRUE;
}

static gboolean
read_limits (ApimDataSource *source, const ApimXml *xml, xmlNode *settings, GError **error)
{
  gint64 max_active = MAX_ACTIVE_DEFAULT;
  gint64 max_wait = MAX_WAIT_DEFAULT_MS;
  gint64 interval = APIM_VALIDATION_INTERVAL_MS;

  if (!apim_xml_get_int (xml, settings, "maxActive", "a number of connections", 1, MAX_ACTIVE_MAXIMUM, &max_active,
                         error)
      || !apim_xml_get_int (xml, settings, "maxWait", "a time in ms", 1, MAX_WAIT_MAXIMUM_MS, &max_wait, error)
      || !apim_xml_get_int (xml, settings, "validationInterval", "a time in ms", 1, VALIDATION_INTERVAL_MAXIMUM_MS,
                            &interval, error))
    return FALSE;
  source->max_active = (guint) max_active;
  source->max_wait_ms = (guint) max_wait;
  source->validation_interval_ms = (guint) interval;
  return TRUE;
}

static gboolean
read_url (ApimDataSource *source, const ApimXml *xml, xmlNode *settings, const char *home, GError **error)
{
  g_autoptr (GError) reason = NULL;
  g_auto (ApimSecretText) url = NULL;
  xmlNode *node = apim_xml_find (xml, settings, "url");

  if (node == NULL)
    return apim_xml_fail (xml, settings, error, "the data source has no url");
  url = apim_xml_node_text (xml, node, error);
  if (url == NULL)
    return FALSE;
  if (!apim_data_source_parse_url (source, url, home, &reason))
    return apim_xml_fail (xml, node, error, "%s", reason->message);
  return TRUE;
}

static gboolean
read_settings (ApimDataSource *source, const ApimXml *xml, xmlNode *settings, const char *home, GError **error)
{
  if (!read_url (source, xml, settings, home, error) || !read_limits (source, xml, settings, error)
      || !apim_xml_get_text (xml, settings, "validationQuery", &source->validation_query, error))
    return FALSE;
  if (source->validation_query != NULL && *source->validation_query == '\0')
    g_clear_pointer (&source->validation_query, g_free);
  if (source->kind != APIM_DATABASE_MYSQL)
    return TRUE;
  if (!apim_xml_get_text (xml, settings, "username", &source->user, error)
      || !apim_xml_get_secret (xml, settings, "password", &source->password, error))
    return FALSE;
  if (source->user == NULL || *source->user == '\0')
    return apim_xml_fail (xml, settings, error, "the data source has no username");
  if (source->password == NULL)
    source->password = g_strdup ("");
  return TRUE;
}

gboolean
apim_data_source_read (const ApimXml *xml, const char *jndi_name, const char *home, ApimDataSource **source,
                       GError **error)
{
  g_autoptr (ApimDataSource) made = NULL;
  xmlNode *node = NULL;
  xmlNode *settings;

  *source = NULL;
  if (!find_datasource (xml, jndi_name, &node, error))
    return FALSE;
  if (node == NULL)
    return TRUE;
  settings = apim_xml_find (xml, node, "definition/configuration");
  if (settings == NULL)
    return apim_xml_fail (xml, node, error, "the data source has no definition/configuration");
  made = data_source_new (jndi_name);
  if (!read_settings (made, xml, settings, home, error))
    return FALSE;
  *source = g_steal_pointer (&made);
  return TRUE;
}

static gboolean
equal_servers (const ApimDataSource *a, const ApimDataSource *b)
{
  if (g_strcmp0 (a->host, b->host) != 0 || a->port != b->port || a->n_others != b->n_others)
    return FALSE;
  for (guint i = 0; i < a->n_others; i++)
    if (strcmp (a->others[i].host, b->others[i].host) != 0 || a->others[i].port != b->others[i].port)
      return FALSE;
  return TRUE;
}

static gboolean
equal_tls (const ApimDataSource *a, const ApimDataSource *b)
{
  return a->use_tls == b->use_tls && a->verify_tls == b->verify_tls && a->verify_tls_name == b->verify_tls_name
         && g_strcmp0 (a->trust_store, b->trust_store) == 0
         && g_strcmp0 (a->trust_store_password, b->trust_store_password) == 0;
}

gboolean
apim_data_source_equal (const ApimDataSource *a, const ApimDataSource *b)
{
  return a->kind == b->kind && g_strcmp0 (a->path, b->path) == 0 && equal_servers (a, b)
         && g_strcmp0 (a->unix_socket, b->unix_socket) == 0 && g_strcmp0 (a->database, b->database) == 0
         && g_strcmp0 (a->user, b->user) == 0 && g_strcmp0 (a->password, b->password) == 0 && equal_tls (a, b)
         && a->max_active == b->max_active && a->max_wait_ms == b->max_wait_ms
         && a->validation_interval_ms == b->validation_interval_ms
         && g_strcmp0 (a->validation_query, b->validation_query) == 0;
}
