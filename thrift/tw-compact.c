#include "config.h"
#include "thrift/tw-compact.h"
#include "thrift/tw-wire.h"

#define PROTOCOL_ID 0x82
#define COMPACT_VERSION 1u
#define TYPE_SHIFT 5

/* Types of the compact protocol; a bool field has its value in the type. */
enum
{
  COMPACT_STOP = 0,
  COMPACT_TRUE = 1,
  COMPACT_FALSE = 2,
  COMPACT_BYTE = 3,
  COMPACT_I16 = 4,
  COMPACT_I32 = 5,
  COMPACT_I64 = 6,
  COMPACT_DOUBLE = 7,
  COMPACT_BINARY = 8,
  COMPACT_LIST = 9,
  COMPACT_SET = 10,
  COMPACT_MAP = 11,
  COMPACT_STRUCT = 12,
};

/* A message that is whole. Every reader returns FALSE, and moves nobody past the end, where the bytes do not
 * suffice. */
typedef struct
{
  const guint8 *at;
  const guint8 *end;
} Reader;

static gboolean
read_byte (Reader *reader, guint8 *value)
{
  if (reader->at == reader->end)
    return FALSE;
  *value = *reader->at++;
  return TRUE;
}

static gboolean
step_over (Reader *reader, gsize size)
{
  if (size > (gsize) (reader->end - reader->at))
    return FALSE;
  reader->at += size;
  return TRUE;
}

/* @bits: 32 or 64; a longer number is refused, so at most 5 or 10 bytes are looked at. */
static gboolean
read_varint (Reader *reader, guint bits, guint64 *value)
{
  guint8 byte = 0;

  *value = 0;
  for (guint shift = 0; shift < bits; shift += 7)
    {
      if (!read_byte (reader, &byte) || (shift + 7 > bits && (byte & 0x7f) >> (bits - shift) != 0))
        return FALSE;
      *value |= (guint64) (byte & 0x7f) << shift;
      if ((byte & 0x80) == 0)
        return TRUE;
    }
  return FALSE;
}

static gboolean
read_text (Reader *reader, guint32 limit, TwText *text)
{
  guint64 length;
  const guint8 *start;

  if (!read_varint (reader, 32, &length) || length > limit)
    return FALSE;
  start = reader->at;
  if (!step_over (reader, length))
    return FALSE;
  *text = (TwText){ (const char *) start, (guint32) length };
  return TRUE;
}

/* @id: (inout): of the field before in this struct, 0 before the first. */
static gboolean
read_field (Reader *reader, guint8 *type, gint16 *id)
{
  guint8 header;
  guint64 zigzag;

  if (!read_byte (reader, &header))
    return FALSE;
  *type = header & 0x0f;
  if (*type == COMPACT_STOP)
    return header == 0;
  if (header >> 4 != 0)
    *id = (gint16) (*id + (header >> 4));
  else if (!read_varint (reader, 32, &zigzag) || zigzag > G_MAXUINT16)
    return FALSE;
  else
    *id = (gint16) ((zigzag >> 1) ^ (0 - (zigzag & 1)));
  return TRUE;
}

static gboolean skip_value (Reader *reader, guint8 type, guint depth);

static gboolean
skip_struct (Reader *reader, guint depth)
{
  gint16 id = 0;
  guint8 type;

  while (read_field (reader, &type, &id))
    {
      if (type == COMPACT_STOP)
        return TRUE;
      if (type != COMPACT_TRUE && type != COMPACT_FALSE && !skip_value (reader, type, depth))
        return FALSE;
    }
  return FALSE;
}

/* Every element takes at least one byte, so a count that lies ends at the end of the message. */
static gboolean
skip_container (Reader *reader, guint8 type, guint depth)
{
  guint8 header = 0;
  guint64 count;

  if (type == COMPACT_MAP)
    {
      if (!read_varint (reader, 32, &count) || (count > 0 && !read_byte (reader, &header)))
        return FALSE;
    }
  else
    {
      if (!read_byte (reader, &header))
        return FALSE;
      count = header >> 4;
      if (count == 15 && !read_varint (reader, 32, &count))
        return FALSE;
    }
  if (count > TW_MAX_CONTAINER)
    return FALSE;
  for (guint64 i = 0; i < count; i++)
    if ((type == COMPACT_MAP && !skip_value (reader, header >> 4, depth)) || !skip_value (reader, header & 0x0f, depth))
      return FALSE;
  return TRUE;
}

