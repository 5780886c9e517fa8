#include "config.h"
#include "store/st-resource-writes.h"

#include "store/st-columns.h"

#include <string.h>

#define UNLIMITED "Unlimited"

char *
st_resource_path (const StStoredApi *api, const char *url_pattern, const char *verb)
{
  return g_strdup_printf ("%s/%s%s:%s", api->context, api->identity.version, url_pattern, verb);
}

static const char *
display_name (const StApiScope *scope)
{
  return scope->name != NULL && *scope->name != '\0' ? scope->name : scope->key;
}

static gboolean
check_roles (const StColumns *bindings, const StApiScope *scope, GError **error)
{
  for (const char *const *role = scope->roles; role != NULL && *role != NULL; role++)
    {
      const StText texts[] = { { "SCOPE_BINDING", *role, 255, ST_TEXT_OPTIONAL } };

      if (bindings != NULL && !st_columns_check (bindings, texts, G_N_ELEMENTS (texts), error))
        return FALSE;
      if (strchr (*role, ',') == NULL)
        continue;
      g_set_error_literal (error, ST_ERROR, ST_ERROR_DATA, "a role of a scope has a comma, which stands between roles");
      return FALSE;
    }
  return TRUE;
}

/* The roles, trimmed, without empty ones and repetitions. */
static GPtrArray *
clean_roles (const StApiScope *scope)
{
  GPtrArray *roles = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (const char *const *role = scope->roles; role != NULL && *role != NULL; role++)
    {
      g_autofree char *text = g_strstrip (g_strdup (*role));

      if (*text == '\0' || g_hash_table_contains (seen, text))
        continue;
      g_hash_table_add (seen, text);
      g_ptr_array_add (roles, g_steal_pointer (&text));
    }
  return roles;
}

static char *
join_roles (const StApiScope *scope)
{
  g_autoptr (GPtrArray) roles = clean_roles (scope);

  g_ptr_array_add (roles, NULL);
  return g_strjoinv (",", (char **) roles->pdata);
}

static gboolean
check_scope (const StColumns *scopes, const StColumns *bindings, const StApiScope *scope, GError **error)
{
  g_autofree char *roles = join_roles (scope);
  const StText with_bindings[] = {
    { "NAME", scope->key, 255, ST_TEXT_REQUIRED },
    { "DISPLAY_NAME", scope->name, 255, ST_TEXT_OPTIONAL },
    { "DESCRIPTION", scope->description, 512, ST_TEXT_OPTIONAL },
  };
  const StText with_roles[] = {
    { "SCOPE_KEY", scope->key, 100, ST_TEXT_REQUIRED },
    { "NAME", scope->name, 255, ST_TEXT_OPTIONAL },
    { "DESCRIPTION", scope->description, 512, ST_TEXT_OPTIONAL },
    { "ROLES", roles, 500, ST_TEXT_OPTIONAL },
  };

  if (!check_roles (bindings, scope, error)
      || !(bindings != NULL ? st_columns_check (scopes, with_bindings, G_N_ELEMENTS (with_bindings), error)
                            : st_columns_check (scopes, with_roles, G_N_ELEMENTS (with_roles), error)))
    return FALSE;
  if (strpbrk (scope->key, " \t\r\n") == NULL)
    return TRUE;
  g_set_error_literal (error, ST_ERROR, ST_ERROR_DATA,
                       "the key of a scope has a blank, which stands between the scopes of a token");
  return FALSE;
}

/* @keys: (out): the keys of the scopes. */
static gboolean
check_scopes (StWriter *writer, const StApiDesign *design, GHashTable *keys, GError **error)
{
  gboolean has_bindings = st_writer_has (writer, ST_CAP_SCOPE_BINDING);
  g_autoptr (StColumns) scopes = st_columns_read (writer, "IDN_OAUTH2_SCOPE", error);
  g_autoptr (StColumns) bindings = NULL;

  if (scopes == NULL)
    return FALSE;
  if (has_bindings && (bindings = st_columns_read (writer, "IDN_OAUTH2_SCOPE_BINDING", error)) == NULL)
    return FALSE;
  for (guint i = 0; i < design->n_scopes; i++)
    {
      if (!check_scope (scopes, bindings, &design->scopes[i], error))
        {
          g_prefix_error (error, "scope %u: ", i + 1);
          return FALSE;
        }
      if (g_hash_table_add (keys, (gpointer) design->scopes[i].key))
        continue;
      g_set_error (error, ST_ERROR, ST_ERROR_DATA, "scope %u has the key of another", i + 1);
      return FALSE;
    }
  return TRUE;
}

