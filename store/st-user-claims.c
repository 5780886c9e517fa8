#include "config.h"
#include "store/st-user-claims.h"

#include "store/st-columns.h"
#include "store/st-writer.h"

#include <string.h>

static const StStatement mappings_statement = {
  "SELECT d.UM_DIALECT_URI, c.UM_CLAIM_URI, c.UM_MAPPED_ATTRIBUTE FROM UM_DIALECT d"
  " JOIN UM_CLAIM c ON c.UM_DIALECT_ID = d.UM_ID AND c.UM_TENANT_ID = d.UM_TENANT_ID"
  " WHERE d.UM_DIALECT_URI = ? AND d.UM_TENANT_ID = ? ORDER BY c.UM_CLAIM_URI, c.UM_ID",
  NULL,
};

static const StStatement attributes_statement = {
  "SELECT UM_ATTR_NAME, UM_ATTR_VALUE FROM UM_USER_ATTRIBUTE WHERE UM_USER_ID = ? AND UM_TENANT_ID = ?"
  " AND UM_PROFILE_ID = 'default' ORDER BY UM_ID",
  NULL,
};

/* The kernel's (spec/databases.md 6.6), by the claim's name behind the dialect. */
static const struct
{
  const char *claim, *attribute;
} kernel_mappings[] = {
  { "country", "country" },
  { "dob", "dateOfBirth" },
  { "emailaddress", "mail" },
  { "fullname", "cn" },
  { "gender", "gender" },
  { "givenname", "givenName" },
  { "im", "im" },
  { "lastname", "sn" },
  { "locality", "localityName" },
  { "mobile", "mobile" },
  { "nickname", "nickName" },
  { "organization", "organizationName" },
  { "postalcode", "postalcode" },
  { "role", "role" },
  { "stateorprovince", "stateOrProvinceName" },
  { "telephone", "telephoneNumber" },
  { "title", "title" },
  { "url", "url" },
};

static void
mapping_free (gpointer data)
{
  StClaimMapping *mapping = data;

  g_free (mapping->uri);
  g_free (mapping->attribute);
  g_free (mapping);
}

static void
claim_free (gpointer data)
{
  StUserClaim *claim = data;

  g_free (claim->uri);
  g_free (claim->value);
  g_free (claim);
}

GPtrArray *
st_user_claims_new (void)
{
  return g_ptr_array_new_with_free_func (claim_free);
}

void
st_user_claims_add (GPtrArray *claims, const char *uri, const char *value)
{
  StUserClaim *claim = g_new (StUserClaim, 1);
  guint at = claims->len;

  *claim = (StUserClaim){ g_strdup (uri), g_strdup (value) };
  while (at > 0 && strcmp (((const StUserClaim *) claims->pdata[at - 1])->uri, uri) > 0)
    at--;
  g_ptr_array_insert (claims, (gint) at, claim);
}

/* Takes @uri. */
static void
add_mapping (GPtrArray *mappings, char *uri, const char *attribute)
{
  StClaimMapping *mapping = g_new (StClaimMapping, 1);

  *mapping = (StClaimMapping){ uri, g_strdup (attribute) };
  g_ptr_array_add (mappings, mapping);
}

static void
add_kernel_mappings (GPtrArray *mappings)
{
  for (guint i = 0; i < G_N_ELEMENTS (kernel_mappings); i++)
    add_mapping (mappings, g_strconcat (ST_DEFAULT_CLAIM_DIALECT "/", kernel_mappings[i].claim, NULL),
                 kernel_mappings[i].attribute);
}

static gboolean
too_many (const char *what, GError **error)
{
  g_set_error (error, ST_ERROR, ST_ERROR_DATA, "%s: there are more than %d", what, ST_USER_MAX_CLAIMS);
  return FALSE;
}

static gint
compare_uris (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(StClaimMapping *const *) a)->uri, (*(StClaimMapping *const *) b)->uri);
}

