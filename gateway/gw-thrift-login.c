#include "config.h"
#include "gateway/gw-thrift-login.h"

#include "thrift/tw-compact.h"

#include <openssl/crypto.h>
#include <string.h>

#define SEQUENCE_ID 1

static GwThriftLogin *
login_of (GwUpstreamExchange *exchange)
{
  return (GwThriftLogin *) ((char *) exchange - G_STRUCT_OFFSET (GwThriftLogin, exchange));
}

static void
end (GwThriftLogin *login, GwThriftLoginResult result, const char *session, const char *why)
{
  login->running = FALSE;
  net_buffer_clear (&login->answer);
  login->done (login, result, session, why);
}

static void
handle_head (GwUpstreamExchange *exchange, const NetHttpResponse *response)
{
  login_of (exchange)->status = response->status;
}

static void
handle_body (GwUpstreamExchange *exchange, const guint8 *bytes, gsize length)
{
  GwThriftLogin *login = login_of (exchange);

  if (net_buffer_length (&login->answer) + length > GW_THRIFT_LOGIN_MAX_ANSWER)
    login->too_long = TRUE;
  if (!login->too_long)
    net_buffer_append (&login->answer, bytes, length);
}

/* What a session id is sent back in: anything but control characters. */
static gboolean
is_session (TwText text)
{
  if (text.length == 0 || text.length > GW_THRIFT_LOGIN_MAX_SESSION)
    return FALSE;
  for (guint32 i = 0; i < text.length; i++)
    if ((guchar) text.bytes[i] < 0x20)
      return FALSE;
  return TRUE;
}

static void
handle_done (GwUpstreamExchange *exchange)
{
  GwThriftLogin *login = login_of (exchange);
  TwAuthenticateAnswer answer = { 0 };
  g_autofree char *session = NULL;
  char why[64];

  if (login->status != 200 || login->too_long
      || !tw_compact_decode_answer (&answer, SEQUENCE_ID, net_buffer_data (&login->answer),
                                    net_buffer_length (&login->answer)))
    {
      g_snprintf (why, sizeof why, "HTTP %u, which holds no answer to a login", login->status);
      end (login, GW_THRIFT_LOGIN_FAILED, NULL, why);
      return;
    }
  if (!is_session (answer.session_id))
    {
      end (login, GW_THRIFT_LOGIN_REFUSED, NULL, "user or password were not taken");
      return;
    }
  session = g_strndup (answer.session_id.bytes, answer.session_id.length);
  end (login, GW_THRIFT_LOGIN_DONE, session, NULL);
  OPENSSL_cleanse (session, strlen (session));
}

static void
handle_failed (GwUpstreamExchange *exchange, GwErrorCode code, const char *why)
{
  end (login_of (exchange), GW_THRIFT_LOGIN_FAILED, NULL, why);
}

static const GwUpstreamEvents events = {
  .head = handle_head,
  .body = handle_body,
  .done = handle_done,
  .failed = handle_failed,
};

static void
put (NetBuffer *output, const char *text)
{
  net_buffer_append (output, text, strlen (text));
}

static void
append_head (NetBuffer *output, const GwUpstreamTarget *target, const char *path, gsize length)
{
  char digits[32];

  put (output, "POST ");
  put (output, path);
  put (output, " HTTP/1.1\r\nHost: ");
  put (output, target->authority);
  put (output, "\r\nContent-Type: application/x-thrift\r\nAccept: application/x-thrift\r\nUser-Agent: "
               "apimd\r\nContent-Length: ");
  g_snprintf (digits, sizeof digits, "%" G_GSIZE_FORMAT "\r\n\r\n", length);
  put (output, digits);
}

void
gw_thrift_login_start (GwThriftLogin *login, GwUpstream *upstream, NetWorker *worker, GwUpstreamTarget *target,
                       const char *path, const char *user, const char *password, gint64 timeout_ms)
{
  NetBuffer body = { 0 };

  login->exchange = (GwUpstreamExchange){
    .events = &events,
    .framing = GW_UPSTREAM_LENGTH,
    .timeout_ms = timeout_ms,
  };
  login->status = 0;
  login->too_long = FALSE;
  login->running = TRUE;
  tw_compact_encode_authenticate (&body, SEQUENCE_ID, tw_text (user), tw_text (password));
  gw_upstream_begin (upstream, worker, target, &login->exchange);
  append_head (gw_upstream_output (&login->exchange), target, path, net_buffer_length (&body));
  gw_upstream_send (&login->exchange, net_buffer_data (&body), net_buffer_length (&body));
  gw_upstream_end (&login->exchange);
  OPENSSL_cleanse (body.bytes, body.size);
  net_buffer_clear (&body);
}

void
gw_thrift_login_cancel (GwThriftLogin *login)
{
  if (!login->running)
    return;
  gw_upstream_cancel (&login->exchange);
  login->running = FALSE;
  net_buffer_clear (&login->answer);
}
