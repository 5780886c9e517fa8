/* A question becomes an Ask. It waits at a Peer, one worker's view of one Key Manager, until there are a session and a
 * connection; it is in a call; or it pauses before another attempt where every Key Manager has just failed. Its timer
 * ends each of the three. */
#include "config.h"
#include "gateway/gw-thrift-validator.h"

#include "common/apim-log.h"
#include "gateway/gw-peer-health.h"
#include "gateway/gw-thrift-connection.h"
#include "gateway/gw-thrift-login.h"

#include <openssl/crypto.h>
#include <string.h>

#define FIRST_REFUSAL_PAUSE_MS 1000
#define LONGEST_REFUSAL_PAUSE_MS 60000
/* An exception against a session that is younger says nothing about the session. */
#define FRESH_SESSION_US (1000 * 1000)

typedef struct _Validator Validator;
typedef struct _Worker Worker;
typedef struct _Peer Peer;
typedef struct _Ask Ask;

typedef enum
{
  STATE_CONNECTING,
  STATE_IDLE,
  STATE_BUSY,
} ConnectionState;

struct _Ask
{
  GwKeyAsk ask;
  Peer *peer;
  GwThriftConnection *connection; /* nullable: in a call */
  gint64 session_us;              /* of the session that the call was made with */
  NetTimer timer;
  gboolean pauses;
  Ask *next, **self; /* peer->waiting or worker->pausing */
};

/* One Key Manager as one worker knows it. */
struct _Peer
{
  Worker *worker;
  GwThriftTarget target;
  GwUpstreamTarget *login_target;
  GwThriftConnection *idle; /* the last one used first */
  guint n_connections, n_connecting;
  Ask *waiting, **tail;
  guint n_waiting;
  char *session;     /* nullable */
  gint64 session_us; /* when it was made */
  GwThriftLogin login;
  guint n_refusals; /* of logins, since the last that was not */
  GwPeerHealth *health;
};

struct _Worker
{
  Validator *validator;
  NetWorker *net_worker; /* NULL: nobody asked yet */
  Peer *peers;
  GwPeerHealth *healths; /* theirs */
  Ask *pausing;
  GwKeyAsks counts;
  GwThriftCounters counters; /* but for questions */
};

struct _Validator
{
  GwKeyValidator validator; /* first */
  GwThriftSettings settings;
  GwUpstream *upstream;
  guint n_workers;
  Worker *workers;
};

static ApimLogGate failures_gate;

static void start_attempt (Ask *ask);
static void pump (Peer *peer);

static void
count (guint64 *counter)
{
  __atomic_store_n (counter, *counter + 1, __ATOMIC_RELAXED);
}

static gint64
now_us (const Peer *peer)
{
  return net_worker_now_us (peer->worker->net_worker);
}

/* Asks */

static void
detach (Ask *ask)
{
  Peer *peer = ask->peer;

  if (ask->self != NULL)
    {
      *ask->self = ask->next;
      if (ask->next != NULL)
        ask->next->self = ask->self;
      else if (!ask->pauses)
        peer->tail = ask->self;
      if (!ask->pauses)
        peer->n_waiting--;
      ask->self = NULL;
      ask->next = NULL;
    }
  if (ask->connection != NULL)
    ask->connection->call = NULL;
  ask->connection = NULL;
  ask->pauses = FALSE;
}

/* The question is its asker's again. @reply: nullable. */
static void
finish (Ask *ask, const GwKeyReply *reply)
{
  GwKeyQuestion *question = ask->ask.question;
  Worker *worker = ask->peer->worker;

  detach (ask);
  net_timer_cancel (&ask->timer);
  g_free (ask);
  gw_key_asks_answer (&worker->counts, question, reply);
}

static void
fail_attempt (Ask *ask)
{
  detach (ask);
  if (gw_key_ask_again (&ask->ask, &ask->peer->worker->counts))
    start_attempt (ask);
  else
    finish (ask, NULL);
}

static void
fail_waiting (Peer *peer)
{
  Ask *list = peer->waiting;

  /* Those that come back to this peer are not to be met again here. */
  peer->waiting = NULL;
  peer->tail = &peer->waiting;
  peer->n_waiting = 0;
  while (list != NULL)
    {
      Ask *ask = list;

      list = ask->next;
      ask->next = NULL;
      ask->self = NULL;
      fail_attempt (ask);
    }
}

/* Peers */

static void
peer_failed (Peer *peer, const char *what, const char *why)
{
  gw_peer_health_failed (peer->health, now_us (peer));
  apim_log_limited (&failures_gate, APIM_LOG_WARNING, "gateway", "Key Manager %s, port %u: %s: %s", peer->target.host,
                    peer->target.port, what, why);
}

