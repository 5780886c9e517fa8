#include "config.h"
#include "gateway/gw-soap-answer.h"

#include <string.h>

#define NAMESPACE "http://org.apache.axis2/xsd"

/* Parameters */

static void
put_parameter (NetBuffer *output, const char *name, TwText value)
{
  SOAP_WRITE_MARKUP (output, "<ns:");
  soap_write_markup (output, name);
  if (value.bytes == NULL)
    {
      SOAP_WRITE_MARKUP (output, " xsi:nil=\"1\"/>");
      return;
    }
  SOAP_WRITE_MARKUP (output, ">");
  soap_write_escaped (output, value.bytes, value.length);
  SOAP_WRITE_MARKUP (output, "</ns:");
  soap_write_markup (output, name);
  SOAP_WRITE_MARKUP (output, ">");
}

static void
put_validate_key (NetBuffer *output, const TwArguments *arguments, ApimSoapProfile profile)
{
  put_parameter (output, "accessToken", arguments->access_token);
  put_parameter (output, "requiredAuthenticationLevel", arguments->required_level);
  put_parameter (output, "clientDomain", arguments->client_domain);
  if (profile == APIM_SOAP_PROFILE_1_5)
    return;
  put_parameter (output, "matchingResource", arguments->matching_resource);
  put_parameter (output, "httpVerb", arguments->http_verb);
}

void
gw_soap_write_call (NetBuffer *output, TwMethod method, const TwArguments *arguments, ApimSoapProfile profile)
{
  soap_write_begin (output, SOAP_1_2);
  SOAP_WRITE_MARKUP (output, "<ns:");
  soap_write_markup (output, tw_method_name (method));
  SOAP_WRITE_MARKUP (output, " xmlns:ns=\"" NAMESPACE "\">");
  put_parameter (output, "context", arguments->context);
  put_parameter (output, "version", arguments->version);
  if (method == TW_METHOD_VALIDATE_KEY)
    put_validate_key (output, arguments, profile);
  SOAP_WRITE_MARKUP (output, "</ns:");
  soap_write_markup (output, tw_method_name (method));
  SOAP_WRITE_MARKUP (output, ">");
  soap_write_end (output);
}

/* Answers */

static TwText
text_of (const SoapElement *element)
{
  return (TwText){ element->text, element->length };
}

/* Where the texts of a bean go, by its properties. */
typedef struct
{
  const char *name;
  gsize offset;
} TextField;

static const TextField info_texts[] = {
#define INFO(name, member) { name, G_STRUCT_OFFSET (TwKeyValidationInfo, member) }
  INFO ("apiName", api_name),
  INFO ("apiPublisher", api_publisher),
  INFO ("apiTier", api_tier),
  INFO ("applicationId", application_id),
  INFO ("applicationName", application_name),
  INFO ("applicationTier", application_tier),
  INFO ("consumerKey", consumer_key),
  INFO ("endUserName", end_user_name),
  INFO ("endUserToken", end_user_token),
  INFO ("spikeArrestUnit", spike_arrest_unit),
  INFO ("subscriber", subscriber),
  INFO ("subscriberTenantDomain", subscriber_tenant_domain),
  INFO ("tier", tier),
  INFO ("type", type),
#undef INFO
};

static const TextField template_texts[] = {
#define TEMPLATE(name, member) { name, G_STRUCT_OFFSET (TwUriTemplate, member) }
  TEMPLATE ("HTTPVerb", http_verb),
  TEMPLATE ("applicableLevel", applicable_level),
  TEMPLATE ("authType", auth_type),
  TEMPLATE ("throttlingTier", throttling_tier),
  TEMPLATE ("uriTemplate", uri_template),
#undef TEMPLATE
};

static void
take_text (const TextField *fields, gsize n, gpointer structure, const SoapElement *element)
{
  for (gsize i = 0; i < n; i++)
    if (strcmp (fields[i].name, element->name) == 0)
      G_STRUCT_MEMBER (TwText, structure, fields[i].offset) = text_of (element);
}

/* FALSE: not a number in these bounds. */
static gboolean
take_int32 (const SoapElement *element, gint32 *number)
{
  gint64 value;

  if (!g_ascii_string_to_signed (element->text, 10, G_MININT32, G_MAXINT32, &value, NULL))
    return FALSE;
  *number = (gint32) value;
  return TRUE;
}

