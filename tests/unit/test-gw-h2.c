/* Requests through the gateway's HTTP/2 connections on real sockets (RFC 9113; spec/gateway-and-traffic-manager.md 1). */
#include "config.h"
#include "gateway/gw-h2-guard.h"
#include "tests/unit/gw-front.h"
#include "tests/unit/h2-client.h"

#define TOKEN(token) ((const char *const[]){ "authorization", "Bearer " token, NULL })

static void
expect (H2Client *client, const char *method, const char *path, const char *const *fields, guint status,
        const char *body)
{
  H2Call *call = h2_client_call (client, method, path, NULL, 0, fields);

  h2_client_wait (client, call);
  g_assert_cmpuint (call->status, ==, status);
  g_assert_cmpuint (call->code, ==, NGHTTP2_NO_ERROR);
  if (body != NULL)
    g_assert_cmpstr (call->body->str, ==, body);
}

static void
run_calls (H2Client *client)
{
  H2Call *call;

  expect (client, "GET", "/open/a?b=c", NULL, 200, "GET /base/a?b=c 0 \n");
  call = client->calls->pdata[0];
  g_assert_nonnull (strstr (call->headers->str, "\nserver: WSO2-PassThrough-HTTP\n"));
  g_assert_nonnull (strstr (call->headers->str, "\ncontent-type: text/plain\n"));
  g_assert_null (strstr (call->headers->str, "connection"));
  g_assert_null (strstr (call->headers->str, "transfer-encoding"));
  expect (client, "GET", "/safe/a", TOKEN ("good"), 200, "GET /base/a 0 a.b.c\n");
  expect (client, "GET", "/safe/a", TOKEN ("bad"), 401, NULL);
  expect (client, "GET", "/safe/a", NULL, 401, NULL);
  expect (client, "GET", "/none", NULL, 404, NULL);
  expect (client, "PUT", "/open/a", NULL, 405, NULL);
  expect (client, "GET", "/fixed", NULL, 503, "{\"fixed\": 1}");
  expect (client, "OPTIONS", "*", NULL, 404, NULL);
  expect (client, "GET", "/open/../a", NULL, 400, NULL);
}

static void
test_calls (GwFront *f, gconstpointer data)
{
  H2Client client;

  h2_client_start (&client, &f->client);
  run_calls (&client);
  h2_client_stop (&client);
}

/* What is offered by ALPN. NULL: nothing. Returns: what was chosen; nullable; free with g_free(). */
static char *
connect_tls (GwFront *f, guint16 port, const char *offered)
{
  SSL_CTX *context = SSL_CTX_new (TLS_client_method ());
  const unsigned char *name;
  unsigned int length;

  net_test_client_close (&f->client);
  if (offered != NULL)
    g_assert_cmpint (SSL_CTX_set_alpn_protos (context, (const guint8 *) offered, (unsigned int) strlen (offered)), ==, 0);
  net_test_client_tls (&f->client, port, context, NULL);
  SSL_CTX_free (context);
  SSL_get0_alpn_selected (f->client.ssl, &name, &length);
  return length > 0 ? g_strndup ((const char *) name, length) : NULL;
}

