/* JSON records of a server as results: a table whose columns are paths in the records, or the records themselves where
 * a document is wanted. The first column is what -o name prints.
 * Threads: one. */
#ifndef CTL_VIEW_H
#define CTL_VIEW_H

#include "admin-cli/ctl-output.h"

G_BEGIN_DECLS

typedef enum
{
  CTL_CELL_TEXT,
  CTL_CELL_TIME,
} CtlCellKind;

/* One column; a list ends with a NULL header. */
typedef struct
{
  const char *header;
  const char *path; /* in the record, as ctl_json_find() takes it; "name/version" joins two by a slash */
  CtlCellKind kind;
  gboolean wide; /* in a list only with -o wide or where --columns names it */
  /* (nullable): what people see instead of the value's text. Returns: (transfer full). */
  char *(*show) (const char *text);
} CtlColumn;

/* A list. @rows: of objects. */
void ctl_view_list (CtlOutput *output, const CtlColumn *columns, JsonArray *rows);
/* One record, a line for each column that has a value. */
void ctl_view_record (CtlOutput *output, const CtlColumn *columns, JsonNode *record);

/* The text of @path in @record. Free with g_free(). */
char *ctl_view_text (JsonNode *record, const char *path);

G_END_DECLS
#endif
