/* Where the access token of a request is, and what else of a request the Key Manager is told
 * (spec/gateway-and-traffic-manager.md 1.5).
 *
 * Not as the original: a request with two Authorization headers is refused, because whoever stands before or
 * behind us may look at the other one; so is one that names two tokens in one header.
 *
 * Threads: pure functions; nothing is allocated. */
#ifndef GW_CREDENTIALS_H
#define GW_CREDENTIALS_H

#include "common/apim-config.h"
#include "gateway/gw-api.h"
#include "net/net-http-request.h"

G_BEGIN_DECLS

/* Of a node; APIs of 2.2 and later may name a header of their own. */
typedef struct
{
  ApimGatewayGeneration generation;
  const char *header;        /* AuthorizationHeader; 1.x: OAuthHeader; "Authorization" */
  const char *segment;       /* the word before the token; 1.x: KeyHeaderSegment; "Bearer" */
  const char *delimiter;     /* between both; 1.x: KeySegmentDelimiter; " " */
  char separator;            /* between the parts of a value; 1.x: OAuthHeaderSplitter; ',' */
  gboolean keeps_header;     /* RemoveOAuthHeadersFromOutMessage is false */
  const char *client_domain; /* ClientDomainHeader; "referer" */
} GwCredentialsSettings;

/* The defaults of a release. (transfer none): static. */
const GwCredentialsSettings *gw_credentials_standard_settings (ApimGatewayGeneration generation);

typedef enum
{
  GW_CREDENTIALS_NONE, /* 900902 */
  GW_CREDENTIALS_FOUND,
  GW_CREDENTIALS_AMBIGUOUS, /* 900901: two headers, or two tokens */
} GwCredentials;

/* The header that carries the token of calls to @api. */
const char *gw_credentials_header (const GwCredentialsSettings *settings, const GwApi *api);
/* Whether that header goes on to the backend (1.5 item 3). */
gboolean gw_credentials_keeps_header (const GwCredentialsSettings *settings, const GwApi *api);

/* @token: (out): into the request; only when FOUND, and then at least a byte long. */
GwCredentials gw_credentials_find (const GwCredentialsSettings *settings, const GwApi *api,
                                   const NetHttpRequest *request, NetHttpText *token);

/* The value of the client domain header, as sent. FALSE: none. */
gboolean gw_credentials_client_domain (const GwCredentialsSettings *settings, const NetHttpRequest *request,
                                       NetHttpText *domain);

/* The client's address: the first entry of X-Forwarded-For, else @peer (1.5). */
NetHttpText gw_credentials_client_address (const NetHttpRequest *request, const char *peer);

G_END_DECLS
#endif
