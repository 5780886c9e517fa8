#include "config.h"
#include "common/apim-config.h"

#include "common/apim-config-private.h"
#include "common/apim-data-source.h"
#include "common/apim-environments.h"
#include "common/apim-limits.h"
#include "common/apim-log.h"
#include "common/apim-pattern.h"
#include "common/apim-saml-providers.h"
#include "common/apim-secret.h"
#include "common/apim-xml-children.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <string.h>

#define CONF "repository/conf/"

G_DEFINE_QUARK (apim-config-error-quark, apim_config_error)

char *
apim_home_path (const char *home, const char *first, ...)
{
  g_autoptr (GPtrArray) parts = g_ptr_array_new ();
  va_list args;

  g_ptr_array_add (parts, (gpointer) home);
  g_ptr_array_add (parts, (gpointer) "repository");
  va_start (args, first);
  for (const char *part = first; part != NULL; part = va_arg (args, const char *))
    g_ptr_array_add (parts, (gpointer) part);
  va_end (args);
  g_ptr_array_add (parts, NULL);
  return g_build_filenamev ((char **) parts->pdata);
}

ApimConfig *
apim_config_ref (ApimConfig *config)
{
  g_atomic_int_inc (&config->ref_count);
  return config;
}

void
apim_config_unref (ApimConfig *config)
{
  if (config == NULL || !g_atomic_int_dec_and_test (&config->ref_count))
    return;
  for (gsize i = 0; i < apim_n_settings; i++)
    apim_setting_clear (&apim_settings[i], config);
  g_ptr_array_unref (config->data_sources);
  g_clear_pointer (&config->environments, g_ptr_array_unref);
  g_clear_pointer (&config->saml_providers, g_ptr_array_unref);
  g_free (config->home);
  g_free (config);
}

/* What ${carbon.local.ip} stands for: the host's first IPv4 address that others can reach. */
static char *
local_address (void)
{
  char text[INET_ADDRSTRLEN] = "127.0.0.1";
  struct ifaddrs *all = NULL;

  if (getifaddrs (&all) != 0)
    return g_strdup (text);
  for (struct ifaddrs *one = all; one != NULL; one = one->ifa_next)
    if (one->ifa_addr != NULL && one->ifa_addr->sa_family == AF_INET && (one->ifa_flags & IFF_UP) != 0
        && (one->ifa_flags & IFF_LOOPBACK) == 0)
      {
        struct sockaddr_in address;

        memcpy (&address, one->ifa_addr, sizeof address);
        inet_ntop (AF_INET, &address.sin_addr, text, sizeof text);
        break;
      }
  freeifaddrs (all);
  return g_strdup (text);
}

static GHashTable *
make_variables (const ApimConfig *config, ApimXml *const *files)
{
  GHashTable *variables = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) apim_secret_free);

  g_hash_table_insert (variables, (gpointer) "carbon.home", g_strdup (config->home));
  g_hash_table_insert (variables, (gpointer) "carbon.local.ip", local_address ());
  for (gsize i = 0; i < APIM_N_FILES; i++)
    apim_xml_set_variables (files[i], variables);
  return variables;
}

/* The administrator of user-mgt.xml stands in for ${admin.username} and ${admin.password} of the other files. */
static gboolean
add_admin_variables (const ApimConfig *config, const ApimXml *xml, GHashTable *variables, GError **error)
{
  xmlNode *node = apim_xml_find (xml, NULL, "Realm/Configuration/AdminUser/Password");
  char *password = NULL;

  g_hash_table_insert (variables, (gpointer) "admin.username", g_strdup (config->user_store.admin_user));
  /* A password in WSO2's vault is no error here: nothing of ours needs it unless another element names it. */
  if (node != NULL && xmlHasProp (node, (const xmlChar *) "secretAlias") == NULL
      && (password = apim_xml_node_text (xml, node, error)) == NULL)
    return FALSE;
  if (password != NULL)
    g_hash_table_insert (variables, (gpointer) "admin.password", password);
  return TRUE;
}

