#include "config.h"
#include "tests/lib/registry-world.h"

static const char *const tables[] = {
  "REG_RESOURCE_TAG", "REG_TAG", "REG_RESOURCE_PROPERTY", "REG_PROPERTY", "REG_RESOURCE", "REG_CONTENT", "REG_PATH",
};

/* Numbers of rows; every test begins anew. */
static guint last_number;

static void run (WriteWorld *world, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
run (WriteWorld *world, const char *format, ...)
{
  g_autofree char *sql = NULL;
  va_list arguments;

  va_start (arguments, format);
  sql = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  write_world_run (world, sql);
}

void
registry_world_remove (WriteWorld *world)
{
  for (guint i = 0; i < G_N_ELEMENTS (tables); i++)
    run (world, "DROP TABLE IF EXISTS %s;\n", tables[i]);
}

void
registry_world_make (WriteWorld *world)
{
  registry_world_remove (world);
  last_number = 0;
  write_world_run (
      world,
      "CREATE TABLE REG_PATH (REG_PATH_ID INTEGER NOT NULL, REG_PATH_VALUE VARCHAR(750) NOT NULL,"
      " REG_PATH_PARENT_ID INTEGER, REG_TENANT_ID INTEGER DEFAULT 0, PRIMARY KEY (REG_PATH_ID, REG_TENANT_ID));\n"
      "CREATE TABLE REG_CONTENT (REG_CONTENT_ID INTEGER NOT NULL, REG_CONTENT_DATA LONGBLOB,"
      " REG_TENANT_ID INTEGER DEFAULT 0, PRIMARY KEY (REG_CONTENT_ID, REG_TENANT_ID));\n"
      "CREATE TABLE REG_RESOURCE (REG_PATH_ID INTEGER NOT NULL, REG_NAME VARCHAR(256), REG_VERSION INTEGER NOT"
      " NULL, REG_MEDIA_TYPE VARCHAR(500), REG_CREATOR VARCHAR(31) NOT NULL, REG_CONTENT_ID INTEGER,"
      " REG_TENANT_ID INTEGER DEFAULT 0, REG_UUID VARCHAR(100) NOT NULL, PRIMARY KEY (REG_VERSION,"
      " REG_TENANT_ID));\n"
      "CREATE TABLE REG_PROPERTY (REG_ID INTEGER NOT NULL, REG_NAME VARCHAR(100) NOT NULL, REG_VALUE"
      " VARCHAR(1000), REG_TENANT_ID INTEGER DEFAULT 0, PRIMARY KEY (REG_ID, REG_TENANT_ID));\n"
      "CREATE TABLE REG_RESOURCE_PROPERTY (REG_PROPERTY_ID INTEGER NOT NULL, REG_VERSION INTEGER,"
      " REG_PATH_ID INTEGER, REG_RESOURCE_NAME VARCHAR(256), REG_TENANT_ID INTEGER DEFAULT 0);\n"
      "CREATE TABLE REG_TAG (REG_ID INTEGER NOT NULL, REG_TAG_NAME VARCHAR(500) NOT NULL, REG_USER_ID"
      " VARCHAR(31) NOT NULL, REG_TENANT_ID INTEGER DEFAULT 0, PRIMARY KEY (REG_ID, REG_TENANT_ID));\n"
      "CREATE TABLE REG_RESOURCE_TAG (REG_TAG_ID INTEGER NOT NULL, REG_VERSION INTEGER, REG_PATH_ID INTEGER,"
      " REG_RESOURCE_NAME VARCHAR(256), REG_TENANT_ID INTEGER DEFAULT 0);\n");
}

static char *
hex (const char *content, gsize length)
{
  GString *text = g_string_sized_new (2 * length);

  for (gsize i = 0; i < length; i++)
    g_string_append_printf (text, "%02x", (guchar)content[i]);
  return g_string_free (text, FALSE);
}

/* Makes the folder where it is not there. */
static gint64
find_folder (WriteWorld *world, gint tenant_id, const char *folder)
{
  g_autofree char *select
      = g_strdup_printf ("SELECT COALESCE(MAX(REG_PATH_ID), 0) FROM REG_PATH WHERE REG_TENANT_ID = %d"
                         " AND REG_PATH_VALUE = '" REGISTRY_GOVERNANCE "%s'",
                         tenant_id, folder);
  gint64 id = write_world_number (world, select);

  if (id != 0)
    return id;
  run (world,
       "INSERT INTO REG_PATH (REG_PATH_ID, REG_PATH_VALUE, REG_TENANT_ID) VALUES (%u, '" REGISTRY_GOVERNANCE
       "%s', %d);\n",
       ++last_number, folder, tenant_id);
  return last_number;
}

guint
registry_world_add_file (WriteWorld *world, gint tenant_id, const char *folder, const char *name,
                         const char *media_type, const char *uuid, const char *content, gsize length)
{
  gint64 folder_id = find_folder (world, tenant_id, folder);
  guint version = ++last_number;

  run (world, "INSERT INTO REG_CONTENT (REG_CONTENT_ID, REG_TENANT_ID) VALUES (%u, %d);\n", version, tenant_id);
  run (world,
       "INSERT INTO REG_RESOURCE (REG_PATH_ID, REG_NAME, REG_VERSION, REG_MEDIA_TYPE, REG_CREATOR, REG_CONTENT_ID,"
       " REG_TENANT_ID, REG_UUID) VALUES (%" G_GINT64_FORMAT ", '%s', %u, '%s', 'admin', %u, %d, '%s');\n",
       folder_id, name, version, media_type, version, tenant_id, uuid != NULL ? uuid : "x");
  registry_world_set_content (world, version, content, length);
  return version;
}

void
registry_world_set_content (WriteWorld *world, guint version, const char *content, gsize length)
{
  g_autofree char *digits = hex (content, length);

  run (world, "UPDATE REG_CONTENT SET REG_CONTENT_DATA = X'%s' WHERE REG_CONTENT_ID = %u;\n", digits, version);
}

void
registry_world_add_property (WriteWorld *world, gint tenant_id, guint version, const char *name, const char *value)
{
  run (world, "INSERT INTO REG_PROPERTY (REG_ID, REG_NAME, REG_VALUE, REG_TENANT_ID) VALUES (%u, '%s', '%s', %d);\n",
       ++last_number, name, value, tenant_id);
  run (world, "INSERT INTO REG_RESOURCE_PROPERTY (REG_PROPERTY_ID, REG_VERSION, REG_TENANT_ID) VALUES (%u, %u, %d);\n",
       last_number, version, tenant_id);
}

void
registry_world_add_tag (WriteWorld *world, gint tenant_id, guint version, const char *tag, const char *user)
{
  run (world, "INSERT INTO REG_TAG (REG_ID, REG_TAG_NAME, REG_USER_ID, REG_TENANT_ID) VALUES (%u, '%s', '%s', %d);\n",
       ++last_number, tag, user, tenant_id);
  run (world, "INSERT INTO REG_RESOURCE_TAG (REG_TAG_ID, REG_VERSION, REG_TENANT_ID) VALUES (%u, %u, %d);\n",
       last_number, version, tenant_id);
}
