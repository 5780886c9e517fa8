/* Which database registry.xml names, in the forms that installations have. */
#include "config.h"

#include "common/apim-registry-source.h"

#include <glib/gstdio.h>
#include <string.h>

#define SOURCE(name)                                                                                                   \
  "<datasource><name>" name "</name><jndiConfig><name>jdbc/" name "</name></jndiConfig><definition type=\"RDBMS\">"    \
  "<configuration><url>jdbc:mysql://db/" name "</url><username>u</username><password>p</password></configuration>"     \
  "</definition></datasource>"
#define MOUNT(path, target)                                                                                            \
  "<remoteInstance url=\"https://localhost\"><id>other</id><dbConfig>local</dbConfig></remoteInstance>"                \
  "<remoteInstance url=\"https://localhost\"><id>gov</id><dbConfig>shared</dbConfig></remoteInstance>"                 \
  "<mount path=\"/_system/config\" overwrite=\"true\"><instanceId>other</instanceId></mount>"                          \
  "<mount path=\"" path "\" overwrite=\"true\"><instanceId>gov</instanceId>" target "</mount>"
#define CONFIGS                                                                                                        \
  "<currentDBConfig>local</currentDBConfig><dbConfig name=\"local\"><dataSource>jdbc/WSO2CarbonDB</dataSource>"        \
  "</dbConfig><dbConfig name=\"shared\"><dataSource>jdbc/SharedDB</dataSource></dbConfig>"
#define SOURCES SOURCE ("WSO2CarbonDB") SOURCE ("WSO2REG_DB") SOURCE ("SharedDB")

typedef struct
{
  const char *name;
  const char *registry; /* (nullable): there is no such file */
  const char *sources;
  const char *database; /* NULL: none */
  const char *governance;
  const char *error; /* (nullable): words of it */
} Case;

static const Case cases[] = {
  { "mounted", CONFIGS MOUNT ("/_system/governance", "<targetPath>/_system/gov</targetPath>"), SOURCES, "SharedDB",
    "/_system/gov", NULL },
  { "no target", CONFIGS MOUNT ("/_system/governance", ""), SOURCES, "SharedDB", "/_system/governance", NULL },
  { "not mounted", CONFIGS MOUNT ("/_system/apim", ""), SOURCES, "WSO2CarbonDB", "/_system/governance", NULL },
  { "no file", NULL, SOURCES, "WSO2REG_DB", "/_system/governance", NULL },
  { "no file, one database", NULL, SOURCE ("WSO2CarbonDB"), "WSO2CarbonDB", "/_system/governance", NULL },
  { "nothing", NULL, SOURCE ("WSO2AM_DB"), NULL, "/_system/governance", NULL },
  { "no data source", CONFIGS MOUNT ("/_system/governance", ""), SOURCE ("WSO2REG_DB"), NULL, NULL, "jdbc/SharedDB" },
  { "no instance", CONFIGS "<mount path=\"/_system/governance\"><instanceId>x</instanceId></mount>", SOURCES, NULL,
    NULL, "has the id \"x\"" },
};

static void
write_file (const char *home, const char *name, const char *root, const char *content)
{
  g_autofree char *path = g_build_filename (home, "repository", "conf", name, NULL);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *xml = g_strdup_printf ("<%s>%s</%s>", root, content, root);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, xml, -1, NULL));
}

static void
remove_home (const char *home)
{
  static const char *const names[] = { "repository/conf/datasources/master-datasources.xml",
                                       "repository/conf/datasources",
                                       "repository/conf/registry.xml",
                                       "repository/conf",
                                       "repository",
                                       "." };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (home, names[i], NULL);

      g_remove (path);
    }
}

static void
test_case (gconstpointer data)
{
  const Case *each = data;
  g_autofree char *home = g_dir_make_tmp ("registry-source-XXXXXX", NULL);
  g_autoptr (ApimDataSource) source = NULL;
  g_autofree char *governance = NULL;
  g_autofree char *sources = g_strdup_printf ("<datasources>%s</datasources>", each->sources);
  g_autoptr (GError) error = NULL;
  gboolean done;

  write_file (home, "datasources/master-datasources.xml", "datasources-configuration", sources);
  if (each->registry != NULL)
    write_file (home, "registry.xml", "wso2registry", each->registry);
  done = apim_registry_source_read (home, &source, &governance, &error);
  remove_home (home);
  if (each->error != NULL)
    {
      g_assert_false (done);
      g_assert_nonnull (strstr (error->message, each->error));
      return;
    }
  g_assert_no_error (error);
  g_assert_cmpstr (source != NULL ? source->database : NULL, ==, each->database);
  g_assert_cmpstr (governance, ==, each->governance);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("/registry-source/%s", cases[i].name);

      g_test_add_data_func (path, &cases[i], test_case);
    }
  return g_test_run ();
}
