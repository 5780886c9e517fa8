/* Members of a request's JSON object read into a record's fields. What has the wrong type is noted as a
 * violation that names the field, so that a caller hears of all of them at once; a member that is missing
 * leaves its field as it is, null empties it. Threads: pure functions. */
#ifndef PT_JSON_H
#define PT_JSON_H

#include "core/core-json.h"
#include "core/core-portal.h"

G_BEGIN_DECLS

typedef struct
{
  const CoreJsonNode *object; /* nullable: nothing is there */
  const char *prefix;         /* of field names: "", "maxTps." */
  GPtrArray *violations;      /* of CoreViolation; borrowed */
} PtJson;

gboolean pt_json_has (const PtJson *json, const char *name);

/* A text. *to: (transfer full), replaced. */
void pt_json_text (const PtJson *json, const char *name, char **to);
/* The same, which must be there and not empty. */
void pt_json_need_text (const PtJson *json, const char *name, char **to);
/* An array of texts; an empty one, or null, is NULL. */
void pt_json_texts (const PtJson *json, const char *name, char ***to);
/* true or false. */
void pt_json_boolean (const PtJson *json, const char *name, gboolean *to);
/* A whole number, also as text ("3600"), as scripts send some. */
void pt_json_number (const PtJson *json, const char *name, gint64 minimum, gint64 maximum, gint64 *to);
/* "Enabled" or "Disabled", true or false. */
void pt_json_switch (const PtJson *json, const char *name, gboolean *to);
/* A member that is an object; its object is NULL where it is missing, null or something else (a violation).
 * @prefix: of its fields, static. */
PtJson pt_json_object (const PtJson *json, const char *name, const char *prefix);

/* The elements of a member that is an array; NULL where it is missing or null. */
const CoreJsonNode *pt_json_array (const PtJson *json, const char *name);

/* A text as REST writes enumerations: in capitals. */
void pt_json_append_upper (GString *json, const char *name, const char *text);

/* A moment in RFC 3339, UTC; null for 0. @ms: since the epoch. */
void pt_json_append_time (GString *json, const char *name, gint64 ms);

G_END_DECLS
#endif
