#include "config.h"
#include "common/apim-pool.h"

typedef struct
{
  ApimJob job;
  GMutex *gate;
  int *ran;
} TestJob;

static void
run (ApimJob *job)
{
  TestJob *test = (TestJob *) job;

  g_mutex_lock (test->gate);
  g_mutex_unlock (test->gate);
  g_atomic_int_inc (test->ran);
}

/* One thread, one place in the queue: with the thread held, the third job is refused at once; what was taken runs. */
static void
test_full_pool_refuses (void)
{
  GMutex gate;
  int ran = 0;
  TestJob jobs[3];
  ApimPool *pool = apim_pool_new ("test", 1, 1);

  g_mutex_init (&gate);
  g_mutex_lock (&gate);
  for (int i = 0; i < 3; i++)
    jobs[i] = (TestJob){ .job.run = run, .gate = &gate, .ran = &ran };
  g_assert_true (apim_pool_push (pool, &jobs[0].job));
  while (apim_pool_waiting (pool) > 0)
    g_usleep (1000);
  g_assert_true (apim_pool_push (pool, &jobs[1].job));
  g_assert_false (apim_pool_push (pool, &jobs[2].job));
  g_mutex_unlock (&gate);
  apim_pool_free (pool);
  g_assert_cmpint (ran, ==, 2);
  g_mutex_clear (&gate);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pool/full-refuses", test_full_pool_refuses);
  return g_test_run ();
}
