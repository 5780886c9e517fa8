/* RestApiAdmin, on a connection in memory and real folders. */
#include "config.h"
#include "gw-admin-world.h"

#include <string.h>

#define REST "http://org.apache.axis2/xsd"

/* The operation's element with @parameters, markup. Free with g_free(). */
static char *
rest (const char *operation, const char *parameters)
{
  return g_strdup_printf ("<n:%s xmlns:n=\"" REST "\">%s</n:%s>", operation, parameters, operation);
}

/* One that brings @xml. @name, @tenant: (nullable): parameters of the operation. Free with g_free(). */
static char *
rest_with (const char *operation, const char *name, const char *xml, const char *tenant)
{
  GString *parameters = g_string_new (NULL);
  char *body;

  if (name != NULL)
    g_string_append_printf (parameters, "<n:apiName>%s</n:apiName>", name);
  if (xml != NULL)
    {
      g_autofree char *escaped = g_markup_escape_text (xml, -1);

      g_string_append_printf (parameters, "<n:apiData>%s</n:apiData>", escaped);
    }
  if (tenant != NULL)
    g_string_append_printf (parameters, "<n:tenantDomain>%s</n:tenantDomain>", tenant);
  body = rest (operation, parameters->str);
  g_string_free (parameters, TRUE);
  return body;
}

#define WEATHER "admin--Weather:v1.0.0"

static void
test_rest_life (AdminWorld *f, gconstpointer data)
{
  g_autofree char *one = admin_api_xml ("admin--Weather", "/weather/{version}", "<respond/>");
  g_autofree char *two = admin_api_xml ("admin--Weather", "/climate/{version}", "<respond/>");
  g_autofree char *add = rest_with ("addApiFromString", NULL, one, NULL);
  g_autofree char *update = rest_with ("updateApiFromString", WEATHER, two, NULL);
  g_autofree char *get = rest_with ("getApiByName", WEATHER, NULL, NULL);
  g_autofree char *take_away = rest_with ("deleteApi", WEATHER, NULL, NULL);

  (void) data;
  admin_expect (f, "RestApiAdmin", get, OK, "<ns:getApiByNameResponse xmlns:ns=\"" REST "\"", NIL_RETURN, NULL);
  admin_expect (f, "RestApiAdmin", add, OK, "<ns:addApiFromStringResponse xmlns:ns=\"" REST "\">" TRUE_RETURN, NULL);
  g_assert_true (admin_is_served (f, "/weather/1.0.0/x"));
  admin_assert_file (f, DEFAULT "/api/admin--Weather_v1.0.0.xml", one);
  admin_expect (f, "RestApiAdmin", get, OK, "xmlns:b=\"http://api.rest.carbon.wso2.org/xsd\"",
          "<ns:return><b:context>/weather/1.0.0</b:context><b:fileName>admin--Weather_v1.0.0.xml</b:fileName>"
          "<b:host xsi:nil=\"true\"/><b:name>" WEATHER "</b:name><b:port>-1</b:port></ns:return>",
          NULL);
  admin_expect (f, "RestApiAdmin", update, OK, "updateApiFromStringResponse", TRUE_RETURN, NULL);
  g_assert_false (admin_is_served (f, "/weather/1.0.0"));
  g_assert_true (admin_is_served (f, "/climate/1.0.0"));
  for (guint i = 0; i < 2; i++)
    {
      admin_expect (f, "RestApiAdmin", take_away, OK, "deleteApiResponse", TRUE_RETURN, NULL);
      g_assert_false (admin_is_served (f, "/climate/1.0.0"));
    }
  admin_assert_file (f, DEFAULT "/api/admin--Weather_v1.0.0.xml", NULL);
  admin_expect (f, "RestApiAdmin", update, OK, TRUE_RETURN, NULL); /* of what is not there: it is, from now on */
}

/* An API's own host and port, as its file has them. */
static void
test_rest_address (AdminWorld *f, gconstpointer data)
{
  static const char xml[] = "<api" NS " name=\"a\" context=\"/a\" hostname=\"a.example\" port=\"8280\"><resource "
                            "methods=\"GET\" url-mapping=\"/*\"><inSequence><respond/></inSequence></resource></api>";
  g_autofree char *add = rest_with ("addApiFromString", NULL, xml, NULL);
  g_autofree char *get = rest_with ("getApiByName", "a", NULL, NULL);

  (void) data;
  admin_expect (f, "RestApiAdmin", add, OK, TRUE_RETURN, NULL);
  admin_expect (f, "RestApiAdmin", get, OK, "<b:fileName>a.xml</b:fileName><b:host>a.example</b:host><b:name>a</b:name>"
                                      "<b:port>8280</b:port>", NULL);
}