static const char *
wrong_in_resource (const StApiResource *resource, GHashTable *scope_keys)
{
  static const char *const schemes[] = { "None", "Application", "Application_User", "Any", NULL };

  if (!g_strv_contains (schemes, resource->auth_scheme))
    return "its authentication is none of None, Application, Application_User and Any";
  if (resource->url_pattern[0] != '/')
    return "its URL pattern does not begin with \"/\"";
  if (strspn (resource->verb, "ABCDEFGHIJKLMNOPQRSTUVWXYZ*") != strlen (resource->verb))
    return "its verb is not in capital letters";
  if (resource->scope != NULL && !g_hash_table_contains (scope_keys, resource->scope))
    return "its scope is not among the API's";
  return NULL;
}

typedef struct
{
  const StStoredApi *api;
  StColumns *mappings;
  StColumns *paths;
  GHashTable *scope_keys;
  GHashTable *seen; /* paths */
} ResourceCheck;

static gboolean
check_resource (ResourceCheck *check, const StApiResource *resource, GError **error)
{
  const StText texts[] = {
    { "HTTP_METHOD", resource->verb, 20, ST_TEXT_REQUIRED },
    { "URL_PATTERN", resource->url_pattern, 512, ST_TEXT_REQUIRED },
    { "AUTH_SCHEME", resource->auth_scheme, 50, ST_TEXT_REQUIRED },
    { "THROTTLING_TIER", resource->throttling_tier, 512, ST_TEXT_OPTIONAL },
    { "MEDIATION_SCRIPT", resource->mediation_script, 65535, ST_TEXT_OPTIONAL },
  };
  g_autofree char *path = NULL;
  const char *wrong;

  if (!st_columns_check (check->mappings, texts, G_N_ELEMENTS (texts), error))
    return FALSE;
  path = st_resource_path (check->api, resource->url_pattern, resource->verb);
  if (resource->scope != NULL)
    {
      const StText scoped[] = { { "RESOURCE_PATH", path, 255, ST_TEXT_REQUIRED } };

      if (!st_columns_check (check->paths, scoped, G_N_ELEMENTS (scoped), error))
        return FALSE;
    }
  wrong = wrong_in_resource (resource, check->scope_keys);
  if (wrong == NULL && !g_hash_table_add (check->seen, g_steal_pointer (&path)))
    wrong = "its URL pattern and verb are those of another";
  if (wrong != NULL)
    g_set_error_literal (error, ST_ERROR, ST_ERROR_DATA, wrong);
  return wrong == NULL;
}

gboolean
st_write_check_resources (StWriter *writer, const StStoredApi *api, const StApiDesign *design, GError **error)
{
  g_autoptr (GHashTable) keys = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (StColumns) mappings = NULL;
  g_autoptr (StColumns) paths = NULL;

  if (!check_scopes (writer, design, keys, error)
      || (mappings = st_columns_read (writer, "AM_API_URL_MAPPING", error)) == NULL
      || (paths = st_columns_read (writer, "IDN_OAUTH2_RESOURCE_SCOPE", error)) == NULL)
    return FALSE;
  for (guint i = 0; i < design->n_resources; i++)
    {
      ResourceCheck check = { api, mappings, paths, keys, seen };

      if (check_resource (&check, &design->resources[i], error))
        continue;
      g_prefix_error (error, "resource %u: ", i + 1);
      return FALSE;
    }
  return TRUE;
}

/* 2.2 and later: NAME is the key, and roles are rows. */
static gboolean
insert_scope_with_bindings (StWriter *writer, const StApiScope *scope, gint tenant_id, gint64 *id, GError **error)
{
  static const StStatement insert
      = { "INSERT INTO IDN_OAUTH2_SCOPE (NAME, DISPLAY_NAME, DESCRIPTION, TENANT_ID) VALUES (?, ?, ?, ?)" };
  static const StStatement binding = { "INSERT INTO IDN_OAUTH2_SCOPE_BINDING (SCOPE_ID, SCOPE_BINDING) VALUES (?, ?)" };
  g_autoptr (GPtrArray) roles = clean_roles (scope);

  if (!st_writer_execute (writer, &insert, error, "sssi", scope->key, display_name (scope), scope->description,
                          (gint64) tenant_id))
    return FALSE;
  *id = st_transaction_last_insert_id (writer->transaction);
  for (guint i = 0; i < roles->len; i++)
    if (!st_writer_execute (writer, &binding, error, "is", *id, g_ptr_array_index (roles, i)))
      return FALSE;
  return TRUE;
}

