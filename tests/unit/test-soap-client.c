/* The SOAP client against a gateway's services as libsoup's server plays them: TLS, logins, answers good and
 * bad. */
#include "config.h"
#include "soap/soap-client.h"

#include "common/apim-key-store.h"
#include "common/apim-trust-store.h"
#include "tests/lib/soup-services.h"

#include <glib/gstdio.h>
#include <string.h>

#define BEGIN_1_2 "<e:Envelope xmlns:e=\"" SOAP_NAMESPACE_1_2 "\"><e:Body>"
#define BEGIN_1_1 "<e:Envelope xmlns:e=\"" SOAP_NAMESPACE_1_1 "\"><e:Body>"
#define END "</e:Body></e:Envelope>"
#define PASSWORD "p<w&d"

typedef struct
{
  char *home;
  ApimConfig *config;
  GTlsDatabase *trust;
  SoupServices *services;
  const char *url; /* theirs */
  /* Of the server's thread while it runs. */
  guint n_logins;
  guint n_calls;
  guint session; /* the only one that is good */
  gboolean refuse_login;
  char *last_body;
  char *last_type;
} Fixture;

static void
answer (SoupServerMessage *message, guint status, const char *text)
{
  soup_server_message_set_status (message, status, NULL);
  if (text != NULL)
    soup_server_message_set_response (message, "application/soap+xml; charset=UTF-8", SOUP_MEMORY_COPY, text,
                                      strlen (text));
}

static gboolean
has_session (Fixture *f, SoupServerMessage *message)
{
  g_autofree char *wanted = g_strdup_printf ("JSESSIONID=s%u", f->session);
  const char *cookie = soup_message_headers_get_one (soup_server_message_get_request_headers (message), "Cookie");

  return f->session != 0 && cookie != NULL && strstr (cookie, wanted) != NULL;
}

static void
on_login (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query, gpointer data)
{
  Fixture *f = data;
  SoupMessageBody *body = soup_server_message_get_request_body (message);
  g_autofree char *text = g_strndup (body->data, (gsize) body->length);
  gboolean good = !f->refuse_login && strstr (text, ":username>admin</") != NULL
                  && strstr (text, ":password>p&lt;w&amp;d</") != NULL;

  f->n_logins++;
  if (good)
    {
      g_autofree char *cookie = g_strdup_printf ("JSESSIONID=s%u; Path=/; Secure; HttpOnly", ++f->session);

      soup_message_headers_append (soup_server_message_get_response_headers (message), "Set-Cookie", cookie);
    }
  answer (message, 200,
          good ? BEGIN_1_2 "<l:loginResponse xmlns:l=\"x\"><l:return>true</l:return></l:loginResponse>" END
               : BEGIN_1_2 "<l:loginResponse xmlns:l=\"x\"><l:return>false</l:return></l:loginResponse>" END);
}

static gboolean
admitted (Fixture *f, SoupServerMessage *message)
{
  const char *basic = soup_message_headers_get_one (soup_server_message_get_request_headers (message), "Authorization");

  return has_session (f, message) || g_strcmp0 (basic, "Basic YWRtaW46cDx3JmQ=") == 0;
}

/* What comes back by the name of the operation. */
static const struct
{
  const char *operation;
  guint status;
  const char *text;
} answers[] = {
  { "good", 200, BEGIN_1_2 "<r:goodResponse xmlns:r=\"x\"><r:return>yes</r:return></r:goodResponse>" END },
  { "oneWay", 202, NULL },
  { "fault12", 500,
    BEGIN_1_2 "<e:Fault><e:Code><e:Value>e:Receiver</e:Value></e:Code><e:Reason><e:Text>no such&#10;API</e:Text>"
              "</e:Reason></e:Fault>" END },
  { "fault11", 500,
    BEGIN_1_1 "<e:Fault><faultcode>e:Server</faultcode><faultstring>no such API</faultstring></e:Fault>" END },
  { "faultInside200", 200, BEGIN_1_2 "<e:Fault/>" END },
  { "denied", 500,
    BEGIN_1_2 "<e:Fault><e:Code><e:Value>50978</e:Value></e:Code><e:Reason><e:Text>Access Denied.</e:Text></e:Reason>"
              "</e:Fault>" END },
  { "html", 200, "<html><p>It works!</html>" },
  { "missing", 404, "<html><p>Not Found</html>" },
  { "entity", 200, "<!DOCTYPE e [<!ENTITY a \"b\">]>" BEGIN_1_2 "<r>&a;</r>" END },
  { "answerIn500", 500, BEGIN_1_2 "<r/>" END },
};

