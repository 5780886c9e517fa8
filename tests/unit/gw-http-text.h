/* HTTP heads as tests write them, with "\n" for line ends. */
#ifndef GW_HTTP_TEXT_H
#define GW_HTTP_TEXT_H

#include "gateway/gw-api.h"
#include "net/net-buffer.h"
#include "net/net-http-response.h"

G_BEGIN_DECLS

/* A head that the parser takes; its texts live until the next call. (transfer none) */
const NetHttpRequest *gw_test_request (const char *head);
const NetHttpResponse *gw_test_response (const char *head);

/* What was appended, "\r\n" as "\n"; empties the buffer. Free with g_free(). */
char *gw_test_take (NetBuffer *buffer);

/* An API "/w/1" of version "1" with these handlers, without resources. */
GwApi *gw_test_api (guint handlers);
void gw_test_add_resource (GwApi *api, const char *mapping, guint methods);

G_END_DECLS
#endif
