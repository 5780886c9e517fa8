/* What a node is made of: a role is one part of the product that can be started in this process
 * (architecture 2). apimd/main.c owns the table of roles; a role never knows another. */
#ifndef APIM_ROLE_H
#define APIM_ROLE_H

#include "common/apim-clock.h"
#include "common/apim-config.h"
#include "common/apim-pool.h"
#include "common/apim-status.h"

G_BEGIN_DECLS

typedef struct _NetReactor NetReactor;
typedef struct _NetHttpServer NetHttpServer;
typedef struct _NetTls NetTls;
typedef struct _CoreLockout CoreLockout;
typedef struct _CoreRateLimit CoreRateLimit;
typedef struct _SoapGuard SoapGuard;
typedef struct _ApimTenants ApimTenants;
typedef struct _KvDispatch KvDispatch;
typedef struct _GwKeyValidator GwKeyValidator;
typedef struct _GwBlockConditions GwBlockConditions;
typedef struct _KvThrottleData KvThrottleData;

/* What every role of the process shares. Owned by main; outlives the roles. */
typedef struct
{
  ApimConfig *config;        /* the newest valid snapshot */
  NetReactor *reactor;       /* workers and listeners */
  NetHttpServer *https;      /* the node's HTTPS port (9443 + offset): roles add their paths to it */
  NetTls *tls;               /* the node's keys; replaced before a reload is passed on */
  ApimPool *http_pool;       /* threads for HTTP handlers and logins that may block */
  ApimPool *portal_pool;     /* threads for the Publisher and the Store, which wait for gateways too */
  ApimPool *database_pool;   /* threads that wait for databases, on behalf of the data plane */
  CoreLockout *lockout;      /* of passwords: one for the doors of all roles, so that a second door gives no more tries */
  CoreRateLimit *sign_ups;   /* of strangers, likewise: at the Store and by SOAP */
  const ApimClock *clock;
  gboolean named_roles;      /* the roles were chosen, one by one, not all there are */
  gboolean has_gateway;      /* a gateway is among the roles: it reads the home's own repository/ */
  SoapGuard *soap_guard;     /* who may ask admin services: set by the role that has the user store; NULL: nobody */
  ApimTenants *tenants;      /* the same of tenants; NULL: nobody knows any */
  guint16 thrift_port;       /* set by the role that serves it; 0 = nobody does */
  KvDispatch *key_dispatch;  /* set by the Key Manager's role; NULL: it is not in this process */
  GwKeyValidator *key_validator; /* of the Key Manager in this process; NULL likewise */
  const char *gateway_mark;  /* a secret of this process, by which its HTTPS port knows calls of its own gateway */
  /* Set by the gateway's role; NULL: there is none here. Any thread; never blocks. @access_token: as clients show it. */
  void (*token_ended) (gpointer data, const char *access_token);
  gpointer token_ended_data;
  /* Somebody else in this process ended a token. Set by the Key Manager's role, which forgets it and tells gateways; NULL: it
   * is not in this process. Any thread; never blocks. @access_token: as it is stored. @consumer_key: (nullable). */
  void (*token_revoked) (gpointer data, const char *access_token, const char *consumer_key);
  gpointer token_revoked_data;
  KvThrottleData *throttle_data; /* set by the Key Manager's role; NULL likewise */
  GwBlockConditions *block_conditions; /* set by the gateway's role; NULL: it applies none, or asks other nodes for them */
  /* Somebody changed block conditions in this process. Set by whoever tells the gateway of them; NULL: nobody wants to
   * know. Any thread; never blocks. */
  void (*blocks_changed) (gpointer data);
  gpointer blocks_changed_data;
  guint16 gateway_http_port, gateway_https_port; /* set by the gateway's role; 0 = nobody serves them */
} ApimNode;

typedef struct
{
  const char *name; /* the profile that starts it, e.g. "api-key-manager" */
  /* Runs on the main thread before the listeners accept. (transfer full): the role's state; NULL with @error. */
  gpointer (*start) (ApimNode *node, GError **error);
  /* A new configuration snapshot was read and is valid; take what can change while running. Main thread. */
  void (*reload) (gpointer role, ApimConfig *config);
  /* Adds what the role has to tell. Main thread. */
  void (*status) (gpointer role, ApimStatus *status);
  /* After the workers and pools have ended: nothing calls the role any more. Main thread. Frees @role. */
  void (*stop) (gpointer role);
} ApimRole;

G_END_DECLS
#endif
