/* Trailer sections that a gateway passes on, in both directions and between versions of HTTP (RFC 9110 6.5).
 *
 * What comes behind a body was not there when the call was judged and sent on, so it may say nothing that would have changed
 * that. Dropped are, in any spelling that a CGI variable would make of them:
 *   - names that no sender may put there (6.5.1): framing, routing, authentication and cookies, request modifiers, control
 *     of responses, how a body is to be read;
 *   - what a gateway takes away, sets or believes as a header: the token's, the JWT's, Forwarded and X-Forwarded-*,
 *     Access-Control-*, activityID, traceparent, ended tokens, and what a sequence has changed;
 *   - what the message's Connection names.
 * Everything else goes on, each field as a line of its own.
 *
 * Threads: pure functions; nothing is allocated beside the caller's buffer. */
#ifndef GW_TRAILERS_H
#define GW_TRAILERS_H

#include "gateway/gw-headers.h"

G_BEGIN_DECLS

/* What one message's trailers are held to, beside what holds for all. */
typedef struct
{
  const char *jwt_header;        /* as in GwHeaderSettings */
  const char *token_header;      /* nullable: the one that clients' tokens are in */
  const NetHttpHeader *headers;  /* of the message: for Connection */
  guint n_headers;
  const GwHeaderChange *changes; /* by sequences */
  guint n_changes;
} GwTrailerRules;

/* Whether a field of this name goes on. */
gboolean gw_trailers_pass (const GwTrailerRules *rules, NetHttpText name);

/* Appends the fields that go on to @output, each as "name: value" CR LF. @lines: the section, checked by whoever read it: each
 * field "name:value" CR LF. */
void gw_trailers_append (const GwTrailerRules *rules, NetHttpText lines, NetBuffer *output);

/* Appends a line Trailer with the names in the message's own fields of that name that would go on; nothing when there is
 * none. */
void gw_trailers_append_names (const GwTrailerRules *rules, NetBuffer *output);

/* Whether the sender of a request takes trailers in the answer: "TE: trailers" (RFC 9110 10.1.4), since HTTP/1.1. */
gboolean gw_trailers_are_asked_for (const NetHttpRequest *request);

/* Whether Connection names fields of the message, apart from those that belong to it anyway. */
gboolean gw_trailers_connection_names (const NetHttpHeader *headers, guint n_headers);

G_END_DECLS
#endif
