#include "config.h"
#include "portal/pt-role.h"

#include "portal/jaggery/pt-api-docs.h"
#include "portal/jaggery/pt-page-tables.h"
#include "portal/pt-archive-tool.h"
#include "portal/pt-rest.h"
#include "portal/pt-tables.h"

typedef struct
{
  const char *name; /* of the counters */
  PtPortal *portal;
  PtDispatch *dispatch;
  GPtrArray *apis; /* of PtRest */
  PtPages *pages;
  PtArchiveTool *archive_tool; /* NULL: of the Publisher only */
  PtApiDocs *api_docs;         /* of the Store only */
} PtRole;

static void
role_stop (gpointer data)
{
  PtRole *role = data;

  g_clear_pointer (&role->api_docs, pt_api_docs_free);
  g_clear_pointer (&role->archive_tool, pt_archive_tool_free);
  g_clear_pointer (&role->pages, pt_pages_free);
  g_clear_pointer (&role->apis, g_ptr_array_unref);
  g_clear_pointer (&role->dispatch, pt_dispatch_free);
  g_clear_pointer (&role->portal, pt_portal_free);
  g_free (role);
}

/* @name: of the counters; @title: for people. */
static PtRole *
role_new (ApimNode *node, const char *name, const char *title, GError **error)
{
  PtRole *role = g_new0 (PtRole, 1);

  role->name = name;
  role->dispatch = pt_dispatch_new (node->portal_pool);
  role->apis = g_ptr_array_new_with_free_func ((GDestroyNotify)pt_rest_free);
  role->portal = pt_portal_new (node, error);
  if (role->portal != NULL && pt_portal_check_tables (role->portal, title, error))
    return role;
  role_stop (role);
  return NULL;
}

static void
serve (PtRole *role, const char *api, const PtRoute *const *tables)
{
  PtRest *rest = pt_rest_new (role->portal, api, tables);

  g_ptr_array_add (role->apis, rest);
  pt_rest_add_to (rest, role->dispatch, role->portal->node->https);
}

/* The form pages. Returns: the role; on NULL it is gone. */
static gpointer
serve_pages (PtRole *role, const char *site, const PtPageRow *const *tables, GError **error)
{
  role->pages = pt_pages_new (role->portal, site, tables, error);
  if (role->pages == NULL)
    {
      role_stop (role);
      return NULL;
    }
  pt_pages_add_to (role->pages, role->dispatch, role->portal->node->https);
  return role;
}

static gpointer
publisher_start (ApimNode *node, GError **error)
{
  PtRole *role = role_new (node, "publisher", "Publisher", error);

  if (role == NULL)
    return NULL;
  serve (role, "publisher", pt_publisher_tables);
  serve (role, "admin", pt_admin_tables);
  role->archive_tool = pt_archive_tool_new (role->portal);
  pt_archive_tool_add_to (role->archive_tool, role->dispatch, node->https);
  return serve_pages (role, "publisher", pt_publisher_page_tables, error);
}

static gpointer
store_start (ApimNode *node, GError **error)
{
  PtRole *role = role_new (node, "store", "Store", error);

  if (role == NULL)
    return NULL;
  serve (role, "store", pt_store_tables);
  role = serve_pages (role, "store", pt_store_page_tables, error);
  if (role != NULL)
    {
      role->api_docs = pt_api_docs_new (role->portal, pt_pages_sessions (role->pages));
      pt_api_docs_add_to (role->api_docs, role->dispatch, role->portal->node->https);
    }
  return role;
}

/* What a portal takes from the configuration is taken at its start. */
static void
role_reload (gpointer data, ApimConfig *config)
{
}

static void
role_status (gpointer data, ApimStatus *status)
{
  const PtRole *role = data;

  pt_portal_status (role->portal, role->name, status);
}

const ApimRole apim_role_publisher
    = { "api-publisher", publisher_start, role_reload, role_status, role_stop };
const ApimRole apim_role_store = { "api-store", store_start, role_reload, role_status, role_stop };
