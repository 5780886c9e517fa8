/* Users who sign up at the Store, and their passwords (spec/publisher-store-workflows.md 6.2,
 * spec/databases.md 6, 7).
 *
 * Who signs up is given ApimConfig.sign_up_role, at once or when an administrator approves (core-workflow.h);
 * until then the account has no role and may do nothing. Only accounts of the primary user store. Errors:
 * CORE_PORTAL_ERROR. Threads: any; calls block. */
#ifndef CORE_USER_H
#define CORE_USER_H

#include "core/core-portal.h"

G_BEGIN_DECLS

/* Texts are borrowed. */
typedef struct
{
  const char *name; /* with the tenant where it is another than the super tenant: "dave@example.com" */
  const char *password;
  const char
      *first_name; /* nullable, as the next ones: kept as the claims givenname, lastname and emailaddress */
  const char *last_name;
  const char *email;
} CoreSignUp;

/* *waits: whether somebody has to approve. CORE_PORTAL_ERROR_CONFLICT where the name is taken: by a user, or
 * by what a user who is gone has left in the Store; CORE_PORTAL_ERROR_FORBIDDEN where nobody may sign up. How
 * often is the caller's to limit. */
gboolean core_user_sign_up (const CorePortal *portal, const CoreSignUp *sign_up, gboolean *waits,
                            GError **error);

/* Of who has shown the old one. CORE_PORTAL_ERROR_INVALID where it breaks user-mgt.xml's rules. */
gboolean core_user_set_password (const CorePortal *portal, const StUser *user, const char *password,
                                 GError **error);

/* For core-workflow.c, in the middle of a decision: gives the user his role, or deletes him. Again is done
 * already. A user who has roles meanwhile is not deleted: CORE_PORTAL_ERROR_CONFLICT. @name:
 * AM_WORKFLOWS.WF_REFERENCE. */
gboolean core_user_decide (const CorePortal *portal, const CoreActor *actor, const char *name,
                           gboolean approved, GError **error);

G_END_DECLS
#endif
