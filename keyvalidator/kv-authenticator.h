/* Who a user name and a password belong to: tenants, passwords, lock-out (spec/thrift-key-validation.md 4.3, spec/databases.md 6.2, 6.3,
 * spec/decisions.md 14). One place for every door of the Key Manager that takes a password.
 * Threads: any; calls block on the user store. */
#ifndef KV_AUTHENTICATOR_H
#define KV_AUTHENTICATOR_H

#include "common/apim-clock.h"
#include "common/apim-config.h"
#include "core/core-lockout.h"
#include "store/st-user-store.h"
#include "thrift/tw-message.h"

G_BEGIN_DECLS

typedef struct _KvAuthenticator KvAuthenticator;

/* @users, @lockout, @clock: borrowed; all authenticators of a node count failures in one lock-out, so that a second door
 * gives nobody more tries. @settings, @required_role (nullable): copied. */
KvAuthenticator *kv_authenticator_new (StUserStore *users, const ApimUserStoreSettings *settings,
                                       const char *required_role, CoreLockout *lockout, const ApimClock *clock);
void kv_authenticator_free (KvAuthenticator *authenticator);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KvAuthenticator, kv_authenticator_free)

typedef enum
{
  KV_LOGIN_OK,
  KV_LOGIN_NO_USER_NAME,   /* empty */
  KV_LOGIN_NO_TENANT,      /* "name@" */
  KV_LOGIN_NO_PASSWORD,    /* empty */
  KV_LOGIN_REFUSED,        /* unknown user, wrong password, inactive tenant, missing role or locked out: a stranger cannot tell which */
  KV_LOGIN_STORE_FAILED,   /* the user store could not answer */
} KvLoginResult;

/* @peer: the client's address, for the lock-out. @user: (out) (transfer full): only on OK. A failure is logged (rate limited) with user name and
 * address, never with the password. */
KvLoginResult kv_authenticator_login (KvAuthenticator *authenticator, TwText user_name, TwText password,
                                      const char *peer, gint64 deadline_us, StUser **user);

G_END_DECLS
#endif
