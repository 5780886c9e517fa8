/* Addresses of host names, looked up with getaddrinfo() (hosts file, DNS, whatever the machine is told) on a
 * few threads of their own, and remembered by the process.
 *
 * An answer is fresh for NET_NAMES_FRESH_MS: a backend that moves is followed. For NET_NAMES_STALE_MS more it
 * is still used at once, while a thread asks again: neither a slow name server nor one that is away for a
 * moment stops traffic. A name that is known not to exist is asked for again after NET_NAMES_FAILED_MS.
 * getaddrinfo() says nothing of the TTL of a record, so these times stand for it. Equal questions at the same
 * time are one look-up. Threads: said for each; a query belongs to one worker. */
#ifndef NET_NAMES_H
#define NET_NAMES_H

#include "common/apim-clock.h"
#include "net/net-worker.h"
#include <sys/socket.h>

G_BEGIN_DECLS

#define NET_NAMES_FRESH_MS 30000
#define NET_NAMES_STALE_MS 300000
#define NET_NAMES_FAILED_MS 2000
#define NET_NAMES_MAX 4096         /* names remembered */
#define NET_NAMES_MAX_ADDRESSES 16 /* of one name */
#define NET_NAMES_THREADS 4
#define NET_NAMES_QUEUE 1024 /* names waiting for one of them */

/* Immutable; in the order in which they are to be tried; ports are 0. */
typedef struct
{
  gint ref_count; /* atomic */
  guint n; /* at least one */
  struct sockaddr_storage list[NET_NAMES_MAX_ADDRESSES];
} NetAddresses;

NetAddresses *net_addresses_ref (NetAddresses *addresses);
void net_addresses_unref (NetAddresses *addresses); /* nullable */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NetAddresses, net_addresses_unref)

/* Asks the machine; blocks. Returns: NULL with *why (static) when there is none; then *gone says whether the
 * name does not exist, for all that is known, or could not be asked for. */
typedef NetAddresses *(*NetResolve) (const char *host, const char **why, gboolean *gone);
NetAddresses *net_names_resolve (const char *host, const char **why, gboolean *gone);

typedef struct _NetNames NetNames;
typedef struct _NetNameQuery NetNameQuery;

NetNames *net_names_new (NetResolve resolve, const ApimClock *clock);
/* Look-ups that have begun are waited for, those that have not are answered with an error. The workers must
 * still run. */
void net_names_free (NetNames *names); /* nullable */

/* What is known already, or an address that is written out; NULL: ask. (transfer full) Any thread. */
NetAddresses *net_names_find (NetNames *names, const char *host);

/* On the worker, never before net_names_ask() has returned. @addresses: NULL: there are none; @why: static.
 */
typedef void (*NetNamesAnswered) (gpointer data, NetAddresses *addresses, const char *why);

/* Worker. The query lives until it is answered or cancelled. */
NetNameQuery *net_names_ask (NetNames *names, const char *host, NetWorker *worker, NetNamesAnswered answered,
                             gpointer data);
/* Its answer will not come. Its worker. */
void net_name_query_cancel (NetNameQuery *query);

G_END_DECLS
#endif
