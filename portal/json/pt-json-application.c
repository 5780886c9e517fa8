#include "config.h"
#include "portal/json/pt-json-application.h"

char *
pt_json_application_id (const StApplicationRecord *application)
{
  return application->uuid != NULL ? g_strdup (application->uuid)
                                   : g_strdup_printf ("%" G_GINT64_FORMAT, application->id);
}

static void
append_members (GString *json, const StApplicationRecord *application)
{
  g_autofree char *id = pt_json_application_id (application);

  core_json_append_member (json, "applicationId", id);
  core_json_append_member (json, "name", application->name);
  core_json_append_member (json, "subscriber", application->subscriber);
  core_json_append_member (json, "throttlingTier", application->tier);
  core_json_append_member (json, "description", application->description);
  core_json_append_member (json, "status", application->status);
  core_json_append_member (json, "groupId", application->group_id != NULL ? application->group_id : "");
}

void
pt_json_application_append_info (GString *json, const StApplicationRecord *application)
{
  g_string_append_c (json, '{');
  append_members (json, application);
  core_json_append_int64 (json, "subscriptionCount", application->n_subscriptions);
  g_string_append_c (json, '}');
}

static void
append_attributes (GString *json, char *const *attributes)
{
  core_json_append_name (json, "attributes");
  g_string_append_c (json, '{');
  for (guint i = 0; attributes != NULL && attributes[i] != NULL && attributes[i + 1] != NULL; i += 2)
    core_json_append_member (json, attributes[i], attributes[i + 1]);
  g_string_append_c (json, '}');
}

void
pt_json_application_append (GString *json, const StApplicationRecord *application, const char *keys)
{
  g_string_append_c (json, '{');
  append_members (json, application);
  core_json_append_member (json, "callbackUrl", application->callback_url);
  core_json_append_member (json, "tokenType",
                           application->token_type != NULL ? application->token_type : "DEFAULT");
  append_attributes (json, application->attributes);
  core_json_append_name (json, "keys");
  g_string_append (json, keys != NULL ? keys : "[]");
  g_string_append_c (json, '}');
}

void
pt_application_body_clear (PtApplicationBody *body)
{
  g_free (body->name);
  g_free (body->tier);
  g_free (body->callback_url);
  g_free (body->description);
  g_free (body->token_type);
  g_strfreev (body->groups);
  g_strfreev (body->attributes);
  *body = (PtApplicationBody){ { 0 } };
}

static void
read_attributes (const PtJson *json, PtApplicationBody *body)
{
  PtJson object = pt_json_object (json, "attributes", "attributes.");
  g_autoptr (GStrvBuilder) builder = NULL;

  if (object.object == NULL)
    return;
  builder = g_strv_builder_new ();
  for (const CoreJsonNode *node = core_json_first (object.object); node != NULL; node = core_json_next (node))
    {
      if (core_json_string (node) == NULL)
        {
          core_violations_add (json->violations, "attributes", "Each attribute must be a text.");
          return;
        }
      g_strv_builder_add (builder, core_json_name (node));
      g_strv_builder_add (builder, core_json_string (node));
    }
  body->attributes = g_strv_builder_end (builder);
}

/* One text: WSO2's multi-group feature has several with commas in it. */
static void
read_groups (const PtJson *json, PtApplicationBody *body)
{
  g_autofree char *text = NULL;

  pt_json_text (json, "groupId", &text);
  if (text != NULL && *text != '\0')
    body->groups = g_strsplit (text, ",", -1);
}

gboolean
pt_json_application_read (const CoreJsonNode *node, PtApplicationBody *body, GError **error)
{
  g_autoptr (GPtrArray) violations = core_violations_new ();
  const PtJson json = { node, "", violations };

  pt_json_text (&json, "name", &body->name);
  pt_json_text (&json, "throttlingTier", &body->tier);
  pt_json_text (&json, "callbackUrl", &body->callback_url);
  pt_json_text (&json, "description", &body->description);
  pt_json_text (&json, "tokenType", &body->token_type);
  read_groups (&json, body);
  read_attributes (&json, body);
  body->input = (CoreApplicationInput){ .name = body->name,
                                        .tier = body->tier,
                                        .callback_url = body->callback_url,
                                        .description = body->description,
                                        .token_type = body->token_type,
                                        .groups = (const char *const *)body->groups,
                                        .attributes = (const char *const *)body->attributes };
  return core_violations_check (violations, error);
}
