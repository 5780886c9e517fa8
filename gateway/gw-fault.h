/* What a gateway answers in a backend's place: the fault bodies of a WSO2 gateway, to the letter of the
 * configured release (spec/gateway-and-traffic-manager.md 2). Clients read these codes and texts.
 *
 * A fault is described by GwFault, which points to its parts; gw_fault_write() turns it into status, header
 * lines and body, in the format that the release would choose for this request (2.5). Where a release has a
 * SOAP fault for SOAP requests, so have we.
 *
 * Not as the original: request headers are not echoed into the answer (2.5 item 7) unless GwFaultStyle says
 * so; only activityID is, which clients look for. Texts of the request are escaped in every format.
 *
 * Threads: pure functions; nothing is allocated beside the caller's buffers. */
#ifndef GW_FAULT_H
#define GW_FAULT_H

#include "common/apim-config.h"
#include "gateway/gw-api.h"
#include "net/net-buffer.h"
#include "net/net-http-request.h"

G_BEGIN_DECLS

/* Bytes of a message and of a description; what is longer is cut at a character. */
#define GW_FAULT_MAX_TEXT 4096

/* The rows of 2.1-2.4. Which parts of GwFault each uses is said behind it; others are ignored. */
typedef enum
{
  GW_FAULT_SECURITY,      /* code, context, version; text: what 900900 says of its cause; token: 1.9 */
  GW_FAULT_THROTTLED,     /* code, next_access_ms */
  GW_FAULT_RUNTIME,       /* sequence "fault": code, text: ERROR_MESSAGE; status: CUSTOM_HTTP_SC */
  GW_FAULT_NO_RESOURCE,   /* 404; 1.x: 403 */
  GW_FAULT_NO_METHOD,     /* 405; 1.x: 403 */
  GW_FAULT_NO_SANDBOX,    /* _sandbox_key_error_ */
  GW_FAULT_NO_PRODUCTION, /* _production_key_error_ */
  GW_FAULT_UNKNOWN_PATH,  /* sequence "main"; text: the path without its first slash */
  GW_FAULT_TRANSPORT,     /* sequence "main"; text: the same; https: what the request came over */
  GW_FAULT_API_BLOCKED,
  GW_FAULT_RECURSION,           /* of a default version */
  GW_FAULT_TOKEN_API,           /* _token_fault_: as GW_FAULT_RUNTIME, always application/xml */
  GW_FAULT_THREAT,              /* _threat_fault_: code, message, text */
  GW_FAULT_SANDBOX_KEY_HERE,    /* sandbox key, production gateway */
  GW_FAULT_PRODUCTION_KEY_HERE, /* production key, sandbox gateway */
  GW_FAULT_ENGINE,              /* an API without handlers: status, and nothing else */
} GwFaultKind;

typedef struct
{
  GwFaultKind kind;
  guint code;              /* 900901, 101503, ... */
  GwText code_text;        /* instead of code, where a sequence set a text; text NULL: none */
  guint status;            /* 0: the one that the tables say */
  GwText context, version; /* of the API, as its file has them */
  GwText token;            /* GW_FAULT_SECURITY of 1.9 says it back to the caller */
  GwText message;
  GwText text;
  const char *endpoint;  /* GW_FAULT_RUNTIME of an endpoint that is suspended, without text; nullable */
  gint64 next_access_ms; /* UTC; 0: not known */
  gboolean https;
} GwFault;

/* How this node words its faults. */
typedef struct
{
  ApimGatewayGeneration generation;
  gboolean
      echoes_headers; /* the request's headers are sent back, as 2.x does: leaks them to scripts and logs */
} GwFaultStyle;

typedef struct
{
  guint status;
  const char *content_type; /* static; NULL: there is no body */
} GwFaultAnswer;

/* A security fault with @code: of the authenticator or of a Key Manager. (Lives as long as @api.) */
GwFault gw_fault_security (const GwApi *api, guint code);

/* The fault that a transport error (1.6) ends in: sequence "fault" with its code and text. @endpoint:
 * (nullable): where it happened; the texts of suspended ones name it. */
GwFault gw_fault_transport (GwErrorCode code, const GwEndpoint *endpoint);

/* ERROR_MESSAGE of a transport error (1.6), without the endpoint's name: static. */
const char *gw_fault_error_text (gint32 code);

/* @message_type: property error_message_type, if a sequence set it; text NULL: none.
 * @headers: header lines are appended, each with its CR LF: WWW-Authenticate, activityID, Server; none of
 * framing, Content-Type, Date or CORS. @body: is appended to. */
GwFaultAnswer gw_fault_write (const GwFault *fault, const GwFaultStyle *style, const NetHttpRequest *request,
                              GwText message_type, NetBuffer *headers, NetBuffer *body);

G_END_DECLS
#endif
