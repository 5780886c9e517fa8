/* StGaps: which numbers of a growing sequence have not been seen yet, as ranges, oldest first, each with the moment
 * when it was noticed. Numbers come in any order, gaps only at the upper end. Threads: one. */
#ifndef ST_GAPS_H
#define ST_GAPS_H

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  gint64 first;
  gint64 last;
  gint64 since_us;
} StGap;

typedef struct
{
  GArray *ranges; /* of StGap: disjoint, ascending by number and by since_us */
} StGaps;

void st_gaps_init (StGaps *gaps);
void st_gaps_clear (StGaps *gaps); /* frees; not for use again */

void st_gaps_forget_all (StGaps *gaps);
/* Those noticed before @since_us. */
void st_gaps_forget (StGaps *gaps, gint64 since_us);

/* The numbers from @first to @last (not below @first, and above all gaps there are) are missing since @since_us, which
 * is no earlier than any before. */
void st_gaps_add (StGaps *gaps, gint64 first, gint64 last, gint64 since_us);
/* @number was seen. Returns: whether it was missing. A gap may fall into two. */
gboolean st_gaps_fill (StGaps *gaps, gint64 number);

/* How many ranges there are. */
guint st_gaps_count (const StGaps *gaps);
/* The index of the first range that ends at @number or after it; the count when none does. */
guint st_gaps_index_of (const StGaps *gaps, gint64 number);
/* The index of the first range that was noticed at @since_us or later; the count when none was. */
guint st_gaps_index_since (const StGaps *gaps, gint64 since_us);

/* Covers the ranges from @index on with @n stretches: all gaps are in one, and where there are more ranges than
 * stretches, neighbours share one with the numbers seen between them. What is left over gets an empty stretch, whose
 * first is above its last. */
void st_gaps_cover (const StGaps *gaps, guint index, StGap *stretches, guint n);

G_END_DECLS
#endif