static void
add_port_variable (GHashTable *variables, const char *name, guint port)
{
  g_hash_table_insert (variables, (gpointer) name, g_strdup_printf ("%u", port));
}

/* What Carbon sets as properties of the JVM. */
static void
add_address_variables (const ApimConfig *config, GHashTable *variables)
{
  add_port_variable (variables, "mgt.transport.https.port", APIM_MANAGEMENT_PORT + config->port_offset);
  add_port_variable (variables, "http.nio.port", APIM_GATEWAY_HTTP_PORT + config->port_offset);
  add_port_variable (variables, "https.nio.port", APIM_GATEWAY_HTTPS_PORT + config->port_offset);
  g_hash_table_insert (variables, (gpointer) "carbon.context", g_strconcat (config->web_context_root, "/", NULL));
}

/* Users of a directory cannot be read; to look for them in the database instead would answer wrongly. */
static gboolean
check_user_store_class (const ApimXml *xml, GError **error)
{
  xmlNode *node = apim_xml_find (xml, NULL, "Realm/UserStoreManager");
  xmlChar *class_name = node != NULL ? xmlGetNoNsProp (node, (const xmlChar *) "class") : NULL;
  gboolean known = class_name == NULL || g_str_has_suffix ((const char *) class_name, ".JDBCUserStoreManager");

  xmlFree (class_name);
  if (!known)
    return apim_xml_fail (xml, node, error,
                          "only the user store org.wso2.carbon.user.core.jdbc.JDBCUserStoreManager is supported");
  return TRUE;
}

/* A user store can have a database of its own beside that of tenants and permissions; here one database has all. */
static gboolean
check_user_store_database (const ApimConfig *config, const ApimXml *xml, GError **error)
{
  static const char own_source[] = "Realm/UserStoreManager/Property[dataSource]";
  xmlNode *url = apim_xml_find (xml, NULL, "Realm/UserStoreManager/Property[url]");
  g_autofree char *name = g_strdup (config->user_store.data_source);

  if (url != NULL)
    return apim_xml_fail (xml, url, error,
                          "a user store with a URL of its own is not supported: define a data source, and name it in"
                          " Realm/Configuration/Property[dataSource]");
  if (!apim_xml_get_text (xml, NULL, own_source, &name, error))
    return FALSE;
  if (!apim_data_source_has_name (config->user_store.data_source, name))
    return apim_xml_fail (xml, apim_xml_find (xml, NULL, own_source), error,
                          "users in another database than Realm/Configuration/Property[dataSource] are not supported");
  return TRUE;
}

/* The first user store can have a name of its own, which its users' tokens carry: they are not found as PRIMARY's. */
static void
warn_of_domain_name (const ApimXml *xml)
{
  xmlNode *node = apim_xml_find (xml, NULL, "Realm/UserStoreManager/Property[DomainName]");
  g_autofree char *name = node != NULL ? apim_xml_node_text (xml, node, NULL) : NULL;
  g_autofree char *place = NULL;

  if (name == NULL || *name == '\0' || g_ascii_strcasecmp (name, "PRIMARY") == 0)
    return;
  place = apim_xml_place (xml, node);
  apim_warning ("config",
                "%s: the user store is called PRIMARY here: users who are known by another name of it have only their"
                " Internal and Application roles",
                place);
}

/* Java's regular expressions are nearly, not quite, the ones that are understood here. A node that writes no users
 * works without them, so they do not keep it from starting. */
