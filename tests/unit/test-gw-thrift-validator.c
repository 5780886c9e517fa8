/* Questions over Thrift: sessions, connections, failures, several Key Managers (spec/thrift-key-validation.md 5). */
#include "config.h"
#include "gateway/gw-thrift-validator.h"

#include "fake-key-manager.h"
#include "net-test.h"

#define PATIENCE_US (120 * G_USEC_PER_SEC)
#define N_FAKES 2

typedef struct
{
  FakeKm kms[N_FAKES];
  GwThriftSettings settings;
  GwThriftServer servers[N_FAKES];
  NetReactor *reactor;
  GwKeyValidator *validator;
  GMutex lock;
  GCond changed;
} Fixture;

typedef struct
{
  GwKeyQuestion question; /* first */
  Fixture *f;
  gboolean done, answered, authorized;
  gint32 status;
  char *tier, *name;
  guint n_templates;
  gint64 took_us;
} Question;

static void
handle_answered (GwKeyQuestion *base, const GwKeyReply *reply)
{
  Question *question = (Question *) base;
  Fixture *f = question->f;

  g_mutex_lock (&f->lock);
  g_assert_false (question->done);
  question->done = TRUE;
  question->answered = reply->answered;
  question->took_us = g_get_monotonic_time () - question->took_us;
  if (reply->info != NULL)
    {
      question->authorized = reply->info->authorized;
      question->status = reply->info->validation_status;
      question->tier = g_strndup (reply->info->tier.bytes, reply->info->tier.length);
      question->name = g_strndup (reply->info->application_name.bytes, reply->info->application_name.length);
    }
  question->n_templates = reply->n_templates;
  if (reply->n_templates == 2)
    g_assert_true (tw_text_equal (reply->templates[1].uri_template, TW_TEXT ("/b")));
  g_cond_broadcast (&f->changed);
  g_mutex_unlock (&f->lock);
}

static void
ask (NetWorker *worker, gpointer data)
{
  Question *question = data;

  question->question.worker = worker;
  question->took_us = g_get_monotonic_time ();
  question->f->validator->interface->ask (question->f->validator, &question->question);
}

static void
begin (Fixture *f, Question *question, TwMethod method, const char *token)
{
  *question = (Question){ .f = f };
  question->question.method = method;
  question->question.answered = handle_answered;
  question->question.arguments = (TwArguments){ .context = TW_TEXT ("/w/1"),
                                                .version = TW_TEXT ("1"),
                                                .access_token = tw_text (token),
                                                .required_level = TW_TEXT ("Any"),
                                                .matching_resource = TW_TEXT ("/a"),
                                                .http_verb = TW_TEXT ("GET") };
  net_worker_call (net_reactor_worker (f->reactor, 0), ask, question);
}

static void
wait_for (Question *question)
{
  gint64 deadline = g_get_monotonic_time () + PATIENCE_US;

  g_mutex_lock (&question->f->lock);
  while (!question->done)
    g_assert_true (g_cond_wait_until (&question->f->changed, &question->f->lock, deadline));
  g_mutex_unlock (&question->f->lock);
}

