/* Services over SOAP 1.1 and 1.2 that are tables of operations (spec/soap-and-oauth.md 1, 3;
 * spec/gateway-and-traffic-manager.md 3, 5.1). Control plane: they run on the HTTP pool and may block.
 *
 * A service is a table of operations with their parameters and results. The table serves a request (who may ask, which
 * operation, parameters once each) and makes the WSDL, so that the two cannot disagree.
 *
 * Who may ask is a SoapGuard's to say, before the message is read; a service may be open to anyone, then its operations
 * see to it themselves. Threads: calls come on threads of the HTTP pool. */
#ifndef SOAP_SERVICE_H
#define SOAP_SERVICE_H

#include "common/apim-config.h"
#include "common/apim-status.h"
#include "net/net-http-server.h"
#include "soap/soap-envelope.h"
#include "soap/soap-writer.h"

G_BEGIN_DECLS

/* Why an operation failed, in words for the caller. Any other error is logged, and the caller is told nothing of it. */
#define SOAP_ERROR (soap_error_quark ())
GQuark soap_error_quark (void);
typedef enum
{
  SOAP_ERROR_FAILED,
} SoapError;

typedef struct _SoapBean SoapBean;

/* A parameter, a result, or a child of a bean. */
typedef struct
{
  const char *name;     /* NULL: the end of the list */
  const char *type;     /* "string", "boolean", "int", "long"; "anyType": any XML; unused for a bean */
  gboolean many;        /* 0..n */
  const SoapBean *bean; /* nullable: a plain type */
} SoapField;

struct _SoapBean
{
  const char *name;
  const char *namespace;
  const SoapField *fields; /* in the order of the wire */
};

/* Who may ask. Someone who is let in may be somebody: the guard's to know. */
typedef struct _SoapGuard SoapGuard;
struct _SoapGuard
{
  /* FALSE: answered. @caller: (out) (nullable). Blocks. */
  gboolean (*admit) (SoapGuard *guard, NetHttpExchange *exchange, SoapVersion version, gint64 deadline_us,
                     gpointer *caller);
  void (*release) (SoapGuard *guard, gpointer caller); /* @caller: not NULL */
  /* The same for what is no SOAP: answers nothing. Returns: 0: let in; else the status to answer with: 401, 403, 503. */
  guint (*check) (SoapGuard *guard, NetHttpExchange *exchange, gint64 deadline_us);
};

typedef struct
{
  gpointer data; /* of soap_server_add() */
  NetHttpExchange *exchange;
  const SoapElement *operation; /* its parameters are below it */
  gpointer caller;              /* who asks; NULL in a service that is open to anyone */
  gint64 deadline_us;
  NetBuffer *output; /* the children of the response: "ns:" is the service's namespace, "b:" that of the result's bean */
} SoapCall;

/* FALSE with SOAP_ERROR or any other. */
typedef gboolean (*SoapFunc) (SoapCall *call, GError **error);

typedef struct
{
  const char *name;            /* NULL: the end of the list */
  const SoapField *parameters; /* nullable */
  const SoapField *result;     /* "return"; nullable: void, answered with 202 and nothing */
  SoapFunc run;
} SoapOperation;

typedef struct
{
  const char *name;
  const char *namespace; /* of the wrappers, parameters and "return" */
  const char *target;    /* targetNamespace of the WSDL; it never shows in an envelope */
  const char *exception; /* of typed faults, without the service's name */
  gboolean takes_files;  /* messages may be as large as any request, and texts as large as a file */
  gboolean takes_lists;  /* messages may be as large as any request, and have SOAP_MAX_ANSWER_ELEMENTS */
  const SoapOperation *operations;
} SoapService;

/* What the services of one role share: limits, and what is counted. */
typedef struct _SoapServer SoapServer;

/* @config: read only here. @area: of its log lines (static). @guard: (nullable) (borrowed): nobody is let in to a service
 * that is not open. */
SoapServer *soap_server_new (const ApimConfig *config, const char *area, SoapGuard *guard);
void soap_server_free (SoapServer *server);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoapServer, soap_server_free)

/* Any thread. */
void soap_server_set_limits (SoapServer *server, const ApimLimits *limits);

/* Adds the paths of @service, WEBCONTEXTROOT/services/NAME and its ports', to @http. @open: to anyone. */
void soap_server_add (SoapServer *server, NetHttpServer *http, const SoapService *service, gboolean open,
                      gpointer data);

/* "PREFIX.calls", ".replies", ".faults", ".unauthenticated", ".refused". */
void soap_server_add_status (SoapServer *server, const char *prefix, ApimStatus *status);

/* For operations. Texts live as long as the call.
 * The parameter's text; NULL where it is missing, nil or empty. */
const char *soap_parameter (const SoapElement *parent, const char *name);
/* The same; FALSE with SOAP_ERROR where it is missing. */
gboolean soap_parameter_need (const SoapElement *parent, const char *name, const char **text, GError **error);
/* All of one name that are not empty: NULL-terminated; free the list with g_free(). */
const char **soap_parameter_list (const SoapElement *parent, const char *name);
/* Sets SOAP_ERROR. Always FALSE. */
gboolean soap_fail (GError **error, const char *reason);

G_END_DECLS
#endif
