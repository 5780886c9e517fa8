/* A client that sends anything, through the gateway's whole front: routes, Key Manager, backend, all over connections in
 * memory. However its bytes are cut into pieces, the backend gets the same whole requests and the client the same answers;
 * what reaches the backend is one unambiguous request at a time, which is what request smuggling would break.
 *
 * The APIs are those of tests/integration/test_gateway_abuse.py, which plays the same inputs against a running gateway. */
#include "config.h"
#include "gateway/gw-connection.h"
#include "gateway/gw-synapse.h"
#include "net/net-http-field.h"
#include "tests/fuzz/fake-net-connect.h"
#include "tests/fuzz/replay.h"

#define MAX_PARTS 64
#define MAX_HEAD 65536
#define MAX_BODY 100000

/* The Key Manager: says yes to the token "good", when it is its turn. */

static GwKeyQuestion *waiting; /* nullable */

static void
ask (GwKeyValidator *validator, GwKeyQuestion *question)
{
  g_assert_null (waiting);
  waiting = question;
}

static gboolean
answer_question (void)
{
  static const TwUriTemplate templates[] = {
    { .uri_template = TW_TEXT ("/*"), .http_verb = TW_TEXT ("GET"), .auth_type = TW_TEXT ("Any") },
    { .uri_template = TW_TEXT ("/*"), .http_verb = TW_TEXT ("POST"), .auth_type = TW_TEXT ("Any") },
  };
  GwKeyQuestion *question = g_steal_pointer (&waiting);
  GwKeyReply reply = { .answered = TRUE, .templates = templates, .n_templates = G_N_ELEMENTS (templates) };
  TwKeyValidationInfo info = { .type = TW_TEXT ("PRODUCTION"),
                               .end_user_token = TW_TEXT ("j.w.t"),
                               .validity_period_ms = G_MAXINT64 };

  if (question == NULL)
    return FALSE;
  if (question->method == TW_METHOD_VALIDATE_KEY)
    {
      info.authorized = tw_text_equal (question->arguments.access_token, tw_text ("good"));
      info.validation_status = info.authorized ? 0 : 900901;
      reply = (GwKeyReply){ .answered = TRUE, .info = &info };
    }
  question->answered (question, &reply);
  return TRUE;
}

/* The backend: notes each whole request, and answers it. */

static GString *seen;
static NetBuffer trailers; /* of the request that is read */

/* Returns: whether the body is whole. @body: what there is of it, decoded in place. @used: its bytes. */
static gboolean
read_body (const NetHttpRequest *request, char *body, gsize length, gsize *used, gsize *produced)
{
  NetHttpChunks chunks = { .trailers = &trailers };
  NetHttpParse result;

  net_buffer_clear (&trailers);
  if (!request->chunked)
    {
      *used = *produced = (gsize) MAX (request->content_length, 0);
      return length >= *used;
    }
  result = net_http_chunks_decode (&chunks, body, length, body, used, produced);
  g_assert_cmpint (result, !=, NET_HTTP_PARSE_ERROR);
  return result == NET_HTTP_PARSE_DONE;
}

/* No JWT but the gateway's own, and no token where the gateway took it. */
static void
check_headers (const NetHttpRequest *request)
{
  gboolean authenticated = memcmp (request->target.text, "/keys", 5) == 0;
  guint n_jwts = 0;

  for (guint i = 0; i < request->n_headers; i++)
    {
      g_assert_false (authenticated && net_http_text_equal_nocase (request->headers[i].name, "Authorization"));
      if (net_http_text_equal_nocase (request->headers[i].name, "X-JWT-Assertion"))
        {
          g_assert_true (net_http_text_equal (request->headers[i].value, "j.w.t"));
          n_jwts++;
        }
    }
  g_assert_cmpuint (n_jwts, ==, authenticated ? 1 : 0);
}

