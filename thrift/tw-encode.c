/* The answers of APIKeyValidationService. Each is measured first, so that the buffer is asked for room once and the
 * rest is stores. */
#include "config.h"
#include "thrift/tw-key-validation.h"
#include "thrift/tw-wire.h"

#define FIELD_HEADER 3u /* type, id */
#define STOP_SIZE 1u
#define LIST_HEADER 5u /* element type, count */

static gsize
field_text_size (TwText text)
{
  return text.bytes == NULL ? 0 : FIELD_HEADER + 4 + (gsize) text.length;
}

static guint8 *
store_field (guint8 *at, TwType type, guint id)
{
  return tw_store_u16 (tw_store_u8 (at, type), id);
}

static guint8 *
store_field_text (guint8 *at, guint id, TwText text)
{
  return text.bytes == NULL ? at : tw_store_text (store_field (at, TW_STRING, id), text);
}

static guint8 *
store_field_bool (guint8 *at, guint id, gboolean value)
{
  return tw_store_u8 (store_field (at, TW_BOOL, id), value ? 1 : 0);
}

static guint8 *
store_field_i32 (guint8 *at, guint id, gint32 value)
{
  return tw_store_u32 (store_field (at, TW_I32, id), (guint32) value);
}

static guint8 *
store_field_i64 (guint8 *at, guint id, gint64 value)
{
  return tw_store_u64 (store_field (at, TW_I64, id), (guint64) value);
}

static guint8 *
store_field_list (guint8 *at, guint id, TwType element, guint count)
{
  return tw_store_u32 (tw_store_u8 (store_field (at, TW_LIST, id), element), count);
}

static gsize
envelope_size (TwText name)
{
  return 4 + 4 + (gsize) name.length + 4;
}

/* Answers are strict, whatever the question was (spec 8). */
static guint8 *
store_envelope (guint8 *at, TwMessageType type, TwText name, gint32 sequence_id)
{
  at = tw_store_u32 (at, TW_VERSION_1 | type);
  at = tw_store_text (at, name);
  return tw_store_u32 (at, (guint32) sequence_id);
}

/* The fields that are always there: 1 and 8, and what 2.x sends as zero too: 16, 17, 18, 21, 24 (spec 6.2). */
#define INFO_FIXED_SIZE (3 * (FIELD_HEADER + 1) + 2 * (FIELD_HEADER + 4) + 2 * (FIELD_HEADER + 8) + STOP_SIZE)

static gsize
info_size (const TwKeyValidationInfo *info)
{
  gsize size = INFO_FIXED_SIZE;

  size += field_text_size (info->subscriber) + field_text_size (info->tier) + field_text_size (info->type);
  size += field_text_size (info->end_user_token) + field_text_size (info->end_user_name);
  size += field_text_size (info->application_name) + field_text_size (info->application_id);
  size += field_text_size (info->application_tier) + field_text_size (info->api_name);
  size += field_text_size (info->consumer_key) + field_text_size (info->api_publisher);
  size += field_text_size (info->api_tier);
  if (info->throttling_data.bytes != NULL)
    size += FIELD_HEADER + LIST_HEADER + 4 + (gsize) info->throttling_data.length;
  size += field_text_size (info->subscriber_tenant_domain) + field_text_size (info->spike_arrest_unit);
  return size;
}

static guint8 *
store_info (guint8 *at, const TwKeyValidationInfo *info)
{
  at = store_field_bool (at, 1, info->authorized);
  at = store_field_text (at, 2, info->subscriber);
  at = store_field_text (at, 3, info->tier);
  at = store_field_text (at, 4, info->type);
  at = store_field_text (at, 5, info->end_user_token);
  at = store_field_text (at, 6, info->end_user_name);
  at = store_field_text (at, 7, info->application_name);
  at = store_field_i32 (at, 8, info->validation_status);
  at = store_field_text (at, 9, info->application_id);
  at = store_field_text (at, 10, info->application_tier);
  at = store_field_text (at, 11, info->api_name);
  at = store_field_text (at, 12, info->consumer_key);
  at = store_field_text (at, 13, info->api_publisher);
  at = store_field_i64 (at, 16, info->validity_period_ms);
  at = store_field_i64 (at, 17, info->issued_time_ms);
  at = store_field_bool (at, 18, info->content_aware);
  at = store_field_text (at, 19, info->api_tier);
  if (info->throttling_data.bytes != NULL)
    at = tw_store_text (store_field_list (at, 20, TW_STRING, 1), info->throttling_data);
  at = store_field_i32 (at, 21, info->spike_arrest_limit);
  at = store_field_text (at, 22, info->subscriber_tenant_domain);
  at = store_field_text (at, 23, info->spike_arrest_unit);
  at = store_field_bool (at, 24, info->stop_on_quota_reach);
  return tw_store_u8 (at, TW_STOP);
}

