/* Sessions of a load balance: a client that a backend began a session with goes on there
 * (spec/gateway-and-traffic-manager.md 1.6: sessions of the type http).
 *
 * The original remembers which backend made which cookie. Here the client brings it along: the answer in which a backend
 * sets a cookie gets another one, whose value says which child of the group that was. So a session survives a restart, and
 * goes on at every gateway that has the same file. A child is named by a digest of its addresses: one that moves in the
 * file keeps its sessions, one that goes loses them. A session whose child is suspended goes on elsewhere, if its file
 * lets calls try others, as for any call.
 *
 * Clients may say what they like in the cookie: they choose among the group's children, as they might by trying.
 *
 * Threads: pure functions; the first one where endpoints are made. */
#ifndef GW_STICKY_H
#define GW_STICKY_H

#include "gateway/gw-endpoint.h"
#include "net/net-buffer.h"
#include "net/net-http-response.h"

G_BEGIN_DECLS

/* Makes the group one whose sessions stay: sets its routes and its cookie's name. Its children and its name are there. */
void gw_sticky_init (GwEndpoint *group);

/* The child that the request's cookie names; NULL: none. */
const GwEndpoint *gw_sticky_child (const GwEndpoint *group, const NetHttpRequest *request);

/* Appends a Set-Cookie line where the client's cookie does not name the child that answered, and either it names another
 * one or the answer begins a session, which is to say that it sets a cookie. @address: of the backend: that child or one below it. @secure: the
 * request came over HTTPS. */
void gw_sticky_append (const GwEndpoint *group, const GwEndpoint *address, const NetHttpRequest *request,
                       const NetHttpResponse *response, gboolean secure, NetBuffer *lines);

G_END_DECLS
#endif
