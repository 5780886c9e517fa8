#include "config.h"
#include "gateway/gw-expression.h"

#include <string.h>

typedef enum
{
  NODE_LITERAL,
  NODE_PROPERTY,
  NODE_CONCAT,
  NODE_BASE64,
  NODE_BOOLEAN,
  NODE_NOT,
  NODE_EQUAL,
  NODE_DIFFERENT,
  NODE_AND,
  NODE_OR,
} NodeKind;

struct _GwExpression
{
  NodeKind kind;
  char *text; /* of a literal */
  gsize length;
  GwScope scope; /* of a property */
  GQuark name;
  GPtrArray *arguments; /* GwExpression; nullable */
};

typedef struct
{
  const char *all;
  const char *at;
  guint depth;
} Parser;

static GwExpression *parse_or (Parser *parser, GError **error);

G_DEFINE_QUARK (gw-expression-error-quark, gw_expression_error)

/* Made. */

static GwExpression *
node_new (NodeKind kind)
{
  GwExpression *node = g_new0 (GwExpression, 1);

  node->kind = kind;
  return node;
}

void
gw_expression_free (GwExpression *expression)
{
  if (expression == NULL)
    return;
  g_free (expression->text);
  g_clear_pointer (&expression->arguments, g_ptr_array_unref);
  g_free (expression);
}

GwExpression *
gw_expression_new_literal (const char *text)
{
  GwExpression *node = node_new (NODE_LITERAL);

  node->text = g_strdup (text);
  node->length = strlen (text);
  return node;
}

static void
add_argument (GwExpression *node, GwExpression *argument)
{
  if (node->arguments == NULL)
    node->arguments = g_ptr_array_new_with_free_func ((GDestroyNotify)gw_expression_free);
  g_ptr_array_add (node->arguments, argument);
}

static GwExpression *
node_of_two (NodeKind kind, GwExpression *left, GwExpression *right)
{
  GwExpression *node = node_new (kind);

  add_argument (node, left);
  add_argument (node, right);
  return node;
}

static const GwExpression *
argument (const GwExpression *node, guint n)
{
  return g_ptr_array_index (node->arguments, n);
}

gboolean
gw_scope_parse (const char *word, GwScope *scope)
{
  static const struct
  {
    const char *word;
    GwScope scope;
  } scopes[]
      = { { "synapse", GW_SCOPE_MESSAGE },     { "default", GW_SCOPE_MESSAGE }, { "ctx", GW_SCOPE_MESSAGE },
          { "transport", GW_SCOPE_TRANSPORT }, { "trp", GW_SCOPE_TRANSPORT },   { "axis2", GW_SCOPE_AXIS2 },
          { "axis2-client", GW_SCOPE_AXIS2 } };

  for (gsize i = 0; i < G_N_ELEMENTS (scopes); i++)
    if (strcmp (word, scopes[i].word) == 0)
      {
        *scope = scopes[i].scope;
        return TRUE;
      }
  return FALSE;
}

GQuark
gw_scope_name (GwScope scope, const char *name)
{
  g_autofree char *small = scope == GW_SCOPE_TRANSPORT ? g_ascii_strdown (name, -1) : NULL;

  return g_quark_from_string (small != NULL ? small : name);
}

static GwExpression *
property_new (GwScope scope, const char *name)
{
  GwExpression *node = node_new (NODE_PROPERTY);

  node->scope = scope;
  node->name = gw_scope_name (scope, name);
  return node;
}

/* Read. */

static GwExpression *
unsupported (const Parser *parser, GError **error)
{
  g_autofree char *shown = g_utf8_make_valid (parser->at, MIN (strlen (parser->at), 60));

  g_set_error (error, GW_EXPRESSION_ERROR, GW_EXPRESSION_ERROR_UNSUPPORTED,
               "the expression is not one that this gateway evaluates, from \"%s\" on", shown);
  return NULL;
}

static void
skip_blanks (Parser *parser)
{
  while (g_ascii_isspace (*parser->at))
    parser->at++;
}

