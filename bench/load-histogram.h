/* Times in logarithmic buckets, as HdrHistogram has them: fixed memory, at most 1 % off, no allocation when
 * one is added. */
#ifndef LOAD_HISTOGRAM_H
#define LOAD_HISTOGRAM_H

#include <glib.h>

G_BEGIN_DECLS

#define LOAD_HISTOGRAM_SUB_BITS 7  /* 128 buckets for each power of two */
#define LOAD_HISTOGRAM_MAX_BITS 40 /* times from 2^40 ns (18 minutes) on count as that */
#define LOAD_HISTOGRAM_BUCKETS                                                                               \
  ((LOAD_HISTOGRAM_MAX_BITS - LOAD_HISTOGRAM_SUB_BITS + 1) << LOAD_HISTOGRAM_SUB_BITS)

typedef struct
{
  guint64 count;
  guint64 sum_ns;
  guint64 max_ns;
  guint64 buckets[LOAD_HISTOGRAM_BUCKETS];
} LoadHistogram;

/* All zero is an empty one. */
void load_histogram_add (LoadHistogram *histogram, gint64 ns);

/* Adds what @other holds. */
void load_histogram_merge (LoadHistogram *histogram, const LoadHistogram *other);

/* The time that @fraction (0 .. 1) of the times do not exceed, in ns; 0 when there are none. */
guint64 load_histogram_quantile (const LoadHistogram *histogram, double fraction);

G_END_DECLS
#endif