static void
test_rest_refused (AdminWorld *f, gconstpointer data)
{
  g_autofree char *good = admin_api_xml ("admin--Weather", "/weather/{version}", "<respond/>");
  g_autofree char *other = admin_api_xml ("admin--Other", "/other/{version}", "<respond/>");
  g_autofree char *same = admin_api_xml ("admin--Same", "/weather/{version}", "<respond/>");
  g_autofree char *foreign = admin_api_xml ("admin--Weather", "/t/foo.com/weather/{version}", "<respond/>");
  g_autofree char *script = admin_api_xml ("admin--Weather", "/weather/{version}", "<script>1</script>");
  g_autofree char *add = rest_with ("addApiFromString", NULL, good, NULL);
  const struct
  {
    const char *operation, *name, *xml, *why;
  } cases[] = {
    { "addApiFromString", NULL, NULL, "\"apiData\" is missing" },
    { "addApiFromString", NULL, "<api", "api:1" },
    { "addApiFromString", NULL, "<!DOCTYPE a [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><api>&e;</api>", "api:1" },
    { "addApiFromString", NULL, "<sequence" NS " name=\"s\"/>", "api:1" },
    { "addApiFromString", NULL, script, "does not run &lt;script&gt;" },
    { "addApiFromString", NULL, same, "have the same context and version" },
    { "addApiFromString", NULL, foreign, "is not the tenant's" },
    { "updateApiFromString", NULL, good, "\"apiName\" is missing" },
    { "updateApiFromString", WEATHER, NULL, "\"apiData\" is missing" },
    { "updateApiFromString", WEATHER, other, "\"admin--Other:v1.0.0\", not \"" WEATHER "\"" },
    { "updateApiFromString", "admin--Weather", good, "\"" WEATHER "\", not \"admin--Weather\"" },
    { "updateApiFromString", "../../api/admin--Weather_v1.0.0", good, "not \"../../api/" },
    { "deleteApi", NULL, NULL, "\"apiName\" is missing" },
    { "getApiByName", NULL, NULL, "\"apiName\" is missing" },
  };

  (void) data;
  admin_expect (f, "RestApiAdmin", add, OK, TRUE_RETURN, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *body = rest_with (cases[i].operation, cases[i].name, cases[i].xml, NULL);

      admin_expect (f, "RestApiAdmin", body, FAULT, cases[i].why, "<ns:RestApiAdminAPIException xmlns:ns=\"" REST "\"",
                    NULL);
      admin_assert_file (f, DEFAULT "/api/admin--Weather_v1.0.0.xml", good);
      g_assert_true (admin_is_served (f, "/weather/1.0.0"));
    }
  g_assert_false (admin_is_served (f, "/other/1.0.0"));
  admin_assert_file (f, DEFAULT "/api/admin--Same_v1.0.0.xml", NULL);
}

/* A name is a name: never a path, and never the file of an API that is called otherwise. */
static void
test_rest_names (AdminWorld *f, gconstpointer data)
{
  static const char *const names[] = { "../admin--Weather:v1.0.0", "admin--Weather_v1.0.0",
                                       "admin--Weather:v1.0.0.xml", "..", "/etc/passwd", "admin--Weather:v1.0.0/", ".",
                                       "admin--Weather:v1.0.0&#9;" };
  g_autofree char *good = admin_api_xml ("admin--Weather", "/weather/{version}", "<respond/>");
  g_autofree char *twin = g_strdup ("<api" NS " name=\"admin--Weather_v1.0.0\" context=\"/twin\"><resource "
                                    "methods=\"GET\" url-mapping=\"/*\"><inSequence><respond/></inSequence></resource>"
                                    "</api>");
  g_autofree char *add = rest_with ("addApiFromString", NULL, good, NULL);
  g_autofree char *add_twin = rest_with ("addApiFromString", NULL, twin, NULL);

  (void) data;
  admin_expect (f, "RestApiAdmin", add, OK, TRUE_RETURN, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *get = rest_with ("getApiByName", names[i], NULL, NULL);
      g_autofree char *take_away = rest_with ("deleteApi", names[i], NULL, NULL);

      admin_expect (f, "RestApiAdmin", get, OK, NIL_RETURN, NULL);
      admin_expect (f, "RestApiAdmin", take_away, OK, TRUE_RETURN, NULL);
      admin_assert_file (f, DEFAULT "/api/admin--Weather_v1.0.0.xml", good);
      g_assert_true (admin_is_served (f, "/weather/1.0.0"));
    }
  admin_expect (f, "RestApiAdmin", add_twin, FAULT, "admin--Weather_v1.0.0.xml", "is that of \"" WEATHER "\"", NULL);
  admin_assert_file (f, DEFAULT "/api/admin--Weather_v1.0.0.xml", good);
}

