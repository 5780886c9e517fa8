/* Numbers and texts of TBinaryProtocol at a pointer: big endian, no alignment. The caller checked the bounds.
 * Private to thrift/. */
#ifndef TW_WIRE_H
#define TW_WIRE_H

#include "thrift/tw-message.h"

#include <string.h>

G_BEGIN_DECLS

/* First word of a strict message: the version in the upper half, the type in the low byte (spec 8). */
#define TW_VERSION_MASK 0xffff0000u
#define TW_VERSION_1 0x80010000u

static inline guint16
tw_load_u16 (const guint8 *at)
{
  guint16 value;

  memcpy (&value, at, sizeof value);
  return GUINT16_FROM_BE (value);
}

static inline guint32
tw_load_u32 (const guint8 *at)
{
  guint32 value;

  memcpy (&value, at, sizeof value);
  return GUINT32_FROM_BE (value);
}

static inline guint64
tw_load_u64 (const guint8 *at)
{
  guint64 value;

  memcpy (&value, at, sizeof value);
  return GUINT64_FROM_BE (value);
}

/* Each store returns where the next byte goes. */

static inline guint8 *
tw_store_u8 (guint8 *at, guint value)
{
  *at = (guint8) value;
  return at + 1;
}

static inline guint8 *
tw_store_u16 (guint8 *at, guint value)
{
  guint16 big_endian = GUINT16_TO_BE ((guint16) value);

  memcpy (at, &big_endian, sizeof big_endian);
  return at + sizeof big_endian;
}

static inline guint8 *
tw_store_u32 (guint8 *at, guint32 value)
{
  guint32 big_endian = GUINT32_TO_BE (value);

  memcpy (at, &big_endian, sizeof big_endian);
  return at + sizeof big_endian;
}

static inline guint8 *
tw_store_u64 (guint8 *at, guint64 value)
{
  guint64 big_endian = GUINT64_TO_BE (value);

  memcpy (at, &big_endian, sizeof big_endian);
  return at + sizeof big_endian;
}

static inline guint8 *
tw_store_bytes (guint8 *at, TwText text)
{
  if (text.length > 0)
    memcpy (at, text.bytes, text.length);
  return at + text.length;
}

static inline guint8 *
tw_store_text (guint8 *at, TwText text)
{
  return tw_store_bytes (tw_store_u32 (at, text.length), text);
}

G_END_DECLS
#endif
