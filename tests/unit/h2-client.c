#include "config.h"
#include "tests/unit/h2-client.h"

#include <netinet/tcp.h>

#define MAX_FIELDS 32

/* As clients of HTTP/2 do: small frames are worth their packets. */
static void
set_no_delay (NetTestClient *socket)
{
  static const int on = 1;

  g_assert_cmpint (setsockopt (socket->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), ==, 0);
}

static gboolean
write_all (NetTestClient *socket, const guint8 *bytes, gsize length)
{
  while (length > 0)
    {
      gssize n = socket->ssl != NULL ? SSL_write (socket->ssl, bytes, (int) length)
                                     : send (socket->fd, bytes, length, MSG_NOSIGNAL);

      if (n <= 0)
        return FALSE;
      bytes += n;
      length -= (gsize) n;
    }
  return TRUE;
}

static gssize
read_some (NetTestClient *socket, guint8 *bytes, gsize room)
{
  return socket->ssl != NULL ? SSL_read (socket->ssl, bytes, (int) room) : recv (socket->fd, bytes, room, 0);
}

static ssize_t
on_send (nghttp2_session *session, const uint8_t *bytes, size_t length, int flags, void *data)
{
  H2Client *client = data;

  client->ended = !write_all (client->socket, bytes, length) || client->ended;
  return (ssize_t) length;
}

static int
on_header (nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name, size_t name_length,
           const uint8_t *value, size_t value_length, uint8_t flags, void *data)
{
  H2Call *call = nghttp2_session_get_stream_user_data (session, frame->hd.stream_id);

  if (g_str_equal ((const char *) name, ":status"))
    {
      call->n_interim += value[0] == '1';
      call->status = (guint) g_ascii_strtoull ((const char *) value, NULL, 10);
    }
  g_string_append_printf (call->headers, "%.*s: %.*s\n", (int) name_length, name, (int) value_length, value);
  return 0;
}

static int
on_data (nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *bytes, size_t length, void *data)
{
  H2Call *call = nghttp2_session_get_stream_user_data (session, id);

  g_string_append_len (call->body, (const char *) bytes, (gssize) length);
  return 0;
}

static int
on_frame (nghttp2_session *session, const nghttp2_frame *frame, void *data)
{
  H2Client *client = data;

  if (frame->hd.type != NGHTTP2_GOAWAY)
    return 0;
  client->n_goaways++;
  client->goaway_code = frame->goaway.error_code;
  client->goaway_last = frame->goaway.last_stream_id;
  return 0;
}

static int
on_close (nghttp2_session *session, int32_t id, uint32_t code, void *data)
{
  H2Call *call = nghttp2_session_get_stream_user_data (session, id);

  call->closed = TRUE;
  call->code = code;
  return 0;
}

static ssize_t
read_upload (nghttp2_session *session, int32_t id, uint8_t *bytes, size_t length, uint32_t *flags,
             nghttp2_data_source *source, void *data)
{
  H2Call *call = source->ptr;
  gsize n = MIN (length, call->upload_left);

  if (n == 0 && call->upload_open)
    return NGHTTP2_ERR_DEFERRED;
  memcpy (bytes, call->upload, n);
  call->upload += n;
  call->upload_left -= n;
  if (call->upload_left == 0 && !call->upload_open)
    *flags |= NGHTTP2_DATA_FLAG_EOF;
  return (ssize_t) n;
}

static void
call_free (gpointer data)
{
  H2Call *call = data;

  g_string_free (call->headers, TRUE);
  g_string_free (call->body, TRUE);
  g_free (call);
}

