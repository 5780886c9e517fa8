/* TBinaryProtocol, strict, as spec/thrift-key-validation.md 8 has it: written and read by hand, so that the
 * generator costs little and shares no code with any of the servers. */
#include "config.h"
#include "bench/load-world.h"

#include <string.h>

#define METHOD "validateKey"
#define HEADER_SIZE (4 + 4 + sizeof METHOD - 1 + 4) /* version, name, sequence id */
#define SEQUENCE_OFFSET (HEADER_SIZE - 4)
#define VERSION_CALL 0x80010001u
#define VERSION_REPLY 0x80010002u
#define STATUS_INVALID_CREDENTIALS 900901
#define MAX_DEPTH 8
/* Any prime that does not divide the number of tokens scatters them; nobody has this many. */
#define STRIDE G_GUINT64_CONSTANT (1000000007)

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

enum
{
  COLUMN_TOKEN,
  COLUMN_CONTEXT,
  COLUMN_VERSION,
  COLUMN_RESOURCE,
  COLUMN_VERB,
  COLUMN_END_USER,
  N_COLUMNS
};

typedef struct
{
  const char *token, *context, *end_user; /* in LoadWorld.text */
} Entry;

struct _LoadWorld
{
  char *text;
  Entry *entries;
  gsize n_entries;
  gsize widths[N_COLUMNS];
  guint8 request[LOAD_WORLD_MAX_REQUEST];
  gsize request_size, token_offset, context_offset;
  gboolean fixed_reply;
  guint64 miss_threshold; /* of 2^32 */
  guint64 random;
  guint64 turn; /* known tokens asked for */
  guint32 sequence;
};

G_DEFINE_QUARK (load - world - error - quark, load_world_error)

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

static guint64
next_random (LoadWorld *world)
{
  /* splitmix64 */
  guint64 z = world->random += G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);

  z = (z ^ (z >> 30)) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return z ^ (z >> 31);
}

/* Cuts the line at *place into its first columns. FALSE when it has fewer, or one of another width than the
 * first line's. */
static gboolean
cut_line (LoadWorld *world, char **place, const char *columns[N_COLUMNS])
{
  char *at = *place, *end = strchr (at, '\n');

  if (end == NULL)
    return FALSE;
  *end = '\0';
  *place = end + 1;
  for (guint i = 0; i < N_COLUMNS; i++)
    {
      char *tab = strchr (at, '\t');
      gsize width;

      if (tab == NULL)
        return FALSE;
      *tab = '\0';
      width = (gsize) (tab - at);
      if (world->n_entries == 0)
        world->widths[i] = width;
      if (width != world->widths[i])
        return FALSE;
      columns[i] = at;
      at = tab + 1;
    }
  return TRUE;
}

/* One string field of the template. Returns: the offset of its text. */
static gsize
add_text (LoadWorld *world, guint id, const char *text)
{
  gsize length = strlen (text);
  guint8 *at = world->request + world->request_size;

  at[0] = TYPE_STRING;
  at[1] = 0;
  at[2] = (guint8) id;
  at = store_u32 (at + 3, (guint32) length);
  memcpy (at, text, length);
  world->request_size += 7 + length;
  return (gsize) (at - world->request);
}

static gboolean
make_request (LoadWorld *world, const char *columns[N_COLUMNS], const char *session)
{
  guint8 *at;
  gsize texts = strlen (session);

  for (guint i = 0; i < N_COLUMNS; i++)
    texts += world->widths[i];
  if (texts + 128 > LOAD_WORLD_MAX_REQUEST)
    return FALSE;
  at = store_u32 (world->request, VERSION_CALL);
  at = store_u32 (at, sizeof METHOD - 1);
  memcpy (at, METHOD, sizeof METHOD - 1);
  world->request_size = HEADER_SIZE;
  world->context_offset = add_text (world, 1, columns[COLUMN_CONTEXT]);
  add_text (world, 2, columns[COLUMN_VERSION]);
  world->token_offset = add_text (world, 3, columns[COLUMN_TOKEN]);
  add_text (world, 4, session);
  add_text (world, 5, "Any");
  add_text (world, 7, columns[COLUMN_RESOURCE]);
  add_text (world, 8, columns[COLUMN_VERB]);
  world->request[world->request_size++] = TYPE_STOP;
  return TRUE;
}

