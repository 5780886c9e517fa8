/* The part of a gateway that asks Key Managers, on its own: reads the settings of a home, as a gateway does, and
 * questions from its standard input, a line each with tabs between the parts:
 *
 *   validate CONTEXT VERSION TOKEN LEVEL RESOURCE VERB
 *   templates CONTEXT VERSION
 *   load SECONDS AT-ONCE CONTEXT VERSION TOKEN LEVEL RESOURCE VERB [WRONG-TOKEN]
 *   history
 *
 * Answers, in order: "granted TIER APPLICATION USER", "refused CODE", "templates PATTERN:VERB:TYPE:TIER ...",
 * "load RIGHT WRONG NOBODY LONGEST-MS" (every second asker has the wrong token, and to be refused is right), "history
 * BEGAN-US ASKED:NOBODY ..." (of the last load: when it began, monotonic, and the answers of each tenth of a second),
 * "nobody". "ready" comes first; last
 * "counters LOGINS CONNECTIONS RETRIES" of Thrift and "ASKED RETRIES" of SOAP. */
#include "config.h"

#include "common/apim-trust-store.h"
#include "gateway/gw-key-managers.h"

#include <stdio.h>
#include <string.h>

#define MAX_PARTS 16
#define SLOT_US (G_USEC_PER_SEC / 10)
#define MAX_SLOTS 600 /* of a load's history */

/* Answers of a tenth of a second. */
typedef struct
{
  guint32 asked, nobody;
} Slot;

typedef struct
{
  GwKeyValidator *validator;
  GwKeyQuestion question; /* of a single one */
  GString *text;
  GMutex lock;
  GCond changed;
  gboolean done;
  gint64 began_us; /* of the last load */
  Slot history[MAX_SLOTS];
} Asker;

/* Question after question until the time is up, one of several. */
typedef struct
{
  GwKeyQuestion question; /* first */
  NetTask task;
  Asker *asker;
  gint64 end_us, asked_us;
  gboolean is_wrong; /* its token */
  guint64 right, wrong, nobody;
  gint64 longest_us;
  Slot history[MAX_SLOTS];
  gboolean is_over; /* under the asker's lock */
} Loader;

static void
tell (Asker *asker, const GwKeyReply *reply)
{
  if (!reply->answered)
    g_string_assign (asker->text, "nobody");
  else if (reply->info == NULL)
    {
      g_string_assign (asker->text, "templates");
      for (guint i = 0; i < reply->n_templates; i++)
        {
          const TwUriTemplate *one = &reply->templates[i];

          g_string_append_printf (asker->text, "\t%.*s:%.*s:%.*s:%.*s", (int) one->uri_template.length,
                                  one->uri_template.bytes, (int) one->http_verb.length, one->http_verb.bytes,
                                  (int) one->auth_type.length, one->auth_type.bytes,
                                  (int) one->throttling_tier.length, one->throttling_tier.bytes);
        }
    }
  else if (reply->info->authorized)
    g_string_printf (asker->text, "granted\t%.*s\t%.*s\t%.*s", (int) reply->info->tier.length, reply->info->tier.bytes,
                     (int) reply->info->application_name.length, reply->info->application_name.bytes,
                     (int) reply->info->end_user_name.length, reply->info->end_user_name.bytes);
  else
    g_string_printf (asker->text, "refused\t%d", reply->info->validation_status);
}

static void
handle_answered (GwKeyQuestion *question, const GwKeyReply *reply)
{
  Asker *asker = (Asker *) ((char *) question - G_STRUCT_OFFSET (Asker, question));

  g_mutex_lock (&asker->lock);
  tell (asker, reply);
  asker->done = TRUE;
  g_cond_signal (&asker->changed);
  g_mutex_unlock (&asker->lock);
}

typedef struct
{
  NetTask task;
  Asker *asker;
} Posted;

static void
ask_posted (NetTask *task, NetWorker *worker)
{
  Asker *asker = ((Posted *) task)->asker;

  g_free (task);
  asker->question.worker = worker;
  asker->validator->interface->ask (asker->validator, &asker->question);
}

