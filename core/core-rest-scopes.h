/* The scopes of the Publisher's, Store's and administration's REST APIs, and the roles whose users get them
 * (spec/publisher-store-workflows.md 11, spec/databases.md 6.7): RESTAPIScopes of WSO2's tenant-conf.json,
 * else what its release 2.6 has there. Threads: a set never changes. */
#ifndef CORE_REST_SCOPES_H
#define CORE_REST_SCOPES_H

#include <glib.h>

G_BEGIN_DECLS

#define CORE_REST_SCOPES_ERROR (core_rest_scopes_error_quark ())
GQuark core_rest_scopes_error_quark (void);
typedef enum
{
  CORE_REST_SCOPES_ERROR_FORM, /* not JSON, or RESTAPIScopes is not of WSO2's form; the message is for the
                                  operator */
} CoreRestScopesError;

typedef struct _CoreRestScopes CoreRestScopes;

/* Those of 2.6. @admin_role: AdminRole of user-mgt.xml, which stands where WSO2 writes "admin". */
CoreRestScopes *core_rest_scopes_new_default (const char *admin_role);

/* @text: a tenant-conf.json. Without a member RESTAPIScopes: as new_default(). A scope without roles, which a
 * WSO2 node gives to everybody, is an error: "Internal/everyone" says that. Returns: (transfer full): NULL
 * with CORE_REST_SCOPES_ERROR. */
CoreRestScopes *core_rest_scopes_parse (const char *text, gsize length, const char *admin_role,
                                        GError **error);

void core_rest_scopes_free (CoreRestScopes *scopes);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CoreRestScopes, core_rest_scopes_free)

/* (nullable): NULL-terminated and not empty: any of these roles will do. NULL: @scope is none of a REST API.
 */
char **core_rest_scopes_roles (const CoreRestScopes *scopes, const char *scope);

/* (nullable): what one of 2.6's scopes allows, in words that go on from "wants to". */
const char *core_rest_scopes_words (const char *scope);

G_END_DECLS
#endif
