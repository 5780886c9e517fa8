/* Error bodies, entity tags, remembered tokens: what the service answers with beside the resources. */
#include "config.h"
#include "core/core-portal.h"
#include "portal/pt-answer.h"
#include "portal/pt-error.h"
#include "portal/pt-token-memory.h"

#include <string.h>

typedef struct
{
  GQuark (*domain) (void);
  int code;
  guint status;
  const char *number;    /* "code" of the body */
  const char *challenge; /* nullable: what WWW-Authenticate holds */
  gboolean told;         /* the peer sees the message */
} Row;

static const Row rows[] = {
  { pt_error_quark, PT_ERROR_BAD_REQUEST, 400, "400", NULL, TRUE },
  { pt_error_quark, PT_ERROR_NO_TOKEN, 401, "900902", "Bearer realm=", TRUE },
  { pt_error_quark, PT_ERROR_INVALID_TOKEN, 401, "900901", "error=\"invalid_token\"", TRUE },
  { pt_error_quark, PT_ERROR_SCOPE, 403, "900910", "error=\"insufficient_scope\", scope=\"apim:x\"", TRUE },
  { pt_error_quark, PT_ERROR_NOT_FOUND, 404, "404", NULL, TRUE },
  { pt_error_quark, PT_ERROR_METHOD, 405, "405", NULL, TRUE },
  { pt_error_quark, PT_ERROR_NOT_ACCEPTABLE, 406, "406", NULL, TRUE },
  { pt_error_quark, PT_ERROR_TOO_LARGE, 413, "413", NULL, TRUE },
  { pt_error_quark, PT_ERROR_MEDIA_TYPE, 415, "415", NULL, TRUE },
  { core_portal_error_quark, CORE_PORTAL_ERROR_INVALID, 400, "400", NULL, TRUE },
  { core_portal_error_quark, CORE_PORTAL_ERROR_FORBIDDEN, 403, "403", NULL, TRUE },
  { core_portal_error_quark, CORE_PORTAL_ERROR_NOT_FOUND, 404, "404", NULL, TRUE },
  { core_portal_error_quark, CORE_PORTAL_ERROR_CONFLICT, 409, "409", NULL, TRUE },
  { core_portal_error_quark, CORE_PORTAL_ERROR_PRECONDITION, 412, "412", NULL, TRUE },
  { core_portal_error_quark, CORE_PORTAL_ERROR_UNAVAILABLE, 503, "503", NULL, FALSE },
  { core_portal_error_quark, CORE_PORTAL_ERROR_FAILED, 500, "900967", NULL, FALSE },
  { st_error_quark, ST_ERROR_UNAVAILABLE, 503, "503", NULL, FALSE },
  { st_error_quark, ST_ERROR_TIMEOUT, 503, "503", NULL, FALSE },
  { st_error_quark, ST_ERROR_SCHEMA, 500, "900967", NULL, FALSE },
};

static void
test_errors (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error
          = g_error_new_literal (rows[i].domain (), rows[i].code, "host db.internal is away");
      g_autofree char *number = g_strdup_printf ("{\"code\":%s,", rows[i].number);
      g_auto (PtAnswer) answer = { 0 };

      pt_answer_init (&answer);
      g_string_append (answer.json, "half an answer");
      pt_answer_error (&answer, error, "0123456789abcdef", "apim:x");
      g_assert_cmpuint (answer.status, ==, rows[i].status);
      g_assert_true (g_str_has_prefix (answer.json->str, number));
      g_assert_true (g_str_has_suffix (answer.json->str, "\"requestId\":\"0123456789abcdef\"}"));
      g_assert_true ((strstr (answer.json->str, "db.internal") != NULL) == rows[i].told);
      g_assert_true (pt_error_is_ours (error) == !rows[i].told);
      g_assert_true ((answer.challenge != NULL) == (rows[i].challenge != NULL));
      if (answer.challenge != NULL)
        g_assert_nonnull (strstr (answer.challenge, rows[i].challenge));
    }
}

static void
test_details (void)
{
  g_autoptr (GPtrArray) violations = core_violations_new ();
  g_autoptr (GPtrArray) failures = core_deployer_failures_new ();
  g_autoptr (GError) invalid = NULL;
  g_autoptr (GError) partial = NULL;
  g_autofree char *text = NULL;
  g_autofree char *partial_text = NULL;

  core_violations_add (violations, "name", "API name is not specified");
  core_violations_add (violations, "tiers", "say \"%s\"", "x");
  g_assert_false (core_violations_check (violations, &invalid));
  text = pt_error_json (invalid, "1");
  g_assert_nonnull (strstr (text, "\"error\":[{\"code\":\"name\",\"message\":\"API name is not specified\"},"
                                  "{\"code\":\"tiers\",\"message\":\"say \\\"x\\\"\"}]"));
  core_deployer_failures_add (failures, "Production", CORE_DEPLOYER_PUBLISH, "it is away");
  g_assert_false (core_portal_fail_partial (failures, "the API is PUBLISHED", &partial));
  partial_text = pt_error_json (partial, "1");
  g_assert_cmpuint (pt_error_status (partial), ==, 500);
  g_assert_nonnull (strstr (partial_text, "\"message\":\"Partial Failure\""));
  g_assert_nonnull (strstr (partial_text, "[{\"code\":\"Production\",\"message\":\"it is away\"}]"));
}