static void
warn_of_patterns (const ApimXml *xml)
{
  static const char *const paths[]
      = { APIM_USER_NAME_PATTERN, APIM_EMAIL_PATTERN, APIM_ROLE_NAME_PATTERN, APIM_PASSWORD_PATTERN };

  for (gsize i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      xmlNode *node = apim_xml_find (xml, NULL, paths[i]);
      g_autofree char *text = node != NULL ? apim_xml_node_text (xml, node, NULL) : NULL;
      g_autoptr (GRegex) pattern = text != NULL ? apim_pattern_new (text) : NULL;
      g_autofree char *place = NULL;

      if (text == NULL || pattern != NULL)
        continue;
      place = apim_xml_place (xml, node);
      apim_warning ("config",
                    "%s: not a regular expression that is understood here (PCRE): whatever it is to check is refused",
                    place);
    }
}

/* An <Apimd> below @node that would be left alone, as elements are that nobody reads: with other letters, or in an element of
 * WSO2's. Whoever wrote it means its settings, addresses to listen on and limits among them. NULL: there is none. */
static xmlNode *
find_stray_own (xmlNode *node, gboolean top)
{
  for (xmlNode *child = node->children; child != NULL; child = child->next)
    {
      xmlNode *found;

      if (child->type != XML_ELEMENT_NODE)
        continue;
      if (g_ascii_strcasecmp ((const char *) child->name, "Apimd") == 0
          && !(top && g_str_equal (child->name, "Apimd")))
        return child;
      found = find_stray_own (child, FALSE);
      if (found != NULL)
        return found;
    }
  return NULL;
}

/* The names that <Apimd> may hold: those of the table of settings, the limits, and who reads an element of its own. */
static gboolean
check_own_elements (const ApimXml *xml, GError **error)
{
  g_autoptr (GPtrArray) settings = g_ptr_array_new ();
  g_autoptr (GPtrArray) limits = g_ptr_array_new ();
  xmlNode *own = apim_xml_find (xml, NULL, "Apimd");
  xmlNode *own_limits = apim_xml_find (xml, NULL, "Apimd/Limits");
  xmlNode *second = own != NULL ? apim_xml_next (own) : NULL;
  xmlNode *root = apim_xml_find (xml, NULL, "");
  xmlNode *stray = root != NULL ? find_stray_own (root, TRUE) : NULL;

  if (stray != NULL)
    return apim_xml_fail (xml, stray, error, "settings of our own stand in an element Apimd, directly in the outermost one");
  if (second != NULL)
    return apim_xml_fail (xml, second, error, "the element stands here a second time; the first is on line %ld",
                          xmlGetLineNo (own));
  g_ptr_array_add (settings, (gpointer) "Limits");
  g_ptr_array_add (settings, (gpointer) APIM_SAML_PROVIDERS_NAME);
  for (gsize i = 0; i < apim_n_settings; i++)
    if (apim_settings[i].file == APIM_FILE_API_MANAGER && g_str_has_prefix (apim_settings[i].path, "Apimd/"))
      g_ptr_array_add (settings, (gpointer) (apim_settings[i].path + strlen ("Apimd/")));
  for (gsize i = 0; i < apim_n_limits; i++)
    g_ptr_array_add (limits, (gpointer) apim_limits[i].name);
  return (own == NULL || apim_xml_check_children (xml, own, settings, NULL, error))
         && (own_limits == NULL || apim_xml_check_children (xml, own_limits, limits, NULL, error));
}

static gboolean
read_limits (ApimConfig *config, const ApimXml *xml, GError **error)
{
  xmlNode *parent = apim_xml_find (xml, NULL, "Apimd/Limits");

  for (gsize i = 0; i < apim_n_limits && parent != NULL; i++)
    {
      const ApimLimit *limit = &apim_limits[i];
      g_autofree char *what = g_strdup_printf ("a number of %s", limit->unit);
      gint64 value = limit->standard;

      if (!apim_xml_get_int (xml, parent, limit->name, what, limit->minimum, limit->maximum, &value, error))
        return FALSE;
      apim_limits_set (&config->limits, limit, (guint) value);
    }
  return TRUE;
}

