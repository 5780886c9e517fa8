/* Sequences and endpoints of APIGatewayAdmin (spec/gateway-and-traffic-manager.md 5.1). */
#include "config.h"
#include "gateway/gw-admin-private.h"

#include "common/apim-folder.h"
#include "common/apim-xml.h"

#include <libxml/parser.h>
#include <string.h>

/* XML inside of XML */

/* An element as a document of its own: it declares the prefixes that it uses. Free with g_free(). */
static char *
serialize (xmlNode *node)
{
  xmlDoc *document = xmlNewDoc ((const xmlChar *)"1.0");
  xmlNode *copy = xmlDocCopyNode (node, document, 1);
  xmlBuffer *buffer = xmlBufferCreate ();
  char *text = NULL;

  if (copy != NULL)
    {
      xmlDocSetRootElement (document, copy);
      xmlReconciliateNs (document, copy);
      xmlNodeDump (buffer, document, copy, 0, 0);
      text = g_strdup ((const char *)xmlBufferContent (buffer));
    }
  xmlBufferFree (buffer);
  xmlFreeDoc (document);
  return text;
}

static xmlNode *
find_child (xmlNode *parent, const char *name)
{
  xmlNode *child = parent != NULL ? xmlFirstElementChild (parent) : NULL;

  while (child != NULL && name != NULL && strcmp ((const char *)child->name, name) != 0)
    child = xmlNextElementSibling (child);
  return child;
}

/* The element that is the parameter @name of the call, with all that the reader of calls leaves out: attributes. (transfer
 * full) (nullable): there is none. */
static char *
inner_xml (const SoapCall *call, const char *name, GError **error)
{
  gsize length;
  const char *bytes = (const char *)net_http_exchange_body (call->exchange, &length);
  g_autoptr (ApimXml) xml = apim_xml_parse ("the message", bytes, length, error);
  xmlNode *operation, *node;

  if (xml == NULL)
    return NULL;
  operation = find_child (find_child (xmlDocGetRootElement (xml->document), "Body"), NULL);
  node = find_child (find_child (operation, name), NULL);
  return node != NULL ? serialize (node) : NULL;
}

/* Sequences */

gboolean
gw_admin_add_sequence (SoapCall *call, GError **error)
{
  g_autoptr (GError) why = NULL;
  g_autofree char *xml = inner_xml (call, "sequence", &why);
  const char *text = xml != NULL ? xml : soap_parameter (call->operation, "sequence"); /* as escaped text */
  GwAdminTenant tenant;

  if (why != NULL)
    return soap_fail (error, why->message);
  if (text == NULL)
    return soap_fail (error, "The parameter \"sequence\" is missing.");
  if (!gw_admin_read_tenant (call, &tenant, error)
      || !gw_admin_put (gw_admin_of (call), &tenant, GW_FILE_SEQUENCE, NULL, text, error))
    return FALSE;
  soap_write_boolean (call->output, "ns:return", TRUE);
  return TRUE;
}

static gboolean
read_sequence_name (const SoapCall *call, GwAdminTenant *tenant, const char **name, GError **error)
{
  return gw_admin_read_tenant (call, tenant, error)
         && soap_parameter_need (call->operation, "sequenceName", name, error);
}

/* The file's element; NULL: there is none, or it is a broken one. */
static char *
read_sequence (GwAdmin *admin, const GwAdminTenant *tenant, const char *name)
{
  g_autofree char *file = gw_deployment_file (admin->deployment, tenant->id, GW_FILE_SEQUENCE, name);
  g_auto (ApimFd) folder
      = file != NULL ? gw_deployment_open_folder (admin->deployment, tenant->id, GW_FILE_SEQUENCE) : -1;
  gsize length;
  g_autofree char *bytes = folder >= 0 ? apim_folder_read (folder, file, APIM_XML_FILE_MAX, &length) : NULL;
  g_autoptr (ApimXml) xml = bytes != NULL ? apim_xml_parse (file, bytes, length, NULL) : NULL;

  return xml != NULL ? serialize (xmlDocGetRootElement (xml->document)) : NULL;
}

