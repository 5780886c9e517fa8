/* Beside tests/unit/fake-net-conn: what net/ does for gw-upstream besides its connections. A connection that is asked for
 * is there with the next fake_connect_run(). Time stands still.
 *
 * Threads: the one that plays the worker. */
#ifndef FAKE_NET_CONNECT_H
#define FAKE_NET_CONNECT_H

#include "tests/unit/fake-net-conn.h"

G_BEGIN_DECLS

#define FAKE_CONNECT_MAX 64 /* between two fake_connect_free() */

/* Runs what is due, until nothing is. */
void fake_connect_run (void);

/* The connections that were made, in order: the backends' ends. At FAKE_CONNECT_MAX no more are made. */
guint fake_connect_count (void);
NetConn *fake_connect_conn (guint index);

/* Frees them, and forgets those that were asked for. */
void fake_connect_free (void);

G_END_DECLS
#endif
