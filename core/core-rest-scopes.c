#include "config.h"
#include "core/core-rest-scopes.h"

#include "core/core-json.h"

#include <string.h>

G_DEFINE_QUARK (core-rest-scopes-error-quark, core_rest_scopes_error)

#define CREATOR "Internal/creator"
#define PUBLISHER "Internal/publisher"
#define SUBSCRIBER "Internal/subscriber"

typedef struct
{
  const char *scope;
  const char *roles[3]; /* beside the admin role, which has them all */
  const char *words;
} Standard;

static const Standard standards[] = {
  { "apim:api_view", { PUBLISHER, CREATOR }, "see the APIs in the Publisher" },
  { "apim:api_create", { CREATOR }, "create and change APIs" },
  { "apim:api_publish", { PUBLISHER }, "publish APIs and change their life cycle" },
  { "apim:api_delete", { CREATOR }, "delete APIs" },
  { "apim:subscribe", { SUBSCRIBER }, "manage applications, keys and subscriptions in the Store" },
  { "apim:tier_view", { PUBLISHER, CREATOR }, "see throttling policies" },
  { "apim:tier_manage", { NULL }, "change throttling policies" },
  { "apim:bl_view", { NULL }, "see what is blocked" },
  { "apim:bl_manage", { NULL }, "block and unblock callers of APIs" },
  { "apim:subscription_view", { CREATOR }, "see who subscribes to APIs" },
  { "apim:subscription_block", { PUBLISHER }, "block and unblock subscriptions" },
  { "apim:mediation_policy_view", { NULL }, "see mediation policies" },
  { "apim:mediation_policy_create", { NULL }, "change mediation policies" },
  { "apim:api_workflow", { NULL }, "approve and reject what waits for approval" },
  { "apim:app_owner_change", { NULL }, "give applications to another owner" },
  { "apim:app_import_export", { NULL }, "export and import applications" },
  { "apim:api_import_export", { NULL }, "export and import APIs" }, /* of 3.x, for the same resources */
  { "apim:label_manage", { NULL }, "change labels of gateways" },
  { "apim:label_read", { NULL }, "see labels of gateways" },
  { "apim:tenant_view", { NULL }, "see tenants" }, /* ours, as the next one */
  { "apim:tenant_manage", { NULL }, "make tenants and switch them on and off" },
  { "apim:monetization_usage_publish", { NULL }, "report the use of paid APIs" },
};

struct _CoreRestScopes
{
  GHashTable *roles; /* scope -> GStrv */
};

static CoreRestScopes *
new_empty (void)
{
  CoreRestScopes *scopes = g_new0 (CoreRestScopes, 1);

  scopes->roles = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_strfreev);
  return scopes;
}

CoreRestScopes *
core_rest_scopes_new_default (const char *admin_role)
{
  CoreRestScopes *scopes = new_empty ();

  for (gsize i = 0; i < G_N_ELEMENTS (standards); i++)
    {
      const Standard *standard = &standards[i];
      g_autoptr (GStrvBuilder) roles = g_strv_builder_new ();

      g_strv_builder_add (roles, admin_role);
      for (gsize j = 0; j < G_N_ELEMENTS (standard->roles) && standard->roles[j] != NULL; j++)
        g_strv_builder_add (roles, standard->roles[j]);
      g_hash_table_insert (scopes->roles, g_strdup (standard->scope), g_strv_builder_end (roles));
    }
  return scopes;
}

static gboolean refuse (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

static gboolean
refuse (GError **error, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_propagate_error (
      error, g_error_new_valist (CORE_REST_SCOPES_ERROR, CORE_REST_SCOPES_ERROR_FORM, format, arguments));
  va_end (arguments);
  return FALSE;
}

/* "admin, Internal/creator": the names without the blanks around them. */
static char **
split_roles (const char *text)
{
  g_auto (GStrv) words = g_strsplit (text, ",", -1);
  g_autoptr (GStrvBuilder) roles = g_strv_builder_new ();

  for (char **word = words; *word != NULL; word++)
    if (*g_strstrip (*word) != '\0')
      g_strv_builder_add (roles, *word);
  return g_strv_builder_end (roles);
}

/* RFC 6749 3.3: a token with anything else in its name could not be asked for. */
static gboolean
is_scope (const char *name)
{
  for (const char *at = name; *at != '\0'; at++)
    if (*at <= ' ' || *at > '~' || *at == '"' || *at == '\\')
      return FALSE;
  return *name != '\0';
}

static gboolean
add_one (CoreRestScopes *scopes, const CoreJsonNode *node, guint number, GError **error)
{
  const char *name = core_json_string (core_json_member (node, "Name"));
  const char *text = core_json_string (core_json_member (node, "Roles"));
  g_auto (GStrv) roles = text != NULL ? split_roles (text) : NULL;

  if (name == NULL || !is_scope (name))
    return refuse (error, "number %u of RESTAPIScopes has no Name that a scope can have", number);
  if (roles == NULL || roles[0] == NULL)
    return refuse (error,
                   "the scope \"%s\" of RESTAPIScopes has no Roles: write the roles whose users get it, "
                   "separated by commas,"
                   " or Internal/everyone",
                   name);
  if (g_hash_table_contains (scopes->roles, name))
    return refuse (error, "the scope \"%s\" is twice in RESTAPIScopes", name);
  g_hash_table_insert (scopes->roles, g_strdup (name), g_steal_pointer (&roles));
  return TRUE;
}

CoreRestScopes *
core_rest_scopes_parse (const char *text, gsize length, const char *admin_role, GError **error)
{
  g_autoptr (GError) why = NULL;
  g_autoptr (CoreJson) json = core_json_parse (text, length, &why);
  g_autoptr (CoreRestScopes) scopes = NULL;
  const CoreJsonNode *member, *list;
  guint number = 0;

  if (json == NULL)
    {
      refuse (error, "%s", why->message);
      return NULL;
    }
  member = core_json_member (core_json_root (json), "RESTAPIScopes");
  if (member == NULL)
    return core_rest_scopes_new_default (admin_role);
  list = core_json_member (member, "Scope");
  if (list == NULL || core_json_type (list) != CORE_JSON_ARRAY)
    {
      refuse (error, "RESTAPIScopes has no array \"Scope\"");
      return NULL;
    }
  scopes = new_empty ();
  for (const CoreJsonNode *node = core_json_first (list); node != NULL; node = core_json_next (node))
    if (!add_one (scopes, node, ++number, error))
      return NULL;
  return g_steal_pointer (&scopes);
}

void
core_rest_scopes_free (CoreRestScopes *scopes)
{
  if (scopes == NULL)
    return;
  g_hash_table_unref (scopes->roles);
  g_free (scopes);
}

char **
core_rest_scopes_roles (const CoreRestScopes *scopes, const char *scope)
{
  return g_hash_table_lookup (scopes->roles, scope);
}

const char *
core_rest_scopes_words (const char *scope)
{
  for (gsize i = 0; i < G_N_ELEMENTS (standards); i++)
    if (strcmp (standards[i].scope, scope) == 0)
      return standards[i].words;
  return NULL;
}
