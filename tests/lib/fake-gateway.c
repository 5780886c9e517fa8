#include "config.h"
#include "tests/lib/fake-gateway.h"

#include "soap/soap-envelope.h"
#include "tests/lib/soup-services.h"

#include <string.h>

#define BEGIN "<e:Envelope xmlns:e=\"" SOAP_NAMESPACE_1_2 "\"><e:Body>"
#define END "</e:Body></e:Envelope>"
#define NAMESPACE "http://service.gateway.apimgt.carbon.wso2.org"

struct _FakeGateway
{
  SoupServices *services;
  GMutex lock; /* over what follows */
  FakeGatewayMood mood;
  GString *calls;
  GHashTable *kept; /* name -> text */
};

static void
answer (SoupServerMessage *message, guint status, const char *text)
{
  soup_server_message_set_status (message, status, NULL);
  soup_server_message_set_response (message, "application/soap+xml; charset=UTF-8", SOUP_MEMORY_COPY, text,
                                    strlen (text));
}

/* The parameter @name of @call; NULL: it was not sent. */
static const char *
parameter (const SoapElement *call, const char *name)
{
  const SoapElement *element = soap_element_next_named (call, NULL, name);

  return element != NULL ? element->text : NULL;
}

static void
on_login (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query, gpointer data)
{
  FakeGateway *gateway = data;
  SoupMessageBody *body = soup_server_message_get_request_body (message);
  SoapEnvelope envelope;
  const char *why;
  gboolean good;

  g_assert_cmpint (
      soap_reader_read (soap_reader_of_thread (), body->data, (gsize)body->length, &envelope, &why), ==,
      SOAP_READ_DONE);
  g_mutex_lock (&gateway->lock);
  good = gateway->mood != FAKE_GATEWAY_REFUSES_LOGIN
         && g_strcmp0 (parameter (envelope.body_child, "username"), "admin") == 0
         && g_strcmp0 (parameter (envelope.body_child, "password"), FAKE_GATEWAY_PASSWORD) == 0;
  g_mutex_unlock (&gateway->lock);
  if (good)
    soup_message_headers_append (soup_server_message_get_response_headers (message), "Set-Cookie",
                                 "JSESSIONID=good; Path=/; Secure; HttpOnly");
  answer (message, 200,
          good ? BEGIN "<l:loginResponse xmlns:l=\"x\"><l:return>true</l:return></l:loginResponse>" END
               : BEGIN "<l:loginResponse xmlns:l=\"x\"><l:return>false</l:return></l:loginResponse>" END);
}

/* The name that the call is about. */
static char *
name_of (const SoapElement *call)
{
  const char *provider = parameter (call, "apiProviderName"), *name = parameter (call, "apiName");

  g_assert_true (provider != NULL && name != NULL && parameter (call, "version") != NULL);
  if (strstr (call->name, "Default") != NULL)
    return g_strdup_printf ("%s--%s", provider, name);
  return g_strdup_printf ("%s--%s:v%s", provider, name, parameter (call, "version"));
}

/* Endpoints are named in their text only, as at a real one. */
static void
keep_endpoint (FakeGateway *gateway, const char *text)
{
  const char *begin = strstr (text, "name=\"") + strlen ("name=\"");

  g_hash_table_insert (gateway->kept, g_strndup (begin, strcspn (begin, "\"")), g_strdup (text));
}

static gboolean
is_endpoint_of (gpointer key, gpointer value, gpointer prefix)
{
  return g_str_has_prefix (key, prefix);
}

/* FALSE: a fault, as of an API that is there already, or is not there. */
static gboolean
keep_api (FakeGateway *gateway, const SoapElement *call)
{
  g_autofree char *name = name_of (call);
  gboolean there = g_hash_table_contains (gateway->kept, name);

  if (g_str_has_prefix (call->name, "delete"))
    return g_hash_table_remove (gateway->kept, name);
  if (there != g_str_has_prefix (call->name, "update"))
    return FALSE;
  g_hash_table_insert (gateway->kept, g_steal_pointer (&name), g_strdup (parameter (call, "apiConfig")));
  return TRUE;
}

static void
answer_get (FakeGateway *gateway, SoupServerMessage *message, const SoapElement *call)
{
  g_autofree char *name = name_of (call);

  answer (message, 200,
          g_hash_table_contains (gateway->kept, name)
              ? BEGIN "<n:r xmlns:n=\"x\"><n:return><n:name>x</n:name></n:return></n:r>" END
              : BEGIN "<n:r xmlns:n=\"x\"><n:return xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\" "
                      "i:nil=\"true\"/>"
                      "</n:r>" END);
}