static void
test_tls (GwFront *f, gconstpointer data)
{
  static const char *const old[] = { "\010http/1.1", "\003foo", NULL };
  guint16 port = gw_front_listen_tls (f);
  g_autofree char *chosen = connect_tls (f, port, "\010http/1.1\002h2");
  H2Client client;

  g_assert_cmpstr (chosen, ==, "h2");
  h2_client_start (&client, &f->client);
  run_calls (&client);
  h2_client_stop (&client);
  for (gsize i = 0; i < G_N_ELEMENTS (old); i++)
    {
      g_autofree char *other = connect_tls (f, port, old[i]);

      g_assert_cmpstr (other, ==, i == 0 ? "http/1.1" : NULL);
      net_test_send (&f->client, "GET /open/a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
      net_test_expect (&f->client, "HTTP/1.1 200 OK\r");
    }
  /* Without ALPN there is no HTTP/2 on TLS. */
  g_free (connect_tls (f, port, NULL));
  net_test_send (&f->client, NGHTTP2_CLIENT_MAGIC);
  net_test_expect (&f->client, "HTTP/1.1 505 HTTP Version Not Supported\r");
}

static void
test_bodies (GwFront *f, gconstpointer data)
{
  static const char *const with_length[] = { "authorization", "Bearer good", "content-length", "300000", NULL };
  static const char *const expecting[] = { "content-length", "300000", "expect", "100-continue", NULL };
  g_autofree char *large = g_strnfill (BODY_SIZE, 'x');
  H2Client client;
  H2Call *call;

  h2_client_start (&client, &f->client);
  call = h2_client_call (&client, "POST", "/safe/a", large, BODY_SIZE, with_length);
  h2_client_wait (&client, call);
  g_assert_cmpstr (call->body->str, ==, "POST /base/a 300000 a.b.c\n");
  call = h2_client_call (&client, "POST", "/open/a", large, BODY_SIZE - 1, NULL);
  h2_client_wait (&client, call);
  g_assert_cmpstr (call->body->str, ==, "POST /base/a 299999 \n");
  call = h2_client_call (&client, "POST", "/open/a", "", 0, NULL);
  h2_client_wait (&client, call);
  g_assert_cmpstr (call->body->str, ==, "POST /base/a 0 \n");
  call = h2_client_call (&client, "POST", "/changed/a", large, 100, NULL);
  h2_client_wait (&client, call);
  g_assert_cmpstr (call->body->str, ==, "POST /base/a 2 \n");
  call = h2_client_call (&client, "POST", "/open/a", large, BODY_SIZE, expecting);
  h2_client_wait (&client, call);
  g_assert_cmpuint (call->status, ==, 200);
  g_assert_cmpuint (call->n_interim, ==, 1);
  call = h2_client_call (&client, "GET", "/open/large", NULL, 0, NULL);
  h2_client_wait (&client, call);
  g_assert_cmpuint (call->body->len, ==, BODY_SIZE);
  h2_client_stop (&client);
}

/* More than the client's and the server's limits of concurrent streams, both ways at once. */
static void
test_many (GwFront *f, gconstpointer data)
{
  g_autofree char *large = g_strnfill (BODY_SIZE, 'x');
  H2Client client;

  h2_client_start (&client, &f->client);
  for (guint i = 0; i < 150; i++)
    {
      if (i % 10 == 0)
        h2_client_call (&client, "POST", "/safe/a", large, BODY_SIZE, TOKEN ("good"));
      else if (i % 10 == 1)
        h2_client_call (&client, "GET", "/open/large", NULL, 0, NULL);
      else
        h2_client_call (&client, "GET", i % 3 == 0 ? "/fixed" : "/safe/a", NULL, 0, TOKEN ("good"));
    }
  for (guint i = 0; i < 150; i++)
    {
      H2Call *call = client.calls->pdata[i];

      h2_client_wait (&client, call);
      g_assert_cmpuint (call->status, ==, i % 10 > 1 && i % 3 == 0 ? 503 : 200);
      if (i % 10 == 0)
        g_assert_cmpstr (call->body->str, ==, "POST /base/a 300000 a.b.c\n");
      if (i % 10 == 1)
        g_assert_cmpuint (call->body->len, ==, BODY_SIZE);
    }
  h2_client_stop (&client);
}

/* While the Key Manager is asked about one stream the others go on, and the body of the one waits. */
static void
test_late (GwFront *f, gconstpointer data)
{
  g_autofree char *large = g_strnfill (BODY_SIZE, 'x');
  H2Client client;
  H2Call *late, *tiny;

  h2_client_start (&client, &f->client);
  late = h2_client_call (&client, "POST", "/safe/a", large, BODY_SIZE, TOKEN ("late"));
  expect (&client, "GET", "/open/b", NULL, 200, "GET /base/b 0 \n");
  g_assert_false (late->closed);
  g_assert_cmpuint (late->upload_left, >=, BODY_SIZE - 65535); /* the window of a stream */
  gw_front_answer_late (f);
  h2_client_wait (&client, late);
  g_assert_cmpstr (late->body->str, ==, "POST /base/a 300000 a.b.c\n");
  tiny = h2_client_call (&client, "POST", "/safe/a", "hello", 5, TOKEN ("good"));
  h2_client_wait (&client, tiny);
  g_assert_cmpstr (tiny->body->str, ==, "POST /base/a 5 a.b.c\n");
  h2_client_stop (&client);
}

/* An answer before the request is whole: the rest is called off, and the connection goes on. */
static void
test_unwanted_body (GwFront *f, gconstpointer data)
{
  g_autofree char *large = g_strnfill (BODY_SIZE, 'x');
  H2Client client;

  h2_client_start (&client, &f->client);
  /* What is left of these is little: it is waited for. */
  for (guint i = 0; i < 3; i++)
    {
      static const char *const little[] = { "authorization", "Bearer bad", "content-length", "65535", NULL };
      H2Call *call = h2_client_call (&client, "POST", "/safe/a", large, 65535, little);

      h2_client_wait (&client, call);
      g_assert_cmpuint (call->status, ==, 401);
      g_assert_cmpuint (call->upload_left, ==, 0);
    }
  for (guint i = 0; i < 40; i++) /* more than the window of the connection */
    {
      H2Call *call = h2_client_call (&client, "POST", "/safe/a", large, BODY_SIZE, TOKEN ("bad"));

      h2_client_wait (&client, call);
      g_assert_cmpuint (call->status, ==, 401);
      g_assert_cmpuint (call->code, ==, NGHTTP2_NO_ERROR);
    }
  expect (&client, "GET", "/open/a", NULL, 200, NULL);
  h2_client_stop (&client);
}

static void
test_client_resets (GwFront *f, gconstpointer data)
{
  H2Client client;
  H2Call *call;

  h2_client_start (&client, &f->client);
  call = h2_client_call (&client, "GET", "/safe/a", NULL, 0, TOKEN ("late"));
  nghttp2_session_send (client.session);
  nghttp2_submit_rst_stream (client.session, NGHTTP2_FLAG_NONE, call->id, NGHTTP2_CANCEL);
  gw_front_answer_late (f);
  call = h2_client_call (&client, "GET", "/open/large", NULL, 0, NULL);
  while (call->body->len == 0)
    g_assert_true (h2_client_turn (&client));
  nghttp2_submit_rst_stream (client.session, NGHTTP2_FLAG_NONE, call->id, NGHTTP2_CANCEL);
  expect (&client, "GET", "/open/a", NULL, 200, NULL);
  /* In the middle of both, the connection goes. */
  h2_client_call (&client, "GET", "/open/large", NULL, 0, NULL);
  call = h2_client_call (&client, "POST", "/open/a", "abc", 3, NULL);
  call->upload_open = TRUE;
  nghttp2_session_send (client.session);
  net_test_client_close (&f->client);
  h2_client_stop (&client);
  net_test_client_plain (&f->client, f->port);
}

#define REQUEST(method, path) ":method", method, ":scheme", "http", ":path", path
#define HOST ":authority", "a"

/* Each on a connection of its own; what can be answered is, and what the library takes for malformed is reset. */
static void
test_malformed (GwFront *f, gconstpointer data)
{
  static const struct
  {
    const char *fields[14];
    guint status; /* 0: the stream is reset with PROTOCOL_ERROR */
  } cases[] = {
    { { REQUEST ("GET", "/open/a"), HOST, "host", "b" }, 400 },
    { { REQUEST ("GET", "/open/a"), HOST, "x", "a\rb" }, 0 },
    { { REQUEST ("GET", "/open/a"), HOST, "Upper", "x" }, 0 },
    { { REQUEST ("GET", "/open/a"), HOST, "connection", "close" }, 0 },
    { { REQUEST ("GET", "/open/a"), HOST, "transfer-encoding", "chunked" }, 0 },
    { { REQUEST ("GET", "/open/a"), HOST, "x", "1", ":path", "/" }, 0 },
    { { REQUEST ("GET", "/open/a"), REQUEST ("GET", "/open/a"), HOST }, 0 },
    { { REQUEST ("GET", "/open/a") }, 0 },
    { { ":method", "GET", HOST, ":path", "/open/a" }, 0 },
    { { REQUEST ("GET", "/open/a"), HOST, ":unknown", "x" }, 0 },
    { { REQUEST ("GET", "/open/a#b"), HOST }, 400 },
    { { ":method", "GET", ":scheme", "gopher", ":path", "/open/a", HOST }, 400 },
    { { REQUEST ("POST", "/open/a"), HOST, "content-length", "3" }, 0 }, /* and no body */
    { { REQUEST ("POST", "/open/a"), HOST, "content-length", "0", "content-length", "0" }, 0 },
    { { REQUEST ("POST", "/open/a"), HOST, "content-length", "-1" }, 0 },
    { { REQUEST ("GET", "/open/a"), ":authority", "u@a" }, 400 },
    { { ":method", "CONNECT", ":authority", "a:1" }, 400 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      nghttp2_hd_inflater *inflater;
      H2RawFrame frame;

      g_assert_cmpint (nghttp2_hd_inflate_new (&inflater), ==, 0);
      net_test_client_close (&f->client);
      net_test_client_plain (&f->client, f->port);
      h2_raw_begin (&f->client);
      h2_raw_headers (&f->client, NGHTTP2_FLAG_END_STREAM, 1, cases[i].fields);
      g_assert_true (h2_raw_expect (&f->client, inflater, cases[i].status != 0 ? NGHTTP2_HEADERS : NGHTTP2_RST_STREAM,
                                    &frame));
      g_assert_cmpuint (frame.status, ==, cases[i].status);
      g_assert_cmpuint (frame.code, ==, cases[i].status != 0 ? 0 : NGHTTP2_PROTOCOL_ERROR);
      /* Nothing of that hurts the next request. */
      h2_raw_headers (&f->client, NGHTTP2_FLAG_END_STREAM, 3, (const char *const[]){ REQUEST ("GET", "/open/a"), HOST, NULL });
      g_assert_true (h2_raw_expect (&f->client, inflater, NGHTTP2_HEADERS, &frame));
      g_assert_cmpint (frame.id, ==, 3);
      g_assert_cmpuint (frame.status, ==, 200);
      nghttp2_hd_inflate_del (inflater);
    }
}

/* DATA that is not what Content-Length says, and trailers. */
static void
test_lengths (GwFront *f, gconstpointer data)
{
  static const char *const head[] = { REQUEST ("POST", "/open/a"), HOST, "content-length", "5", NULL };
  static const char *const trailer[] = { "checksum", "1", NULL }, *const bad_trailer[] = { ":path", "/", NULL };
  nghttp2_hd_inflater *inflater;
  H2RawFrame frame;

  g_assert_cmpint (nghttp2_hd_inflate_new (&inflater), ==, 0);
  h2_raw_begin (&f->client);
  h2_raw_headers (&f->client, 0, 1, head);
  h2_raw_frame (&f->client, NGHTTP2_DATA, NGHTTP2_FLAG_END_STREAM, 1, "abcdef", 6);
  g_assert_true (h2_raw_expect (&f->client, inflater, NGHTTP2_RST_STREAM, &frame));
  g_assert_cmpuint (frame.code, ==, NGHTTP2_PROTOCOL_ERROR);
  h2_raw_headers (&f->client, 0, 3, head);
  h2_raw_frame (&f->client, NGHTTP2_DATA, NGHTTP2_FLAG_END_STREAM, 3, "abcd", 4);
  g_assert_true (h2_raw_expect (&f->client, inflater, NGHTTP2_RST_STREAM, &frame));
  g_assert_cmpuint (frame.code, ==, NGHTTP2_PROTOCOL_ERROR);
  h2_raw_headers (&f->client, 0, 5, head);
  h2_raw_frame (&f->client, NGHTTP2_DATA, 0, 5, "abcde", 5);
  h2_raw_headers (&f->client, NGHTTP2_FLAG_END_STREAM, 5, trailer);
  g_assert_true (h2_raw_expect (&f->client, inflater, NGHTTP2_HEADERS, &frame));
  g_assert_cmpint (frame.id, ==, 5);
  g_assert_cmpuint (frame.status, ==, 200);
  h2_raw_headers (&f->client, 0, 7, head);
  h2_raw_frame (&f->client, NGHTTP2_DATA, 0, 7, "abcde", 5);
  h2_raw_headers (&f->client, NGHTTP2_FLAG_END_STREAM, 7, bad_trailer);
  g_assert_true (h2_raw_expect (&f->client, inflater, NGHTTP2_RST_STREAM, &frame));
  g_assert_cmpint (frame.id, ==, 7);
  nghttp2_hd_inflate_del (inflater);
}

/* The limit of a body, announced and not. */
static void
test_too_large (GwFront *f, gconstpointer data)
{
  static const char *const announced[] = { "content-length", "99999999", NULL };
  g_autofree char *large = g_strnfill (10 * BODY_SIZE + 1, 'x');
  H2Client client;
  H2Call *call;

  h2_client_start (&client, &f->client);
  call = h2_client_call (&client, "POST", "/open/a", large, 10 * BODY_SIZE + 1, announced);
  h2_client_wait (&client, call);
  g_assert_cmpuint (call->status, ==, 413);
  call = h2_client_call (&client, "POST", "/open/a", large, 10 * BODY_SIZE + 1, NULL);
  h2_client_wait (&client, call);
  g_assert_cmpuint (call->status, ==, 413);
  expect (&client, "GET", "/open/a", NULL, 200, NULL);
  h2_client_stop (&client);
}

/* A header list over the limit: 431, and the compression's state is still right for the next one. */
static void
test_large_head (GwFront *f, gconstpointer data)
{
  g_autofree char *value = g_strnfill (20000, 'v');
  const char *const fields[] = { "a", value, "b", value, "c", value, "d", value, NULL };
  H2Client client;
  H2Call *call;

  h2_client_start (&client, &f->client);
  call = h2_client_call (&client, "GET", "/open/a", NULL, 0, fields);
  h2_client_wait (&client, call);
  g_assert_cmpuint (call->status, ==, 431);
  expect (&client, "GET", "/open/a", NULL, 200, NULL);
  h2_client_stop (&client);
}

static void
expect_calm (GwFront *f)
{
  nghttp2_hd_inflater *inflater;
  H2RawFrame frame;

  g_assert_cmpint (nghttp2_hd_inflate_new (&inflater), ==, 0);
  g_assert_true (h2_raw_expect (&f->client, inflater, NGHTTP2_GOAWAY, &frame));
  g_assert_cmpuint (frame.code, ==, NGHTTP2_ENHANCE_YOUR_CALM);
  g_assert_false (h2_raw_expect (&f->client, inflater, NGHTTP2_GOAWAY, &frame)); /* the end */
  nghttp2_hd_inflate_del (inflater);
  net_test_client_close (&f->client);
  net_test_client_plain (&f->client, f->port);
}

static void
test_rapid_reset (GwFront *f, gconstpointer data)
{
  static const char *const head[] = { REQUEST ("GET", "/open/large"), HOST, NULL };
  static const char *const bad[] = { REQUEST ("GET", "/open/a"), HOST, "connection", "x", NULL };
  static const guint8 cancel[4] = { 0, 0, 0, NGHTTP2_CANCEL };

  h2_raw_begin (&f->client);
  for (gint32 i = 0; i <= 20; i++)
    {
      h2_raw_headers (&f->client, NGHTTP2_FLAG_END_STREAM, 2 * i + 1, head);
      h2_raw_frame (&f->client, NGHTTP2_RST_STREAM, 0, 2 * i + 1, cancel, sizeof cancel);
    }
  expect_calm (f);
  /* The same by streams that we have to reset. */
  h2_raw_begin (&f->client);
  for (gint32 i = 0; i <= 20; i++)
    h2_raw_headers (&f->client, NGHTTP2_FLAG_END_STREAM, 2 * i + 1, bad);
  expect_calm (f);
}

static void
test_floods (GwFront *f, gconstpointer data)
{
  static const guint8 ping[8] = { 0 }, priority[5] = { 0, 0, 0, 0, 1 };
  static const guint8 list[] = { 0, 1, 'x', 1, 'y' };
  static const char *const head[] = { REQUEST ("POST", "/safe/a"), HOST, "authorization", "Bearer late", NULL };
  gboolean open = TRUE;

  h2_raw_begin (&f->client);
  h2_raw_frame (&f->client, NGHTTP2_HEADERS, NGHTTP2_FLAG_END_STREAM, 1, list, sizeof list);
  for (guint i = 0; i <= GW_H2_MAX_CONTINUATIONS; i++)
    h2_raw_frame (&f->client, NGHTTP2_CONTINUATION, 0, 1, list, sizeof list);
  expect_calm (f);
  h2_raw_begin (&f->client);
  for (guint i = 0; i < 50; i++)
    h2_raw_frame (&f->client, NGHTTP2_PING, 0, 0, ping, sizeof ping);
  expect_calm (f);
  h2_raw_begin (&f->client);
  for (guint i = 0; i < 50; i++)
    h2_raw_frame (&f->client, NGHTTP2_SETTINGS, 0, 0, NULL, 0);
  expect_calm (f);
  h2_raw_begin (&f->client);
  for (guint i = 0; i < 50; i++)
    h2_raw_frame (&f->client, NGHTTP2_PRIORITY, 0, 1, priority, sizeof priority);
  expect_calm (f);
  h2_raw_begin (&f->client);
  h2_raw_headers (&f->client, 0, 1, head);
  for (guint i = 0; i < 50 && open; i++)
    open = h2_raw_try_frame (&f->client, NGHTTP2_DATA, 0, 1, NULL, 0);
  expect_calm (f);
  gw_front_answer_late (f); /* to nobody */
}

/* What is no HTTP/2 after its preface, and what is no preface. */
static void
test_not_http2 (GwFront *f, gconstpointer data)
{
  H2RawFrame frame;

  net_test_send (&f->client, "PRI * HTTP/2.0\r\n\r\nSM");
  net_test_send (&f->client, "\r\n\r\nGET / HTTP/1.1\r\n\r\n");
  g_assert_true (h2_raw_expect (&f->client, NULL, NGHTTP2_GOAWAY, &frame));
  g_assert_cmpuint (frame.code, !=, NGHTTP2_NO_ERROR);
  net_test_client_close (&f->client);
  net_test_client_plain (&f->client, f->port);
  net_test_send (&f->client, "PRI * HTTP/2.0\r\nHost: a\r\n\r\n");
  net_test_expect (&f->client, "HTTP/1.1 505 HTTP Version Not Supported\r");
}

static void
test_slow_body (GwFront *f, gconstpointer data)
{
  static const char *const little[] = { "content-length", "100", NULL };
  H2Client client;
  H2Call *call;

  h2_client_start (&client, &f->client);
  call = h2_client_call (&client, "POST", "/open/a", "abc", 3, NULL);
  call->upload_open = TRUE;
  h2_client_wait (&client, call);
  g_assert_cmpuint (call->status, ==, 408);
  expect (&client, "GET", "/open/a", NULL, 200, NULL);
  /* One that is answered already. */
  call = h2_client_call (&client, "POST", "/safe/a", "abc", 3, little);
  call->upload_open = TRUE;
  h2_client_wait (&client, call);
  g_assert_cmpuint (call->status, ==, 401);
  g_assert_cmpuint (call->code, ==, NGHTTP2_CANCEL);
  h2_client_stop (&client);
}

/* Looks through what has come for a frame of @type on stream 1; nothing waits for more. Returns: its payload; nullable. */
static const guint8 *
find_frame (GwFront *f, GByteArray *come, guint8 type)
{
  guint8 bytes[4096];
  gssize n = recv (f->client.fd, bytes, sizeof bytes, MSG_DONTWAIT);

  if (n > 0)
    g_byte_array_append (come, bytes, (guint) n);
  for (guint at = 0; at + 9 <= come->len;)
    {
      const guint8 *head = come->data + at;
      guint length = (guint) head[0] << 16 | (guint) head[1] << 8 | head[2];

      if (at + 9 + length > come->len)
        break;
      if (head[3] == type && head[8] == 1)
        return head + 9;
      at += 9 + length;
    }
  return NULL;
}

/* Says one frame on stream 1 every 10 ms until one of type @expected is answered. Returns: the last byte of its first four. */
static guint
trickle (GwFront *f, guint8 type, const void *payload, gsize length, guint8 expected)
{
  g_autoptr (GByteArray) come = g_byte_array_new ();
  const guint8 *found = NULL;

  for (guint i = 0; i < 3000 && found == NULL; i++)
    {
      h2_raw_try_frame (&f->client, type, 0, 1, payload, length);
      g_usleep (10000);
      found = find_frame (f, come, expected);
    }
  g_assert_nonnull (found);
  return found[3];
}

/* A byte at a time, each long before the time-out: less than MinTransferRate all the same. */
static void
test_trickling_body (GwFront *f, gconstpointer data)
{
  f->service->settings.min_rate = 1000;
  h2_raw_begin (&f->client);
  h2_raw_headers (&f->client, 0, 1, (const char *const[]){ REQUEST ("POST", "/open/a"), HOST, NULL });
  trickle (f, NGHTTP2_DATA, "x", 1, NGHTTP2_HEADERS); /* nothing else than 408 answers half a request */
}

/* A window of one byte after the other. */
static void
test_trickling_reader (GwFront *f, gconstpointer data)
{
  f->service->settings.min_rate = 1000;
  f->service->settings.http2.max_control_frames = G_MAXINT;
  h2_raw_begin (&f->client);
  h2_raw_frame (&f->client, NGHTTP2_SETTINGS, 0, 0, "\0\4\0\0\0\0", 6);
  h2_raw_headers (&f->client, NGHTTP2_FLAG_END_STREAM, 1,
                  (const char *const[]){ REQUEST ("GET", "/open/large"), HOST, NULL });
  g_assert_cmpuint (trickle (f, NGHTTP2_WINDOW_UPDATE, "\0\0\0\1", 4, NGHTTP2_RST_STREAM), ==, NGHTTP2_CANCEL);
}

/* A client that gives no window for an answer. */
static void
test_slow_reader (GwFront *f, gconstpointer data)
{
  static const nghttp2_settings_entry no_window = { NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 1000 };
  static const char *const head[] = { REQUEST ("GET", "/open/large"), HOST, NULL };
  guint8 settings[6];
  H2RawFrame frame;
  nghttp2_hd_inflater *inflater;

  g_assert_cmpint (nghttp2_hd_inflate_new (&inflater), ==, 0);
  h2_raw_begin (&f->client);
  g_assert_cmpint (nghttp2_pack_settings_payload (settings, sizeof settings, &no_window, 1), ==, sizeof settings);
  h2_raw_frame (&f->client, NGHTTP2_SETTINGS, 0, 0, settings, sizeof settings);
  h2_raw_headers (&f->client, NGHTTP2_FLAG_END_STREAM, 1, head);
  g_assert_true (h2_raw_expect (&f->client, inflater, NGHTTP2_RST_STREAM, &frame));
  g_assert_cmpuint (frame.code, ==, NGHTTP2_CANCEL);
  nghttp2_hd_inflate_del (inflater);
}

static void
test_slow_head (GwFront *f, gconstpointer data)
{
  static const guint8 list[] = { 0, 1, 'x', 1, 'y' };

  h2_raw_begin (&f->client);
  h2_raw_frame (&f->client, NGHTTP2_HEADERS, NGHTTP2_FLAG_END_STREAM, 1, list, sizeof list);
  h2_raw_expect (&f->client, NULL, NGHTTP2_GOAWAY, &(H2RawFrame){ 0 }); /* until it ends */
  net_test_client_close (&f->client);
  net_test_client_plain (&f->client, f->port);
}

static gpointer
drain (gpointer data)
{
  GwFront *f = data;

  return GINT_TO_POINTER (net_reactor_drain (f->reactor, 60000));
}

/* What is under way when a drain begins is answered, and so is what the client sends before it has heard of it. */
static void
test_drain (GwFront *f, gconstpointer data)
{
  H2Client client;
  H2Call *late, *after;
  GThread *drainer;

  h2_client_start (&client, &f->client);
  expect (&client, "GET", "/open/a", NULL, 200, NULL);
  late = h2_client_call (&client, "GET", "/safe/a", NULL, 0, TOKEN ("late"));
  nghttp2_session_send (client.session);
  while (g_atomic_int_get (&f->manager.asked) < 2)
    g_usleep (1000);
  drainer = g_thread_new ("drain", drain, f);
  /* It is on its way before the notice is answered, whenever that comes. */
  after = h2_client_call (&client, "GET", "/open/b", NULL, 0, NULL);
  nghttp2_session_send (client.session);
  while (client.n_goaways == 0)
    g_assert_true (h2_client_turn (&client));
  if (client.n_goaways == 1)
    g_assert_cmpint (client.goaway_last, ==, G_MAXINT32);
  while (client.n_goaways < 2)
    g_assert_true (h2_client_turn (&client));
  g_assert_cmpuint (client.goaway_code, ==, NGHTTP2_NO_ERROR);
  /* Unless this machine took longer over it than the gateway waits, GW_H2_GOODBYE_MS. */
  if (client.goaway_last != late->id)
    {
      g_assert_cmpint (client.goaway_last, ==, after->id);
      h2_client_wait (&client, after);
      g_assert_cmpuint (after->status, ==, 200);
    }
  gw_front_answer_late (f);
  h2_client_wait (&client, late);
  g_assert_cmpuint (late->status, ==, 200);
  h2_client_wait_end (&client);
  net_test_client_close (&f->client);
  f->client = (NetTestClient){ .fd = -1 };
  g_assert_true (GPOINTER_TO_INT (g_thread_join (drainer)));
  h2_client_stop (&client);
}

/* A connection without requests is told the same way: the first GOAWAY ends nothing yet. */
static void
test_drain_idle (GwFront *f, gconstpointer data)
{
  static const char *const head[] = { REQUEST ("GET", "/open/a"), HOST, NULL };
  nghttp2_hd_inflater *inflater;
  H2RawFrame frame;
  GThread *drainer;

  g_assert_cmpint (nghttp2_hd_inflate_new (&inflater), ==, 0);
  h2_raw_begin (&f->client);
  h2_raw_headers (&f->client, NGHTTP2_FLAG_END_STREAM, 1, head);
  do
    g_assert_true (h2_raw_expect (&f->client, inflater, NGHTTP2_DATA, &frame));
  while ((frame.flags & NGHTTP2_FLAG_END_STREAM) == 0);
  drainer = g_thread_new ("drain", drain, f);
  g_assert_true (h2_raw_expect (&f->client, inflater, NGHTTP2_GOAWAY, &frame));
  g_assert_true (h2_raw_expect (&f->client, inflater, NGHTTP2_PING, &frame));
  h2_raw_frame (&f->client, NGHTTP2_PING, NGHTTP2_FLAG_ACK, 0, "goodbye", 8);
  g_assert_true (h2_raw_expect (&f->client, inflater, NGHTTP2_GOAWAY, &frame));
  g_assert_cmpuint (frame.code, ==, NGHTTP2_NO_ERROR);
  g_assert_false (h2_raw_expect (&f->client, inflater, NGHTTP2_GOAWAY, &frame));
  net_test_client_close (&f->client);
  f->client = (NetTestClient){ .fd = -1 };
  g_assert_true (GPOINTER_TO_INT (g_thread_join (drainer)));
  nghttp2_hd_inflate_del (inflater);
}

static void
test_recorded (GwFront *f, gconstpointer data)
{
  static const char *const fields[] = { "authorization", "Bearer good", "activityid", "77", NULL };
  g_autofree char *text = NULL;
  H2Client client;
  H2Call *call;

  h2_client_start (&client, &f->client);
  call = h2_client_call (&client, "POST", "/safe/a", "hello", 5, fields);
  h2_client_wait (&client, call);
  for (guint tries = 0; text == NULL || strchr (text, '\n') == NULL; tries++)
    {
      g_assert_cmpuint (tries, <, 1000);
      g_usleep (10000);
      g_clear_pointer (&text, g_free);
      g_assert_true (g_file_get_contents (f->log_path, &text, NULL, NULL));
    }
  g_assert_nonnull (strstr (text, "HTTP/2.0"));
  g_assert_nonnull (strstr (text, "\"status\":200"));
  g_assert_nonnull (strstr (text, "77"));
  g_assert_null (strstr (text, "good"));
  h2_client_stop (&client);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, data, test) g_test_add ("/gw-h2/" name, GwFront, data, gw_front_set_up, test, gw_front_tear_down)
  ADD ("calls", NULL, test_calls);
  ADD ("tls", NULL, test_tls);
  ADD ("bodies", NULL, test_bodies);
  ADD ("many", NULL, test_many);
  ADD ("late", NULL, test_late);
  ADD ("unwanted-body", NULL, test_unwanted_body);
  ADD ("client-resets", NULL, test_client_resets);
  ADD ("malformed", NULL, test_malformed);
  ADD ("lengths", NULL, test_lengths);
  ADD ("too-large", NULL, test_too_large);
  ADD ("large-head", NULL, test_large_head);
  ADD ("rapid-reset", NULL, test_rapid_reset);
  ADD ("floods", NULL, test_floods);
  ADD ("not-http2", NULL, test_not_http2);
  ADD ("drain", NULL, test_drain);
  ADD ("drain-idle", NULL, test_drain_idle);
  ADD ("recorded", NULL, test_recorded);
  ADD ("slow-body", "slow", test_slow_body);
  ADD ("slow-reader", "slow", test_slow_reader);
  ADD ("trickling-body", "slow", test_trickling_body);
  ADD ("trickling-reader", "slow", test_trickling_reader);
  ADD ("slow-head", "slow", test_slow_head);
  return g_test_run ();
}
