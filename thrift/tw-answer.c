#include "config.h"
#include "thrift/tw-answer.h"

#include "thrift/tw-wire.h"

#define LIST_HEADER 5u /* element type, count */

/* Where the texts of a struct go, by field id. */
typedef struct
{
  gint16 id;
  gsize offset;
} TextField;

#define INFO(id, member)                                                                                     \
  {                                                                                                          \
    id, G_STRUCT_OFFSET (TwKeyValidationInfo, member)                                                        \
  }
static const TextField info_texts[] = {
  INFO (2, subscriber),
  INFO (3, tier),
  INFO (4, type),
  INFO (5, end_user_token),
  INFO (6, end_user_name),
  INFO (7, application_name),
  INFO (9, application_id),
  INFO (10, application_tier),
  INFO (11, api_name),
  INFO (12, consumer_key),
  INFO (13, api_publisher),
  INFO (19, api_tier),
  INFO (22, subscriber_tenant_domain),
  INFO (23, spike_arrest_unit),
};

#define TEMPLATE(id, member)                                                                                 \
  {                                                                                                          \
    id, G_STRUCT_OFFSET (TwUriTemplate, member)                                                              \
  }
static const TextField template_texts[] = {
  TEMPLATE (1, uri_template),    TEMPLATE (4, http_verb),        TEMPLATE (5, auth_type),
  TEMPLATE (6, throttling_tier), TEMPLATE (8, applicable_level), TEMPLATE (TW_FIELD_OF_OURS, scope),
};

/* Takes a text that the table knows; FALSE: it is none of them, and nothing was read. */
static gboolean
take_text (const TextField *fields, guint n_fields, gpointer structure, const guint8 *message,
           gsize *position, TwType type, gint16 id)
{
  for (guint i = 0; type == TW_STRING && i < n_fields; i++)
    if (fields[i].id == id)
      {
        G_STRUCT_MEMBER (TwText, structure, fields[i].offset) = tw_read_text (message, position);
        return TRUE;
      }
  return FALSE;
}

/* Only 1 is true (spec 8): anything else does not grant. */
static gboolean
read_bool (const guint8 *message, gsize *position)
{
  return message[(*position)++] == 1;
}

/* FALSE: not a number that is known. */
static gboolean
take_number (TwKeyValidationInfo *info, const guint8 *message, gsize *position, TwType type, gint16 id)
{
  if (type == TW_BOOL && id == 1)
    info->authorized = read_bool (message, position);
  else if (type == TW_I32 && id == 8)
    info->validation_status = tw_read_i32 (message, position);
  else if (type == TW_I64 && id == 16)
    info->validity_period_ms = tw_read_i64 (message, position);
  else if (type == TW_I64 && id == 17)
    info->issued_time_ms = tw_read_i64 (message, position);
  else if (type == TW_BOOL && id == 18)
    info->content_aware = read_bool (message, position);
  else if (type == TW_I32 && id == 21)
    info->spike_arrest_limit = tw_read_i32 (message, position);
  else if (type == TW_BOOL && id == 24)
    info->stop_on_quota_reach = read_bool (message, position);
  else
    return FALSE;
  return TRUE;
}

static void
read_info (TwKeyValidationInfo *info, const guint8 *message, gsize *position)
{
  TwType type;
  gint16 id;

  while ((type = tw_read_field (message, position, &id)) != TW_STOP)
    {
      gsize list = *position;

      if (take_text (info_texts, G_N_ELEMENTS (info_texts), info, message, position, type, id)
          || take_number (info, message, position, type, id))
        continue;
      tw_skip (message, position, type);
      if (id == 20 && type == TW_LIST && message[list] == TW_STRING && tw_load_u32 (message + list + 1) > 0)
        {
          list += LIST_HEADER;
          info->throttling_data = tw_read_text (message, &list);
        }
    }
}

static gboolean
is_text_list (const guint8 *message, gsize position, TwType type, gint16 id)
{
  return id == 7 && type == TW_LIST && message[position] == TW_STRING;
}

