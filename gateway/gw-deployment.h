/* What a gateway serves: the APIs, sequences and endpoints of its folders, followed while it runs
 * (spec/gateway-and-traffic-manager.md 5.2).
 *
 *   repository/deployment/server/synapse-configs/default/{api,sequences,endpoints}   of the super tenant
 *   repository/tenants/<id>/synapse-configs/default/{api,sequences,endpoints}        of the others
 *
 * A change is live within a second: one thread waits for it with inotify; where the folder is on a network file
 * system, which tells nothing, it looks twice a second. Only files *.xml that are not hidden count. Symbolic links
 * are followed. No file is ever written, moved or deleted here.
 *
 * What is broken never takes away what works: a file that cannot be read or is refused keeps what it last defined,
 * and the log says where it is broken (file, line, reason). So does a file that names an endpoint or a sequence that
 * has gone. A file that is being written is looked at again until it has been left alone for a second. A file counts
 * as removed when two looks in a row did not find it. A folder that cannot be read keeps everything it had. Two APIs
 * of one name, or of one context and version: the one that was there first is served, the other is named in the log.
 *
 * A file of a sequence that gateways bring along ("fault", "_auth_failure_handler_") has no effect, because what
 * they do is built in: that is noted in the log.
 *
 * Threads: the deployment's own thread reads files and makes snapshots. Workers take the newest one by
 * gw_deployment_routes(), which is one comparison while nothing changed: nobody posts anything to them, so a
 * deployment may end before or after the reactor. */
#ifndef GW_DEPLOYMENT_H
#define GW_DEPLOYMENT_H

#include "common/apim-status.h"
#include "common/apim-tenants.h"
#include "gateway/gw-catalog.h"
#include "gateway/gw-routes.h"

G_BEGIN_DECLS

#define GW_DEPLOYMENT_MAX_FILES 100000 /* of one folder; more are not looked at, which the log says */

typedef struct _GwDeployment GwDeployment;

/* @home: absolute. @n_workers: of the reactor. @key_managers: (nullable): as in GwSynapseKeys; a reference is kept. Reads all there is before it returns, however broken, and follows it
 * from then on. Folders that are missing are waited for. NULL with G_FILE_ERROR: no inotify, no thread. */
GwDeployment *gw_deployment_new (const char *home, guint n_workers, GPtrArray *key_managers, GError **error);
/* Ends the thread. After the workers' last gw_deployment_routes(). */
void gw_deployment_free (GwDeployment *deployment);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwDeployment, gw_deployment_free)

/* The newest snapshot. On the thread of the worker with the index @worker (net_worker_index()).
 * @changed: (out) (optional): it is another one than the worker's last call gave (TRUE for the first call): what is
 * remembered of resources should be forgotten.
 * (transfer none): until the worker's next call; a request that goes on for longer references its GwApi. */
GwRoutes *gw_deployment_routes (GwDeployment *deployment, guint worker, gboolean *changed);

/* The newest snapshot, on any thread. (transfer full) */
GwRoutes *gw_deployment_ref_routes (GwDeployment *deployment);

/* For those who write into the folders. Any thread but workers: they may wait for a look.
 *
 * Looks at all folders now. FALSE: that took longer than @timeout_ms. After TRUE everything that was there before the
 * call is served, or refused. */
gboolean gw_deployment_look (GwDeployment *deployment, guint timeout_ms);
/* gw_catalog_check() for the tenant. */
gboolean gw_deployment_check (GwDeployment *deployment, gint tenant_id, GwFileKind kind, const char *bytes,
                              gsize length, char **name, char **context, GError **error);
/* Why the newest content of a file is not served (transfer full); NULL: it is, or there is no such file. */
char *gw_deployment_problem (GwDeployment *deployment, gint tenant_id, GwFileKind kind, const char *file);
/* The file that defines @name (transfer full); NULL: none. */
char *gw_deployment_file (GwDeployment *deployment, gint tenant_id, GwFileKind kind, const char *name);
/* What a file defines (transfer full); NULL: nothing. */
char *gw_deployment_name (GwDeployment *deployment, gint tenant_id, GwFileKind kind, const char *file);
/* A file was deleted on purpose: it is served no more when this returns. */
void gw_deployment_forget (GwDeployment *deployment, gint tenant_id, GwFileKind kind, const char *file);
/* The folder of a kind, open, made where it is missing. -1 with errno. The caller closes it. */
int gw_deployment_open_folder (const GwDeployment *deployment, gint tenant_id, GwFileKind kind);

/* Of all tenants. Any thread but workers. */
void gw_deployment_count (GwDeployment *deployment, GwCatalogCounts *counts);
/* "gateway.apis", "gateway.files_refused", ... Any thread but workers. */
void gw_deployment_add_status (GwDeployment *deployment, ApimStatus *status);

G_END_DECLS
#endif
