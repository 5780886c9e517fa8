#include "config.h"
#include "gateway/gw-block-list.h"

#include "common/apim-hash.h"
#include "common/apim-json-shape.h"
#include "common/apim-networks.h"
#include "net/net-http-field.h"

#include <gio/gio.h>
#include <json-glib/json-glib.h>
#include <string.h>

/* An object of arrays of texts. */
#define MAX_DEPTH 2
#define MAX_VALUES 1000000

typedef enum
{
  BLOCK_API,
  BLOCK_APPLICATION,
  BLOCK_IP,
  BLOCK_USER,
  N_KINDS,
} Kind;

/* As the object's members are called; one more is not applied. */
static const char *const kind_names[N_KINDS] = { "api", "application", "ip", "user" };
#define NOT_APPLIED "custom"

/* A condition: its kind in the first byte. The table holds pointers to these. */
typedef struct
{
  gsize length;
  const char *bytes;
} Key;

struct _GwBlockList
{
  gint ref_count; /* atomic */
  GHashTable *keys; /* Key, each one allocated with its bytes */
  guint n_of_kind[N_KINDS];
  guint n_not_applied;
};

/* A key in the making. */
typedef struct
{
  char bytes[GW_BLOCK_MAX_VALUE];
  gsize length;
  gboolean fits;
} KeyText;

static guint
key_hash (gconstpointer data)
{
  static ApimHashKey hash_key;
  static gsize once;
  const Key *key = data;

  if (g_once_init_enter (&once))
    {
      apim_hash_key_init (&hash_key);
      g_once_init_leave (&once, 1);
    }
  return (guint) apim_hash (&hash_key, key->bytes, key->length);
}

static gboolean
key_equal (gconstpointer left, gconstpointer right)
{
  const Key *a = left, *b = right;

  return a->length == b->length && memcmp (a->bytes, b->bytes, a->length) == 0;
}

static void
key_add (KeyText *key, const char *bytes, gsize length)
{
  if (!key->fits || length > sizeof key->bytes - key->length)
    {
      key->fits = FALSE;
      return;
    }
  if (length > 0)
    memcpy (key->bytes + key->length, bytes, length);
  key->length += length;
}

static void
key_begin (KeyText *key, Kind kind)
{
  const char byte = (char) kind;

  key->length = 0;
  key->fits = TRUE;
  key_add (key, &byte, 1);
}

/* Of X-Forwarded-For: some who write it add the port: "10.0.0.1:4711", "[::1]:4711". */
static NetHttpText
without_port (NetHttpText text)
{
  const char *end;

  if (text.length > 0 && text.text[0] == '[')
    {
      end = memchr (text.text, ']', text.length);
      return end != NULL ? (NetHttpText){ text.text + 1, (gsize) (end - text.text) - 1 } : text;
    }
  end = memchr (text.text, ':', text.length);
  if (end != NULL && memchr (end + 1, ':', text.length - (gsize) (end - text.text) - 1) == NULL)
    text.length = (gsize) (end - text.text);
  return text;
}

static void
key_add_address (KeyText *key, NetHttpText tenant, const ApimAddress *address)
{
  key_begin (key, BLOCK_IP);
  key_add (key, tenant.text, tenant.length);
  key_add (key, ":", 1);
  key_add (key, (const char *) address->bytes, sizeof address->bytes);
}

static void
list_add (GwBlockList *list, Kind kind, const KeyText *text)
{
  Key *key;
  char *bytes;

  if (!text->fits)
    {
      list->n_not_applied++;
      return;
    }
  key = g_malloc (sizeof *key + text->length);
  bytes = (char *) (key + 1);
  memcpy (bytes, text->bytes, text->length);
  *key = (Key){ text->length, bytes };
  if (g_hash_table_add (list->keys, key))
    list->n_of_kind[kind]++;
}

/* "carbon.super:10.0.0.1", "carbon.super:carbon.super:10.0.0.1". */
static void
list_add_address (GwBlockList *list, const char *value)
{
  const char *colon = strchr (value, ':');
  NetHttpText tenant = { value, colon != NULL ? (gsize) (colon - value) : 0 };
  ApimAddress address;
  NetHttpText rest;
  KeyText key;

  if (tenant.length == 0)
    {
      list->n_not_applied++;
      return;
    }
  rest.text = colon + 1;
  if (strncmp (rest.text, value, tenant.length + 1) == 0)
    rest.text += tenant.length + 1;
  rest.length = strlen (rest.text);
  if (!apim_address_read (rest.text, rest.length, &address))
    {
      list->n_not_applied++;
      return;
    }
  key_add_address (&key, tenant, &address);
  list_add (list, BLOCK_IP, &key);
}

static void
list_add_value (GwBlockList *list, Kind kind, const char *value)
{
  KeyText key;

  if (kind == BLOCK_IP)
    {
      list_add_address (list, value);
      return;
    }
  key_begin (&key, kind);
  key_add (&key, value, strlen (value));
  list_add (list, kind, &key);
}

static gboolean
fail (GError **error, const char *what)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "block conditions: %s", what);
  return FALSE;
}

/* *values: (nullable): there is no such member. */
static gboolean
find_array (JsonObject *object, const char *name, JsonArray **values, GError **error)
{
  JsonNode *node = json_object_get_member (object, name);

  *values = NULL;
  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return TRUE;
  if (!JSON_NODE_HOLDS_ARRAY (node))
    return fail (error, "a kind that is no array");
  *values = json_node_get_array (node);
  return TRUE;
}

