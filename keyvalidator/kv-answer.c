#include "config.h"
#include "keyvalidator/kv-answer.h"

void
kv_answer_info (const KvCallResult *result, TwKeyValidationInfo *info)
{
  const CoreDecision *decision = &result->decision;

  *info = (TwKeyValidationInfo){
    .authorized = decision->authorized,
    .subscriber = tw_text (decision->subscriber),
    .tier = tw_text (decision->tier),
    .type = tw_text (decision->type),
    .end_user_token = tw_text (result->end_user_token),
    .end_user_name = tw_text (decision->end_user_name),
    .application_name = tw_text (decision->application_name),
    .validation_status = (gint32)decision->status,
    .application_id = tw_text (decision->application_id),
    .application_tier = tw_text (decision->application_tier),
    .api_name = tw_text (decision->api_name),
    .consumer_key = tw_text (decision->consumer_key),
    .api_publisher = tw_text (decision->api_publisher),
    .validity_period_ms = decision->validity_ms,
    .issued_time_ms = decision->issued_ms,
    .content_aware = decision->content_aware,
    .api_tier = tw_text (decision->api_tier),
    .throttling_data = tw_text (decision->throttling_data),
    .spike_arrest_limit = decision->spike_arrest_limit,
    .subscriber_tenant_domain = tw_text (decision->subscriber_tenant_domain),
    .spike_arrest_unit = tw_text (decision->spike_arrest_unit),
    .stop_on_quota_reach = decision->stop_on_quota_reach,
  };
}

static void
fill_uri_template (TwUriTemplate *template, const StResource *resource, GArray *conditions)
{
  guint first = conditions->len;

  for (guint i = 0; resource->conditions != NULL && resource->conditions[i] != NULL; i++)
    {
      TwText condition = tw_text (resource->conditions[i]);

      g_array_append_val (conditions, condition);
    }
  *template = (TwUriTemplate){
    .uri_template = tw_text (resource->url_pattern),
    .http_verb = tw_text (resource->http_method),
    .auth_type = tw_text (resource->auth_scheme),
    .throttling_tier = tw_text (resource->throttling_tier),
    .applicable_level = tw_text (resource->applicable_level),
    /* An index for now: the array may still move. */
    .throttling_conditions = GUINT_TO_POINTER (first),
    .n_throttling_conditions = conditions->len - first,
  };
}

void
kv_answer_templates (const KvCallResult *result, KvAnswerTemplates *answer)
{
  const GPtrArray *resources = result->resources->resources;
  GArray *conditions = g_array_new (FALSE, FALSE, sizeof (TwText));

  *answer = (KvAnswerTemplates){ g_new0 (TwUriTemplate, resources->len), resources->len, conditions };
  for (guint i = 0; i < resources->len; i++)
    {
      fill_uri_template (&answer->templates[i], g_ptr_array_index (resources, i), conditions);
      if (result->scopes != NULL)
        answer->templates[i].scope = tw_text (g_ptr_array_index (result->scopes, i));
    }
  for (guint i = 0; i < resources->len; i++)
    {
      TwUriTemplate *template = &answer->templates[i];
      guint first = GPOINTER_TO_UINT (template->throttling_conditions);

      template->throttling_conditions
          = template->n_throttling_conditions == 0 ? NULL : &g_array_index (conditions, TwText, first);
    }
}

void
kv_answer_templates_clear (KvAnswerTemplates *answer)
{
  g_clear_pointer (&answer->templates, g_free);
  g_clear_pointer (&answer->conditions, g_array_unref);
}