static gboolean
read_settings (ApimConfig *config, ApimConfigFile file, const ApimXml *xml, GError **error)
{
  for (gsize i = 0; i < apim_n_settings; i++)
    if (apim_settings[i].file == file && !apim_setting_read (&apim_settings[i], config, xml, error))
      return FALSE;
  return TRUE;
}

static gboolean
apply_port_offset (ApimConfig *config, int port_offset, GError **error)
{
  if (port_offset == -1)
    return TRUE;
  if (port_offset < 0 || port_offset > APIM_PORT_OFFSET_MAX)
    {
      g_set_error (error, APIM_CONFIG_ERROR, APIM_CONFIG_ERROR_VALUE, "--port-offset: %d is not a port offset (0-%d)",
                   port_offset, APIM_PORT_OFFSET_MAX);
      return FALSE;
    }
  config->port_offset = (guint) port_offset;
  return TRUE;
}

/* @naming, @path: the file and element that may name the data source. The embedded database stands for a missing
 * definition, but not where an operator has named one and the file has others: that is a typing error which would
 * start an empty database. */
static gboolean
add_data_source (ApimConfig *config, const char *jndi_name, const char *embedded, const ApimXml *naming,
                 const char *path, const ApimXml *xml, GError **error)
{
  g_autoptr (ApimDataSource) source = NULL;
  xmlNode *named = apim_xml_find (naming, NULL, path);

  if (apim_config_data_source (config, jndi_name) != NULL)
    return TRUE;
  if (!apim_data_source_read (xml, jndi_name, config->home, &source, error))
    return FALSE;
  if (source == NULL && named != NULL && apim_xml_find (xml, NULL, "datasources/datasource") != NULL)
    return apim_xml_fail (naming, named, error, "\"%s\" is not defined in %s", jndi_name, xml->label);
  if (source == NULL)
    source = apim_data_source_new_embedded (jndi_name, config->home, embedded);
  g_ptr_array_add (config->data_sources, g_steal_pointer (&source));
  return TRUE;
}

static gboolean
read_data_sources (ApimConfig *config, ApimXml *const *files, GError **error)
{
  const ApimXml *xml = files[APIM_FILE_DATA_SOURCES];

  return add_data_source (config, config->api_data_source, "apimgtdb.sqlite", files[APIM_FILE_API_MANAGER],
                          "DataSourceName", xml, error)
         && add_data_source (config, config->user_store.data_source, "userdb.sqlite", files[APIM_FILE_USER_MGT],
                             "Realm/Configuration/Property[dataSource]", xml, error);
}

static gboolean
read_environments (ApimConfig *config, const ApimXml *xml, GHashTable *variables, GError **error)
{
  add_port_variable (variables, "mgt.transport.https.port", config->https.port); /* Apimd/HttpsPort may have moved it */
  config->environments = apim_environments_read (xml, error);
  return config->environments != NULL;
}

static gboolean
read_saml_providers (ApimConfig *config, const ApimXml *xml, GError **error)
{
  config->saml_providers = apim_saml_providers_read (xml, config->home, error);
  return config->saml_providers != NULL;
}

static gboolean
read_before_api_manager (ApimConfig *config, int port_offset, ApimXml *const *files, GHashTable *variables,
                         GError **error)
{
  if (!read_settings (config, APIM_FILE_USER_MGT, files[APIM_FILE_USER_MGT], error)
      || !check_user_store_class (files[APIM_FILE_USER_MGT], error)
      || !check_user_store_database (config, files[APIM_FILE_USER_MGT], error)
      || !add_admin_variables (config, files[APIM_FILE_USER_MGT], variables, error)
      || !read_settings (config, APIM_FILE_CARBON, files[APIM_FILE_CARBON], error)
      || !apply_port_offset (config, port_offset, error))
    return FALSE;
  add_address_variables (config, variables);
  return TRUE;
}

