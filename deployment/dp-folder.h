/* A folder that gateways read APIs from, by a shared file system, rsync or a checkout
 * (spec/gateway-and-traffic-manager.md 5.2): their repository/, with
 *   deployment/server/synapse-configs/default/{api,endpoints}/    of the super tenant,
 *   tenants/<id>/synapse-configs/default/{api,endpoints}/         of the others.
 *
 * A file appears or changes whole: it is written beside, synced and renamed. Nothing outside the folder is
 * ever touched, whatever an API is called, and symbolic links below it are not followed. A file that is as it
 * should be is left alone, so that gateways do not load it again. The folder itself must exist: it may be a
 * file system that is not mounted. Threads: as DpTarget. */
#ifndef DP_FOLDER_H
#define DP_FOLDER_H

#include "deployment/dp-target.h"

G_BEGIN_DECLS

/* @path: absolute. Opens nothing yet. */
DpTarget *dp_folder_new (const char *path);

G_END_DECLS
#endif
