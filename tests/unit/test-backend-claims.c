/* What backend JWTs say, in each form: golden texts. */
#include "config.h"
#include "core/core-backend-jwt.h"
#include "store/st-user-claims.h"

static GPtrArray *
user_claims (void)
{
  GPtrArray *claims = st_user_claims_new ();

  /* Not in their order; two that try to take the place of others. */
  st_user_claims_add (claims, "http://wso2.org/claims/role", "forecaster,Internal/everyone");
  st_user_claims_add (claims, "http://wso2.org/claims/emailaddress", "bob@example.com");
  st_user_claims_add (claims, "http://wso2.org/claims/subscriber", "mallory");
  st_user_claims_add (claims, "exp", "9999999999");
  st_user_claims_add (claims, "http://wso2.org/claims/givenname", "B\xc3\xb6\"b");
  return claims;
}

#define STANDARD                                                                                                       \
  "\"http://wso2.org/claims/subscriber\":\"alice\",\"http://wso2.org/claims/applicationid\":\"7\","                    \
  "\"http://wso2.org/claims/applicationname\":\"PhoneApp\",\"http://wso2.org/claims/applicationtier\":\"Unlimited\","  \
  "\"http://wso2.org/claims/apicontext\":\"/weather/1.0\",\"http://wso2.org/claims/version\":\"1.0\","                 \
  "\"http://wso2.org/claims/tier\":\"Gold\",\"http://wso2.org/claims/keytype\":\"PRODUCTION\","                        \
  "\"http://wso2.org/claims/usertype\":\"APPLICATION_USER\",\"http://wso2.org/claims/enduser\":\"bob@carbon.super\","  \
  "\"http://wso2.org/claims/enduserTenantId\":\"-1234\""
#define APPLICATION                                                                                                    \
  ",\"http://wso2.org/claims/applicationUUId\":\"u-7\","                                                               \
  "\"http://wso2.org/claims/applicationAttributes\":{\"Billing\":\"Gold \\\"A\\\"\",\"Ref\":\"12\"}"
#define USER(roles)                                                                                                    \
  ",\"http://wso2.org/claims/emailaddress\":\"bob@example.com\",\"http://wso2.org/claims/"                             \
  "givenname\":\"B\xc3\xb6\\\"b\","                                                                                    \
  "\"http://wso2.org/claims/role\":" roles

static const struct
{
  const char *name;
  ApimBackendJwtForm form;
  gboolean with_user;
  const char *expected;
} cases[] = {
  { "2.x", APIM_BACKEND_JWT_2_X, TRUE,
    "{\"iss\":\"wso2.org/products/am\",\"exp\":1500000960," STANDARD APPLICATION USER (
        "[\"forecaster\",\"Internal/everyone\"]") "}" },
  { "1.x", APIM_BACKEND_JWT_1_X, TRUE,
    "{\"iss\":\"wso2.org/products/am\",\"exp\":1500000960123," STANDARD USER ("\"forecaster,Internal/everyone\"") "}" },
  { "1.x-without-user", APIM_BACKEND_JWT_1_X, FALSE,
    "{\"iss\":\"wso2.org/products/am\",\"exp\":1500000960123," STANDARD "}" },
};

static void
test_claims (gconstpointer data)
{
  const guint i = GPOINTER_TO_UINT (data);
  const char *const attributes[] = { "Billing", "Gold \"A\"", "Ref", "12", NULL };
  g_autoptr (GPtrArray) of_user = cases[i].with_user ? user_claims () : NULL;
  const CoreBackendClaims claims = {
    .form = cases[i].form,
    .dialect = "http://wso2.org/claims",
    .expires_ms = G_GINT64_CONSTANT (1500000960123),
    .subscriber = "alice",
    .application_id = "7",
    .application_name = "PhoneApp",
    .application_tier = "Unlimited",
    .api_context = "/weather/1.0",
    .api_version = "1.0",
    .tier = "Gold",
    .key_type = "PRODUCTION",
    .user_type = "APPLICATION_USER",
    .end_user = "bob@carbon.super",
    .end_user_tenant_id = -1234,
    .application_uuid = "u-7",
    .application_attributes = attributes,
    .user_claims = of_user,
  };
  g_autofree char *text = core_backend_jwt_claims (&claims);

  g_assert_cmpstr (text, ==, cases[i].expected);
}

/* Another dialect's claims are named after it, and a claim that the token has nothing for is left out. */
static void
test_dialect (void)
{
  const char *const nothing[] = { NULL };
  const CoreBackendClaims claims = { .form = APIM_BACKEND_JWT_2_X,
                                     .dialect = "http://example.com/d",
                                     .expires_ms = 1999,
                                     .tier = "Gold",
                                     .application_attributes = nothing,
                                     .end_user_tenant_id = 1 };
  g_autofree char *text = core_backend_jwt_claims (&claims);

  g_assert_cmpstr (text, ==,
                   "{\"iss\":\"wso2.org/products/am\",\"exp\":1,\"http://example.com/d/tier\":\"Gold\","
                   "\"http://example.com/d/enduserTenantId\":\"1\"}");
}

/* The two writings of WSO2's own certificate's thumbprint (spec/soap-and-oauth.md 6). */
static void
test_header (void)
{
  const CoreJwtKey key = { .algorithm = CORE_JWT_RS256,
                           .x5t = (char *) "a_jhNus21KVuoFx65LmkW2O_l10",
                           .x5t_hex = (char *) "NmJmOGUxMzZlYjM2ZDRhNTZlYTA1YzdhZTRiOWE0NWI2M2JmOTc1ZA==" };
  const struct
  {
    ApimBackendJwtForm form;
    const CoreJwtKey *key;
    const char *expected;
  } headers[] = {
    { APIM_BACKEND_JWT_2_X, &key, "{\"typ\":\"JWT\",\"alg\":\"RS256\",\"x5t\":\"a_jhNus21KVuoFx65LmkW2O_l10\"}" },
    { APIM_BACKEND_JWT_1_X, &key,
      "{\"typ\":\"JWT\",\"alg\":\"SHA256withRSA\",\"x5t\":\"NmJmOGUxMzZlYjM2ZDRhNTZlYTA1YzdhZTRiOWE0NWI2M2JmOTc1ZA=="
      "\"}" },
    { APIM_BACKEND_JWT_2_X, NULL, "{\"typ\":\"JWT\",\"alg\":\"none\"}" },
    { APIM_BACKEND_JWT_1_X, NULL, "{\"typ\":\"JWT\"}" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (headers); i++)
    {
      g_autofree char *header = core_backend_jwt_header (headers[i].form, headers[i].key);

      g_assert_cmpstr (header, ==, headers[i].expected);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("/backend-jwt/claims/%s", cases[i].name);

      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_claims);
    }
  g_test_add_func ("/backend-jwt/dialect", test_dialect);
  g_test_add_func ("/backend-jwt/header", test_header);
  return g_test_run ();
}
