#include "config.h"
#include "net/net-private.h"
#include <arpa/inet.h>

typedef struct
{
  guint8 address[16];
  guint count;
} Peer;

struct _NetPeers
{
  GMutex lock;
  GHashTable *table; /* of Peer, each its own key */
};

/* Peers choose their IPv6 addresses: without the seed they could choose colliding ones. */
static guint64 hash_seed;

static guint
hash_address (gconstpointer key)
{
  guint64 words[2];
  guint64 hash = hash_seed;

  memcpy (words, key, sizeof words);
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    {
      hash = (hash ^ words[i]) * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
      hash ^= hash >> 29;
    }
  return (guint) (hash >> 32);
}

static gboolean
equal_addresses (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, 16) == 0;
}

void
net_address_bytes (const struct sockaddr_storage *address, guint8 bytes[16])
{
  static const guint8 mapped[12] = { [10] = 0xff, [11] = 0xff };

  if (address->ss_family == AF_INET)
    {
      memcpy (bytes, mapped, sizeof mapped);
      memcpy (bytes + sizeof mapped, &((const struct sockaddr_in *) address)->sin_addr, 4);
    }
  else
    memcpy (bytes, &((const struct sockaddr_in6 *) address)->sin6_addr, 16);
}

void
net_address_text (const struct sockaddr_storage *address, char text[INET6_ADDRSTRLEN])
{
  const void *bytes = address->ss_family == AF_INET
                          ? (const void *) &((const struct sockaddr_in *) address)->sin_addr
                          : (const void *) &((const struct sockaddr_in6 *) address)->sin6_addr;

  inet_ntop (address->ss_family, bytes, text, INET6_ADDRSTRLEN);
}

NetPeers *
net_peers_new (void)
{
  static gsize seeded;
  NetPeers *peers = g_new0 (NetPeers, 1);

  if (g_once_init_enter (&seeded))
    {
      hash_seed = (guint64) g_random_int () << 32 | g_random_int ();
      g_once_init_leave (&seeded, 1);
    }
  g_mutex_init (&peers->lock);
  peers->table = g_hash_table_new_full (hash_address, equal_addresses, g_free, NULL);
  return peers;
}

void
net_peers_free (NetPeers *peers)
{
  g_hash_table_destroy (peers->table);
  g_mutex_clear (&peers->lock);
  g_free (peers);
}

gboolean
net_peers_add (NetPeers *peers, const guint8 address[16], guint limit)
{
  gboolean added = FALSE;
  Peer *peer;

  g_mutex_lock (&peers->lock);
  peer = g_hash_table_lookup (peers->table, address);
  if (peer == NULL)
    {
      peer = g_new0 (Peer, 1);
      memcpy (peer->address, address, sizeof peer->address);
      g_hash_table_add (peers->table, peer);
    }
  if (limit == 0 || peer->count < limit)
    {
      peer->count++;
      added = TRUE;
    }
  g_mutex_unlock (&peers->lock);
  return added;
}

void
net_peers_remove (NetPeers *peers, const guint8 address[16])
{
  Peer *peer;

  g_mutex_lock (&peers->lock);
  peer = g_hash_table_lookup (peers->table, address);
  if (peer != NULL && --peer->count == 0)
    g_hash_table_remove (peers->table, address);
  g_mutex_unlock (&peers->lock);
}
