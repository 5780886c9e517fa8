#include "config.h"
#include "common/apim-networks.h"

#include <arpa/inet.h>
#include <string.h>

#define ADDRESS_BITS 128
#define MAPPED_BITS 96

static const guint8 mapped[MAPPED_BITS / 8] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

typedef struct
{
  ApimAddress address;
  guint n_bits; /* of 128 */
} Network;

struct _ApimNetworks
{
  guint n;
  Network networks[APIM_NETWORKS_MAX];
};

gboolean
apim_address_read (const char *text, gsize length, ApimAddress *address)
{
  char copy[APIM_ADDRESS_TEXT];

  if (length == 0 || length >= sizeof copy)
    return FALSE;
  memcpy (copy, text, length);
  copy[length] = '\0';
  if (inet_pton (AF_INET6, copy, address->bytes) == 1)
    return TRUE;
  memcpy (address->bytes, mapped, sizeof mapped);
  return inet_pton (AF_INET, copy, address->bytes + sizeof mapped) == 1;
}

static gboolean
is_four (const ApimAddress *address)
{
  return memcmp (address->bytes, mapped, sizeof mapped) == 0;
}

void
apim_address_write (const ApimAddress *address, char text[APIM_ADDRESS_TEXT])
{
  gboolean four = is_four (address);

  inet_ntop (four ? AF_INET : AF_INET6, four ? address->bytes + sizeof mapped : address->bytes, text, APIM_ADDRESS_TEXT);
}

static gboolean
read_network (const char *word, Network *network)
{
  const char *slash = strchr (word, '/');
  gsize length = slash != NULL ? (gsize) (slash - word) : strlen (word);
  gint64 n_bits = ADDRESS_BITS;
  guint before;

  if (!apim_address_read (word, length, &network->address))
    return FALSE;
  /* "::/0" is every address, "::ffff:0:0/96" every one of IPv4; a text without a colon counts its bits from there. */
  before = memchr (word, ':', length) == NULL ? MAPPED_BITS : 0;
  if (slash != NULL && !g_ascii_string_to_signed (slash + 1, 10, 0, ADDRESS_BITS - before, &n_bits, NULL))
    return FALSE;
  network->n_bits = slash != NULL ? (guint) n_bits + before : ADDRESS_BITS;
  return TRUE;
}

ApimNetworks *
apim_networks_parse (const char *text, char **wrong)
{
  g_auto (GStrv) words = g_strsplit_set (text, ", \t\r\n", -1);
  g_autoptr (ApimNetworks) networks = g_new0 (ApimNetworks, 1);

  for (char **word = words; *word != NULL; word++)
    {
      if (**word == '\0')
        continue;
      if (networks->n == APIM_NETWORKS_MAX || !read_network (*word, &networks->networks[networks->n]))
        {
          *wrong = g_strdup (*word);
          return NULL;
        }
      networks->n++;
    }
  return g_steal_pointer (&networks);
}

void
apim_networks_free (ApimNetworks *networks)
{
  g_free (networks);
}

static gboolean
begins_alike (const guint8 *a, const guint8 *b, guint n_bits)
{
  guint n_bytes = n_bits / 8, rest = n_bits % 8;
  guint8 mask = (guint8) (0xff00 >> rest);

  return memcmp (a, b, n_bytes) == 0 && (rest == 0 || ((a[n_bytes] ^ b[n_bytes]) & mask) == 0);
}

gboolean
apim_networks_have (const ApimNetworks *networks, const ApimAddress *address)
{
  for (guint i = 0; i < networks->n; i++)
    if (begins_alike (networks->networks[i].address.bytes, address->bytes, networks->networks[i].n_bits))
      return TRUE;
  return FALSE;
}
