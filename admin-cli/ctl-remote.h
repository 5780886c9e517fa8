/* The objects of manifests as a server has them: read in the manifests' own form, compared with what is wanted, and
 * brought to it. Threads: one. */
#ifndef CTL_REMOTE_H
#define CTL_REMOTE_H

#include "admin-cli/ctl-change.h"
#include "admin-cli/ctl-manifest.h"

G_BEGIN_DECLS

/* One object on the server. */
typedef struct
{
  char *id;       /* NULL: it is not there */
  char *etag;     /* nullable */
  JsonNode *raw;  /* as REST has it; NULL: it is not there */
  JsonNode *spec; /* as a manifest has it, without secrets; NULL: it is not there */
} CtlRemote;

void ctl_remote_free (CtlRemote *remote);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CtlRemote, ctl_remote_free)

/* What the server has for @wanted, which may be nothing. NULL with CTL_ERROR. */
CtlRemote *ctl_remote_find (CtlRest *rest, const CtlObject *wanted, GError **error);

/* Everything of one kind. (transfer full) (element-type CtlObject): sorted by key. */
GPtrArray *ctl_remote_all (CtlRest *rest, CtlKind kind, GError **error);
/* One API. */
CtlObject *ctl_remote_api (CtlRest *rest, const char *reference, GError **error);

/* Adds the names of the fields of @wanted that the server has otherwise. (element-type utf8), owned by @fields. */
void ctl_remote_compare (const CtlObject *wanted, const CtlRemote *remote, GPtrArray *fields);

/* Brings the server to @wanted. @fields: as ctl_remote_compare() found them. FALSE with CTL_ERROR. */
gboolean ctl_remote_apply (CtlCall *call, CtlRest *rest, const CtlObject *wanted, const CtlRemote *remote,
                           const GPtrArray *fields, GError **error);
gboolean ctl_remote_delete (CtlCall *call, CtlRest *rest, const CtlObject *object, const CtlRemote *remote,
                            GError **error);

/* A member of @spec as a person reads it in a difference: secrets masked, long values cut. Free with g_free(). */
char *ctl_remote_shown (JsonNode *spec, const char *field);

G_END_DECLS
#endif
