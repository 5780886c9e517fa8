/* TBinaryProtocol, strict, as spec/thrift-key-validation.md 8 has it: written and read by hand, so that the
 * generator costs little and shares no code with any of the servers. */
#include "config.h"
#include "bench/load-tokens.h"
#include "bench/load-world.h"

#include <string.h>

#define METHOD "validateKey"
#define HEADER_SIZE (4 + 4 + sizeof METHOD - 1 + 4) /* version, name, sequence id */
#define SEQUENCE_OFFSET (HEADER_SIZE - 4)
#define VERSION_CALL 0x80010001u
#define VERSION_REPLY 0x80010002u
#define STATUS_INVALID_CREDENTIALS 900901
#define MAX_DEPTH 8

enum
{
  TYPE_STOP = 0,
  TYPE_BOOL = 2,
  TYPE_BYTE = 3,
  TYPE_DOUBLE = 4,
  TYPE_I16 = 6,
  TYPE_I32 = 8,
  TYPE_I64 = 10,
  TYPE_STRING = 11,
  TYPE_STRUCT = 12,
  TYPE_SET = 14,
  TYPE_LIST = 15,
};

struct _LoadWorld
{
  LoadTokens *tokens;
  guint8 request[LOAD_WORLD_MAX_REQUEST];
  gsize request_size, token_offset, context_offset;
  guint32 sequence;
};

static struct
{
  char *session_file;
  gboolean fixed_reply; /* the server is the echo, whose reply names one end user for ever */
} options;

G_DEFINE_QUARK (load-world-error-quark, load_world_error)

static guint8 *
store_u32 (guint8 *at, guint32 value)
{
  value = GUINT32_TO_BE (value);
  memcpy (at, &value, sizeof value);
  return at + sizeof value;
}

static guint32
load_u32 (const guint8 *at)
{
  guint32 value;

  memcpy (&value, at, sizeof value);
  return GUINT32_FROM_BE (value);
}

/* One string field of the template. Returns: the offset of its text. */
static gsize
add_text (LoadWorld *world, guint id, const char *text, gsize length)
{
  guint8 *at = world->request + world->request_size;

  at[0] = TYPE_STRING;
  at[1] = 0;
  at[2] = (guint8) id;
  at = store_u32 (at + 3, (guint32) length);
  memcpy (at, text, length);
  world->request_size += 7 + length;
  return (gsize) (at - world->request);
}

static gsize
add_column (LoadWorld *world, guint id, LoadColumn column)
{
  return add_text (world, id, load_tokens_text (world->tokens, 0, column),
                   load_tokens_width (world->tokens, column));
}

static gboolean
make_request (LoadWorld *world, const char *session, GError **error)
{
  static const LoadColumn columns[] = { LOAD_COLUMN_CONTEXT, LOAD_COLUMN_VERSION, LOAD_COLUMN_TOKEN,
                                        LOAD_COLUMN_RESOURCE, LOAD_COLUMN_VERB };
  guint8 *at;
  gsize texts = strlen (session);

  for (guint i = 0; i < G_N_ELEMENTS (columns); i++)
    texts += load_tokens_width (world->tokens, columns[i]);
  if (texts + 128 > LOAD_WORLD_MAX_REQUEST)
    {
      g_set_error_literal (error, LOAD_WORLD_ERROR, LOAD_WORLD_ERROR_TOO_LARGE,
                           "requests would be too large");
      return FALSE;
    }
  at = store_u32 (world->request, VERSION_CALL);
  at = store_u32 (at, sizeof METHOD - 1);
  memcpy (at, METHOD, sizeof METHOD - 1);
  world->request_size = HEADER_SIZE;
  world->context_offset = add_column (world, 1, LOAD_COLUMN_CONTEXT);
  add_column (world, 2, LOAD_COLUMN_VERSION);
  world->token_offset = add_column (world, 3, LOAD_COLUMN_TOKEN);
  add_text (world, 4, session, strlen (session));
  add_text (world, 5, "Any", 3);
  add_column (world, 7, LOAD_COLUMN_RESOURCE);
  add_column (world, 8, LOAD_COLUMN_VERB);
  world->request[world->request_size++] = TYPE_STOP;
  return TRUE;
}

