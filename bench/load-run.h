/* A measurement: settings, what was counted, and the kinds of load. Threads: one. */
#ifndef LOAD_RUN_H
#define LOAD_RUN_H

#include "bench/load-client.h"
#include "bench/load-histogram.h"

#include <sys/epoll.h>
#include <sys/types.h>
#include <time.h>

G_BEGIN_DECLS

#define LOAD_RUN_EVENTS 256

#define LOAD_RUN_ERROR (load_run_error_quark ())
GQuark load_run_error_quark (void);
typedef enum
{
  LOAD_RUN_ERROR_TIMEOUT, /* the time limit was reached; the program ends with 3 */
  LOAD_RUN_ERROR_SERVER,  /* its process cannot be seen or started */
} LoadRunError;

typedef struct
{
  guint connections;
  double seconds;          /* that are measured */
  double warm_up;          /* seconds before them */
  double rate;             /* per second: requests (open) or connections (connect; 0: as many as it can) */
  gboolean resume;         /* connect: with the TLS session of the connection before */
  gboolean handshake_only; /* connect: close when the handshake is over, which counts as the reply */
  gboolean once;           /* closed: ask for each token once; connect: all clients at the same time, once */
  gboolean sleep;  /* open: wait for the next request asleep, so that somebody else can use this core */
  pid_t server;    /* whose CPU time is read; 0: nobody's */
  gint64 limit_ns; /* on the monotonic clock: the run fails when it is not over by then */
} LoadSettings;

typedef struct
{
  const LoadSettings *settings;
  LoadWorld *world;
  LoadTarget target;
  LoadClient *clients; /* settings->connections */
  clockid_t server_clock;
  struct epoll_event events[LOAD_RUN_EVENTS]; /* of the last wait */
  int n_events, next_event;

  /* Counted from the end of the warm-up on, but for wrong and failed, which count always. */
  guint64 replies, wrong, failed;
  guint64 handshakes_full, handshakes_resumed;
  LoadHistogram known, unknown; /* by the kind of token; connect: all in known */
  char *first_failure;          /* nullable */
  char *cipher;                 /* nullable: version and cipher suite of the first connection */

  gboolean measuring;
  gint64 begin_ns, end_ns;
  gint64 server_cpu_ns, own_cpu_ns; /* used in between */
  gint64 own_wait_ns;               /* this thread could have run, but somebody else had its core */
} LoadRun;

/* (transfer none): @settings and @world, which must live longer. */
gboolean load_run_init (LoadRun *run, const LoadSettings *settings, LoadWorld *world, GError **error);
void load_run_clear (LoadRun *run);

/* Each connection asks again as soon as it is answered. */
gboolean load_run_closed (LoadRun *run, GError **error);

/* Requests fall due at a fixed rate, whether or not there is an idle connection for them; latency counts from
 * that moment, so that a server which stalls is charged for all the requests that it kept from being sent. */
gboolean load_run_open (LoadRun *run, GError **error);

/* New connections, one request (or none: handshake_only) on each; latency is from connect() (with a rate:
 * from when it fell due) to the reply. Connections that fail are counted and tried again. */
gboolean load_run_connect (LoadRun *run, GError **error);

/* Starts @argv on @core (-1: anywhere) and asks until the first right reply, then ends it. @milliseconds:
 * from before exec() to that reply. */
gboolean load_run_start (LoadRun *run, char **argv, int core, double *milliseconds, GError **error);

/* For the kinds of load. */

gint64 load_run_now_ns (void);

/* Connects all clients. */
gboolean load_run_open_clients (LoadRun *run, GError **error);

/* One epoll_wait(); @until_ns: the monotonic time to be back at, 0: at once. FALSE when the time limit is
 * over. */
gboolean load_run_wait (LoadRun *run, gint64 until_ns, gboolean precise, GError **error);

/* The events of the last wait, one after another; NULL at their end. */
LoadClient *load_run_next_event (LoadRun *run);

void load_run_begin_measuring (LoadRun *run, gint64 now_ns);
void load_run_end_measuring (LoadRun *run, gint64 now_ns);

/* Counts a reply. */
void load_run_count (LoadRun *run, const LoadClient *client, LoadVerdict verdict, gint64 now_ns);

/* Counts what went wrong with a client, and takes the error. */
void load_run_count_failure (LoadRun *run, GError *error);

/* Counts a handshake that is over. */
void load_run_count_handshake (LoadRun *run, LoadClient *client);

G_END_DECLS
#endif
