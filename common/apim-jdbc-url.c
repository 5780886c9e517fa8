/* JDBC URLs, as MySQL's and MariaDB's Connector/J read them, as far as they matter here. */
#include "config.h"
#include "common/apim-data-source.h"

#include "common/apim-secret.h"

#include <string.h>

#define MYSQL_PORT 3306

/* What the parameters of a URL said. */
typedef struct
{
  gboolean tls;
  gboolean verify_said; /* whether the certificate is checked was said, one way or the other */
  gboolean verify;
  gboolean verify_name;
} TlsWish;

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

/* HOST, HOST:PORT, [ADDRESS] or [ADDRESS]:PORT. */
static gboolean
parse_server (ApimDatabaseServer *server, const char *address, GError **error)
{
  g_autofree char *host = NULL;
  const char *port;
  guint64 number = MYSQL_PORT;

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
  server->host = *host != '\0' ? g_steal_pointer (&host) : g_strdup ("localhost");
  server->port = (guint16) number;
  return TRUE;
}

static void
clear_servers (ApimDataSource *source)
{
  g_clear_pointer (&source->host, g_free);
  for (guint i = 0; i < source->n_others; i++)
    g_clear_pointer (&source->others[i].host, g_free);
  source->n_others = 0;
}

/* One server, or several with commas between; nothing is localhost. */
static gboolean
parse_servers (ApimDataSource *source, const char *list, GError **error)
{
  g_auto (GStrv) addresses = g_strsplit (*list != '\0' ? list : "localhost", ",", -1);
  guint n = g_strv_length (addresses);

  clear_servers (source);
  if (n > APIM_DATABASE_MAX_SERVERS)
    return refuse (error, "the URL names more than 8 hosts");
  for (guint i = 0; i < n; i++)
    {
      ApimDatabaseServer server = { NULL, 0 };

      if (n > 1 && *addresses[i] == '\0')
        return refuse (error, "a host in the URL's list is empty");
      if (!parse_server (&server, addresses[i], error))
        return FALSE;
      if (i > 0)
        source->others[source->n_others++] = server;
      else
        {
          source->host = server.host;
          source->port = server.port;
        }
    }
  return TRUE;
}

static gboolean
parse_ssl_mode (TlsWish *wish, const char *value, GError **error)
{
  /* The names of MySQL Connector/J and of MariaDB Connector/J. */
  static const struct
  {
    const char *word;
    gboolean use;
    gboolean verify;
    gboolean verify_name;
  } modes[] = {
    { "DISABLED", FALSE, FALSE, FALSE }, { "DISABLE", FALSE, FALSE, FALSE },       { "PREFERRED", FALSE, FALSE, FALSE },
    { "REQUIRED", TRUE, FALSE, FALSE },  { "TRUST", TRUE, FALSE, FALSE },          { "VERIFY_CA", TRUE, TRUE, FALSE },
    { "VERIFY-CA", TRUE, TRUE, FALSE },  { "VERIFY_IDENTITY", TRUE, TRUE, TRUE },  { "VERIFY-FULL", TRUE, TRUE, TRUE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (modes); i++)
    if (g_ascii_strcasecmp (value, modes[i].word) == 0)
      {
        *wish = (TlsWish){ modes[i].use, TRUE, modes[i].verify, modes[i].verify_name };
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

/* trustCertificateKeyStoreUrl is a URL, serverSslCert a path; either way a file. */
static gboolean
parse_trust_store (ApimDataSource *source, const char *value, const char *home, GError **error)
{
  const char *path = value;

  if (g_str_has_prefix (path, "file:"))
    {
      path += strlen ("file:");
      if (g_str_has_prefix (path, "///"))
        path += 2;
    }
  if (*path == '\0' || g_str_has_prefix (path, "//") || strstr (path, "://") != NULL
      || g_str_has_prefix (path, "classpath:") || g_str_has_prefix (path, "-----BEGIN"))
    return refuse (error, "the trust store in the URL must be a file: file:/PATH");
  g_free (source->trust_store);
  source->trust_store = g_canonicalize_filename (path, home);
  return TRUE;
}

static gboolean
apply_tls_parameter (TlsWish *wish, const char *name, const char *value, GError **error)
{
  gboolean on;

  if (strcmp (name, "sslMode") == 0)
    return parse_ssl_mode (wish, value, error);
  if (!parse_url_bool (name, value, &on, error))
    return FALSE;
  if (strcmp (name, "verifyServerCertificate") == 0)
    {
      wish->verify = on;
      wish->verify_said = TRUE;
    }
  else
    wish->tls = wish->tls || on;
  return TRUE;
}

static void
set_text (char **text, const char *value)
{
  apim_secret_free (*text);
  *text = g_strdup (value);
}

/* Parameters that nobody here needs are fine. */
static gboolean
apply_parameter (ApimDataSource *source, TlsWish *wish, const char *name, const char *value, const char *home,
                 GError **error)
{
  static const char *const tls[] = { "useSSL", "useSsl", "requireSSL", "verifyServerCertificate", "sslMode", NULL };
  static const char *const stores[] = { "trustCertificateKeyStoreUrl", "serverSslCert", NULL };

  if (g_strv_contains (tls, name))
    return apply_tls_parameter (wish, name, value, error);
  if (g_strv_contains (stores, name))
    return parse_trust_store (source, value, home, error);
  if (strcmp (name, "trustCertificateKeyStorePassword") == 0)
    set_text (&source->trust_store_password, value);
  else if (strcmp (name, "localSocket") == 0)
    set_text (&source->unix_socket, value);
  else if (strcmp (name, "user") == 0)
    set_text (&source->user, value);
  else if (strcmp (name, "password") == 0)
    set_text (&source->password, value);
  return TRUE;
}

static gboolean
parse_parameters (ApimDataSource *source, TlsWish *wish, const char *query, const char *home, GError **error)
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
      if (!apply_parameter (source, wish, *pair, value, home, error))
        return FALSE;
    }
  return TRUE;
}

/* A trust store that is named is meant to be used. Any certificate of a public authority would do where only the chain
 * is checked against the system's authorities: there the name counts, too. */
static void
decide_tls (ApimDataSource *source, const TlsWish *wish)
{
  gboolean verify = wish->verify_said ? wish->verify : source->trust_store != NULL;

  source->use_tls = wish->tls;
  source->verify_tls = wish->tls && verify;
  source->verify_tls_name = source->verify_tls && (wish->verify_name || source->trust_store == NULL);
}

/* The word between "jdbc:mysql:" and "//". The servers are tried in their order whatever it is; but the servers behind
 * the first one of "replication" are replicas, which Connector/J asks on the caller's wish only, and WSO2 never has
 * that wish. */
static gboolean
parse_mode (const char **rest, gboolean *first_only)
{
  static const char *const words[]
      = { "", "replication:", "loadbalance:", "load-balance:", "failover:", "sequential:", "aurora:" };

  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_str_has_prefix (*rest, words[i]) && g_str_has_prefix (*rest + strlen (words[i]), "//"))
      {
        *rest += strlen (words[i]) + strlen ("//");
        *first_only = i == 1;
        return TRUE;
      }
  return FALSE;
}

