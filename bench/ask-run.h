/* What ask-store and ask-bare share: threads with a connection each, which validate tokens picked at random, and
 * what is measured of that. A validation is three look-ups: the token, the subscription of its client to an API, and
 * the scope of a resource. Every answer is checked. */
#ifndef ASK_RUN_H
#define ASK_RUN_H

#include "bench/store-world.h"

G_BEGIN_DECLS

typedef struct
{
  char *sqlite; /* a file; NULL: MariaDB */
  char *socket;
  char *database;
  char *statements; /* file: the three statements, one per line */
  int connections;
  double seconds;
  double warm_up;
  StoreWorld world;
} AskOptions;

/* A way to ask. Errors end the program, by ask_fail(). */
typedef struct
{
  /* Once; @options stay. */
  void (*open) (const AskOptions *options);
  /* In each thread, once. */
  gpointer (*connect) (const AskOptions *options);
  /* FALSE: an answer is not what @question says. */
  gboolean (*validate) (gpointer connection, const StoreQuestion *question);
  void (*disconnect) (gpointer connection);
  void (*close) (void);
} AskDriver;

/* main() of a program. Prints JSON: validations per second, CPU of this process, latencies. */
int ask_run (int argc, char *argv[], const AskDriver *driver);

G_NORETURN void ask_fail (const char *what, const char *why);

G_END_DECLS
#endif
