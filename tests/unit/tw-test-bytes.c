#include "config.h"
#include "tests/unit/tw-test-bytes.h"

#include <string.h>

GByteArray *
bytes_from_hex (const char *hex)
{
  GByteArray *bytes = g_byte_array_new ();

  for (; hex[0] != '\0'; hex += 2)
    bytes_add_u8 (bytes, (guint) (g_ascii_xdigit_value (hex[0]) << 4 | g_ascii_xdigit_value (hex[1])));
  return bytes;
}

char *
bytes_to_hex (const guint8 *bytes, gsize length)
{
  GString *hex = g_string_new (NULL);

  for (gsize i = 0; i < length; i++)
    g_string_append_printf (hex, "%02x", bytes[i]);
  return g_string_free (hex, FALSE);
}

void
bytes_add_u8 (GByteArray *bytes, guint value)
{
  guint8 byte = (guint8) value;

  g_byte_array_append (bytes, &byte, 1);
}

void
bytes_add_u32 (GByteArray *bytes, guint32 value)
{
  guint32 big_endian = GUINT32_TO_BE (value);

  g_byte_array_append (bytes, (const guint8 *) &big_endian, sizeof big_endian);
}

void
bytes_add_text (GByteArray *bytes, const char *text)
{
  bytes_add_u32 (bytes, (guint32) strlen (text));
  g_byte_array_append (bytes, (const guint8 *) text, (guint) strlen (text));
}

void
bytes_add_field (GByteArray *bytes, guint type, guint id)
{
  bytes_add_u8 (bytes, type);
  bytes_add_u8 (bytes, id >> 8);
  bytes_add_u8 (bytes, id & 0xff);
}

void
bytes_add_field_text (GByteArray *bytes, guint id, const char *text)
{
  bytes_add_field (bytes, TW_STRING, id);
  bytes_add_text (bytes, text);
}

GByteArray *
bytes_new_message (guint type, const char *name, gint32 sequence_id)
{
  GByteArray *bytes = g_byte_array_new ();

  bytes_add_u32 (bytes, 0x80010000u | type);
  bytes_add_text (bytes, name);
  bytes_add_u32 (bytes, (guint32) sequence_id);
  return bytes;
}

GByteArray *
bytes_new_old_message (guint type, const char *name, gint32 sequence_id)
{
  GByteArray *bytes = g_byte_array_new ();

  bytes_add_text (bytes, name);
  bytes_add_u8 (bytes, type);
  bytes_add_u32 (bytes, (guint32) sequence_id);
  return bytes;
}
