/* CoreActor: who does something in the Publisher, the Store or the administration, and what he may do there
 * (spec/publisher-store-workflows.md 1.5). Loaded once per request, or remembered as shortly as permissions
 * may be. Threads: immutable; any. */
#ifndef CORE_ACTOR_H
#define CORE_ACTOR_H

#include "store/st-user-store.h"

G_BEGIN_DECLS

/* One bit per permission of WSO2's tree. */
typedef enum
{
  CORE_MAY_LOGIN = 1 << 0,             /* /permission/admin/login */
  CORE_MAY_CREATE = 1 << 1,            /* /permission/admin/manage/api/create: APIs and documents */
  CORE_MAY_PUBLISH = 1 << 2,           /* .../manage/api/publish: lifecycle, blocking of subscriptions */
  CORE_MAY_SUBSCRIBE = 1 << 3,         /* .../manage/api/subscribe: what the Store offers */
  CORE_MAY_MANAGE_TIERS = 1 << 4,      /* .../manage/manage_tiers */
  CORE_MAY_APPROVE_WORKFLOWS = 1 << 5, /* .../manage/workflowadmin */
  CORE_MAY_ADMINISTER = 1 << 6,        /* .../manage/apim_admin: the tenant's API administration */
} CoreActorPermission;

typedef struct
{
  char *name; /* as AM_API.API_PROVIDER and AM_SUBSCRIBER.USER_ID have it: "alice", "LDAP/alice"; of a tenant
               * "dave@example.com". "" for nobody: a visitor of the Store who did not log in. */
  char *bare_name; /* without the tenant: what AM_API_LC_EVENT.USER_ID has */
  gint tenant_id;
  char *tenant_domain; /* "carbon.super" */
  char **roles;        /* NULL-terminated; with Internal/everyone, but none for a visitor */
  guint permissions;   /* CoreActorPermission */
} CoreActor;

/* @user_domain: (nullable): of a secondary user store. @bare_name: without user store and tenant. */
CoreActor *core_actor_new (const char *user_domain, const char *bare_name, const StTenant *tenant,
                           const char *const *roles, guint permissions);
/* Nobody in particular, as the Store of @tenant sees him. */
CoreActor *core_actor_new_visitor (const StTenant *tenant);
CoreActor *core_actor_copy (const CoreActor *actor);
void core_actor_free (CoreActor *actor);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CoreActor, core_actor_free)

/* The same with the roles and permissions that the user store knows of. NULL with ST_ERROR. An unknown user
 * has no role but everybody's. Blocks. */
CoreActor *core_actor_load (StUserStore *users, const char *user_domain, const char *bare_name,
                            const StTenant *tenant, gint64 deadline_us, GError **error);

/* Whether all of @permissions are held. */
gboolean core_actor_may (const CoreActor *actor, guint permissions);
/* The same, or CORE_PORTAL_ERROR_FORBIDDEN that says what is missing for @what ("publish APIs"). */
gboolean core_actor_require (const CoreActor *actor, guint permissions, const char *what, GError **error);
/* Whether one of @roles (nullable; none: no) is held; case does not count, as in WSO2's user stores. */
gboolean core_actor_has_role (const CoreActor *actor, const char *const *roles);
gboolean core_actor_is_visitor (const CoreActor *actor);

G_END_DECLS
#endif