static void
test_entity_tags (void)
{
  g_autofree char *a = pt_etag_of ("a", 1);
  g_autofree char *b = pt_etag_of ("b", 1);
  g_autofree char *list = g_strconcat ("\"x\", W/", a, NULL);

  g_assert_cmpstr (a, !=, b);
  g_assert_true (a[0] == '"' && a[strlen (a) - 1] == '"');
  g_assert_true (pt_etag_listed (a, strlen (a), a));
  g_assert_true (pt_etag_listed (list, strlen (list), a));
  g_assert_true (pt_etag_listed ("*", 1, a));
  g_assert_false (pt_etag_listed (list, strlen (list), b));
  g_assert_false (pt_etag_listed ("", 0, b));
}

static void
test_bytes_type (void)
{
  g_auto (PtAnswer) answer = { 0 };
  gsize length;

  pt_answer_init (&answer);
  pt_answer_bytes (&answer, g_bytes_new_static ("PNG", 3), "image/png");
  g_assert_cmpstr (answer.type, ==, "image/png");
  g_assert_cmpmem (pt_answer_body (&answer, &length), length, "PNG", 3);
  pt_answer_bytes (&answer, g_bytes_new_static ("PNG", 3), "image/png\r\nSet-Cookie: a=b");
  g_assert_cmpstr (answer.type, ==, "application/octet-stream");
}

static PtCaller *
new_caller (const ApimManualClock *clock, gint64 lasts_ms)
{
  g_autoptr (StTenant) tenant = st_tenant_new ();

  tenant->id = ST_SUPER_TENANT_ID;
  tenant->domain = g_strdup (ST_SUPER_TENANT_DOMAIN);
  return pt_caller_new (core_actor_new (NULL, "bob", tenant, NULL, 0), g_strsplit ("apim:api_view", " ", -1),
                        g_strdup ("key"), apim_clock_wall_ms (&clock->clock) + lasts_ms);
}

static gboolean
recalls (PtTokenMemory *memory, const char *token)
{
  PtCaller *caller = pt_token_memory_recall (memory, token, strlen (token));

  if (caller == NULL)
    return FALSE;
  g_assert_cmpstr (caller->actor->name, ==, "bob");
  pt_caller_unref (caller);
  return TRUE;
}

static void
test_token_memory (void)
{
  ApimManualClock clock;
  g_autoptr (PtTokenMemory) memory = NULL;
  g_autoptr (PtTokenMemory) none = NULL;
  g_autoptr (PtCaller) caller = NULL;
  g_autoptr (PtCaller) brief = NULL;

  apim_manual_clock_init (&clock, 1000000);
  memory = pt_token_memory_new (&clock.clock, 1000);
  none = pt_token_memory_new (&clock.clock, 0);
  caller = new_caller (&clock, 3600000);
  brief = new_caller (&clock, 500);
  pt_token_memory_remember (memory, "token", 5, caller, 1000000);
  pt_token_memory_remember (memory, "brief", 5, brief, 1000000);
  pt_token_memory_remember (none, "token", 5, caller, 1000000);
  g_assert_true (recalls (memory, "token"));
  g_assert_true (recalls (memory, "brief"));
  g_assert_false (recalls (memory, "tokeN"));
  g_assert_false (recalls (none, "token"));
  apim_manual_clock_advance (&clock, 999);
  g_assert_true (recalls (memory, "token"));
  g_assert_false (recalls (memory, "brief")); /* at its own end */
  apim_manual_clock_advance (&clock, 1);
  g_assert_false (recalls (memory, "token"));
  /* The look-up began a second ago: what was revoked since would be missed. */
  pt_token_memory_remember (memory, "token", 5, caller, 1000000);
  g_assert_false (recalls (memory, "token"));
  pt_token_memory_remember (memory, "token", 5, caller, 1001000);
  g_assert_true (recalls (memory, "token"));
  apim_manual_clock_advance (&clock, -10); /* a clock that was put back */
  g_assert_false (recalls (memory, "token"));
}

static void
test_token_memory_is_bounded (void)
{
  ApimManualClock clock;
  g_autoptr (PtTokenMemory) memory = NULL;
  g_autoptr (PtCaller) caller = NULL;
  guint remembered = 0;

  apim_manual_clock_init (&clock, 1000000);
  memory = pt_token_memory_new (&clock.clock, 1000);
  caller = new_caller (&clock, 3600000);
  for (guint i = 0; i < 2 * PT_TOKENS_REMEMBERED; i++)
    {
      g_autofree char *token = g_strdup_printf ("token %u", i);

      pt_token_memory_remember (memory, token, strlen (token), caller, 1000000);
    }
  for (guint i = 0; i < 2 * PT_TOKENS_REMEMBERED; i++)
    {
      g_autofree char *token = g_strdup_printf ("token %u", i);

      remembered += recalls (memory, token);
    }
  g_assert_cmpuint (remembered, <=, PT_TOKENS_REMEMBERED);
  g_assert_cmpuint (remembered, >, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/answer/errors", test_errors);
  g_test_add_func ("/answer/details", test_details);
  g_test_add_func ("/answer/entity-tags", test_entity_tags);
  g_test_add_func ("/answer/bytes-type", test_bytes_type);
  g_test_add_func ("/token-memory/recalls", test_token_memory);
  g_test_add_func ("/token-memory/is-bounded", test_token_memory_is_bounded);
  return g_test_run ();
}
