#include "config.h"
#include "net/net-http-chars.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define F NET_HTTP_CHAR_FIELD
#define B (NET_HTTP_CHAR_TOKEN | NET_HTTP_CHAR_FIELD)

const guint8 net_http_char_classes[256] = {
  /* Controls; of them only the tab. */
  ['\t'] = F,
  [' '] = F,
  /* tchar (RFC 9110 5.6.2) */
  ['!'] = B, ['#'] = B, ['$'] = B, ['%'] = B, ['&'] = B, ['\''] = B, ['*'] = B, ['+'] = B, ['-'] = B,
  ['.'] = B, ['^'] = B, ['_'] = B, ['`'] = B, ['|'] = B, ['~'] = B,
  ['0' ... '9'] = B,
  ['A' ... 'Z'] = B,
  ['a' ... 'z'] = B,
  /* What else is visible */
  ['"'] = F, ['('] = F, [')'] = F, [','] = F, ['/'] = F, [':'] = F, [';'] = F, ['<'] = F, ['='] = F, ['>'] = F,
  ['?'] = F, ['@'] = F, ['['] = F, ['\\'] = F, [']'] = F, ['{'] = F, ['}'] = F,
  /* obs-text */
  [0x80 ... 0xff] = F,
};

#undef F
#undef B

#ifdef __SSE2__

/* A bit for each of sixteen bytes that is of no field value: a control other than the tab, or DEL. */
static inline guint
find_controls (const char *bytes)
{
  const __m128i text = _mm_loadu_si128 ((const __m128i *) bytes);
  const __m128i last = _mm_set1_epi8 (0x1f);
  const __m128i below_blank = _mm_cmpeq_epi8 (_mm_max_epu8 (text, last), last);
  const __m128i tab = _mm_cmpeq_epi8 (text, _mm_set1_epi8 ('\t'));
  const __m128i del = _mm_cmpeq_epi8 (text, _mm_set1_epi8 (0x7f));

  return (guint) _mm_movemask_epi8 (_mm_or_si128 (_mm_andnot_si128 (tab, below_blank), del));
}

#endif

gsize
net_http_field_span (const char *bytes, gsize length)
{
  gsize span = 0;

#ifdef __SSE2__
  for (; length - span >= sizeof (__m128i); span += sizeof (__m128i))
    {
      guint controls = find_controls (bytes + span);

      if (controls != 0)
        return span + (guint) __builtin_ctz (controls);
    }
#endif
  while (span < length && net_http_is_field_char (bytes[span]))
    span++;
  return span;
}

gboolean
net_http_is_field_text (const char *text)
{
  gsize length = strlen (text);

  return length > 0 && net_http_field_span (text, length) == length;
}

gboolean
net_http_same_nocase (const char *a, const char *b, gsize length)
{
  for (gsize i = 0; i < length; i++)
    if (a[i] != b[i] && g_ascii_tolower (a[i]) != g_ascii_tolower (b[i]))
      return FALSE;
  return TRUE;
}
