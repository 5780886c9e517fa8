/* What new user names, role names and passwords must look like: the patterns of user-mgt.xml (ApimUserStoreSettings)
 * and what the user store can hold. Existing users are never checked: they log in whatever their names look like.
 * Threads: immutable; any. */
#ifndef CORE_USER_RULES_H
#define CORE_USER_RULES_H

#include "common/apim-config.h"

G_BEGIN_DECLS

#define CORE_USER_RULES_ERROR (core_user_rules_error_quark ())
GQuark core_user_rules_error_quark (void);
typedef enum
{
  CORE_USER_RULES_ERROR_REFUSED, /* the text breaks a rule; the message says which, without the text */
  CORE_USER_RULES_ERROR_PATTERN, /* the pattern is not understood here, or gave up on the text: nothing passes */
} CoreUserRulesError;

typedef struct _CoreUserRules CoreUserRules;

/* Never fails: what a pattern that is not understood is for, is refused when it is asked for. */
CoreUserRules *core_user_rules_new (const ApimUserStoreSettings *settings);
void core_user_rules_free (CoreUserRules *rules);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CoreUserRules, core_user_rules_free)

/* @name: without tenant. 1-255 characters without control characters, "/" (which ends a user store's name) and blanks
 * at its ends; not a name of WSO2's system; with e-mail user names an address, else without "@" (which begins a
 * tenant's name). */
gboolean core_user_rules_check_user_name (const CoreUserRules *rules, const char *name, GError **error);
/* @name: without "Internal/". 1-240 characters, as above; "@" is allowed. */
gboolean core_user_rules_check_role_name (const CoreUserRules *rules, const char *name, GError **error);
/* 1-255 characters; no pattern: any of them. WSO2 trims a password before it looks at it, so blanks alone are none. */
gboolean core_user_rules_check_password (const CoreUserRules *rules, const char *password, GError **error);

G_END_DECLS
#endif