static TwArguments
arguments_of (char **parts)
{
  return (TwArguments){ .context = tw_text (parts[0]),
                        .version = tw_text (parts[1]),
                        .access_token = tw_text (parts[2]),
                        .required_level = tw_text (parts[3]),
                        .matching_resource = tw_text (parts[4]),
                        .http_verb = tw_text (parts[5]) };
}

static void
ask_one (Asker *asker, NetReactor *reactor, TwMethod method, const TwArguments *arguments)
{
  Posted *posted = g_new0 (Posted, 1);

  asker->done = FALSE;
  asker->question = (GwKeyQuestion){ .method = method, .arguments = *arguments, .answered = handle_answered };
  posted->task.run = ask_posted;
  posted->asker = asker;
  net_worker_post (net_reactor_worker (reactor, 0), &posted->task);
  g_mutex_lock (&asker->lock);
  while (!asker->done)
    g_cond_wait (&asker->changed, &asker->lock);
  g_mutex_unlock (&asker->lock);
}

static void
load_next (Loader *loader)
{
  loader->asked_us = g_get_monotonic_time ();
  loader->asker->validator->interface->ask (loader->asker->validator, &loader->question);
}

static void
load_again (NetTask *task, NetWorker *worker)
{
  Loader *loader = (Loader *) ((char *) task - G_STRUCT_OFFSET (Loader, task));

  loader->question.worker = worker;
  load_next (loader);
}

static void
load_answered (GwKeyQuestion *question, const GwKeyReply *reply)
{
  Loader *loader = (Loader *) question;
  gint64 now_us = g_get_monotonic_time ();

  Slot *slot = &loader->history[CLAMP ((now_us - loader->asker->began_us) / SLOT_US, 0, MAX_SLOTS - 1)];

  loader->longest_us = MAX (loader->longest_us, now_us - loader->asked_us);
  slot->asked++;
  if (!reply->answered || reply->info == NULL)
    {
      loader->nobody++;
      slot->nobody++;
    }
  else if (reply->info->authorized != loader->is_wrong)
    loader->right++;
  else
    loader->wrong++;
  if (now_us < loader->end_us)
    {
      net_worker_post (question->worker, &loader->task);
      return;
    }
  g_mutex_lock (&loader->asker->lock);
  loader->is_over = TRUE;
  g_cond_signal (&loader->asker->changed);
  g_mutex_unlock (&loader->asker->lock);
}

static void
put_load (Asker *asker, NetReactor *reactor, char **parts)
{
  guint n = (guint) g_ascii_strtoull (parts[1], NULL, 10);
  g_autofree Loader *loaders = g_new0 (Loader, n);
  guint64 right = 0, wrong = 0, nobody = 0;
  gint64 longest_us = 0;

  asker->began_us = g_get_monotonic_time ();
  memset (asker->history, 0, sizeof asker->history);
  for (guint i = 0; i < n; i++)
    {
      loaders[i].asker = asker;
      loaders[i].task.run = load_again;
      loaders[i].question = (GwKeyQuestion){ .method = TW_METHOD_VALIDATE_KEY,
                                             .arguments = arguments_of (parts + 2),
                                             .answered = load_answered };
      loaders[i].is_wrong = i % 2 != 0 && parts[8] != NULL;
      if (loaders[i].is_wrong)
        loaders[i].question.arguments.access_token = tw_text (parts[8]);
      loaders[i].end_us = asker->began_us + (gint64) (g_ascii_strtod (parts[0], NULL) * G_USEC_PER_SEC);
      net_worker_post (net_reactor_worker (reactor, i % net_reactor_n_workers (reactor)), &loaders[i].task);
    }
  for (guint i = 0; i < n; i++)
    {
      g_mutex_lock (&asker->lock);
      while (!loaders[i].is_over)
        g_cond_wait (&asker->changed, &asker->lock);
      g_mutex_unlock (&asker->lock);
      right += loaders[i].right;
      wrong += loaders[i].wrong;
      nobody += loaders[i].nobody;
      longest_us = MAX (longest_us, loaders[i].longest_us);
      for (guint slot = 0; slot < MAX_SLOTS; slot++)
        {
          asker->history[slot].asked += loaders[i].history[slot].asked;
          asker->history[slot].nobody += loaders[i].history[slot].nobody;
        }
    }
  g_string_printf (asker->text, "load\t%" G_GUINT64_FORMAT "\t%" G_GUINT64_FORMAT "\t%" G_GUINT64_FORMAT "\t%" G_GINT64_FORMAT,
                   right, wrong, nobody, longest_us / 1000);
}

