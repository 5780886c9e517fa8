/* The servers of an environment, asked one request at a time: what is sent, and what came back as it came. Who asks,
 * and what a status means, is the business of ctl-oauth and ctl-rest. Threads: one. */
#ifndef CTL_SERVER_H
#define CTL_SERVER_H

#include "admin-cli/ctl-command.h"
#include "admin-cli/ctl-env.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

#define CTL_SERVER_DEFAULT_TIMEOUT_S 60
#define CTL_SERVER_MAX_TIMEOUT_S 3600
/* An answer that is longer is an error; archives of APIs with their documents are the largest. */
#define CTL_SERVER_MAX_REPLY (256u * 1024 * 1024)

typedef struct _CtlServer CtlServer;

typedef struct
{
  CtlService service;
  const char *method;        /* "GET" */
  const char *path;          /* behind the server's URL, escaped: see ctl_server_path() */
  const char *authorization; /* nullable: the header's value */
  JsonNode *json;            /* nullable: the body */
  GBytes *bytes;             /* nullable: another body */
  const char *content_type;  /* of @bytes */
  const char *accept;        /* nullable: JSON */
  const char *if_match;      /* nullable: an ETag */
  const char *dry_run;       /* nullable: X-APIM-Dry-Run */
  const char *what;          /* for messages: what it is about, e.g. "Weather/1.0.0" */
} CtlRequest;

typedef struct
{
  guint status;
  JsonNode *json;     /* nullable: the body was no JSON */
  GByteArray *bytes;  /* the body */
  char *content_type; /* nullable; without parameters */
  char *etag;         /* nullable */
  char *location;     /* nullable */
  gboolean rehearsed; /* it was a dry run: nothing was done */
} CtlReply;

void ctl_reply_free (CtlReply *reply);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CtlReply, ctl_reply_free)

/* @env: (transfer none), must outlive the server; @timeout_s: of one request. NULL with CTL_ERROR_USAGE: the file of
 * certificates. */
CtlServer *ctl_server_new (const CtlEnv *env, CtlOutput *output, guint timeout_s, GError **error);
void ctl_server_free (CtlServer *server);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CtlServer, ctl_server_free)

const CtlEnv *ctl_server_env (const CtlServer *server);

/* NULL with CTL_ERROR_UNREACHABLE; any HTTP status is a reply. */
CtlReply *ctl_server_send (CtlServer *server, const CtlRequest *request, GError **error);

/* @template with each "{}" replaced by the next text, escaped: "/apis/{}/swagger". A query parameter whose text is NULL
 * is left out with its name: "/apis?query={}&limit={}". Free with g_free(). */
char *ctl_server_path (const char *template, ...);

G_END_DECLS
#endif
