/* What a JSON text looks like from outside, asked before json-glib reads it: it follows nesting on the stack without a
 * limit, and loses a value's memory when another one follows it (1.6), so whoever sends such texts could break or fill
 * a process that reads many.
 *
 * For texts whose types json-glib reads; tokens and other things that decide about access are read by core-json.
 * Threads: pure. */
#ifndef APIM_JSON_SHAPE_H
#define APIM_JSON_SHAPE_H

#include <glib.h>

G_BEGIN_DECLS

/* Returns: NULL when the text is at most one value, at most @max_depth brackets deep, with at most @max_values values
 * and names; else what is wrong, to follow "is not JSON: " (static). Says nothing of what is between the brackets. */
const char *apim_json_shape_wrong (const char *text, gsize length, guint max_depth, guint max_values);

G_END_DECLS
#endif
