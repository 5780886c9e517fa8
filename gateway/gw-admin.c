#include "config.h"
#include "gateway/gw-admin-private.h"

#include "common/apim-folder.h"
#include "common/apim-xml.h"

#include <errno.h>
#include <string.h>

#define LOOK_MS 30000 /* a look that takes longer is no answer to wait for */

const SoapField gw_admin_boolean_result[] = { { .name = "return", .type = "boolean" }, { NULL } };

GwAdmin *
gw_admin_new (const ApimConfig *config, SoapGuard *guard, ApimTenants *tenants, GwDeployment *deployment,
              GwAuthenticator *authenticator, GwVault *vault)
{
  GwAdmin *admin = g_new0 (GwAdmin, 1);

  admin->tenants = tenants;
  admin->deployment = deployment;
  admin->authenticator = authenticator;
  admin->vault = vault;
  admin->server = soap_server_new (config, "gateway", guard);
  g_mutex_init (&admin->lock);
  return admin;
}

void
gw_admin_free (GwAdmin *admin)
{
  if (admin == NULL)
    return;
  soap_server_free (admin->server);
  g_mutex_clear (&admin->lock);
  g_free (admin);
}

void
gw_admin_set_limits (GwAdmin *admin, const ApimLimits *limits)
{
  soap_server_set_limits (admin->server, limits);
}

void
gw_admin_add_to (GwAdmin *admin, NetHttpServer *http)
{
  soap_server_add (admin->server, http, &gw_admin_apis, FALSE, admin);
  soap_server_add (admin->server, http, &gw_admin_rest, FALSE, admin);
  soap_server_add (admin->server, http, &gw_admin_authentication, FALSE, admin);
}

void
gw_admin_add_status (GwAdmin *admin, ApimStatus *status)
{
  soap_server_add_status (admin->server, "gateway.soap", status);
}

/* Whose files */

static gboolean
find_tenant (const GwAdmin *admin, const char *domain, gint64 deadline_us, gint *id, GError **error)
{
  *id = 0;
  if (admin->tenants != NULL && !admin->tenants->find (admin->tenants, domain, deadline_us, id, error))
    return FALSE;
  if (*id > 0)
    return TRUE;
  g_set_error (error, SOAP_ERROR, SOAP_ERROR_FAILED, "There is no tenant \"%s\".", domain);
  return FALSE;
}

gboolean
gw_admin_read_tenant (const SoapCall *call, GwAdminTenant *tenant, GError **error)
{
  const char *domain = soap_parameter (call->operation, "tenantDomain");

  if (domain == NULL && g_str_has_suffix (call->operation->name, "ForTenant"))
    return soap_fail (error, "The parameter \"tenantDomain\" is missing.");
  *tenant = (GwAdminTenant){ APIM_SUPER_TENANT_ID, APIM_SUPER_TENANT_DOMAIN };
  if (domain == NULL || strcmp (domain, APIM_SUPER_TENANT_DOMAIN) == 0)
    return TRUE;
  tenant->domain = domain;
  return find_tenant (gw_admin_of (call), domain, call->deadline_us, &tenant->id, error);
}

/* Files */

static gboolean
fail_file (GError **error, const char *what, const char *file)
{
  g_set_error (error, SOAP_ERROR, SOAP_ERROR_FAILED, "The file %s cannot be %s: %s", file, what, g_strerror (errno));
  return FALSE;
}

/* Contexts below /t/ are the tenants', each has its own. */
static gboolean
check_context (const GwAdminTenant *tenant, const char *context, GError **error)
{
  g_autofree char *own = g_strdup_printf ("/t/%s/", tenant->domain);
  gboolean super = tenant->id == APIM_SUPER_TENANT_ID;

  if (super ? !g_str_has_prefix (context, "/t/") : g_str_has_prefix (context, own))
    return TRUE;
  g_set_error (error, SOAP_ERROR, SOAP_ERROR_FAILED, "The context %s is not the tenant's: %s is \"%s\".", context,
               super ? "what other tenants' begin with" : "what its contexts begin with", super ? "/t/" : own);
  return FALSE;
}

/* @defines: (out) (transfer full). */
static gboolean
check_text (GwAdmin *admin, const GwAdminTenant *tenant, GwFileKind kind, const char *name, const char *text,
            char **defines, GError **error)
{
  g_autofree char *context = NULL;
  g_autoptr (GError) why = NULL;

  if (!gw_deployment_check (admin->deployment, tenant->id, kind, text, strlen (text), defines, &context, &why))
    return soap_fail (error, why->message);
  if (name != NULL && strcmp (*defines, name) != 0)
    {
      g_set_error (error, SOAP_ERROR, SOAP_ERROR_FAILED, "The file defines \"%s\", not \"%s\".", *defines, name);
      return FALSE;
    }
  return context == NULL || check_context (tenant, context, error);
}

