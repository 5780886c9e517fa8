/* The keys of applications in subscription-add.jag of the Store. */
#include "config.h"
#include "portal/jaggery/pt-page-tables.h"

#include "core/core-json.h"
#include "core/core-key.h"
#include "core/core-subscription.h"
#include "portal/jaggery/pt-page-lookup.h"
#include "portal/pt-error.h"
#include "store/st-key-writes.h"

#include <string.h>

/* What the parameters ask for. */
typedef struct
{
  CoreKeyRequest request; /* borrows the rest, and the fields */
  char *application;
  char **domains, **scopes, **grant_types;
  CoreJson *parameters; /* nullable: jsonParams */
} Asked;

static void
asked_clear (Asked *asked)
{
  g_free (asked->application);
  g_strfreev (asked->domains);
  g_strfreev (asked->scopes);
  g_strfreev (asked->grant_types);
  g_clear_pointer (&asked->parameters, core_json_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Asked, asked_clear)

/* Words with commas or blanks between them, as the releases differ. NULL: there is none. */
static char **
split (const char *text)
{
  g_auto (GStrv) parts = g_strsplit_set (text != NULL ? text : "", ", ", -1);
  g_autoptr (GStrvBuilder) words = g_strv_builder_new ();
  gboolean any = FALSE;

  for (guint i = 0; parts[i] != NULL; i++)
    if (*parts[i] != '\0')
      {
        g_strv_builder_add (words, parts[i]);
        any = TRUE;
      }
  return any ? g_strv_builder_end (words) : NULL;
}

static const char *
parameter (const Asked *asked, const char *name)
{
  return asked->parameters != NULL
             ? core_json_string (core_json_member (core_json_root (asked->parameters), name))
             : NULL;
}

static gboolean
read_parameters (PtPageCall *call, Asked *asked, GError **error)
{
  const char *text = pt_fields_get (call->fields, "jsonParams");
  g_autoptr (GError) why = NULL;

  if (text == NULL)
    return TRUE;
  asked->parameters = core_json_parse (text, strlen (text), &why);
  return asked->parameters != NULL
         || pt_fail (error, PT_ERROR_BAD_REQUEST, "The parameter \"jsonParams\" is no JSON object: %s",
                     why->message);
}

/* The application is that of @name_field, or of the number in selectedAppID. */
static gboolean
read_asked (PtPageCall *call, const char *name_field, Asked *asked, GError **error)
{
  g_autoptr (StApplicationRecord) application = NULL;
  const char *type = pt_fields_get (call->fields, "keytype");

  if (!read_parameters (call, asked, error)
      || !pt_page_find_application (call, name_field, "selectedAppID", &application, error))
    return FALSE;
  asked->application = pt_page_application_id (application);
  asked->domains = split (pt_fields_get (call->fields, "authorizedDomains"));
  asked->scopes = split (pt_fields_get (call->fields, "tokenScope"));
  asked->grant_types = split (parameter (asked, "grant_types"));
  asked->request = (CoreKeyRequest){ .application = asked->application,
                                     .type = type != NULL ? type : parameter (asked, "key_type"),
                                     .callback_url = pt_fields_get (call->fields, "callbackUrl"),
                                     .grant_types = (const char *const *)asked->grant_types,
                                     .scopes = (const char *const *)asked->scopes,
                                     .domains = (const char *const *)asked->domains,
                                     .validity = pt_fields_get (call->fields, "validityTime") };
  return TRUE;
}

/* JSON within a text, as the pages have it. */
static void
append_client (GString *json, const StOauthClient *client)
{
  g_autoptr (GString) details = g_string_new ("{");

  if (client != NULL)
    {
      core_json_append_member (details, "grant_types", client->grant_types);
      core_json_append_member (details, "redirect_uris", client->callback_url);
    }
  g_string_append_c (details, '}');
  core_json_append_member (json, "appDetails", details->str);
}

static void
append_token (GString *json, const CoreTokenIssued *issued)
{
  g_autofree char *scopes = g_strjoinv (" ", issued->token->scopes);
  g_autoptr (GString) details = g_string_new ("{");

  core_json_append_member (details, "tokenScope", scopes);
  g_string_append_c (details, '}');
  core_json_append_member (json, "accessToken", issued->text);
  core_json_append_int64 (json, "validityTime", issued->expires_in_s);
  core_json_append_texts (json, "tokenScope", (const char *const *)issued->token->scopes);
  core_json_append_member (json, "tokenDetails", details->str);
}

static gboolean
answer_key (PtPageCall *call, const CoreKey *key)
{
  GString *json = call->json;

  core_json_append_name (json, "data");
  g_string_append_c (json, '{');
  core_json_append_name (json, "key");
  g_string_append_c (json, '{');
  core_json_append_member (json, "consumerKey", key->key->consumer_key);
  core_json_append_member (json, "consumerSecret", key->client != NULL ? key->client->secret : NULL);
  core_json_append_member (json, "keyState", key->key->state);
  core_json_append_member (json, "callbackUrl", key->client != NULL ? key->client->callback_url : NULL);
  append_client (json, key->client);
  if (key->issued.token != NULL && key->issued.text != NULL)
    append_token (json, &key->issued);
  g_string_append (json, "}}");
  return TRUE;
}

static gboolean
generate (PtPageCall *call, const Asked *asked, GError **error)
{
  const CorePortal *core = &call->portal->core;
  g_autoptr (CoreKey) key = NULL;

  if (pt_page_is_true (call, "retryAfterFailure")
      && !core_key_clean_up (core, call->actor, asked->application, asked->request.type, error))
    return FALSE;
  return core_key_generate (core, call->actor, &asked->request, &key, error) && answer_key (call, key);
}

static gboolean
generate_application_key (PtPageCall *call, GError **error)
{
  g_auto (Asked) asked = { { 0 } };

  return read_asked (call, "application", &asked, error) && generate (call, &asked, error);
}

/* The page of the first releases, where keys were an API's: they are the application's since 1.7, whose
 * subscription is what it takes. */
static gboolean
generate_api_key (PtPageCall *call, GError **error)
{
  static const StPage one = { 0, 1 };
  g_auto (Asked) asked = { { 0 } };
  g_autofree char *api = pt_page_api_id (call, "name", error);
  CoreSubscriptionSearch search = { .api = api };
  g_autoptr (GPtrArray) records = NULL;
  gint64 total;

  if (api == NULL || !read_asked (call, "application", &asked, error))
    return FALSE;
  search.application = asked.application;
  if (!core_subscription_list (&call->portal->core, call->actor, &search, &one, &records, &total, error))
    return FALSE;
  if (total == 0)
    return core_portal_fail (error, CORE_PORTAL_ERROR_CONFLICT,
                             "The application is not subscribed to the API %s.", api);
  return generate (call, &asked, error);
}

static gboolean
update_client (PtPageCall *call, GError **error)
{
  g_auto (Asked) asked = { { 0 } };
  g_autoptr (CoreKey) key = NULL;

  if (!read_asked (call, "application", &asked, error))
    return FALSE;
  /* "" takes it away; without the parameter it stays. */
  asked.request.callback_url = pt_fields_raw (call->fields, "callbackUrl");
  return core_key_update (&call->portal->core, call->actor, &asked.request, &key, error)
         && answer_key (call, key);
}

/* The token of the same scopes gives way, whichever one the page names; the domains are the client's. */
static gboolean
refresh_token (PtPageCall *call, GError **error)
{
  g_auto (Asked) asked = { { 0 } };
  g_autoptr (CoreKey) key = NULL;

  return read_asked (call, "application", &asked, error)
         && core_key_refresh_token (&call->portal->core, call->actor, &asked.request, &key, error)
         && answer_key (call, key);
}

static gboolean
map_client (PtPageCall *call, GError **error)
{
  const char *client = pt_fields_need (call->fields, "client_id", error);
  g_auto (Asked) asked = { { 0 } };
  g_autoptr (CoreKey) key = NULL;
  const char *secret;

  if (client == NULL || !read_asked (call, "applicationName", &asked, error))
    return FALSE;
  secret = parameter (&asked, "client_secret");
  if (secret == NULL)
    return pt_fail (error, PT_ERROR_BAD_REQUEST,
                    "The member \"client_secret\" of the parameter \"jsonParams\" is missing.");
  return core_key_map (&call->portal->core, call->actor, &asked.request, client, secret, &key, error)
         && answer_key (call, key);
}

/* Of the application that the client is of: the page names no other. */
static gboolean
regenerate_secret (PtPageCall *call, GError **error)
{
  const char *client = pt_fields_need (call->fields, "clientId", error);
  g_autofree char *application = NULL;
  g_autoptr (CoreKey) known = NULL;
  g_autoptr (CoreKey) key = NULL;

  if (client == NULL || !core_key_get_client (&call->portal->core, call->actor, client, &known, error))
    return FALSE;
  application = g_strdup_printf ("%" G_GINT64_FORMAT, known->key->application_id);
  return core_key_regenerate_secret (&call->portal->core, call->actor, application,
                                     st_key_type_text (known->key->type), &key, error)
         && answer_key (call, key);
}

#define PAGE "subscription/subscription-add/ajax/subscription-add.jag"

const PtPageRow pt_store_page_keys[] = {
  { PAGE, "generateApplicationKey", PT_PAGE_LOGIN_REQUIRED, 0, generate_application_key },
  { PAGE, "generateAPIKey", PT_PAGE_LOGIN_REQUIRED, 0, generate_api_key },
  { PAGE, "updateClientApplication", PT_PAGE_LOGIN_REQUIRED, 0, update_client },
  { PAGE, "refreshToken", PT_PAGE_LOGIN_REQUIRED, 0, refresh_token },
  { PAGE, "regenerateConsumerSecret", PT_PAGE_LOGIN_REQUIRED, 0, regenerate_secret },
  { PAGE, "mapExistingOauthClient", PT_PAGE_LOGIN_REQUIRED, 0, map_client },
  { NULL },
};
