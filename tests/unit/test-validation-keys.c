/* What validation asks the store for: contexts, versions, resource paths, tenants. */
#include "config.h"
#include "core/core-validation.h"

#include <string.h>

typedef struct
{
  CoreValidationKind kind;
  const char *context, *version, *default_version;
  gboolean found;
  const char *told_context, *told_version;
} KeyCase;

static const KeyCase key_cases[] = {
  { CORE_VALIDATE_KEY, "/weather/1.0", "1.0", NULL, TRUE, "/weather/1.0", "1.0" },
  { CORE_VALIDATE_KEY, "/weather/1.0", "_default_1.0", NULL, TRUE, "/weather/1.0", NULL },
  { CORE_VALIDATE_KEY, "/weather/1.0", "_default_", NULL, TRUE, "/weather/1.0", NULL },
  { CORE_VALIDATE_KEY, "/weather/1.0", "1.0_default_", NULL, TRUE, "/weather/1.0", "1.0_default_" },
  { CORE_VALIDATE_KEY, "/weather/1.0", "_DEFAULT_1.0", NULL, TRUE, "/weather/1.0", "_DEFAULT_1.0" },
  { CORE_VALIDATE_KEY, "/weather/1.0", "1.0", "2.0", TRUE, "/weather/1.0", "1.0" },
  { CORE_VALIDATE_KEY, "/weather/1.0", "", NULL, TRUE, "/weather/1.0", "" },
  { CORE_VALIDATE_KEY, "/weather/1.0", NULL, NULL, FALSE, NULL, NULL },
  { CORE_VALIDATE_KEY, NULL, "1.0", NULL, FALSE, NULL, NULL },
  { CORE_VALIDATE_HANDSHAKE, "/weather", "1.0", NULL, TRUE, "/weather", "1.0" },
  { CORE_VALIDATE_HANDSHAKE, "/weather", "1.0", "", TRUE, "/weather", "1.0" },
  { CORE_VALIDATE_HANDSHAKE, "/weather", "_default_1.0", NULL, TRUE, "/weather", NULL },
  { CORE_VALIDATE_HANDSHAKE, "/weather", "1.0", "2.0", TRUE, "/weather/2.0", "2.0" },
  { CORE_VALIDATE_HANDSHAKE, "/weather", NULL, "2.0", TRUE, "/weather/2.0", "2.0" },
  { CORE_VALIDATE_HANDSHAKE, "/weather/2.0", "1.0", "2.0", TRUE, "/weather/2.0", "2.0" },
  { CORE_VALIDATE_HANDSHAKE, "/weather/12.0", "1.0", "2.0", TRUE, "/weather/12.0/2.0", "2.0" },
  { CORE_VALIDATE_HANDSHAKE, "/2.0", "1.0", "2.0", TRUE, "/2.0", "2.0" },
  { CORE_VALIDATE_HANDSHAKE, "2.0", "1.0", "2.0", TRUE, "2.0/2.0", "2.0" },
  { CORE_VALIDATE_HANDSHAKE, "", "1.0", "2.0", TRUE, "/2.0", "2.0" },
  { CORE_VALIDATE_HANDSHAKE, NULL, "1.0", "2.0", FALSE, NULL, NULL },
  /* 23 characters and the terminator fit the 24 of the test; one more does not */
  { CORE_VALIDATE_HANDSHAKE, "/abcdefghijklmnopqr", "1.0", "2.0", TRUE, "/abcdefghijklmnopqr/2.0", "2.0" },
  { CORE_VALIDATE_HANDSHAKE, "/abcdefghijklmnopqrs", "1.0", "2.0", FALSE, NULL, NULL },
  { CORE_VALIDATE_HANDSHAKE, "/abcdefghijklmnopqrstuvwxyz", "1.0", "2.0", FALSE, NULL, NULL },
};

static void
test_subscription_key (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (key_cases); i++)
    {
      const KeyCase *test = &key_cases[i];
      CoreValidationRequest request = { .kind = test->kind, .context = test->context, .version = test->version };
      StApiDefault api_default = { .default_version = (char *) test->default_version };
      CoreFacts facts = { .api_default_known = TRUE, .api_default = &api_default };
      const char *context, *version;
      char buffer[24];

      g_assert_cmpint (core_validation_subscription_key (&request, &facts, buffer, sizeof buffer, &context, &version),
                       ==, test->found);
      if (test->found)
        {
          g_assert_cmpstr (context, ==, test->told_context);
          g_assert_cmpstr (version, ==, test->told_version);
        }
    }
}

static void
test_resource_path (void)
{
  static const struct
  {
    const char *context, *version, *resource, *verb, *told;
  } cases[] = {
    { "/weather/1.0", "1.0", "/city/*", "GET", "/weather/1.0/1.0/city/*:GET" },
    { "/weather/1.0", "_default_1.0", "/city/*", "GET", "/weather/1.0/1.0/city/*:GET" },
    { "/a", "1", "/*", "POST", "/a/1/*:POST" },
    { "/a", "", "", "", "/a/:" },
    { NULL, "1", "/*", "POST", NULL },
    { "/a", NULL, "/*", "POST", NULL },
    { "/a", "1", NULL, "POST", NULL },
    { "/a", "1", "/*", NULL, NULL },
    { "/weather/1.0", "1.0", "/city/*/", "PUT", "/weather/1.0/1.0/city/*/:PUT" },
    { "/weather/1.0", "1.0", "/city/*/", "POST", NULL },
  };
  char buffer[29];

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      CoreValidationRequest request = { .context = cases[i].context, .version = cases[i].version,
                                        .matching_resource = cases[i].resource, .http_verb = cases[i].verb };

      g_assert_cmpint (core_validation_resource_path (&request, buffer, sizeof buffer), ==, cases[i].told != NULL);
      if (cases[i].told != NULL)
        g_assert_cmpstr (buffer, ==, cases[i].told);
    }
}

static void
test_context_tenant (void)
{
  static const struct
  {
    const char *context, *domain;
  } cases[] = {
    { "/t/example.com/weather/1.0", "example.com" },
    { "/t/example.com/", "example.com" },
    { "/weather/1.0", "carbon.super" },
    { "/weather/t/example.com/1.0", "carbon.super" },
    { "/t/1.0", "carbon.super" }, /* an API of the super tenant that is called "t" */
    { "/t//weather", "carbon.super" },
    { "/t/", "carbon.super" },
    { "/T/example.com/weather", "carbon.super" },
    { "", "carbon.super" },
    { NULL, "carbon.super" },
    { "/t/fifteen-letters/1", "fifteen-letters" },
    { "/t/sixteen--letters/1", NULL },
  };
  char domain[16];

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_assert_cmpint (core_context_tenant_domain (cases[i].context, domain, sizeof domain), ==,
                       cases[i].domain != NULL);
      if (cases[i].domain != NULL)
        g_assert_cmpstr (domain, ==, cases[i].domain);
    }
  g_assert_false (core_context_tenant_domain ("/weather", domain, strlen (ST_SUPER_TENANT_DOMAIN)));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/validation-keys/subscription-key", test_subscription_key);
  g_test_add_func ("/validation-keys/resource-path", test_resource_path);
  g_test_add_func ("/validation-keys/context-tenant", test_context_tenant);
  return g_test_run ();
}