/* Takes @word, which is a sign or a whole name. */
static gboolean
take (Parser *parser, const char *word)
{
  gsize length = strlen (word);

  skip_blanks (parser);
  if (strncmp (parser->at, word, length) != 0)
    return FALSE;
  if (g_ascii_isalnum (word[length - 1])
      && (g_ascii_isalnum (parser->at[length]) || parser->at[length] == '-'))
    return FALSE;
  parser->at += length;
  return TRUE;
}

static gboolean
is_name_character (char c)
{
  return g_ascii_isalnum (c) || (c != '\0' && strchr ("_.-:", c) != NULL);
}

/* (transfer full) */
static char *
take_name (Parser *parser)
{
  const char *begin = parser->at;

  while (is_name_character (*parser->at))
    parser->at++;
  return g_strndup (begin, (gsize)(parser->at - begin));
}

static GwExpression *
parse_literal (Parser *parser, GError **error)
{
  const char *end = strchr (parser->at + 1, *parser->at);
  g_autofree char *text = NULL;

  if (end == NULL)
    return unsupported (parser, error);
  text = g_strndup (parser->at + 1, (gsize)(end - parser->at - 1));
  parser->at = end + 1;
  return gw_expression_new_literal (text);
}

static GwExpression *
parse_number (Parser *parser)
{
  const char *begin = parser->at;
  g_autofree char *text = NULL;

  while (g_ascii_isdigit (*parser->at))
    parser->at++;
  text = g_strndup (begin, (gsize)(parser->at - begin));
  return gw_expression_new_literal (text);
}

/* "$scope:name" */
static GwExpression *
parse_variable (Parser *parser, GError **error)
{
  Parser from = *parser;
  const char *colon = strchr (parser->at, ':');
  g_autofree char *word = NULL;
  g_autofree char *name = NULL;
  GwScope scope;

  if (colon == NULL)
    return unsupported (&from, error);
  word = g_strndup (parser->at + 1, (gsize)(colon - parser->at - 1));
  parser->at = colon + 1;
  name = take_name (parser);
  if (!gw_scope_parse (word, &scope) || *name == '\0')
    return unsupported (&from, error);
  return property_new (scope, name);
}

/* The arguments of a call, whose "(" is taken. */
static gboolean
parse_arguments (Parser *parser, GwExpression *node, GError **error)
{
  if (take (parser, ")"))
    return TRUE;
  do
    {
      GwExpression *next = parse_or (parser, error);

      if (next == NULL)
        return FALSE;
      add_argument (node, next);
    }
  while (take (parser, ","));
  if (take (parser, ")"))
    return TRUE;
  unsupported (parser, error);
  return FALSE;
}

/* get-property('name') and get-property('scope', 'name'), which are properties whose name is known now. */
static GwExpression *
property_of_call (const Parser *from, const GwExpression *call, GError **error)
{
  guint n = call->arguments != NULL ? call->arguments->len : 0;
  GwScope scope = GW_SCOPE_MESSAGE;

  for (guint i = 0; i < n; i++)
    if (argument (call, i)->kind != NODE_LITERAL)
      return unsupported (from, error);
  if (n == 1)
    return property_new (GW_SCOPE_MESSAGE, argument (call, 0)->text);
  if (n == 2 && gw_scope_parse (argument (call, 0)->text, &scope))
    return property_new (scope, argument (call, 1)->text);
  return unsupported (from, error);
}

/* The alias is known now, too: no request can choose one. */
static GwExpression *
password_of_call (const Parser *from, const GwExpression *call, GError **error)
{
  if (call->arguments == NULL || call->arguments->len != 1 || argument (call, 0)->kind != NODE_LITERAL)
    return unsupported (from, error);
  return property_new (GW_SCOPE_VAULT, argument (call, 0)->text);
}

