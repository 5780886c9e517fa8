/* Which handler a request goes to: tables of method, path template, scope and handler, one table for each
 * file of resources. Threads: pure functions. */
#ifndef PT_ROUTER_H
#define PT_ROUTER_H

#include <glib.h>

G_BEGIN_DECLS

typedef struct _PtRequest PtRequest;
typedef struct _PtAnswer PtAnswer;

/* Fills @answer, or FALSE with an error that pt-error.h knows. Runs on a pool thread, may block. */
typedef gboolean (*PtHandler) (PtRequest *request, PtAnswer *answer, GError **error);

typedef enum
{
  PT_BODY_NONE,       /* what is sent nevertheless is not looked at */
  PT_BODY_JSON,       /* an object: 415 for another type, 400 for what is no such object */
  PT_BODY_JSON_ARRAY, /* an array, likewise */
  PT_BODY_FILE,       /* multipart/form-data: 415 for another type */
  PT_BODY_ARCHIVE,    /* the same, of up to MaxArchive; of paths without parameters */
} PtBody;

/* A row with a NULL method ends a table. */
typedef struct
{
  const char *method;
  const char *
      path; /* below the API's base: "/apis/{apiId}/documents"; "{...}" is one segment, kept as a parameter */
  const char *scope; /* nullable: no token is needed, and one that is sent must be good */
  PtBody body;
  gboolean other_type; /* it answers with other types than JSON: Accept is not looked at */
  PtHandler handler;
} PtRoute;

#define PT_MAX_PARAMETERS 3

typedef struct
{
  const PtRoute *route;                    /* NULL: nothing was found */
  char *parameters[PT_MAX_PARAMETERS + 1]; /* decoded, valid UTF-8, not empty; in the order of the path */
  GString *allowed;                        /* nullable: the methods of a path that is there: 405 */
} PtMatch;

/* @tables: NULL-terminated; the first row that fits counts, so "/apis/copy-api" stands before
 * "/apis/{apiId}".
 * @method: HEAD finds GET's rows. @path: undecoded, @length bytes; one "/" at its end is overlooked, as
 * JAX-RS does. */
void pt_router_find (const PtRoute *const *tables, const char *method, const char *path, gsize length,
                     PtMatch *match);
void pt_match_clear (PtMatch *match);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PtMatch, pt_match_clear)

G_END_DECLS
#endif