/* The file that has it, or the one that it will be in. NULL: that one has another: "a:b" and "a_b" would be in one file,
 * but are two. Free with g_free(). */
static char *
file_of (GwAdmin *admin, const GwAdminTenant *tenant, GwFileKind kind, const char *name, GError **error)
{
  g_autofree char *file = gw_deployment_file (admin->deployment, tenant->id, kind, name);
  g_autofree char *other = NULL;

  if (file != NULL)
    return g_steal_pointer (&file);
  file = apim_folder_file_name (name);
  other = gw_deployment_name (admin->deployment, tenant->id, kind, file);
  if (other == NULL)
    return g_steal_pointer (&file);
  g_set_error (error, SOAP_ERROR, SOAP_ERROR_FAILED, "The file %s, where \"%s\" belongs, is that of \"%s\".", file, name,
               other);
  return NULL;
}

/* As it was before: @before NULL: it was not there. */
static void
put_back (GwAdmin *admin, const GwAdminTenant *tenant, GwFileKind kind, int folder, const char *file,
          const char *before)
{
  if (before != NULL)
    apim_folder_replace (folder, file, before, strlen (before));
  else if (apim_folder_remove (folder, file))
    gw_deployment_forget (admin->deployment, tenant->id, kind, file);
}

/* What only shows when it is there: another API has its context. */
static gboolean
wait_served (GwAdmin *admin, const GwAdminTenant *tenant, GwFileKind kind, const char *file, GError **error)
{
  g_autofree char *problem = NULL;

  if (!gw_deployment_look (admin->deployment, LOOK_MS))
    return soap_fail (error, "The gateway did not look at its files in time; try again.");
  problem = gw_deployment_problem (admin->deployment, tenant->id, kind, file);
  return problem == NULL || soap_fail (error, problem);
}

static gboolean
write_file (GwAdmin *admin, const GwAdminTenant *tenant, GwFileKind kind, const char *file, const char *text,
            GError **error)
{
  g_auto (ApimFd) folder = gw_deployment_open_folder (admin->deployment, tenant->id, kind);
  g_autofree char *before = folder >= 0 ? apim_folder_read (folder, file, APIM_XML_FILE_MAX, NULL) : NULL;

  if (folder < 0 || !apim_folder_replace (folder, file, text, strlen (text)))
    return fail_file (error, "written", file);
  if (wait_served (admin, tenant, kind, file, error))
    return TRUE;
  put_back (admin, tenant, kind, folder, file, before);
  return FALSE;
}

gboolean
gw_admin_put (GwAdmin *admin, const GwAdminTenant *tenant, GwFileKind kind, const char *name, const char *text,
              GError **error)
{
  g_autofree char *defines = NULL, *file = NULL;
  gboolean done;

  if (!check_text (admin, tenant, kind, name, text, &defines, error))
    return FALSE;
  g_mutex_lock (&admin->lock);
  file = file_of (admin, tenant, kind, defines, error);
  done = file != NULL && write_file (admin, tenant, kind, file, text, error);
  g_mutex_unlock (&admin->lock);
  return done;
}

static gboolean
remove_file (GwAdmin *admin, const GwAdminTenant *tenant, GwFileKind kind, const char *name, GError **error)
{
  g_autofree char *file = file_of (admin, tenant, kind, name, NULL);
  g_auto (ApimFd) folder = -1;

  if (file == NULL)
    return TRUE; /* another's: what is named is not there */
  folder = gw_deployment_open_folder (admin->deployment, tenant->id, kind);
  if (folder < 0 || !apim_folder_remove (folder, file))
    return fail_file (error, "removed", file);
  gw_deployment_forget (admin->deployment, tenant->id, kind, file);
  return TRUE;
}

gboolean
gw_admin_take_away (GwAdmin *admin, const GwAdminTenant *tenant, GwFileKind kind, const char *name,
                    gboolean *was_there, GError **error)
{
  gboolean done;

  g_mutex_lock (&admin->lock);
  if (was_there != NULL)
    *was_there = gw_admin_has (admin, tenant, kind, name);
  done = remove_file (admin, tenant, kind, name, error);
  g_mutex_unlock (&admin->lock);
  return done;
}

gboolean
gw_admin_has (GwAdmin *admin, const GwAdminTenant *tenant, GwFileKind kind, const char *name)
{
  g_autofree char *file = gw_deployment_file (admin->deployment, tenant->id, kind, name);

  return file != NULL;
}

GwApi *
gw_admin_find_api (GwAdmin *admin, const GwAdminTenant *tenant, const char *name)
{
  g_autoptr (GwRoutes) routes = gw_deployment_ref_routes (admin->deployment);
  GwApi *api = gw_routes_by_name (routes, name);

  return api != NULL && gw_admin_has (admin, tenant, GW_FILE_API, name) ? gw_api_ref (api) : NULL;
}
