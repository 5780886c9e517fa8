/* The three statements of a validation, asked with a database's own client library and nothing else. Threads: a
 * connection belongs to one. */
#ifndef ASK_BARE_H
#define ASK_BARE_H

#include "bench/ask-run.h"

G_BEGIN_DECLS

enum
{
  BARE_TOKEN,
  BARE_SUBSCRIPTION,
  BARE_SCOPE,
  BARE_N_STATEMENTS,
};

/* What the answers are checked by: columns of the statements. */
#define BARE_TOKEN_CONSUMER_KEY 4
#define BARE_TOKEN_USER 5
#define BARE_TOKEN_SCOPE 11
#define BARE_SUBSCRIPTION_APPLICATION 7
#define BARE_SCOPE_NAME 0

#define BARE_MAX_PARAMETERS 6
#define BARE_MAX_TEXT 256

/* The values that a statement takes; the same for all databases. */
typedef struct
{
  const char *texts[BARE_MAX_PARAMETERS]; /* NULL: it is the number */
  gint64 numbers[BARE_MAX_PARAMETERS];
  guint n;
} BareParameters;

/* The columns that are checked, of the first row. */
typedef struct
{
  char text[3][BARE_MAX_TEXT];
} BareAnswer;

typedef struct
{
  gpointer (*connect) (const AskOptions *options, char *const statements[BARE_N_STATEMENTS]);
  /* Asks, and reads every row and column; *answer: of @columns of the first row. FALSE: no row. */
  gboolean (*ask) (gpointer connection, guint statement, const BareParameters *parameters, const guint *columns,
                   guint n_columns, BareAnswer *answer);
  void (*disconnect) (gpointer connection);
} BareDriver;

extern const BareDriver bare_mysql;
extern const BareDriver bare_sqlite;

G_END_DECLS
#endif
