/* What the scopes of an application's APIs are called, for people (spec/databases.md 3.5), read within an operation of StWriter.
 * Threads: as StWriter. */
#ifndef ST_OAUTH_SCOPE_TEXT_H
#define ST_OAUTH_SCOPE_TEXT_H

#include "store/st-writer.h"

G_BEGIN_DECLS

#define ST_OAUTH_MAX_SCOPE_TEXTS 1024 /* more scopes of one application's APIs are not read */

typedef struct
{
  char *key;
  char *name;        /* nullable; what the Publisher calls it */
  char *description; /* nullable */
} StOauthScopeText;

/* *texts: (element-type StOauthScopeText) (transfer full): empty for a client of no application. */
gboolean st_oauth_scope_texts_find (StWriter *writer, const char *consumer_key, GPtrArray **texts, GError **error);

G_END_DECLS
#endif
