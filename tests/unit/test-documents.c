/* Documents of APIs: the rules as a table, and on real databases who sees which, texts, links, files, and a
 * new version's copies. */
#include "config.h"

#include "core/core-api-write.h"
#include "core/core-document.h"
#include "tests/lib/write-world.h"

#include <string.h>

static StTenant super_tenant = { ST_SUPER_TENANT_ID, (char *)ST_SUPER_TENANT_DOMAIN, TRUE };

typedef struct
{
  CorePortal portal;
  CoreActor *alice;
  CoreActor *carol;
  CoreActor *visitor;
  CoreApi *api; /* published */
} Stage;

static void
stage_clear (Stage *stage)
{
  core_actor_free (stage->alice);
  core_actor_free (stage->carol);
  core_actor_free (stage->visitor);
  core_api_free (stage->api);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Stage, stage_clear)

static void
stage_init (Stage *stage, WriteWorld *world)
{
  g_autoptr (CoreApi) api = core_api_new ();
  g_autoptr (GError) error = NULL;

  stage->portal = (CorePortal){ .apis = world->database, .clock = &apim_clock_system };
  stage->alice = core_actor_new (NULL, "alice", &super_tenant, NULL, CORE_MAY_CREATE);
  stage->carol = core_actor_new (NULL, "carol", &super_tenant, NULL, CORE_MAY_SUBSCRIBE);
  stage->visitor = core_actor_new_visitor (&super_tenant);
  core_api_set_text (&api->name, "Weather");
  core_api_set_text (&api->version, "1.0.0");
  core_api_set_text (&api->context_template, "/weather");
  stage->api = core_api_create (&stage->portal, stage->alice, api, 0, &error);
  g_assert_no_error (error);
  write_world_run (world,
                   world->sql_mode == NULL
                       ? "INSERT INTO AM_API_LC_EVENT (API_ID, NEW_STATE, USER_ID, TENANT_ID)"
                         " SELECT API_ID, 'PUBLISHED', 'alice', -1234 FROM AM_API"
                       : "INSERT INTO AM_API_LC_EVENT (API_ID, NEW_STATE, USER_ID, TENANT_ID, EVENT_DATE)"
                         " SELECT API_ID, 'PUBLISHED', 'alice', -1234, CURRENT_TIMESTAMP FROM AM_API");
}

static StApiDocument *
add (Stage *stage, const char *name, const char *source_type, const char *visibility)
{
  StApiDocument document = { .name = (char *)name,
                             .source_type = (char *)source_type,
                             .source_url = (char *)"https://example.com/doc",
                             .visibility = (char *)visibility };
  g_autoptr (GError) error = NULL;
  StApiDocument *added
      = core_document_add (&stage->portal, stage->alice, stage->api->uuid, &document, &error);

  g_assert_no_error (error);
  return added;
}

static void
assert_names (Stage *stage, const CoreActor *actor, CoreAudience audience, const char *identifier,
              const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) documents = core_document_list (&stage->portal, actor, audience, identifier, &error);
  g_autoptr (GString) names = g_string_new (NULL);

  g_assert_no_error (error);
  for (guint i = 0; i < documents->len; i++)
    g_string_append_printf (names, "%s%s", i > 0 ? " " : "", ((StApiDocument *)documents->pdata[i])->name);
  g_assert_cmpstr (names->str, ==, expected);
}

