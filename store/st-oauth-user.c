#include "config.h"
#include "store/st-oauth-user.h"

#include "store/st-error.h"

#include <string.h>

#define MAX_USER 100
#define MAX_USER_DOMAIN 50
#define MAX_TENANT_DOMAIN 255 /* UM_TENANT.UM_DOMAIN_NAME */

StOauthUser
st_oauth_user_copy (const StOauthUser *user)
{
  return (StOauthUser){
    .name = g_strdup (user->name),
    .user_domain = g_strdup (user->user_domain),
    .tenant_id = user->tenant_id,
    .tenant_domain = g_strdup (user->tenant_domain),
  };
}

void
st_oauth_user_clear (StOauthUser *user)
{
  g_clear_pointer (&user->name, g_free);
  g_clear_pointer (&user->user_domain, g_free);
  g_clear_pointer (&user->tenant_domain, g_free);
}

gboolean
st_oauth_user_is_primary (const StOauthUser *user)
{
  return user->user_domain == NULL || *user->user_domain == '\0'
         || g_ascii_strcasecmp (user->user_domain, ST_PRIMARY_USER_DOMAIN) == 0;
}

char *
st_oauth_user_text (const StOauthUser *user)
{
  gboolean primary = st_oauth_user_is_primary (user);

  return g_strconcat (primary ? "" : user->user_domain, primary ? "" : "/", user->name,
                      user->tenant_domain != NULL ? "@" : NULL, user->tenant_domain, NULL);
}

StOauthUser
st_oauth_user_parse (const char *text)
{
  const char *slash = strchr (text, '/');
  const char *at = strrchr (text, '@');
  const char *name = slash != NULL ? slash + 1 : text;
  StOauthUser user = { .name = NULL };

  if (at != NULL && at < name)
    at = NULL;
  user.user_domain = slash != NULL ? g_ascii_strup (text, slash - text) : g_strdup (ST_PRIMARY_USER_DOMAIN);
  user.name = at != NULL ? g_strndup (name, (gsize) (at - name)) : g_strdup (name);
  user.tenant_domain = g_strdup (at != NULL ? at + 1 : ST_SUPER_TENANT_DOMAIN);
  user.tenant_id = strcmp (user.tenant_domain, ST_SUPER_TENANT_DOMAIN) == 0 ? ST_SUPER_TENANT_ID : 0;
  return user;
}

gboolean
st_oauth_user_has_name (const StOauthUser *user, const char *stored, gboolean fold)
{
  g_autofree char *ours = NULL;
  g_autofree char *theirs = NULL;

  if (stored == NULL)
    return FALSE;
  if (strcmp (user->name, stored) == 0)
    return TRUE;
  if (!fold || !g_utf8_validate (user->name, -1, NULL) || !g_utf8_validate (stored, -1, NULL))
    return FALSE;
  ours = g_utf8_casefold (user->name, -1);
  theirs = g_utf8_casefold (stored, -1);
  return strcmp (ours, theirs) == 0;
}

gboolean
st_oauth_user_is_same (const StOauthUser *user, const StOauthUser *other, gboolean fold)
{
  return g_ascii_strcasecmp (user->user_domain, other->user_domain) == 0
         && st_oauth_user_has_name (user, other->name, fold);
}

gboolean
st_oauth_check_text (const char *what, const char *text, glong max_characters, GError **error)
{
  glong length;

  if (text == NULL)
    return TRUE;
  if (!g_utf8_validate (text, -1, NULL))
    {
      g_set_error (error, ST_ERROR, ST_ERROR_DATA, "the %s is not UTF-8 text", what);
      return FALSE;
    }
  length = g_utf8_strlen (text, -1);
  if (length <= max_characters)
    return TRUE;
  g_set_error (error, ST_ERROR, ST_ERROR_DATA, "the %s has %ld characters, and the database holds %ld", what, length,
               max_characters);
  return FALSE;
}

gboolean
st_oauth_user_check (const StOauthUser *user, GError **error)
{
  return st_oauth_check_text ("user name", user->name, MAX_USER, error)
         && st_oauth_check_text ("name of the user store", user->user_domain, MAX_USER_DOMAIN, error)
         && st_oauth_check_text ("domain of the tenant", user->tenant_domain, MAX_TENANT_DOMAIN, error);
}

gboolean
st_oauth_user_check_tenant (const StOauthUser *user, gboolean by_id, GError **error)
{
  if (by_id ? user->tenant_id != 0 : user->tenant_domain != NULL)
    return TRUE;
  g_set_error (error, ST_ERROR, ST_ERROR_DATA, "the user's tenant is not known by its %s, which the database stores",
               by_id ? "id" : "domain");
  return FALSE;
}
