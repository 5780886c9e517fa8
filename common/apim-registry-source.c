#include "config.h"
#include "common/apim-registry-source.h"

#include <string.h>

#define REGISTRY_FILE "repository/conf/registry.xml"
#define DATA_SOURCES_FILE "repository/conf/datasources/master-datasources.xml"

static gboolean
has_attribute (xmlNode *node, const char *name, const char *value)
{
  xmlChar *attribute = xmlGetNoNsProp (node, (const xmlChar *)name);
  gboolean same = attribute != NULL && strcmp ((const char *)attribute, value) == 0;

  xmlFree (attribute);
  return same;
}

/* The "remoteInstance" whose <id> is @id, whose dbConfig is the name of one. (nullable) */
static gboolean
read_instance (const ApimXml *xml, const char *id, char **db_config, GError **error)
{
  for (xmlNode *node = apim_xml_find (xml, NULL, "remoteInstance"); node != NULL; node = apim_xml_next (node))
    {
      g_autofree char *found = NULL;

      if (!apim_xml_get_text (xml, node, "id", &found, error))
        return FALSE;
      if (g_strcmp0 (found, id) == 0)
        return apim_xml_get_text (xml, node, "dbConfig", db_config, error);
    }
  return TRUE;
}

/* *db_config: (out) (nullable): NULL: the tree is not mounted. */
static gboolean
read_mount (const ApimXml *xml, char **db_config, char **governance, GError **error)
{
  for (xmlNode *node = apim_xml_find (xml, NULL, "mount"); node != NULL; node = apim_xml_next (node))
    {
      g_autofree char *id = NULL;

      if (!has_attribute (node, "path", APIM_REGISTRY_GOVERNANCE))
        continue;
      return apim_xml_get_text (xml, node, "instanceId", &id, error)
             && apim_xml_get_text (xml, node, "targetPath", governance, error)
             && read_instance (xml, id, db_config, error)
             && (*db_config != NULL
                 || apim_xml_fail (xml, node, error, "no remoteInstance with a dbConfig has the id \"%s\"",
                                   id != NULL ? id : ""));
    }
  return TRUE;
}

static gboolean
read_name (const ApimXml *xml, char **data_source, char **governance, GError **error)
{
  g_autofree char *db_config = NULL;
  g_autofree char *path = NULL;

  if (!read_mount (xml, &db_config, governance, error)
      || (db_config == NULL && !apim_xml_get_text (xml, NULL, "currentDBConfig", &db_config, error)))
    return FALSE;
  if (db_config == NULL)
    return TRUE;
  path = g_strdup_printf ("dbConfig[%s]/dataSource", db_config);
  return apim_xml_get_text (xml, NULL, path, data_source, error);
}

gboolean
apim_registry_source_read (const char *home, ApimDataSource **source, char **governance, GError **error)
{
  static const char *const standard[] = { "jdbc/WSO2REG_DB", "jdbc/WSO2CarbonDB" };
  g_autoptr (ApimXml) registry = apim_xml_load (home, REGISTRY_FILE, error);
  g_autoptr (ApimXml) sources = registry != NULL ? apim_xml_load (home, DATA_SOURCES_FILE, error) : NULL;
  g_autofree char *name = NULL;
  g_autofree char *root = g_strdup (APIM_REGISTRY_GOVERNANCE);

  *source = NULL;
  *governance = NULL;
  if (sources == NULL || !read_name (registry, &name, &root, error))
    return FALSE;
  if (name != NULL && !apim_data_source_read (sources, name, home, source, error))
    return FALSE;
  if (name != NULL && *source == NULL)
    return apim_xml_fail (registry, apim_xml_find (registry, NULL, "dbConfig"), error,
                          "the data source \"%s\" is not defined in %s", name, DATA_SOURCES_FILE);
  for (guint i = 0; i < G_N_ELEMENTS (standard) && *source == NULL; i++)
    if (!apim_data_source_read (sources, standard[i], home, source, error))
      return FALSE;
  *governance = g_steal_pointer (&root);
  return TRUE;
}
