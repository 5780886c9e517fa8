/* Who sent a request that came through proxies: X-Forwarded-For, believed of proxies that the operator names, of the gateway
 * in this process, and of nobody else. The gateway shows a mark: its address is that of everybody on this machine.
 *
 * Every proxy appends the address that it sees to the list. So it is read from its end: as long as an address is a trusted
 * proxy's, the one before it was written by that proxy, and is true; the first other one is the client. What a client
 * wrote itself stands further to the left and is never looked at.
 *
 * Threads: pure functions. */
#ifndef NET_HTTP_CLIENT_ADDRESS_H
#define NET_HTTP_CLIENT_ADDRESS_H

#include "common/apim-networks.h"
#include "net/net-http-request.h"

G_BEGIN_DECLS

/* The header with the mark. */
#define NET_HTTP_GATEWAY_MARK "X-Apim-Gateway"

/* Who is believed. Both borrowed. */
typedef struct
{
  const ApimNetworks *proxies; /* nullable: none */
  const char *gateway_mark;    /* nullable: there is no gateway in this process */
} NetHttpTrust;

/* @peer: whoever connected. @client: (out): what @peer is, or the client that it speaks for. An entry that is no address
 * ends the search: the proxy behind it is as far as is known. */
void net_http_client_address (const NetHttpTrust *trust, const NetHttpRequest *request, const char *peer,
                              char client[APIM_ADDRESS_TEXT]);

G_END_DECLS
#endif
