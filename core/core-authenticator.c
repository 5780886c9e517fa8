#include "config.h"
#include "core/core-authenticator.h"

#include "common/apim-log.h"
#include "core/core-password.h"

#include <openssl/crypto.h>
#include <string.h>

/* Longer names and passwords cannot be in the user store (UM_USER_NAME is 255 characters). */
#define MAX_CREDENTIAL 1024

typedef struct
{
  const char *bytes;
  gsize length;
} Text;

struct _CoreAuthenticator
{
  StUserStore *users;
  const ApimClock *clock;
  ApimUserStoreSettings settings; /* only what the password check needs is set */
  char *required_role;
  CoreLockout *lockout;
};

CoreAuthenticator *
core_authenticator_new (StUserStore *users, const ApimUserStoreSettings *settings, const char *required_role,
                        CoreLockout *lockout, const ApimClock *clock)
{
  CoreAuthenticator *authenticator = g_new0 (CoreAuthenticator, 1);

  authenticator->users = users;
  authenticator->clock = clock;
  authenticator->settings.password_digest = g_strdup (settings->password_digest);
  authenticator->settings.salted = settings->salted;
  authenticator->required_role = g_strdup (required_role);
  authenticator->lockout = lockout;
  return authenticator;
}

void
core_authenticator_free (CoreAuthenticator *authenticator)
{
  if (authenticator == NULL)
    return;
  g_free (authenticator->settings.password_digest);
  g_free (authenticator->required_role);
  g_free (authenticator);
}

gboolean
core_authenticator_split_tenant (StUserStore *users, char *name, gint64 deadline_us, StTenant **tenant, GError **error)
{
  char *at = strrchr (name, '@');

  if (at != NULL)
    {
      if (!st_user_store_find_tenant_by_domain (users, at + 1, deadline_us, tenant, error))
        return FALSE;
      if (*tenant != NULL)
        {
          *at = '\0';
          return TRUE;
        }
    }
  return st_user_store_find_tenant_by_id (users, ST_SUPER_TENANT_ID, deadline_us, tenant, error);
}

static gboolean
has_required_role (CoreAuthenticator *authenticator, const StUser *user, gint64 deadline_us, gboolean *has,
                   GError **error)
{
  g_auto (GStrv) roles = NULL;

  *has = TRUE;
  if (authenticator->required_role == NULL)
    return TRUE;
  if (!st_user_store_find_roles (authenticator->users, user->tenant_id, ST_PRIMARY_USER_DOMAIN, user->name,
                                 deadline_us, &roles, error))
    return FALSE;
  *has = g_strv_contains ((const char *const *)roles, authenticator->required_role);
  return TRUE;
}

static gboolean
is_primary (const char *user_domain)
{
  return strcmp (user_domain, ST_PRIMARY_USER_DOMAIN) == 0;
}

/* @name: with its tenant; written to. @user_domain: its store. Only the PRIMARY store is in the user
 * database: others are configured in files, and their users cannot be looked up (spec/databases.md 6.3). */
static CoreLogin
check_credentials (CoreAuthenticator *authenticator, const char *user_domain, char *name, Text password,
                   gint64 deadline_us, StUser **found, GError **error)
{
  g_autoptr (StTenant) tenant = NULL;
  g_autoptr (StUser) user = NULL;
  gboolean has_role;

  if (!core_authenticator_split_tenant (authenticator->users, name, deadline_us, &tenant, error))
    return CORE_LOGIN_STORE_FAILED;
  if (tenant != NULL && tenant->active && is_primary (user_domain)
      && !st_user_store_find_user (authenticator->users, tenant->id, name, deadline_us, &user, error))
    return CORE_LOGIN_STORE_FAILED;
  /* Also for an unknown user, so that the time of the answer does not tell who exists. */
  if (!core_password_check (user, password.bytes, password.length, &authenticator->settings,
                            apim_clock_wall_ms (authenticator->clock)))
    return CORE_LOGIN_REFUSED;
  if (!has_required_role (authenticator, user, deadline_us, &has_role, error))
    return CORE_LOGIN_STORE_FAILED;
  if (!has_role)
    return CORE_LOGIN_REFUSED;
  *found = g_steal_pointer (&user);
  return CORE_LOGIN_OK;
}

static void
log_failure (CoreLogin result, const char *user_domain, const char *name, const char *peer,
             const GError *error)
{
  static ApimLogGate refused_gate, failed_gate, other_store_gate;

  if (result == CORE_LOGIN_STORE_FAILED)
    apim_log_limited (&failed_gate, APIM_LOG_ERROR, "core", "could not look up user \"%s\" of %s: %s", name,
                      peer, error->message);
  else if (!is_primary (user_domain))
    apim_log_limited (
        &other_store_gate, APIM_LOG_WARNING, "core",
        "login of user \"%s\" from %s refused: only users of the user database can log in, not those of"
        " the user store \"%s\"",
        name, peer, user_domain);
  else
    apim_log_limited (&refused_gate, APIM_LOG_WARNING, "core", "login of user \"%s\" from %s refused", name,
                      peer);
}

/* Texts that no user store can hold are refused before anything is looked up. */
static gboolean
possible (Text text)
{
  return text.length <= MAX_CREDENTIAL && memchr (text.bytes, '\0', text.length) == NULL
         && g_utf8_validate (text.bytes, text.length, NULL);
}

/* Of texts that a user store can hold. */
static CoreLogin
log_in (CoreAuthenticator *authenticator, Text user_name, Text password, const char *peer, gint64 deadline_us,
        StUser **user)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *full_name = NULL;
  g_autofree char *user_domain = NULL;
  g_autofree char *name = NULL;
  const char *bare, *lock_name;
  CoreLogin result;

  full_name = g_strndup (user_name.bytes, user_name.length);
  user_domain = st_user_name_split (full_name, &bare);
  name = g_strdup (bare);
  lock_name = is_primary (user_domain) ? bare : full_name; /* "PRIMARY/x" has no tries of its own */
  if (core_lockout_wait_ms (authenticator->lockout, lock_name, peer) > 0)
    result = CORE_LOGIN_REFUSED;
  else
    {
      result = check_credentials (authenticator, user_domain, name, password, deadline_us, user, &error);
      if (result == CORE_LOGIN_OK)
        core_lockout_succeeded (authenticator->lockout, lock_name, peer);
      else if (result == CORE_LOGIN_REFUSED)
        core_lockout_failed (authenticator->lockout, lock_name, peer);
    }
  if (result != CORE_LOGIN_OK)
    log_failure (result, user_domain, full_name, peer, error);
  return result;
}

CoreLogin
core_authenticator_login (CoreAuthenticator *authenticator, const char *user_name, gssize user_name_length,
                          const char *password, gssize password_length, const char *peer, gint64 deadline_us,
                          StUser **user)
{
  Text name = { user_name, user_name_length < 0 ? strlen (user_name) : (gsize)user_name_length };
  Text secret = { password, password_length < 0 ? strlen (password) : (gsize)password_length };

  *user = NULL;
  if (name.length == 0)
    return CORE_LOGIN_NO_USER_NAME;
  if (name.bytes[name.length - 1] == '@')
    return CORE_LOGIN_NO_TENANT;
  if (secret.length == 0)
    return CORE_LOGIN_NO_PASSWORD;
  if (!possible (name) || secret.length > MAX_CREDENTIAL)
    return CORE_LOGIN_REFUSED;
  return log_in (authenticator, name, secret, peer, deadline_us, user);
}
