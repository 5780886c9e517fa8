/* StGaps against a plain array of flags. */
#include "config.h"

#include "store/st-gaps.h"

#define N 400

static void
test_fill (void)
{
  static const struct
  {
    gint64 number;
    gboolean missing;
    guint count; /* afterwards */
  } steps[] = {
    { 9, FALSE, 2 }, { 14, TRUE, 3 }, { 14, FALSE, 3 }, { 10, TRUE, 3 },  { 13, TRUE, 3 },  { 15, TRUE, 3 },
    { 19, TRUE, 3 }, { 20, FALSE, 3 }, { 11, TRUE, 3 }, { 12, TRUE, 2 }, { 30, TRUE, 1 }, { 31, FALSE, 1 },
  };
  StGaps gaps;

  st_gaps_init (&gaps);
  st_gaps_add (&gaps, 10, 19, 1);
  st_gaps_add (&gaps, 30, 30, 2);
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      g_assert_cmpint (st_gaps_fill (&gaps, steps[i].number), ==, steps[i].missing);
      g_assert_cmpuint (st_gaps_count (&gaps), ==, steps[i].count);
    }
  st_gaps_clear (&gaps);
}

static void
test_forget (void)
{
  StGaps gaps;

  st_gaps_init (&gaps);
  for (gint64 i = 1; i <= 5; i++)
    st_gaps_add (&gaps, 10 * i, 10 * i + 5, 100 * i);
  g_assert_true (st_gaps_fill (&gaps, 12)); /* both halves are as old as the whole */
  g_assert_cmpuint (st_gaps_index_since (&gaps, 100), ==, 0);
  g_assert_cmpuint (st_gaps_index_since (&gaps, 101), ==, 2);
  g_assert_cmpuint (st_gaps_index_since (&gaps, 501), ==, 6);
  st_gaps_forget (&gaps, 300);
  g_assert_cmpuint (st_gaps_count (&gaps), ==, 3);
  g_assert_false (st_gaps_fill (&gaps, 20));
  g_assert_true (st_gaps_fill (&gaps, 30));
  st_gaps_forget_all (&gaps);
  g_assert_cmpuint (st_gaps_count (&gaps), ==, 0);
  st_gaps_forget (&gaps, 1000);
  st_gaps_clear (&gaps);
}

static gboolean
is_covered (const StGap *stretches, guint n, gint64 number)
{
  for (guint i = 0; i < n; i++)
    if (stretches[i].first <= number && number <= stretches[i].last)
      return TRUE;
  return FALSE;
}

/* Everything from @index on is covered, once; with enough stretches nothing else is. */
static void
check_cover (const StGaps *gaps, const gboolean *missing, guint index)
{
  guint count = st_gaps_count (gaps) - index;

  for (guint n = 1; n <= 8; n++)
    {
      StGap stretches[8];

      st_gaps_cover (gaps, index, stretches, n);
      for (gint64 i = 1; i < N; i++)
        if (missing[i] && st_gaps_index_of (gaps, i) >= index)
          g_assert_true (is_covered (stretches, n, i));
        else if (count <= n)
          g_assert_false (is_covered (stretches, n, i));
      for (guint i = 0; i < n; i++)
        for (guint k = i + 1; k < n && stretches[i].first <= stretches[i].last; k++)
          g_assert_true (stretches[k].first > stretches[k].last || stretches[k].first > stretches[i].last);
    }
}

static void
test_random (void)
{
  for (guint round = 0; round < 50; round++)
    {
      gboolean missing[N] = { FALSE };
      gint64 number = 1;
      StGaps gaps;

      st_gaps_init (&gaps);
      while (number < N - 30)
        {
          gint64 first = number + g_test_rand_int_range (1, 20), last = first + g_test_rand_int_range (0, 10);

          st_gaps_add (&gaps, first, last, number);
          for (number = first; number <= last; number++)
            missing[number] = TRUE;
        }
      for (guint i = 0; i < N; i++)
        {
          gint64 at = g_test_rand_int_range (1, N);

          g_assert_cmpint (st_gaps_fill (&gaps, at), ==, missing[at]);
          missing[at] = FALSE;
          if (i % 20 == 0)
            check_cover (&gaps, missing, st_gaps_count (&gaps) / 3);
        }
      st_gaps_clear (&gaps);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gaps/fill", test_fill);
  g_test_add_func ("/gaps/forget", test_forget);
  g_test_add_func ("/gaps/random", test_random);
  return g_test_run ();
}
