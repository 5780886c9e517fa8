/* Where results go: stdout, as tables for people, tab-separated text for pipes, or one JSON or YAML document; and what
 * makes them fit to print.
 * Threads: one. */
#ifndef CTL_OUTPUT_H
#define CTL_OUTPUT_H

#include "admin-cli/ctl-options.h"
#include "admin-cli/ctl-table.h"

#include <json-glib/json-glib.h>
#include <stdio.h>

G_BEGIN_DECLS

typedef struct
{
  FILE *out;           /* results, nothing else */
  FILE *err;           /* errors, warnings, notes, questions */
  gboolean terminal;   /* out is a terminal: tables are aligned and have headers, times are relative */
  gboolean color;      /* out is a terminal that may be coloured */
  gboolean color_err;  /* likewise err */
  gboolean json;       /* a document is wanted: -o json, -o yaml or --field */
  gboolean yaml;       /* -o yaml */
  gboolean wide;       /* -o wide */
  gboolean name;       /* -o name */
  gboolean quiet;      /* -q */
  gboolean verbose;    /* -v */
  const char *field;   /* --field; nullable */
  const char *columns; /* --columns; nullable */
  GError *failure;     /* what a printing function could not do, for ctl_output_finish(); NULL: nothing */
} CtlOutput;

/* Takes over the common options. FALSE with CTL_ERROR_USAGE. The options must outlive the output. */
gboolean ctl_output_configure (CtlOutput *output, const CtlOptions *options, const char *what, const char *hint,
                               GError **error);

void ctl_output_text (CtlOutput *output, const char *format, ...) G_GNUC_PRINTF (2, 3);
void ctl_output_warning (CtlOutput *output, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* A line about what was done, on stderr; not with -q. */
void ctl_output_note (CtlOutput *output, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* With -o name the first column only; with --columns those that it names. */
void ctl_output_table (CtlOutput *output, const CtlTable *table);
/* Ends and prints the document that @builder holds, or its --field. */
void ctl_output_json (CtlOutput *output, JsonBuilder *builder);
void ctl_output_node (CtlOutput *output, JsonNode *root);
/* FALSE when not everything could be written (disk full, closed pipe), or what --field or --columns name is not there. */
gboolean ctl_output_finish (CtlOutput *output, GError **error);

/* Members of the object that is open in @builder; a NULL text is null. */
void ctl_json_text (JsonBuilder *builder, const char *name, const char *text);
void ctl_json_int (JsonBuilder *builder, const char *name, gint64 value);
void ctl_json_bool (JsonBuilder *builder, const char *name, gboolean value);
/* @texts: (element-type utf8). */
void ctl_json_texts (JsonBuilder *builder, const char *name, const GPtrArray *texts);
/* Indented text with a final line feed. Free with g_free(). */
char *ctl_json_render (JsonNode *root);

/* A copy that cannot move a terminal's cursor or break a table: control characters, of Unicode too, and broken UTF-8
 * become "?". */
char *ctl_text_clean (const char *text);

G_END_DECLS
#endif
