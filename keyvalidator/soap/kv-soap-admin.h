/* The admin services of the Key Manager over SOAP 1.1 and 1.2 (spec/soap-and-oauth.md 3): what the Store and the
 * Publisher ask it for. Control plane: they run on the HTTP pool and may block.
 *
 * A service is a table of operations with their parameters and results. The table serves a request (who may ask, which
 * operation, parameters once each) and makes the WSDL, so that the two cannot disagree. Each service is a file,
 * kv-soap-<service>.c.
 *
 * Who may ask: an administrator of the super tenant, with the permission /permission/admin/manage, by Basic credentials
 * or session cookie (kv-admission.h). Which permissions WSO2 wants for each is not known for all of them: this is the
 * highest. Administrators of other tenants are refused, because these operations name users, clients and tokens of any
 * tenant. A service may be open to anyone; then its operations see to it themselves.
 * Threads: calls come on threads of the HTTP pool. */
#ifndef KV_SOAP_ADMIN_H
#define KV_SOAP_ADMIN_H

#include "common/apim-config.h"
#include "common/apim-status.h"
#include "core/core-rate-limit.h"
#include "keyvalidator/kv-admission.h"
#include "keyvalidator/oauth/kv-oauth.h"
#include "net/net-http-server.h"
#include "soap/soap-envelope.h"
#include "soap/soap-writer.h"

G_BEGIN_DECLS

#define KV_SOAP_AXIS2 "http://org.apache.axis2/xsd"
#define KV_SOAP_MODEL "http://model.api.apimgt.carbon.wso2.org/xsd"
#define KV_SOAP_DTO "http://dto.impl.apimgt.carbon.wso2.org/xsd"

/* Why an operation failed, in words for the caller. Any other error is logged, and the caller is told nothing of it. */
#define KV_SOAP_ERROR (kv_soap_error_quark ())
GQuark kv_soap_error_quark (void);
typedef enum
{
  KV_SOAP_ERROR_FAILED,
} KvSoapError;

typedef struct _KvSoapBean KvSoapBean;

/* A parameter, a result, or a child of a bean. */
typedef struct
{
  const char *name;       /* NULL: the end of the list */
  const char *type;       /* "string", "boolean", "int", "long"; unused for a bean */
  gboolean many;          /* 0..n */
  const KvSoapBean *bean; /* nullable: a plain type */
} KvSoapField;

struct _KvSoapBean
{
  const char *name;
  const char *namespace;
  const KvSoapField *fields; /* in the order of the wire */
};

typedef struct _KvSoapAdmin KvSoapAdmin;

typedef struct
{
  KvSoapAdmin *admin;
  NetHttpExchange *exchange;
  const SoapElement *operation; /* its parameters are below it */
  const StUser *user;           /* who asks; NULL in a service that is open to anyone */
  gint64 deadline_us;
  NetBuffer *output; /* the children of the response: "ns:" is the service's namespace, "b:" that of the result's bean */
} KvSoapAdminCall;

/* FALSE with KV_SOAP_ERROR or any other. */
typedef gboolean (*KvSoapAdminFunc) (KvSoapAdminCall *call, GError **error);

typedef struct
{
  const char *name;              /* NULL: the end of the list */
  const KvSoapField *parameters; /* nullable */
  const KvSoapField *result;     /* "return"; nullable: void, answered with 202 and nothing */
  KvSoapAdminFunc run;
} KvSoapOperation;

typedef enum
{
  KV_SOAP_FOR_MANAGERS,
  KV_SOAP_FOR_ANYONE,
  KV_SOAP_FOR_SIGN_UP, /* anyone where Apimd/AnonymousSignUp says so, else managers */
} KvSoapAudience;

typedef struct
{
  const char *name;
  const char *namespace; /* of the wrappers, parameters and "return" */
  const char *target;    /* targetNamespace of the WSDL; it never shows in an envelope */
  const char *exception; /* of typed faults, without the service's name */
  KvSoapAudience audience;
  const KvSoapOperation *operations;
} KvSoapAdminService;

/* How often since the start; atomic, each. Of all admin services together. */
typedef struct
{
  guint64 calls;            /* messages that named an operation */
  guint64 replies;          /* of those, the ones that did what was asked */
  guint64 faults;           /* of those and of messages that cannot be read */
  guint64 unauthenticated;  /* nobody, or nobody who may ask */
  guint64 refused;          /* no SOAP message: media type, size, method */
  guint64 sign_ups_held_up; /* by the limits on them */
} KvSoapAdminCounters;

struct _KvSoapAdmin
{
  KvOauth *oauth;
  KvAdmission *admission;
  CoreAuthenticator *authenticator;
  KvSessions *sessions;
  StDatabase *user_database;
  const ApimConfig *config; /* as it was at the start */
  char *default_host;       /* "host:port" */
  CoreRateLimit *sign_ups;  /* by strangers */
  KvSoapAdminCounters counters;
  guint max_message;        /* relaxed atomic */
  GPtrArray *doors;         /* one for each service */
};

/* Everything is borrowed, but @oauth's configuration, which it holds on to anyway. */
KvSoapAdmin *kv_soap_admin_new (KvOauth *oauth, KvAdmission *admission, CoreAuthenticator *authenticator,
                                KvSessions *sessions, StDatabase *user_database);
void kv_soap_admin_free (KvSoapAdmin *admin);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KvSoapAdmin, kv_soap_admin_free)

void kv_soap_admin_set_limits (KvSoapAdmin *admin, const ApimLimits *limits);

void kv_soap_admin_add_status (KvSoapAdmin *admin, ApimStatus *status);

/* Adds the paths of every service to @server. */
void kv_soap_admin_add_to (KvSoapAdmin *admin, NetHttpServer *server);

/* For operations. Texts live as long as the call.
 * The parameter's text; NULL where it is missing, nil or empty. */
const char *kv_soap_parameter (const SoapElement *parent, const char *name);
/* The same; FALSE with KV_SOAP_ERROR where it is missing. */
gboolean kv_soap_parameter_need (const SoapElement *parent, const char *name, const char **text, GError **error);
/* All of one name that are not empty: NULL-terminated; free the list with g_free(). */
const char **kv_soap_parameter_list (const SoapElement *parent, const char *name);
/* Sets KV_SOAP_ERROR. Always FALSE. */
gboolean kv_soap_fail (GError **error, const char *reason);

extern const KvSoapAdminService kv_soap_authentication_admin;
extern const KvSoapAdminService kv_soap_user_admin;
extern const KvSoapAdminService kv_soap_user_registration;
extern const KvSoapAdminService kv_soap_user_store;
extern const KvSoapAdminService kv_soap_provider;
extern const KvSoapAdminService kv_soap_subscriber;

G_END_DECLS
#endif