void
h2_client_start (H2Client *client, NetTestClient *socket)
{
  nghttp2_session_callbacks *callbacks;
  nghttp2_option *option;

  set_no_delay (socket);
  *client = (H2Client){ .socket = socket, .calls = g_ptr_array_new_with_free_func (call_free) };
  g_assert_cmpint (nghttp2_session_callbacks_new (&callbacks), ==, 0);
  nghttp2_session_callbacks_set_send_callback (callbacks, on_send);
  nghttp2_session_callbacks_set_on_header_callback (callbacks, on_header);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback (callbacks, on_data);
  nghttp2_session_callbacks_set_on_frame_recv_callback (callbacks, on_frame);
  nghttp2_session_callbacks_set_on_stream_close_callback (callbacks, on_close);
  g_assert_cmpint (nghttp2_option_new (&option), ==, 0);
  nghttp2_option_set_max_send_header_block_length (option, 1 << 20); /* more than a server takes */
  g_assert_cmpint (nghttp2_session_client_new2 (&client->session, callbacks, client, option), ==, 0);
  nghttp2_option_del (option);
  nghttp2_session_callbacks_del (callbacks);
  g_assert_cmpint (nghttp2_submit_settings (client->session, NGHTTP2_FLAG_NONE, NULL, 0), ==, 0);
}

void
h2_client_stop (H2Client *client)
{
  nghttp2_session_del (client->session);
  g_ptr_array_unref (client->calls);
}

static nghttp2_nv
nv (const char *name, const char *value)
{
  return (nghttp2_nv){ (uint8_t *) name, (uint8_t *) value, strlen (name), strlen (value), NGHTTP2_NV_FLAG_NONE };
}

static gsize
add_fields (nghttp2_nv *list, gsize n, const char *const *fields)
{
  for (; fields != NULL && fields[0] != NULL; fields += 2)
    {
      g_assert_cmpuint (n, <, MAX_FIELDS);
      list[n++] = nv (fields[0], fields[1]);
    }
  return n;
}

H2Call *
h2_client_call (H2Client *client, const char *method, const char *path, const char *upload, gsize length,
                const char *const *fields)
{
  H2Call *call = g_new0 (H2Call, 1);
  nghttp2_data_provider provider = { .source.ptr = call, .read_callback = read_upload };
  nghttp2_nv list[MAX_FIELDS];
  gsize n = 0;

  call->headers = g_string_new (NULL);
  call->body = g_string_new (NULL);
  call->upload = upload;
  call->upload_left = length;
  list[n++] = nv (":method", method);
  list[n++] = nv (":scheme", client->socket->ssl != NULL ? "https" : "http");
  list[n++] = nv (":authority", "a");
  list[n++] = nv (":path", path);
  n = add_fields (list, n, fields);
  call->id = nghttp2_submit_request (client->session, NULL, list, n, upload != NULL ? &provider : NULL, call);
  g_assert_cmpint (call->id, >, 0);
  g_ptr_array_add (client->calls, call);
  return call;
}

gboolean
h2_client_turn (H2Client *client)
{
  guint8 bytes[16384];
  gssize n;

  nghttp2_session_send (client->session);
  n = read_some (client->socket, bytes, sizeof bytes);
  if (n > 0 && nghttp2_session_mem_recv (client->session, bytes, (size_t) n) == n)
    nghttp2_session_send (client->session);
  else
    client->ended = TRUE;
  return !client->ended;
}

void
h2_client_wait (H2Client *client, H2Call *call)
{
  while (!call->closed)
    g_assert_true (h2_client_turn (client) || call->closed);
}

void
h2_client_wait_end (H2Client *client)
{
  while (h2_client_turn (client))
    ;
}

/* By hand. */

void
h2_raw_begin (NetTestClient *socket)
{
  set_no_delay (socket);
  g_assert_true (write_all (socket, (const guint8 *) NGHTTP2_CLIENT_MAGIC, NGHTTP2_CLIENT_MAGIC_LEN));
  h2_raw_frame (socket, NGHTTP2_SETTINGS, NGHTTP2_FLAG_NONE, 0, NULL, 0);
}

