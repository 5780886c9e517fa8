#include "config.h"
#include "allocation-count.h"

#include <stddef.h>

static __thread gboolean counting;
static gint n_allocations; /* atomic */

void
allocation_count_set (gboolean wanted)
{
  counting = wanted;
}

int
allocation_count_get (void)
{
  return g_atomic_int_get (&n_allocations);
}

#ifdef ALLOCATION_COUNT_WORKS
extern void *__libc_malloc (size_t size);
extern void *__libc_calloc (size_t n, size_t size);
extern void *__libc_realloc (void *old, size_t size);

static void
count_allocation (void)
{
  if (counting)
    g_atomic_int_inc (&n_allocations);
}

void *
malloc (size_t size)
{
  count_allocation ();
  return __libc_malloc (size);
}

void *
calloc (size_t n, size_t size)
{
  count_allocation ();
  return __libc_calloc (n, size);
}

void *
realloc (void *old, size_t size)
{
  count_allocation ();
  return __libc_realloc (old, size);
}
#endif
