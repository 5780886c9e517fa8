/* ThreadSanitizer does not see GLib's mutexes and conditions, which are built on futexes in a library that is not
 * instrumented: every hand-over under a lock would look like a race, and suppressing those would hide the real ones.
 * Linked into a test program, these stand-ins on pthreads (which the sanitizer knows) take their place in our own
 * code. Empty in other builds. */
#include "config.h"
#include <glib.h>
#include <pthread.h>
#include <time.h>

#ifdef __SANITIZE_THREAD__

static pthread_mutex_t *
get_mutex (GMutex *mutex)
{
  pthread_mutex_t *real = __atomic_load_n (&mutex->p, __ATOMIC_ACQUIRE);
  gpointer none = NULL;

  if (real != NULL)
    return real;
  real = g_new (pthread_mutex_t, 1);
  pthread_mutex_init (real, NULL);
  if (__atomic_compare_exchange_n (&mutex->p, &none, real, FALSE, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
    return real;
  pthread_mutex_destroy (real);
  g_free (real);
  return none;
}

static pthread_cond_t *
get_cond (GCond *cond)
{
  pthread_cond_t *real = __atomic_load_n (&cond->p, __ATOMIC_ACQUIRE);
  pthread_condattr_t attributes;
  gpointer none = NULL;

  if (real != NULL)
    return real;
  real = g_new (pthread_cond_t, 1);
  pthread_condattr_init (&attributes);
  pthread_condattr_setclock (&attributes, CLOCK_MONOTONIC);
  pthread_cond_init (real, &attributes);
  pthread_condattr_destroy (&attributes);
  if (__atomic_compare_exchange_n (&cond->p, &none, real, FALSE, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
    return real;
  pthread_cond_destroy (real);
  g_free (real);
  return none;
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
    pthread_mutex_destroy (mutex->p);
  g_free (mutex->p);
  mutex->p = NULL;
}

void
g_mutex_lock (GMutex *mutex)
{
  pthread_mutex_lock (get_mutex (mutex));
}

gboolean
g_mutex_trylock (GMutex *mutex)
{
  return pthread_mutex_trylock (get_mutex (mutex)) == 0;
}

void
g_mutex_unlock (GMutex *mutex)
{
  pthread_mutex_unlock (get_mutex (mutex));
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
    pthread_cond_destroy (cond->p);
  g_free (cond->p);
  cond->p = NULL;
}

void
g_cond_wait (GCond *cond, GMutex *mutex)
{
  pthread_cond_wait (get_cond (cond), get_mutex (mutex));
}

gboolean
g_cond_wait_until (GCond *cond, GMutex *mutex, gint64 end_time)
{
  const struct timespec end = { .tv_sec = end_time / G_USEC_PER_SEC, .tv_nsec = end_time % G_USEC_PER_SEC * 1000 };

  return pthread_cond_timedwait (get_cond (cond), get_mutex (mutex), &end) == 0;
}

void
g_cond_signal (GCond *cond)
{
  pthread_cond_signal (get_cond (cond));
}

void
g_cond_broadcast (GCond *cond)
{
  pthread_cond_broadcast (get_cond (cond));
}

#endif
