#include "config.h"
#include "common/apim-data-source.h"

#include <string.h>

typedef struct
{
  const char *url;
  ApimDatabaseKind kind;
  const char *path;
  const char *host;
  guint16 port;
  const char *database;
  gboolean use_tls, verify_tls;
  const char *unix_socket;
  const char *user;
  const char *shown; /* apim_data_source_url() */
} GoodUrl;

static const GoodUrl good_urls[] = {
  { "jdbc:sqlite:repository/database/a.sqlite", APIM_DATABASE_SQLITE, "/home/repository/database/a.sqlite",
    .shown = "jdbc:sqlite:/home/repository/database/a.sqlite" },
  { "jdbc:sqlite:/var/lib/../a b.sqlite", APIM_DATABASE_SQLITE, "/var/a b.sqlite",
    .shown = "jdbc:sqlite:/var/a b.sqlite" },
  { "jdbc:mysql://db.example:3307/apimgtdb?autoReconnect=true&useSSL=false", APIM_DATABASE_MYSQL, NULL, "db.example",
    3307, "apimgtdb", .shown = "jdbc:mysql://db.example:3307/apimgtdb" },
  { "jdbc:mysql://db/apimgtdb", APIM_DATABASE_MYSQL, NULL, "db", 3306, "apimgtdb",
    .shown = "jdbc:mysql://db:3306/apimgtdb" },
  { "jdbc:mariadb://db/apimgtdb?", APIM_DATABASE_MYSQL, NULL, "db", 3306, "apimgtdb",
    .shown = "jdbc:mysql://db:3306/apimgtdb" },
  { "jdbc:mysql:///apimgtdb", APIM_DATABASE_MYSQL, NULL, "localhost", 3306, "apimgtdb",
    .shown = "jdbc:mysql://localhost:3306/apimgtdb" },
  { "jdbc:mysql://[::1]:3307/db?useSSL=true", APIM_DATABASE_MYSQL, NULL, "::1", 3307, "db", TRUE,
    .shown = "jdbc:mysql://[::1]:3307/db?sslMode=REQUIRED" },
  { "jdbc:mysql://[::1]/db", APIM_DATABASE_MYSQL, NULL, "::1", 3306, "db", .shown = "jdbc:mysql://[::1]:3306/db" },
  { "jdbc:mysql://db/db?sslMode=VERIFY_IDENTITY", APIM_DATABASE_MYSQL, NULL, "db", 3306, "db", TRUE, TRUE,
    .shown = "jdbc:mysql://db:3306/db?sslMode=VERIFY_IDENTITY" },
  { "jdbc:mysql://db/db?useSSL=true&verifyServerCertificate=true", APIM_DATABASE_MYSQL, NULL, "db", 3306, "db", TRUE,
    TRUE, .shown = "jdbc:mysql://db:3306/db?sslMode=VERIFY_IDENTITY" },
  { "jdbc:mysql://db/db?verifyServerCertificate=true", APIM_DATABASE_MYSQL, NULL, "db", 3306, "db",
    .shown = "jdbc:mysql://db:3306/db" },
  { "jdbc:mariadb://db/db?sslMode=verify-full&user=a%40b&localSocket=%2Frun%2Fmysqld.sock", APIM_DATABASE_MYSQL, NULL,
    "db", 3306, "db", TRUE, TRUE, "/run/mysqld.sock", "a@b",
    "jdbc:mysql://db:3306/db?sslMode=VERIFY_IDENTITY&localSocket=/run/mysqld.sock" },
  { "jdbc:mysql://db/db?sslMode=disabled&flag", APIM_DATABASE_MYSQL, NULL, "db", 3306, "db",
    .shown = "jdbc:mysql://db:3306/db" },
};

static void
test_good_urls (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (good_urls); i++)
    {
      const GoodUrl *good = &good_urls[i];
      g_autoptr (ApimDataSource) source = g_new0 (ApimDataSource, 1);
      g_autoptr (GError) error = NULL;
      g_autofree char *shown = NULL;

      g_test_message ("%s", good->url);
      g_assert_true (apim_data_source_parse_url (source, good->url, "/home", &error));
      g_assert_no_error (error);
      g_assert_cmpint (source->kind, ==, good->kind);
      g_assert_cmpstr (source->path, ==, good->path);
      g_assert_cmpstr (source->host, ==, good->host);
      g_assert_cmpuint (source->port, ==, good->port);
      g_assert_cmpstr (source->database, ==, good->database);
      g_assert_cmpint (source->use_tls, ==, good->use_tls);
      g_assert_cmpint (source->verify_tls, ==, good->verify_tls);
      g_assert_cmpstr (source->unix_socket, ==, good->unix_socket);
      g_assert_cmpstr (source->user, ==, good->user);
      shown = apim_data_source_url (source);
      g_assert_cmpstr (shown, ==, good->shown);
    }
}

