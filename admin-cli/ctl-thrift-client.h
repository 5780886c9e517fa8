/* A client of any Key Manager, ours or WSO2's: login over HTTPS (spec/thrift-key-validation.md 4), then calls over
 * TLS (3, 6). The calls are written and read by the c_glib code generated from thrift/; GIO carries them, because
 * c_glib's own TLS socket has no time-outs and no host-name check. A reply is scanned for its bounds (tw_scan)
 * before the generated code sees it.
 *
 * Errors are CTL_ERROR: unreachable for connection, TLS and time; login when user and password were not taken;
 * failed otherwise.
 * Threads: one; calls block, all together at most for the time-out. */
#ifndef CTL_THRIFT_CLIENT_H
#define CTL_THRIFT_CLIENT_H

#include "thrift/gen-c_glib/apim_a_p_i_key_validation_service.h"

G_BEGIN_DECLS

typedef struct _CtlThriftClient CtlThriftClient;

/* Where the Key Manager is and how it is believed. */
typedef struct
{
  const char *https_server;     /* HOST[:PORT]; 9443 */
  const char *thrift_server;    /* HOST[:PORT]; 10397; nullable: the host of https_server */
  const char *web_context_root; /* nullable; "/x" */
  const char *ca_file;          /* nullable: the system's certificates */
  gboolean insecure;            /* believe any certificate */
  guint timeout_ms;             /* for everything */
} CtlPeer;

/* What is asked. Texts are not NULL. */
typedef struct
{
  gboolean handshake; /* validateKeyforHandshake: uses context, version and token only */
  const char *context;
  const char *version;
  const char *token;
  const char *level;
  const char *resource;
  const char *method;
} CtlQuestion;

/* Does not connect. NULL with CTL_ERROR_USAGE for addresses or certificates that cannot be used. */
CtlThriftClient *ctl_thrift_client_new (const CtlPeer *peer, GError **error);
void ctl_thrift_client_free (CtlThriftClient *client);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CtlThriftClient, ctl_thrift_client_free)

gboolean ctl_thrift_client_login (CtlThriftClient *client, const char *user, const char *password, GError **error);

/* After a login; without one the Key Manager refuses the call. Opens the connection with the first call.
 * Returns: (transfer full): the Key Manager's answer, granted or refused. */
ApimAPIKeyValidationInfoDTO *ctl_thrift_client_validate (CtlThriftClient *client, const CtlQuestion *question,
                                                         GError **error);

G_END_DECLS
#endif
