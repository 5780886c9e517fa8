/* Tenants: a resource of this product's; WSO2 has it in its console and a SOAP service. */
#include "config.h"
#include "portal/admin/pt-admin.h"

#include "core/core-tenant.h"
#include "portal/json/pt-json.h"
#include "portal/pt-page.h"

#define VIEW "apim:tenant_view"
#define MANAGE "apim:tenant_manage"

static void
append_tenant (GString *json, gconstpointer item, const PtRequest *request)
{
  const StTenantRecord *tenant = item;

  g_string_append_c (json, '{');
  core_json_append_int64 (json, "tenantId", tenant->id);
  core_json_append_member (json, "domain", tenant->domain);
  core_json_append_member (json, "email", tenant->email);
  core_json_append_boolean (json, "active", tenant->active);
  pt_json_append_time (json, "createdTime", tenant->created_ms);
  g_string_append_c (json, '}');
}

static gboolean
list_tenants (PtRequest *request, PtAnswer *answer, GError **error)
{
  g_autoptr (GPtrArray) tenants = NULL;
  StPage page;

  if (!pt_request_page (request, &page, error) || !core_tenant_list (&request->core, request->actor, &tenants, error))
    return FALSE;
  pt_page_answer_part (request, answer, &page, tenants, append_tenant);
  return TRUE;
}

static gboolean
get_tenant (PtRequest *request, PtAnswer *answer, GError **error)
{
  g_autoptr (StTenantRecord) tenant = NULL;

  if (!core_tenant_get (&request->core, request->actor, request->parameters[0], &tenant, error))
    return FALSE;
  append_tenant (answer->json, tenant, request);
  return TRUE;
}

static gboolean
create_tenant (PtRequest *request, PtAnswer *answer, GError **error)
{
  const CoreNewTenant wanted = { core_json_string (core_json_member (request->body, "domain")),
                                 core_json_string (core_json_member (request->body, "email")),
                                 core_json_string (core_json_member (request->body, "adminUser")),
                                 core_json_string (core_json_member (request->body, "adminPassword")) };
  g_autoptr (StTenantRecord) tenant = NULL;

  if (!core_tenant_create (&request->core, request->actor, &wanted, &tenant, error))
    return FALSE;
  append_tenant (answer->json, tenant, request);
  pt_answer_created (answer, "/tenants/%s", tenant->domain);
  return TRUE;
}

static gboolean
switch_tenant (PtRequest *request, PtAnswer *answer, GError **error)
{
  g_autoptr (GPtrArray) violations = core_violations_new ();
  const PtJson json = { request->body, "", violations };
  g_autoptr (StTenantRecord) tenant = NULL;
  gboolean active = FALSE;

  if (!pt_json_has (&json, "active"))
    core_violations_add (violations, "active", "What the tenant is to be is missing: true or false.");
  pt_json_boolean (&json, "active", &active);
  if (!core_violations_check (violations, error)
      || !core_tenant_set_active (&request->core, request->actor, request->parameters[0], active, &tenant, error))
    return FALSE;
  append_tenant (answer->json, tenant, request);
  return TRUE;
}

const PtRoute pt_admin_tenants[] = {
  { "GET", "/tenants", VIEW, PT_BODY_NONE, FALSE, list_tenants },
  { "POST", "/tenants", MANAGE, PT_BODY_JSON, FALSE, create_tenant },
  { "GET", "/tenants/{domain}", VIEW, PT_BODY_NONE, FALSE, get_tenant },
  { "PATCH", "/tenants/{domain}", MANAGE, PT_BODY_JSON, FALSE, switch_tenant },
  { NULL },
};