static void
test_rest_tenants (AdminWorld *f, gconstpointer data)
{
  g_autofree char *own = admin_api_xml ("admin--Weather", "/t/foo.com/weather/{version}", "<respond/>");
  g_autofree char *super = admin_api_xml ("admin--Weather", "/weather/{version}", "<respond/>");
  g_autofree char *add_own = rest_with ("addApiForTenant", NULL, own, "foo.com");
  g_autofree char *update_own = rest_with ("updateApiForTenant", WEATHER, own, "foo.com");
  g_autofree char *get_own = rest_with ("getApiForTenant", WEATHER, NULL, "foo.com");
  g_autofree char *delete_own = rest_with ("deleteApiForTenant", WEATHER, NULL, "foo.com");
  g_autofree char *get_super = rest_with ("getApiByName", WEATHER, NULL, NULL);
  g_autofree char *get_stray = rest_with ("getApiByName", WEATHER, NULL, "foo.com");
  g_autofree char *delete_super = rest_with ("deleteApi", WEATHER, NULL, NULL);
  g_autofree char *add_stray = rest_with ("addApiFromString", NULL, own, "foo.com");
  g_autofree char *add_super = rest_with ("addApiForTenant", NULL, super, "foo.com");
  g_autofree char *unknown = rest_with ("addApiForTenant", NULL, own, "bar.com");
  g_autofree char *path = rest_with ("addApiForTenant", NULL, own, "../foo.com");
  g_autofree char *nobody = rest_with ("deleteApiForTenant", WEATHER, NULL, NULL);
  g_autofree char *twice
      = rest ("deleteApiForTenant", "<n:apiName>" WEATHER "</n:apiName><n:tenantDomain>foo.com</n:tenantDomain>"
                                    "<n:tenantDomain>carbon.super</n:tenantDomain>");

  (void) data;
  admin_expect (f, "RestApiAdmin", add_own, OK, TRUE_RETURN, NULL);
  admin_assert_file (f, TENANT "/api/admin--Weather_v1.0.0.xml", own);
  admin_expect (f, "RestApiAdmin", update_own, OK, TRUE_RETURN, NULL);
  admin_expect (f, "RestApiAdmin", get_own, OK, "<b:context>/t/foo.com/weather/1.0.0</b:context>", NULL);
  /* It is nobody else's, whatever stands where no parameter belongs. */
  admin_expect (f, "RestApiAdmin", get_super, OK, NIL_RETURN, NULL);
  admin_expect (f, "RestApiAdmin", get_stray, OK, NIL_RETURN, NULL);
  admin_expect (f, "RestApiAdmin", delete_super, OK, TRUE_RETURN, NULL);
  admin_expect (f, "RestApiAdmin", add_stray, FAULT, "is not the tenant's", NULL);
  admin_expect (f, "RestApiAdmin", add_super, FAULT, "is not the tenant's", NULL);
  admin_expect (f, "RestApiAdmin", unknown, FAULT, "There is no tenant \"bar.com\"", NULL);
  admin_expect (f, "RestApiAdmin", path, FAULT, "There is no tenant", NULL);
  admin_expect (f, "RestApiAdmin", nobody, FAULT, "\"tenantDomain\" is missing", NULL);
  admin_expect (f, "RestApiAdmin", twice, FAULT, "given twice", NULL);
  g_assert_true (admin_is_served (f, "/t/foo.com/weather/1.0.0"));
  admin_expect (f, "RestApiAdmin", delete_own, OK, TRUE_RETURN, NULL);
  g_assert_false (admin_is_served (f, "/t/foo.com/weather/1.0.0"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(NAME, FUNC)                                                                                            \
  g_test_add ("/gw-admin-rest/" NAME, AdminWorld, NULL, admin_world_set_up, FUNC, admin_world_tear_down)
  ADD ("life", test_rest_life);
  ADD ("address", test_rest_address);
  ADD ("refused", test_rest_refused);
  ADD ("names", test_rest_names);
  ADD ("tenants", test_rest_tenants);
  return g_test_run ();
}
