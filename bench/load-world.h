/* What is asked and what the answer must be: the tokens that all servers hold, the bytes of validateKey
 * requests, and the check of replies.
 *
 * The file (bench/make-tokens writes it) has a line for each token with tabs between its fields: token,
 * context, version, resource, verb, end user, and fields that only the servers read. Each column has one
 * width, so that all requests are of one size. Threads: one. */
#ifndef LOAD_WORLD_H
#define LOAD_WORLD_H

#include <glib.h>

G_BEGIN_DECLS

#define LOAD_WORLD_MAX_REQUEST 1024

#define LOAD_WORLD_ERROR (load_world_error_quark ())
GQuark load_world_error_quark (void);
typedef enum
{
  LOAD_WORLD_ERROR_FORMAT,
} LoadWorldError;

typedef struct _LoadWorld LoadWorld;

/* The reply that a request must get. */
typedef struct
{
  guint32 sequence;
  const char *end_user; /* NULL: the token is unknown, status 900901 */
} LoadExpected;

typedef enum
{
  LOAD_REPLY_UNFINISHED, /* more bytes have to come */
  LOAD_REPLY_RIGHT,
  LOAD_REPLY_WRONG, /* another answer, or none that can be read */
} LoadVerdict;

/* @session: the session id of every request.
 * @misses: 0 .. 1: the share of requests with a token that no server has seen.
 * @fixed_reply: the server is the echo, whose reply names one end user for ever: only the sequence id is
 * looked at. */
LoadWorld *load_world_new (const char *path, const char *session, double misses, gboolean fixed_reply,
                           GError **error);
void load_world_free (LoadWorld *world);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LoadWorld, load_world_free)

gsize load_world_n_tokens (const LoadWorld *world);
gsize load_world_request_size (const LoadWorld *world);

/* Writes the next request, load_world_request_size() bytes. The known tokens are taken in a scattered order
 * in which each comes once in load_world_n_tokens() requests. */
void load_world_ask (LoadWorld *world, guint8 *request, LoadExpected *expected);

LoadVerdict load_world_check (const LoadWorld *world, const LoadExpected *expected, const guint8 *reply,
                              gsize length);

G_END_DECLS
#endif