static GwExpression *
parse_call (Parser *parser, GError **error)
{
  static const struct
  {
    const char *name;
    NodeKind kind;
    guint least, most; /* arguments */
  } functions[] = { { "fn:concat", NODE_CONCAT, 2, 16 },
                    { "concat", NODE_CONCAT, 2, 16 },
                    { "base64Encode", NODE_BASE64, 1, 1 },
                    { "boolean", NODE_BOOLEAN, 1, 1 },
                    { "not", NODE_NOT, 1, 1 } };
  Parser from = *parser;

  for (gsize i = 0; i < G_N_ELEMENTS (functions); i++)
    {
      g_autoptr (GwExpression) node = NULL;

      if (!take (parser, functions[i].name))
        continue;
      node = node_new (functions[i].kind);
      if (!take (parser, "("))
        return unsupported (&from, error);
      if (!parse_arguments (parser, node, error))
        return NULL;
      if (node->arguments == NULL || node->arguments->len < functions[i].least
          || node->arguments->len > functions[i].most)
        return unsupported (&from, error);
      return g_steal_pointer (&node);
    }
  if (take (parser, "wso2:vault-lookup") && take (parser, "("))
    {
      g_autoptr (GwExpression) call = node_new (NODE_CONCAT);

      return parse_arguments (parser, call, error) ? password_of_call (&from, call, error) : NULL;
    }
  if (take (parser, "get-property") && take (parser, "("))
    {
      g_autoptr (GwExpression) call = node_new (NODE_CONCAT);

      return parse_arguments (parser, call, error) ? property_of_call (&from, call, error) : NULL;
    }
  return unsupported (&from, error);
}

static GwExpression *
parse_primary (Parser *parser, GError **error)
{
  skip_blanks (parser);
  if (*parser->at == '\'' || *parser->at == '"')
    return parse_literal (parser, error);
  if (g_ascii_isdigit (*parser->at))
    return parse_number (parser);
  if (*parser->at == '$')
    return parse_variable (parser, error);
  if (take (parser, "true()"))
    return gw_expression_new_literal ("true");
  if (take (parser, "false()"))
    return gw_expression_new_literal ("");
  if (take (parser, "("))
    {
      g_autoptr (GwExpression) inner = parse_or (parser, error);

      if (inner != NULL && !take (parser, ")"))
        return unsupported (parser, error);
      return g_steal_pointer (&inner);
    }
  return parse_call (parser, error);
}

static GwExpression *
parse_comparison (Parser *parser, GError **error)
{
  g_autoptr (GwExpression) left = parse_primary (parser, error);
  GwExpression *right;
  NodeKind kind;

  if (left == NULL)
    return NULL;
  if (take (parser, "!="))
    kind = NODE_DIFFERENT;
  else if (take (parser, "="))
    kind = NODE_EQUAL;
  else
    return g_steal_pointer (&left);
  right = parse_primary (parser, error);
  return right != NULL ? node_of_two (kind, g_steal_pointer (&left), right) : NULL;
}

static GwExpression *
parse_and (Parser *parser, GError **error)
{
  g_autoptr (GwExpression) left = parse_comparison (parser, error);

  while (left != NULL && take (parser, "and"))
    {
      GwExpression *right = parse_comparison (parser, error);

      if (right == NULL)
        return NULL;
      left = node_of_two (NODE_AND, g_steal_pointer (&left), right);
    }
  return g_steal_pointer (&left);
}

static GwExpression *
parse_or (Parser *parser, GError **error)
{
  g_autoptr (GwExpression) left = NULL;

  if (++parser->depth > GW_EXPRESSION_MAX_DEPTH)
    return unsupported (parser, error);
  left = parse_and (parser, error);
  while (left != NULL && take (parser, "or"))
    {
      GwExpression *right = parse_and (parser, error);

      if (right == NULL)
        return NULL;
      left = node_of_two (NODE_OR, g_steal_pointer (&left), right);
    }
  parser->depth--;
  return g_steal_pointer (&left);
}

GwExpression *
gw_expression_new (const char *text, GError **error)
{
  Parser parser = { text, text, 0 };
  g_autoptr (GwExpression) expression = NULL;

  if (strlen (text) > GW_EXPRESSION_MAX_LENGTH)
    return unsupported (&parser, error);
  expression = parse_or (&parser, error);
  skip_blanks (&parser);
  if (expression != NULL && *parser.at != '\0')
    return unsupported (&parser, error);
  return g_steal_pointer (&expression);
}

/* Evaluated. */

gboolean
gw_expression_is_property (const GwExpression *expression, GwScope scope, GQuark name)
{
  return expression->kind == NODE_PROPERTY && expression->scope == scope && expression->name == name;
}

