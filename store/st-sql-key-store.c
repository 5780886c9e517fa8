/* StKeyStore over SQL. Which statements ask its questions follows from the shape of the database (st-sql-shape.c); one
 * file holds each question. */
#include "config.h"
#include "store/st-sql-key-store-private.h"

#include "store/st-capabilities.h"

StSqlShape *
st_sql_key_store_shape (StSqlKeyStore *self, gint64 deadline_us, GError **error)
{
  StSqlShape *shape = NULL;

  g_mutex_lock (&self->lock);
  if (self->shape != NULL)
    shape = st_sql_shape_ref (self->shape);
  g_mutex_unlock (&self->lock);
  if (shape != NULL)
    return shape;
  /* Not under the lock: a database that hangs must not hold up those who have less time left. */
  shape = st_sql_shape_read (self->database, self->advanced_throttling, self->token_time, deadline_us, error);
  if (shape == NULL)
    return NULL;
  g_mutex_lock (&self->lock);
  st_sql_shape_unref (self->shape);
  self->shape = st_sql_shape_ref (shape);
  g_mutex_unlock (&self->lock);
  return shape;
}

static void
forget_shape (StSqlKeyStore *self)
{
  g_mutex_lock (&self->lock);
  g_clear_pointer (&self->shape, st_sql_shape_unref);
  g_mutex_unlock (&self->lock);
  st_capabilities_forget (self->database);
}

gboolean
st_sql_key_store_finish (StSqlKeyStore *self, StStep step, GError **error)
{
  if (step == ST_END)
    return TRUE;
  if (error != NULL && g_error_matches (*error, ST_ERROR, ST_ERROR_SCHEMA))
    forget_shape (self);
  return FALSE;
}

StQuery *
st_sql_key_store_query (StSqlKeyStore *self, const StStatement *statement, gint64 deadline_us, GError **error)
{
  StQuery *query = st_database_query (self->database, statement, deadline_us, error);

  if (query == NULL)
    st_sql_key_store_finish (self, ST_FAILED, error);
  return query;
}

gboolean
st_sql_is_text (StQuery *query, guint column, const char *text)
{
  return g_strcmp0 (st_query_text (query, column), text) == 0;
}

char *
st_sql_dup_column (StQuery *query, guint column)
{
  return g_strdup (st_query_text (query, column));
}

static gboolean
reads_inline (StKeyStore *store)
{
  return st_database_kind (((StSqlKeyStore *) store)->database) == APIM_DATABASE_SQLITE;
}

static void
sql_key_store_free (StKeyStore *store)
{
  StSqlKeyStore *self = (StSqlKeyStore *) store;

  st_sql_shape_unref (self->shape);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static const StKeyStoreInterface sql_key_store = {
  .find_token = st_sql_find_token,
  .find_subscription = st_sql_find_subscription,
  .find_resources = st_sql_find_resources,
  .find_scope = st_sql_find_scope,
  .find_api_default = st_sql_find_api_default,
  .reads_inline = reads_inline,
  .free = sql_key_store_free,
};

StKeyStore *
st_sql_key_store_new (StDatabase *database, gboolean advanced_throttling)
{
  StSqlKeyStore *self = g_new0 (StSqlKeyStore, 1);

  self->store.interface = &sql_key_store;
  self->database = database;
  self->advanced_throttling = advanced_throttling;
  self->token_time = APIM_TOKEN_TIME_SERVER;
  g_mutex_init (&self->lock);
  return &self->store;
}

void
st_sql_key_store_set_token_time (StKeyStore *store, ApimTokenTime token_time)
{
  g_return_if_fail (store->interface == &sql_key_store);
  ((StSqlKeyStore *) store)->token_time = token_time;
}

void
st_sql_key_store_set_tenants (StKeyStore *store, StUserStore *tenants)
{
  g_return_if_fail (store->interface == &sql_key_store);
  ((StSqlKeyStore *) store)->tenants = tenants;
}
