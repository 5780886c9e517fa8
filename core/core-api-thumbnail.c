#include "config.h"
#include "core/core-api-thumbnail.h"

#include "core/core-api-private.h"
#include "store/st-api-artifact.h"

#include <string.h>

typedef struct
{
  const char *magic;
  gsize length;
  const char *type;
  const char *extension;
} Picture;

/* "GIF8" is followed by 7a or 9a. A BMP's magic is two letters, so its file header is looked at too. */
static const Picture pictures[] = {
  { "\x89PNG\r\n\x1a\n", 8, "image/png", "png" },
  { "GIF87a", 6, "image/gif", "gif" },
  { "GIF89a", 6, "image/gif", "gif" },
  { "\xff\xd8\xff", 3, "image/jpeg", "jpg" },
  { "BM", 2, "image/bmp", "bmp" },
};

#define BMP_RESERVED 6     /* four bytes, zero */
#define BMP_HEADER_SIZE 14 /* of the header behind this one, little endian: 12 to 124 */
#define BMP_LEAST 18

static gboolean
is_bmp (const char *bytes, gsize length)
{
  static const guint8 nothing[4];
  const guint8 *header_size = (const guint8 *)bytes + BMP_HEADER_SIZE;

  return length > BMP_LEAST && memcmp (bytes + BMP_RESERVED, nothing, sizeof nothing) == 0
         && header_size[0] >= 12 && header_size[0] <= 124 && memcmp (header_size + 1, nothing, 3) == 0;
}

const char *
core_api_thumbnail_type (const CoreApiThumbnail *thumbnail)
{
  for (guint i = 0; i < G_N_ELEMENTS (pictures); i++)
    if (thumbnail->length > pictures[i].length
        && memcmp (thumbnail->bytes, pictures[i].magic, pictures[i].length) == 0)
      return !g_str_equal (pictures[i].type, "image/bmp") || is_bmp (thumbnail->bytes, thumbnail->length)
                 ? pictures[i].type
                 : NULL;
  return NULL;
}

const char *
core_api_thumbnail_extension (const char *type)
{
  for (guint i = 0; i < G_N_ELEMENTS (pictures); i++)
    if (g_strcmp0 (type, pictures[i].type) == 0)
      return pictures[i].extension;
  return NULL;
}

void
core_api_thumbnail_check (const CoreApiThumbnail *thumbnail, GPtrArray *violations)
{
  if (thumbnail == NULL)
    return;
  if (core_api_thumbnail_type (thumbnail) == NULL)
    core_violations_add (violations, "thumbnail",
                         "The thumbnail is neither a PNG nor a GIF nor a JPEG nor a BMP picture");
  if (thumbnail->length > CORE_API_THUMBNAIL_MAX)
    core_violations_add (violations, "thumbnail", "The thumbnail has more than %d bytes",
                         CORE_API_THUMBNAIL_MAX);
}

gboolean
core_api_store_thumbnail (StWriter *writer, gint64 api_id, const CoreApiThumbnail *thumbnail, GError **error)
{
  if (thumbnail == NULL)
    return st_write_thumbnail (writer, api_id, NULL, NULL, 0, error);
  return st_write_thumbnail (writer, api_id, core_api_thumbnail_type (thumbnail), thumbnail->bytes,
                             thumbnail->length, error);
}

typedef struct
{
  const CoreActor *actor;
  CoreAudience audience;
  const char *identifier;
  const char *if_match;
  const CoreApiThumbnail *thumbnail;
  CoreApi *api;    /* (out) */
  GBytes *content; /* (out) */
  char *type;      /* (out) */
} Call;

static void
call_clear (Call *call)
{
  g_clear_pointer (&call->api, core_api_free);
  g_clear_pointer (&call->content, g_bytes_unref);
  g_clear_pointer (&call->type, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Call, call_clear)

static gboolean
set (StWriter *writer, gpointer data, GError **error)
{
  Call *call = data;
  g_autoptr (CoreApi) api = core_api_lock (writer, call->actor, call->identifier, call->if_match, error);

  call_clear (call);
  if (api == NULL)
    return FALSE;
  if (api->uuid == NULL)
    return core_portal_fail (error, CORE_PORTAL_ERROR_CONFLICT,
                             "the API has no artifact of ours yet: change it, or import the registry, first");
  if (!core_api_store_thumbnail (writer, api->id, call->thumbnail, error))
    return FALSE;
  call->api = core_api_reload (writer, call->actor, api->id, error);
  return call->api != NULL;
}

gboolean
core_api_thumbnail_set (const CorePortal *portal, const CoreActor *actor, const char *identifier,
                        const CoreApiThumbnail *thumbnail, const char *if_match, char **etag, GError **error)
{
  g_auto (Call) call
      = { .actor = actor, .identifier = identifier, .if_match = if_match, .thumbnail = thumbnail };
  g_autoptr (GPtrArray) violations = core_violations_new ();
  g_autofree char *label = NULL;

  if (!core_actor_require (actor, CORE_MAY_CREATE, "change thumbnails of APIs", error))
    return FALSE;
  core_api_thumbnail_check (thumbnail, violations);
  if (!core_violations_check (violations, error) || !core_portal_write (portal, set, &call, error))
    return FALSE;
  label = core_api_identifier (call.api);
  core_portal_audit (portal, actor, thumbnail != NULL ? "set thumbnail" : "remove thumbnail", "API", label,
                     NULL);
  if (etag != NULL)
    *etag = core_api_etag (call.api);
  return TRUE;
}

static gboolean
read_thumbnail (StWriter *reader, gpointer data, GError **error)
{
  Call *call = data;
  g_autoptr (StApiRow) row = core_api_find_row (reader, call->actor, call->audience, call->identifier, error);

  call_clear (call);
  if (row == NULL || !st_read_thumbnail (reader, row->id, &call->content, error))
    return FALSE;
  call->type = g_strdup (row->thumbnail_type);
  return (call->content != NULL && call->type != NULL)
         || core_portal_fail (error, CORE_PORTAL_ERROR_NOT_FOUND, "The API has no thumbnail");
}

GBytes *
core_api_thumbnail_read (const CorePortal *portal, const CoreActor *actor, CoreAudience audience,
                         const char *identifier, char **type, GError **error)
{
  g_auto (Call) call = { .actor = actor, .audience = audience, .identifier = identifier };

  if (!core_api_require_audience (actor, audience, "see thumbnails in the Publisher", error)
      || !core_portal_read (portal, read_thumbnail, &call, error))
    return NULL;
  *type = g_steal_pointer (&call.type);
  return g_steal_pointer (&call.content);
}