static gboolean
write_concat (const GwExpression *node, const GwProperties *properties, char **buffer, gsize *left,
              GwText *value)
{
  /* Pieces may use the room themselves, so each is moved to where the whole ends. */
  char *begin = *buffer;
  gsize length = 0;

  for (guint i = 0; i < node->arguments->len; i++)
    {
      char *rest = begin + length;
      gsize room = *left - length;
      GwText piece;

      if (!gw_expression_text (argument (node, i), properties, &rest, &room, &piece)
          || piece.length > *left - length)
        return FALSE;
      if (piece.length > 0)
        memmove (begin + length, piece.text, piece.length);
      length += piece.length;
    }
  *value = (GwText){ begin, length };
  *buffer = begin + length;
  *left -= length;
  return TRUE;
}

static gboolean
write_base64 (const GwExpression *node, const GwProperties *properties, char **buffer, gsize *left,
              GwText *value)
{
  GwText plain;
  gint state = 0, saved = 0;
  gsize n;

  if (!gw_expression_text (argument (node, 0), properties, buffer, left, &plain) || plain.length > *left
      || (plain.length / 3 + 1) * 4 > *left)
    return FALSE;
  n = g_base64_encode_step ((const guchar *)plain.text, plain.length, FALSE, *buffer, &state, &saved);
  n += g_base64_encode_close (FALSE, *buffer + n, &state, &saved);
  *value = (GwText){ *buffer, n };
  *left -= n;
  *buffer += n;
  return TRUE;
}

gboolean
gw_expression_text (const GwExpression *expression, const GwProperties *properties, char **buffer,
                    gsize *left, GwText *value)
{
  gboolean is_true;

  switch (expression->kind)
    {
    case NODE_LITERAL:
      *value = (GwText){ expression->text, expression->length };
      return TRUE;
    case NODE_PROPERTY:
      *value = properties->get (properties->data, expression->scope, expression->name);
      return TRUE;
    case NODE_CONCAT:
      return write_concat (expression, properties, buffer, left, value);
    case NODE_BASE64:
      return write_base64 (expression, properties, buffer, left, value);
    case NODE_BOOLEAN:
    case NODE_NOT:
    case NODE_EQUAL:
    case NODE_DIFFERENT:
    case NODE_AND:
    case NODE_OR:
    default:
      if (!gw_expression_true (expression, properties, *buffer, *left, &is_true))
        return FALSE;
      *value = is_true ? (GwText){ "true", 4 } : (GwText){ "false", 5 };
      return TRUE;
    }
}

static gboolean
compare (const GwExpression *node, const GwProperties *properties, char *buffer, gsize left, gboolean *equal)
{
  GwText a, b;

  if (!gw_expression_text (argument (node, 0), properties, &buffer, &left, &a)
      || !gw_expression_text (argument (node, 1), properties, &buffer, &left, &b))
    return FALSE;
  *equal = a.length == b.length && (a.length == 0 || memcmp (a.text, b.text, a.length) == 0);
  return TRUE;
}

gboolean
gw_expression_true (const GwExpression *expression, const GwProperties *properties, char *buffer, gsize left,
                    gboolean *value)
{
  GwText text;

  *value = FALSE;
  switch (expression->kind)
    {
    case NODE_BOOLEAN:
      return gw_expression_true (argument (expression, 0), properties, buffer, left, value);
    case NODE_NOT:
      if (!gw_expression_true (argument (expression, 0), properties, buffer, left, value))
        return FALSE;
      *value = !*value;
      return TRUE;
    case NODE_EQUAL:
      return compare (expression, properties, buffer, left, value);
    case NODE_DIFFERENT:
      if (!compare (expression, properties, buffer, left, value))
        return FALSE;
      *value = !*value;
      return TRUE;
    case NODE_AND:
    case NODE_OR:
      if (!gw_expression_true (argument (expression, 0), properties, buffer, left, value))
        return FALSE;
      if (*value == (expression->kind == NODE_OR))
        return TRUE;
      return gw_expression_true (argument (expression, 1), properties, buffer, left, value);
    case NODE_LITERAL:
    case NODE_PROPERTY:
    case NODE_CONCAT:
    case NODE_BASE64:
    default:
      if (!gw_expression_text (expression, properties, &buffer, &left, &text))
        return FALSE;
      *value = text.length > 0;
      return TRUE;
    }
}
