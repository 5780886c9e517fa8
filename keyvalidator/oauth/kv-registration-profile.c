#include "config.h"
#include "keyvalidator/oauth/kv-registration-profile.h"

#include "core/core-json.h"

#include <string.h>

#define STANDARD_GRANTS "authorization_code client_credentials refresh_token"

G_DEFINE_QUARK (kv-registration-error-quark, kv_registration_error)

static gboolean
refuse (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

static gboolean
refuse (GError **error, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_propagate_error (error, g_error_new_valist (KV_REGISTRATION_ERROR, KV_REGISTRATION_ERROR_BAD, format, arguments));
  va_end (arguments);
  return FALSE;
}

/* A member that is a text without control characters, or missing, or null: NULL then. */
static gboolean
read_text (const CoreJsonNode *root, const char *name, glong max_characters, const char **text, GError **error)
{
  const CoreJsonNode *node = core_json_member (root, name);

  *text = core_json_string (node);
  if (node == NULL || core_json_type (node) == CORE_JSON_NULL)
    return TRUE;
  if (*text == NULL)
    return refuse (error, "%s must be a text", name);
  if (g_utf8_strlen (*text, -1) > max_characters)
    return refuse (error, "%s must not be longer than %ld characters", name, max_characters);
  for (const char *at = *text; *at != '\0'; at = g_utf8_next_char (at))
    if (g_unichar_iscntrl (g_utf8_get_char (at)))
      return refuse (error, "%s must not hold control characters", name);
  return TRUE;
}

/* true, false, null or missing; the words as texts, too, which WSO2's reader takes. */
static gboolean
read_boolean (const CoreJsonNode *root, const char *name, gboolean *value, GError **error)
{
  const CoreJsonNode *node = core_json_member (root, name);
  CoreJsonType type = node != NULL ? core_json_type (node) : CORE_JSON_NULL;
  const char *text = core_json_string (node);

  *value = type == CORE_JSON_TRUE || g_strcmp0 (text, "true") == 0;
  return *value || type == CORE_JSON_FALSE || type == CORE_JSON_NULL || g_strcmp0 (text, "false") == 0
         || refuse (error, "%s must be true or false", name);
}

static gboolean
needs_callback (const char *grant)
{
  return strcmp (grant, "authorization_code") == 0 || strcmp (grant, "implicit") == 0;
}

/* Also grants that only WSO2's own nodes know ("iwa:ntlm"): they may share the database. */
static gboolean
read_grants (const char *text, gboolean has_callback, char **grants, GError **error)
{
  g_auto (GStrv) words = g_strsplit (text, " ", -1);
  g_autoptr (GString) kept = g_string_new (NULL);

  for (char **word = words; *word != NULL; word++)
    {
      if (strspn (*word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_:.-") != strlen (*word))
        return refuse (error, "grantType must be names of grants, separated by blanks");
      if (**word != '\0' && (has_callback || !needs_callback (*word)))
        g_string_append_printf (kept, "%s%s", kept->len > 0 ? " " : "", *word);
    }
  *grants = g_strdup (kept->str);
  return TRUE;
}

gboolean
kv_registration_profile_parse (const char *body, gsize length, KvRegistrationProfile *profile, GError **error)
{
  g_autoptr (GError) why = NULL;
  g_autoptr (CoreJson) json = NULL;
  const char *name, *owner, *callback, *grants;

  if (length > KV_REGISTRATION_MAX_BODY)
    return refuse (error, "the request is larger than %d bytes", KV_REGISTRATION_MAX_BODY);
  json = core_json_parse (body, length, &why);
  if (json == NULL)
    return refuse (error, "the request is not one JSON object: %s", why->message);
  if (!read_text (core_json_root (json), "clientName", KV_REGISTRATION_MAX_NAME, &name, error)
      || !read_text (core_json_root (json), "owner", KV_REGISTRATION_MAX_TEXT, &owner, error)
      || !read_text (core_json_root (json), "callbackUrl", KV_REGISTRATION_MAX_TEXT, &callback, error)
      || !read_text (core_json_root (json), "grantType", KV_REGISTRATION_MAX_TEXT, &grants, error)
      || !read_boolean (core_json_root (json), "saasApp", &profile->saas, error))
    return FALSE;
  if (name == NULL || *name == '\0')
    return refuse (error, "clientName is missing");
  profile->client_name = g_strdup (name);
  profile->owner = owner != NULL && *owner != '\0' ? g_strdup (owner) : NULL;
  profile->callback_url = g_strdup (callback != NULL ? callback : "");
  return read_grants (grants != NULL && *grants != '\0' ? grants : STANDARD_GRANTS, *profile->callback_url != '\0',
                      &profile->grant_types, error);
}

void
kv_registration_profile_clear (KvRegistrationProfile *profile)
{
  g_free (profile->client_name);
  g_free (profile->owner);
  g_free (profile->callback_url);
  g_free (profile->grant_types);
  *profile = (KvRegistrationProfile){ NULL };
}
