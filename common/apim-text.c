#include "config.h"
#include "common/apim-text.h"

#include <string.h>

#define MAX_DIGITS 20 /* of a gint64, with its sign */

void
apim_text_init (ApimText *text, char *buffer, gsize size)
{
  text->place = buffer;
  text->last = buffer + size - 1;
  *buffer = '\0';
}

void
apim_text_add (ApimText *text, const char *piece)
{
  gsize length = strlen (piece);

  if (text->place == NULL)
    return;
  if (length > (gsize) (text->last - text->place))
    {
      text->place = NULL;
      return;
    }
  memcpy (text->place, piece, length + 1);
  text->place += length;
}

void
apim_text_add_int (ApimText *text, gint64 number)
{
  char digits[MAX_DIGITS + 1];
  char *first = digits + MAX_DIGITS;
  /* Of a negative number the positive one may not exist in a gint64. */
  guint64 rest = number < 0 ? -(guint64) number : (guint64) number;

  *first = '\0';
  do
    *--first = (char) ('0' + rest % 10);
  while ((rest /= 10) > 0);
  if (number < 0)
    *--first = '-';
  apim_text_add (text, first);
}

void
apim_text_add_hex (ApimText *text, const guint8 *bytes, gsize n)
{
  static const char digits[] = "0123456789abcdef";

  if (text->place == NULL)
    return;
  if (n > (gsize) (text->last - text->place) / 2)
    {
      text->place = NULL;
      return;
    }
  for (gsize i = 0; i < n; i++)
    {
      *text->place++ = digits[bytes[i] >> 4];
      *text->place++ = digits[bytes[i] & 15];
    }
  *text->place = '\0';
}

gboolean
apim_text_fits (const ApimText *text)
{
  return text->place != NULL;
}
