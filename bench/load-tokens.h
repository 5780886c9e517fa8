/* The tokens that all servers hold, as bench/make-tokens writes them: a line for each token, with tabs
 * between its fields. Each column has one width, so that all requests are of one size. Threads: one. */
#ifndef LOAD_TOKENS_H
#define LOAD_TOKENS_H

#include <glib.h>

G_BEGIN_DECLS

#define LOAD_TOKENS_ERROR (load_tokens_error_quark ())
GQuark load_tokens_error_quark (void);
typedef enum
{
  LOAD_TOKENS_ERROR_FORMAT,
} LoadTokensError;

typedef enum
{
  LOAD_COLUMN_TOKEN,
  LOAD_COLUMN_CONTEXT,
  LOAD_COLUMN_VERSION,
  LOAD_COLUMN_RESOURCE,
  LOAD_COLUMN_VERB,
  LOAD_COLUMN_END_USER,
  LOAD_COLUMN_CONSUMER_KEY,
  LOAD_COLUMN_APPLICATION_ID,
  LOAD_COLUMN_APPLICATION_NAME,
  LOAD_COLUMN_SUBSCRIBER,
  LOAD_COLUMN_API_NAME,
  LOAD_COLUMN_API_PUBLISHER,
  LOAD_COLUMN_CONSUMER_SECRET,
  LOAD_N_COLUMNS
} LoadColumn;

typedef struct _LoadTokens LoadTokens;

/* @misses: 0 .. 1: the share of questions about a token that no server has seen. */
LoadTokens *load_tokens_new (const char *path, double misses, GError **error);
void load_tokens_free (LoadTokens *tokens);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LoadTokens, load_tokens_free)

/* At least 1. */
gsize load_tokens_count (const LoadTokens *tokens);

/* The first @load_tokens_count_applications() tokens belong to one application each. */
gsize load_tokens_count_applications (const LoadTokens *tokens);

/* In bytes, the same in each row. */
gsize load_tokens_width (const LoadTokens *tokens, LoadColumn column);

/* (transfer none): load_tokens_width() bytes, no NUL after them. */
const char *load_tokens_text (const LoadTokens *tokens, gsize row, LoadColumn column);

/* Draws the next of the first @n_rows rows, in a scattered order in which each known token comes once in
 * @n_rows questions. Returns: whether the question is about that row's token; FALSE: about one that nobody
 * has seen. */
gboolean load_tokens_draw (LoadTokens *tokens, gsize n_rows, gsize *row);

/* A token that no server has seen, of the width of its column. */
void load_tokens_write_unknown (LoadTokens *tokens, guint8 *at);

G_END_DECLS
#endif
