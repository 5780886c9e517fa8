/* Where results go: stdout, as text for people, tab-separated text for pipes, or one JSON document; and what makes
 * them fit to print.
 * Threads: one. */
#ifndef CTL_OUTPUT_H
#define CTL_OUTPUT_H

#include "admin-cli/ctl-table.h"

#include <json-glib/json-glib.h>
#include <stdio.h>

G_BEGIN_DECLS

typedef struct
{
  FILE *out;         /* results, nothing else */
  FILE *err;         /* errors, warnings, questions */
  gboolean terminal; /* out is a terminal: tables are aligned and have headers */
  gboolean json;     /* -o json */
} CtlOutput;

void ctl_output_text (CtlOutput *output, const char *format, ...) G_GNUC_PRINTF (2, 3);
void ctl_output_warning (CtlOutput *output, const char *format, ...) G_GNUC_PRINTF (2, 3);
void ctl_output_table (CtlOutput *output, const CtlTable *table);
/* Ends and prints the document that @builder holds. */
void ctl_output_json (CtlOutput *output, JsonBuilder *builder);
/* FALSE when not everything could be written (disk full, closed pipe). */
gboolean ctl_output_finish (CtlOutput *output, GError **error);

/* Members of the object that is open in @builder; a NULL text is null. */
void ctl_json_text (JsonBuilder *builder, const char *name, const char *text);
void ctl_json_int (JsonBuilder *builder, const char *name, gint64 value);
void ctl_json_bool (JsonBuilder *builder, const char *name, gboolean value);
/* Indented text with a final line feed. Free with g_free(). */
char *ctl_json_render (JsonNode *root);

/* A copy that cannot move a terminal's cursor or break a table: control characters, of Unicode too, and broken UTF-8
 * become "?". */
char *ctl_text_clean (const char *text);

G_END_DECLS
#endif
