#include "config.h"

#include "admin-cli/ctl-database-url.h"

#include "admin-cli/ctl-error.h"

#include <string.h>

/* One statement after the other: more connections are never needed. */
#define MAX_ACTIVE 2
#define MAX_WAIT_MS 60000

#define NO_PASSWORD "a password does not belong on the command line: use --password-file FILE"

static void
usage_error (GError **error, const char *why)
{
  ctl_error_set (error, CTL_ERROR_USAGE, NULL, "--url", "%s", why);
}

static gboolean
has_known_scheme (const char *url)
{
  return g_str_has_prefix (url, "jdbc:") || g_str_has_prefix (url, "mysql://") || g_str_has_prefix (url, "mariadb://")
         || g_str_has_prefix (url, "sqlite:");
}

/* The JDBC form of @url without the user, who goes to *user. NULL: a password stands in it. */
static char *
to_jdbc (const char *url, char **user, GError **error)
{
  const char *slashes = strstr (url, "://");
  if (g_str_has_prefix (url, "jdbc:") || slashes == NULL)
    return g_strconcat (g_str_has_prefix (url, "jdbc:") ? "" : "jdbc:", url, NULL);
  const char *host = slashes + 3;
  gsize length = strcspn (host, "/?");
  const char *at = memchr (host, '@', length);
  if (at == NULL)
    return g_strconcat ("jdbc:", url, NULL);
  if (memchr (host, ':', (gsize)(at - host)) != NULL)
    {
      usage_error (error, NO_PASSWORD);
      return NULL;
    }
  *user = g_uri_unescape_segment (host, at, NULL);
  if (*user == NULL)
    {
      usage_error (error, "the user in the URL has a % that is not followed by two hexadecimal digits");
      return NULL;
    }
  g_autofree char *scheme = g_strndup (url, (gsize)(host - url));
  return g_strconcat ("jdbc:", scheme, at + 1, NULL);
}

/* What a data source of the command line must and must not have. */
static gboolean
check_source (const ApimDataSource *source, GError **error)
{
  if (source->password != NULL)
    usage_error (error, NO_PASSWORD);
  else if (source->kind == APIM_DATABASE_MYSQL && (source->user == NULL || *source->user == '\0'))
    usage_error (error, "the URL names no user: use --user USER");
  else
    return TRUE;
  return FALSE;
}

ApimDataSource *
ctl_database_url_parse (const char *url, const char *user, GError **error)
{
  g_autofree char *url_user = NULL;
  if (!has_known_scheme (url))
    {
      usage_error (error, "the URL must be mysql://USER@HOST:PORT/NAME, mariadb://USER@HOST:PORT/NAME or sqlite:PATH (with "
                          "\"jdbc:\" in front, too)");
      return NULL;
    }
  g_autofree char *jdbc = to_jdbc (url, &url_user, error);
  if (jdbc == NULL)
    return NULL;
  g_autoptr (ApimDataSource) source = g_new0 (ApimDataSource, 1);
  g_autoptr (GError) reason = NULL;
  g_autofree char *folder = g_get_current_dir ();
  source->max_active = MAX_ACTIVE;
  source->max_wait_ms = MAX_WAIT_MS;
  if (!apim_data_source_parse_url (source, jdbc, folder, &reason))
    {
      usage_error (error, reason->message);
      return NULL;
    }
  if (url_user != NULL || source->user == NULL)
    {
      g_free (source->user);
      source->user = g_strdup (url_user != NULL ? url_user : user);
    }
  if (!check_source (source, error))
    return NULL;
  source->jndi_name = g_strdup (source->kind == APIM_DATABASE_SQLITE ? source->path : source->database);
  return g_steal_pointer (&source);
}