static void
test_who_sees (WriteWorld *world)
{
  g_auto (Stage) stage = { .alice = NULL };
  g_autoptr (StApiDocument) all = NULL;
  g_autoptr (StApiDocument) private = NULL;
  g_autoptr (StApiDocument) owner = NULL;
  g_autoptr (GError) error = NULL;

  if (!write_world_has (world, ST_CAP_API_ARTIFACT))
    return;
  stage_init (&stage, world);
  all = add (&stage, "All", "INLINE", NULL);
  private = add (&stage, "Private", "URL", "PRIVATE");
  owner = add (&stage, "Owner", "FILE", "OWNER_ONLY");
  g_assert_cmpstr (all->type, ==, "HOWTO");
  g_assert_null (all->source_url);
  g_assert_cmpstr (private->source_url, ==, "https://example.com/doc");
  assert_names (&stage, stage.alice, CORE_AUDIENCE_PUBLISHER, stage.api->uuid, "All Owner Private");
  assert_names (&stage, stage.carol, CORE_AUDIENCE_STORE, stage.api->uuid, "All Private");
  assert_names (&stage, stage.visitor, CORE_AUDIENCE_STORE, stage.api->uuid, "All");
  g_assert_null (core_document_find (&stage.portal, stage.visitor, CORE_AUDIENCE_STORE, stage.api->uuid,
                                     private->uuid, &error));
  g_assert_error (error, CORE_PORTAL_ERROR, CORE_PORTAL_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_null (
      core_document_list (&stage.portal, stage.carol, CORE_AUDIENCE_PUBLISHER, stage.api->uuid, &error));
  g_assert_error (error, CORE_PORTAL_ERROR, CORE_PORTAL_ERROR_FORBIDDEN);
  g_clear_error (&error);
  g_assert_false (core_document_delete (&stage.portal, stage.carol, stage.api->uuid, all->uuid, &error));
  g_assert_error (error, CORE_PORTAL_ERROR, CORE_PORTAL_ERROR_FORBIDDEN);
}

#define PDF "%PDF\0\xff\x80 with bytes of every kind"

static void
test_contents (WriteWorld *world)
{
  g_auto (Stage) stage = { .alice = NULL };
  g_autoptr (StApiDocument) text = NULL;
  g_autoptr (StApiDocument) file = NULL;
  g_autoptr (StApiDocument) again = NULL;
  g_autoptr (StApiDocument) read = NULL;
  g_autoptr (CoreApi) copy = NULL;
  g_autoptr (GBytes) content = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *huge = g_malloc0 (CORE_DOCUMENT_MAX_INLINE + 1);
  const char *uuid;

  if (!write_world_has (world, ST_CAP_API_ARTIFACT))
    return;
  stage_init (&stage, world);
  uuid = stage.api->uuid;
  text = add (&stage, "Text", "INLINE", NULL);
  file = add (&stage, "File", "FILE", NULL);
  g_assert_null (core_document_read (&stage.portal, stage.alice, CORE_AUDIENCE_STORE, uuid, text->uuid,
                                     &content, &error));
  g_assert_error (error, CORE_PORTAL_ERROR, CORE_PORTAL_ERROR_NOT_FOUND);
  g_clear_error (&error);
  core_document_set_content (&stage.portal, stage.alice, uuid, text->uuid, NULL, "text/plain",
                             "Hello \xe2\x98\x83", 9, &error);
  g_assert_no_error (error);
  core_document_set_content (&stage.portal, stage.alice, uuid, file->uuid, "..\\..\\a/b.pdf",
                             "application/pdf", PDF, sizeof PDF, &error);
  g_assert_no_error (error);
  read = core_document_read (&stage.portal, stage.visitor, CORE_AUDIENCE_STORE, uuid, file->uuid, &content,
                             &error);
  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (content, NULL), g_bytes_get_size (content), PDF, sizeof PDF);
  g_assert_cmpstr (read->file_name, ==, "b.pdf");
  g_assert_cmpstr (read->media_type, ==, "application/pdf");

  g_assert_false (core_document_set_content (&stage.portal, stage.alice, uuid, text->uuid, "x.pdf", "x/y",
                                             "x", 1, &error));
  g_assert_error (error, CORE_PORTAL_ERROR, CORE_PORTAL_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_false (core_document_set_content (&stage.portal, stage.alice, uuid, text->uuid, NULL, NULL, "\xff",
                                             1, &error));
  g_assert_error (error, CORE_PORTAL_ERROR, CORE_PORTAL_ERROR_INVALID);
  g_clear_error (&error);
  memset (huge, 'a', CORE_DOCUMENT_MAX_INLINE + 1);
  g_assert_false (core_document_set_content (&stage.portal, stage.alice, uuid, text->uuid, NULL, NULL, huge,
                                             CORE_DOCUMENT_MAX_INLINE + 1, &error));
  g_assert_error (error, CORE_PORTAL_ERROR, CORE_PORTAL_ERROR_INVALID);
  g_clear_error (&error);

  copy = core_api_copy_version (&stage.portal, stage.alice, uuid, "2.0.0", FALSE, &error);
  g_assert_no_error (error);
  assert_names (&stage, stage.alice, CORE_AUDIENCE_PUBLISHER, copy->uuid, "File Text");
  g_assert_cmpint (write_world_number (world, "SELECT COUNT(DISTINCT UUID) FROM APIM_API_DOCUMENT"), ==, 4);
  g_assert_cmpint (write_world_number (world, "SELECT COUNT(DISTINCT CONTENT) FROM APIM_API_DOCUMENT"), ==,
                   2);

  core_api_set_text (&file->source_type, "INLINE"); /* another source: what there was is gone */
  again = core_document_update (&stage.portal, stage.alice, uuid, file, &error);
  g_assert_no_error (error);
  g_assert_null (again->file_name);
  core_api_set_text (&file->name, "Text");
  g_assert_null (core_document_update (&stage.portal, stage.alice, uuid, file, &error));
  g_assert_error (error, CORE_PORTAL_ERROR, CORE_PORTAL_ERROR_CONFLICT);
  g_clear_error (&error);
  g_assert_true (core_document_delete (&stage.portal, stage.alice, uuid, file->uuid, &error));
  g_assert_false (core_document_delete (&stage.portal, stage.alice, uuid, file->uuid, &error));
  g_assert_error (error, CORE_PORTAL_ERROR, CORE_PORTAL_ERROR_NOT_FOUND);
  assert_names (&stage, stage.alice, CORE_AUDIENCE_PUBLISHER, uuid, "Text");
}

static void
test_rules (void)
{
  static const struct
  {
    const char *name, *type, *other, *source, *url, *visibility, *field;
  } cases[] = {
    { "How to", "HOWTO", NULL, "INLINE", NULL, "API_LEVEL", NULL },
    { "How to", "OTHER", "Recipe", "URL", "http://example.com", "PRIVATE", NULL },
    { NULL, "HOWTO", NULL, "INLINE", NULL, "API_LEVEL", "name" },
    { "", "HOWTO", NULL, "INLINE", NULL, "API_LEVEL", "name" },
    { "..", "HOWTO", NULL, "INLINE", NULL, "API_LEVEL", "name" },
    { "../x", "HOWTO", NULL, "INLINE", NULL, "API_LEVEL", "name" },
    { "a\nb", "HOWTO", NULL, "INLINE", NULL, "API_LEVEL", "name" },
    { "x", "NOVEL", NULL, "INLINE", NULL, "API_LEVEL", "type" },
    { "x", NULL, NULL, "INLINE", NULL, "API_LEVEL", "type" },
    { "x", "OTHER", "", "INLINE", NULL, "API_LEVEL", "otherTypeName" },
    { "x", "HOWTO", NULL, "TAPE", NULL, "API_LEVEL", "sourceType" },
    { "x", "HOWTO", NULL, "URL", NULL, "API_LEVEL", "sourceUrl" },
    { "x", "HOWTO", NULL, "URL", "file:///etc/passwd", "API_LEVEL", "sourceUrl" },
    { "x", "HOWTO", NULL, "URL", "https:///x", "API_LEVEL", "sourceUrl" },
    { "x", "HOWTO", NULL, "FILE", NULL, "EVERYBODY", "visibility" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      StApiDocument document = { .name = (char *)cases[i].name,
                                 .type = (char *)cases[i].type,
                                 .other_type_name = (char *)cases[i].other,
                                 .source_type = (char *)cases[i].source,
                                 .source_url = (char *)cases[i].url,
                                 .visibility = (char *)cases[i].visibility };
      g_autoptr (GPtrArray) violations = core_violations_new ();

      core_document_check (&document, violations);
      g_assert_cmpuint (violations->len, ==, cases[i].field != NULL ? 1 : 0);
      if (cases[i].field != NULL)
        g_assert_cmpstr (((CoreViolation *)violations->pdata[0])->field, ==, cases[i].field);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/documents/rules", test_rules);
  write_world_add_few ("/documents/who-sees", test_who_sees);
  write_world_add_few ("/documents/contents", test_contents);
  return write_world_run_tests ();
}
