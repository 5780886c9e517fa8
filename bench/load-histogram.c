#include "config.h"
#include "bench/load-histogram.h"

#include <math.h>

#define SUB_BUCKETS (1u << LOAD_HISTOGRAM_SUB_BITS)

/* Below SUB_BUCKETS each value has its own bucket; above, each power of two has SUB_BUCKETS of them. */
static guint
bucket_of (guint64 ns)
{
  guint shift;

  if (ns < SUB_BUCKETS)
    return (guint) ns;
  if (ns >= G_GUINT64_CONSTANT (1) << LOAD_HISTOGRAM_MAX_BITS)
    return LOAD_HISTOGRAM_BUCKETS - 1;
  shift = 63 - (guint) __builtin_clzll (ns) - LOAD_HISTOGRAM_SUB_BITS;
  return (shift << LOAD_HISTOGRAM_SUB_BITS) + (guint) (ns >> shift);
}

/* The largest value that falls into the bucket. */
static guint64
bucket_end (guint bucket)
{
  guint shift;

  if (bucket < 2 * SUB_BUCKETS)
    return bucket;
  shift = (bucket >> LOAD_HISTOGRAM_SUB_BITS) - 1;
  return (((guint64) bucket - (shift << LOAD_HISTOGRAM_SUB_BITS) + 1) << shift) - 1;
}

void
load_histogram_add (LoadHistogram *histogram, gint64 ns)
{
  guint64 value = ns < 0 ? 0 : (guint64) ns;

  histogram->count++;
  histogram->sum_ns += value;
  histogram->max_ns = MAX (histogram->max_ns, value);
  histogram->buckets[bucket_of (value)]++;
}

void
load_histogram_merge (LoadHistogram *histogram, const LoadHistogram *other)
{
  histogram->count += other->count;
  histogram->sum_ns += other->sum_ns;
  histogram->max_ns = MAX (histogram->max_ns, other->max_ns);
  for (guint i = 0; i < LOAD_HISTOGRAM_BUCKETS; i++)
    histogram->buckets[i] += other->buckets[i];
}

guint64
load_histogram_quantile (const LoadHistogram *histogram, double fraction)
{
  guint64 wanted = (guint64) ceil (fraction * (double) histogram->count);
  guint64 seen = 0;

  for (guint i = 0; i < LOAD_HISTOGRAM_BUCKETS; i++)
    {
      seen += histogram->buckets[i];
      if (seen > 0 && seen >= wanted)
        return MIN (bucket_end (i), histogram->max_ns);
    }
  return histogram->max_ns;
}
