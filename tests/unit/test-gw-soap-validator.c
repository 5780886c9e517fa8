/* Key Managers asked over SOAP, as they see it: real sockets, the test's thread is the Key Manager (spec/soap-and-oauth.md
 * 1.3-1.9, 2). */
#include "config.h"
#include "gateway/gw-soap-answer.h"
#include "gateway/gw-soap-validator.h"
#include "upstream-world.h"

#include <unistd.h>

#define MAX_MESSAGE 2048
#define PATIENCE_MS (PATIENCE_US / 1000)
#define ENVELOPE(body)                                                                                                 \
  "<e:Envelope xmlns:e=\"" SOAP_NAMESPACE_1_2 "\" xmlns:ns=\"http://org.apache.axis2/xsd\" "                             \
  "xmlns:d=\"http://dto.impl.apimgt.carbon.wso2.org/xsd\"><e:Body>" body "</e:Body></e:Envelope>"
#define GRANT                                                                                                          \
  ENVELOPE ("<ns:validateKeyResponse><ns:return><d:authorized>true</d:authorized><d:tier>Gold</d:tier></ns:return>"     \
            "</ns:validateKeyResponse>")
#define FAULT(reason)                                                                                                  \
  ENVELOPE ("<e:Fault><e:Code><e:Value>e:Receiver</e:Value></e:Code><e:Reason><e:Text>" reason "</e:Text></e:Reason>"    \
            "</e:Fault>")

typedef struct
{
  UpstreamWorld world;
  GwKeyValidator *validator;
} Fixture;

/* A question of the test, and what came of it. */
typedef struct
{
  GwKeyQuestion question; /* first */
  Fixture *f;
  GMutex lock;
  GCond changed;
  gboolean over, answered;
  char *tier;
} Asked;

static void
set_up (Fixture *f, gconstpointer data)
{
  upstream_world_start (&f->world, NULL);
}

static void
start (Fixture *f, guint n_servers, guint timeout_ms, guint max_questions)
{
  const GwSoapServer server = { .host = "backend.example", .port = f->world.port, .path = "/services/" };
  const GwSoapServer servers[] = { server, server };
  const GwSoapSettings settings = { .servers = servers,
                                    .n_servers = n_servers,
                                    .user = "gateway",
                                    .password = "secret",
                                    .profile = APIM_SOAP_PROFILE_2_X,
                                    .timeout_ms = timeout_ms,
                                    .max_questions = max_questions,
                                    .max_message = MAX_MESSAGE,
                                    .plain = TRUE };

  f->validator = gw_soap_validator_new (&settings, f->world.reactor, f->world.upstream);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  net_reactor_free (f->world.reactor);
  gw_soap_validator_free (f->validator);
  gw_upstream_target_unref (f->world.target);
  gw_upstream_free (f->world.upstream);
  close (f->world.listener);
}

static void
handle_answered (GwKeyQuestion *question, const GwKeyReply *reply)
{
  Asked *asked = (Asked *) question;

  g_mutex_lock (&asked->lock);
  g_assert_false (asked->over);
  asked->over = TRUE;
  asked->answered = reply->answered;
  if (reply->info != NULL)
    asked->tier = g_strndup (reply->info->tier.bytes, reply->info->tier.length);
  g_cond_signal (&asked->changed);
  g_mutex_unlock (&asked->lock);
}

static void
ask_on_worker (NetWorker *worker, gpointer data)
{
  Asked *asked = data;

  asked->question.worker = worker;
  asked->f->validator->interface->ask (asked->f->validator, &asked->question);
}

static void
ask (Fixture *f, Asked *asked)
{
  *asked = (Asked){ .question = { .method = TW_METHOD_VALIDATE_KEY,
                                  .arguments = { .context = TW_TEXT ("/w/1"),
                                                 .version = TW_TEXT ("1"),
                                                 .access_token = TW_TEXT ("t"),
                                                 .required_level = TW_TEXT ("Any"),
                                                 .matching_resource = TW_TEXT ("/a"),
                                                 .http_verb = TW_TEXT ("GET") },
                                  .answered = handle_answered },
                    .f = f };
  g_mutex_init (&asked->lock);
  g_cond_init (&asked->changed);
  upstream_world_on_worker (&f->world, ask_on_worker, asked);
}