/* @rest: what follows "jdbc:mysql:". */
static gboolean
parse_mysql (ApimDataSource *source, const char *rest, const char *home, GError **error)
{
  g_autofree char *servers = NULL;
  TlsWish wish = { 0 };
  gboolean first_only;
  const char *slash;
  gsize length;

  if (!parse_mode (&rest, &first_only))
    return refuse (error, "the URL must be written as jdbc:mysql://HOST:PORT/NAME, with more hosts after commas");
  length = strcspn (rest, "?");
  slash = memchr (rest, '/', length);
  if (slash == NULL || slash + 1 == rest + length)
    return refuse (error, "the URL names no database: write jdbc:mysql://HOST:PORT/NAME");
  if (memchr (slash + 1, '/', length - (gsize) (slash + 1 - rest)) != NULL)
    return refuse (error, "the database name in the URL has a slash");
  servers = g_strndup (rest, (gsize) (slash - rest));
  if (!parse_servers (source, servers, error))
    return FALSE;
  while (first_only && source->n_others > 0)
    g_clear_pointer (&source->others[--source->n_others].host, g_free);
  source->kind = APIM_DATABASE_MYSQL;
  g_free (source->database);
  source->database = g_strndup (slash + 1, length - (gsize) (slash + 1 - rest));
  if (rest[length] == '?' && !parse_parameters (source, &wish, rest + length + 1, home, error))
    return FALSE;
  decide_tls (source, &wish);
  return TRUE;
}

gboolean
apim_data_source_parse_url (ApimDataSource *source, const char *url, const char *home, GError **error)
{
  if (g_str_has_prefix (url, "jdbc:mysql:"))
    return parse_mysql (source, url + strlen ("jdbc:mysql:"), home, error);
  if (g_str_has_prefix (url, "jdbc:mariadb:"))
    return parse_mysql (source, url + strlen ("jdbc:mariadb:"), home, error);
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

static void
append_server (GString *url, const char *host, guint16 port)
{
  gboolean bare_ipv6 = strchr (host, ':') != NULL;

  g_string_append_printf (url, "%s%s%s:%u", bare_ipv6 ? "[" : "", host, bare_ipv6 ? "]" : "", port);
}

static void
append_parameter (GString *url, const char *name, const char *value)
{
  if (value != NULL)
    g_string_append_printf (url, "%c%s=%s", strchr (url->str, '?') == NULL ? '?' : '&', name, value);
}

char *
apim_data_source_url (const ApimDataSource *source)
{
  g_autoptr (GString) url = NULL;
  g_autofree char *trust_store = source->trust_store != NULL ? g_strconcat ("file:", source->trust_store, NULL) : NULL;
  const char *mode = source->verify_tls_name ? "VERIFY_IDENTITY" : source->verify_tls ? "VERIFY_CA" : "REQUIRED";

  if (source->kind == APIM_DATABASE_SQLITE)
    return g_strdup_printf ("jdbc:sqlite:%s", source->path);
  url = g_string_new ("jdbc:mysql://");
  append_server (url, source->host, source->port);
  for (guint i = 0; i < source->n_others; i++)
    {
      g_string_append_c (url, ',');
      append_server (url, source->others[i].host, source->others[i].port);
    }
  g_string_append_printf (url, "/%s", source->database);
  append_parameter (url, "sslMode", source->use_tls ? mode : NULL);
  append_parameter (url, "trustCertificateKeyStoreUrl", trust_store);
  append_parameter (url, "localSocket", source->unix_socket);
  return g_steal_pointer (&url->str);
}