static void
peer_works (Peer *peer)
{
  if (gw_peer_health_works (peer->health))
    apim_info ("gateway", "Key Manager %s, port %u, answers again", peer->target.host, peer->target.port);
}

static void
drop_session (Peer *peer)
{
  if (peer->session != NULL)
    OPENSSL_cleanse (peer->session, strlen (peer->session));
  g_clear_pointer (&peer->session, g_free);
}

static Peer *
choose_peer (Worker *worker, gboolean *down)
{
  const GwThriftSettings *settings = &worker->validator->settings;
  guint index = gw_peer_health_choose (worker->healths, settings->n_servers, net_worker_index (worker->net_worker),
                                       net_worker_now_us (worker->net_worker), settings->connect_timeout_ms, down);

  return &worker->peers[index];
}

/* Connections */

static void
put_idle (Peer *peer, GwThriftConnection *connection)
{
  connection->state = STATE_IDLE;
  connection->next = peer->idle;
  connection->self = &peer->idle;
  if (connection->next != NULL)
    connection->next->self = &connection->next;
  peer->idle = connection;
}

static void
take_idle (GwThriftConnection *connection)
{
  *connection->self = connection->next;
  if (connection->next != NULL)
    connection->next->self = connection->self;
  connection->self = NULL;
  connection->next = NULL;
}

/* It does not count any more. */
static void
forget_connection (Peer *peer, GwThriftConnection *connection)
{
  peer->n_connections--;
  if (connection->state == STATE_CONNECTING)
    peer->n_connecting--;
  else if (connection->state == STATE_IDLE)
    take_idle (connection);
}

static void
close_idle (Peer *peer)
{
  while (peer->idle != NULL)
    {
      GwThriftConnection *connection = peer->idle;

      forget_connection (peer, connection);
      gw_thrift_connection_close (connection);
    }
}

static void
handle_ready (GwThriftConnection *connection, gpointer data)
{
  Peer *peer = data;

  if (connection->state == STATE_CONNECTING)
    {
      peer->n_connecting--;
      count (&peer->worker->counters.connections);
    }
  put_idle (peer, connection);
  pump (peer);
}

/* What is no answer to the question: most of the time the session has ended (5.3). A Key Manager that says this to a
 * session that it has just given has trouble of its own. */
static void
handle_exception (Peer *peer, Ask *ask)
{
  gboolean is_fresh = now_us (peer) - ask->session_us < FRESH_SESSION_US;

  if (is_fresh)
    peer_failed (peer, "it cannot answer", "an exception, though the login is fresh");
  else if (peer->session_us == ask->session_us)
    drop_session (peer);
  fail_attempt (ask);
}

static void
handle_answered (GwThriftConnection *connection, gpointer data, const TwAnswer *answer)
{
  Peer *peer = data;
  Ask *ask = connection->call;
  GwKeyReply reply = { .answered = TRUE };

  if (ask == NULL)
    return;
  detach (ask);
  if (answer->kind == TW_ANSWER_EXCEPTION)
    {
      handle_exception (peer, ask);
      return;
    }
  peer_works (peer);
  if (answer->kind == TW_ANSWER_VALIDATION)
    reply.info = &answer->info;
  reply.templates = answer->templates;
  reply.n_templates = answer->n_templates;
  finish (ask, &reply);
}

static void
handle_ended (GwThriftConnection *connection, gpointer data, const char *why)
{
  Peer *peer = data;
  Ask *ask = connection->call;
  gboolean was_kept = connection->n_answers > 0;
  ConnectionState state = connection->state;

  forget_connection (peer, connection);
  if (state == STATE_CONNECTING)
    peer_failed (peer, "no connection", why);
  else if (ask != NULL && was_kept)
    close_idle (peer); /* the others are as old */
  else if (ask != NULL)
    peer_failed (peer, "no answer", why);
  if (ask != NULL)
    fail_attempt (ask);
  if (state == STATE_CONNECTING && peer->n_connections == 0)
    fail_waiting (peer);
  else
    pump (peer);
}

static const GwThriftEvents connection_events = {
  .ready = handle_ready,
  .answered = handle_answered,
  .ended = handle_ended,
};

/* Logins */

