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
  const char *others; /* "host:port" of the further servers, with blanks between */
  gboolean verify_name;
  const char *trust_store;
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
    .shown = "jdbc:mysql://db:3306/db?sslMode=VERIFY_IDENTITY", .verify_name = TRUE },
  { "jdbc:mysql://db/db?useSSL=true&verifyServerCertificate=true", APIM_DATABASE_MYSQL, NULL, "db", 3306, "db", TRUE,
    TRUE, .shown = "jdbc:mysql://db:3306/db?sslMode=VERIFY_IDENTITY", .verify_name = TRUE },
  { "jdbc:mysql://db/db?verifyServerCertificate=true", APIM_DATABASE_MYSQL, NULL, "db", 3306, "db",
    .shown = "jdbc:mysql://db:3306/db" },
  { "jdbc:mariadb://db/db?sslMode=verify-full&user=a%40b&localSocket=%2Frun%2Fmysqld.sock", APIM_DATABASE_MYSQL, NULL,
    "db", 3306, "db", TRUE, TRUE, "/run/mysqld.sock", "a@b",
    "jdbc:mysql://db:3306/db?sslMode=VERIFY_IDENTITY&localSocket=/run/mysqld.sock", .verify_name = TRUE },
  { "jdbc:mysql://db/db?sslMode=disabled&flag", APIM_DATABASE_MYSQL, NULL, "db", 3306, "db",
    .shown = "jdbc:mysql://db:3306/db" },

  /* A trust store that is named is used, unless the URL says otherwise; the name counts where it is asked for, or where
   * any public authority is trusted. */
  { "jdbc:mysql://db/db?useSSL=true&trustCertificateKeyStoreUrl=file:/etc/ca.pem", APIM_DATABASE_MYSQL, NULL, "db",
    3306, "db", TRUE, TRUE, .trust_store = "/etc/ca.pem",
    .shown = "jdbc:mysql://db:3306/db?sslMode=VERIFY_CA&trustCertificateKeyStoreUrl=file:/etc/ca.pem" },
  { "jdbc:mysql://db/db?trustCertificateKeyStoreUrl=file%3A%2F%2F%2Fetc%2Fca.p12&trustCertificateKeyStorePassword=hunter2"
    "&sslMode=VERIFY_IDENTITY", APIM_DATABASE_MYSQL, NULL, "db", 3306, "db", TRUE, TRUE, .trust_store = "/etc/ca.p12",
    .verify_name = TRUE,
    .shown = "jdbc:mysql://db:3306/db?sslMode=VERIFY_IDENTITY&trustCertificateKeyStoreUrl=file:/etc/ca.p12" },
  { "jdbc:mysql://db/db?useSSL=true&verifyServerCertificate=false&trustCertificateKeyStoreUrl=file:a.pem",
    APIM_DATABASE_MYSQL, NULL, "db", 3306, "db", TRUE, FALSE, .trust_store = "/home/a.pem",
    .shown = "jdbc:mysql://db:3306/db?sslMode=REQUIRED&trustCertificateKeyStoreUrl=file:/home/a.pem" },
  { "jdbc:mariadb://db/db?sslMode=verify-ca&serverSslCert=conf/ca.pem", APIM_DATABASE_MYSQL, NULL, "db", 3306, "db",
    TRUE, TRUE, .trust_store = "/home/conf/ca.pem",
    .shown = "jdbc:mysql://db:3306/db?sslMode=VERIFY_CA&trustCertificateKeyStoreUrl=file:/home/conf/ca.pem" },
  { "jdbc:mysql://db/db?sslMode=VERIFY_CA", APIM_DATABASE_MYSQL, NULL, "db", 3306, "db", TRUE, TRUE,
    .verify_name = TRUE, .shown = "jdbc:mysql://db:3306/db?sslMode=VERIFY_IDENTITY" },

  { "jdbc:mysql://a:3307,b/db", APIM_DATABASE_MYSQL, NULL, "a", 3307, "db", .others = "b:3306",
    .shown = "jdbc:mysql://a:3307,b:3306/db" },
  { "jdbc:mysql:loadbalance://a,[::1]:3308,c:1/db?useSSL=true", APIM_DATABASE_MYSQL, NULL, "a", 3306, "db", TRUE,
    .others = "::1:3308 c:1", .shown = "jdbc:mysql://a:3306,[::1]:3308,c:1/db?sslMode=REQUIRED" },
  { "jdbc:mariadb:sequential://a,b/db", APIM_DATABASE_MYSQL, NULL, "a", 3306, "db", .others = "b:3306",
    .shown = "jdbc:mysql://a:3306,b:3306/db" },
  { "jdbc:mariadb:aurora://a,b/db", APIM_DATABASE_MYSQL, NULL, "a", 3306, "db", .others = "b:3306",
    .shown = "jdbc:mysql://a:3306,b:3306/db" },
  { "jdbc:mysql:replication://primary,replica1,replica2/db", APIM_DATABASE_MYSQL, NULL, "primary", 3306, "db",
    .shown = "jdbc:mysql://primary:3306/db" },
  { "jdbc:mysql://a,b,c,d,e,f,g,h/db", APIM_DATABASE_MYSQL, NULL, "a", 3306, "db",
    .others = "b:3306 c:3306 d:3306 e:3306 f:3306 g:3306 h:3306",
    .shown = "jdbc:mysql://a:3306,b:3306,c:3306,d:3306,e:3306,f:3306,g:3306,h:3306/db" },
};

