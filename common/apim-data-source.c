#include "config.h"
#include "common/apim-data-source.h"

#include "common/apim-secret.h"

#include <string.h>

#define MYSQL_PORT 3306
#define MAX_ACTIVE_DEFAULT 50
#define MAX_ACTIVE_MAXIMUM 10000
#define MAX_WAIT_DEFAULT_MS 60000
#define MAX_WAIT_MAXIMUM_MS (60 * 60 * 1000)

void
apim_data_source_free (ApimDataSource *source)
{
  if (source == NULL)
    return;
  g_free (source->jndi_name);
  g_free (source->path);
  g_free (source->host);
  g_free (source->unix_socket);
  g_free (source->database);
  g_free (source->user);
  apim_secret_free (source->password);
  g_free (source->validation_query);
  g_free (source);
}

static ApimDataSource *
data_source_new (const char *jndi_name)
{
  ApimDataSource *source = g_new0 (ApimDataSource, 1);

  source->jndi_name = g_strdup (jndi_name);
  source->max_active = MAX_ACTIVE_DEFAULT;
  source->max_wait_ms = MAX_WAIT_DEFAULT_MS;
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

static gboolean
refuse (GError **error, const char *reason)
{
  g_set_error_literal (error, APIM_CONFIG_ERROR, APIM_CONFIG_ERROR_VALUE, reason);
  return FALSE;
}

static gboolean
parse_sqlite (ApimDataSource *source, const char *path, const char *home, GError **error)
{
  if (*path == '\0' || *path == ':')
    return refuse (error, "a SQLite database needs a file: jdbc:sqlite:PATH");
  if (strchr (path, '?') != NULL || g_str_has_prefix (path, "file:"))
    return refuse (error, "parameters are not supported in a SQLite URL: write jdbc:sqlite:PATH");
  source->kind = APIM_DATABASE_SQLITE;
  g_free (source->path);
  source->path = g_canonicalize_filename (path, home);
  return TRUE;
}

/* HOST, HOST:PORT, [ADDRESS], [ADDRESS]:PORT or nothing. */
static gboolean
parse_address (ApimDataSource *source, const char *address, GError **error)
{
  g_autofree char *host = NULL;
  const char *port;
  guint64 number = MYSQL_PORT;

  if (strchr (address, ',') != NULL)
    return refuse (error, "the URL names several hosts, but one host is supported: put a balancer in front of them");
  if (strchr (address, '@') != NULL)
    return refuse (error, "user and password belong in the elements username and password, not in the URL");
  if (strpbrk (address, "()=%") != NULL)
    return refuse (error, "the host must be written as HOST or HOST:PORT");
  if (*address == '[')
    {
      gsize length = strcspn (address, "]");

      host = g_strndup (address + 1, length - 1);
      port = address + length + (address[length] == ']');
      if (address[length] != ']' || !g_hostname_is_ip_address (host))
        return refuse (error, "the address in brackets is not an IPv6 address");
    }
  else
    {
      gsize length = strcspn (address, ":");

      host = g_strndup (address, length);
      port = address + length;
    }
  if (*port != '\0' && (*port != ':' || !g_ascii_string_to_unsigned (port + 1, 10, 1, G_MAXUINT16, &number, NULL)))
    return refuse (error, "the port in the URL is not a port number (1-65535)");
  g_free (source->host);
  source->host = *host != '\0' ? g_steal_pointer (&host) : g_strdup ("localhost");
  source->port = (guint16) number;
  return TRUE;
}

static gboolean
parse_ssl_mode (ApimDataSource *source, const char *value, GError **error)
{
  /* The names of MySQL Connector/J and of MariaDB Connector/J. */
  static const struct
  {
    const char *word;
    gboolean use;
    gboolean verify;
  } modes[] = {
    { "DISABLED", FALSE, FALSE },    { "DISABLE", FALSE, FALSE },      { "PREFERRED", FALSE, FALSE },
    { "REQUIRED", TRUE, FALSE },     { "TRUST", TRUE, FALSE },         { "VERIFY_CA", TRUE, TRUE },
    { "VERIFY-CA", TRUE, TRUE },     { "VERIFY_IDENTITY", TRUE, TRUE }, { "VERIFY-FULL", TRUE, TRUE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (modes); i++)
    if (g_ascii_strcasecmp (value, modes[i].word) == 0)
      {
        source->use_tls = modes[i].use;
        source->verify_tls = modes[i].verify;
        return TRUE;
      }
  return refuse (error, "sslMode in the URL is none of DISABLED, PREFERRED, REQUIRED, VERIFY_CA, VERIFY_IDENTITY");
}

static gboolean
parse_url_bool (const char *name, const char *value, gboolean *on, GError **error)
{
  *on = g_ascii_strcasecmp (value, "true") == 0;
  if (*on || g_ascii_strcasecmp (value, "false") == 0)
    return TRUE;
  g_set_error (error, APIM_CONFIG_ERROR, APIM_CONFIG_ERROR_VALUE, "%s in the URL is neither true nor false", name);
  return FALSE;
}

/* Parameters that nobody here needs are fine. */
static gboolean
apply_parameter (ApimDataSource *source, const char *name, char *value, GError **error)
{
  gboolean on;

  if (strcmp (name, "useSSL") == 0 || strcmp (name, "requireSSL") == 0 || strcmp (name, "useSsl") == 0)
    {
      if (!parse_url_bool (name, value, &on, error))
        return FALSE;
      source->use_tls = source->use_tls || on;
    }
  else if (strcmp (name, "verifyServerCertificate") == 0)
    {
      if (!parse_url_bool (name, value, &on, error))
        return FALSE;
      source->verify_tls = source->verify_tls || on;
    }
  else if (strcmp (name, "sslMode") == 0)
    {
      return parse_ssl_mode (source, value, error);
    }
  else if (strcmp (name, "localSocket") == 0)
    {
      g_free (source->unix_socket);
      source->unix_socket = g_strdup (value);
    }
  else if (strcmp (name, "user") == 0)
    {
      g_free (source->user);
      source->user = g_strdup (value);
    }
  else if (strcmp (name, "password") == 0)
    {
      apim_secret_free (source->password);
      source->password = g_strdup (value);
    }
  return TRUE;
}

static gboolean
parse_parameters (ApimDataSource *source, const char *query, GError **error)
{
  g_auto (GStrv) pairs = g_strsplit (query, "&", 0);

  for (char **pair = pairs; *pair != NULL; pair++)
    {
      char *equals = strchr (*pair, '=');
      g_auto (ApimSecretText) value = equals != NULL ? g_uri_unescape_string (equals + 1, NULL) : g_strdup ("");

      if (value == NULL)
        return refuse (error, "a parameter of the URL has a % that is not followed by two hexadecimal digits");
      if (equals != NULL)
        *equals = '\0';
      if (!apply_parameter (source, *pair, value, error))
        return FALSE;
    }
  return TRUE;
}

/* @rest: what follows "jdbc:mysql:". */
static gboolean
parse_mysql (ApimDataSource *source, const char *rest, GError **error)
{
  g_autofree char *address = NULL;
  const char *slash;
  gsize length;

  if (!g_str_has_prefix (rest, "//"))
    return refuse (error,
                   "several servers or fail-over are not supported in the URL: write jdbc:mysql://HOST:PORT/NAME");
  rest += 2;
  length = strcspn (rest, "?");
  slash = memchr (rest, '/', length);
  if (slash == NULL || slash + 1 == rest + length)
    return refuse (error, "the URL names no database: write jdbc:mysql://HOST:PORT/NAME");
  if (memchr (slash + 1, '/', length - (gsize) (slash + 1 - rest)) != NULL)
    return refuse (error, "the database name in the URL has a slash");
  address = g_strndup (rest, (gsize) (slash - rest));
  if (!parse_address (source, address, error))
    return FALSE;
  source->kind = APIM_DATABASE_MYSQL;
  g_free (source->database);
  source->database = g_strndup (slash + 1, length - (gsize) (slash + 1 - rest));
  if (rest[length] == '?' && !parse_parameters (source, rest + length + 1, error))
    return FALSE;
  source->verify_tls = source->verify_tls && source->use_tls;
  return TRUE;
}

gboolean
apim_data_source_parse_url (ApimDataSource *source, const char *url, const char *home, GError **error)
{
  if (g_str_has_prefix (url, "jdbc:mysql:"))
    return parse_mysql (source, url + strlen ("jdbc:mysql:"), error);
  if (g_str_has_prefix (url, "jdbc:mariadb:"))
    return parse_mysql (source, url + strlen ("jdbc:mariadb:"), error);
  if (g_str_has_prefix (url, "jdbc:sqlite:"))
    return parse_sqlite (source, url + strlen ("jdbc:sqlite:"), home, error);
  if (g_str_has_prefix (url, "jdbc:h2:"))
    return refuse (error,
                   "an H2 database can only be opened by Java: name a MySQL or MariaDB database "
                   "(jdbc:mysql://HOST/NAME) or an SQLite file (jdbc:sqlite:PATH), or remove this data source to "
                   "use the embedded SQLite database");
  return refuse (error,
                 "the URL must be jdbc:mysql://HOST:PORT/NAME, jdbc:mariadb://HOST:PORT/NAME or jdbc:sqlite:PATH");
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

  if (!apim_xml_get_int (xml, settings, "maxActive", "a number of connections", 1, MAX_ACTIVE_MAXIMUM, &max_active,
                         error)
      || !apim_xml_get_int (xml, settings, "maxWait", "a time in ms", 1, MAX_WAIT_MAXIMUM_MS, &max_wait, error))
    return FALSE;
  source->max_active = (guint) max_active;
  source->max_wait_ms = (guint) max_wait;
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

gboolean
apim_data_source_equal (const ApimDataSource *a, const ApimDataSource *b)
{
  return a->kind == b->kind && g_strcmp0 (a->path, b->path) == 0 && g_strcmp0 (a->host, b->host) == 0
         && a->port == b->port && g_strcmp0 (a->unix_socket, b->unix_socket) == 0
         && g_strcmp0 (a->database, b->database) == 0 && g_strcmp0 (a->user, b->user) == 0
         && g_strcmp0 (a->password, b->password) == 0 && a->use_tls == b->use_tls && a->verify_tls == b->verify_tls
         && a->max_active == b->max_active && a->max_wait_ms == b->max_wait_ms
         && g_strcmp0 (a->validation_query, b->validation_query) == 0;
}

char *
apim_data_source_url (const ApimDataSource *source)
{
  g_autoptr (GString) url = NULL;
  gboolean bare_ipv6;

  if (source->kind == APIM_DATABASE_SQLITE)
    return g_strdup_printf ("jdbc:sqlite:%s", source->path);
  bare_ipv6 = strchr (source->host, ':') != NULL;
  url = g_string_new (NULL);
  g_string_printf (url, "jdbc:mysql://%s%s%s:%u/%s", bare_ipv6 ? "[" : "", source->host, bare_ipv6 ? "]" : "",
                   source->port, source->database);
  if (source->use_tls)
    g_string_append_printf (url, "?sslMode=%s", source->verify_tls ? "VERIFY_IDENTITY" : "REQUIRED");
  if (source->unix_socket != NULL)
    g_string_append_printf (url, "%clocalSocket=%s", source->use_tls ? '&' : '?', source->unix_socket);
  return g_steal_pointer (&url->str);
}