static void
handle_login (GwThriftLogin *login, GwThriftLoginResult result, const char *session, const char *why)
{
  Peer *peer = (Peer *) ((char *) login - G_STRUCT_OFFSET (Peer, login));

  if (result == GW_THRIFT_LOGIN_DONE)
    {
      count (&peer->worker->counters.logins);
      peer->n_refusals = 0;
      peer->session = g_strdup (session);
      peer->session_us = now_us (peer);
      pump (peer);
      return;
    }
  peer_failed (peer, "login", why);
  if (result == GW_THRIFT_LOGIN_REFUSED)
    {
      gint64 pause_ms = (gint64) FIRST_REFUSAL_PAUSE_MS << MIN (peer->n_refusals, 16);

      /* Whoever counts failed logins must not find us one of those who guess. */
      count (&peer->worker->counters.refused_logins);
      peer->n_refusals++;
      gw_peer_health_pause (peer->health, now_us (peer), MIN (pause_ms, LONGEST_REFUSAL_PAUSE_MS));
    }
  fail_waiting (peer);
}

static void
log_in (Peer *peer)
{
  Validator *validator = peer->worker->validator;

  if (gw_thrift_login_is_running (&peer->login))
    return;
  if (peer->n_refusals > 0 && now_us (peer) < peer->health->down_until_us)
    {
      fail_waiting (peer);
      return;
    }
  peer->login.done = handle_login;
  gw_thrift_login_start (&peer->login, validator->upstream, peer->worker->net_worker, peer->login_target,
                         validator->settings.login_path, validator->settings.user, validator->settings.password,
                         validator->settings.timeout_ms);
}

/* Questions */

static void
send_call (Peer *peer, Ask *ask, GwThriftConnection *connection)
{
  TwArguments arguments = ask->ask.question->arguments;

  detach (ask);
  take_idle (connection);
  connection->state = STATE_BUSY;
  connection->call = ask;
  ask->connection = connection;
  ask->session_us = peer->session_us;
  arguments.session_id = tw_text (peer->session);
  gw_thrift_connection_call (connection, ask->ask.question->method, &arguments);
}

static void
connect_more (Peer *peer)
{
  Validator *validator = peer->worker->validator;
  const GwThriftSettings *settings = &validator->settings;

  while (peer->n_connecting < peer->n_waiting && peer->n_connections < settings->max_connections)
    {
      g_autoptr (NetTlsClient) tls = settings->plain ? NULL : gw_upstream_ref_tls (validator->upstream);
      GwThriftConnection *connection
          = gw_thrift_connection_open (peer->worker->net_worker, &peer->target, tls, &connection_events, peer);

      connection->state = STATE_CONNECTING;
      peer->n_connecting++;
      peer->n_connections++;
    }
}

/* Gives those that wait what there is. */
static void
pump (Peer *peer)
{
  if (peer->waiting == NULL)
    return;
  if (peer->session == NULL)
    {
      log_in (peer);
      return;
    }
  while (peer->waiting != NULL && peer->idle != NULL)
    send_call (peer, peer->waiting, peer->idle);
  connect_more (peer);
}

static void
wait_at_peer (Ask *ask)
{
  Peer *peer = ask->peer;
  guint n_servers = peer->worker->validator->settings.n_servers;

  ask->self = peer->tail;
  *peer->tail = ask;
  peer->tail = &ask->next;
  peer->n_waiting++;
  net_timer_arm (peer->worker->net_worker, &ask->timer, gw_key_ask_time_ms (&ask->ask, n_servers));
  pump (peer);
}

static void
start_attempt (Ask *ask)
{
  Worker *worker = ask->peer->worker;
  gint64 pause_ms;
  gboolean down;

  ask->peer = choose_peer (worker, &down);
  pause_ms = gw_key_ask_pause_ms (&ask->ask, down);
  if (pause_ms == 0)
    {
      wait_at_peer (ask);
      return;
    }
  ask->pauses = TRUE;
  ask->next = worker->pausing;
  ask->self = &worker->pausing;
  if (ask->next != NULL)
    ask->next->self = &ask->next;
  worker->pausing = ask;
  net_timer_arm (worker->net_worker, &ask->timer, pause_ms);
}

/* No answer within the attempt's time. */
static void
give_up_attempt (Ask *ask)
{
  Peer *peer = ask->peer;
  GwThriftConnection *connection = ask->connection;

  if (connection != NULL)
    {
      detach (ask);
      forget_connection (peer, connection);
      gw_thrift_connection_close (connection); /* its answer would come too late, and be another's */
      peer_failed (peer, "no answer", "its time is up");
    }
  else if (peer->session == NULL || peer->n_connections == peer->n_connecting)
    peer_failed (peer, "no connection", "its time is up");
  fail_attempt (ask);
  pump (peer);
}

