/* TBinaryProtocol messages (spec/thrift-key-validation.md 8): finding where a message ends, and its envelope.
 *
 * A message has no length in front, so the end is found by walking its fields. TwScan does that once per byte,
 * however the bytes arrive (a peer that sends one byte at a time costs no more), checks every length and bound, and
 * never allocates. Only messages that passed it are decoded. Fuzz target: tests/fuzz/fuzz-binary.c.
 * Threads: pure functions over the caller's memory. */
#ifndef TW_MESSAGE_H
#define TW_MESSAGE_H

#include <glib.h>

G_BEGIN_DECLS

/* Wire types (spec 2.1). */
typedef enum
{
  TW_STOP = 0,
  TW_BOOL = 2,
  TW_BYTE = 3,
  TW_DOUBLE = 4,
  TW_I16 = 6,
  TW_I32 = 8,
  TW_I64 = 10,
  TW_STRING = 11,
  TW_STRUCT = 12,
  TW_MAP = 13,
  TW_SET = 14,
  TW_LIST = 15,
} TwType;

typedef enum
{
  TW_CALL = 1,
  TW_REPLY = 2,
  TW_EXCEPTION = 3,
  TW_ONEWAY = 4,
} TwMessageType;

/* TApplicationException types (spec 8). */
typedef enum
{
  TW_APP_UNKNOWN = 0,
  TW_APP_UNKNOWN_METHOD = 1,
  TW_APP_INVALID_MESSAGE_TYPE = 2,
  TW_APP_MISSING_RESULT = 5,
  TW_APP_INTERNAL_ERROR = 6,
  TW_APP_PROTOCOL_ERROR = 7,
} TwApplicationError;

/* Limits of spec 8; the message limit is ApimLimits.max_thrift_message. */
#define TW_MAX_NAME 128
#define TW_MAX_STRING (1024 * 1024)
#define TW_MAX_CONTAINER 65536
#define TW_MAX_DEPTH 32

/* Text or bytes inside a message; not terminated. bytes == NULL: the field was absent. */
typedef struct
{
  const char *bytes;
  guint32 length;
} TwText;

#define TW_TEXT(literal) ((TwText){ (literal), sizeof (literal) - 1 })
/* A terminated string; NULL becomes absent. */
TwText tw_text (const char *text);
gboolean tw_text_equal (TwText a, TwText b);

typedef enum
{
  TW_SCAN_MORE,  /* not whole yet */
  TW_SCAN_DONE,  /* envelope and length are valid */
  TW_SCAN_ERROR, /* out of step or over a limit: close the connection */
} TwScanResult;

typedef struct
{
  TwMessageType type; /* not checked beyond 1..4 */
  TwText name;        /* points into the message */
  gint32 sequence_id;
  gsize body;   /* offset of the argument struct's first byte */
  gsize length; /* of the whole message */
} TwEnvelope;

/* The state of a scan; zero-initialise for each message. Private. */
typedef struct
{
  gsize body;     /* 0: the envelope is not whole yet */
  gsize position; /* next byte to look at; past the bytes at hand while a value is still coming */
  guint8 pending; /* type of the value whose header is at position; 0: none */
  guint8 depth;
  struct
  {
    guint8 container; /* FALSE: the fields of a struct */
    guint8 key_type;  /* of a list or set: the same as value_type */
    guint8 value_type;
    guint32 left; /* values to come, keys counted too */
  } stack[TW_MAX_DEPTH];
} TwScan;

/* Goes on with a scan. @bytes: the message so far, from its first byte (it may have moved since the last call);
 * @length: grows.
 * @max_message: limit in bytes. @envelope: (out): filled on DONE. @why: (out): a fixed text on ERROR, for the log. */
TwScanResult tw_scan (TwScan *scan, const guint8 *bytes, gsize length, gsize max_message, TwEnvelope *envelope,
                      const char **why);

/* Reads the fields of a struct of a scanned message. Start with position = envelope.body. Returns the type (TW_STOP
 * at the end) and leaves *position at the value. */
TwType tw_read_field (const guint8 *bytes, gsize *position, gint16 *id);
TwText tw_read_text (const guint8 *bytes, gsize *position);
gint32 tw_read_i32 (const guint8 *bytes, gsize *position);
gint64 tw_read_i64 (const guint8 *bytes, gsize *position);
/* Steps over a value of a scanned message. */
void tw_skip (const guint8 *bytes, gsize *position, TwType type);

G_END_DECLS
#endif