/* A value outside a field header: here a bool takes a byte. @depth: levels around the value. */
static gboolean
skip_value (Reader *reader, guint8 type, guint depth)
{
  guint64 number;
  TwText text;

  switch (type)
    {
    case COMPACT_TRUE:
    case COMPACT_FALSE:
    case COMPACT_BYTE:
      return step_over (reader, 1);
    case COMPACT_I16:
    case COMPACT_I32:
      return read_varint (reader, 32, &number);
    case COMPACT_I64:
      return read_varint (reader, 64, &number);
    case COMPACT_DOUBLE:
      return step_over (reader, 8);
    case COMPACT_BINARY:
      return read_text (reader, TW_MAX_STRING, &text);
    case COMPACT_LIST:
    case COMPACT_SET:
    case COMPACT_MAP:
      return depth < TW_MAX_DEPTH && skip_container (reader, type, depth + 1);
    case COMPACT_STRUCT:
      return depth < TW_MAX_DEPTH && skip_struct (reader, depth + 1);
    default:
      return FALSE;
    }
}

static gboolean
read_arguments (Reader *reader, TwAuthenticateCall *call)
{
  gint16 id = 0;
  guint8 type;

  while (read_field (reader, &type, &id))
    {
      gboolean ok = TRUE;

      if (type == COMPACT_STOP)
        return TRUE;
      if (type == COMPACT_BINARY && (id == 1 || id == 2))
        ok = read_text (reader, TW_MAX_STRING, id == 1 ? &call->user_name : &call->password);
      else if (type != COMPACT_TRUE && type != COMPACT_FALSE)
        ok = skip_value (reader, type, 1);
      if (!ok)
        return FALSE;
    }
  return FALSE;
}

/* The message type; 0 for rubbish. */
static guint
read_envelope (Reader *reader, TwText *method, gint32 *sequence_id)
{
  guint8 protocol, version_and_type;
  guint64 sequence;

  if (!read_byte (reader, &protocol) || protocol != PROTOCOL_ID || !read_byte (reader, &version_and_type)
      || (version_and_type & ((1u << TYPE_SHIFT) - 1)) != COMPACT_VERSION || !read_varint (reader, 32, &sequence)
      || !read_text (reader, TW_MAX_NAME, method))
    return 0;
  *sequence_id = (gint32) (guint32) sequence;
  return version_and_type >> TYPE_SHIFT;
}

gboolean
tw_compact_decode_authenticate (TwAuthenticateCall *call, const guint8 *bytes, gsize length)
{
  Reader reader;

  *call = (TwAuthenticateCall){ 0 };
  if (length == 0)
    return FALSE;
  reader = (Reader){ bytes, bytes + length };
  return read_envelope (&reader, &call->method, &call->sequence_id) == TW_CALL && read_arguments (&reader, call);
}

static gsize
varint_size (guint32 value)
{
  gsize size = 1;

  while ((value >>= 7) != 0)
    size++;
  return size;
}

static guint8 *
store_varint (guint8 *at, guint32 value)
{
  for (; value > 0x7f; value >>= 7)
    at = tw_store_u8 (at, (value & 0x7f) | 0x80);
  return tw_store_u8 (at, value);
}

static gsize
text_size (TwText text)
{
  return varint_size (text.length) + text.length;
}

static guint8 *
store_text (guint8 *at, TwText text)
{
  return tw_store_bytes (store_varint (at, text.length), text);
}

static gsize
envelope_size (TwText method, gint32 sequence_id)
{
  return 2 + varint_size ((guint32) sequence_id) + text_size (method);
}

static guint8 *
store_envelope (guint8 *at, TwMessageType type, gint32 sequence_id, TwText method)
{
  at = tw_store_u8 (at, PROTOCOL_ID);
  at = tw_store_u8 (at, type << TYPE_SHIFT | COMPACT_VERSION);
  at = store_varint (at, (guint32) sequence_id);
  return store_text (at, method);
}

/* The header of a field whose id is one more than that of the field before. */
static guint8 *
store_next_field (guint8 *at, guint type)
{
  return tw_store_u8 (at, 1u << 4 | type);
}

#define AUTHENTICATE TW_TEXT ("authenticate")

void
tw_compact_encode_session (NetBuffer *output, gint32 sequence_id, TwText session_id)
{
  gsize size = envelope_size (AUTHENTICATE, sequence_id) + 2 + text_size (session_id) + 1;
  guint8 *at = net_buffer_reserve (output, size);

  at = store_envelope (at, TW_REPLY, sequence_id, AUTHENTICATE);
  at = tw_store_u8 (at, COMPACT_BINARY); /* id 0 has no short form: the type, then the id */
  at = tw_store_u8 (at, 0);
  at = store_text (at, session_id);
  tw_store_u8 (at, COMPACT_STOP);
  net_buffer_commit (output, size);
}

