#include "config.h"
#include "core/core-oauth-client.h"

#include <string.h>

void
core_oauth_client_rename (StOauthClient *client, const char *name)
{
  const StOauthUser *owner = &client->owner;
  g_autofree char *user = st_oauth_user_is_primary (owner)
                              ? g_strdup (owner->name)
                              : g_strconcat (owner->user_domain, "/", owner->name, NULL);

  g_free (client->name);
  client->name = st_oauth_client_make_name (user, name, NULL);
}

char *
core_oauth_client_key_name (const char *application, StKeyType type)
{
  return g_strconcat (application, "_", st_key_type_text (type), NULL);
}

StOauthClient *
core_oauth_client_new (const StOauthUser *owner, const char *name, const char *callback_url,
                       const char *grant_types)
{
  StOauthClient *client = st_oauth_client_new ();

  st_oauth_user_clear (&client->owner);
  client->owner = st_oauth_user_copy (owner);
  client->key = st_oauth_client_random_key ();
  client->secret = st_oauth_client_random_key ();
  core_oauth_client_rename (client, name);
  client->callback_url = g_strdup (callback_url != NULL ? callback_url : "");
  if (grant_types == NULL)
    grant_types = callback_url != NULL ? CORE_OAUTH_GRANTS : CORE_OAUTH_GRANTS_WITHOUT_CALLBACK;
  client->grant_types = g_strdup (grant_types);
  return client;
}

gboolean
core_oauth_grant_needs_callback (const char *grant)
{
  return strcmp (grant, CORE_OAUTH_AUTHORIZATION_CODE) == 0 || strcmp (grant, "implicit") == 0;
}
