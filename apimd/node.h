/* A running node: reactor, HTTPS port, roles. What main.c starts, reloads, drains.
 * Threads: main thread. */
#ifndef APIMD_NODE_H
#define APIMD_NODE_H

#include "common/apim-config.h"
#include "common/apim-status.h"

G_BEGIN_DECLS

#define NODE_ERROR (node_error_quark ())
GQuark node_error_quark (void);
typedef enum
{
  NODE_ERROR_PROFILE, /* no such profile */
} NodeError;

typedef struct _Node Node;

/* Whether @name is a profile; "default" is all of them. FALSE with NODE_ERROR_PROFILE, which names those there are. */
gboolean node_check_profile (const char *name, GError **error);

/* Reads the files that @config names, as a start does: key store or own keys (which a first start makes, so that they may be
 * missing), trust store, certificates of signers and of identity providers. Warns of certificates out of their time.
 * FALSE with APIM_KEY_STORE_ERROR: the node would not start. */
gboolean node_check_files (const ApimConfig *config, GError **error);

/* Starts the roles of @profiles (NULL-terminated; empty = "default") and accepts connections. */
Node *node_start (ApimConfig *config, const char *const *profiles, GError **error);

/* The line that says what listens where, for the log. Free with g_free(). */
char *node_describe_listeners (const Node *node);

/* Collects what the node and its roles have to tell. */
void node_status (const Node *node, ApimStatus *status);

/* Takes @config and its certificates into use without dropping a connection. On FALSE everything stays as it was. */
gboolean node_reload (Node *node, ApimConfig *config, GError **error);

/* Answers what was read, closes, stops the roles, frees. TRUE when nothing had to be cut off. */
gboolean node_stop (Node *node);

G_END_DECLS
#endif
