/* An HTTP/2 client for tests, on a blocking socket: calls by libnghttp2, and frames by hand for what it would not send. */
#ifndef H2_CLIENT_H
#define H2_CLIENT_H

#include "tests/unit/net-test.h"

#include <nghttp2/nghttp2.h>

typedef struct
{
  gint32 id;
  guint status;     /* of the final head */
  guint n_interim;  /* heads before it */
  GString *headers; /* "name: value\n"... */
  GString *body;
  const char *upload; /* nullable; what is left of it */
  gsize upload_left;
  gboolean upload_open; /* more may come: the request does not end with it */
  gboolean closed;
  guint32 code; /* with which it closed */
} H2Call;

typedef struct
{
  NetTestClient *socket;
  nghttp2_session *session;
  GPtrArray *calls; /* of H2Call */
  guint n_goaways;
  guint32 goaway_code;
  gint32 goaway_last;
  gboolean ended; /* the server has ended the connection */
} H2Client;

/* Speaks on @socket, which is connected. */
void h2_client_start (H2Client *client, NetTestClient *socket);
void h2_client_stop (H2Client *client);

/* @fields: names and values in turn, NULL at the end; the pseudo fields are added: https or http by the socket, "a" for
 * :authority. @upload: nullable: no body; it must live until the call has closed. (transfer none) */
H2Call *h2_client_call (H2Client *client, const char *method, const char *path, const char *upload, gsize length,
                        const char *const *fields);
/* Sends what is due, and reads once; FALSE at the end of the connection. */
gboolean h2_client_turn (H2Client *client);
/* Until the call has closed; fails the test when the connection ends before. */
void h2_client_wait (H2Client *client, H2Call *call);
/* Until the connection has ended. */
void h2_client_wait_end (H2Client *client);

/* Frames by hand: the preface and an empty SETTINGS; any frame; a header list (names and values in turn, NULL at the end),
 * with END_HEADERS beside @flags. */
void h2_raw_begin (NetTestClient *socket);
void h2_raw_frame (NetTestClient *socket, guint8 type, guint8 flags, gint32 id, const void *payload, gsize length);
void h2_raw_headers (NetTestClient *socket, guint8 flags, gint32 id, const char *const *fields);
/* FALSE once the peer takes no more. */
gboolean h2_raw_try_frame (NetTestClient *socket, guint8 type, guint8 flags, gint32 id, const void *payload,
                           gsize length);

typedef struct
{
  gint32 id;
  guint8 type, flags;
  guint32 code;  /* of RST_STREAM and GOAWAY */
  guint status;  /* of HEADERS */
} H2RawFrame;

/* The next frame of @type; others are passed over. FALSE: the connection ended before. @inflater: for HEADERS, one for each
 * connection. */
gboolean h2_raw_expect (NetTestClient *socket, nghttp2_hd_inflater *inflater, guint8 type, H2RawFrame *frame);

#endif
