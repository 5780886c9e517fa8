#include "config.h"
#include "keyvalidator/kv-gateway-notifier.h"

#include "common/apim-environments.h"
#include "common/apim-log.h"
#include "keyvalidator/kv-gateway-notice.h"
#include "soap/soap-client.h"

#define SERVICE "APIAuthenticationService"
/* Notices at a time: of one call, or of as many as they do not fit in one. */
#define BATCH 50
#define FIRST_RETRY_MS 500
#define LAST_RETRY_MS 30000
/* What a gateway does not have is asked for again after this, or when it was away: it may be a newer one by then. */
#define ASK_AGAIN_US (G_GINT64_CONSTANT (3600) * G_USEC_PER_SEC)

typedef struct
{
  guint64 told;    /* notices that a gateway took */
  guint64 failed;  /* calls */
  guint64 dropped; /* notices: the queue was full, or the gateway answered with a fault */
} Counters;

/* One gateway and what it is still to be told. */
typedef struct
{
  KvGatewayNotifier *notifier;
  char *name;
  SoapClient *client; /* of the thread */
  GThread *thread;
  gint64 lacks_tokens_us; /* of the thread: since when it is known to have no invalidateCachedTokens; 0: it has */
  GQueue waiting;         /* of KvGatewayNotice; under the notifier's lock, as all below */
  guint failures;         /* one after the other */
  Counters counters;
} Gateway;

struct _KvGatewayNotifier
{
  KvOauth *oauth;
  guint max_waiting;
  GPtrArray *gateways; /* of Gateway */
  GMutex lock;
  GCond wake;
  gboolean stopping; /* under the lock */
};

static void
gateway_free (gpointer data)
{
  Gateway *gateway = data;

  g_queue_clear_full (&gateway->waiting, (GDestroyNotify) kv_gateway_notice_unref);
  soap_client_free (gateway->client);
  g_free (gateway->name);
  g_free (gateway);
}

/* Under the lock. */
static void
drop_oldest (Gateway *gateway)
{
  static ApimLogGate gate;

  kv_gateway_notice_unref (g_queue_pop_head (&gateway->waiting));
  gateway->counters.dropped++;
  apim_log_limited (&gate, APIM_LOG_WARNING, "keyvalidator",
                    "gateway \"%s\" will not be told of a token that has ended: more wait than Limits/GatewayQueue",
                    gateway->name);
}

/* Takes up to BATCH of the oldest. Under the lock. */
static GPtrArray *
take_batch (Gateway *gateway)
{
  GPtrArray *batch = g_ptr_array_new_with_free_func ((GDestroyNotify) kv_gateway_notice_unref);

  while (batch->len < BATCH && !g_queue_is_empty (&gateway->waiting))
    g_ptr_array_add (batch, g_queue_pop_head (&gateway->waiting));
  return batch;
}

/* Those that could not be told are the oldest again. Under the lock. */
static void
put_back (Gateway *gateway, GPtrArray *batch)
{
  for (guint i = batch->len; i > 0; i--)
    g_queue_push_head (&gateway->waiting, kv_gateway_notice_ref (batch->pdata[i - 1]));
  while (gateway->waiting.length > gateway->notifier->max_waiting)
    drop_oldest (gateway);
}

typedef void (*WriteBody) (KvGatewayNotice *const *notices, guint n, KvGatewayNoticePlace *place, NetBuffer *body);

/* As many calls as it takes. What was told already does no harm when it is told again. */
static gboolean
call (Gateway *gateway, const char *operation, WriteBody write, const GPtrArray *batch, GError **error)
{
  KvGatewayNoticePlace place = { 0, 0 };
  gboolean done = TRUE;

  while (done && place.notice < batch->len)
    {
      NetBuffer body = { NULL };

      write ((KvGatewayNotice *const *) batch->pdata, batch->len, &place, &body);
      done = soap_client_call (gateway->client, SERVICE, operation, &body, NULL, error);
      net_buffer_clear (&body);
    }
  return done;
}

