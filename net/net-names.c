#include "config.h"
#include "net/net-names.h"
#include "common/apim-pool.h"
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

struct _NetNameQuery
{
  NetTask task; /* the way back */
  NetWorker *worker;
  NetNamesAnswered answered; /* worker; NULL: cancelled */
  gpointer data;
  NetAddresses *addresses; /* nullable */
  const char *why;
  NetNameQuery *next; /* of the same name */
};

/* One name; under the lock. */
typedef struct
{
  NetAddresses *addresses; /* nullable */
  gint64 resolved_us;
  const char *why; /* of the last failure; NULL: the last look-up went well */
  gint64 failed_us;
  gboolean resolving;
  NetNameQuery *queries; /* that wait */
} Name;

struct _NetNames
{
  NetResolve resolve;
  const ApimClock *clock;
  GMutex lock;
  GHashTable *table; /* under lock: Name by host */
  ApimPool *pool;    /* under lock; NULL until the first look-up */
  gint stopping;     /* atomic */
};

typedef struct
{
  ApimJob job;
  NetNames *names;
  char *host;
} LookUp;

NetAddresses *
net_addresses_ref (NetAddresses *addresses)
{
  g_atomic_int_inc (&addresses->ref_count);
  return addresses;
}

void
net_addresses_unref (NetAddresses *addresses)
{
  if (addresses != NULL && g_atomic_int_dec_and_test (&addresses->ref_count))
    g_free (addresses);
}

static NetAddresses *
addresses_new (void)
{
  NetAddresses *addresses = g_new0 (NetAddresses, 1);

  addresses->ref_count = 1;
  return addresses;
}

static NetAddresses *
read_literal (const char *host)
{
  struct sockaddr_in v4 = { .sin_family = AF_INET };
  struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
  NetAddresses *addresses;

  if (inet_pton (AF_INET, host, &v4.sin_addr) == 1)
    {
      addresses = addresses_new ();
      memcpy (&addresses->list[addresses->n++], &v4, sizeof v4);
      return addresses;
    }
  if (inet_pton (AF_INET6, host, &v6.sin6_addr) == 1)
    {
      addresses = addresses_new ();
      memcpy (&addresses->list[addresses->n++], &v6, sizeof v6);
      return addresses;
    }
  return NULL;
}

static gboolean
is_new (const NetAddresses *addresses, const struct addrinfo *info)
{
  for (guint i = 0; i < addresses->n; i++)
    if (memcmp (&addresses->list[i], info->ai_addr, info->ai_addrlen) == 0)
      return FALSE;
  return TRUE;
}

NetAddresses *
net_names_resolve (const char *host, const char **why, gboolean *gone)
{
  const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
  g_autoptr (NetAddresses) addresses = addresses_new ();
  struct addrinfo *found = NULL;
  int failed = getaddrinfo (host, NULL, &hints, &found);

  *gone = FALSE;
  if (failed != 0)
    {
      *gone = failed == EAI_NONAME;
#ifdef EAI_NODATA
      *gone |= failed == EAI_NODATA;
#endif
      *why = gai_strerror (failed);
      return NULL;
    }
  for (struct addrinfo *info = found; info != NULL && addresses->n < NET_NAMES_MAX_ADDRESSES;
       info = info->ai_next)
    if ((info->ai_family == AF_INET || info->ai_family == AF_INET6) && is_new (addresses, info))
      memcpy (&addresses->list[addresses->n++], info->ai_addr, info->ai_addrlen);
  freeaddrinfo (found);
  if (addresses->n > 0)
    return g_steal_pointer (&addresses);
  *why = "the name has no address of IPv4 or IPv6";
  *gone = TRUE;
  return NULL;
}

static void
query_run (NetTask *task, NetWorker *worker)
{
  NetNameQuery *query = (NetNameQuery *)task;

  if (query->answered != NULL)
    query->answered (query->data, query->addresses, query->why);
  net_addresses_unref (query->addresses);
  g_free (query);
}

static void
answer (NetNameQuery *queries, NetAddresses *addresses, const char *why)
{
  while (queries != NULL)
    {
      NetNameQuery *query = queries;

      queries = query->next;
      query->addresses = addresses != NULL ? net_addresses_ref (addresses) : NULL;
      query->why = why;
      net_worker_post (query->worker, &query->task);
    }
}

static void
name_free (Name *name)
{
  net_addresses_unref (name->addresses);
  g_free (name);
}

static gboolean
is_younger (gint64 since_us, gint64 now_us, gint64 ms)
{
  return now_us - since_us < ms * 1000;
}

/* Locked. */
static void
store (Name *name, NetAddresses *addresses, const char *why, gboolean gone, gint64 now_us)
{
  name->resolving = FALSE;
  name->why = addresses != NULL ? NULL : why;
  if (addresses == NULL)
    name->failed_us = now_us;
  if (addresses == NULL && !gone)
    return; /* what is remembered holds as long as it does */
  g_clear_pointer (&name->addresses, net_addresses_unref);
  if (addresses == NULL)
    return;
  name->addresses = net_addresses_ref (addresses);
  name->resolved_us = now_us;
}

/* The end of a look-up, whichever thread it is on. @addresses: nullable. */
static void
finish (NetNames *names, const char *host, NetAddresses *addresses, const char *why, gboolean gone)
{
  NetNameQuery *queries;
  Name *name;

  g_mutex_lock (&names->lock);
  name = g_hash_table_lookup (names->table, host); /* one that is being resolved is never forgotten */
  store (name, addresses, why, gone, apim_clock_monotonic_us (names->clock));
  queries = g_steal_pointer (&name->queries);
  g_mutex_unlock (&names->lock);
  answer (queries, addresses, why);
}