static void
time_is_up (NetTimer *timer, NetWorker *worker)
{
  Ask *ask = (Ask *) ((char *) timer - G_STRUCT_OFFSET (Ask, timer));

  (void) worker;
  if (!ask->pauses)
    {
      give_up_attempt (ask);
      return;
    }
  detach (ask);
  wait_at_peer (ask);
}

static void
ask_question (GwKeyValidator *base, GwKeyQuestion *question)
{
  Validator *validator = (Validator *) base;
  Worker *worker = &validator->workers[net_worker_index (question->worker)];
  Ask *ask;

  worker->net_worker = question->worker;
  if (!gw_key_asks_admit (&worker->counts, question, validator->settings.max_questions))
    return;
  ask = g_new0 (Ask, 1);
  gw_key_ask_init (&ask->ask, question, validator->settings.timeout_ms);
  ask->peer = worker->peers;
  ask->timer.fired = time_is_up;
  start_attempt (ask);
}

static const GwKeyValidatorInterface interface = { "Thrift", ask_question };

/* The validator itself */

static void
init_peer (Peer *peer, Worker *worker, const GwThriftServer *server)
{
  Validator *validator = worker->validator;

  peer->worker = worker;
  peer->tail = &peer->waiting;
  peer->target = (GwThriftTarget){ .host = g_strdup (server->host),
                                   .port = server->port,
                                   .connect_timeout_ms = validator->settings.connect_timeout_ms,
                                   .max_message = validator->settings.max_message };
  peer->login_target = gw_upstream_target (validator->upstream, server->login_host, server->login_port,
                                           !validator->settings.plain);
}

GwKeyValidator *
gw_thrift_validator_new (const GwThriftSettings *settings, NetReactor *reactor, GwUpstream *upstream)
{
  Validator *self = g_new0 (Validator, 1);

  self->validator.interface = &interface;
  self->settings = *settings;
  self->settings.servers = NULL;
  self->settings.n_servers = CLAMP (settings->n_servers, 1, GW_THRIFT_MAX_SERVERS);
  self->settings.login_path = g_strdup (settings->login_path);
  self->settings.user = g_strdup (settings->user);
  self->settings.password = g_strdup (settings->password);
  self->upstream = upstream;
  self->n_workers = net_reactor_n_workers (reactor);
  self->workers = g_new0 (Worker, self->n_workers);
  for (guint i = 0; i < self->n_workers; i++)
    {
      Worker *worker = &self->workers[i];

      worker->validator = self;
      worker->peers = g_new0 (Peer, self->settings.n_servers);
      worker->healths = g_new0 (GwPeerHealth, self->settings.n_servers);
      for (guint j = 0; j < self->settings.n_servers; j++)
        {
          worker->peers[j].health = &worker->healths[j];
          init_peer (&worker->peers[j], worker, &settings->servers[j]);
        }
    }
  return &self->validator;
}

static void
free_asks (Ask *list)
{
  while (list != NULL)
    {
      Ask *ask = list;

      list = ask->next;
      g_free (ask);
    }
}

static void
clear_peer (Peer *peer)
{
  free_asks (peer->waiting);
  drop_session (peer);
  gw_upstream_target_unref (peer->login_target);
  g_free ((char *) peer->target.host);
}

void
gw_thrift_validator_free (GwKeyValidator *validator)
{
  Validator *self = (Validator *) validator;

  if (self == NULL)
    return;
  for (guint i = 0; i < self->n_workers; i++)
    {
      for (guint j = 0; j < self->settings.n_servers; j++)
        clear_peer (&self->workers[i].peers[j]);
      free_asks (self->workers[i].pausing);
      g_free (self->workers[i].peers);
      g_free (self->workers[i].healths);
    }
  g_free (self->workers);
  OPENSSL_cleanse ((char *) self->settings.password, strlen (self->settings.password));
  g_free ((char *) self->settings.password);
  g_free ((char *) self->settings.user);
  g_free ((char *) self->settings.login_path);
  g_free (self);
}

void
gw_thrift_validator_read_counters (GwKeyValidator *validator, GwThriftCounters *counters)
{
  const Validator *self = (const Validator *) validator;

  *counters = (GwThriftCounters){ 0 };
  for (guint i = 0; i < self->n_workers; i++)
    {
      const GwThriftCounters *one = &self->workers[i].counters;

      gw_key_asks_add_to (&self->workers[i].counts, &counters->questions);
      counters->logins += __atomic_load_n (&one->logins, __ATOMIC_RELAXED);
      counters->refused_logins += __atomic_load_n (&one->refused_logins, __ATOMIC_RELAXED);
      counters->connections += __atomic_load_n (&one->connections, __ATOMIC_RELAXED);
    }
}
