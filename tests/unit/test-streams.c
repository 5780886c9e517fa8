/* apim-streams.h: descriptors that are missing at the start are never given to something else. */
#include "config.h"
#include "common/apim-streams.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

/* In a process of its own, without the streams of @missing (a bit each): 0 when all is as it should be. */
static int
fill_without (guint missing)
{
  static const int modes[] = { O_WRONLY, O_RDONLY, O_RDWR };
  char byte = 'x';

  for (int fd = 0; fd < 3; fd++)
    if ((missing & (1u << fd)) != 0)
      close (fd);
  apim_streams_fill ();
  for (int fd = 0; fd < 3; fd++)
    if ((missing & (1u << fd)) != 0 && (fcntl (fd, F_GETFL) & O_ACCMODE) != modes[fd])
      return 1;
  if ((missing & 2) != 0 && (write (1, &byte, 1) != -1 || errno != EBADF))
    return 2;
  if ((missing & 1) != 0 && (read (0, &byte, 1) != -1 || errno != EBADF))
    return 3;
  if ((missing & 4) != 0 && write (2, &byte, 1) != 1)
    return 4;
  return open ("/dev/null", O_RDONLY) > 2 ? 0 : 5;
}

static void
test_missing (void)
{
  for (guint missing = 0; missing < 8; missing++)
    {
      pid_t child = fork ();
      int status;

      if (child == 0)
        _exit (fill_without (missing));
      g_assert_cmpint (waitpid (child, &status, 0), ==, child);
      g_assert_true (WIFEXITED (status));
      g_assert_cmpint (WEXITSTATUS (status), ==, 0);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/streams/missing", test_missing);
  return g_test_run ();
}
