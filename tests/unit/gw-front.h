/* A gateway that tests talk to on a real socket: a fake Key Manager, and net's HTTP server as the backend.
 *
 * APIs: /safe asks for a token ("good" passes, "late" when the test says so, others do not), /open for none, /half as well
 * but at /half/public; /changed sends
 * another body; /fixed answers by itself, 503; /manager is a Key Manager's, /liar only looks like one.
 * The backend says of a request its method, target, length of body and JWT; /large is BODY_SIZE bytes. */
#ifndef GW_FRONT_H
#define GW_FRONT_H

#include "gateway/gw-connection.h"
#include "gateway/gw-exchange.h"
#include "gateway/gw-synapse.h"
#include "net/net-http-server.h"
#include "tests/unit/net-test.h"

#define BODY_SIZE 300000

typedef struct
{
  GwKeyValidator validator;
  GMutex lock;
  GwKeyQuestion *late; /* under lock */
  gint asked;          /* atomic */
} FakeKeyManager;

typedef struct
{
  FakeKeyManager manager;
  NetReactor *backend_reactor, *reactor;
  NetHttpServer *backend;
  guint16 backend_port, port;
  GwRoutes *routes;
  gboolean seen;
  GwAuthenticator *authenticator;
  GwUpstream *upstream;
  GwUsage *usage;
  char *log_path;
  GwAccessLog *access_log;
  GwService *service;
  GwDoor door, tls_door;
  NetTestClient client; /* connected, without TLS */
} GwFront;

/* @data: of the test, not NULL: with time-outs of 100 ms. Used by g_test_add(). */
void gw_front_set_up (GwFront *f, gconstpointer data);
void gw_front_tear_down (GwFront *f, gconstpointer data);

/* Another door of the same gateway, with TLS, by net_test_tls(). Returns: its port. */
guint16 gw_front_listen_tls (GwFront *f);

/* Waits for the question about "late", and grants it. */
void gw_front_answer_late (GwFront *f);

#endif
