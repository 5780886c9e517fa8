/* What is asked and what the answer must be: the bytes of requests, and the check of replies. One
 * implementation for each protocol, and each linked into a program of its own: load-thrift-world.c
 * (validateKey over Thrift) makes load-thrift, load-https-world.c makes load-https. Threads: one. */
#ifndef LOAD_WORLD_H
#define LOAD_WORLD_H

#include <glib.h>

G_BEGIN_DECLS

#define LOAD_WORLD_MAX_REQUEST 4096

#define LOAD_WORLD_ERROR (load_world_error_quark ())
GQuark load_world_error_quark (void);
typedef enum
{
  LOAD_WORLD_ERROR_TOO_LARGE, /* such requests do not fit into LOAD_WORLD_MAX_REQUEST */
} LoadWorldError;

typedef struct _LoadWorld LoadWorld;

/* The reply that a request must get. */
typedef struct
{
  guint64 number;
  gsize row;      /* of the tokens */
  gboolean known; /* FALSE: the token is one that no server has seen */
} LoadExpected;

typedef enum
{
  LOAD_REPLY_UNFINISHED, /* more bytes have to come */
  LOAD_REPLY_RIGHT,
  LOAD_REPLY_WRONG, /* another answer, or none that can be read */
} LoadVerdict;

/* The command line options of this protocol, set by parsing, and whether they are good. */
const GOptionEntry *load_world_options (void);
gboolean load_world_check_options (GError **error);

/* By these options. @path, @misses: as in load-tokens.h. */
LoadWorld *load_world_new (const char *path, double misses, GError **error);
void load_world_free (LoadWorld *world);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LoadWorld, load_world_free)

/* After so many requests each known token, or application, was asked for once. */
gsize load_world_n_requests (const LoadWorld *world);

/* All are of one size. */
gsize load_world_request_size (const LoadWorld *world);

/* Writes the next request, load_world_request_size() bytes. */
void load_world_ask (LoadWorld *world, guint8 *request, LoadExpected *expected);

/* To be called with everything that has come for one request; not again after a verdict. */
LoadVerdict load_world_check (LoadWorld *world, const LoadExpected *expected, const guint8 *reply,
                              gsize length);

G_END_DECLS
#endif
