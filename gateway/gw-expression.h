/* Expressions of synapse files, as far as generated APIs and the shipped sequences use them
 * (spec/gateway-and-traffic-manager.md 5.3):
 *
 *   'text'  "text"  number           get-property('name')   get-property('axis2', 'name')
 * get-property('transport', 'name') $ctx:name  $axis2:name  $trp:name fn:concat(a, b, ...)   concat(...)
 * wso2:vault-lookup('alias')   base64Encode(a)   boolean(a)   not(a)   true()   false() a = b   a != b   a and b   a or b   (a)
 *
 * Anything else is refused by name when the file is read: nothing is half understood. Values are texts; a
 * missing property is the empty text, and false.
 *
 * Made at deployment, immutable after. Evaluation allocates nothing: texts that are put together go into the
 * caller's buffer. Fuzz target: tests/fuzz/fuzz-synapse.c (whole files). Threads: immutable. */
#ifndef GW_EXPRESSION_H
#define GW_EXPRESSION_H

#include <glib.h>

G_BEGIN_DECLS

#define GW_EXPRESSION_MAX_LENGTH 4096 /* bytes of an expression's text */
#define GW_EXPRESSION_MAX_DEPTH 16    /* expressions within each other */

#define GW_EXPRESSION_ERROR gw_expression_error_quark ()
GQuark gw_expression_error_quark (void);

typedef enum
{
  GW_EXPRESSION_ERROR_UNSUPPORTED, /* not one of those above */
} GwExpressionError;

/* Where a property lives. */
typedef enum
{
  GW_SCOPE_MESSAGE,   /* "synapse", "default": the message context */
  GW_SCOPE_TRANSPORT, /* headers of the request that is sent on, or of the answer */
  GW_SCOPE_AXIS2,
  GW_SCOPE_VAULT, /* passwords by their alias: of wso2:vault-lookup alone; no sequence sets them */
} GwScope;

/* Bytes of somebody else's. text NULL: there is none. */
typedef struct
{
  const char *text;
  gsize length;
} GwText;

/* What a property is now. Header names: quarks of small letters. The text lives until the message changes. */
typedef struct
{
  GwText (*get) (gpointer data, GwScope scope, GQuark name);
  gpointer data;
} GwProperties;

typedef struct _GwExpression GwExpression;

/* NULL with GW_EXPRESSION_ERROR, which names what is not known. */
GwExpression *gw_expression_new (const char *text, GError **error);
/* One that is always @text. */
GwExpression *gw_expression_new_literal (const char *text);
void gw_expression_free (GwExpression *expression);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwExpression, gw_expression_free)

/* The scope a word of a file names: "synapse", "default", "transport", "axis2"; "axis2-client" counts as
 * axis2. FALSE: another. */
gboolean gw_scope_parse (const char *word, GwScope *scope);
/* The name of a property in @scope, as GwProperties gets it. */
GQuark gw_scope_name (GwScope scope, const char *name);

/* Whether it is that property and nothing else. */
gboolean gw_expression_is_property (const GwExpression *expression, GwScope scope, GQuark name);

/* The value as text; "true" or "false" of a condition. @buffer: what is put together is written there and
 * @buffer moves on behind it, inside its
 * @left bytes, which shrink. FALSE: it did not fit. */
gboolean gw_expression_text (const GwExpression *expression, const GwProperties *properties, char **buffer,
                             gsize *left, GwText *value);

/* The value as XPath's boolean() of it: a text is true unless it is empty. Comparing needs no room unless
 * texts are put together; FALSE in @value where they did not fit, and then this returns FALSE. */
gboolean gw_expression_true (const GwExpression *expression, const GwProperties *properties, char *buffer,
                             gsize left, gboolean *value);

G_END_DECLS
#endif