static void
question_clear (Question *question)
{
  g_clear_pointer (&question->tier, g_free);
  g_clear_pointer (&question->name, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Question, question_clear)

/* A whole question; whether it was answered. */
static gboolean
is_answered (Fixture *f)
{
  g_auto (Question) question = { 0 };

  begin (f, &question, TW_METHOD_VALIDATE_KEY, "token");
  wait_for (&question);
  if (question.answered)
    g_assert_cmpstr (question.name, ==, "token");
  return question.answered;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  for (guint i = 0; i < N_FAKES; i++)
    {
      fake_km_start (&f->kms[i], 0);
      f->servers[i] = (GwThriftServer){ "127.0.0.1", f->kms[i].port, "localhost", f->kms[i].port };
    }
  f->settings = (GwThriftSettings){ .servers = f->servers,
                                    .n_servers = 1,
                                    .login_path = "/thriftAuthenticator",
                                    .user = "gateway",
                                    .password = "secret",
                                    .timeout_ms = 20000,
                                    .connect_timeout_ms = 20000,
                                    .max_connections = 4,
                                    .max_questions = 100,
                                    .max_message = 65536,
                                    .plain = TRUE };
}

static void
start (Fixture *f)
{
  const ApimLimits limits = net_test_limits ();
  GError *error = NULL;

  f->reactor = net_reactor_new (1, &limits, &apim_clock_system, &error);
  g_assert_no_error (error);
  f->validator = gw_thrift_validator_new (&f->settings, f->reactor, NULL);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  net_reactor_free (f->reactor);
  gw_thrift_validator_free (f->validator);
  for (guint i = 0; i < N_FAKES; i++)
    if (f->kms[i].thread != NULL)
      fake_km_stop (&f->kms[i]);
}

static void
kill_km (Fixture *f, guint index)
{
  fake_km_stop (&f->kms[index]);
  f->kms[index].thread = NULL;
}

static void
behave (Fixture *f, guint index, FakeKmBehaviour behaviour)
{
  g_atomic_int_set (&f->kms[index].behaviour, behaviour);
}

static GwThriftCounters
counters_of (Fixture *f)
{
  GwThriftCounters counters;

  gw_thrift_validator_read_counters (f->validator, &counters);
  return counters;
}

static void
test_answers (Fixture *f, gconstpointer data)
{
  g_auto (Question) grant = { 0 };
  g_auto (Question) refusal = { 0 };
  g_auto (Question) resources = { 0 };

  start (f);
  begin (f, &grant, TW_METHOD_VALIDATE_KEY, "abc");
  wait_for (&grant);
  g_assert_true (grant.answered && grant.authorized);
  g_assert_cmpstr (grant.tier, ==, "Gold");
  g_assert_cmpstr (grant.name, ==, "abc");
  begin (f, &resources, TW_METHOD_GET_ALL_URI_TEMPLATES, NULL);
  wait_for (&resources);
  g_assert_true (resources.answered);
  g_assert_cmpuint (resources.n_templates, ==, 2);
  behave (f, 0, FAKE_KM_REFUSES);
  begin (f, &refusal, TW_METHOD_VALIDATE_KEY, "abc");
  wait_for (&refusal);
  g_assert_true (refusal.answered && !refusal.authorized);
  g_assert_cmpint (refusal.status, ==, 900901);
  /* One session, one connection for all of them. */
  g_assert_cmpint (g_atomic_int_get (&f->kms[0].n_logins), ==, 1);
  g_assert_cmpint (g_atomic_int_get (&f->kms[0].n_connections), ==, 1);
  g_assert_cmpuint (counters_of (f).questions.asked, ==, 3);
  g_assert_cmpuint (counters_of (f).questions.failed, ==, 0);
}

/* The Key Manager has forgotten the session: a login, and the same question again. */
static void
test_session_ended (Fixture *f, gconstpointer data)
{
  start (f);
  g_assert_true (is_answered (f));
  g_usleep (1100 * 1000);
  g_atomic_int_set (&f->kms[0].session, 7);
  g_assert_true (is_answered (f));
  g_assert_cmpint (g_atomic_int_get (&f->kms[0].n_logins), ==, 2);
  g_assert_cmpint (g_atomic_int_get (&f->kms[0].n_calls), ==, 3);
}

/* One that no login mends costs no login per call. */
static void
test_exceptions (Fixture *f, gconstpointer data)
{
  start (f);
  behave (f, 0, FAKE_KM_EXCEPTION);
  g_assert_false (is_answered (f));
  behave (f, 0, FAKE_KM_APP_EXCEPTION);
  g_assert_false (is_answered (f));
  g_assert_cmpint (g_atomic_int_get (&f->kms[0].n_calls), ==, 2 * GW_KEY_ASK_MAX_ATTEMPTS);
  g_assert_cmpint (g_atomic_int_get (&f->kms[0].n_logins), ==, 1);
  behave (f, 0, FAKE_KM_ANSWERS);
  g_assert_true (is_answered (f));
}

/* Java's servers close what was idle for 10 s: no failure of theirs. */
static void
test_kept_connection_broke (Fixture *f, gconstpointer data)
{
  start (f);
  behave (f, 0, FAKE_KM_ONCE);
  for (guint i = 0; i < 5; i++)
    g_assert_true (is_answered (f));
  g_assert_cmpint (g_atomic_int_get (&f->kms[0].n_connections), ==, 5);
  g_assert_cmpint (g_atomic_int_get (&f->kms[0].n_logins), ==, 1);
  g_assert_cmpuint (counters_of (f).questions.retried, ==, 4);
}

static void
test_broken_answers (Fixture *f, gconstpointer data)
{
  static const FakeKmBehaviour behaviours[] = { FAKE_KM_GARBAGE, FAKE_KM_WRONG_SEQUENCE, FAKE_KM_CLOSES };

  start (f);
  for (guint i = 0; i < G_N_ELEMENTS (behaviours); i++)
    {
      gint before = g_atomic_int_get (&f->kms[0].n_connections);

      behave (f, 0, behaviours[i]);
      g_assert_false (is_answered (f));
      g_assert_cmpint (g_atomic_int_get (&f->kms[0].n_connections) - before, ==, GW_KEY_ASK_MAX_ATTEMPTS);
    }
  /* What comes behind an answer is nobody's: the next question does not get it. */
  behave (f, 0, FAKE_KM_TALKATIVE);
  g_assert_true (is_answered (f));
  behave (f, 0, FAKE_KM_ANSWERS);
  g_assert_true (is_answered (f));
}

static void
test_too_long (Fixture *f, gconstpointer data)
{
  f->settings.max_message = 32;
  start (f);
  g_assert_false (is_answered (f));
}

static void
test_silence (Fixture *f, gconstpointer data)
{
  g_auto (Question) question = { 0 };

  f->settings.timeout_ms = 300;
  start (f);
  behave (f, 0, FAKE_KM_SILENT);
  begin (f, &question, TW_METHOD_VALIDATE_KEY, "t");
  wait_for (&question);
  g_assert_false (question.answered);
  g_assert_cmpint (question.took_us, >=, 290 * 1000);
  g_assert_cmpint (question.took_us, <, 60 * G_USEC_PER_SEC);
}

static void
test_logins (Fixture *f, gconstpointer data)
{
  static const FakeKmLogin failures[] = { FAKE_KM_LOGIN_FAILED, FAKE_KM_LOGIN_500, FAKE_KM_LOGIN_RUBBISH };

  start (f);
  for (guint i = 0; i < G_N_ELEMENTS (failures); i++)
    {
      g_atomic_int_set (&f->kms[0].login, failures[i]);
      g_assert_false (is_answered (f));
    }
  g_assert_cmpint (g_atomic_int_get (&f->kms[0].n_connections), ==, 0);
  g_atomic_int_set (&f->kms[0].login, FAKE_KM_LOGIN_DONE);
  g_assert_true (is_answered (f));
}

/* A wrong password is not tried with every question. */
static void
test_refused_login (Fixture *f, gconstpointer data)
{
  gint64 began_us;

  start (f);
  g_atomic_int_set (&f->kms[0].login, FAKE_KM_LOGIN_REFUSED);
  began_us = g_get_monotonic_time ();
  for (guint i = 0; i < 3; i++)
    g_assert_false (is_answered (f));
  if (g_get_monotonic_time () - began_us < G_USEC_PER_SEC) /* a slow machine takes long enough for another try */
    g_assert_cmpint (g_atomic_int_get (&f->kms[0].n_logins), <=, 2);
  g_assert_cmpuint (counters_of (f).refused_logins, ==, (guint) g_atomic_int_get (&f->kms[0].n_logins));
  g_atomic_int_set (&f->kms[0].login, FAKE_KM_LOGIN_DONE);
  g_usleep (2200 * 1000);
  g_assert_true (is_answered (f));
}

static void
test_failover (Fixture *f, gconstpointer data)
{
  guint16 port = f->kms[0].port;
  gint before;

  f->settings.n_servers = 2;
  start (f);
  g_assert_true (is_answered (f));
  g_assert_cmpint (g_atomic_int_get (&f->kms[0].n_calls), ==, 1);
  kill_km (f, 0);
  for (guint i = 0; i < 10; i++)
    g_assert_true (is_answered (f));
  g_assert_cmpint (g_atomic_int_get (&f->kms[1].n_calls), ==, 10);
  g_assert_cmpuint (counters_of (f).questions.failed, ==, 0);
  /* It comes back, and is home again. */
  fake_km_start (&f->kms[0], port);
  g_usleep (1500 * 1000);
  before = g_atomic_int_get (&f->kms[0].n_calls);
  for (guint i = 0; i < 10; i++)
    g_assert_true (is_answered (f));
  g_assert_cmpint (g_atomic_int_get (&f->kms[0].n_calls) - before, >=, 9);
}

/* Silence costs half of the time, and the next question nothing. */
static void
test_failover_of_silent (Fixture *f, gconstpointer data)
{
  g_auto (Question) first = { 0 };
  g_auto (Question) next = { 0 };

  f->settings.n_servers = 2;
  f->settings.timeout_ms = 6000; /* of which the other server needs less, however slow the machine is */
  start (f);
  behave (f, 0, FAKE_KM_SILENT);
  begin (f, &first, TW_METHOD_VALIDATE_KEY, "t");
  wait_for (&first);
  g_assert_true (first.answered);
  g_assert_cmpint (first.took_us, >=, 2900 * 1000);
  begin (f, &next, TW_METHOD_VALIDATE_KEY, "t");
  wait_for (&next);
  g_assert_true (next.answered);
  g_assert_cmpint (g_atomic_int_get (&f->kms[0].n_calls), ==, 1);
}

/* The login hangs there. */
static void
test_failover_of_login (Fixture *f, gconstpointer data)
{
  f->settings.n_servers = 2;
  f->settings.timeout_ms = 6000;
  start (f);
  g_atomic_int_set (&f->kms[0].login, FAKE_KM_LOGIN_HANGS);
  g_assert_true (is_answered (f));
  g_assert_true (is_answered (f));
  g_assert_cmpint (g_atomic_int_get (&f->kms[0].n_calls), ==, 0);
}

static void
test_all_gone (Fixture *f, gconstpointer data)
{
  guint16 port = f->kms[1].port;

  f->settings.n_servers = 2;
  start (f);
  kill_km (f, 0);
  kill_km (f, 1);
  g_assert_false (is_answered (f));
  fake_km_start (&f->kms[1], port);
  g_usleep (1000 * 1000);
  g_assert_true (is_answered (f));
}

/* A restart between two attempts of one question, by a machine that may be too slow for the last of them. */
static void
test_pause (Fixture *f, gconstpointer data)
{
  guint16 port = f->kms[0].port;
  gboolean answered = FALSE;

  start (f);
  for (guint i = 0; i < 20 && !answered; i++)
    {
      g_auto (Question) question = { 0 };

      while (!is_answered (f))
        g_usleep (100 * 1000);
      kill_km (f, 0);
      begin (f, &question, TW_METHOD_VALIDATE_KEY, "t");
      g_usleep (20 * 1000);
      fake_km_start (&f->kms[0], port);
      wait_for (&question);
      answered = question.answered;
    }
  g_assert_true (answered);
}

static void
test_many (Fixture *f, gconstpointer data)
{
  enum
  {
    N = 60
  };
  Question questions[N];

  start (f);
  f->kms[0].delay_ms = 5;
  for (guint i = 0; i < N; i++)
    {
      g_autofree char *token = g_strdup_printf ("token-%u", i);

      begin (f, &questions[i], TW_METHOD_VALIDATE_KEY, g_intern_string (token));
    }
  for (guint i = 0; i < N; i++)
    {
      g_autofree char *token = g_strdup_printf ("token-%u", i);

      wait_for (&questions[i]);
      g_assert_true (questions[i].answered);
      g_assert_cmpstr (questions[i].name, ==, token);
      question_clear (&questions[i]);
    }
  g_assert_cmpint (g_atomic_int_get (&f->kms[0].most_busy), <=, 4);
  g_assert_cmpint (g_atomic_int_get (&f->kms[0].n_connections), <=, 4);
  g_assert_cmpint (g_atomic_int_get (&f->kms[0].n_logins), ==, 1);
}

static void
test_too_many (Fixture *f, gconstpointer data)
{
  Question questions[3];

  f->settings.max_questions = 2;
  f->settings.timeout_ms = 3000;
  start (f);
  behave (f, 0, FAKE_KM_SILENT);
  for (guint i = 0; i < 3; i++)
    begin (f, &questions[i], TW_METHOD_VALIDATE_KEY, "t");
  g_assert_true (questions[2].done && !questions[2].answered);
  for (guint i = 0; i < 2; i++)
    {
      wait_for (&questions[i]);
      g_assert_false (questions[i].answered);
    }
}

/* The node stops in the middle of questions. */
static void
test_stop (Fixture *f, gconstpointer data)
{
  Question questions[3];

  start (f);
  behave (f, 0, FAKE_KM_SILENT);
  for (guint i = 0; i < 3; i++)
    begin (f, &questions[i], TW_METHOD_VALIDATE_KEY, "t");
  while (g_atomic_int_get (&f->kms[0].n_calls) < 3)
    g_usleep (1000);
}

int
main (int argc, char *argv[])
{
  static const struct
  {
    const char *name;
    void (*test) (Fixture *f, gconstpointer data);
  } tests[] = {
    { "answers", test_answers },
    { "session-ended", test_session_ended },
    { "exceptions", test_exceptions },
    { "kept-connection-broke", test_kept_connection_broke },
    { "broken-answers", test_broken_answers },
    { "too-long", test_too_long },
    { "silence", test_silence },
    { "logins", test_logins },
    { "refused-login", test_refused_login },
    { "failover", test_failover },
    { "failover-of-silent", test_failover_of_silent },
    { "failover-of-login", test_failover_of_login },
    { "all-gone", test_all_gone },
    { "pause", test_pause },
    { "many", test_many },
    { "too-many", test_too_many },
    { "stop", test_stop },
  };

  g_test_init (&argc, &argv, NULL);
  g_log_set_always_fatal (G_LOG_LEVEL_CRITICAL | G_LOG_FLAG_FATAL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strconcat ("/gw-thrift-validator/", tests[i].name, NULL);

      g_test_add (path, Fixture, NULL, set_up, tests[i].test, tear_down);
    }
  return g_test_run ();
}
