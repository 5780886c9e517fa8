#include "config.h"
#include "keyvalidator/kv-throttle-data.h"

#include "common/apim-log.h"
#include "core/core-json.h"
#include "store/st-block-record.h"
#include "store/st-policy-record.h"
#include "store/st-records.h"

#include <string.h>

struct _KvThrottleData
{
  KvAdmission *admission;
  StDatabase *apis;
};

KvThrottleData *
kv_throttle_data_new (KvAdmission *admission, StDatabase *apis)
{
  KvThrottleData *data = g_new0 (KvThrottleData, 1);

  data->admission = admission;
  data->apis = apis;
  return data;
}

void
kv_throttle_data_free (KvThrottleData *data)
{
  g_free (data);
}

/* Gateways compare an address with its tenant in front. */
static void
append_value (GString *json, const StBlockRecord *record)
{
  g_autofree char *prefix = g_strconcat (record->domain != NULL ? record->domain : "", ":", NULL);
  g_autofree char *whole = NULL;

  if (g_strcmp0 (record->type, "IP") == 0 && !g_str_has_prefix (record->value, prefix))
    whole = g_strconcat (prefix, record->value, NULL);
  core_json_append_string (json, whole != NULL ? whole : record->value);
}

static void
append_list (GString *json, const char *name, const char *type, const GPtrArray *records)
{
  guint n = 0;

  core_json_append_name (json, name);
  g_string_append_c (json, '[');
  for (guint i = 0; i < records->len; i++)
    {
      const StBlockRecord *record = records->pdata[i];

      if (!record->enabled || record->value == NULL || g_strcmp0 (record->type, type) != 0)
        continue;
      if (n++ > 0)
        g_string_append_c (json, ',');
      append_value (json, record);
    }
  g_string_append_c (json, ']');
}

/* @data: the answer. */
static gboolean
describe_blocks (StWriter *reader, gpointer data, GError **error)
{
  static const struct
  {
    const char *name;
    const char *type;
  } lists[] = {
    { "api", "API" }, { "application", "APPLICATION" }, { "ip", "IP" }, { "user", "USER" }, { "custom", "CUSTOM" },
  };
  g_autoptr (GPtrArray) records = NULL;
  GString *json = data;

  g_string_assign (json, "{");
  if (!st_writer_has (reader, ST_CAP_POLICIES))
    records = g_ptr_array_new ();
  else if (!st_block_record_list (reader, NULL, &records, error))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    append_list (json, lists[i].name, lists[i].type, records);
  g_string_append_c (json, '}');
  return TRUE;
}

static gboolean
describe_key_templates (StWriter *reader, gpointer data, GError **error)
{
  g_autoptr (GPtrArray) records = NULL;
  GString *json = data;

  g_string_assign (json, "[");
  if (st_writer_has (reader, ST_CAP_POLICIES)
      && !st_policy_record_list (reader, ST_POLICY_GLOBAL, ST_SUPER_TENANT_ID, &records, error))
    return FALSE;
  for (guint i = 0; records != NULL && i < records->len; i++)
    {
      if (i > 0)
        g_string_append_c (json, ',');
      core_json_append_string (json, ((const StPolicyRecord *) records->pdata[i])->policy.key_template);
    }
  g_string_append_c (json, ']');
  return TRUE;
}

/* 0: admitted. */
static guint
refusal (KvThrottleData *data, NetHttpExchange *exchange)
{
  KvAdmissionResult admission;

  kv_admission_verify (data->admission, net_http_exchange_request (exchange), net_http_exchange_peer (exchange),
                       &admission);
  switch (admission.verdict)
    {
    case KV_ADMITTED:
      return 0;
    case KV_ADMISSION_NOT_PERMITTED:
      return 403;
    case KV_ADMISSION_NO_CREDENTIALS:
    case KV_ADMISSION_REFUSED:
      net_http_exchange_add_header (exchange, "WWW-Authenticate", "Basic realm=\"WSO2 API Manager\"");
      return 401;
    case KV_ADMISSION_NEEDS_STORE:
    case KV_ADMISSION_FAILED:
    default:
      return 503;
    }
}

static void
answer (KvThrottleData *data, NetHttpExchange *exchange, StWork describe)
{
  g_autoptr (GString) json = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  guint refused;

  if (!net_http_text_equal (net_http_exchange_request (exchange)->method, "GET"))
    {
      net_http_exchange_add_header (exchange, "Allow", "GET");
      net_http_respond (exchange, 405, NULL, NULL, 0);
    }
  else if ((refused = refusal (data, exchange)) != 0)
    net_http_respond (exchange, refused, NULL, NULL, 0);
  else if (st_read (data->apis, describe, json, 0, &error))
    net_http_respond (exchange, 200, "application/json", json->str, json->len);
  else
    {
      apim_warning ("keyvalidator", "a gateway was not told what is blocked: %s", error->message);
      net_http_respond (exchange, 503, NULL, NULL, 0);
    }
}

gboolean
kv_throttle_data_read_blocks (KvThrottleData *data, GString *json, GError **error)
{
  return st_read (data->apis, describe_blocks, json, 0, error);
}

static void
handle_blocks (NetHttpExchange *exchange, gpointer data)
{
  answer (data, exchange, describe_blocks);
}

static void
handle_key_templates (NetHttpExchange *exchange, gpointer data)
{
  answer (data, exchange, describe_key_templates);
}

void
kv_throttle_data_add_to (KvThrottleData *data, NetHttpServer *server, const char *web_context_root)
{
  g_autofree char *blocks = g_strconcat (web_context_root, "/throttle/data/v1/block", NULL);
  g_autofree char *templates = g_strconcat (web_context_root, "/throttle/data/v1/keyTemplates", NULL);

  net_http_server_add (server, blocks, NET_HTTP_ON_POOL, handle_blocks, data);
  net_http_server_add (server, templates, NET_HTTP_ON_POOL, handle_key_templates, data);
}
