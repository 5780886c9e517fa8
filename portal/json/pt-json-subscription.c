#include "config.h"
#include "portal/json/pt-json-subscription.h"

char *
pt_json_subscription_id (const StSubscriptionRecord *subscription)
{
  return subscription->uuid != NULL ? g_strdup (subscription->uuid)
                                    : g_strdup_printf ("%" G_GINT64_FORMAT, subscription->id);
}

static char *
application_id (const StSubscriptionRecord *subscription)
{
  return subscription->application_uuid != NULL
             ? g_strdup (subscription->application_uuid)
             : g_strdup_printf ("%" G_GINT64_FORMAT, subscription->application_id);
}

/* WSO2's own words for it: "provider-name-version", whose "@" is written "-AT-" (section 1.1). */
static char *
api_identifier (const StSubscriptionRecord *subscription)
{
  g_auto (GStrv) parts = g_strsplit (subscription->api_provider, "@", -1);
  g_autofree char *provider = g_strjoinv ("-AT-", parts);

  return g_strjoin ("-", provider, subscription->api_name, subscription->api_version, NULL);
}

void
pt_json_subscription_append (GString *json, const StSubscriptionRecord *subscription)
{
  g_autofree char *id = pt_json_subscription_id (subscription);
  g_autofree char *application = application_id (subscription);
  g_autofree char *api = api_identifier (subscription);

  g_string_append_c (json, '{');
  core_json_append_member (json, "subscriptionId", id);
  core_json_append_member (json, "applicationId", application);
  core_json_append_member (json, "apiIdentifier", api);
  core_json_append_member (json, "tier", subscription->tier);
  core_json_append_member (json, "status", subscription->status);
  g_string_append_c (json, '}');
}

void
pt_subscription_body_clear (PtSubscriptionBody *body)
{
  g_free (body->application);
  g_free (body->api);
  g_free (body->tier);
  *body = (PtSubscriptionBody){ { 0 } };
}

gboolean
pt_json_subscription_read (const CoreJsonNode *node, const char *prefix, PtSubscriptionBody *body,
                           GError **error)
{
  g_autoptr (GPtrArray) violations = core_violations_new ();
  const PtJson json = { node, prefix, violations };

  pt_json_need_text (&json, "applicationId", &body->application);
  pt_json_need_text (&json, "apiIdentifier", &body->api);
  pt_json_need_text (&json, "tier", &body->tier);
  body->input
      = (CoreSubscriptionInput){ .application = body->application, .api = body->api, .tier = body->tier };
  return core_violations_check (violations, error);
}
