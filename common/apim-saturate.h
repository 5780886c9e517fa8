/* Sums and differences of times that end at the ends of what a gint64 holds, since databases say anything of times.
 * Threads: any. */
#ifndef APIM_SATURATE_H
#define APIM_SATURATE_H

#include <glib.h>

G_BEGIN_DECLS

static inline gint64
apim_add_saturated (gint64 a, gint64 b)
{
  gint64 sum;

  if (__builtin_add_overflow (a, b, &sum))
    return a < 0 ? G_MININT64 : G_MAXINT64;
  return sum;
}

static inline gint64
apim_subtract_saturated (gint64 a, gint64 b)
{
  gint64 difference;

  if (__builtin_sub_overflow (a, b, &difference))
    return a < 0 ? G_MININT64 : G_MAXINT64;
  return difference;
}

G_END_DECLS
#endif
