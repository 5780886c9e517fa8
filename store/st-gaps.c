#include "config.h"
#include "store/st-gaps.h"

static StGap *
gap_at (const StGaps *gaps, guint index)
{
  return &g_array_index (gaps->ranges, StGap, index);
}

void
st_gaps_init (StGaps *gaps)
{
  gaps->ranges = g_array_new (FALSE, FALSE, sizeof (StGap));
}

void
st_gaps_clear (StGaps *gaps)
{
  g_clear_pointer (&gaps->ranges, g_array_unref);
}

void
st_gaps_forget_all (StGaps *gaps)
{
  g_array_set_size (gaps->ranges, 0);
}

void
st_gaps_forget (StGaps *gaps, gint64 since_us)
{
  g_array_remove_range (gaps->ranges, 0, st_gaps_index_since (gaps, since_us));
}

void
st_gaps_add (StGaps *gaps, gint64 first, gint64 last, gint64 since_us)
{
  StGap gap = { first, last, since_us };

  g_assert (first <= last);
  g_assert (gaps->ranges->len == 0 || gap_at (gaps, gaps->ranges->len - 1)->last < first);
  g_array_append_val (gaps->ranges, gap);
}

gboolean
st_gaps_fill (StGaps *gaps, gint64 number)
{
  guint index = st_gaps_index_of (gaps, number);
  StGap *gap;

  if (index == gaps->ranges->len || gap_at (gaps, index)->first > number)
    return FALSE;
  gap = gap_at (gaps, index);
  if (gap->first == gap->last)
    g_array_remove_index (gaps->ranges, index);
  else if (gap->first == number)
    gap->first++;
  else if (gap->last == number)
    gap->last--;
  else
    {
      StGap below = { gap->first, number - 1, gap->since_us };

      gap->first = number + 1;
      g_array_insert_val (gaps->ranges, index, below);
    }
  return TRUE;
}

guint
st_gaps_count (const StGaps *gaps)
{
  return gaps->ranges->len;
}

guint
st_gaps_index_of (const StGaps *gaps, gint64 number)
{
  guint low = 0, high = gaps->ranges->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (gap_at (gaps, middle)->last < number)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

guint
st_gaps_index_since (const StGaps *gaps, gint64 since_us)
{
  guint low = 0, high = gaps->ranges->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (gap_at (gaps, middle)->since_us < since_us)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

void
st_gaps_cover (const StGaps *gaps, guint index, StGap *stretches, guint n)
{
  guint count = gaps->ranges->len - index;

  for (guint i = 0; i < n; i++)
    {
      guint first = (guint) ((guint64) count * i / n), after = (guint) ((guint64) count * (i + 1) / n);

      if (first == after)
        stretches[i] = (StGap){ .first = 1, .last = 0 };
      else
        stretches[i] = (StGap){ .first = gap_at (gaps, index + first)->first,
                                .last = gap_at (gaps, index + after - 1)->last,
                                .since_us = gap_at (gaps, index + first)->since_us };
    }
}