/* Nothing of what a gateway says or a message is framed by, behind the body either. */
static void
check_trailers (void)
{
  static const char *const never[] = { "authorization", "x-jwt-assertion", "x_jwt_assertion", "content-length",
                                       "transfer-encoding", "host", "connection", "cookie", "te" };
  NetHttpText lines = { (const char *) net_buffer_data (&trailers), net_buffer_length (&trailers) };

  while (lines.length > 0)
    {
      NetHttpText line = net_http_text_cut_line (&lines);
      NetHttpText name = net_http_text_cut (&line, ':');

      for (gsize i = 0; i < G_N_ELEMENTS (never); i++)
        g_assert_false (net_http_text_equal_nocase (name, never[i]));
    }
  g_string_append_len (seen, (const char *) net_buffer_data (&trailers), (gssize) net_buffer_length (&trailers));
  net_buffer_clear (&trailers);
}

static void
note (const NetHttpRequest *request, const char *body, gsize length)
{
  g_autofree char *sum = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *) body, length);

  g_string_append_printf (seen, "%.*s %.*s %s\n", (int) request->method.length, request->method.text,
                          (int) request->target.length, request->target.text, sum);
}

/* Returns: whether a request was answered. */
static gboolean
serve (NetConn *conn)
{
  static NetHttpRequest request;
  g_autofree char *copy = NULL;
  const char *sent;
  gsize length, head_length, used, produced;
  guint status = 0;
  NetHttpParse result;

  if (!net_conn_is_open (conn))
    return FALSE;
  sent = fake_conn_sent (conn, &length);
  if (length == 0)
    return FALSE;
  copy = g_memdup2 (sent, length);
  result = net_http_request_parse (&request, copy, length, 2 * MAX_HEAD, &head_length, &status);
  /* More header lines than are read would be no fault of ours. */
  g_assert_true (result != NET_HTTP_PARSE_ERROR || status == 431);
  if (result != NET_HTTP_PARSE_DONE)
    return FALSE;
  check_headers (&request);
  if (!read_body (&request, copy + head_length, length - head_length, &used, &produced))
    return FALSE;
  g_assert_cmpuint (head_length + used, ==, length); /* nothing behind it */
  note (&request, copy + head_length, produced);
  check_trailers ();
  fake_conn_forget_sent (conn);
  fake_conn_feed (conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
                  net_http_text_equal (request.method, "HEAD") ? 38 : 40);
  return TRUE;
}

static void
run (void)
{
  gboolean more = TRUE;

  while (more)
    {
      fake_connect_run ();
      more = answer_question ();
      for (guint i = 0; i < fake_connect_count (); i++)
        more = serve (fake_connect_conn (i)) || more;
    }
}

/* The gateway. */

static GwEndpoint *
no_endpoint (gpointer data, const char *key)
{
  return NULL;
}

static GwSequence *
no_sequence (gpointer data, const char *key)
{
  return NULL;
}

#define SEND "<inSequence><send><endpoint><http uri-template='http://backend.example/%s/'>" \
             "<suspendOnFailure><errorCodes>-1</errorCodes><initialDuration>0</initialDuration></suspendOnFailure>" \
             "<markForSuspension><errorCodes>-1</errorCodes></markForSuspension></http></endpoint></send></inSequence>"
#define HANDLER "<handler class='org.wso2.carbon.apimgt.gateway.handlers.security."

static void
add_api (GPtrArray *apis, const char *name, gboolean authenticates)
{
  const GwSynapseKeys keys = { no_endpoint, no_sequence, NULL, NULL };
  g_autoptr (GError) error = NULL;
  g_autofree char *text = g_strdup_printf (
      "<api xmlns='http://ws.apache.org/ns/synapse' name='%s' context='/%s'>"
      "<resource methods='GET' url-mapping='/admin/*'>" SEND "</resource>"
      "<resource methods='GET HEAD POST' url-mapping='/*'>" SEND "</resource>"
      "<handlers>" HANDLER "CORSRequestHandler'/>%s</handlers></api>",
      name, name, name, name, authenticates ? HANDLER "APIAuthenticationHandler'/>" : "");
  GwApi *api = gw_synapse_read_api (name, text, strlen (text), &keys, NULL, &error);

  g_assert_no_error (error);
  g_ptr_array_add (apis, api);
}

