#include "config.h"
#include "store/st-oauth-application.h"

#include "store/st-sql-key-store-private.h"

#include <string.h>

#define TOKEN_TYPE_JWT "JWT"

gboolean
st_oauth_application_wants_jwt (StWriter *writer, const char *consumer_key, gboolean *jwt, GError **error)
{
  static const StStatement type_of = {
    "SELECT k.CONSUMER_KEY, a.TOKEN_TYPE FROM AM_APPLICATION_KEY_MAPPING k"
    " JOIN AM_APPLICATION a ON a.APPLICATION_ID = k.APPLICATION_ID WHERE k.CONSUMER_KEY = ?",
  };
  g_autoptr (StQuery) query = NULL;
  StStep step;

  *jwt = FALSE;
  if (!st_writer_has (writer, ST_CAP_APP_TOKEN_TYPE))
    return TRUE;
  query = st_writer_query (writer, &type_of, error);
  if (query == NULL)
    return FALSE;
  st_query_bind_text (query, 0, consumer_key);
  while ((step = st_query_step (query, error)) == ST_ROW)
    if (st_sql_is_text (query, 0, consumer_key) && g_strcmp0 (st_query_text (query, 1), TOKEN_TYPE_JWT) == 0)
      *jwt = TRUE;
  return step == ST_END;
}

#define OF_CLIENT \
  " FROM AM_APPLICATION_KEY_MAPPING k" \
  " JOIN AM_SUBSCRIPTION x ON x.APPLICATION_ID = k.APPLICATION_ID" \
  " JOIN AM_API_SCOPES a ON a.API_ID = x.API_ID" \
  " JOIN IDN_OAUTH2_SCOPE s ON s.SCOPE_ID = a.SCOPE_ID"
#define WHERE_CLIENT \
  " WHERE k.CONSUMER_KEY = ? AND (x.SUBS_CREATE_STATE IS NULL OR x.SUBS_CREATE_STATE <> 'UN_SUBSCRIBE')" \
  " ORDER BY s.SCOPE_ID"

/* A scope under way: its roles, in the order in which they came. */
typedef struct
{
  char *key;
  GPtrArray *roles;
} Found;

static void
found_free (gpointer data)
{
  Found *found = data;

  g_free (found->key);
  g_ptr_array_unref (found->roles);
  g_free (found);
}

static Found *
find_or_add (GPtrArray *all, const char *key)
{
  Found *found;

  for (guint i = 0; i < all->len; i++)
    {
      found = g_ptr_array_index (all, i);
      if (strcmp (found->key, key) == 0)
        return found;
    }
  found = g_new0 (Found, 1);
  found->key = g_strdup (key);
  found->roles = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (all, found);
  return found;
}

static StScope *
finish_scope (Found *found)
{
  StScope *scope = st_scope_new ();

  g_ptr_array_add (found->roles, NULL);
  scope->key = g_steal_pointer (&found->key);
  g_strfreev (scope->roles);
  scope->roles = (char **) g_ptr_array_steal (found->roles, NULL);
  return scope;
}

gboolean
st_oauth_application_find_scopes (StWriter *writer, const char *consumer_key, GPtrArray **scopes, GError **error)
{
  static const StStatement with_bindings = {
    "SELECT k.CONSUMER_KEY, s.NAME, b.SCOPE_BINDING" OF_CLIENT
    " LEFT JOIN IDN_OAUTH2_SCOPE_BINDING b ON b.SCOPE_ID = s.SCOPE_ID" WHERE_CLIENT,
  };
  static const StStatement with_roles = { "SELECT k.CONSUMER_KEY, s.SCOPE_KEY, s.ROLES" OF_CLIENT WHERE_CLIENT };
  gboolean bindings = st_writer_has (writer, ST_CAP_SCOPE_BINDING);
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func (found_free);
  g_autoptr (StQuery) query = st_writer_query (writer, bindings ? &with_bindings : &with_roles, error);
  StStep step;

  if (query == NULL)
    return FALSE;
  st_query_bind_text (query, 0, consumer_key);
  while ((step = st_query_step (query, error)) == ST_ROW)
    if (st_sql_is_text (query, 0, consumer_key) && !st_query_is_null (query, 1) && *st_query_text (query, 1) != '\0')
      st_sql_add_roles (find_or_add (all, st_query_text (query, 1))->roles, st_query_text (query, 2), !bindings);
  if (step != ST_END)
    return FALSE;
  *scopes = g_ptr_array_new_with_free_func ((GDestroyNotify) st_scope_unref);
  for (guint i = 0; i < all->len; i++)
    g_ptr_array_add (*scopes, finish_scope (g_ptr_array_index (all, i)));
  return TRUE;
}
