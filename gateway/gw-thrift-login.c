#include "config.h"
#include "gateway/gw-thrift-login.h"

#include "thrift/tw-compact.h"

#include <openssl/crypto.h>
#include <string.h>

#define SEQUENCE_ID 1

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
handle_ended (GwShortCall *call, const GwShortAnswer *http)
{
  GwThriftLogin *login = (GwThriftLogin *) ((char *) call - G_STRUCT_OFFSET (GwThriftLogin, call));
  TwAuthenticateAnswer answer = { 0 };
  g_autofree char *session = NULL;
  char why[64];

  if (http->why != NULL)
    {
      login->done (login, GW_THRIFT_LOGIN_FAILED, NULL, http->why);
      return;
    }
  if (http->status != 200 || http->too_long
      || !tw_compact_decode_answer (&answer, SEQUENCE_ID, http->bytes, http->length))
    {
      g_snprintf (why, sizeof why, "HTTP %u, which holds no answer to a login", http->status);
      login->done (login, GW_THRIFT_LOGIN_FAILED, NULL, why);
      return;
    }
  if (!is_session (answer.session_id))
    {
      login->done (login, GW_THRIFT_LOGIN_REFUSED, NULL, "user or password were not taken");
      return;
    }
  session = g_strndup (answer.session_id.bytes, answer.session_id.length);
  login->done (login, GW_THRIFT_LOGIN_DONE, session, NULL);
  OPENSSL_cleanse (session, strlen (session));
}

void
gw_thrift_login_start (GwThriftLogin *login, GwUpstream *upstream, NetWorker *worker, GwUpstreamTarget *target,
                       const char *path, const char *user, const char *password, gint64 timeout_ms)
{
  const GwShortRequest request = {
    .target = target,
    .method = "POST",
    .path = path,
    .max_answer = GW_THRIFT_LOGIN_MAX_ANSWER,
    .timeout_ms = timeout_ms,
    .to_head = TRUE,
  };
  NetBuffer body = { 0 };

  login->call.ended = handle_ended;
  tw_compact_encode_authenticate (&body, SEQUENCE_ID, tw_text (user), tw_text (password));
  gw_short_call_begin (&login->call, upstream, worker, &request);
  gw_short_call_field (&login->call, "Content-Type", "application/x-thrift", NULL);
  gw_short_call_field (&login->call, "Accept", "application/x-thrift", NULL);
  gw_short_call_send (&login->call, net_buffer_data (&body), net_buffer_length (&body));
  OPENSSL_cleanse (body.bytes, body.size);
  net_buffer_clear (&body);
}

void
gw_thrift_login_cancel (GwThriftLogin *login)
{
  gw_short_call_cancel (&login->call);
}
