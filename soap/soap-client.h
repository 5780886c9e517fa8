/* Calls of SOAP services on other nodes (admin services of Carbon): HTTPS by libsoup, SOAP 1.2 as WSO2's own
 * stubs.
 *
 * Every call has a deadline over the whole of it, connection and login included. A redirect is not followed
 * and no proxy is asked: credentials go with the call. An answer is read with the reader of soap-envelope.h
 * and its limits.
 *
 * Session: the cookie that a node sets is sent back to it. Where it has run out (HTTP 401, or Carbon's fault
 * "Access Denied"), the client logs in again, once per call. Nothing else is tried twice: whether a call may
 * be is for the caller to know.
 *
 * Threads: a client is used by one thread at a time; any thread. Calls block. */
#ifndef SOAP_CLIENT_H
#define SOAP_CLIENT_H

#include "soap/soap-writer.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* Bytes of an answer. */
#define SOAP_CLIENT_MAX_ANSWER (4 * 1024 * 1024)

#define SOAP_CLIENT_ERROR (soap_client_error_quark ())
GQuark soap_client_error_quark (void);
typedef enum
{
  SOAP_CLIENT_ERROR_UNREACHABLE, /* no connection, TLS, or no answer in time: it may have been done or not */
  SOAP_CLIENT_ERROR_LOGIN,       /* user or password were not taken, or may not do this */
  SOAP_CLIENT_ERROR_FAULT,       /* the service says no; the message is its reason */
  SOAP_CLIENT_ERROR_ANSWER,      /* no answer of such a service */
} SoapClientError;

typedef enum
{
  SOAP_LOGIN_BASIC, /* Basic credentials with each call */
  SOAP_LOGIN_ADMIN, /* AuthenticationAdmin.login, then the session cookie */
} SoapLogin;

typedef struct _SoapClient SoapClient;

/* @services_url: https, with the final slash, as ApimEnvironment.server_url. @trust: (nullable): who vouches
 * for certificates; NULL: GIO's default. @timeout_ms: of a call. */
SoapClient *soap_client_new (const char *services_url, SoapLogin login, const char *user, const char *password,
                             GTlsDatabase *trust, guint timeout_ms);
void soap_client_free (SoapClient *client);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoapClient, soap_client_free)

/* Calls @operation of @service ("APIGatewayAdmin"): the action is "urn:" and the operation.
 * @body: what stands in the Body, with its namespaces declared; write it with soap-writer.h, "xsi" is
 * declared.
 * @answer: (out) (nullable) (optional): the Body's child, until the next call; NULL: none, as of a one-way
 * operation. FALSE with SOAP_CLIENT_ERROR; messages name neither credentials nor what was sent. */
gboolean soap_client_call (SoapClient *client, const char *service, const char *operation, const NetBuffer *body,
                           const SoapElement **answer, GError **error);

G_END_DECLS
#endif