static void
test_bad_urls (void)
{
  static const struct
  {
    const char *url;
    const char *reason; /* a piece of it */
  } bad[] = {
    { "", "must be jdbc:mysql" },
    { "mysql://db/db", "must be jdbc:mysql" },
    { "jdbc:oracle:thin:@db:1521/db", "must be jdbc:mysql" },
    { "jdbc:h2:repository/database/WSO2AM_DB;AUTO_SERVER=TRUE", "only be opened by Java" },
    { "jdbc:sqlite:", "needs a file" },
    { "jdbc:sqlite::memory:", "needs a file" },
    { "jdbc:sqlite:a?mode=ro", "parameters" },
    { "jdbc:sqlite:file:a", "parameters" },
    { "jdbc:mysql:loadbalance://a/db", "fail-over" },
    { "jdbc:mariadb:sequential://a/db", "fail-over" },
    { "jdbc:mysql://a,b/db", "one host" },
    { "jdbc:mysql://a:3306,b:3306/db", "one host" },
    { "jdbc:mysql://u:hunter2@a/db", "elements username and password" },
    { "jdbc:mysql://address=(host=a)/db", "HOST or HOST:PORT" },
    { "jdbc:mysql://a", "names no database" },
    { "jdbc:mysql://a/", "names no database" },
    { "jdbc:mysql://a?x=/db", "names no database" },
    { "jdbc:mysql://a/?password=hunter2", "names no database" },
    { "jdbc:mysql://a/b/c", "slash" },
    { "jdbc:mysql://a:0/db", "port" },
    { "jdbc:mysql://a:65536/db", "port" },
    { "jdbc:mysql://a:/db", "port" },
    { "jdbc:mysql://::1/db", "port" },
    { "jdbc:mysql://[::1/db", "brackets" },
    { "jdbc:mysql://[a]/db", "brackets" },
    { "jdbc:mysql://[]/db", "brackets" },
    { "jdbc:mysql://[::1]3306/db", "port" },
    { "jdbc:mysql://a/db?password=hunter2&useSSL=maybe", "useSSL" },
    { "jdbc:mysql://a/db?sslMode=hunter2", "sslMode" },
    { "jdbc:mysql://a/db?password=hunter2%zz", "hexadecimal" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (ApimDataSource) source = g_new0 (ApimDataSource, 1);
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", bad[i].url);
      g_assert_false (apim_data_source_parse_url (source, bad[i].url, "/home", &error));
      g_assert_error (error, APIM_CONFIG_ERROR, APIM_CONFIG_ERROR_VALUE);
      g_assert_nonnull (strstr (error->message, bad[i].reason));
      g_assert_null (strstr (error->message, "hunter2"));
    }
}

static void
test_names (void)
{
  g_assert_true (apim_data_source_has_name ("jdbc/WSO2AM_DB", "WSO2AM_DB"));
  g_assert_true (apim_data_source_has_name ("WSO2AM_DB", "jdbc/WSO2AM_DB"));
  g_assert_true (apim_data_source_has_name ("jdbc/WSO2AM_DB", "jdbc/WSO2AM_DB"));
  g_assert_false (apim_data_source_has_name ("jdbc/WSO2AM_DB", "jdbc/WSO2UM_DB"));
  g_assert_false (apim_data_source_has_name ("jdbc/WSO2AM_DB", "wso2am_db"));
}

/* A difference in any member is a difference: a reload must not overlook one. */
static void
test_equal (void)
{
  static const char *const urls[] = {
    "jdbc:mysql://db/a",
    "jdbc:mysql://db/b",
    "jdbc:mysql://dc/a",
    "jdbc:mysql://db:3307/a",
    "jdbc:mysql://db/a?useSSL=true",
    "jdbc:mysql://db/a?sslMode=VERIFY_CA",
    "jdbc:mysql://db/a?localSocket=/x",
    "jdbc:mysql://db/a?user=x",
    "jdbc:mysql://db/a?password=x",
    "jdbc:sqlite:a",
    "jdbc:sqlite:b",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (urls); i++)
    for (gsize j = 0; j < G_N_ELEMENTS (urls); j++)
      {
        g_autoptr (ApimDataSource) a = g_new0 (ApimDataSource, 1);
        g_autoptr (ApimDataSource) b = g_new0 (ApimDataSource, 1);

        g_assert_true (apim_data_source_parse_url (a, urls[i], "/home", NULL));
        g_assert_true (apim_data_source_parse_url (b, urls[j], "/home", NULL));
        g_assert_cmpint (apim_data_source_equal (a, b), ==, i == j);
        b->max_active++;
        g_assert_false (apim_data_source_equal (a, b));
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/data-source/good-urls", test_good_urls);
  g_test_add_func ("/data-source/bad-urls", test_bad_urls);
  g_test_add_func ("/data-source/names", test_names);
  g_test_add_func ("/data-source/equal", test_equal);
  return g_test_run ();
}
