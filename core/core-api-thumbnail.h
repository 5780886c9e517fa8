/* Thumbnails of APIs: which pictures are taken, and how they are set and read
 * (spec/publisher-store-workflows.md 1.1, 11). They are stored beside the API's artifact.
 *
 * What a picture is, its first bytes say, whatever a caller calls it: it is sent to browsers under that type.
 * @identifier: as for core_api_find(). Errors: CORE_PORTAL_ERROR. Threads: any; calls block. */
#ifndef CORE_API_THUMBNAIL_H
#define CORE_API_THUMBNAIL_H

#include "core/core-api-read.h"

G_BEGIN_DECLS

#define CORE_API_THUMBNAIL_MAX (1024 * 1024) /* bytes */

/* A picture that somebody else holds. */
typedef struct
{
  const char *bytes;
  gsize length;
} CoreApiThumbnail;

/* image/png, image/gif, image/jpeg, image/bmp (static); NULL: it is no such picture. Pure. */
const char *core_api_thumbnail_type (const CoreApiThumbnail *thumbnail);
/* What follows the dot in an archive: "png", "gif", "jpg", "bmp" (static). @type: as stored; NULL: it is none
 * of them. Pure. */
const char *core_api_thumbnail_extension (const char *type);
/* Adds what @thumbnail (nullable: fine) breaks, as "thumbnail". Pure. */
void core_api_thumbnail_check (const CoreApiThumbnail *thumbnail, GPtrArray *violations);

/* @thumbnail: (nullable): takes it away. @if_match: as in core-api-write.h. *etag: (out) (optional)
 * (transfer full): of the API afterwards. Needs CORE_MAY_CREATE. */
gboolean core_api_thumbnail_set (const CorePortal *portal, const CoreActor *actor, const char *identifier,
                                 const CoreApiThumbnail *thumbnail, const char *if_match, char **etag,
                                 GError **error);

/* Returns: (transfer full): NULL with CORE_PORTAL_ERROR_NOT_FOUND where there is none, or no such API for
 * this actor. *type: (out) (transfer full): its media type. */
GBytes *core_api_thumbnail_read (const CorePortal *portal, const CoreActor *actor, CoreAudience audience,
                                 const char *identifier, char **type, GError **error);

G_END_DECLS
#endif