static GwRoutes *
routes (gpointer data, guint worker, gboolean *changed)
{
  static GwRoutes *made;

  *changed = FALSE;
  if (made == NULL)
    {
      g_autoptr (GPtrArray) apis = g_ptr_array_new_with_free_func ((GDestroyNotify) gw_api_unref);

      add_api (apis, "abuse", FALSE);
      add_api (apis, "keys", TRUE);
      made = gw_routes_new (apis, NULL);
    }
  return made;
}

/* One for all inputs: the APIs' endpoints keep their targets in its upstream. */
static GwService *
the_service (void)
{
  static const GwKeyValidatorInterface interface = { "fuzz", ask };
  static GwKeyValidator validator = { &interface };
  static const GwUpstreamSettings upstream = { .max_connections = 2, .max_waiting = 2, .max_head = MAX_HEAD };
  static GwService *service;
  const GwServiceSettings settings = {
    .generation = APIM_GATEWAY_2_6,
    .faults.generation = APIM_GATEWAY_2_6,
    .cors = *gw_cors_standard_settings (APIM_GATEWAY_2_6),
    .credentials = *gw_credentials_standard_settings (APIM_GATEWAY_2_6),
    .headers = gw_header_standard_settings,
    .max_head = MAX_HEAD,
    .max_body = MAX_BODY,
    .read_timeout_ms = 1000,
    .max_unread_output = 65536,
  };
  GwServiceParts parts = { .routes = routes };

  if (service != NULL)
    return service;
  parts.authenticator = gw_authenticator_new (&validator, &gw_auth_standard_settings, NULL, &apim_clock_system);
  parts.upstream = gw_upstream_new (NULL, NULL, &upstream);
  service = gw_service_new (&settings, &parts, 1);
  return service;
}

/* The client. */

static guint32
step (guint32 *seed)
{
  *seed = *seed * 1664525u + 1013904223u;
  return *seed >> 16;
}

/* @seed: how the bytes are cut; 0: they come all at once. */
static void
say (NetConn *client, const uint8_t *data, size_t size, guint32 seed)
{
  for (size_t said = 0, part; said < size && net_conn_is_open (client); said += part)
    {
      part = size - said;
      if (seed != 0)
        {
          size_t wanted = 1 + step (&seed) % (1 + 2 * size / MAX_PARTS);

          part = MIN (part, wanted);
        }
      fake_conn_feed (client, data + said, part);
      if (seed == 0 || step (&seed) % 4 != 0)
        run ();
    }
  run ();
}

/* What the client was answered, without the interim answers: whether there are any depends on how its bytes come. */
static void
append_answers (GString *text, NetConn *client)
{
  static const char interim[] = "HTTP/1.1 100 Continue\r\n\r\n";
  gsize length;
  const char *sent = fake_conn_sent (client, &length);
  gsize begin = text->len;

  g_string_append_len (text, sent, (gssize) length);
  for (char *at = strstr (text->str + begin, interim); at != NULL; at = strstr (text->str + begin, interim))
    g_string_erase (text, at - text->str, (gssize) strlen (interim));
}

/* Returns: what the backend saw and the client was answered. Free with g_free(). */
static char *
converse (const uint8_t *data, size_t size, guint32 seed)
{
  GwDoor door = { the_service (), GW_TRANSPORT_HTTP };
  NetConn *client = fake_conn_new (&gw_connection_protocol, &door);

  seen = g_string_new (NULL);
  say (client, data, size, seed);
  fake_conn_peer_close (client);
  run ();
  append_answers (seen, client);
  fake_conn_free (client);
  fake_connect_free ();
  g_assert_cmpuint (fake_conn_count (), ==, 0);
  return g_string_free (g_steal_pointer (&seen), FALSE);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *whole = NULL, *parts = NULL;
  guint32 seed = (guint32) size;

  for (size_t i = 0; i < size; i++)
    seed = seed * 31 + data[i];
  whole = converse (data, size, 0);
  parts = converse (data, size, seed | 1);
  g_assert_cmpstr (whole, ==, parts);
  return 0;
}