static gboolean
read_lines (LoadWorld *world, const char *path, const char *session, GError **error)
{
  gsize capacity = 0;
  char *place = world->text;

  while (*place != '\0')
    {
      const char *columns[N_COLUMNS];

      if (!cut_line (world, &place, columns)
          || (world->n_entries == 0 && !make_request (world, columns, session)))
        {
          g_set_error (error, LOAD_WORLD_ERROR, LOAD_WORLD_ERROR_FORMAT,
                       "line %" G_GSIZE_FORMAT
                       " of \"%s\" is not one of the file that bench/make-tokens writes",
                       world->n_entries + 1, path);
          return FALSE;
        }
      if (world->n_entries == capacity)
        {
          capacity = MAX (1024, 2 * capacity);
          world->entries = g_renew (Entry, world->entries, capacity);
        }
      world->entries[world->n_entries++]
          = (Entry){ columns[COLUMN_TOKEN], columns[COLUMN_CONTEXT], columns[COLUMN_END_USER] };
    }
  if (world->n_entries > 0)
    return TRUE;
  g_set_error (error, LOAD_WORLD_ERROR, LOAD_WORLD_ERROR_FORMAT, "there are no tokens in \"%s\"", path);
  return FALSE;
}

LoadWorld *
load_world_new (const char *path, const char *session, double misses, gboolean fixed_reply, GError **error)
{
  g_autoptr (LoadWorld) world = g_new0 (LoadWorld, 1);

  world->fixed_reply = fixed_reply;
  world->miss_threshold = (guint64) (misses * 4294967296.0);
  world->random = (guint64) g_get_real_time (); /* no two runs miss with the same tokens */
  if (!g_file_get_contents (path, &world->text, NULL, error) || !read_lines (world, path, session, error))
    return NULL;
  return g_steal_pointer (&world);
}

void
load_world_free (LoadWorld *world)
{
  if (world == NULL)
    return;
  g_free (world->text);
  g_free (world->entries);
  g_free (world);
}

gsize
load_world_n_tokens (const LoadWorld *world)
{
  return world->n_entries;
}

gsize
load_world_request_size (const LoadWorld *world)
{
  return world->request_size;
}

static void
store_unknown_token (LoadWorld *world, guint8 *at)
{
  static const char digits[] = "0123456789abcdef";
  guint64 random = 0;

  for (gsize i = 0; i < world->widths[COLUMN_TOKEN]; i++)
    {
      if (i % 16 == 0)
        random = next_random (world);
      at[i] = (guint8) digits[random & 15];
      random >>= 4;
    }
}

void
load_world_ask (LoadWorld *world, guint8 *request, LoadExpected *expected)
{
  gboolean miss = world->miss_threshold > 0 && (next_random (world) & 0xffffffff) < world->miss_threshold;
  const Entry *entry = &world->entries[world->turn * STRIDE % world->n_entries];

  memcpy (request, world->request, world->request_size);
  store_u32 (request + SEQUENCE_OFFSET, ++world->sequence);
  memcpy (request + world->context_offset, entry->context, world->widths[COLUMN_CONTEXT]);
  if (miss)
    store_unknown_token (world, request + world->token_offset);
  else
    {
      memcpy (request + world->token_offset, entry->token, world->widths[COLUMN_TOKEN]);
      world->turn++;
    }
  expected->sequence = world->sequence;
  expected->end_user = miss ? NULL : entry->end_user;
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
  gsize width = world->widths[COLUMN_END_USER];

  if (world->fixed_reply)
    return TRUE;
  if (expected->end_user == NULL)
    return !answer->authorized && answer->status == STATUS_INVALID_CREDENTIALS;
  return answer->authorized && answer->status == 0 && answer->end_user != NULL
         && answer->end_user_length == width && memcmp (answer->end_user, expected->end_user, width) == 0;
}

LoadVerdict
load_world_check (const LoadWorld *world, const LoadExpected *expected, const guint8 *reply, gsize length)
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
      || load_u32 (at + SEQUENCE_OFFSET) != expected->sequence)
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
