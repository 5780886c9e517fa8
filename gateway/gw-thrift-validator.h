/* Key Managers asked over Thrift (spec/thrift-key-validation.md 5): login over HTTPS, calls over TLS, a pool of
 * connections per worker and Key Manager, one call at a time on each.
 *
 * Better than the original: connections have an upper limit; names and chains are verified on both ports; a call has a
 * deadline over all of it; one session per worker, and a login that is under way is waited for instead of repeated; a
 * connection that broke while it was kept is no failure of its Key Manager; an exception drops the session, unless it
 * was just made, so that one that no login mends costs no login per call.
 *
 * Several Key Managers: each worker has a home among them (so they share the load) and goes elsewhere while that one
 * fails: connections, logins and answers that do not come. One that failed is tried again after 100 ms, then twice as
 * long up to 10 s, by one question at a time, as long as another one works. A question is tried
 * GW_KEY_ASK_MAX_ATTEMPTS times in all.
 *
 * Threads: as GwKeyValidator; everything belongs to its worker, no locks. */
#ifndef GW_THRIFT_VALIDATOR_H
#define GW_THRIFT_VALIDATOR_H

#include "gateway/gw-key-ask.h"
#include "gateway/gw-upstream.h"

G_BEGIN_DECLS

#define GW_THRIFT_MAX_SERVERS 16

typedef struct
{
  const char *host; /* ThriftServerHost: a name, or an address without brackets */
  guint16 port;     /* ThriftClientPort */
  const char *login_host; /* of ServerURL */
  guint16 login_port;
} GwThriftServer;

typedef struct
{
  const GwThriftServer *servers;
  guint n_servers; /* 1 .. GW_THRIFT_MAX_SERVERS */
  const char *login_path; /* "/thriftAuthenticator" below WebContextRoot */
  const char *user, *password;
  guint timeout_ms;         /* of a question, with all attempts; ThriftClientConnectionTimeOut */
  guint connect_timeout_ms; /* name, TCP, TLS */
  guint max_connections;    /* of one worker to one Key Manager */
  guint max_questions;      /* of one worker that wait at once; more are not answered */
  gsize max_message;        /* bytes of an answer; Limits/MaxThriftMessage */
  gboolean plain;           /* no TLS, for tests */
} GwThriftSettings;

/* Everything is copied; @reactor, @upstream: borrowed. The latter says whom connections believe, and how logins are made.
 * Main thread. */
GwKeyValidator *gw_thrift_validator_new (const GwThriftSettings *settings, NetReactor *reactor, GwUpstream *upstream);
/* After the workers have ended, before the upstream. */
void gw_thrift_validator_free (GwKeyValidator *validator);

/* Sums over all workers; any thread. */
typedef struct
{
  GwKeyAskCounters questions;
  guint64 logins, refused_logins;
  guint64 connections; /* made */
} GwThriftCounters;
void gw_thrift_validator_read_counters (GwKeyValidator *validator, GwThriftCounters *counters);

G_END_DECLS
#endif
