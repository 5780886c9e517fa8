/* How a call leaves for its endpoint. */
#include "config.h"
#include "deployment/dp-synapse-private.h"

#include "deployment/dp-endpoint.h"
#include "deployment/dp-mediator.h"
#include "deployment/dp-names.h"

#include <string.h>

/* An endpoint of its own, or (up to 2.2, and WSDL) one within the API's file. */
static void
write_endpoint (const DpSynapse *file, gboolean sandbox, guint number)
{
  g_autofree char *key = dp_name_endpoint (file->api, sandbox);
  g_autofree char *api = dp_name_api (file->api);
  g_autofree char *name
      = g_strdup_printf ("%s_API%sEndpoint_%u", api, sandbox ? "sandbox" : "production", number);

  if (!dp_synapse_has_endpoint_files (file->api, file->endpoints, file->settings))
    {
      dp_endpoint_write (file->xml, name, file->endpoints,
                         sandbox ? file->endpoints->sandbox : file->endpoints->production,
                         file->settings->generation);
      return;
    }
  dp_xml_begin (file->xml, "endpoint");
  dp_xml_attribute (file->xml, "key", key);
  dp_xml_end (file->xml);
}

static char *
encode_login (const CoreApi *api)
{
  g_autofree char *login = g_strdup_printf ("%s:%s", api->endpoint_user != NULL ? api->endpoint_user : "",
                                            api->endpoint_password != NULL ? api->endpoint_password : "");
  char *encoded = g_base64_encode ((const guchar *)login, strlen (login));

  explicit_bzero (login, strlen (login));
  return encoded;
}

static void
write_vault_login (const DpSynapse *file)
{
  g_autofree char *alias = dp_name_vault_alias (file->api);
  g_autofree char *alias_literal = dp_xpath_literal (alias);
  g_autofree char *user = dp_xpath_literal (file->api->endpoint_user != NULL ? file->api->endpoint_user : "");
  g_autofree char *look_up = g_strdup_printf ("wso2:vault-lookup(%s)", alias_literal);
  g_autofree char *login = g_strdup_printf ("fn:concat(%s,':',get-property('password'))", user);

  dp_mediator_expression (file->xml, "password", look_up, NULL);
  dp_mediator_expression (file->xml, "unpw", login, NULL);
  dp_mediator_expression (file->xml, "Authorization",
                          "fn:concat('Basic ', base64Encode(get-property('unpw')))", "transport");
}

static void
write_enrich (DpXml *xml, const char *source, const char *target)
{
  gboolean from_body = strcmp (source, "body") == 0;

  dp_xml_begin (xml, "enrich");
  dp_xml_begin (xml, "source");
  dp_xml_attribute (xml, "type", source);
  dp_xml_attribute (xml, "clone", "true");
  dp_xml_attribute (xml, "property", from_body ? NULL : "MessageBody");
  dp_xml_end (xml);
  dp_xml_begin (xml, "target");
  dp_xml_attribute (xml, "type", target);
  dp_xml_attribute (xml, "property", from_body ? "MessageBody" : NULL);
  dp_xml_end (xml);
  dp_xml_end (xml);
}

/* RFC 7616 at the gateway: a first call gets the challenge, the mediator answers it, the second one follows.
 */
static void
write_digest_login (const DpSynapse *file, gboolean sandbox, guint number)
{
  const CoreEndpointSide *side = sandbox ? file->endpoints->sandbox : file->endpoints->production;
  const CoreEndpoint *endpoint = g_ptr_array_index (side->endpoints, 0);
  g_autofree char *login = encode_login (file->api);
  DpXml *xml = file->xml;

  dp_mediator_property (xml, "UNAMEPASSWORD", login, NULL);
  dp_mediator_property (xml, "BACKEND_URL", endpoint->url, NULL);
  dp_mediator_expression (xml, "POSTFIX", "get-property('axis2', 'REST_URL_POSTFIX')", NULL);
  dp_mediator_expression (xml, "HTTP_METHOD", "get-property('axis2', 'HTTP_METHOD')", NULL);
  dp_mediator_property (xml, "POST_TO_URI", "true", "axis2");
  dp_mediator_expression (xml, "MessageType", "get-property('axis2', 'messageType')", NULL);
  write_enrich (xml, "body", "property");
  dp_xml_begin (xml, "call");
  write_endpoint (file, sandbox, number);
  dp_xml_end (xml);
  dp_mediator_class (xml, "org.wso2.carbon.apimgt.gateway.mediators.DigestAuthMediator");
  dp_mediator_expression (xml, "Authorization", "get-property('AuthHeader')", "transport");
  dp_mediator_expression (xml, "messageType", "get-property('MessageType')", "axis2");
  dp_mediator_expression (xml, "HTTP_METHOD", "get-property('HTTP_METHOD')", "axis2");
  dp_mediator_expression (xml, "REST_URL_POSTFIX", "$ctx:POSTFIX", "axis2");
  dp_mediator_property (xml, "POST_TO_URI", "true", "axis2");
  write_enrich (xml, "property", "body");
  explicit_bzero (login, strlen (login));
}

static void
write_basic_login (const DpSynapse *file)
{
  g_autofree char *login = encode_login (file->api);
  g_autofree char *expression = g_strdup_printf ("fn:concat('Basic ', '%s')", login);

  dp_mediator_expression (file->xml, "Authorization", expression, "transport");
  explicit_bzero (login, strlen (login));
  explicit_bzero (expression, strlen (expression));
}

void
dp_synapse_write_send (const DpSynapse *file, gboolean sandbox, guint number)
{
  if (file->api->endpoint_security == CORE_ENDPOINT_SECURITY_DIGEST)
    write_digest_login (file, sandbox, number);
  else if (file->api->endpoint_security == CORE_ENDPOINT_SECURITY_BASIC && file->settings->secure_vault)
    write_vault_login (file);
  else if (file->api->endpoint_security == CORE_ENDPOINT_SECURITY_BASIC)
    write_basic_login (file);
  dp_xml_begin (file->xml, "send");
  write_endpoint (file, sandbox, number);
  dp_xml_end (file->xml);
}
