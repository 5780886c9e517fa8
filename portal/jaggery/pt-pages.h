/* The form pages of the Publisher and the Store of 1.x and 2.x, as scripts use them with curl and a cookie
 * jar (spec/publisher-store-workflows.md 10): a thin facade over the workflows. Answers are JSON with
 * {"error":...} and HTTP status 200, mostly also when something went wrong. Threads: made on the main thread before
 * the listeners accept; requests run on the pool. */
#ifndef PT_PAGES_H
#define PT_PAGES_H

#include "portal/jaggery/pt-fields.h"
#include "portal/jaggery/pt-session.h"
#include "portal/pt-dispatch.h"

G_BEGIN_DECLS

/* One call of a page's action. */
typedef struct
{
  PtPortal *portal;
  PtSessions *sessions;
  NetHttpExchange *exchange;
  const PtFields *fields;
  const CoreActor *actor; /* NULL: not logged in */
  GString *json;          /* the answer so far, after "error": members are added with core_json_append_*() */
  char *cookie;           /* nullable (transfer full): for Set-Cookie */
  guint status;           /* of HTTP: 200, but for the pages that WSO2 gave others */
} PtPageCall;

/* FALSE with an error, whose message the page answers. */
typedef gboolean (*PtPageHandler) (PtPageCall *call, GError **error);

typedef enum
{
  PT_PAGE_TEXT = 1 << 0,  /* the answer's type is text/plain, as the Publisher's pages have it */
  PT_PAGE_READS = 1 << 1, /* changes nothing of what is kept here, so it may come by GET, too */
} PtPageFlags;

/* A row with a NULL path ends a table. */
typedef struct
{
  const char *path;   /* below "/publisher/site/blocks/" or "/store/site/blocks/" */
  const char *action; /* the parameter of this name */
  const char *nobody; /* what somebody without a session is answered; NULL: a session is not needed */
  guint flags;        /* PtPageFlags */
  PtPageHandler handler;
} PtPageRow;

typedef struct _PtPages PtPages;

/* @site: "publisher" or "store". @tables: NULL-terminated, static. @portal: borrowed. */
PtPages *pt_pages_new (PtPortal *portal, const char *site, const PtPageRow *const *tables, GError **error);
void pt_pages_free (PtPages *pages);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtPages, pt_pages_free)

/* Borrowed: who is logged in, for what is served beside the pages. */
PtSessions *pt_pages_sessions (const PtPages *pages);

void pt_pages_add_to (PtPages *pages, PtDispatch *dispatch, NetHttpServer *server);

G_END_DECLS
#endif
