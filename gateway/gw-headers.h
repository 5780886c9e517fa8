/* Heads that a gateway sends on: of requests to backends, of their answers to clients
 * (spec/gateway-and-traffic-manager.md 1.7, RFC 9110 7.6, RFC 9112).
 *
 * What is left out, both ways: what belongs to one connection (Connection and whatever it names, Keep-Alive,
 * Proxy-Connection, Proxy-Authenticate, Proxy-Authorization, TE, Trailer, Transfer-Encoding, Upgrade,
 * HTTP2-Settings), Content-Length and Expect. Framing is written anew, and what is said of trailers
 * (gw-trailers.h). A client cannot have a header that matters removed by naming it in Connection:
 * Authorization, Host, Cookie, Content-Type, Content-Encoding,
 * Forwarded, X-Forwarded-*, the JWT's, activityID and traceparent are passed on although they are named.
 *
 * What a backend believes because a gateway said it, no client can say: the JWT header (in any spelling that
 * a CGI variable would make of it), "assertion" of 1.x, and the marker of default versions are removed.
 *
 * Values that sequences set may hold bytes of the request, decoded: CR, LF, NUL and other controls become
 * blanks (RFC 9110 5.5), so that no answer can be split.
 *
 * Threads: pure functions; nothing is allocated beside the caller's buffer. */
#ifndef GW_HEADERS_H
#define GW_HEADERS_H

#include "gateway/gw-expression.h"
#include "net/net-buffer.h"
#include "net/net-http-response.h"

G_BEGIN_DECLS

#define GW_HEADERS_DEFAULT_VERSION "WSO2_AM_API_DEFAULT_VERSION"
/* Header line of every answer that is the gateway's own. */
#define GW_HEADERS_SERVER_LINE "Server: WSO2-PassThrough-HTTP\r\n"
#define GW_HEADERS_USER_AGENT "Synapse-PT-HttpComponents-NIO"

/* Whether a field belongs to one connection and to the framing of one message, so that it never goes on. */
gboolean gw_headers_is_of_connection (NetHttpText name);

/* Without case, and "_" as "-": a backend that makes variables of headers sees no difference between such names. */
gboolean gw_headers_is_same_variable (NetHttpText a, NetHttpText b);

/* Appends a field value that is not known to be one: what none may hold becomes a blank (RFC 9110 5.5). */
void gw_headers_append_value (const char *text, gsize length, NetBuffer *output);

typedef struct
{
  const char *jwt_header;       /* JWTHeader, 1.x SecurityContextHeader; "X-JWT-Assertion" */
  gboolean preserve_user_agent; /* http.user.agent.preserve; FALSE */
  gboolean preserve_server;     /* http.server.preserve; FALSE */
  gboolean preserve_host;       /* "Host" in http.headers.preserve; FALSE */
  gboolean preserve_date;       /* "Date" in http.headers.preserve; FALSE */
} GwHeaderSettings;

extern const GwHeaderSettings gw_header_standard_settings;

/* What a sequence did to a header. */
typedef struct
{
  GwText name;  /* a token, in any case */
  GwText value; /* text NULL: the header is removed */
} GwHeaderChange;

/* How the body that follows is framed. */
typedef enum
{
  GW_FRAMING_NONE,    /* no body; of an answer: none, and no Content-Length either (204, 304, to HEAD) */
  GW_FRAMING_LENGTH,  /* Content-Length */
  GW_FRAMING_CHUNKED, /* Transfer-Encoding */
  GW_FRAMING_TO_END,  /* the end of the connection (HTTP/1.0) or of the stream (HTTP/2) is the end of the body */
} GwFraming;

typedef struct
{
  GwText method; /* a token */
  GwText target; /* the endpoint's path, "/" at least: made by gw_headers_append_target() or likewise */
  GwText host;   /* for Host: host[:port] of the endpoint */
  GwFraming framing;
  guint64 content_length;
  const char *remove;            /* nullable: a header that is not passed on: the token's */
  GwText jwt;                    /* text NULL: none */
  GwText forwarded_for;          /* appended as X-Forwarded-For to what the request has of it; text NULL: nothing is */
  const GwHeaderChange *changes; /* by sequences; the last one of a name counts */
  guint n_changes;
  const void *extra;             /* header lines to be added, each with its CR LF: about trailers */
  gsize extra_length;
} GwRequestHead;

/* Appends a request head to @output, with its empty line. Nothing of @request->target is used. */
void gw_headers_append_request (const GwHeaderSettings *settings, const NetHttpRequest *request,
                                const GwRequestHead *head, NetBuffer *output);

typedef struct
{
  guint status; /* 0: that of the backend */
  GwFraming framing;
  guint64 content_length;  /* with GW_FRAMING_LENGTH */
  gint64 announced_length; /* with GW_FRAMING_NONE: the length that a GET would have had; -1: not known */
  const char *connection;  /* nullable: "close" or "keep-alive" */
  const void *extra;       /* header lines to be added, each with its CR LF: CORS */
  gsize extra_length;
  const GwHeaderChange *changes;
  guint n_changes;
  gint64 now_ms; /* UTC: for Date */
} GwResponseHead;

/* Appends the head of an answer to @output, with its empty line. */
void gw_headers_append_response (const GwHeaderSettings *settings, const NetHttpResponse *response,
                                 const GwResponseHead *head, NetBuffer *output);

/* The path and query that a backend is asked for (1.6 "URL sent"): @base: path of the endpoint's URL, with
 * its query; @postfix: what follows the context in the request, with its query; empty: nothing. Exactly one
 * slash between them; a @base that ends in "/" loses it before a @postfix that begins with "?". */
void gw_headers_append_target (GwText base, GwText postfix, NetBuffer *output);

G_END_DECLS
#endif