const GOptionEntry *
load_world_options (void)
{
  static const GOptionEntry entries[] = {
    { "session-file", 0, 0, G_OPTION_ARG_FILENAME, &options.session_file, "The session id of all requests",
      "FILE" },
    { "fixed-reply", 0, 0, G_OPTION_ARG_NONE, &options.fixed_reply, "The server is bench/echo-tls", NULL },
    { NULL },
  };

  return entries;
}

gboolean
load_world_check_options (GError **error)
{
  if (options.session_file != NULL)
    return TRUE;
  g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "--session-file is needed");
  return FALSE;
}

LoadWorld *
load_world_new (const char *path, double misses, GError **error)
{
  g_autoptr (LoadWorld) world = g_new0 (LoadWorld, 1);
  g_autofree char *session = NULL;

  world->tokens = load_tokens_new (path, misses, error);
  if (world->tokens == NULL || !g_file_get_contents (options.session_file, &session, NULL, error)
      || !make_request (world, g_strchomp (session), error))
    return NULL;
  return g_steal_pointer (&world);
}

void
load_world_free (LoadWorld *world)
{
  if (world == NULL)
    return;
  load_tokens_free (world->tokens);
  g_free (world);
}

gsize
load_world_n_requests (const LoadWorld *world)
{
  return load_tokens_count (world->tokens);
}

gsize
load_world_request_size (const LoadWorld *world)
{
  return world->request_size;
}

static void
write_column (const LoadWorld *world, guint8 *at, gsize row, LoadColumn column)
{
  memcpy (at, load_tokens_text (world->tokens, row, column), load_tokens_width (world->tokens, column));
}

void
load_world_ask (LoadWorld *world, guint8 *request, LoadExpected *expected)
{
  expected->number = ++world->sequence;
  expected->known = load_tokens_draw (world->tokens, load_tokens_count (world->tokens), &expected->row);
  memcpy (request, world->request, world->request_size);
  store_u32 (request + SEQUENCE_OFFSET, world->sequence);
  write_column (world, request + world->context_offset, expected->row, LOAD_COLUMN_CONTEXT);
  if (expected->known)
    write_column (world, request + world->token_offset, expected->row, LOAD_COLUMN_TOKEN);
  else
    load_tokens_write_unknown (world->tokens, request + world->token_offset);
}

/* Reading: a place in the reply, and what is left of it. */

typedef struct
{
  const guint8 *at, *end;
} Reader;

static const guint8 *
take (Reader *reader, gsize size)
{
  const guint8 *at = reader->at;

  if ((gsize) (reader->end - at) < size)
    return NULL;
  reader->at += size;
  return at;
}

static const guint8 *
take_text (Reader *reader, guint32 *length)
{
  const guint8 *at = take (reader, 4);

  if (at == NULL)
    return NULL;
  *length = load_u32 (at);
  return take (reader, *length);
}

/* TYPE_STOP at the end of the struct; a negative number when the bytes end before it. */
static int
take_field (Reader *reader, guint *id)
{
  const guint8 *at = take (reader, 1);
  int type;

  if (at == NULL)
    return -1;
  type = *at;
  if (type == TYPE_STOP)
    return TYPE_STOP;
  at = take (reader, 2);
  if (at == NULL)
    return -1;
  *id = (guint) at[0] << 8 | at[1];
  return type;
}

static gboolean skip (Reader *reader, int type, guint depth);

static gboolean
skip_elements (Reader *reader, guint depth)
{
  const guint8 *at = take (reader, 5);

  for (guint32 left = at == NULL ? 0 : load_u32 (at + 1); left > 0; left--)
    if (!skip (reader, at[0], depth))
      return FALSE;
  return at != NULL;
}