static gboolean
take_int64 (const SoapElement *element, gint64 *number)
{
  return g_ascii_string_to_signed (element->text, 10, G_MININT64, G_MAXINT64, number, NULL);
}

/* xs:boolean; anything else is false, and grants nothing. */
static gboolean
is_true (const SoapElement *element)
{
  return strcmp (element->text, "true") == 0 || strcmp (element->text, "1") == 0;
}

static gboolean
take_property (TwKeyValidationInfo *info, const SoapElement *element)
{
  const char *name = element->name;

  if (element->nil)
    return TRUE;
  if (strcmp (name, "validationStatus") == 0)
    return take_int32 (element, &info->validation_status);
  if (strcmp (name, "spikeArrestLimit") == 0)
    return take_int32 (element, &info->spike_arrest_limit);
  if (strcmp (name, "validityPeriod") == 0)
    return take_int64 (element, &info->validity_period_ms);
  if (strcmp (name, "issuedTime") == 0)
    return take_int64 (element, &info->issued_time_ms);
  if (strcmp (name, "authorized") == 0)
    info->authorized = is_true (element);
  else if (strcmp (name, "contentAware") == 0)
    info->content_aware = is_true (element);
  else if (strcmp (name, "stopOnQuotaReach") == 0)
    info->stop_on_quota_reach = is_true (element);
  else if (strcmp (name, "throttlingDataList") == 0 && info->throttling_data.bytes == NULL)
    info->throttling_data = text_of (element);
  else
    take_text (info_texts, G_N_ELEMENTS (info_texts), info, element);
  return TRUE;
}

static gboolean
read_info (TwKeyValidationInfo *info, const SoapElement *bean)
{
  const SoapElement *child = NULL;

  if (bean == NULL || bean->nil || bean->n_below == 0)
    return FALSE;
  while ((child = soap_element_next (bean, child)) != NULL)
    if (!take_property (info, child))
      return FALSE;
  return TRUE;
}

/* @conditions: where its conditions go. Returns: how many. */
static guint
read_template (TwUriTemplate *template, TwText *conditions, const SoapElement *bean)
{
  const SoapElement *child = NULL;
  guint n = 0;

  while ((child = soap_element_next (bean, child)) != NULL)
    {
      if (child->nil)
        continue;
      if (strcmp (child->name, "throttlingConditions") == 0)
        conditions[n++] = text_of (child);
      else
        take_text (template_texts, G_N_ELEMENTS (template_texts), template, child);
    }
  template->throttling_conditions = n > 0 ? conditions : NULL;
  template->n_throttling_conditions = n;
  return n;
}

static void
read_templates (GwSoapAnswer *answer, const SoapElement *response)
{
  const SoapElement *bean = NULL;
  guint n = 0, n_conditions = 0;

  while ((bean = soap_element_next_named (response, bean, "return")) != NULL)
    n++;
  answer->templates = g_new0 (TwUriTemplate, n);
  /* Each condition is an element of its own. */
  answer->conditions = g_new (TwText, response->n_below + 1);
  while ((bean = soap_element_next_named (response, bean, "return")) != NULL)
    if (!bean->nil)
      n_conditions += read_template (&answer->templates[answer->n_templates++], answer->conditions + n_conditions, bean);
}

/* "validateKeyResponse". */
static gboolean
is_response_to (const SoapElement *element, TwMethod method)
{
  const char *name = tw_method_name (method);
  gsize length = strlen (name);

  return strncmp (element->name, name, length) == 0 && strcmp (element->name + length, "Response") == 0;
}

gboolean
gw_soap_answer_read (GwSoapAnswer *answer, TwMethod method, const SoapEnvelope *envelope)
{
  *answer = (GwSoapAnswer){ 0 };
  if (envelope->body_child == NULL || !is_response_to (envelope->body_child, method))
    return FALSE;
  if (method == TW_METHOD_VALIDATE_KEY)
    return read_info (&answer->info, soap_element_next_named (envelope->body_child, NULL, "return"));
  read_templates (answer, envelope->body_child);
  return TRUE;
}

void
gw_soap_answer_clear (GwSoapAnswer *answer)
{
  g_clear_pointer (&answer->templates, g_free);
  g_clear_pointer (&answer->conditions, g_free);
  answer->n_templates = 0;
}
