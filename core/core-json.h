/* JSON from strangers (RFC 8259), as JWTs carry it: one object, read strictly and within limits, and texts written.
 *
 * Own, because what is read here decides about access: json-glib takes more than JSON (comments, single quotes), lets
 * the last of two members of one name win, where another reader takes the first, and has no limits. Refused are: a name
 * that occurs twice in an object, anything behind the object, bytes that are not UTF-8, NUL and lone surrogates in
 * texts, more than CORE_JSON_MAX_DEPTH levels, CORE_JSON_MAX_NODES values or CORE_JSON_MAX_MEMBERS members of one
 * object.
 * Fuzz target: tests/fuzz/fuzz-jwt.c.
 * Threads: a parsed object never changes. */
#ifndef CORE_JSON_H
#define CORE_JSON_H

#include <glib.h>

G_BEGIN_DECLS

#define CORE_JSON_MAX_DEPTH 16
#define CORE_JSON_MAX_NODES 8192
#define CORE_JSON_MAX_MEMBERS 256

#define CORE_JSON_LARGE_NODES (512 * 1024)
#define CORE_JSON_LARGE_MEMBERS 4096

#define CORE_JSON_ERROR (core_json_error_quark ())
GQuark core_json_error_quark (void);
typedef enum
{
  CORE_JSON_ERROR_SYNTAX, /* not such an object, or over a limit */
} CoreJsonError;

typedef enum
{
  CORE_JSON_NULL,
  CORE_JSON_FALSE,
  CORE_JSON_TRUE,
  CORE_JSON_NUMBER,
  CORE_JSON_STRING,
  CORE_JSON_ARRAY,
  CORE_JSON_OBJECT,
} CoreJsonType;

typedef struct _CoreJson CoreJson;         /* a parsed object, which owns all below it */
typedef struct _CoreJsonNode CoreJsonNode; /* one value in it */

/* Returns: (transfer full): NULL with CORE_JSON_ERROR, whose message never quotes the input. */
CoreJson *core_json_parse (const char *bytes, gsize length, GError **error);
/* The same for documents that are large by nature, such as exports of APIs: up to CORE_JSON_LARGE_NODES values and
 * CORE_JSON_LARGE_MEMBERS members of one object. Never for what a stranger may send without having logged in. */
CoreJson *core_json_parse_large (const char *bytes, gsize length, GError **error);
void core_json_free (CoreJson *json);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CoreJson, core_json_free)

/* The object itself. */
const CoreJsonNode *core_json_root (const CoreJson *json);

CoreJsonType core_json_type (const CoreJsonNode *node);
/* (nullable): the member of an object, NULL where there is none or @node (nullable) is no object. */
const CoreJsonNode *core_json_member (const CoreJsonNode *node, const char *name);
/* (nullable): the first value of an array or object, and the one behind @node. */
const CoreJsonNode *core_json_first (const CoreJsonNode *node);
const CoreJsonNode *core_json_next (const CoreJsonNode *node);
/* (nullable): of a member; NULL for an element of an array and the object itself. */
const char *core_json_name (const CoreJsonNode *node);
/* (nullable): of a string; NULL for anything else, and for NULL. */
const char *core_json_string (const CoreJsonNode *node);
/* (nullable): of a number, as it is written; NULL for anything else, and for NULL. */
const char *core_json_number (const CoreJsonNode *node);
/* FALSE for anything but a number that is written as an integer (no fraction, no exponent) and fits. */
gboolean core_json_int64 (const CoreJsonNode *node, gint64 *value);

/* Writing: appends @text as a JSON string, with its quotes. What is not UTF-8 becomes U+FFFD. NULL: null. */
void core_json_append_string (GString *json, const char *text);
/* Appends a member with its name, and a comma in front of all but the first of an object: @json ends with "{" then. */
void core_json_append_member (GString *json, const char *name, const char *text);
/* Likewise, the name only: its value is to follow. */
void core_json_append_name (GString *json, const char *name);
/* A whole member. */
void core_json_append_int64 (GString *json, const char *name, gint64 value);
void core_json_append_boolean (GString *json, const char *name, gboolean value);
/* @texts: (nullable): NULL-terminated; NULL is an empty array. */
void core_json_append_texts (GString *json, const char *name, const char *const *texts);

G_END_DECLS
#endif