void
tw_compact_encode_refusal (NetBuffer *output, gint32 sequence_id, const char *message)
{
  TwText text = message == NULL ? TW_TEXT ("") : tw_text (message);
  gsize size = envelope_size (AUTHENTICATE, sequence_id) + 2 + text_size (text) + 2;
  guint8 *at = net_buffer_reserve (output, size);

  at = store_envelope (at, TW_REPLY, sequence_id, AUTHENTICATE);
  at = store_next_field (at, COMPACT_STRUCT);
  at = store_next_field (at, COMPACT_BINARY);
  at = store_text (at, text);
  tw_store_u8 (tw_store_u8 (at, COMPACT_STOP), COMPACT_STOP);
  net_buffer_commit (output, size);
}

void
tw_compact_encode_application_exception (NetBuffer *output, TwText method, gint32 sequence_id, TwApplicationError error,
                                         const char *message)
{
  TwText text = message == NULL ? TW_TEXT ("") : tw_text (message);
  guint32 zigzag = (guint32) error << 1;
  gsize size = envelope_size (method, sequence_id) + 1 + text_size (text) + 1 + varint_size (zigzag) + 1;
  guint8 *at = net_buffer_reserve (output, size);

  at = store_envelope (at, TW_EXCEPTION, sequence_id, method);
  at = store_next_field (at, COMPACT_BINARY);
  at = store_text (at, text);
  at = store_next_field (at, COMPACT_I32);
  at = store_varint (at, zigzag);
  tw_store_u8 (at, COMPACT_STOP);
  net_buffer_commit (output, size);
}

void
tw_compact_encode_authenticate (NetBuffer *output, gint32 sequence_id, TwText user_name, TwText password)
{
  gsize size = envelope_size (AUTHENTICATE, sequence_id) + 2 + text_size (user_name) + text_size (password) + 1;
  guint8 *at = net_buffer_reserve (output, size);

  at = store_envelope (at, TW_CALL, sequence_id, AUTHENTICATE);
  at = store_text (store_next_field (at, COMPACT_BINARY), user_name);
  at = store_text (store_next_field (at, COMPACT_BINARY), password);
  tw_store_u8 (at, COMPACT_STOP);
  net_buffer_commit (output, size);
}

/* The fields of an exception: its text is field 1. */
static gboolean
read_exception (Reader *reader, TwText *message)
{
  gint16 id = 0;
  guint8 type;
  gboolean ok = TRUE;

  *message = TW_TEXT ("");
  while (ok && read_field (reader, &type, &id))
    {
      if (type == COMPACT_STOP)
        return TRUE;
      if (type == COMPACT_BINARY && id == 1)
        ok = read_text (reader, TW_MAX_STRING, message);
      else if (type != COMPACT_TRUE && type != COMPACT_FALSE)
        ok = skip_value (reader, type, 1);
    }
  return FALSE;
}

static gboolean
read_result (Reader *reader, TwAuthenticateAnswer *answer)
{
  gint16 id = 0;
  guint8 type;
  gboolean ok = TRUE;

  while (ok && read_field (reader, &type, &id))
    {
      if (type == COMPACT_STOP)
        return TRUE;
      if (type == COMPACT_BINARY && id == 0)
        ok = read_text (reader, TW_MAX_STRING, &answer->session_id);
      else if (type == COMPACT_STRUCT && id == 1)
        ok = read_exception (reader, &answer->message);
      else if (type != COMPACT_TRUE && type != COMPACT_FALSE)
        ok = skip_value (reader, type, 1);
    }
  return FALSE;
}

gboolean
tw_compact_decode_answer (TwAuthenticateAnswer *answer, gint32 sequence_id, const guint8 *bytes, gsize length)
{
  Reader reader;
  TwText method;
  gint32 answered;
  guint type;

  *answer = (TwAuthenticateAnswer){ { NULL, 0 }, { NULL, 0 } };
  if (length == 0)
    return FALSE;
  reader = (Reader){ bytes, bytes + length };
  type = read_envelope (&reader, &method, &answered);
  if (type == TW_EXCEPTION)
    return read_exception (&reader, &answer->message);
  if (type != TW_REPLY || answered != sequence_id || !tw_text_equal (method, AUTHENTICATE)
      || !read_result (&reader, answer))
    return FALSE;
  if (answer->message.bytes != NULL)
    answer->session_id = (TwText){ NULL, 0 };
  else if (answer->session_id.bytes == NULL)
    answer->message = TW_TEXT ("unknown result");
  return TRUE;
}