/* Releases differ in whether they have it: a fault says no. */
static gboolean
invalidate_tokens (Gateway *gateway, const GPtrArray *batch, GError **error)
{
  gint64 now_us = g_get_monotonic_time ();
  GError *why = NULL;

  if (gateway->lacks_tokens_us != 0 && now_us - gateway->lacks_tokens_us < ASK_AGAIN_US)
    return TRUE;
  gateway->lacks_tokens_us = 0;
  if (call (gateway, "invalidateCachedTokens", kv_gateway_notices_write_tokens, batch, &why))
    return TRUE;
  if (!g_error_matches (why, SOAP_CLIENT_ERROR, SOAP_CLIENT_ERROR_FAULT))
    {
      g_propagate_error (error, why);
      return FALSE;
    }
  g_error_free (why);
  gateway->lacks_tokens_us = now_us;
  return TRUE;
}

/* A gateway that comes back may be of another release. */
static gboolean
tell (Gateway *gateway, const GPtrArray *batch, GError **error)
{
  for (guint i = 0; i < batch->len; i++)
    kv_gateway_notice_resolve (batch->pdata[i], gateway->notifier->oauth);
  if (call (gateway, "invalidateKeys", kv_gateway_notices_write_keys, batch, error)
      && invalidate_tokens (gateway, batch, error))
    return TRUE;
  gateway->lacks_tokens_us = 0;
  return FALSE;
}

/* Under the lock. A fault is an answer: the same call would end in the same one. */
static void
note_failure (Gateway *gateway, GPtrArray *batch, const GError *error)
{
  gateway->counters.failed++;
  if (gateway->failures++ == 0)
    apim_warning ("keyvalidator",
                  "gateway \"%s\" cannot be told of tokens that have ended; it goes by its cache meanwhile, for at most"
                  " as long as that remembers: %s",
                  gateway->name, error->message);
  if (g_error_matches (error, SOAP_CLIENT_ERROR, SOAP_CLIENT_ERROR_FAULT))
    gateway->counters.dropped += batch->len;
  else
    put_back (gateway, batch);
}

/* Under the lock. */
static void
note_success (Gateway *gateway, guint n)
{
  gateway->counters.told += n;
  if (gateway->failures > 0)
    apim_info ("keyvalidator", "gateway \"%s\" is told of tokens that have ended again", gateway->name);
  gateway->failures = 0;
}

/* Doubles, and differs between nodes by up to a half. */
static gint64
retry_us (guint failures)
{
  gint64 ms = MIN ((gint64) FIRST_RETRY_MS << MIN (failures - 1, 10), LAST_RETRY_MS);

  return (gint64) ((double) ms * (0.75 + g_random_double () / 2) * 1000);
}

/* Under the lock. FALSE: the thread is to end. */
static gboolean
wait_for_work (Gateway *gateway)
{
  KvGatewayNotifier *notifier = gateway->notifier;
  gint64 until_us = gateway->failures > 0 ? g_get_monotonic_time () + retry_us (gateway->failures) : 0;

  while (!notifier->stopping && until_us != 0 && g_cond_wait_until (&notifier->wake, &notifier->lock, until_us))
    ;
  while (!notifier->stopping && g_queue_is_empty (&gateway->waiting))
    g_cond_wait (&notifier->wake, &notifier->lock);
  return !notifier->stopping || (gateway->failures == 0 && !g_queue_is_empty (&gateway->waiting));
}

static gpointer
gateway_thread (gpointer data)
{
  Gateway *gateway = data;
  KvGatewayNotifier *notifier = gateway->notifier;

  g_mutex_lock (&notifier->lock);
  while (wait_for_work (gateway))
    {
      g_autoptr (GPtrArray) batch = take_batch (gateway);
      g_autoptr (GError) error = NULL;
      gboolean told;

      g_mutex_unlock (&notifier->lock);
      told = tell (gateway, batch, &error);
      g_mutex_lock (&notifier->lock);
      if (told)
        note_success (gateway, batch->len);
      else
        note_failure (gateway, batch, error);
    }
  g_mutex_unlock (&notifier->lock);
  return NULL;
}

