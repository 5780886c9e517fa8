/* A Key Manager's Thrift port on a socket of its own, which answers, or does not, as a test wants; and the login of
 * gateways, as gw-upstream would bring it: this file takes the place of gw-upstream in the test's program.
 * Threads: as said. */
#ifndef FAKE_KEY_MANAGER_H
#define FAKE_KEY_MANAGER_H

#include "gateway/gw-upstream.h"
#include "thrift/tw-key-validation.h"

G_BEGIN_DECLS

typedef enum
{
  FAKE_KM_ANSWERS,
  FAKE_KM_REFUSES,        /* authorized=false, 900901 */
  FAKE_KM_EXCEPTION,      /* to every call */
  FAKE_KM_APP_EXCEPTION,  /* TApplicationException to every call */
  FAKE_KM_CLOSES,         /* instead of an answer */
  FAKE_KM_ONCE,           /* one answer per connection; it closes when the second call comes */
  FAKE_KM_SILENT,
  FAKE_KM_GARBAGE,
  FAKE_KM_WRONG_SEQUENCE,
  FAKE_KM_TALKATIVE,      /* an answer, and more behind it */
} FakeKmBehaviour;

typedef enum
{
  FAKE_KM_LOGIN_DONE,
  FAKE_KM_LOGIN_REFUSED,
  FAKE_KM_LOGIN_FAILED, /* no connection */
  FAKE_KM_LOGIN_500,
  FAKE_KM_LOGIN_RUBBISH,
  FAKE_KM_LOGIN_HANGS,
} FakeKmLogin;

typedef struct
{
  guint16 port; /* of Thrift, and of the login too */
  FakeKmBehaviour behaviour; /* atomic */
  FakeKmLogin login;         /* atomic */
  guint delay_ms;            /* before an answer */
  gint session;              /* atomic: the number of the one that counts: "session-<n>" */
  gint n_connections, n_calls, n_logins, n_busy, most_busy; /* atomic */

  /*< private >*/
  int fd;
  GThread *thread;
  GMutex lock;
  GPtrArray *threads; /* of connections */
  GArray *fds;        /* theirs */
} FakeKm;

/* @port: 0: any free one. */
void fake_km_start (FakeKm *km, guint16 port);
/* All its connections break. */
void fake_km_stop (FakeKm *km);

G_END_DECLS
#endif