void
tw_encode_validation_reply (NetBuffer *output, TwText method_name, gint32 sequence_id, const TwKeyValidationInfo *info)
{
  gsize size = envelope_size (method_name) + FIELD_HEADER + info_size (info) + STOP_SIZE;
  guint8 *at = net_buffer_reserve (output, size);

  at = store_envelope (at, TW_REPLY, method_name, sequence_id);
  at = store_info (store_field (at, TW_STRUCT, 0), info);
  tw_store_u8 (at, TW_STOP);
  net_buffer_commit (output, size);
}

static gsize
uri_template_size (const TwUriTemplate *template)
{
  gsize size = field_text_size (template->uri_template) + field_text_size (template->http_verb)
               + field_text_size (template->auth_type) + field_text_size (template->throttling_tier)
               + field_text_size (template->applicable_level) + field_text_size (template->scope) + STOP_SIZE;

  if (template->throttling_conditions != NULL)
    {
      size += FIELD_HEADER + LIST_HEADER;
      for (guint i = 0; i < template->n_throttling_conditions; i++)
        size += 4 + (gsize) template->throttling_conditions[i].length;
    }
  return size;
}

static guint8 *
store_uri_template (guint8 *at, const TwUriTemplate *template)
{
  at = store_field_text (at, 1, template->uri_template);
  at = store_field_text (at, 4, template->http_verb);
  at = store_field_text (at, 5, template->auth_type);
  at = store_field_text (at, 6, template->throttling_tier);
  if (template->throttling_conditions != NULL)
    {
      at = store_field_list (at, 7, TW_STRING, template->n_throttling_conditions);
      for (guint i = 0; i < template->n_throttling_conditions; i++)
        at = tw_store_text (at, template->throttling_conditions[i]);
    }
  at = store_field_text (at, 8, template->applicable_level);
  at = store_field_text (at, TW_FIELD_OF_OURS, template->scope);
  return tw_store_u8 (at, TW_STOP);
}

void
tw_encode_uri_templates_reply (NetBuffer *output, TwText method_name, gint32 sequence_id,
                               const TwUriTemplate *templates, guint n_templates)
{
  gsize size = envelope_size (method_name) + FIELD_HEADER + LIST_HEADER + STOP_SIZE;
  guint8 *at;

  for (guint i = 0; i < n_templates; i++)
    size += uri_template_size (&templates[i]);
  at = net_buffer_reserve (output, size);
  at = store_envelope (at, TW_REPLY, method_name, sequence_id);
  at = store_field_list (at, 0, TW_STRUCT, n_templates);
  for (guint i = 0; i < n_templates; i++)
    at = store_uri_template (at, &templates[i]);
  tw_store_u8 (at, TW_STOP);
  net_buffer_commit (output, size);
}

void
tw_encode_declared_exception (NetBuffer *output, TwText method_name, gint32 sequence_id, TwDeclaredException exception,
                              const char *message)
{
  /* The message is required: a null text cannot be sent (spec 6.1). */
  TwText text = message == NULL ? TW_TEXT ("") : tw_text (message);
  gsize size = envelope_size (method_name) + FIELD_HEADER + field_text_size (text) + 2 * STOP_SIZE;
  guint8 *at = net_buffer_reserve (output, size);

  at = store_envelope (at, TW_REPLY, method_name, sequence_id);
  at = store_field (at, TW_STRUCT, exception);
  at = store_field_text (at, 1, text);
  tw_store_u8 (tw_store_u8 (at, TW_STOP), TW_STOP);
  net_buffer_commit (output, size);
}

void
tw_encode_application_exception (NetBuffer *output, TwText method_name, gint32 sequence_id, TwApplicationError error,
                                 const char *message)
{
  TwText text = tw_text (message);
  gsize size = envelope_size (method_name) + field_text_size (text) + FIELD_HEADER + 4 + STOP_SIZE;
  guint8 *at = net_buffer_reserve (output, size);

  at = store_envelope (at, TW_EXCEPTION, method_name, sequence_id);
  at = store_field_text (at, 1, text);
  at = store_field_i32 (at, 2, error);
  tw_store_u8 (at, TW_STOP);
  net_buffer_commit (output, size);
}