static void
on_call (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query, gpointer data)
{
  Fixture *f = data;
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  SoupMessageBody *body = soup_server_message_get_request_body (message);
  const char *type = soup_message_headers_get_one (headers, "Content-Type");

  f->n_calls++;
  g_free (f->last_body);
  g_free (f->last_type);
  f->last_body = g_strndup (body->data, (gsize) body->length);
  f->last_type = g_strdup (type);
  if (!admitted (f, message))
    {
      answer (message, 401, NULL);
      return;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_autofree char *action = g_strdup_printf ("action=\"urn:%s\"", answers[i].operation);

      if (strstr (type, action) != NULL)
        {
          answer (message, answers[i].status, answers[i].text);
          return;
        }
    }
  if (strstr (type, "urn:huge") != NULL)
    {
      g_autofree char *text = g_strnfill (SOAP_CLIENT_MAX_ANSWER + 1, ' ');

      answer (message, 200, text);
    }
  else if (strstr (type, "urn:redirect") != NULL)
    soup_server_message_set_redirect (message, 302, "/services/AuthenticationAdmin");
  else if (strstr (type, "urn:stalls") != NULL)
    {
      soup_server_message_set_status (message, 200, NULL);
      soup_message_headers_set_encoding (soup_server_message_get_response_headers (message), SOUP_ENCODING_CHUNKED);
      soup_message_body_append (soup_server_message_get_response_body (message), SOUP_MEMORY_STATIC, "<", 1);
    }
  else
    soup_server_message_pause (message); /* silent for ever */
}

static void
start_services (Fixture *f)
{
  static const SoupService services[] = {
    { "/services/AuthenticationAdmin", on_login },
    { "/services/APIGatewayAdmin", on_call },
  };
  g_autofree char *key = apim_home_path (f->home, "resources", "security", "node-ec.pem", NULL);

  f->services = soup_services_new (key, services, G_N_ELEMENTS (services), f);
  f->url = soup_services_url (f->services);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  f->home = g_dir_make_tmp ("soap-client-XXXXXX", NULL);
  f->config = apim_config_load (f->home, -1, &error);
  g_assert_no_error (error);
  g_assert_true (apim_key_store_make (f->config, (const char *const[]){ "localhost", NULL }, NULL, &error));
  f->trust = apim_trust_store_open (f->config, &error);
  g_assert_no_error (error);
  start_services (f);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  static const char *const files[] = { "node-rsa.pem", "node-ec.pem", "node-cert.pem", "" };

  soup_services_free (f->services);
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = apim_home_path (f->home, "resources", "security", files[i], NULL);

      g_remove (path);
    }
  for (const char *const *folder = (const char *const[]){ "repository/resources", "repository", "", NULL };
       *folder != NULL; folder++)
    {
      g_autofree char *path = g_build_filename (f->home, *folder, NULL);

      g_rmdir (path);
    }
  g_clear_object (&f->trust);
  apim_config_unref (f->config);
  g_free (f->last_body);
  g_free (f->last_type);
  g_free (f->home);
}

/* The client's call of @operation with one text. */
static gboolean
call (SoapClient *client, const char *operation, const SoapElement **result, GError **error)
{
  NetBuffer body = { NULL };
  gboolean done;

  SOAP_WRITE_MARKUP (&body, "<s:op xmlns:s=\"x\">");
  soap_write_text (&body, "s:apiName", "A&B");
  SOAP_WRITE_MARKUP (&body, "</s:op>");
  done = soap_client_call (client, "APIGatewayAdmin", operation, &body, result, error);
  net_buffer_clear (&body);
  return done;
}

