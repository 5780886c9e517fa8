/* Thumbnails of APIs: which bytes are a picture, and on real databases a picture that comes with its API or
 * not at all, is set, seen, replaced and taken away. */
#include "config.h"

#include "core/core-api-write.h"
#include "tests/lib/portal-world.h"

#include <string.h>

#define PNG "\x89PNG\r\n\x1a\n\0pixels"
#define GIF "GIF89a other pixels"

static const CoreApiThumbnail png = { PNG, sizeof PNG - 1 }, gif = { GIF, sizeof GIF - 1 };

static void
test_types (void)
{
#define BYTES(text)                                                                                          \
  {                                                                                                          \
    (text), sizeof (text) - 1                                                                                \
  }
  static const struct
  {
    CoreApiThumbnail thumbnail;
    const char *type, *extension;
  } cases[] = {
    { BYTES (PNG), "image/png", "png" },
    { BYTES (GIF), "image/gif", "gif" },
    { BYTES ("GIF87a!"), "image/gif", "gif" },
    { BYTES ("\xff\xd8\xff\xe0 JFIF"), "image/jpeg", "jpg" },
    { BYTES ("BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0pixels"), "image/bmp", "bmp" },
    { BYTES ("BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x01\0\0\0pixels"), NULL, NULL },
    { BYTES ("BM\x46\0\0\0\0\0\0\x01\x36\0\0\0\x28\0\0\0pixels"), NULL, NULL },
    { BYTES ("BMW is no picture at all, but words"), NULL, NULL },
    { BYTES ("BM"), NULL, NULL },
    { BYTES ("\x89PNG\r\n\x1a\n"), NULL, NULL }, /* and nothing behind it */
    { BYTES ("GIF88a picture"), NULL, NULL },
    { BYTES ("<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>"), NULL, NULL },
    { BYTES ("<html>"), NULL, NULL },
    { BYTES (""), NULL, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const char *type = core_api_thumbnail_type (&cases[i].thumbnail);
      g_autoptr (GPtrArray) violations = core_violations_new ();

      g_assert_cmpstr (type, ==, cases[i].type);
      g_assert_cmpstr (core_api_thumbnail_extension (type), ==, cases[i].extension);
      core_api_thumbnail_check (&cases[i].thumbnail, violations);
      g_assert_cmpuint (violations->len, ==, type != NULL ? 0 : 1);
    }
}

static void
test_size (void)
{
  g_autofree char *bytes = g_malloc0 (CORE_API_THUMBNAIL_MAX + 1);
  const CoreApiThumbnail most = { bytes, CORE_API_THUMBNAIL_MAX },
                         more = { bytes, CORE_API_THUMBNAIL_MAX + 1 };
  g_autoptr (GPtrArray) violations = core_violations_new ();

  memcpy (bytes, PNG, sizeof PNG);
  core_api_thumbnail_check (&most, violations);
  core_api_thumbnail_check (NULL, violations);
  g_assert_cmpuint (violations->len, ==, 0);
  core_api_thumbnail_check (&more, violations);
  g_assert_cmpuint (violations->len, ==, 1);
}

static CoreApi *
weather (void)
{
  CoreApi *api = core_api_new ();

  core_api_set_text (&api->name, "Weather");
  core_api_set_text (&api->version, "1.0.0");
  core_api_set_text (&api->context_template, "/weather");
  return api;
}

static void
assert_picture (PortalWorld *stage, const CoreActor *actor, CoreAudience audience, const CoreApi *api,
                const CoreApiThumbnail *expected, const char *expected_type)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *type = NULL;
  g_autoptr (GBytes) picture
      = core_api_thumbnail_read (&stage->portal, actor, audience, api->uuid, &type, &error);

  if (expected == NULL)
    {
      g_assert_error (error, CORE_PORTAL_ERROR, CORE_PORTAL_ERROR_NOT_FOUND);
      return;
    }
  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (picture, NULL), g_bytes_get_size (picture), expected->bytes,
                   expected->length);
  g_assert_cmpstr (type, ==, expected_type);
}

