#include "config.h"
#include "portal/pt-thumbnail.h"

#include "portal/pt-error.h"

gboolean
pt_thumbnail_get (PtRequest *request, PtAnswer *answer, CoreAudience audience, GError **error)
{
  g_autofree char *type = NULL;
  GBytes *picture = core_api_thumbnail_read (&request->core, request->actor, audience, request->parameters[0],
                                             &type, error);

  if (picture == NULL)
    return FALSE;
  pt_answer_bytes (answer, picture, type);
  return TRUE;
}

const CoreApiThumbnail *
pt_thumbnail_of_part (const PtPart *part, CoreApiThumbnail *thumbnail)
{
  if (part == NULL)
    return NULL;
  *thumbnail = (CoreApiThumbnail){ part->bytes, part->length };
  return thumbnail;
}

gboolean
pt_thumbnail_set (PtRequest *request, PtAnswer *answer, GError **error)
{
  const char *id = request->parameters[0];
  CoreApiThumbnail picture;
  const CoreApiThumbnail *thumbnail
      = pt_thumbnail_of_part (pt_multipart_find (request->files, "file"), &picture);
  g_autofree char *path = g_strdup_printf ("/apis/%s/thumbnail", id);
  g_autofree char *etag = NULL;

  if (thumbnail == NULL)
    return pt_fail (error, PT_ERROR_BAD_REQUEST, "The form must have the file \"file\".");
  if (!core_api_thumbnail_set (&request->core, request->actor, id, thumbnail, request->if_match, &etag,
                               error))
    return FALSE;
  g_string_append_c (answer->json, '{');
  core_json_append_member (answer->json, "relativePath", path);
  core_json_append_member (answer->json, "mediaType", core_api_thumbnail_type (thumbnail));
  g_string_append_c (answer->json, '}');
  pt_answer_created (answer, "%s", path);
  pt_answer_set_etag (answer, etag);
  return TRUE;
}

gboolean
pt_thumbnail_remove (PtRequest *request, PtAnswer *answer, GError **error)
{
  g_autofree char *etag = NULL;

  if (!core_api_thumbnail_set (&request->core, request->actor, request->parameters[0], NULL,
                               request->if_match, &etag, error))
    return FALSE;
  pt_answer_set_etag (answer, etag);
  return TRUE;
}
