/* PtAnswer: what a handler answers, until the service sends it. Handlers fill it and know no sockets.
 * Threads: one. */
#ifndef PT_ANSWER_H
#define PT_ANSWER_H

#include "portal/pt-router.h"

G_BEGIN_DECLS

#define PT_JSON_TYPE "application/json"

struct _PtAnswer
{
  guint status;     /* 200 */
  const char *type; /* static, or of @owned_type */
  char *owned_type;
  GString *json;    /* the body; empty: none */
  GBytes *bytes;    /* nullable: the body instead of @json, of another type */
  char *path;       /* nullable: Location: of what was made, below the API's base ("/apis/ID") */
  char *address;    /* nullable: Location: an address elsewhere */
  char *etag;       /* nullable, with its quotes */
  char *challenge;  /* nullable: WWW-Authenticate */
  char *allow;      /* nullable: Allow */
  char *attachment; /* nullable: Content-Disposition: a file to be kept under a name */
};

void pt_answer_init (PtAnswer *answer);
void pt_answer_clear (PtAnswer *answer); /* wipes the body: it may hold secrets */
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PtAnswer, pt_answer_clear)

/* 201 with the Location of what was made. */
void pt_answer_created (PtAnswer *answer, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* The resource's own entity tag. @tag: (nullable): without quotes, of visible ASCII. */
void pt_answer_set_etag (PtAnswer *answer, const char *tag);

/* @bytes: (transfer full). @type: copied; what is no header text becomes application/octet-stream. */
void pt_answer_bytes (PtAnswer *answer, GBytes *bytes, const char *type);

/* The body is a file of this name (RFC 6266). @file_name: (nullable): any text. */
void pt_answer_attach (PtAnswer *answer, const char *file_name);

/* Replaces all that was answered by @error. @scope: (nullable): what the resource asks for. */
void pt_answer_error (PtAnswer *answer, const GError *error, const char *request_id, const char *scope);

/* The body, whichever it is. */
const void *pt_answer_body (const PtAnswer *answer, gsize *length);

/* An entity tag of these bytes (RFC 9110 8.8.3), with its quotes. Free with g_free(). */
char *pt_etag_of (const void *bytes, gsize length);

/* Whether If-Match or If-None-Match (@header, @length bytes) names @etag; "*" names any. Weak tags are
 * compared by their text. */
gboolean pt_etag_listed (const char *header, gsize length, const char *etag);

G_END_DECLS
#endif