static void
answer_write (FakeGateway *gateway, SoupServerMessage *message, const SoapElement *call)
{
  gboolean good = TRUE;

  if (strstr (call->name, "addEndpoint") == call->name)
    keep_endpoint (gateway, parameter (call, "endpointData"));
  else if (strcmp (call->name, "removeEndpointsToUpdate") == 0)
    {
      g_autofree char *prefix
          = g_strdup_printf ("%s--v%s_API", parameter (call, "apiName"), parameter (call, "apiVersion"));

      g_hash_table_foreach_remove (gateway->kept, is_endpoint_of, prefix);
    }
  else if (strcmp (call->name, "doEncryption") == 0)
    g_hash_table_insert (gateway->kept, g_strdup (parameter (call, "secureVaultAlias")),
                         g_strdup (parameter (call, "plainTextPass")));
  else
    good = keep_api (gateway, call);
  if (good)
    answer (message, 200, BEGIN "<n:r xmlns:n=\"x\"><n:return>true</n:return></n:r>" END);
  else
    answer (message, 500,
            BEGIN "<e:Fault><e:Reason><e:Text>it is there, or not</e:Text></e:Reason></e:Fault>" END);
}

static void
on_call (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query, gpointer data)
{
  FakeGateway *gateway = data;
  SoupMessageBody *body = soup_server_message_get_request_body (message);
  const char *cookie
      = soup_message_headers_get_one (soup_server_message_get_request_headers (message), "Cookie");
  SoapEnvelope envelope;
  const SoapElement *call;
  const char *why;

  if (cookie == NULL || strstr (cookie, "JSESSIONID=good") == NULL)
    {
      answer (message, 401, "");
      return;
    }
  g_assert_cmpint (
      soap_reader_read (soap_reader_of_thread (), body->data, (gsize)body->length, &envelope, &why), ==,
      SOAP_READ_DONE);
  call = envelope.body_child;
  g_assert_cmpstr (call->namespace, ==, NAMESPACE);
  g_mutex_lock (&gateway->lock);
  g_string_append_printf (gateway->calls, "%s%s", gateway->calls->len > 0 ? " " : "", call->name);
  if (gateway->mood == FAKE_GATEWAY_HANGS || gateway->mood == FAKE_GATEWAY_HANGS_ONCE)
    soup_server_message_pause (message);
  else if (gateway->mood == FAKE_GATEWAY_HTML)
    answer (message, 200, "<html><p>Welcome</html>");
  else if (g_str_has_prefix (call->name, "get"))
    answer_get (gateway, message, call);
  else if (gateway->mood == FAKE_GATEWAY_FAULTS)
    answer (message, 500, BEGIN "<e:Fault><e:Reason><e:Text>no space left</e:Text></e:Reason></e:Fault>" END);
  else if (gateway->mood == FAKE_GATEWAY_SAYS_FALSE)
    answer (message, 200, BEGIN "<n:r xmlns:n=\"x\"><n:return>false</n:return></n:r>" END);
  else
    answer_write (gateway, message, call);
  if (gateway->mood == FAKE_GATEWAY_HANGS_ONCE)
    gateway->mood = FAKE_GATEWAY_GOOD;
  g_mutex_unlock (&gateway->lock);
}

FakeGateway *
fake_gateway_new (const char *key_file)
{
  static const SoupService services[] = {
    { "/services/AuthenticationAdmin", on_login },
    { "/services/APIGatewayAdmin", on_call },
  };
  FakeGateway *gateway = g_new0 (FakeGateway, 1);

  g_mutex_init (&gateway->lock);
  gateway->calls = g_string_new (NULL);
  gateway->kept = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  gateway->services = soup_services_new (key_file, services, G_N_ELEMENTS (services), gateway);
  return gateway;
}

void
fake_gateway_free (FakeGateway *gateway)
{
  soup_services_free (gateway->services);
  g_hash_table_unref (gateway->kept);
  g_string_free (gateway->calls, TRUE);
  g_mutex_clear (&gateway->lock);
  g_free (gateway);
}

const char *
fake_gateway_url (const FakeGateway *gateway)
{
  return soup_services_url (gateway->services);
}

void
fake_gateway_set_mood (FakeGateway *gateway, FakeGatewayMood mood)
{
  g_mutex_lock (&gateway->lock);
  gateway->mood = mood;
  g_mutex_unlock (&gateway->lock);
}

char *
fake_gateway_take_calls (FakeGateway *gateway)
{
  char *calls;

  g_mutex_lock (&gateway->lock);
  calls = g_strdup (gateway->calls->str);
  g_string_truncate (gateway->calls, 0);
  g_mutex_unlock (&gateway->lock);
  return calls;
}

char *
fake_gateway_lookup (FakeGateway *gateway, const char *name)
{
  char *text;

  g_mutex_lock (&gateway->lock);
  text = g_strdup (g_hash_table_lookup (gateway->kept, name));
  g_mutex_unlock (&gateway->lock);
  return text;
}
