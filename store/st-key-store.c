#include "config.h"
#include "store/st-key-store.h"

#include <string.h>

/* Longer texts are in no column that is searched. */
#define MAX_TEXT 8192

/* A text that can stand in a column at all: what is not UTF-8 is nowhere, and a database may refuse to compare it. */
static gboolean
searchable (const char *text, gssize length)
{
  if (text == NULL)
    return FALSE;
  if (length < 0)
    length = (gssize) strlen (text);
  return length > 0 && length <= MAX_TEXT && g_utf8_validate (text, length, NULL);
}

gboolean
st_key_store_find_token (StKeyStore *store, const char *access_token, gsize length, gint64 deadline_us, StToken **found,
                         GError **error)
{
  *found = NULL;
  if (length > MAX_TEXT || !searchable (access_token, (gssize) length))
    return TRUE;
  return store->interface->find_token (store, access_token, length, deadline_us, found, error);
}

gboolean
st_key_store_find_subscription (StKeyStore *store, const char *context, const char *version, const char *consumer_key,
                                gint api_tenant_id, gint64 deadline_us, StSubscription **found, GError **error)
{
  *found = NULL;
  if (!searchable (context, -1) || !searchable (consumer_key, -1) || (version != NULL && !searchable (version, -1)))
    return TRUE;
  return store->interface->find_subscription (store, context, version, consumer_key, api_tenant_id, deadline_us, found,
                                              error);
}

gboolean
st_key_store_find_resources (StKeyStore *store, const char *context, const char *version, gint api_tenant_id,
                             gint64 deadline_us, StResources **found, GError **error)
{
  *found = NULL;
  if (!searchable (context, -1) || !searchable (version, -1))
    {
      *found = st_resources_new ();
      return TRUE;
    }
  return store->interface->find_resources (store, context, version, api_tenant_id, deadline_us, found, error);
}

gboolean
st_key_store_find_scope (StKeyStore *store, const char *resource_path, gint64 deadline_us, StScope **found,
                         GError **error)
{
  *found = NULL;
  if (!searchable (resource_path, -1))
    return TRUE;
  return store->interface->find_scope (store, resource_path, deadline_us, found, error);
}

gboolean
st_key_store_find_api_default (StKeyStore *store, const char *context, gint64 deadline_us, StApiDefault **found,
                               GError **error)
{
  *found = NULL;
  if (!searchable (context, -1))
    return TRUE;
  return store->interface->find_api_default (store, context, deadline_us, found, error);
}

gboolean
st_key_store_reads_inline (StKeyStore *store)
{
  return store->interface->reads_inline (store);
}

void
st_key_store_free (StKeyStore *store)
{
  if (store != NULL)
    store->interface->free (store);
}
