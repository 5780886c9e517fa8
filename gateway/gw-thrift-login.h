/* The login of a gateway at a Key Manager: AuthenticatorService.authenticate, compact protocol in an HTTP POST over
 * TLS (spec/thrift-key-validation.md 4.1, 4.2, 5.1).
 *
 * The original trusts any certificate here; we do not.
 * Threads: one worker. */
#ifndef GW_THRIFT_LOGIN_H
#define GW_THRIFT_LOGIN_H

#include "gateway/gw-short-call.h"

G_BEGIN_DECLS

/* Bytes of an answer. */
#define GW_THRIFT_LOGIN_MAX_ANSWER 65536
/* Bytes of a session id; ours have at most 128, Java's 36. */
#define GW_THRIFT_LOGIN_MAX_SESSION 1024

typedef enum
{
  GW_THRIFT_LOGIN_DONE,
  GW_THRIFT_LOGIN_REFUSED, /* by the service: user or password */
  GW_THRIFT_LOGIN_FAILED,  /* no answer of such a service */
} GwThriftLoginResult;

typedef struct _GwThriftLogin GwThriftLogin;
struct _GwThriftLogin
{
  /* The end. @session: (nullable): of DONE. @why: otherwise, for a log. Both live until this returns. */
  void (*done) (GwThriftLogin *login, GwThriftLoginResult result, const char *session, const char *why);
  /*< private >*/
  GwShortCall call;
};

/* @login: zero-initialised, or its last login is over; done() is set. @path: "/thriftAuthenticator" below the
 * context root. No event comes before this returns. Nothing is kept of what is given but @target. */
void gw_thrift_login_start (GwThriftLogin *login, GwUpstream *upstream, NetWorker *worker, GwUpstreamTarget *target,
                            const char *path, const char *user, const char *password, gint64 timeout_ms);
static inline gboolean
gw_thrift_login_is_running (const GwThriftLogin *login)
{
  return gw_short_call_is_running (&login->call);
}

/* done() is not called any more. Does nothing when none is running. */
void gw_thrift_login_cancel (GwThriftLogin *login);

G_END_DECLS
#endif