static gboolean
read_kind (GwBlockList *list, JsonObject *object, Kind kind, GError **error)
{
  JsonArray *values;

  if (!find_array (object, kind_names[kind], &values, error))
    return FALSE;
  for (guint i = 0; values != NULL && i < json_array_get_length (values); i++)
    {
      JsonNode *node = json_array_get_element (values, i);

      if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_STRING)
        return fail (error, "a condition that is no text");
      list_add_value (list, kind, json_node_get_string (node));
    }
  return TRUE;
}

static gboolean
read_object (GwBlockList *list, JsonObject *object, GError **error)
{
  JsonArray *others;

  for (Kind kind = 0; kind < N_KINDS; kind++)
    if (!read_kind (list, object, kind, error))
      return FALSE;
  if (!find_array (object, NOT_APPLIED, &others, error))
    return FALSE;
  if (others != NULL)
    list->n_not_applied += json_array_get_length (others);
  return TRUE;
}

GwBlockList *
gw_block_list_parse (const char *json, gsize length, GError **error)
{
  const char *wrong = apim_json_shape_wrong (json, length, MAX_DEPTH, MAX_VALUES);
  g_autoptr (JsonParser) parser = NULL;
  g_autoptr (GwBlockList) list = NULL;
  JsonNode *root;

  if (wrong != NULL)
    {
      fail (error, wrong);
      return NULL;
    }
  parser = json_parser_new_immutable ();
  if (!json_parser_load_from_data (parser, json, (gssize) length, NULL)
      || (root = json_parser_get_root (parser)) == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    {
      fail (error, "no JSON object");
      return NULL;
    }
  list = gw_block_list_new_empty ();
  return read_object (list, json_node_get_object (root), error) ? g_steal_pointer (&list) : NULL;
}

GwBlockList *
gw_block_list_new_empty (void)
{
  GwBlockList *list = g_new0 (GwBlockList, 1);

  list->ref_count = 1;
  list->keys = g_hash_table_new_full (key_hash, key_equal, g_free, NULL);
  return list;
}

GwBlockList *
gw_block_list_ref (GwBlockList *list)
{
  g_atomic_int_inc (&list->ref_count);
  return list;
}

void
gw_block_list_unref (GwBlockList *list)
{
  if (!g_atomic_int_dec_and_test (&list->ref_count))
    return;
  g_hash_table_unref (list->keys);
  g_free (list);
}

guint
gw_block_list_count (const GwBlockList *list)
{
  return g_hash_table_size (list->keys);
}

guint
gw_block_list_not_applied (const GwBlockList *list)
{
  return list->n_not_applied;
}

static gboolean
has (const GwBlockList *list, const KeyText *text)
{
  const Key key = { text->length, text->bytes };

  return text->fits && g_hash_table_contains (list->keys, &key);
}

static gboolean
blocks_api (const GwBlockList *list, const GwThrottleCall *call)
{
  KeyText key;

  key_begin (&key, BLOCK_API);
  key_add (&key, call->api->context, strlen (call->api->context));
  return has (list, &key);
}

static gboolean
blocks_application (const GwBlockList *list, const TwKeyValidationInfo *info)
{
  KeyText key;

  key_begin (&key, BLOCK_APPLICATION);
  key_add (&key, info->subscriber.bytes, info->subscriber.length);
  key_add (&key, ":", 1);
  key_add (&key, info->application_name.bytes, info->application_name.length);
  return has (list, &key);
}

static gboolean
blocks_user (const GwBlockList *list, const TwKeyValidationInfo *info)
{
  KeyText key;

  key_begin (&key, BLOCK_USER);
  key_add (&key, info->end_user_name.bytes, info->end_user_name.length);
  return has (list, &key);
}

static gboolean
blocks_address (const GwBlockList *list, NetHttpText tenant, NetHttpText text)
{
  ApimAddress address;
  KeyText key;

  if (!apim_address_read (text.text, text.length, &address))
    return FALSE;
  key_add_address (&key, tenant, &address);
  return has (list, &key);
}

static gboolean
blocks_client (const GwBlockList *list, const GwThrottleCall *call)
{
  const NetHttpRequest *request = call->request;

  if (blocks_address (list, call->tenant, (NetHttpText){ call->peer, strlen (call->peer) }))
    return TRUE;
  for (guint i = 0; i < request->n_headers; i++)
    {
      NetHttpText rest = request->headers[i].value;

      if (net_http_header_id (&request->headers[i]) != NET_HTTP_NAME_X_FORWARDED_FOR)
        continue;
      while (rest.length > 0)
        if (blocks_address (list, call->tenant, without_port (net_http_text_trim (net_http_text_cut (&rest, ',')))))
          return TRUE;
    }
  return FALSE;
}

gboolean
gw_block_list_blocks (const GwBlockList *list, const GwThrottleCall *call)
{
  const TwKeyValidationInfo *info = call->info;

  return (list->n_of_kind[BLOCK_API] > 0 && blocks_api (list, call))
         || (list->n_of_kind[BLOCK_APPLICATION] > 0 && info != NULL && !call->anonymous
             && blocks_application (list, info))
         || (list->n_of_kind[BLOCK_USER] > 0 && info != NULL && blocks_user (list, info))
         || (list->n_of_kind[BLOCK_IP] > 0 && blocks_client (list, call));
}
