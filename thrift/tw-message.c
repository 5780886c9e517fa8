#include "config.h"
#include "thrift/tw-message.h"
#include "thrift/tw-wire.h"

/* How a value of each wire type is laid out. Every value takes at least one byte, so a count can be held against
 * the bytes that may still come before one element is looked at. */
typedef struct
{
  guint8 width;   /* of a value of fixed size; 0: it has a header of its own, or is no type at all */
  guint8 minimum; /* the fewest bytes a value takes; 0: no type */
} TypeLayout;

static const TypeLayout layouts[] = {
  [TW_BOOL] = { 1, 1 },   [TW_BYTE] = { 1, 1 },   [TW_DOUBLE] = { 8, 8 }, [TW_I16] = { 2, 2 },
  [TW_I32] = { 4, 4 },    [TW_I64] = { 8, 8 },    [TW_STRING] = { 0, 4 }, [TW_STRUCT] = { 0, 1 },
  [TW_MAP] = { 0, 6 },    [TW_SET] = { 0, 5 },    [TW_LIST] = { 0, 5 },
};

static TypeLayout
layout_of (guint type)
{
  return type < G_N_ELEMENTS (layouts) ? layouts[type] : (TypeLayout){ 0, 0 };
}

TwText
tw_text (const char *text)
{
  return text == NULL ? (TwText){ NULL, 0 } : (TwText){ text, (guint32) strlen (text) };
}

gboolean
tw_text_equal (TwText a, TwText b)
{
  if (a.bytes == NULL || b.bytes == NULL)
    return a.bytes == b.bytes;
  return a.length == b.length && memcmp (a.bytes, b.bytes, a.length) == 0;
}

static TwScanResult
failed (const char **why, const char *reason)
{
  *why = reason;
  return TW_SCAN_ERROR;
}

/* The envelope never exceeds 8 + TW_MAX_NAME + 5 bytes and the name is not walked, so starting over on every call
 * until it is whole costs a constant. */
static TwScanResult
scan_envelope (const guint8 *bytes, gsize length, TwEnvelope *envelope, const char **why)
{
  gsize at = 4;
  guint32 word, name_length;
  guint type;
  gboolean strict;

  if (length < at)
    return TW_SCAN_MORE;
  word = tw_load_u32 (bytes);
  strict = word > G_MAXINT32;
  if (strict && (word & TW_VERSION_MASK) != TW_VERSION_1)
    return failed (why, "bad version word");
  if (strict && length < at + 4)
    return TW_SCAN_MORE;
  name_length = strict ? tw_load_u32 (bytes + at) : word;
  at += strict ? 4 : 0;
  if (name_length > TW_MAX_NAME)
    return failed (why, strict ? "method name too long" : "not a Thrift message");
  /* A client that frames its messages puts their length where a non-strict one has that of the name; the version
   * word follows. */
  if (!strict && name_length > 0 && length > at && bytes[at] >= 0x80)
    return failed (why, "framed message");
  if (length < at + name_length + (strict ? 4 : 5))
    return TW_SCAN_MORE;
  envelope->name = (TwText){ (const char *) bytes + at, name_length };
  at += name_length;
  type = strict ? word & 0xff : bytes[at++];
  if (type < TW_CALL || type > TW_ONEWAY)
    return failed (why, "bad message type");
  envelope->type = (TwMessageType) type;
  envelope->sequence_id = (gint32) tw_load_u32 (bytes + at);
  envelope->body = at + 4;
  return TW_SCAN_DONE;
}

static TwScanResult
push (TwScan *scan, gboolean container, guint8 key_type, guint8 value_type, guint32 left, const char **why)
{
  if (scan->depth == TW_MAX_DEPTH)
    return failed (why, "nested too deeply");
  scan->stack[scan->depth].container = container;
  scan->stack[scan->depth].key_type = key_type;
  scan->stack[scan->depth].value_type = value_type;
  scan->stack[scan->depth].left = left;
  scan->depth++;
  return TW_SCAN_DONE;
}

