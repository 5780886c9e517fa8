/* JSON of servers, read within limits, and the values in it: found by a dotted path, shown as text.
 * Threads: any. */
#ifndef CTL_JSON_H
#define CTL_JSON_H

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* No answer or file of ours nests deeper; json-glib follows nesting on the stack. */
#define CTL_JSON_MAX_DEPTH 64

/* Returns: (transfer full): NULL with CTL_ERROR_FAILED, whose message says what is wrong and where. */
JsonNode *ctl_json_parse (const char *text, gsize length, const char *what, GError **error);

/* The value at @path, e.g. "maxTps.production" or "keys.0.consumerKey"; a member whose name is what is left of @path, dots and
 * all, goes first ("cache.state"). (nullable) (transfer none). */
JsonNode *ctl_json_find (JsonNode *root, const char *path);

/* As text: strings bare, arrays of plain values joined by commas, objects as compact JSON, null and @node NULL as "".
 * Free with g_free(). */
char *ctl_json_display (JsonNode *node);

/* Members of an object, or their absence. (nullable) (transfer none): NULL also for another type. */
const char *ctl_json_get_text (JsonObject *object, const char *name);
JsonObject *ctl_json_get_object (JsonObject *object, const char *name);
JsonArray *ctl_json_get_array (JsonObject *object, const char *name);

/* An array of texts; takes a list that NULL ends. (transfer full) */
JsonNode *ctl_json_text_array (const char *const *texts);
/* Sets @object's member @name to a text; NULL: leaves it. */
void ctl_json_set_text (JsonObject *object, const char *name, const char *text);

/* Sets copies of all members of @from in @object. */
void ctl_json_overlay (JsonObject *object, JsonObject *from);

/* A deep copy whose objects have their members in alphabetical order. (transfer full) */
JsonNode *ctl_json_sorted (JsonNode *node);
/* Whether both say the same, whatever the order of members. */
gboolean ctl_json_same (JsonNode *a, JsonNode *b);
/* Compact text. Free with g_free(). */
char *ctl_json_compact (JsonNode *node);

G_END_DECLS
#endif
