/* Counts calls of malloc(), calloc() and realloc() by this program and its libraries, on threads that want it. Nothing
 * else of libc's allocates for them. Not with sanitizers, which have allocators of their own. */
#ifndef ALLOCATION_COUNT_H
#define ALLOCATION_COUNT_H

#include <glib.h>

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define ALLOCATION_COUNT_WORKS 1
#endif

/* Whether those of the calling thread are counted. */
void allocation_count_set (gboolean counting);
/* Of all threads so far. */
int allocation_count_get (void);

#endif
