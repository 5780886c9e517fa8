/* Key Managers asked over SOAP: APIKeyValidationService over HTTPS with Basic credentials (spec/soap-and-oauth.md 2).
 *
 * Better than the original: a deadline over a whole question, limits, the certificate is verified against the trust
 * store, and several Key Managers, as gw-peer-health.h says. A question is tried GW_KEY_ASK_MAX_ATTEMPTS times in all.
 * There is no session: each call has its credentials.
 *
 * Threads: as GwKeyValidator; everything belongs to its worker, no locks. An answer is parsed on the worker. */
#ifndef GW_SOAP_VALIDATOR_H
#define GW_SOAP_VALIDATOR_H

#include "common/apim-config.h"
#include "gateway/gw-key-ask.h"
#include "gateway/gw-upstream.h"

G_BEGIN_DECLS

#define GW_SOAP_MAX_SERVERS 16

typedef struct
{
  const char *host;
  guint16 port;
  const char *path; /* "/services/": the service's name is put behind it */
} GwSoapServer;

typedef struct
{
  const GwSoapServer *servers;
  guint n_servers; /* 1 .. GW_SOAP_MAX_SERVERS */
  const char *user, *password;
  ApimSoapProfile profile; /* of the Key Managers */
  guint timeout_ms;        /* of a question, with all attempts */
  guint max_questions;     /* of one worker that wait at once; more are not answered */
  gsize max_message;       /* bytes of an answer */
  gboolean plain;          /* no TLS, for tests */
} GwSoapSettings;

/* Everything is copied; @reactor, @upstream: borrowed. Main thread. */
GwKeyValidator *gw_soap_validator_new (const GwSoapSettings *settings, NetReactor *reactor, GwUpstream *upstream);
/* After the workers have ended, before the upstream. */
void gw_soap_validator_free (GwKeyValidator *validator);

/* Sums over all workers; any thread. */
void gw_soap_validator_read_counters (GwKeyValidator *validator, GwKeyAskCounters *counters);

G_END_DECLS
#endif