static gboolean
is_mapped (const GPtrArray *mappings, const char *uri)
{
  for (guint i = 0; i < mappings->len; i++)
    if (strcmp (((const StClaimMapping *) mappings->pdata[i])->uri, uri) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
read_mappings (StQuery *query, const char *dialect, GPtrArray *mappings, GError **error)
{
  StStep step;

  while ((step = st_query_step (query, error)) == ST_ROW)
    {
      const char *uri = st_query_text (query, 1);

      if (g_strcmp0 (st_query_text (query, 0), dialect) != 0 || uri == NULL || st_query_is_null (query, 2)
          || is_mapped (mappings, uri))
        continue;
      if (mappings->len == ST_USER_MAX_CLAIMS)
        return too_many ("claims of the dialect that api-manager.xml's ConsumerDialectURI names", error);
      add_mapping (mappings, g_strdup (uri), st_query_text (query, 2));
    }
  return step == ST_END;
}

gboolean
st_claim_mappings_find (StDatabase *user_database, gint tenant_id, const char *dialect, gint64 deadline_us,
                        GPtrArray **found, GError **error)
{
  g_autoptr (StQuery) query = st_database_query (user_database, &mappings_statement, deadline_us, error);
  g_autoptr (GPtrArray) mappings = g_ptr_array_new_with_free_func (mapping_free);

  *found = NULL;
  if (query == NULL)
    return FALSE;
  st_query_bind_text (query, 0, dialect);
  st_query_bind_int64 (query, 1, tenant_id);
  if (!read_mappings (query, dialect, mappings, error))
    return FALSE;
  if (mappings->len == 0 && strcmp (dialect, ST_DEFAULT_CLAIM_DIALECT) == 0)
    add_kernel_mappings (mappings);
  /* The database sorts by its collation; bytes are the same everywhere. */
  g_ptr_array_sort (mappings, compare_uris);
  *found = g_steal_pointer (&mappings);
  return TRUE;
}

/* Names and values of the user's attributes, each name once: the oldest row of it. */
static gboolean
read_attributes (StQuery *query, GHashTable *attributes, GError **error)
{
  guint n = 0;
  StStep step;

  while ((step = st_query_step (query, error)) == ST_ROW)
    {
      const char *name = st_query_text (query, 0), *value = st_query_text (query, 1);

      if (n++ == ST_USER_MAX_CLAIMS)
        return too_many ("attributes of a user", error);
      if (name != NULL && value != NULL && *value != '\0' && !g_hash_table_contains (attributes, name))
        g_hash_table_insert (attributes, g_strdup (name), g_strdup (value));
    }
  return step == ST_END;
}

gboolean
st_user_claims_find (StDatabase *user_database, gint tenant_id, gint user_id, const GPtrArray *mappings,
                     gint64 deadline_us, GPtrArray **found, GError **error)
{
  g_autoptr (StQuery) query = st_database_query (user_database, &attributes_statement, deadline_us, error);
  g_autoptr (GHashTable) attributes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GPtrArray) claims = st_user_claims_new ();

  *found = NULL;
  if (query == NULL)
    return FALSE;
  st_query_bind_int64 (query, 0, user_id);
  st_query_bind_int64 (query, 1, tenant_id);
  if (!read_attributes (query, attributes, error))
    return FALSE;
  for (guint i = 0; i < mappings->len; i++)
    {
      const StClaimMapping *mapping = mappings->pdata[i];
      const char *value = g_hash_table_lookup (attributes, mapping->attribute);

      if (value != NULL)
        st_user_claims_add (claims, mapping->uri, value);
    }
  *found = g_steal_pointer (&claims);
  return TRUE;
}

/* Characters of UM_ATTR_VALUE. */
#define MAX_VALUE 1023

typedef struct
{
  gint tenant_id;
  gint user_id;
  const StUserAttribute *attributes;
  guint n;
} AttributeJob;

static gboolean
replace_attribute (StWriter *writer, const AttributeJob *job, const StUserAttribute *attribute, GError **error)
{
  static const StStatement remove = { "DELETE FROM UM_USER_ATTRIBUTE WHERE UM_USER_ID = ? AND UM_TENANT_ID = ?"
                                      " AND UM_ATTR_NAME = ? AND UM_PROFILE_ID = 'default'" };
  static const StStatement insert
      = { "INSERT INTO UM_USER_ATTRIBUTE (UM_ATTR_NAME, UM_ATTR_VALUE, UM_PROFILE_ID, UM_USER_ID, UM_TENANT_ID)"
          " VALUES (?, ?, 'default', ?, ?)" };
  const StText text = { "UM_ATTR_VALUE", attribute->value, MAX_VALUE, ST_TEXT_OPTIONAL };
  const gint64 user_id = job->user_id, tenant_id = job->tenant_id;

  return st_columns_check_row (writer, "UM_USER_ATTRIBUTE", &text, 1, error)
         && st_writer_execute (writer, &remove, error, "iis", user_id, tenant_id, attribute->attribute)
         && (attribute->value == NULL || *attribute->value == '\0'
             || st_writer_execute (writer, &insert, error, "ssii", attribute->attribute, attribute->value, user_id,
                                   tenant_id));
}

static gboolean
replace_attributes (StWriter *writer, gpointer data, GError **error)
{
  const AttributeJob *job = data;

  for (guint i = 0; i < job->n; i++)
    if (!replace_attribute (writer, job, &job->attributes[i], error))
      return FALSE;
  return TRUE;
}

gboolean
st_user_attributes_set (StDatabase *user_database, const ApimUserStoreSettings *settings, gint tenant_id, gint user_id,
                        const StUserAttribute *attributes, guint n, gint64 deadline_us, GError **error)
{
  AttributeJob job = { tenant_id, user_id, attributes, n };

  if (settings->read_only)
    {
      g_set_error_literal (error, ST_ERROR, ST_ERROR_SETUP,
                           "nothing is written to a user store that user-mgt.xml calls ReadOnly");
      return FALSE;
    }
  return n == 0 || st_write_users (user_database, replace_attributes, &job, deadline_us, error);
}