/* Whether @need bytes at the position are at hand. Those that never can be are an error before they come. */
static TwScanResult
at_hand (const TwScan *scan, gsize need, gsize length, gsize max_message, const char **why)
{
  if (scan->position > max_message || need > max_message - scan->position)
    return failed (why, "message too long");
  return scan->position <= length && need <= length - scan->position ? TW_SCAN_DONE : TW_SCAN_MORE;
}

/* Steps over @size bytes that need no look, whether they came or not. */
static TwScanResult
step_over (TwScan *scan, gsize size, gsize max_message, const char **why)
{
  if (scan->position > max_message || size > max_message - scan->position)
    return failed (why, "message too long");
  scan->position += size;
  scan->pending = TW_STOP;
  return TW_SCAN_DONE;
}

static TwScanResult
scan_string (TwScan *scan, const guint8 *bytes, gsize length, gsize max_message, const char **why)
{
  TwScanResult result = at_hand (scan, 4, length, max_message, why);
  guint32 size;

  if (result != TW_SCAN_DONE)
    return result;
  size = tw_load_u32 (bytes + scan->position);
  if (size > TW_MAX_STRING)
    return failed (why, size > G_MAXINT32 ? "negative string length" : "string too long");
  return step_over (scan, 4 + (gsize) size, max_message, why);
}

static TwScanResult
scan_container (TwScan *scan, const guint8 *bytes, gsize length, gsize max_message, const char **why)
{
  gboolean is_map = scan->pending == TW_MAP;
  gsize header = is_map ? 6 : 5;
  TwScanResult result = at_hand (scan, header, length, max_message, why);
  TypeLayout key, value;
  gsize pair;
  guint32 count;
  const guint8 *at;

  if (result != TW_SCAN_DONE)
    return result;
  at = bytes + scan->position;
  count = tw_load_u32 (at + header - 4);
  if (count > TW_MAX_CONTAINER)
    return failed (why, count > G_MAXINT32 ? "negative container size" : "container too large");
  if ((result = step_over (scan, header, max_message, why)) != TW_SCAN_DONE || count == 0)
    return result; /* the element types of an empty container mean nothing; some writers put 0 there */
  key = layout_of (at[0]);
  value = layout_of (at[is_map ? 1 : 0]);
  if (key.minimum == 0 || value.minimum == 0)
    return failed (why, "unknown element type");
  pair = is_map ? (gsize) key.minimum + value.minimum : value.minimum;
  if (count * pair > max_message - scan->position)
    return failed (why, "container larger than a message can be");
  if (key.width != 0 && value.width != 0)
    return step_over (scan, count * pair, max_message, why);
  return push (scan, TRUE, at[0], at[is_map ? 1 : 0], is_map ? 2 * count : count, why);
}

static TwScanResult
scan_value (TwScan *scan, const guint8 *bytes, gsize length, gsize max_message, const char **why)
{
  TypeLayout layout = layout_of (scan->pending);

  if (layout.width != 0)
    return step_over (scan, layout.width, max_message, why);
  switch (scan->pending)
    {
    case TW_STRING:
      return scan_string (scan, bytes, length, max_message, why);
    case TW_STRUCT:
      scan->pending = TW_STOP;
      return push (scan, FALSE, 0, 0, 0, why);
    case TW_MAP:
    case TW_SET:
    case TW_LIST:
      return scan_container (scan, bytes, length, max_message, why);
    default:
      return failed (why, "unknown field type");
    }
}

/* Reads the next field header of a struct: sets pending, or leaves the struct at its stop byte. */
static TwScanResult
scan_field (TwScan *scan, const guint8 *bytes, gsize length, gsize max_message, const char **why)
{
  TwScanResult result = at_hand (scan, 1, length, max_message, why);
  guint8 type;

  if (result != TW_SCAN_DONE)
    return result;
  type = bytes[scan->position];
  if (type == TW_STOP)
    {
      scan->position++;
      scan->depth--;
      return TW_SCAN_DONE;
    }
  if (layout_of (type).minimum == 0)
    return failed (why, "unknown field type");
  result = step_over (scan, 3, max_message, why);
  scan->pending = type;
  return result;
}