static char *
others_text (const ApimDataSource *source)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < source->n_others; i++)
    g_string_append_printf (text, "%s%s:%u", i > 0 ? " " : "", source->others[i].host, source->others[i].port);
  return g_string_free (text, FALSE);
}

static void
test_good_urls (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (good_urls); i++)
    {
      const GoodUrl *good = &good_urls[i];
      g_autoptr (ApimDataSource) source = g_new0 (ApimDataSource, 1);
      g_autoptr (GError) error = NULL;
      g_autofree char *shown = NULL;
      g_autofree char *others = NULL;

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
      g_assert_cmpint (source->verify_tls_name, ==, good->verify_name);
      g_assert_cmpstr (source->trust_store, ==, good->trust_store);
      others = others_text (source);
      g_assert_cmpstr (others, ==, good->others != NULL ? good->others : "");
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
    { "jdbc:mysql:roundrobin://a/db", "with more hosts after commas" },
    { "jdbc:mysql:loadbalance:a/db", "with more hosts after commas" },
    { "jdbc:mysql://a,/db", "empty" },
    { "jdbc:mysql://,a/db", "empty" },
    { "jdbc:mysql://a,b,c,d,e,f,g,h,i/db", "more than 8 hosts" },
    { "jdbc:mysql://a,b:0/db", "port" },
    { "jdbc:mysql:replication://a,b:0/db", "port" },
    { "jdbc:mysql://a,u:hunter2@b/db", "elements username and password" },
    { "jdbc:mysql://a/db?trustCertificateKeyStoreUrl=http://h/hunter2", "must be a file" },
    { "jdbc:mysql://a/db?trustCertificateKeyStoreUrl=file://h/x", "must be a file" },
    { "jdbc:mysql://a/db?trustCertificateKeyStoreUrl=", "must be a file" },
    { "jdbc:mysql://a/db?serverSslCert=classpath:x", "must be a file" },
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
    "jdbc:mysql://db,dc/a",
    "jdbc:mysql://db,dd/a",
    "jdbc:mysql://db,dc:3307/a",
    "jdbc:mysql://db/a?useSSL=true",
    "jdbc:mysql://db/a?sslMode=VERIFY_CA",
    "jdbc:mysql://db/a?sslMode=VERIFY_CA&serverSslCert=x",
    "jdbc:mysql://db/a?sslMode=VERIFY_IDENTITY&serverSslCert=x",
    "jdbc:mysql://db/a?sslMode=VERIFY_CA&serverSslCert=y",
    "jdbc:mysql://db/a?sslMode=VERIFY_CA&serverSslCert=x&trustCertificateKeyStorePassword=z",
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
        b->validation_interval_ms++;
        g_assert_false (apim_data_source_equal (a, b));
        b->validation_interval_ms--;
        b->max_active++;
        g_assert_false (apim_data_source_equal (a, b));
      }
}

static void
test_copy (void)
{
  g_autoptr (ApimDataSource) source = g_new0 (ApimDataSource, 1);
  g_autoptr (ApimDataSource) copy = NULL;

  source->jndi_name = g_strdup ("jdbc/X");
  source->validation_query = g_strdup ("SELECT 2");
  g_assert_true (apim_data_source_parse_url (source,
                                             "jdbc:mysql://a,b,c:5/d?user=u&password=p&localSocket=/s&useSSL=true"
                                             "&serverSslCert=x&trustCertificateKeyStorePassword=z",
                                             "/home", NULL));
  copy = apim_data_source_copy (source);
  g_assert_true (apim_data_source_equal (source, copy));
  g_assert_cmpstr (copy->jndi_name, ==, "jdbc/X");
  g_assert_true (copy->others[1].host != source->others[1].host);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/data-source/good-urls", test_good_urls);
  g_test_add_func ("/data-source/bad-urls", test_bad_urls);
  g_test_add_func ("/data-source/names", test_names);
  g_test_add_func ("/data-source/equal", test_equal);
  g_test_add_func ("/data-source/copy", test_copy);
  return g_test_run ();
}
