/* What a node is made of: a role is one part of the product that can be started in this process
 * (architecture 2). apimd/main.c owns the table of roles; a role never knows another. */
#ifndef APIM_ROLE_H
#define APIM_ROLE_H

#include "common/apim-clock.h"
#include "common/apim-config.h"

G_BEGIN_DECLS

typedef struct _NetReactor NetReactor;
typedef struct _NetHttpServer NetHttpServer;

/* What every role of the process shares. Owned by main; outlives the roles. */
typedef struct
{
  ApimConfig *config;        /* the snapshot the node was started with; a reload passes the new one */
  NetReactor *reactor;       /* workers and listeners */
  NetHttpServer *https;      /* the node's HTTPS port (9443 + offset): roles add their paths to it */
  const ApimClock *clock;
} ApimNode;

typedef struct
{
  const char *name; /* the profile that starts it, e.g. "api-key-manager" */
  /* Runs on the main thread before the listeners accept. (transfer full): the role's state; NULL with @error. */
  gpointer (*start) (ApimNode *node, GError **error);
  /* A new configuration snapshot was read and is valid; take what can change while running. Main thread. */
  void (*reload) (gpointer role, ApimConfig *config);
  /* After the reactor has drained. Main thread. Frees @role. */
  void (*stop) (gpointer role);
} ApimRole;

G_END_DECLS
#endif
