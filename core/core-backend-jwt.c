#include "config.h"
#include "core/core-backend-jwt.h"

#include "core/core-json.h"
#include "store/st-user-claims.h"

#include <string.h>

#define ISSUER "wso2.org/products/am"

char *
core_backend_jwt_header (ApimBackendJwtForm form, const CoreJwtKey *key)
{
  const char *algorithm = form == APIM_BACKEND_JWT_1_X ? "SHA256withRSA" : core_jwt_algorithm_name (CORE_JWT_RS256);
  GString *json = g_string_new ("{");
  const char *x5t;

  core_json_append_member (json, "typ", "JWT");
  if (key == NULL && form == APIM_BACKEND_JWT_2_X)
    core_json_append_member (json, "alg", "none");
  else if (key != NULL)
    {
      x5t = form == APIM_BACKEND_JWT_1_X ? key->x5t_hex : key->x5t;
      core_json_append_member (json, "alg", algorithm);
      if (x5t != NULL)
        core_json_append_member (json, "x5t", x5t);
    }
  g_string_append_c (json, '}');
  return g_string_free (json, FALSE);
}

static void
append_attributes (GString *json, const char *const *attributes)
{
  g_string_append_c (json, '{');
  for (; attributes[0] != NULL; attributes += 2)
    core_json_append_member (json, attributes[0], attributes[1]);
  g_string_append_c (json, '}');
}

/* Roles came as one text in 1.x, as a list in 2.x. */
static void
append_roles (GString *json, const char *joined)
{
  g_auto (GStrv) roles = g_strsplit (joined, ",", -1);

  g_string_append_c (json, '[');
  for (guint i = 0; roles[i] != NULL; i++)
    {
      if (i > 0)
        g_string_append_c (json, ',');
      core_json_append_string (json, roles[i]);
    }
  g_string_append_c (json, ']');
}

static void
append_user_claims (GString *json, const CoreBackendClaims *claims, GHashTable *taken)
{
  for (guint i = 0; i < claims->user_claims->len; i++)
    {
      const StUserClaim *claim = claims->user_claims->pdata[i];

      if (!g_hash_table_add (taken, g_strdup (claim->uri)))
        continue;
      core_json_append_name (json, claim->uri);
      if (claims->form == APIM_BACKEND_JWT_2_X && strcmp (claim->uri, ST_ROLE_CLAIM) == 0)
        append_roles (json, claim->value);
      else
        core_json_append_string (json, claim->value);
    }
}

/* The name of a claim of the dialect, which nobody may use again. */
static const char *
take_name (GHashTable *taken, const char *dialect, const char *claim)
{
  char *name = g_strconcat (dialect, "/", claim, NULL);

  g_hash_table_add (taken, name);
  return name;
}

char *
core_backend_jwt_claims (const CoreBackendClaims *claims)
{
  g_autofree char *tenant_id = g_strdup_printf ("%d", claims->end_user_tenant_id);
  const struct
  {
    const char *name, *text;
  } members[] = {
    { "subscriber", claims->subscriber },
    { "applicationid", claims->application_id },
    { "applicationname", claims->application_name },
    { "applicationtier", claims->application_tier },
    { "apicontext", claims->api_context },
    { "version", claims->api_version },
    { "tier", claims->tier },
    { "keytype", claims->key_type },
    { "usertype", claims->user_type },
    { "enduser", claims->end_user },
    { "enduserTenantId", tenant_id },
    { "applicationUUId", claims->form == APIM_BACKEND_JWT_2_X ? claims->application_uuid : NULL },
  };
  g_autoptr (GHashTable) taken = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GString *json = g_string_new ("{");

  core_json_append_member (json, "iss", ISSUER);
  core_json_append_name (json, "exp");
  g_string_append_printf (json, "%" G_GINT64_FORMAT,
                          claims->form == APIM_BACKEND_JWT_1_X ? claims->expires_ms : claims->expires_ms / 1000);
  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    if (members[i].text != NULL)
      core_json_append_member (json, take_name (taken, claims->dialect, members[i].name), members[i].text);
  if (claims->form == APIM_BACKEND_JWT_2_X && claims->application_attributes != NULL
      && claims->application_attributes[0] != NULL)
    {
      core_json_append_name (json, take_name (taken, claims->dialect, "applicationAttributes"));
      append_attributes (json, claims->application_attributes);
    }
  g_hash_table_add (taken, g_strdup ("iss"));
  g_hash_table_add (taken, g_strdup ("exp"));
  if (claims->user_claims != NULL)
    append_user_claims (json, claims, taken);
  g_string_append_c (json, '}');
  return g_string_free (json, FALSE);
}