static void
put_history (Asker *asker)
{
  g_string_printf (asker->text, "history\t%" G_GINT64_FORMAT, asker->began_us);
  for (guint slot = 0; slot < MAX_SLOTS; slot++)
    g_string_append_printf (asker->text, "\t%u:%u", asker->history[slot].asked, asker->history[slot].nobody);
}

static gboolean
handle_line (Asker *asker, NetReactor *reactor, char *line)
{
  g_auto (GStrv) parts = g_strsplit (g_strchomp (line), "\t", MAX_PARTS);
  guint n = g_strv_length (parts);
  TwArguments arguments = { 0 };

  if (n == 7 && strcmp (parts[0], "validate") == 0)
    {
      arguments = arguments_of (parts + 1);
      ask_one (asker, reactor, TW_METHOD_VALIDATE_KEY, &arguments);
    }
  else if (n == 3 && strcmp (parts[0], "templates") == 0)
    {
      arguments.context = tw_text (parts[1]);
      arguments.version = tw_text (parts[2]);
      ask_one (asker, reactor, TW_METHOD_GET_ALL_URI_TEMPLATES, &arguments);
    }
  else if ((n == 9 || n == 10) && strcmp (parts[0], "load") == 0)
    put_load (asker, reactor, parts + 1);
  else if (n == 1 && strcmp (parts[0], "history") == 0)
    put_history (asker);
  else
    return FALSE;
  puts (asker->text->str);
  fflush (stdout);
  return TRUE;
}

static void
tell_counters (GwKeyManagers *managers)
{
  GwThriftCounters thrift;
  GwKeyAskCounters soap;

  gw_key_managers_read_thrift_counters (managers, &thrift);
  gw_key_managers_read_soap_counters (managers, &soap);
  printf ("counters\t%" G_GUINT64_FORMAT "\t%" G_GUINT64_FORMAT "\t%" G_GUINT64_FORMAT "\t%" G_GUINT64_FORMAT
          "\t%" G_GUINT64_FORMAT "\n",
          thrift.logins, thrift.connections, thrift.questions.retried, soap.asked, soap.retried);
}

static int
run (const ApimConfig *config, NetReactor *reactor, GError **error)
{
  const GwUpstreamSettings settings = { .connect_timeout_ms = config->thrift_client_timeout_ms,
                                        .idle_timeout_ms = 60000,
                                        .read_timeout_ms = config->thrift_client_timeout_ms,
                                        .max_connections = 4,
                                        .max_waiting = 64,
                                        .max_head = 65536 };
  g_autofree char *trusted = apim_trust_store_pem (config, error);
  g_autoptr (NetTlsClient) tls = trusted != NULL ? net_tls_client_new (trusted, config->tls_minimum, NULL, error) : NULL;
  g_autoptr (GwUpstream) upstream = tls != NULL ? gw_upstream_new (reactor, tls, &settings) : NULL;
  g_autoptr (GwKeyManagers) managers
      = upstream != NULL ? gw_key_managers_new (config, reactor, upstream, error) : NULL;
  Asker asker = { .text = g_string_new (NULL) };
  char line[8192];

  if (managers == NULL)
    {
      net_reactor_free (reactor);
      g_string_free (asker.text, TRUE);
      return 1;
    }
  asker.validator = gw_key_managers_validator (managers);
  puts ("ready");
  fflush (stdout);
  while (fgets (line, sizeof line, stdin) != NULL && handle_line (&asker, reactor, line))
    ;
  tell_counters (managers);
  net_reactor_free (reactor);
  g_string_free (asker.text, TRUE);
  return 0;
}

int
main (int argc, char *argv[])
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ApimConfig) config = argc == 2 ? apim_config_load (argv[1], -1, &error) : NULL;
  NetReactor *reactor = config != NULL ? net_reactor_new (2, &config->limits, &apim_clock_system, &error) : NULL;
  int status = reactor != NULL ? run (config, reactor, &error) : 1;

  if (error != NULL)
    fprintf (stderr, "key-asker: %s\n", error->message);
  return status;
}