static void
add_gateway (KvGatewayNotifier *notifier, const ApimEnvironment *environment, GTlsDatabase *trust, guint timeout_ms)
{
  Gateway *gateway;

  if (environment->user == NULL || environment->password == NULL)
    {
      apim_info ("keyvalidator",
                 "gateway \"%s\" is not told of tokens that have ended: api-manager.xml has no %s for it",
                 environment->name, environment->user == NULL ? "Username" : "Password");
      return;
    }
  gateway = g_new0 (Gateway, 1);
  gateway->notifier = notifier;
  gateway->name = g_strdup (environment->name);
  gateway->client = soap_client_new (environment->server_url, SOAP_LOGIN_BASIC, environment->user,
                                     environment->password, trust, timeout_ms);
  g_queue_init (&gateway->waiting);
  g_ptr_array_add (notifier->gateways, gateway);
}

KvGatewayNotifier *
kv_gateway_notifier_new (const ApimConfig *config, GTlsDatabase *trust, KvOauth *oauth)
{
  KvGatewayNotifier *notifier = g_new0 (KvGatewayNotifier, 1);

  notifier->oauth = oauth;
  notifier->max_waiting = config->limits.gateway_queue;
  notifier->gateways = g_ptr_array_new_with_free_func (gateway_free);
  g_mutex_init (&notifier->lock);
  g_cond_init (&notifier->wake);
  for (guint i = 0; i < config->environments->len; i++)
    add_gateway (notifier, config->environments->pdata[i], trust, config->limits.gateway_timeout_ms);
  for (guint i = 0; i < notifier->gateways->len; i++)
    {
      Gateway *gateway = notifier->gateways->pdata[i];

      gateway->thread = g_thread_new ("gateway-notice", gateway_thread, gateway);
    }
  return notifier;
}

void
kv_gateway_notifier_free (KvGatewayNotifier *notifier)
{
  if (notifier == NULL)
    return;
  g_mutex_lock (&notifier->lock);
  notifier->stopping = TRUE;
  g_cond_broadcast (&notifier->wake);
  g_mutex_unlock (&notifier->lock);
  for (guint i = 0; i < notifier->gateways->len; i++)
    g_thread_join (((Gateway *) notifier->gateways->pdata[i])->thread);
  g_ptr_array_unref (notifier->gateways);
  g_cond_clear (&notifier->wake);
  g_mutex_clear (&notifier->lock);
  g_free (notifier);
}

void
kv_gateway_notifier_token_ended (KvGatewayNotifier *notifier, const char *access_token, const char *shown,
                                 const char *consumer_key)
{
  g_autoptr (KvGatewayNotice) notice = NULL;

  if (notifier->gateways->len == 0)
    return;
  notice = kv_gateway_notice_new (access_token, shown, consumer_key);
  g_mutex_lock (&notifier->lock);
  for (guint i = 0; i < notifier->gateways->len; i++)
    {
      Gateway *gateway = notifier->gateways->pdata[i];

      if (gateway->waiting.length >= notifier->max_waiting)
        drop_oldest (gateway);
      g_queue_push_tail (&gateway->waiting, kv_gateway_notice_ref (notice));
    }
  g_cond_broadcast (&notifier->wake);
  g_mutex_unlock (&notifier->lock);
}

void
kv_gateway_notifier_add_status (KvGatewayNotifier *notifier, ApimStatus *status)
{
  Counters sum = { 0 };
  guint waiting = 0, away = 0;

  g_mutex_lock (&notifier->lock);
  for (guint i = 0; i < notifier->gateways->len; i++)
    {
      const Gateway *gateway = notifier->gateways->pdata[i];

      sum.told += gateway->counters.told;
      sum.failed += gateway->counters.failed;
      sum.dropped += gateway->counters.dropped;
      waiting += gateway->waiting.length;
      away += gateway->failures > 0;
    }
  g_mutex_unlock (&notifier->lock);
  apim_status_add (status, "gateways", notifier->gateways->len);
  apim_status_add (status, "gateways.away", away);
  apim_status_add (status, "gateways.notices.told", (gint64) sum.told);
  apim_status_add (status, "gateways.notices.waiting", waiting);
  apim_status_add (status, "gateways.notices.dropped", (gint64) sum.dropped);
  apim_status_add (status, "gateways.calls.failed", (gint64) sum.failed);
}
