/* APIs found and listed, for the Publisher and for the Store: what one actor may see of them
 * (spec/publisher-store-workflows.md 1.1, 1.5, 3.2, 6.1).
 *
 * The Publisher shows the APIs of the actor's tenant, those of restricted access control to their provider,
 * to the roles and to API administrators only. The Store shows what is PUBLISHED or PROTOTYPED (DEPRECATED
 * too where the node is set up so) and visible: public to everybody, private to the tenant's users,
 * restricted to those of the roles, controlled to the tenants named and its own. What one may not see is not
 * found. Errors: CORE_PORTAL_ERROR. Threads: any; calls block. */
#ifndef CORE_API_READ_H
#define CORE_API_READ_H

#include "core/core-api.h"
#include "core/core-portal.h"
#include "store/st-api-reads.h"

G_BEGIN_DECLS

typedef enum
{
  CORE_AUDIENCE_PUBLISHER, /* needs CORE_MAY_CREATE or CORE_MAY_PUBLISH */
  CORE_AUDIENCE_STORE,     /* anybody */
} CoreAudience;

/* @identifier: a UUID, or "provider-name-version" with "-AT-" for "@". Returns: (transfer full): NULL with
 * CORE_PORTAL_ERROR_NOT_FOUND where there is none or none for this actor. The Store also shows a DEPRECATED
 * or BLOCKED API to who asks for it by its id: its subscribers do. */
CoreApi *core_api_find (const CorePortal *portal, const CoreActor *actor, CoreAudience audience,
                        const char *identifier, GError **error);
CoreApi *core_api_find_by_name (const CorePortal *portal, const CoreActor *actor, CoreAudience audience,
                                const char *provider, const char *name, const char *version, GError **error);

/* An API in a list. Immutable: lists share them. */
typedef struct
{
  gint64 id;
  char *uuid; /* (nullable) */
  char *provider;
  char *name;
  char *version;
  char *context_template; /* as in CoreApi */
  char *context;          /* as the gateway serves it */
  char *status;
  char *description;
  char **tags;
  char *thumbnail_type;
  gboolean is_default_version;
  gint64 updated_ms;
} CoreApiItem;

typedef struct
{
  GPtrArray *items; /* (element-type CoreApiItem): of this page, by name, version and provider; owns them */
  guint total;      /* on all pages */
} CoreApiPage;

void core_api_page_free (CoreApiPage *page);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CoreApiPage, core_api_page_free)

#define CORE_API_PAGE_LIMIT 25
#define CORE_API_PAGE_MAX 1000

/* @search: (nullable): "attr:value" with "*" for anything and "?" for one character, where attr is name,
 * version, context, status, description, subcontext, doc, provider or tag(s); a bare term is looked for in
 * names. Case does not count. An unknown attr is CORE_PORTAL_ERROR_INVALID. @offset, @limit: of the page; a
 * limit of 0 counts only, one over CORE_API_PAGE_MAX is it. */
CoreApiPage *core_api_list (const CorePortal *portal, const CoreActor *actor, CoreAudience audience,
                            const char *search, guint offset, guint limit, GError **error);

/* The tags of the APIs that the actor sees in the Store, each with the number of its APIs.
 * Returns: (transfer full) (element-type utf8 guint): tag to GUINT_TO_POINTER (count). */
GHashTable *core_api_tags (const CorePortal *portal, const CoreActor *actor, GError **error);

/* (transfer full) (element-type StLifecycleEvent): the API's history, oldest first. */
GPtrArray *core_api_history (const CorePortal *portal, const CoreActor *actor, const char *identifier,
                             GError **error);

/* For workflows inside a transaction: the whole record of @row (transfer none). */
CoreApi *core_api_from_row (StWriter *reader, const StApiRow *row, GError **error);
/* The row that an actor of the Publisher means, or CORE_PORTAL_ERROR_NOT_FOUND. */
StApiRow *core_api_find_row (StWriter *reader, const CoreActor *actor, CoreAudience audience,
                             const char *identifier, GError **error);

G_END_DECLS
#endif