/* @conditions: where texts of field 7 go; NULL: they are only counted. Returns: how many. */
static guint
read_template (TwUriTemplate *template, TwText *conditions, const guint8 *message, gsize *position)
{
  gsize conditions_at = 0; /* of the last list: what comes before it in the same field does not count */
  guint n_conditions = 0;
  TwType type;
  gint16 id;

  while ((type = tw_read_field (message, position, &id)) != TW_STOP)
    {
      gsize list = *position;

      if (take_text (template_texts, G_N_ELEMENTS (template_texts), template, message, position, type, id))
        continue;
      tw_skip (message, position, type);
      if (!is_text_list (message, list, type, id))
        continue;
      n_conditions = tw_load_u32 (message + list + 1);
      conditions_at = list + LIST_HEADER;
    }
  for (guint i = 0; conditions != NULL && i < n_conditions; i++)
    conditions[i] = tw_read_text (message, &conditions_at);
  template->throttling_conditions = n_conditions > 0 ? conditions : NULL;
  template->n_throttling_conditions = n_conditions;
  return n_conditions;
}

/* Every element takes a byte at least, and the scan bounded the list. A list of anything else is an empty
 * one. */
static void
read_templates (TwAnswer *answer, const guint8 *message, gsize *position)
{
  gsize start = *position + LIST_HEADER, at = start;
  guint n = tw_load_u32 (message + *position + 1);
  gsize n_conditions = 0;
  TwText *conditions;

  tw_answer_clear (answer);
  if (n == 0 || message[*position] != TW_STRUCT)
    {
      tw_skip (message, position, TW_LIST);
      return;
    }
  answer->templates = g_new0 (TwUriTemplate, n);
  answer->n_templates = n;
  for (guint i = 0; i < n; i++)
    n_conditions += read_template (&answer->templates[i], NULL, message, &at);
  conditions = answer->conditions = g_new0 (TwText, n_conditions + 1); /* never NULL, which is no place to count from */
  at = start;
  for (guint i = 0; i < n; i++)
    {
      answer->templates[i] = (TwUriTemplate){ .uri_template = { NULL, 0 } };
      conditions += read_template (&answer->templates[i], conditions, message, &at);
    }
  *position = at;
}

/* The text of either declared exception, or of a TApplicationException: field 1. */
static void
read_message (TwAnswer *answer, const guint8 *message, gsize *position)
{
  TwType type;
  gint16 id;

  answer->kind = TW_ANSWER_EXCEPTION;
  while ((type = tw_read_field (message, position, &id)) != TW_STOP)
    if (id == 1 && type == TW_STRING)
      answer->message = tw_read_text (message, position);
    else
      tw_skip (message, position, type);
}

static void
read_result (TwAnswer *answer, TwMethod method, const guint8 *message, gsize position)
{
  gboolean templates = method == TW_METHOD_GET_ALL_URI_TEMPLATES;
  gboolean thrown = FALSE;
  TwType type;
  gint16 id;

  while ((type = tw_read_field (message, &position, &id)) != TW_STOP)
    {
      if (id == 0 && type == (templates ? TW_LIST : TW_STRUCT))
        {
          answer->kind = templates ? TW_ANSWER_URI_TEMPLATES : TW_ANSWER_VALIDATION;
          if (templates)
            read_templates (answer, message, &position);
          else
            read_info (&answer->info, message, &position);
        }
      else if ((id == TW_KEY_MGT_EXCEPTION || id == TW_API_MANAGEMENT_EXCEPTION) && type == TW_STRUCT)
        {
          read_message (answer, message, &position);
          thrown = TRUE;
        }
      else
        tw_skip (message, &position, type);
    }
  if (thrown) /* whatever else it says */
    answer->kind = TW_ANSWER_EXCEPTION;
}

void
tw_answer_decode (TwAnswer *answer, TwMethod method, gint32 sequence_id, const guint8 *message,
                  const TwEnvelope *envelope)
{
  gsize position = envelope->body;

  *answer = (TwAnswer){ .kind = TW_ANSWER_OUT_OF_STEP };
  if (envelope->type == TW_EXCEPTION)
    read_message (answer, message, &position);
  else if (envelope->type == TW_REPLY && envelope->sequence_id == sequence_id
           && tw_method_from_name (envelope->name) == method && method != TW_METHOD_UNKNOWN)
    {
      answer->kind = TW_ANSWER_EXCEPTION; /* MISSING_RESULT, unless there is one */
      read_result (answer, method, message, position);
    }
}

void
tw_answer_clear (TwAnswer *answer)
{
  g_clear_pointer (&answer->templates, g_free);
  g_clear_pointer (&answer->conditions, g_free);
  answer->n_templates = 0;
}