gboolean
gw_admin_get_sequence (SoapCall *call, GError **error)
{
  g_autofree char *text = NULL;
  GwAdminTenant tenant;
  const char *name;

  if (!read_sequence_name (call, &tenant, &name, error))
    return FALSE;
  text = read_sequence (gw_admin_of (call), &tenant, name);
  if (text == NULL)
    {
      soap_write_text (call->output, "ns:return", NULL);
      return TRUE;
    }
  SOAP_WRITE_MARKUP (call->output, "<ns:return>");
  soap_write_markup (call->output, text); /* libxml2 wrote it: one element, well-formed */
  SOAP_WRITE_MARKUP (call->output, "</ns:return>");
  return TRUE;
}

gboolean
gw_admin_delete_sequence (SoapCall *call, GError **error)
{
  GwAdminTenant tenant;
  const char *name;

  if (!read_sequence_name (call, &tenant, &name, error)
      || !gw_admin_take_away (gw_admin_of (call), &tenant, GW_FILE_SEQUENCE, name, NULL, error))
    return FALSE;
  soap_write_boolean (call->output, "ns:return", TRUE);
  return TRUE;
}

/* Those that gateways bring along exist, too. */
gboolean
gw_admin_has_sequence (SoapCall *call, GError **error)
{
  GwAdminTenant tenant;
  const char *name;

  if (!read_sequence_name (call, &tenant, &name, error))
    return FALSE;
  soap_write_boolean (call->output, "ns:return",
                      gw_built_in_parse (name) != GW_BUILT_IN_NONE
                          || gw_admin_has (gw_admin_of (call), &tenant, GW_FILE_SEQUENCE, name));
  return TRUE;
}

/* Endpoints */

gboolean
gw_admin_add_endpoint (SoapCall *call, GError **error)
{
  GwAdminTenant tenant;
  const char *text;

  if (!gw_admin_read_tenant (call, &tenant, error)
      || !soap_parameter_need (call->operation, "endpointData", &text, error)
      || !gw_admin_put (gw_admin_of (call), &tenant, GW_FILE_ENDPOINT, NULL, text, error))
    return FALSE;
  soap_write_boolean (call->output, "ns:return", TRUE);
  return TRUE;
}

gboolean
gw_admin_delete_endpoint (SoapCall *call, GError **error)
{
  GwAdminTenant tenant;
  const char *name;

  if (!gw_admin_read_tenant (call, &tenant, error)
      || !soap_parameter_need (call->operation, "endpointName", &name, error)
      || !gw_admin_take_away (gw_admin_of (call), &tenant, GW_FILE_ENDPOINT, name, NULL, error))
    return FALSE;
  soap_write_boolean (call->output, "ns:return", TRUE);
  return TRUE;
}

/* Both of an API's: "Weather--v1.0.0_APIproductionEndpoint". Calls under way, and the API as long as its file names them,
 * go on with them. Its answer is whether there were any. */
gboolean
gw_admin_remove_endpoints (SoapCall *call, GError **error)
{
  static const char *const sides[] = { "production", "sandbox" };
  gboolean any = FALSE, was_there;
  const char *name, *version;
  GwAdminTenant tenant;

  if (!gw_admin_read_tenant (call, &tenant, error) || !soap_parameter_need (call->operation, "apiName", &name, error)
      || !soap_parameter_need (call->operation, "apiVersion", &version, error))
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (sides); i++)
    {
      g_autofree char *endpoint = g_strdup_printf ("%s--v%s_API%sEndpoint", name, version, sides[i]);

      if (!gw_admin_take_away (gw_admin_of (call), &tenant, GW_FILE_ENDPOINT, endpoint, &was_there, error))
        return FALSE;
      any |= was_there;
    }
  soap_write_boolean (call->output, "ns:return", any);
  return TRUE;
}
