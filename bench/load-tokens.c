#include "config.h"
#include "bench/load-tokens.h"

#include <string.h>

/* Any prime that does not divide the number of tokens scatters them; nobody has this many. */
#define STRIDE G_GUINT64_CONSTANT (1000000007)

struct _LoadTokens
{
  char *text;
  gsize n_rows, row_size; /* all rows are of one size, the line's end included */
  gsize offsets[LOAD_N_COLUMNS], widths[LOAD_N_COLUMNS];
  guint64 miss_threshold; /* of 2^32 */
  guint64 random;
  guint64 turn; /* known tokens drawn */
};

G_DEFINE_QUARK (load-tokens-error-quark, load_tokens_error)

static guint64
next_random (LoadTokens *tokens)
{
  /* splitmix64 */
  guint64 z = tokens->random += G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);

  z = (z ^ (z >> 30)) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return z ^ (z >> 31);
}

/* The end of the field that begins at @at: a tab, or a line's end for the last one. NULL when it has another.
 */
static const char *
field_end (const char *at, guint column)
{
  const char *end = at + strcspn (at, "\t\n");

  return *end == (column == LOAD_N_COLUMNS - 1 ? '\n' : '\t') ? end : NULL;
}

static gboolean
measure_first_row (LoadTokens *tokens)
{
  const char *at = tokens->text;

  for (guint i = 0; i < LOAD_N_COLUMNS; i++)
    {
      const char *end = field_end (at, i);

      if (end == NULL)
        return FALSE;
      tokens->offsets[i] = (gsize) (at - tokens->text);
      tokens->widths[i] = (gsize) (end - at);
      at = end + 1;
    }
  tokens->row_size = (gsize) (at - tokens->text);
  return TRUE;
}

static gboolean
is_like_the_first (const LoadTokens *tokens, const char *row)
{
  for (guint i = 0; i < LOAD_N_COLUMNS; i++)
    if (field_end (row + tokens->offsets[i], i) != row + tokens->offsets[i] + tokens->widths[i])
      return FALSE;
  return TRUE;
}

static gboolean
read_rows (LoadTokens *tokens, const char *path, GError **error)
{
  const char *at = tokens->text;
  gboolean good = *at == '\0' || measure_first_row (tokens);

  while (good && *at != '\0')
    {
      good = is_like_the_first (tokens, at);
      if (good)
        {
          at += tokens->row_size;
          tokens->n_rows++;
        }
    }
  if (good && tokens->n_rows > 0)
    return TRUE;
  if (good)
    g_set_error (error, LOAD_TOKENS_ERROR, LOAD_TOKENS_ERROR_FORMAT, "there are no tokens in \"%s\"", path);
  else
    g_set_error (error, LOAD_TOKENS_ERROR, LOAD_TOKENS_ERROR_FORMAT,
                 "line %" G_GSIZE_FORMAT " of \"%s\" is not one of the file that bench/make-tokens writes",
                 tokens->n_rows + 1, path);
  return FALSE;
}

LoadTokens *
load_tokens_new (const char *path, double misses, GError **error)
{
  g_autoptr (LoadTokens) tokens = g_new0 (LoadTokens, 1);

  tokens->miss_threshold = (guint64) (misses * 4294967296.0);
  tokens->random = (guint64) g_get_real_time (); /* no two runs miss with the same tokens */
  if (!g_file_get_contents (path, &tokens->text, NULL, error) || !read_rows (tokens, path, error))
    return NULL;
  return g_steal_pointer (&tokens);
}

void
load_tokens_free (LoadTokens *tokens)
{
  if (tokens == NULL)
    return;
  g_free (tokens->text);
  g_free (tokens);
}

gsize
load_tokens_count (const LoadTokens *tokens)
{
  return tokens->n_rows;
}

gsize
load_tokens_count_applications (const LoadTokens *tokens)
{
  const char *first = load_tokens_text (tokens, 0, LOAD_COLUMN_CONSUMER_KEY);
  gsize width = tokens->widths[LOAD_COLUMN_CONSUMER_KEY];
  gsize n = 1;

  /* The applications take turns. */
  while (n < tokens->n_rows
         && memcmp (first, load_tokens_text (tokens, n, LOAD_COLUMN_CONSUMER_KEY), width) != 0)
    n++;
  return n;
}

gsize
load_tokens_width (const LoadTokens *tokens, LoadColumn column)
{
  return tokens->widths[column];
}

const char *
load_tokens_text (const LoadTokens *tokens, gsize row, LoadColumn column)
{
  return tokens->text + row * tokens->row_size + tokens->offsets[column];
}

gboolean
load_tokens_draw (LoadTokens *tokens, gsize n_rows, gsize *row)
{
  *row = tokens->turn * STRIDE % n_rows;
  if (tokens->miss_threshold > 0 && (next_random (tokens) & 0xffffffff) < tokens->miss_threshold)
    return FALSE;
  tokens->turn++;
  return TRUE;
}

void
load_tokens_write_unknown (LoadTokens *tokens, guint8 *at)
{
  static const char digits[] = "0123456789abcdef";
  guint64 random = 0;

  for (gsize i = 0; i < tokens->widths[LOAD_COLUMN_TOKEN]; i++)
    {
      if (i % 16 == 0)
        random = next_random (tokens);
      at[i] = (guint8) digits[random & 15];
      random >>= 4;
    }
}
