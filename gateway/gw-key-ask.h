/* A question on its way to Key Managers of other nodes, whatever it travels by: how often and how long each is tried, how
 * many a worker has at once, and what is counted of them. Whoever is asked, and how, is the validator's.
 *
 * Threads: one worker; counters are read by any thread. */
#ifndef GW_KEY_ASK_H
#define GW_KEY_ASK_H

#include "gateway/gw-key-validator.h"

G_BEGIN_DECLS

#define GW_KEY_ASK_MAX_ATTEMPTS 3 /* asking twice does no harm */

/* Sums since the start. */
typedef struct
{
  guint64 asked;
  guint64 failed;  /* nobody could be asked */
  guint64 retried; /* attempts beyond the first */
} GwKeyAskCounters;

/* One worker's. Zero-initialise. */
typedef struct
{
  guint n_open;
  GwKeyAskCounters counters; /* written by its worker alone */
} GwKeyAsks;

/* Embed it; of gw_key_ask_init(). */
typedef struct
{
  GwKeyQuestion *question;
  NetWorker *worker;  /* the question's */
  gint64 deadline_us; /* of all attempts together */
  guint n_attempts;   /* that failed */
} GwKeyAsk;

/* Of every question, before anything else. FALSE: @max_open are open already; it is answered: by nobody. After TRUE comes
 * gw_key_asks_answer(), once. */
gboolean gw_key_asks_admit (GwKeyAsks *asks, GwKeyQuestion *question, guint max_open);

/* The question is over, and its asker's again. @reply: NULL: nobody answered. */
void gw_key_asks_answer (GwKeyAsks *asks, GwKeyQuestion *question, const GwKeyReply *reply);

/* Adds @asks to @sum. Any thread. */
void gw_key_asks_add_to (const GwKeyAsks *asks, GwKeyAskCounters *sum);

/* @timeout_ms: of all attempts together. */
void gw_key_ask_init (GwKeyAsk *ask, GwKeyQuestion *question, guint timeout_ms);

/* An attempt failed. TRUE: there is another one, which is counted. FALSE: no attempt or no time is left. */
gboolean gw_key_ask_again (GwKeyAsk *ask, GwKeyAsks *asks);

/* Before the next attempt, in milliseconds; 0: it begins at once. @down: every Key Manager has just failed. */
gint64 gw_key_ask_pause_ms (const GwKeyAsk *ask, gboolean down);

/* How long the next attempt may take, in milliseconds. @n_servers: that there are. */
gint64 gw_key_ask_time_ms (const GwKeyAsk *ask, guint n_servers);

G_END_DECLS
#endif