static gboolean
skip (Reader *reader, int type, guint depth)
{
  guint32 length;
  guint id;

  if (depth == MAX_DEPTH)
    return FALSE;
  switch (type)
    {
    case TYPE_BOOL:
    case TYPE_BYTE:
      return take (reader, 1) != NULL;
    case TYPE_I16:
      return take (reader, 2) != NULL;
    case TYPE_I32:
      return take (reader, 4) != NULL;
    case TYPE_I64:
    case TYPE_DOUBLE:
      return take (reader, 8) != NULL;
    case TYPE_STRING:
      return take_text (reader, &length) != NULL;
    case TYPE_SET:
    case TYPE_LIST:
      return skip_elements (reader, depth + 1);
    case TYPE_STRUCT:
      while ((type = take_field (reader, &id)) > TYPE_STOP)
        if (!skip (reader, type, depth + 1))
          return FALSE;
      return type == TYPE_STOP;
    default:
      return FALSE;
    }
}

/* What the answer says, as far as it is looked at. */
typedef struct
{
  gboolean authorized;
  gint32 status;
  const guint8 *end_user;
  guint32 end_user_length;
} Answer;

static gboolean
read_answer (Reader *reader, Answer *answer)
{
  const guint8 *at = NULL;
  guint id;
  int type;

  while ((type = take_field (reader, &id)) > TYPE_STOP)
    {
      gboolean known = (id == 1 && type == TYPE_BOOL) || (id == 6 && type == TYPE_STRING)
                       || (id == 8 && type == TYPE_I32);

      if (!known && !skip (reader, type, 0))
        return FALSE;
      if (!known)
        continue;
      at = id == 6 ? take_text (reader, &answer->end_user_length) : take (reader, id == 1 ? 1 : 4);
      if (at == NULL)
        return FALSE;
      if (id == 1)
        answer->authorized = *at == 1;
      else if (id == 6)
        answer->end_user = at;
      else
        answer->status = (gint32) load_u32 (at);
    }
  return type == TYPE_STOP;
}

static gboolean
is_expected (const LoadWorld *world, const LoadExpected *expected, const Answer *answer)
{
  gsize width = load_tokens_width (world->tokens, LOAD_COLUMN_END_USER);

  if (options.fixed_reply)
    return TRUE;
  if (!expected->known)
    return !answer->authorized && answer->status == STATUS_INVALID_CREDENTIALS;
  return answer->authorized && answer->status == 0 && answer->end_user != NULL
         && answer->end_user_length == width
         && memcmp (answer->end_user, load_tokens_text (world->tokens, expected->row, LOAD_COLUMN_END_USER),
                    width)
                == 0;
}

LoadVerdict
load_world_check (LoadWorld *world, const LoadExpected *expected, const guint8 *reply, gsize length)
{
  Reader reader = { reply, reply + length };
  Answer answer = { FALSE };
  const guint8 *at = take (&reader, HEADER_SIZE);
  guint id;
  int type;

  if (at == NULL)
    return LOAD_REPLY_UNFINISHED;
  if (load_u32 (at) != VERSION_REPLY || load_u32 (at + 4) != sizeof METHOD - 1
      || memcmp (at + 8, METHOD, sizeof METHOD - 1) != 0
      || load_u32 (at + SEQUENCE_OFFSET) != (guint32) expected->number)
    return LOAD_REPLY_WRONG;
  type = take_field (&reader, &id);
  if (type < 0)
    return LOAD_REPLY_UNFINISHED;
  if (type != TYPE_STRUCT || id != 0) /* an exception, or nothing */
    return LOAD_REPLY_WRONG;
  if (!read_answer (&reader, &answer) || (at = take (&reader, 1)) == NULL)
    return LOAD_REPLY_UNFINISHED;
  return *at == TYPE_STOP && reader.at == reader.end && is_expected (world, expected, &answer)
             ? LOAD_REPLY_RIGHT
             : LOAD_REPLY_WRONG;
}
