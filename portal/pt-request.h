/* PtRequest: one request of a REST API as its handler sees it: who asks, what for, with which input.
 * Threads: one. */
#ifndef PT_REQUEST_H
#define PT_REQUEST_H

#include "core/core-json.h"
#include "net/net-http-form.h"
#include "portal/pt-answer.h"
#include "portal/pt-multipart.h"
#include "portal/pt-portal.h"
#include "store/st-list.h"

G_BEGIN_DECLS

#define PT_REQUEST_ID_LENGTH 16
/* Items of one page of a list, whatever limit asks for. */
#define PT_MAX_PAGE_SIZE 1000

struct _PtRequest
{
  PtPortal *portal;
  CorePortal core;  /* for workflows: the portal's, with dry_run as the request says */
  const char *base; /* the API's path with its version: "/api/am/publisher/v0.14" */
  const char *path; /* below the base, decoded nowhere: "/apis" */
  const PtRoute *route;
  char *const *parameters;  /* of the route's template, in its order, NULL-terminated */
  NetHttpForm *query;       /* not NULL */
  const CoreJsonNode *body; /* PT_BODY_JSON: the object; PT_BODY_JSON_ARRAY: the array */
  const PtMultipart *files; /* PT_BODY_FILE, PT_BODY_ARCHIVE */
  const CoreActor *actor;   /* not NULL: without a token a visitor of the tenant that X-WSO2-Tenant names */
  const PtCaller *caller;   /* NULL: no token */
  const StTenant *tenant;   /* whose Store it is: X-WSO2-Tenant, else the actor's */
  const char *if_match; /* nullable: the entity tag that the caller saw, without quotes; NULL also for "*" */
  char id[PT_REQUEST_ID_LENGTH + 1]; /* in the log, in errors and in X-Request-ID */
};

/* The value of a query parameter; NULL where there is none or it is empty. */
const char *pt_request_query (const PtRequest *request, const char *name);
/* The same, or 400 that names it. */
const char *pt_request_need_query (const PtRequest *request, const char *name, GError **error);
/* "true" or "false"; @standard where there is none; 400 for anything else. */
gboolean pt_request_query_boolean (const PtRequest *request, const char *name, gboolean standard,
                                   gboolean *value, GError **error);

/* What the parameters limit (25; at most PT_MAX_PAGE_SIZE) and offset (0) say, or 400. */
gboolean pt_request_page (const PtRequest *request, StPage *page, GError **error);

G_END_DECLS
#endif
