/* A TCP proxy between a MySQL client and a server's Unix socket, which stops forwarding at a chosen moment: to the
 * client the server hangs, and its connection stays open. Threads: the test's own calls these; the proxy has its own. */
#ifndef STALL_PROXY_H
#define STALL_PROXY_H

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  STALL_NEVER,
  STALL_GREETING, /* nothing of the server comes through */
  STALL_LOGIN,    /* nothing after the greeting does */
  STALL_COMMAND,  /* the chosen command does not reach the server */
  STALL_ANSWER,   /* of the answer to it, the first bytes come through */
} StallMoment;

typedef struct _StallProxy StallProxy;

/* Listens on a loopback port. */
StallProxy *stall_proxy_new (const char *server_socket);
/* Ends everything; clients see their connections closed. */
void stall_proxy_free (StallProxy *proxy);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StallProxy, stall_proxy_free)

guint16 stall_proxy_port (const StallProxy *proxy);
/* From now on each connection stalls there. @command: of the protocol (COM_QUERY is 3, COM_STMT_PREPARE 22,
 * COM_STMT_EXECUTE 23). @piece: nullable; a text in the command. */
void stall_proxy_set (StallProxy *proxy, StallMoment moment, guint8 command, const char *piece);
/* How many connections were stalled. */
guint stall_proxy_count (StallProxy *proxy);
/* How many connections there were. */
guint stall_proxy_connections (StallProxy *proxy);

G_END_DECLS
#endif
