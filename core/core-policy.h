/* Throttling policies: what plans, applications, APIs and their resources are limited to, and rules of the
 * operator's own (spec/publisher-store-workflows.md 8, spec/databases.md 4.2). Who manages tiers makes, changes
 * and deletes those of his tenant; rules of the operator's own are the super tenant's alone.
 *
 * "Unlimited" is never changed and never deleted, and what something goes by is not deleted: the error says
 * what. Ids are UUIDs, or the numbers of rows that others made without. A database before 2.0, which has no
 * policies, is CORE_PORTAL_ERROR_CONFLICT. Errors: CORE_PORTAL_ERROR. Threads: any; calls block. */
#ifndef CORE_POLICY_H
#define CORE_POLICY_H

#include "core/core-portal.h"
#include "store/st-policy-record.h"

G_BEGIN_DECLS

/* Characters: AM_SUBSCRIPTION and AM_APPLICATION have room for so many of a policy's name. */
#define CORE_POLICY_MAX_TIER_NAME 50
#define CORE_POLICY_MAX_NAME 255
#define CORE_POLICY_MAX_GROUPS 100
#define CORE_POLICY_MAX_CONDITIONS 100
#define CORE_POLICY_MAX_ATTRIBUTES 100
/* Bytes of CUSTOM_ATTRIBUTES and SIDDHI_QUERY. */
#define CORE_POLICY_MAX_TEXT 65535

/* As the paths of REST v0.14's administration have it: "subscription", "application", "advanced", "custom". */
const char *core_policy_kind_text (StPolicyKind kind);
gboolean core_policy_kind_parse (const char *text, StPolicyKind *kind);

/* CORE_PORTAL_ERROR_FORBIDDEN to who neither makes APIs nor publishes them nor manages tiers. */
gboolean core_policy_check_viewer (const CoreActor *actor, GError **error);

/* Adds what is wrong by itself with @policy; field names are REST v0.14's. A pure function. */
void core_policy_check (const StPolicy *policy, GPtrArray *violations);

/* CUSTOM_ATTRIBUTES as WSO2 writes them. @pairs: NULL-terminated: name, value, name, value, ... Free with
 * g_free(). */
char *core_policy_attributes_write (const char *const *pairs);
/* Free with g_strfreev(); empty for what is no such text. @text: (nullable). */
char **core_policy_attributes_read (const char *text);

/* Those of the actor's tenant, which gets its first ones for the question, without condition groups.
 * *records: (transfer full) (element-type StPolicyRecord). */
gboolean core_policy_list (const CorePortal *portal, const CoreActor *actor, StPolicyKind kind,
                           GPtrArray **records, GError **error);
/* *found: (transfer full), with condition groups. */
gboolean core_policy_get (const CorePortal *portal, const CoreActor *actor, StPolicyKind kind, const char *id,
                          StPolicyRecord **found, GError **error);

/* @policy: its tenant is the actor's, whatever it says; no traffic manager has it yet. *created: (transfer
 * full). */
gboolean core_policy_create (const CorePortal *portal, const CoreActor *actor, const StPolicy *policy,
                             StPolicyRecord **created, GError **error);

/* All of it becomes @policy, but for its name, and what REST v0.14 has no words for: the level of an API
 * policy, the attributes of an application policy. @etag: (nullable): core_policy_etag() of what the caller
 * saw; CORE_PORTAL_ERROR_PRECONDITION when it is another one now. *updated: (transfer full). */
gboolean core_policy_update (const CorePortal *portal, const CoreActor *actor, const char *id,
                             const StPolicy *policy, const char *etag, StPolicyRecord **updated,
                             GError **error);
/* @etag: as above. */
gboolean core_policy_delete (const CorePortal *portal, const CoreActor *actor, StPolicyKind kind,
                             const char *id, const char *etag, GError **error);

/* Changes with whatever of it can be changed. Free with g_free(). */
char *core_policy_etag (const StPolicyRecord *record);

G_END_DECLS
#endif