static TwScanResult
scan_next (TwScan *scan, const guint8 *bytes, gsize length, gsize max_message, const char **why)
{
  guint top = scan->depth - 1u;

  if (!scan->stack[top].container)
    return scan_field (scan, bytes, length, max_message, why);
  if (scan->stack[top].left == 0)
    scan->depth--;
  else /* of a map with n pairs 2n values are left: keys come while that is even */
    scan->pending = scan->stack[top].left-- % 2 == 0 ? scan->stack[top].key_type : scan->stack[top].value_type;
  return TW_SCAN_DONE;
}

TwScanResult
tw_scan (TwScan *scan, const guint8 *bytes, gsize length, gsize max_message, TwEnvelope *envelope, const char **why)
{
  TwScanResult result;

  if (scan->body == 0)
    {
      result = scan_envelope (bytes, length, envelope, why);
      if (result != TW_SCAN_DONE)
        return result;
      scan->body = scan->position = envelope->body;
      push (scan, FALSE, 0, 0, 0, why);
    }
  while (scan->depth > 0)
    {
      if (scan->pending == TW_STOP)
        result = scan_next (scan, bytes, length, max_message, why);
      else
        result = scan_value (scan, bytes, length, max_message, why);
      if (result != TW_SCAN_DONE)
        return result;
    }
  /* Filled here and not above, because the bytes may have moved since. */
  result = scan_envelope (bytes, length, envelope, why);
  envelope->length = scan->position;
  return result;
}

TwType
tw_read_field (const guint8 *bytes, gsize *position, gint16 *id)
{
  TwType type = (TwType) bytes[*position];

  *position += 1;
  if (type != TW_STOP)
    {
      *id = (gint16) tw_load_u16 (bytes + *position);
      *position += 2;
    }
  return type;
}

TwText
tw_read_text (const guint8 *bytes, gsize *position)
{
  TwText text;

  text.length = tw_load_u32 (bytes + *position);
  text.bytes = (const char *) bytes + *position + 4;
  *position += 4 + (gsize) text.length;
  return text;
}

gint32
tw_read_i32 (const guint8 *bytes, gsize *position)
{
  gint32 value = (gint32) tw_load_u32 (bytes + *position);

  *position += 4;
  return value;
}

gint64
tw_read_i64 (const guint8 *bytes, gsize *position)
{
  gint64 value = (gint64) tw_load_u64 (bytes + *position);

  *position += 8;
  return value;
}

static void
skip_container (const guint8 *bytes, gsize *position, gboolean is_map)
{
  TwType key = (TwType) bytes[*position];
  TwType value = (TwType) bytes[*position + (is_map ? 1 : 0)];
  guint32 count = tw_load_u32 (bytes + *position + (is_map ? 2 : 1));

  *position += is_map ? 6 : 5;
  if (count > 0 && !is_map && layout_of (value).width != 0)
    {
      *position += (gsize) count * layout_of (value).width;
      return;
    }
  for (guint32 i = 0; i < count; i++)
    {
      if (is_map)
        tw_skip (bytes, position, key);
      tw_skip (bytes, position, value);
    }
}

/* Recursion is bounded: the scan let no more than TW_MAX_DEPTH levels through. */
void
tw_skip (const guint8 *bytes, gsize *position, TwType type)
{
  gint16 id;
  TwType field;

  switch (type)
    {
    case TW_STRING:
      tw_read_text (bytes, position);
      break;
    case TW_STRUCT:
      while ((field = tw_read_field (bytes, position, &id)) != TW_STOP)
        tw_skip (bytes, position, field);
      break;
    case TW_MAP:
    case TW_SET:
    case TW_LIST:
      skip_container (bytes, position, type == TW_MAP);
      break;
    default:
      *position += layout_of (type).width;
    }
}