/* The API and its picture are written together or not at all. */
static void
test_with_its_api (WriteWorld *world)
{
  g_autoptr (PortalWorld) stage = NULL;
  g_autoptr (CoreApi) wanted = weather ();
  g_autoptr (CoreApi) api = NULL;
  g_autoptr (CoreApi) changed = NULL;
  g_autoptr (GError) why = NULL;
  const CoreApiThumbnail words = { "<html>", 6 };

  if (!write_world_has (world, ST_CAP_API_ARTIFACT))
    return;
  stage = portal_world_new (world);
  PORTAL_REFUSE (CORE_PORTAL_ERROR_INVALID, "picture",
                 core_api_create_with_thumbnail (&stage->portal, stage->publisher, wanted, 0, &words, &error)
                     != NULL);
  g_assert_cmpint (write_world_number (world, "SELECT COUNT(*) FROM AM_API"), ==, 0);
  api = core_api_create_with_thumbnail (&stage->portal, stage->publisher, wanted, 0, &png, &why);
  g_assert_no_error (why);
  g_assert_cmpstr (api->thumbnail_type, ==, "image/png");
  assert_picture (stage, stage->publisher, CORE_AUDIENCE_PUBLISHER, api, &png, "image/png");

  core_api_set_text (&wanted->description, "with a refused picture");
  PORTAL_REFUSE (CORE_PORTAL_ERROR_INVALID, "picture",
                 core_api_update_with_thumbnail (&stage->portal, stage->publisher, api->uuid, wanted, &words,
                                                 NULL, NULL, &error));
  PORTAL_DO (core_api_update_with_thumbnail (&stage->portal, stage->publisher, api->uuid, api, &gif, NULL,
                                             &changed, &error));
  g_assert_null (changed->description);
  g_assert_cmpstr (changed->thumbnail_type, ==, "image/gif");
  assert_picture (stage, stage->publisher, CORE_AUDIENCE_PUBLISHER, api, &gif, "image/gif");
  PORTAL_DO (core_api_update (&stage->portal, stage->publisher, api->uuid, changed, NULL, NULL, &error));
  assert_picture (stage, stage->publisher, CORE_AUDIENCE_PUBLISHER, api, &gif, "image/gif");
}

static void
test_set (WriteWorld *world)
{
  g_autoptr (PortalWorld) stage = NULL;
  g_autoptr (CoreApi) wanted = weather ();
  g_autoptr (CoreApi) api = NULL;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  if (!write_world_has (world, ST_CAP_API_ARTIFACT))
    return;
  stage = portal_world_new (world);
  api = core_api_create (&stage->portal, stage->publisher, wanted, 0, NULL);
  assert_picture (stage, stage->publisher, CORE_AUDIENCE_PUBLISHER, api, NULL, NULL);
  PORTAL_REFUSE (CORE_PORTAL_ERROR_FORBIDDEN, "change thumbnails",
                 core_api_thumbnail_set (&stage->portal, stage->alice, api->uuid, &png, NULL, NULL, &error));
  PORTAL_REFUSE (
      CORE_PORTAL_ERROR_NOT_FOUND, "no-such-api",
      core_api_thumbnail_set (&stage->portal, stage->publisher, "no-such-api", &png, NULL, NULL, &error));
  PORTAL_DO (
      core_api_thumbnail_set (&stage->portal, stage->publisher, api->uuid, &png, NULL, &first, &error));
  PORTAL_DO (
      core_api_thumbnail_set (&stage->portal, stage->publisher, api->uuid, &gif, first, &second, &error));
  g_assert_cmpstr (first, !=, second);
  PORTAL_REFUSE (
      CORE_PORTAL_ERROR_PRECONDITION, "was changed",
      core_api_thumbnail_set (&stage->portal, stage->publisher, api->uuid, &png, first, NULL, &error));
  assert_picture (stage, stage->publisher, CORE_AUDIENCE_PUBLISHER, api, &gif, "image/gif");
  g_assert_cmpint (write_world_number (world, "SELECT COUNT(*) FROM APIM_API_THUMBNAIL"), ==, 1);

  /* Of an API that is not published nobody in the Store sees anything, nor who may not see the Publisher. */
  assert_picture (stage, stage->visitor, CORE_AUDIENCE_STORE, api, NULL, NULL);
  PORTAL_REFUSE (CORE_PORTAL_ERROR_FORBIDDEN, "see thumbnails",
                 core_api_thumbnail_read (&stage->portal, stage->alice, CORE_AUDIENCE_PUBLISHER, api->uuid,
                                          &first, &error)
                     != NULL);
  write_world_run (world,
                   world->sql_mode == NULL
                       ? "INSERT INTO AM_API_LC_EVENT (API_ID, NEW_STATE, USER_ID, TENANT_ID)"
                         " SELECT API_ID, 'PUBLISHED', 'alice', -1234 FROM AM_API"
                       : "INSERT INTO AM_API_LC_EVENT (API_ID, NEW_STATE, USER_ID, TENANT_ID, EVENT_DATE)"
                         " SELECT API_ID, 'PUBLISHED', 'alice', -1234, CURRENT_TIMESTAMP FROM AM_API");
  assert_picture (stage, stage->visitor, CORE_AUDIENCE_STORE, api, &gif, "image/gif");

  PORTAL_DO (core_api_thumbnail_set (&stage->portal, stage->publisher, api->uuid, NULL, NULL, NULL, &error));
  assert_picture (stage, stage->publisher, CORE_AUDIENCE_PUBLISHER, api, NULL, NULL);
  g_assert_cmpint (write_world_number (world, "SELECT COUNT(*) FROM APIM_API_THUMBNAIL"), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/thumbnails/types", test_types);
  g_test_add_func ("/thumbnails/size", test_size);
  write_world_add_few ("/thumbnails/with-its-api", test_with_its_api);
  write_world_add_few ("/thumbnails/set", test_set);
  return write_world_run_tests ();
}
