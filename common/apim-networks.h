/* Addresses and networks of a configuration file: "10.0.0.7, 10.1.0.0/16, fd00::/8, ::1". IPv4 addresses that are written
 * the way IPv6 does it (::ffff:10.0.0.7) are IPv4 addresses. Threads: immutable. */
#ifndef APIM_NETWORKS_H
#define APIM_NETWORKS_H

#include <glib.h>

G_BEGIN_DECLS

#define APIM_NETWORKS_MAX 256
/* Bytes of an address as a text, with its end. */
#define APIM_ADDRESS_TEXT 46

typedef struct _ApimNetworks ApimNetworks;

/* With commas or blanks between them. NULL: one of them is none, or there are too many; *wrong (transfer full): which. */
ApimNetworks *apim_networks_parse (const char *text, char **wrong);
void apim_networks_free (ApimNetworks *networks);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ApimNetworks, apim_networks_free)

/* An address, in one form for each: apim_address_read() of its text gives the same bytes. */
typedef struct
{
  guint8 bytes[16];
} ApimAddress;

/* FALSE: @text is no address. */
gboolean apim_address_read (const char *text, gsize length, ApimAddress *address);
void apim_address_write (const ApimAddress *address, char text[APIM_ADDRESS_TEXT]);

gboolean apim_networks_have (const ApimNetworks *networks, const ApimAddress *address);

G_END_DECLS
#endif