static void
test_answers (Fixture *f, gconstpointer data)
{
  g_autoptr (SoapClient) client = soap_client_new (f->url, SOAP_LOGIN_BASIC, "admin", PASSWORD, f->trust, 30000);
  g_autoptr (GError) error = NULL;
  const SoapElement *result;

  g_assert_true (call (client, "good", &result, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (result->name, ==, "goodResponse");
  g_assert_cmpstr (soap_element_next_named (result, NULL, "return")->text, ==, "yes");
  g_assert_cmpstr (f->last_type, ==, "application/soap+xml; charset=UTF-8; action=\"urn:good\"");
  g_assert_nonnull (
      strstr (f->last_body, "<soapenv:Body><s:op xmlns:s=\"x\"><s:apiName>A&amp;B</s:apiName></s:op></soapenv:Body>"));
  g_assert_true (call (client, "oneWay", &result, &error));
  g_assert_no_error (error);
  g_assert_null (result);
  g_assert_cmpuint (f->n_logins, ==, 0);
}

static void
test_bad_answers (Fixture *f, gconstpointer data)
{
  static const struct
  {
    const char *operation;
    SoapClientError code;
    const char *message; /* nullable */
  } cases[] = {
    { "fault12", SOAP_CLIENT_ERROR_FAULT, "no such API" },
    { "fault11", SOAP_CLIENT_ERROR_FAULT, "no such API" },
    { "faultInside200", SOAP_CLIENT_ERROR_FAULT, "a fault without a reason" },
    { "denied", SOAP_CLIENT_ERROR_LOGIN, "Access Denied." },
    { "html", SOAP_CLIENT_ERROR_ANSWER, NULL },
    { "missing", SOAP_CLIENT_ERROR_ANSWER, "HTTP status 404, and no answer of a SOAP service that can be read" },
    { "entity", SOAP_CLIENT_ERROR_ANSWER, NULL },
    { "answerIn500", SOAP_CLIENT_ERROR_ANSWER, NULL },
    { "huge", SOAP_CLIENT_ERROR_ANSWER, NULL },
    { "redirect", SOAP_CLIENT_ERROR_ANSWER, NULL },
  };

  g_autoptr (SoapClient) client = soap_client_new (f->url, SOAP_LOGIN_BASIC, "admin", PASSWORD, f->trust, 30000);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      const SoapElement *result;

      g_assert_false (call (client, cases[i].operation, &result, &error));
      g_assert_error (error, SOAP_CLIENT_ERROR, (gint) cases[i].code);
      g_assert_null (result);
      if (cases[i].message != NULL)
        g_assert_cmpstr (error->message, ==, cases[i].message);
    }
  g_assert_cmpuint (f->n_logins, ==, 0); /* the redirect was not followed */
}

/* One login serves many calls; a session that has ended is made anew. */
static void
test_session (Fixture *f, gconstpointer data)
{
  g_autoptr (SoapClient) client = soap_client_new (f->url, SOAP_LOGIN_ADMIN, "admin", PASSWORD, f->trust, 30000);
  g_autoptr (GError) error = NULL;

  g_assert_true (call (client, "good", NULL, &error));
  g_assert_true (call (client, "good", NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (f->n_logins, ==, 1);
  g_assert_cmpuint (f->n_calls, ==, 2);
  f->session += 7; /* the cookie that it has is no good any more */
  g_assert_true (call (client, "good", NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (f->n_logins, ==, 2);
  f->session += 7;
  f->refuse_login = TRUE;
  g_assert_false (call (client, "good", NULL, &error));
  g_assert_error (error, SOAP_CLIENT_ERROR, SOAP_CLIENT_ERROR_LOGIN);
  g_assert_cmpuint (f->n_logins, ==, 3);
}

static void
test_wrong_password (Fixture *f, gconstpointer data)
{
  for (SoapLogin login = SOAP_LOGIN_BASIC; login <= SOAP_LOGIN_ADMIN; login++)
    {
      g_autoptr (SoapClient) client = soap_client_new (f->url, login, "admin", "hunter2", f->trust, 30000);
      g_autoptr (GError) error = NULL;

      g_assert_false (call (client, "good", NULL, &error));
      g_assert_error (error, SOAP_CLIENT_ERROR, SOAP_CLIENT_ERROR_LOGIN);
      g_assert_null (strstr (error->message, "hunter2"));
    }
  g_assert_cmpuint (f->n_logins, ==, 1);
  g_assert_cmpuint (f->n_calls, ==, 1); /* after a login that failed nothing is asked */
}

static void
test_certificates (Fixture *f, gconstpointer data)
{
  g_autoptr (GTlsDatabase) system = g_tls_backend_get_default_database (g_tls_backend_get_default ());
  g_autoptr (SoapClient) stranger = soap_client_new (f->url, SOAP_LOGIN_BASIC, "admin", PASSWORD, system, 30000);
  g_autofree char *port = g_strdup (strrchr (f->url, ':'));
  g_autofree char *elsewhere = g_strconcat ("https://127.0.0.2", port, NULL);
  g_autoptr (SoapClient) misnamed = soap_client_new (elsewhere, SOAP_LOGIN_BASIC, "admin", PASSWORD, f->trust, 30000);
  g_autoptr (GError) error = NULL;

  g_assert_false (call (stranger, "good", NULL, &error));
  g_assert_error (error, SOAP_CLIENT_ERROR, SOAP_CLIENT_ERROR_UNREACHABLE);
  g_assert_nonnull (strstr (error->message, "not trusted"));
  g_clear_error (&error);
  g_assert_false (call (misnamed, "good", NULL, &error));
  g_assert_error (error, SOAP_CLIENT_ERROR, SOAP_CLIENT_ERROR_UNREACHABLE);
  g_assert_cmpuint (f->n_calls, ==, 0);
}

/* Neither who never answers nor who is not there holds a caller for longer than it said. */
static void
test_silence (Fixture *f, gconstpointer data)
{
  g_autoptr (SoapClient) client = soap_client_new (f->url, SOAP_LOGIN_BASIC, "admin", PASSWORD, f->trust, 300);
  g_autoptr (SoapClient) nobody
      = soap_client_new ("https://localhost:1/services/", SOAP_LOGIN_BASIC, "admin", PASSWORD, f->trust, 30000);
  g_autoptr (GError) error = NULL;

  g_assert_false (call (client, "silent", NULL, &error));
  g_assert_error (error, SOAP_CLIENT_ERROR, SOAP_CLIENT_ERROR_UNREACHABLE);
  g_assert_cmpstr (error->message, ==, "no answer within 300 ms");
  g_clear_error (&error);
  g_assert_false (call (client, "stalls", NULL, &error)); /* in the middle of an answer */
  g_assert_error (error, SOAP_CLIENT_ERROR, SOAP_CLIENT_ERROR_UNREACHABLE);
  g_clear_error (&error);
  g_assert_false (call (nobody, "good", NULL, &error));
  g_assert_error (error, SOAP_CLIENT_ERROR, SOAP_CLIENT_ERROR_UNREACHABLE);
  g_clear_error (&error);
  g_assert_false (call (client, "silent", NULL, &error)); /* and goes on being of use */
  g_assert_error (error, SOAP_CLIENT_ERROR, SOAP_CLIENT_ERROR_UNREACHABLE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, test) g_test_add (path, Fixture, NULL, set_up, test, tear_down)
  ADD ("/soap-client/answers", test_answers);
  ADD ("/soap-client/bad-answers", test_bad_answers);
  ADD ("/soap-client/session", test_session);
  ADD ("/soap-client/wrong-password", test_wrong_password);
  ADD ("/soap-client/certificates", test_certificates);
  ADD ("/soap-client/silence", test_silence);
  return g_test_run ();
}
