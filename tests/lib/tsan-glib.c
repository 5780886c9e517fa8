/* GLib's locks and shared arrays in a form that ThreadSanitizer understands.
 *
 * Debian's GLib is not built with ThreadSanitizer and makes its locks from bare futexes, so that every use of a GMutex looks like a data
 * race. This library is loaded before GLib (tests/lib/tsan-run) and offers the same functions made from pthreads, which ThreadSanitizer
 * watches. Only calls that come from outside GLib end here; a lock must not be shared with GLib's own code, and none of ours is.
 * Of arrays with references it tells what their atomic count does: who lets the last one go has seen what all others did before. */
#define _GNU_SOURCE /* RTLD_NEXT */
#include <dlfcn.h>
#include <errno.h>
#include <glib.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Every lock type of GLib begins with a pointer that is NULL in static storage; it holds the pthread object. */
static void *
made (gpointer *place, size_t size, void (*make) (void *object))
{
  void *object = __atomic_load_n (place, __ATOMIC_ACQUIRE);
  void *expected = NULL;

  if (object != NULL)
    return object;
  object = calloc (1, size);
  make (object);
  if (__atomic_compare_exchange_n (place, &expected, object, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
    return object;
  free (object); /* another thread was first */
  return expected;
}

static void
check (int error)
{
  if (error != 0)
    abort ();
}

/* GMutex */

static void
make_mutex (void *object)
{
  check (pthread_mutex_init (object, NULL));
}

static pthread_mutex_t *
mutex_of (GMutex *mutex)
{
  return made (&mutex->p, sizeof (pthread_mutex_t), make_mutex);
}

void
g_mutex_init (GMutex *mutex)
{
  mutex->p = NULL;
}

void
g_mutex_clear (GMutex *mutex)
{
  if (mutex->p != NULL)
    check (pthread_mutex_destroy (mutex->p));
  free (mutex->p);
  mutex->p = NULL;
}

void
g_mutex_lock (GMutex *mutex)
{
  check (pthread_mutex_lock (mutex_of (mutex)));
}

gboolean
g_mutex_trylock (GMutex *mutex)
{
  return pthread_mutex_trylock (mutex_of (mutex)) == 0;
}

void
g_mutex_unlock (GMutex *mutex)
{
  check (pthread_mutex_unlock (mutex_of (mutex)));
}

/* GRWLock */

static void
make_rw_lock (void *object)
{
  check (pthread_rwlock_init (object, NULL));
}

static pthread_rwlock_t *
rw_lock_of (GRWLock *lock)
{
  return made (&lock->p, sizeof (pthread_rwlock_t), make_rw_lock);
}

void
g_rw_lock_init (GRWLock *lock)
{
  lock->p = NULL;
}

void
g_rw_lock_clear (GRWLock *lock)
{
  if (lock->p != NULL)
    check (pthread_rwlock_destroy (lock->p));
  free (lock->p);
  lock->p = NULL;
}

void
g_rw_lock_reader_lock (GRWLock *lock)
{
  check (pthread_rwlock_rdlock (rw_lock_of (lock)));
}

void
g_rw_lock_reader_unlock (GRWLock *lock)
{
  check (pthread_rwlock_unlock (rw_lock_of (lock)));
}

void
g_rw_lock_writer_lock (GRWLock *lock)
{
  check (pthread_rwlock_wrlock (rw_lock_of (lock)));
}

void
g_rw_lock_writer_unlock (GRWLock *lock)
{
  check (pthread_rwlock_unlock (rw_lock_of (lock)));
}

/* GCond */

static void
make_cond (void *object)
{
  pthread_condattr_t attributes;

  check (pthread_condattr_init (&attributes));
  check (pthread_condattr_setclock (&attributes, CLOCK_MONOTONIC));
  check (pthread_cond_init (object, &attributes));
  pthread_condattr_destroy (&attributes);
}

static pthread_cond_t *
cond_of (GCond *cond)
{
  return made (&cond->p, sizeof (pthread_cond_t), make_cond);
}

void
g_cond_init (GCond *cond)
{
  cond->p = NULL;
}

void
g_cond_clear (GCond *cond)
{
  if (cond->p != NULL)
    check (pthread_cond_destroy (cond->p));
  free (cond->p);
  cond->p = NULL;
}

void
g_cond_wait (GCond *cond, GMutex *mutex)
{
  check (pthread_cond_wait (cond_of (cond), mutex_of (mutex)));
}

gboolean
g_cond_wait_until (GCond *cond, GMutex *mutex, gint64 end_time)
{
  struct timespec until = { end_time / G_USEC_PER_SEC, (end_time % G_USEC_PER_SEC) * 1000 };
  int result = pthread_cond_timedwait (cond_of (cond), mutex_of (mutex), &until);

  if (result != ETIMEDOUT)
    check (result);
  return result == 0;
}

void
g_cond_signal (GCond *cond)
{
  check (pthread_cond_signal (cond_of (cond)));
}

void
g_cond_broadcast (GCond *cond)
{
  check (pthread_cond_broadcast (cond_of (cond)));
}

/* g_once_init_enter(): one lock for all, and a short list of what is being initialised. */

static pthread_mutex_t once_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t once_done = PTHREAD_COND_INITIALIZER;
static volatile void *once_busy[64];

static volatile void **
once_slot (volatile void *location)
{
  for (size_t i = 0; i < G_N_ELEMENTS (once_busy); i++)
    if (once_busy[i] == location)
      return &once_busy[i];
  return NULL;
}

gboolean (g_once_init_enter) (volatile void *location)
{
  gboolean first = FALSE;

  pthread_mutex_lock (&once_lock);
  while (once_slot (location) != NULL)
    pthread_cond_wait (&once_done, &once_lock);
  if (__atomic_load_n ((gsize volatile *) location, __ATOMIC_ACQUIRE) == 0)
    {
      volatile void **slot = once_slot (NULL);

      if (slot == NULL)
        abort ();
      *slot = location;
      first = TRUE;
    }
  pthread_mutex_unlock (&once_lock);
  return first;
}

void (g_once_init_leave) (volatile void *location, gsize result)
{
  volatile void **slot;

  pthread_mutex_lock (&once_lock);
  __atomic_store_n ((gsize volatile *) location, result, __ATOMIC_RELEASE);
  slot = once_slot (location);
  if (slot != NULL)
    *slot = NULL;
  pthread_cond_broadcast (&once_done);
  pthread_mutex_unlock (&once_lock);
}

/* g_atomic_rc_box: a header with counter and size before the block. */

typedef struct
{
  gint count;
  gsize size;
} __attribute__ ((aligned (16))) Box;

gpointer
g_atomic_rc_box_alloc0 (gsize size)
{
  Box *box = calloc (1, sizeof *box + size);

  box->count = 1;
  box->size = size;
  return box + 1;
}

gpointer
g_atomic_rc_box_alloc (gsize size)
{
  return g_atomic_rc_box_alloc0 (size);
}

gpointer (g_atomic_rc_box_dup) (gsize size, gconstpointer block)
{
  return memcpy (g_atomic_rc_box_alloc0 (size), block, size);
}

gpointer (g_atomic_rc_box_acquire) (gpointer block)
{
  __atomic_fetch_add (&((Box *) block - 1)->count, 1, __ATOMIC_RELAXED);
  return block;
}

void
g_atomic_rc_box_release_full (gpointer block, GDestroyNotify clear)
{
  Box *box = (Box *) block - 1;

  if (__atomic_sub_fetch (&box->count, 1, __ATOMIC_ACQ_REL) != 0)
    return;
  if (clear != NULL)
    clear (block);
  free (box);
}

void
g_atomic_rc_box_release (gpointer block)
{
  g_atomic_rc_box_release_full (block, NULL);
}

gsize
g_atomic_rc_box_get_size (gpointer block)
{
  return ((Box *) block - 1)->size;
}

/* GPtrArray */

void __tsan_acquire (void *address);
void __tsan_release (void *address);

void
g_ptr_array_unref (GPtrArray *array)
{
  static gpointer glibs;
  void (*unref) (GPtrArray *) = __atomic_load_n (&glibs, __ATOMIC_RELAXED);

  if (unref == NULL)
    {
      unref = dlsym (RTLD_NEXT, "g_ptr_array_unref");
      __atomic_store_n (&glibs, (gpointer) unref, __ATOMIC_RELAXED);
    }
  __tsan_release (array);
  __tsan_acquire (array);
  unref (array);
}
