#include "config.h"
#include "gateway/gw-key-ask.h"

#define RETRY_PAUSE_MS 50

/* There is one writer. */
static void
count (guint64 *counter)
{
  __atomic_store_n (counter, *counter + 1, __ATOMIC_RELAXED);
}

static void
answer_nothing (GwKeyAsks *asks, GwKeyQuestion *question)
{
  static const GwKeyReply nothing = { .answered = FALSE };

  count (&asks->counters.failed);
  question->answered (question, &nothing);
}

gboolean
gw_key_asks_admit (GwKeyAsks *asks, GwKeyQuestion *question, guint max_open)
{
  count (&asks->counters.asked);
  if (asks->n_open >= max_open)
    {
      answer_nothing (asks, question);
      return FALSE;
    }
  asks->n_open++;
  return TRUE;
}

void
gw_key_asks_answer (GwKeyAsks *asks, GwKeyQuestion *question, const GwKeyReply *reply)
{
  asks->n_open--;
  if (reply == NULL)
    answer_nothing (asks, question);
  else
    question->answered (question, reply);
}

void
gw_key_asks_add_to (const GwKeyAsks *asks, GwKeyAskCounters *sum)
{
  sum->asked += __atomic_load_n (&asks->counters.asked, __ATOMIC_RELAXED);
  sum->failed += __atomic_load_n (&asks->counters.failed, __ATOMIC_RELAXED);
  sum->retried += __atomic_load_n (&asks->counters.retried, __ATOMIC_RELAXED);
}

static gint64
now_us (const GwKeyAsk *ask)
{
  return net_worker_now_us (ask->worker);
}

void
gw_key_ask_init (GwKeyAsk *ask, GwKeyQuestion *question, guint timeout_ms)
{
  *ask = (GwKeyAsk){ .question = question, .worker = question->worker };
  ask->deadline_us = now_us (ask) + (gint64) timeout_ms * 1000;
}

gboolean
gw_key_ask_again (GwKeyAsk *ask, GwKeyAsks *asks)
{
  if (++ask->n_attempts >= GW_KEY_ASK_MAX_ATTEMPTS || now_us (ask) >= ask->deadline_us)
    return FALSE;
  count (&asks->counters.retried);
  return TRUE;
}

gint64
gw_key_ask_pause_ms (const GwKeyAsk *ask, gboolean down)
{
  return ask->n_attempts == 0 || !down ? 0 : (gint64) RETRY_PAUSE_MS << ask->n_attempts;
}

gint64
gw_key_ask_time_ms (const GwKeyAsk *ask, guint n_servers)
{
  gint64 left_us = MAX (ask->deadline_us - now_us (ask), 0);

  /* While another Key Manager is there, the silence of one leaves time to ask it. */
  if (n_servers > 1 && ask->n_attempts + 1 < GW_KEY_ASK_MAX_ATTEMPTS)
    left_us /= 2;
  return left_us / 1000;
}