static gboolean
read_all (ApimConfig *config, int port_offset, ApimXml *const *files, GHashTable *variables, GError **error)
{
  if (!read_before_api_manager (config, port_offset, files, variables, error)
      || !check_own_elements (files[APIM_FILE_API_MANAGER], error)
      || !read_settings (config, APIM_FILE_API_MANAGER, files[APIM_FILE_API_MANAGER], error)
      || !read_limits (config, files[APIM_FILE_API_MANAGER], error)
      || !read_environments (config, files[APIM_FILE_API_MANAGER], variables, error)
      || !read_saml_providers (config, files[APIM_FILE_API_MANAGER], error)
      || !read_settings (config, APIM_FILE_IDENTITY, files[APIM_FILE_IDENTITY], error)
      || !read_settings (config, APIM_FILE_THRIFT_AUTHENTICATION, files[APIM_FILE_THRIFT_AUTHENTICATION], error)
      || !read_data_sources (config, files, error))
    return FALSE;
  if (config->key_store.location == NULL)
    config->key_store.type = APIM_KEY_STORE_PEM; /* what the node's own keys are */
  warn_of_domain_name (files[APIM_FILE_USER_MGT]);
  warn_of_patterns (files[APIM_FILE_USER_MGT]);
  return TRUE;
}

ApimConfig *
apim_config_build (const char *home, int port_offset, ApimXml *const *files, GError **error)
{
  g_autoptr (ApimConfig) config = g_new0 (ApimConfig, 1);
  g_autoptr (GHashTable) variables = NULL;

  config->ref_count = 1;
  config->home = g_canonicalize_filename (home, NULL);
  config->data_sources = g_ptr_array_new_with_free_func ((GDestroyNotify) apim_data_source_free);
  apim_limits_init (&config->limits);
  variables = make_variables (config, files);
  if (!read_all (config, port_offset, files, variables, error))
    return NULL;
  return g_steal_pointer (&config);
}

/* WSO2 2.x moved the identity files into a folder of their own. */
static const char *
file_label (const char *home, ApimConfigFile file)
{
  static const struct
  {
    const char *first, *second;
  } labels[APIM_N_FILES] = {
    [APIM_FILE_USER_MGT] = { CONF "user-mgt.xml", NULL },
    [APIM_FILE_CARBON] = { CONF "carbon.xml", NULL },
    [APIM_FILE_API_MANAGER] = { CONF "api-manager.xml", NULL },
    [APIM_FILE_IDENTITY] = { CONF "identity/identity.xml", CONF "identity.xml" },
    [APIM_FILE_THRIFT_AUTHENTICATION] = { CONF "identity/thrift-authentication.xml", CONF "thrift-authentication.xml" },
    [APIM_FILE_DATA_SOURCES] = { CONF "datasources/master-datasources.xml", NULL },
  };
  g_autofree char *path = g_build_filename (home, labels[file].first, NULL);

  if (labels[file].second == NULL || g_file_test (path, G_FILE_TEST_EXISTS))
    return labels[file].first;
  return labels[file].second;
}

ApimConfig *
apim_config_load (const char *home, int port_offset, GError **error)
{
  ApimXml *files[APIM_N_FILES] = { NULL };
  ApimConfig *config = NULL;
  gsize n_read = 0;

  while (n_read < APIM_N_FILES)
    {
      files[n_read] = apim_xml_load (home, file_label (home, (ApimConfigFile) n_read), error);
      if (files[n_read] == NULL)
        break;
      n_read++;
    }
  if (n_read == APIM_N_FILES)
    config = apim_config_build (home, port_offset, files, error);
  for (gsize i = 0; i < n_read; i++)
    apim_xml_free (files[i]);
  return config;
}

const ApimDataSource *
apim_config_data_source (const ApimConfig *config, const char *jndi_name)
{
  for (guint i = 0; i < config->data_sources->len; i++)
    {
      const ApimDataSource *source = config->data_sources->pdata[i];

      if (apim_data_source_has_name (source->jndi_name, jndi_name))
        return source;
    }
  return NULL;
}
