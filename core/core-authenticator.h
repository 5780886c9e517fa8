/* Who a user name and a password belong to: tenants, passwords, lock-out (spec/thrift-key-validation.md 4.3,
 * spec/databases.md 6.2, 6.3, spec/decisions.md 14). One place for every door of a node that takes a
 * password. Threads: any; calls block on the user store. */
#ifndef CORE_AUTHENTICATOR_H
#define CORE_AUTHENTICATOR_H

#include "common/apim-clock.h"
#include "common/apim-config.h"
#include "core/core-lockout.h"
#include "store/st-user-store.h"

G_BEGIN_DECLS

typedef struct _CoreAuthenticator CoreAuthenticator;

/* @users, @lockout, @clock: borrowed; all authenticators of a node count failures in one lock-out, so that a
 * second door gives nobody more tries. @settings, @required_role (nullable): copied. */
CoreAuthenticator *core_authenticator_new (StUserStore *users, const ApimUserStoreSettings *settings,
                                           const char *required_role, CoreLockout *lockout,
                                           const ApimClock *clock);
void core_authenticator_free (CoreAuthenticator *authenticator);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CoreAuthenticator, core_authenticator_free)

/* Splits "name@domain" at the last "@" where the text behind it is a tenant; otherwise the whole text is a name of
 * the super tenant, because user names may be e-mail addresses (spec/databases.md 6.3). @name: is cut off in front of
 * the "@". *tenant: (out) (transfer full). */
gboolean core_authenticator_split_tenant (StUserStore *users, char *name, gint64 deadline_us, StTenant **tenant,
                                          GError **error);

typedef enum
{
  CORE_LOGIN_OK,
  CORE_LOGIN_NO_USER_NAME, /* empty */
  CORE_LOGIN_NO_TENANT,    /* "name@" */
  CORE_LOGIN_NO_PASSWORD,  /* empty */
  CORE_LOGIN_REFUSED, /* unknown user, wrong password, inactive tenant, missing role or locked out: a stranger
                         cannot tell which */
  CORE_LOGIN_STORE_FAILED, /* the user store could not answer */
} CoreLogin;

/* @user_name, @password: of this length, -1 for terminated ones; what no user store can hold (a NUL in it, no
 * UTF-8, too long) is refused. @peer: the client's address, for the lock-out. @user: (out) (transfer full):
 * only on OK. A failure is logged (rate limited) with user name and address, never with the password. */
CoreLogin core_authenticator_login (CoreAuthenticator *authenticator, const char *user_name,
                                    gssize user_name_length, const char *password, gssize password_length,
                                    const char *peer, gint64 deadline_us, StUser **user);

G_END_DECLS
#endif
