/* Backends for the tests of gw-upstream: real sockets on loopback. The test's own thread is the backend: it
 * accepts, reads requests, and answers with bytes as good or bad as the case wants them, while calls run on a
 * worker. */
#ifndef UPSTREAM_WORLD_H
#define UPSTREAM_WORLD_H

#include "gateway/gw-upstream.h"
#include "net-test.h"

#define PATIENCE_US (120 * G_USEC_PER_SEC)
#define BACKEND_GET "GET /a HTTP/1.1\r\nHost: b\r\n\r\n"
#define BACKEND_POST "POST /a HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: chunked\r\n\r\n"
#define BACKEND_OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

/* Two workers and one target, "backend.example", which is the test's listener. */
typedef struct
{
  NetReactor *reactor;
  GwUpstream *upstream;
  GwUpstreamTarget *target;
  int listener;
  guint16 port;
} UpstreamWorld;

/* What a call does when something happens. */
typedef enum
{
  AT_HEAD = 1,
  AT_BODY = 2,
  AT_DONE = 4,
} UpstreamMoment;

/* One call and what came of it. Results are under the lock. */
typedef struct _Call UpstreamCall;
struct _Call
{
  GwUpstreamExchange exchange; /* first */
  UpstreamWorld *world;
  const char *request; /* the head */
  gboolean open;       /* not ended when it begins */
  guint pause_at, cancel_at;
  UpstreamCall *then; /* begun in done() */
  const char *trailers; /* nullable: lines that end the request */

  GMutex lock;
  GCond changed;
  guint status;
  gint64 content_length;
  GString *body;
  gboolean done, failed;
  guint n_writable;
  GwErrorCode code;
  char *why;
};

/* Generous time-outs and limits. */
extern const GwUpstreamSettings upstream_world_settings;
/* @settings: nullable. Every name but "none.example" is 127.0.0.1. */
void upstream_world_start (UpstreamWorld *world, const GwUpstreamSettings *settings);
NetCounters upstream_world_stop (UpstreamWorld *world);
/* On the worker that the calls are on; waits for it. */
void upstream_world_on_worker (UpstreamWorld *world, void (*run) (NetWorker *worker, gpointer data),
                               gpointer data);

/* A zeroed call, but for what the case sets. The head says how the request is framed. */
void upstream_call_prepare (UpstreamCall *call, UpstreamWorld *world, const char *request);
void upstream_call_begin (UpstreamCall *call, UpstreamWorld *world, const char *request);
/* As gw_upstream_send(); @end: and gw_upstream_end(). */
gboolean upstream_call_send (UpstreamCall *call, const char *bytes, gsize length, gboolean end);
void upstream_call_resume (UpstreamCall *call);
void upstream_call_clear (UpstreamCall *call);
/* Wait for the end, check and clear it. */
void upstream_call_expect_done (UpstreamCall *call, guint status, const char *body);
void upstream_call_expect_failed (UpstreamCall *call, gint code, const char *part);

/* An expression over a call's results, under its lock. */
#define UPSTREAM_READ(call, expression)                                                                      \
  ({                                                                                                         \
    __typeof__ (expression) value_read;                                                                      \
                                                                                                             \
    g_mutex_lock (&(call)->lock);                                                                            \
    value_read = (expression);                                                                               \
    g_mutex_unlock (&(call)->lock);                                                                          \
    value_read;                                                                                              \
  })

#define UPSTREAM_WAIT(call, condition)                                                                       \
  do                                                                                                         \
    {                                                                                                        \
      gint64 end_us = g_get_monotonic_time () + PATIENCE_US;                                                 \
                                                                                                             \
      g_mutex_lock (&(call)->lock);                                                                          \
      while (!(condition))                                                                                   \
        g_assert_true (g_cond_wait_until (&(call)->changed, &(call)->lock, end_us));                         \
      g_mutex_unlock (&(call)->lock);                                                                        \
    }                                                                                                        \
  while (0)

/* The backend; whatever takes too long fails the test. */
int backend_accept (UpstreamWorld *world);
gboolean backend_connection_waits (UpstreamWorld *world, int ms);
/* Reads exactly this. */
void backend_expect (int fd, const char *request);
void backend_send (int fd, const char *bytes, gsize length);
void backend_answer (int fd, const char *answer);
/* The other side has closed, with or without a reset; nothing more came. Closes. */
void backend_expect_end (int fd);

#endif