/* Before: NAME is for people, and roles are a list in the row. */
static gboolean
insert_scope_with_roles (StWriter *writer, const StApiScope *scope, gint tenant_id, gint64 *id, GError **error)
{
  static const StStatement insert
      = { "INSERT INTO IDN_OAUTH2_SCOPE (SCOPE_KEY, NAME, DESCRIPTION, TENANT_ID, ROLES) VALUES (?, ?, ?, ?, ?)" };
  g_autofree char *roles = join_roles (scope);

  if (!st_writer_execute (writer, &insert, error, "sssis", scope->key, display_name (scope), scope->description,
                          (gint64) tenant_id, roles))
    return FALSE;
  *id = st_transaction_last_insert_id (writer->transaction);
  return TRUE;
}

/* @ids: key to gint64 *. */
static gboolean
insert_scopes (StWriter *writer, gint64 api_id, const StApiDesign *design, GHashTable *ids, GError **error)
{
  static const StStatement link = { "INSERT INTO AM_API_SCOPES (API_ID, SCOPE_ID) VALUES (?, ?)" };
  gboolean has_bindings = st_writer_has (writer, ST_CAP_SCOPE_BINDING);

  for (guint i = 0; i < design->n_scopes; i++)
    {
      const StApiScope *scope = &design->scopes[i];
      gint64 id;

      if (!(has_bindings ? insert_scope_with_bindings (writer, scope, design->tenant_id, &id, error)
                         : insert_scope_with_roles (writer, scope, design->tenant_id, &id, error))
          || !st_writer_execute (writer, &link, error, "ii", api_id, id))
        return FALSE;
      g_hash_table_insert (ids, (gpointer) scope->key, g_memdup2 (&id, sizeof id));
    }
  return TRUE;
}

static gboolean
protect_resource (StWriter *writer, const char *path, gint64 scope_id, gint tenant_id, GError **error)
{
  static const StStatement plain = { "INSERT INTO IDN_OAUTH2_RESOURCE_SCOPE (RESOURCE_PATH, SCOPE_ID) VALUES (?, ?)" };
  static const StStatement with_tenant
      = { "INSERT INTO IDN_OAUTH2_RESOURCE_SCOPE (RESOURCE_PATH, SCOPE_ID, TENANT_ID) VALUES (?, ?, ?)" };

  /* The column is there from 1.10 on; WSO2 writes it from 2.2 on. */
  if (st_writer_has (writer, ST_CAP_SCOPE_BINDING))
    return st_writer_execute (writer, &with_tenant, error, "sii", path, scope_id, (gint64) tenant_id);
  return st_writer_execute (writer, &plain, error, "si", path, scope_id);
}

static gboolean
insert_resource (StWriter *writer, const StStoredApi *api, const StApiDesign *design, const StApiResource *resource,
                 const gint64 *scope_id, GError **error)
{
  static const StStatement insert = {
    "INSERT INTO AM_API_URL_MAPPING (API_ID, HTTP_METHOD, AUTH_SCHEME, URL_PATTERN, THROTTLING_TIER, MEDIATION_SCRIPT)"
    " VALUES (?, ?, ?, ?, ?, ?)"
  };
  const char *tier = resource->throttling_tier != NULL ? resource->throttling_tier : UNLIMITED;
  g_autofree char *path = NULL;

  if (design->tier != NULL && *design->tier != '\0')
    tier = design->tier;
  if (!st_writer_execute (writer, &insert, error, "isssss", api->id, resource->verb, resource->auth_scheme,
                          resource->url_pattern, tier, resource->mediation_script))
    return FALSE;
  if (scope_id == NULL)
    return TRUE;
  path = st_resource_path (api, resource->url_pattern, resource->verb);
  return protect_resource (writer, path, *scope_id, design->tenant_id, error);
}

gboolean
st_write_insert_resources (StWriter *writer, const StStoredApi *api, const StApiDesign *design, GError **error)
{
  g_autoptr (GHashTable) ids = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);

  if (!insert_scopes (writer, api->id, design, ids, error))
    return FALSE;
  for (guint i = 0; i < design->n_resources; i++)
    {
      const StApiResource *resource = &design->resources[i];
      const gint64 *scope_id = resource->scope != NULL ? g_hash_table_lookup (ids, resource->scope) : NULL;

      if (insert_resource (writer, api, design, resource, scope_id, error))
        continue;
      g_prefix_error (error, "resource %u: ", i + 1);
      return FALSE;
    }
  return TRUE;
}

