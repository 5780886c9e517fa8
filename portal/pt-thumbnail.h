/* Thumbnails of APIs over REST: read by the publisher and the store API alike, set by the former.
 * Threads: as handlers. */
#ifndef PT_THUMBNAIL_H
#define PT_THUMBNAIL_H

#include "core/core-api-thumbnail.h"
#include "portal/pt-request.h"

G_BEGIN_DECLS

/* The path's parameter is the API's id. The picture, under the type that its bytes have; 404 where the API
 * has none. */
gboolean pt_thumbnail_get (PtRequest *request, PtAnswer *answer, CoreAudience audience, GError **error);
/* A form with the file "file". 201 with WSO2's FileInfo and the API's new entity tag. */
gboolean pt_thumbnail_set (PtRequest *request, PtAnswer *answer, GError **error);

/* Additional: the API has none any more, whether it had one or not. */
gboolean pt_thumbnail_remove (PtRequest *request, PtAnswer *answer, GError **error);

/* The picture in @part (nullable: none), borrowed from it. Returns: @thumbnail or NULL. */
const CoreApiThumbnail *pt_thumbnail_of_part (const PtPart *part, CoreApiThumbnail *thumbnail);

G_END_DECLS
#endif
