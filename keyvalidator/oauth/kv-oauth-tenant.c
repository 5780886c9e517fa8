#include "config.h"
#include "keyvalidator/oauth/kv-oauth-tenant.h"

#include "store/st-service-provider.h"

typedef struct
{
  const StOauthClient *client;
  gboolean saas;
} Question;

static gboolean
find_saas (StWriter *writer, gpointer data, GError **error)
{
  Question *question = data;

  return st_service_provider_find_saas (writer, question->client, &question->saas, error);
}

gboolean
kv_oauth_client_serves (KvOauth *oauth, const StOauthClient *client, gint tenant_id, gboolean *serves,
                        GError **error)
{
  Question question = { client, FALSE };

  *serves = tenant_id == client->owner.tenant_id;
  if (*serves)
    return TRUE;
  if (!kv_oauth_read (oauth, find_saas, &question, error))
    return FALSE;
  *serves = question.saas;
  return TRUE;
}
