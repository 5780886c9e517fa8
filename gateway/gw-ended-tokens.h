/* Which self-contained tokens a gateway was told about: that they have ended, or that what is remembered of them no longer
 * holds. A token that the gateway judges by itself says nothing of that; so those in here, and those that may have been
 * told before it began to listen, are the Key Manager's to judge for as long as they live.
 *
 * Bounded: what has expired goes first; where that does not help, everything goes, and the tokens that were issued until
 * then are all the Key Manager's. So nothing that was told is ever overlooked.
 *
 * Our clock may have been behind when it began to listen, and be put right later, as on a machine that has just started;
 * and a machine that sleeps hears nothing. Either way the time goes on faster than the machine runs: what was issued
 * until that is noticed is the Key Manager's as well.
 *
 * Threads: one worker. Times are seconds since 1970. */
#ifndef GW_ENDED_TOKENS_H
#define GW_ENDED_TOKENS_H

#include "common/apim-clock.h"
#include "thrift/tw-message.h"

G_BEGIN_DECLS

/* For each worker; some 100 bytes each. */
#define GW_ENDED_TOKENS_MAX 16384

typedef struct _GwEndedTokens GwEndedTokens;

/* @max: at least 2. @skew_s: how far the Key Manager's clock may be from ours. */
GwEndedTokens *gw_ended_tokens_new (guint max, gint64 skew_s, const ApimClock *clock);
void gw_ended_tokens_free (GwEndedTokens *ended);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwEndedTokens, gw_ended_tokens_free)

/* @id: gw_token_id(). @expires_s: of the token; G_MAXINT64: not known. */
void gw_ended_tokens_add (GwEndedTokens *ended, TwText id, gint64 expires_s);

/* Whether it may be one of them. @id: terminated. */
gboolean gw_ended_tokens_may_have (GwEndedTokens *ended, const char *id, gint64 issued_s);

guint gw_ended_tokens_count (const GwEndedTokens *ended);

G_END_DECLS
#endif