static void
look_up_free (LookUp *look_up)
{
  g_free (look_up->host);
  g_free (look_up);
}

static void
look_up_run (ApimJob *job)
{
  LookUp *look_up = (LookUp *)job;
  NetNames *names = look_up->names;
  const char *why = "the node stops";
  gboolean gone = FALSE;
  g_autoptr (NetAddresses) addresses = NULL;

  if (!g_atomic_int_get (&names->stopping))
    addresses = names->resolve (look_up->host, &why, &gone);
  finish (names, look_up->host, addresses, why, gone);
  look_up_free (look_up);
}

/* Locked. FALSE: too many wait. */
static gboolean
start_look_up (NetNames *names, const char *host, Name *name)
{
  LookUp *look_up;

  if (names->pool == NULL)
    names->pool = apim_pool_new ("names", NET_NAMES_THREADS, NET_NAMES_QUEUE);
  look_up = g_new0 (LookUp, 1);
  look_up->job.run = look_up_run;
  look_up->names = names;
  look_up->host = g_strdup (host);
  name->resolving = apim_pool_push (names->pool, &look_up->job);
  if (!name->resolving)
    look_up_free (look_up);
  return name->resolving;
}

/* Locked. Makes room by forgetting what is not fresh, or else what is not being asked for. */
static void
forget_some (NetNames *names, gint64 now_us)
{
  for (int pass = 0; pass < 2 && g_hash_table_size (names->table) >= NET_NAMES_MAX; pass++)
    {
      GHashTableIter iter;
      gpointer value;

      g_hash_table_iter_init (&iter, names->table);
      while (g_hash_table_iter_next (&iter, NULL, &value))
        {
          const Name *name = value;

          if (!name->resolving && (pass == 1 || !is_younger (name->resolved_us, now_us, NET_NAMES_FRESH_MS)))
            g_hash_table_iter_remove (&iter);
        }
    }
}

/* Locked. NULL: no room. */
static Name *
get_name (NetNames *names, const char *host, gint64 now_us)
{
  Name *name = g_hash_table_lookup (names->table, host);

  if (name != NULL)
    return name;
  forget_some (names, now_us);
  if (g_hash_table_size (names->table) >= NET_NAMES_MAX)
    return NULL;
  name = g_new0 (Name, 1);
  g_hash_table_insert (names->table, g_strdup (host), name);
  return name;
}

NetAddresses *
net_names_find (NetNames *names, const char *host)
{
  NetAddresses *found = read_literal (host);
  gint64 now_us;
  Name *name;

  if (found != NULL)
    return found;
  g_mutex_lock (&names->lock);
  now_us = apim_clock_monotonic_us (names->clock);
  name = g_hash_table_lookup (names->table, host);
  if (name != NULL && name->addresses != NULL
      && is_younger (name->resolved_us, now_us, NET_NAMES_FRESH_MS + NET_NAMES_STALE_MS))
    {
      found = net_addresses_ref (name->addresses);
      if (!is_younger (name->resolved_us, now_us, NET_NAMES_FRESH_MS) && !name->resolving
          && (name->why == NULL || !is_younger (name->failed_us, now_us, NET_NAMES_FAILED_MS)))
        start_look_up (names, host, name);
    }
  g_mutex_unlock (&names->lock);
  return found;
}

/* Locked. Returns: why it cannot be asked for now (static); NULL: the query waits. */
static const char *
enqueue (NetNames *names, const char *host, NetNameQuery *query)
{
  gint64 now_us = apim_clock_monotonic_us (names->clock);
  Name *name = get_name (names, host, now_us);

  if (name == NULL)
    return "too many names are being looked up";
  if (!name->resolving && name->why != NULL && is_younger (name->failed_us, now_us, NET_NAMES_FAILED_MS))
    return name->why;
  if (!name->resolving && !start_look_up (names, host, name))
    return "too many names are being looked up";
  query->next = name->queries;
  name->queries = query;
  return NULL;
}

NetNameQuery *
net_names_ask (NetNames *names, const char *host, NetWorker *worker, NetNamesAnswered answered, gpointer data)
{
  NetNameQuery *query = g_new0 (NetNameQuery, 1);
  const char *why;

  query->task.run = query_run;
  query->worker = worker;
  query->answered = answered;
  query->data = data;
  g_mutex_lock (&names->lock);
  why = enqueue (names, host, query);
  g_mutex_unlock (&names->lock);
  if (why != NULL)
    answer (query, NULL, why);
  return query;
}

void
net_name_query_cancel (NetNameQuery *query)
{
  query->answered = NULL;
}

NetNames *
net_names_new (NetResolve resolve, const ApimClock *clock)
{
  NetNames *names = g_new0 (NetNames, 1);

  names->resolve = resolve;
  names->clock = clock;
  g_mutex_init (&names->lock);
  names->table = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)name_free);
  return names;
}

void
net_names_free (NetNames *names)
{
  if (names == NULL)
    return;
  g_atomic_int_set (&names->stopping, TRUE);
  g_clear_pointer (&names->pool, apim_pool_free);
  g_hash_table_destroy (names->table);
  g_mutex_clear (&names->lock);
  g_free (names);
}