/* @tier: what it says; NULL: nobody answered. */
static void
expect_reply (Asked *asked, const char *tier)
{
  UPSTREAM_WAIT (asked, asked->over);
  g_assert_cmpint (asked->answered, ==, tier != NULL);
  g_assert_cmpstr (asked->tier, ==, tier);
  g_free (asked->tier);
  g_cond_clear (&asked->changed);
  g_mutex_clear (&asked->lock);
}

static void
expect_counters (Fixture *f, guint64 asked, guint64 failed, guint64 retried)
{
  GwKeyAskCounters counters;

  gw_soap_validator_read_counters (f->validator, &counters);
  g_assert_cmpuint (counters.asked, ==, asked);
  g_assert_cmpuint (counters.failed, ==, failed);
  g_assert_cmpuint (counters.retried, ==, retried);
}

/* The question, byte by byte, on the next connection or (@fd >= 0) on this one. */
static int
take_question (Fixture *f, const Asked *asked, int fd)
{
  g_autofree char *request = NULL, *body = NULL;
  NetBuffer output = { 0 };

  gw_soap_write_call (&output, asked->question.method, &asked->question.arguments, APIM_SOAP_PROFILE_2_X);
  body = g_strndup ((const char *) net_buffer_data (&output), net_buffer_length (&output));
  net_buffer_clear (&output);
  request = g_strdup_printf ("POST /services/APIKeyValidationService HTTP/1.1\r\nHost: backend.example:%u\r\nContent-Type: "
                             "application/soap+xml; charset=UTF-8; action=\"urn:validateKey\"\r\nAuthorization: Basic "
                             "Z2F0ZXdheTpzZWNyZXQ=\r\nUser-Agent: apimd\r\nContent-Length: %zu\r\n\r\n%s",
                             f->world.port, strlen (body), body);
  if (fd < 0)
    fd = backend_accept (&f->world);
  backend_expect (fd, request);
  return fd;
}

static void
answer_with (int fd, guint status, const char *fields, const char *body)
{
  g_autofree char *text
      = g_strdup_printf ("HTTP/1.1 %u X\r\n%sContent-Length: %zu\r\n\r\n%s", status, fields, strlen (body), body);

  backend_answer (fd, text);
}

/* The last one on its connection. */
static void
answer (int fd, guint status, const char *body)
{
  answer_with (fd, status, "Connection: close\r\n", body);
}

/* One after the other, over one connection. */
static void
test_grants (Fixture *f, gconstpointer data)
{
  Asked asked;
  int fd = -1;

  start (f, 1, PATIENCE_MS, 10);
  for (guint i = 0; i < 3; i++)
    {
      ask (f, &asked);
      fd = take_question (f, &asked, fd);
      answer_with (fd, 200, "", GRANT);
      expect_reply (&asked, "Gold");
    }
  close (fd);
  expect_counters (f, 3, 0, 0);
}

/* Whatever is no answer is asked again, and for an answer on another connection if need be. */
static void
test_rubbish (Fixture *f, gconstpointer data)
{
  g_autofree char *long_answer = g_strnfill (MAX_MESSAGE + 1, ' ');
  const struct
  {
    guint status;
    const char *body;
  } cases[] = {
    { 404, "" },
    { 200, "" },
    { 200, "<html/>" },
    { 200, long_answer },
    { 200, ENVELOPE ("<ns:getAllURITemplatesResponse/>") },
    { 500, FAULT ("the database is away") },
  };

  start (f, 1, PATIENCE_MS, 10);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Asked asked;
      int fd;

      g_test_message ("%s", cases[i].body);
      ask (f, &asked);
      fd = take_question (f, &asked, -1);
      answer (fd, cases[i].status, cases[i].body);
      close (fd);
      fd = take_question (f, &asked, -1);
      answer (fd, 200, GRANT);
      expect_reply (&asked, "Gold");
      close (fd);
      expect_counters (f, i + 1, 0, i + 1);
    }
}