gboolean
h2_raw_try_frame (NetTestClient *socket, guint8 type, guint8 flags, gint32 id, const void *payload, gsize length)
{
  guint8 frame[9 + 16384] = { (guint8) (length >> 16), (guint8) (length >> 8), (guint8) length, type, flags,
                              (guint8) (id >> 24), (guint8) (id >> 16), (guint8) (id >> 8), (guint8) id };

  g_assert_cmpuint (length, <=, sizeof frame - 9);
  if (length > 0)
    memcpy (frame + 9, payload, length);
  return write_all (socket, frame, 9 + length);
}

void
h2_raw_frame (NetTestClient *socket, guint8 type, guint8 flags, gint32 id, const void *payload, gsize length)
{
  g_assert_true (h2_raw_try_frame (socket, type, flags, id, payload, length));
}

/* Literal fields without indexing (RFC 7541 6.2.2), whose names nobody makes lower-case. */
static void
append_literal (GByteArray *block, const char *text)
{
  guint8 length = (guint8) strlen (text);

  g_assert_cmpuint (strlen (text), <, 127);
  g_byte_array_append (block, &length, 1);
  g_byte_array_append (block, (const guint8 *) text, length);
}

void
h2_raw_headers (NetTestClient *socket, guint8 flags, gint32 id, const char *const *fields)
{
  g_autoptr (GByteArray) block = g_byte_array_new ();

  for (; fields[0] != NULL; fields += 2)
    {
      g_byte_array_append (block, (const guint8 *) "", 1);
      append_literal (block, fields[0]);
      append_literal (block, fields[1]);
    }
  h2_raw_frame (socket, NGHTTP2_HEADERS, flags | NGHTTP2_FLAG_END_HEADERS, id, block->data, block->len);
}

static gboolean
read_all (NetTestClient *socket, guint8 *bytes, gsize length)
{
  while (length > 0)
    {
      gssize n = read_some (socket, bytes, length);

      if (n <= 0)
        return FALSE;
      bytes += n;
      length -= (gsize) n;
    }
  return TRUE;
}

static guint32
read_number (const guint8 *bytes)
{
  return (guint32) bytes[0] << 24 | (guint32) bytes[1] << 16 | (guint32) bytes[2] << 8 | bytes[3];
}

static guint
inflate_status (nghttp2_hd_inflater *inflater, const guint8 *bytes, gsize length)
{
  guint status = 0;
  int flags = 0;

  while ((flags & NGHTTP2_HD_INFLATE_FINAL) == 0)
    {
      nghttp2_nv field;
      ssize_t used = nghttp2_hd_inflate_hd2 (inflater, &field, &flags, bytes, length, 1);

      g_assert_cmpint (used, >=, 0);
      bytes += used;
      length -= (gsize) used;
      if ((flags & NGHTTP2_HD_INFLATE_EMIT) != 0 && memcmp (field.name, ":status", 7) == 0)
        status = (guint) g_ascii_strtoull ((const char *) field.value, NULL, 10);
    }
  nghttp2_hd_inflate_end_headers (inflater);
  return status;
}

gboolean
h2_raw_expect (NetTestClient *socket, nghttp2_hd_inflater *inflater, guint8 type, H2RawFrame *frame)
{
  guint8 header[9], payload[16384];

  for (;;)
    {
      gsize length;

      if (!read_all (socket, header, sizeof header))
        return FALSE;
      length = (gsize) header[0] << 16 | (gsize) header[1] << 8 | header[2];
      g_assert_cmpuint (length, <=, sizeof payload);
      if (!read_all (socket, payload, length))
        return FALSE;
      *frame = (H2RawFrame){ (gint32) read_number (header + 5), header[3], header[4], 0, 0 };
      if (frame->type == NGHTTP2_HEADERS)
        frame->status = inflate_status (inflater, payload, length);
      if (frame->type == NGHTTP2_RST_STREAM)
        frame->code = read_number (payload);
      if (frame->type == NGHTTP2_GOAWAY)
        frame->code = read_number (payload + 4);
      if (frame->type == type)
        return TRUE;
    }
}