/* The resources of this API that the scope protects. Bytes decide: the database may fold the case of contexts. */
static gboolean
release_resources (StWriter *writer, const StStoredApi *api, gint64 scope_id, GError **error)
{
  static const StStatement select
      = ST_LOCKING ("SELECT RESOURCE_PATH FROM IDN_OAUTH2_RESOURCE_SCOPE WHERE SCOPE_ID = ?");
  static const StStatement delete = { "DELETE FROM IDN_OAUTH2_RESOURCE_SCOPE WHERE RESOURCE_PATH = ?" };
  g_autofree char *prefix = st_resource_path (api, "/", "");
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (StQuery) query = st_writer_query (writer, &select, error);
  StStep step;

  if (query == NULL)
    return FALSE;
  *strrchr (prefix, ':') = '\0';
  st_query_bind_int64 (query, 0, scope_id);
  while ((step = st_query_step (query, error)) == ST_ROW)
    if (g_str_has_prefix (st_query_text (query, 0), prefix))
      g_ptr_array_add (paths, g_strdup (st_query_text (query, 0)));
  if (step != ST_END)
    return FALSE;
  for (guint i = 0; i < paths->len; i++)
    if (!st_writer_execute (writer, &delete, error, "s", g_ptr_array_index (paths, i)))
      return FALSE;
  return TRUE;
}

static gboolean
delete_scope (StWriter *writer, gint64 scope_id, GError **error)
{
  static const StStatement resources = { "DELETE FROM IDN_OAUTH2_RESOURCE_SCOPE WHERE SCOPE_ID = ?" };
  static const StStatement bindings = { "DELETE FROM IDN_OAUTH2_SCOPE_BINDING WHERE SCOPE_ID = ?" };
  static const StStatement itself = { "DELETE FROM IDN_OAUTH2_SCOPE WHERE SCOPE_ID = ?" };

  return st_writer_execute (writer, &resources, error, "i", scope_id)
         && (!st_writer_has (writer, ST_CAP_SCOPE_BINDING)
             || st_writer_execute (writer, &bindings, error, "i", scope_id))
         && st_writer_execute (writer, &itself, error, "i", scope_id);
}

typedef struct
{
  gint64 id;
  gboolean shared; /* another API has it too */
} Scope;

static GArray *
read_scopes (StWriter *writer, gint64 api_id, GError **error)
{
  static const StStatement select = ST_LOCKING ("SELECT s.SCOPE_ID, CASE WHEN EXISTS (SELECT 1 FROM AM_API_SCOPES o "
                                                "WHERE o.SCOPE_ID = s.SCOPE_ID AND o.API_ID <> s.API_ID)"
                                                " THEN 1 ELSE 0 END FROM AM_API_SCOPES s WHERE s.API_ID = ?");
  g_autoptr (GArray) scopes = g_array_new (FALSE, FALSE, sizeof (Scope));
  g_autoptr (StQuery) query = st_writer_query (writer, &select, error);
  StStep step;

  if (query == NULL)
    return NULL;
  st_query_bind_int64 (query, 0, api_id);
  while ((step = st_query_step (query, error)) == ST_ROW)
    {
      Scope scope = { st_query_int64 (query, 0), st_query_int64 (query, 1) != 0 };

      g_array_append_val (scopes, scope);
    }
  return step == ST_END ? g_steal_pointer (&scopes) : NULL;
}

gboolean
st_write_delete_resources (StWriter *writer, const StStoredApi *api, GError **error)
{
  static const StStatement links = { "DELETE FROM AM_API_SCOPES WHERE API_ID = ?" };
  static const StStatement mappings = { "DELETE FROM AM_API_URL_MAPPING WHERE API_ID = ?" };
  g_autoptr (GArray) scopes = read_scopes (writer, api->id, error);

  if (scopes == NULL || !st_writer_execute (writer, &links, error, "i", api->id))
    return FALSE;
  for (guint i = 0; i < scopes->len; i++)
    {
      const Scope *scope = &g_array_index (scopes, Scope, i);

      if (!(scope->shared ? release_resources (writer, api, scope->id, error)
                          : delete_scope (writer, scope->id, error)))
        return FALSE;
    }
  return st_writer_execute (writer, &mappings, error, "i", api->id);
}