/* Three times in all. */
static void
test_three_attempts (Fixture *f, gconstpointer data)
{
  Asked asked;

  start (f, 2, PATIENCE_MS, 10);
  ask (f, &asked);
  for (guint i = 0; i < GW_KEY_ASK_MAX_ATTEMPTS; i++)
    close (take_question (f, &asked, -1));
  expect_reply (&asked, NULL);
  expect_counters (f, 1, 1, GW_KEY_ASK_MAX_ATTEMPTS - 1);
}

/* Who does not take the password is not sent it again at once. */
static void
test_refused (Fixture *f, gconstpointer data)
{
  const struct
  {
    guint status;
    const char *body;
  } cases[] = { { 401, "" }, { 403, "" }, { 500, FAULT ("Access Denied. Please login first.") } };
  guint which = GPOINTER_TO_UINT (data);
  Asked asked;
  int fd;

  start (f, 1, PATIENCE_MS, 10);
  ask (f, &asked);
  fd = take_question (f, &asked, -1);
  answer (fd, cases[which].status, cases[which].body);
  expect_reply (&asked, NULL);
  expect_counters (f, 1, 1, GW_KEY_ASK_MAX_ATTEMPTS - 1);
  ask (f, &asked);
  expect_reply (&asked, NULL);
  close (fd);
}

/* A Key Manager that says nothing, or never ends what it says. */
static void
test_silence (Fixture *f, gconstpointer data)
{
  Asked asked;
  int fd;

  start (f, 1, 100, 10);
  ask (f, &asked);
  fd = take_question (f, &asked, -1);
  if (data != NULL)
    backend_answer (fd, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n<e:Env");
  expect_reply (&asked, NULL);
  backend_expect_end (fd);
  expect_counters (f, 1, 1, 0);
}

/* While another one is there, half of the time is left for it. */
static void
test_failover_in_time (Fixture *f, gconstpointer data)
{
  Asked asked;
  int silent, fd;

  start (f, 2, 2000, 10);
  ask (f, &asked);
  silent = take_question (f, &asked, -1);
  fd = take_question (f, &asked, -1);
  answer (fd, 200, GRANT);
  expect_reply (&asked, "Gold");
  backend_expect_end (silent);
  close (fd);
  expect_counters (f, 1, 0, 1);
}

static void
test_too_many (Fixture *f, gconstpointer data)
{
  Asked first, second;
  int fd;

  start (f, 1, PATIENCE_MS, 1);
  ask (f, &first);
  fd = take_question (f, &first, -1);
  ask (f, &second);
  expect_reply (&second, NULL);
  answer (fd, 200, GRANT);
  expect_reply (&first, "Gold");
  close (fd);
  expect_counters (f, 2, 1, 0);
}

/* The workers end while a question is open, and another one pauses. */
static void
test_end (Fixture *f, gconstpointer data)
{
  Asked asked;

  start (f, 1, PATIENCE_MS, 10);
  ask (f, &asked);
  close (take_question (f, &asked, -1));
  net_reactor_drain (f->world.reactor, 1);
  if (asked.over)
    g_assert_false (asked.answered);
  g_cond_clear (&asked.changed);
  g_mutex_clear (&asked.lock);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(NAME, DATA, FUNC)                                                                                      \
  g_test_add ("/gw-soap-validator/" NAME, Fixture, GUINT_TO_POINTER (DATA), set_up, FUNC, tear_down)
  ADD ("grants", 0, test_grants);
  ADD ("rubbish", 0, test_rubbish);
  ADD ("three-attempts", 0, test_three_attempts);
  ADD ("refused/401", 0, test_refused);
  ADD ("refused/403", 1, test_refused);
  ADD ("refused/fault", 2, test_refused);
  ADD ("silence", 0, test_silence);
  ADD ("silence/half", 1, test_silence);
  ADD ("failover-in-time", 0, test_failover_in_time);
  ADD ("too-many", 0, test_too_many);
  ADD ("end", 0, test_end);
  return g_test_run ();
}
