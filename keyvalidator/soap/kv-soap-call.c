#include "config.h"
#include "keyvalidator/soap/kv-soap-call.h"

#include "keyvalidator/soap/kv-soap-answer.h"

#include <string.h>

/* The texts of a TwArguments, by the names of their elements. */
static const struct
{
  const char *name;
  gsize offset;
} parameters[] = {
  { "context", G_STRUCT_OFFSET (TwArguments, context) },
  { "version", G_STRUCT_OFFSET (TwArguments, version) },
  { "accessToken", G_STRUCT_OFFSET (TwArguments, access_token) },
  { "requiredAuthenticationLevel", G_STRUCT_OFFSET (TwArguments, required_level) },
  { "clientDomain", G_STRUCT_OFFSET (TwArguments, client_domain) },
  { "matchingResource", G_STRUCT_OFFSET (TwArguments, matching_resource) },
  { "httpVerb", G_STRUCT_OFFSET (TwArguments, http_verb) },
};

#define PARAMETER(arguments, i) G_STRUCT_MEMBER (TwText, arguments, parameters[i].offset)

static gboolean
refuse (SoapFault *fault, SoapFaultCode code, const char *reason)
{
  *fault = (SoapFault){ .code = code, .reason = reason };
  return FALSE;
}

/* G_N_ELEMENTS (parameters): there is none of this name. */
static guint
find_parameter (const char *name)
{
  guint i = 0;

  while (i < G_N_ELEMENTS (parameters) && strcmp (name, parameters[i].name) != 0)
    i++;
  return i;
}

static gboolean
read_arguments (TwArguments *arguments, const SoapElement *operation, SoapFault *fault)
{
  guint seen = 0; /* bit by index in parameters */

  *arguments = (TwArguments){ 0 };
  for (const SoapElement *element = soap_element_next (operation, NULL); element != NULL;
       element = soap_element_next (operation, element))
    {
      guint i = find_parameter (element->name);

      if (i == G_N_ELEMENTS (parameters))
        continue;
      if ((seen & 1u << i) != 0)
        return refuse (fault, SOAP_FAULT_SENDER, "A parameter is given twice.");
      if (element->n_below > 0)
        return refuse (fault, SOAP_FAULT_SENDER, "A parameter is not a text.");
      seen |= 1u << i;
      if (element->length > 0)
        PARAMETER (arguments, i) = (TwText){ element->text, element->length };
    }
  /* Those that every caller has: an API and a token that cannot exist, as they would be over Thrift. */
  if (arguments->context.bytes == NULL)
    arguments->context = TW_TEXT ("");
  if (arguments->version.bytes == NULL)
    arguments->version = TW_TEXT ("");
  if (arguments->access_token.bytes == NULL)
    arguments->access_token = TW_TEXT ("");
  return TRUE;
}

static gboolean
has_operation (ApimSoapProfile profile, TwMethod method)
{
  return method != TW_METHOD_UNKNOWN
         && (method != TW_METHOD_VALIDATE_KEY_FOR_HANDSHAKE || profile >= APIM_SOAP_PROFILE_2_X);
}

static gboolean
check_operation (const SoapHead *head, ApimSoapProfile profile, const SoapElement *operation, TwMethod *method,
                 SoapFault *fault)
{
  if (operation == NULL)
    return refuse (fault, SOAP_FAULT_SENDER, "The Body is empty.");
  /* Axis2's text names both; the one that was found is a stranger's and stays out. */
  if (g_strcmp0 (operation->namespace, KV_SOAP_NAMESPACE) != 0)
    return refuse (fault, SOAP_FAULT_RECEIVER, "namespace mismatch require " KV_SOAP_NAMESPACE " found another one");
  *method = tw_method_from_name (tw_text (operation->name));
  if (!has_operation (profile, *method))
    return refuse (fault, SOAP_FAULT_SENDER, "There is no such operation.");
  if (!soap_head_names (head, operation->name))
    return refuse (fault, SOAP_FAULT_SENDER, "The action names another operation than the message.");
  return TRUE;
}

gboolean
kv_soap_call_read (KvSoapCall *call, const SoapHead *head, ApimSoapProfile profile, SoapReader *reader,
                   const void *bytes, gsize length, SoapFault *fault)
{
  SoapEnvelope envelope;
  const char *why;
  SoapRead result = soap_reader_read (reader, bytes, length, &envelope, &why);

  if (result != SOAP_READ_DONE)
    {
      *fault = soap_fault_of_read (result, why);
      return FALSE;
    }
  if (envelope.version != head->version)
    return refuse (fault, SOAP_FAULT_VERSION_MISMATCH,
                   "The envelope is of another SOAP version than the Content-Type.");
  return check_operation (head, profile, envelope.body_child, &call->method, fault)
         && read_arguments (&call->arguments, envelope.body_child, fault);
}

gsize
kv_soap_call_size (const KvSoapCall *call)
{
  gsize size = 0;

  for (guint i = 0; i < G_N_ELEMENTS (parameters); i++)
    size += PARAMETER (&call->arguments, i).length;
  return size;
}

void
kv_soap_call_keep (KvSoapCall *call, char *place)
{
  for (guint i = 0; i < G_N_ELEMENTS (parameters); i++)
    {
      TwText *text = &PARAMETER (&call->arguments, i);

      if (text->length == 0)
        continue;
      memcpy (place, text->bytes, text->length);
      text->bytes = place;
      place += text->length;
    }
}
