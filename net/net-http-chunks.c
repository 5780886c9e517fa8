#include "config.h"
#include "net/net-http-chars.h"
#include "net/net-http-request.h"

#define MAX_SIZE_DIGITS 16 /* of a chunk size: what fits 64 bits */

/* What the next byte is. Framing is read byte by byte, data in blocks. */
typedef enum
{
  CHUNK_SIZE, /* first: a zeroed decoder starts here */
  CHUNK_EXTENSION,
  CHUNK_SIZE_LF,
  CHUNK_DATA,
  CHUNK_DATA_CR,
  CHUNK_DATA_LF,
  CHUNK_LINE_START, /* of a trailer or of the empty line after them */
  CHUNK_TRAILER_NAME,
  CHUNK_TRAILER_VALUE,
  CHUNK_TRAILER_LF,
  CHUNK_LAST_LF,
  CHUNK_END,
} ChunkState;

static gboolean
refuse_with (NetHttpChunks *chunks, guint status, const char *error)
{
  chunks->status = status;
  chunks->error = error;
  return FALSE;
}

static gboolean
refuse (NetHttpChunks *chunks, const char *error)
{
  return refuse_with (chunks, 400, error);
}

static gboolean
go (NetHttpChunks *chunks, ChunkState state)
{
  chunks->state = state;
  return TRUE;
}

static gboolean
read_size (NetHttpChunks *chunks, char byte)
{
  int digit = g_ascii_xdigit_value (byte);

  if (digit >= 0)
    {
      if (chunks->n_digits++ == MAX_SIZE_DIGITS)
        return refuse (chunks, "chunk size of too many digits");
      chunks->chunk_left = chunks->chunk_left << 4 | (guint) digit;
      return TRUE;
    }
  /* Neither signs nor prefixes nor white space: nothing but digits, then ";" or the end of the line. */
  if (chunks->n_digits == 0 || (byte != ';' && byte != '\r'))
    return refuse (chunks, "chunk size is not a hexadecimal number");
  return go (chunks, byte == ';' ? CHUNK_EXTENSION : CHUNK_SIZE_LF);
}

/* @at_end: the state after a CR; @inside: the state after any other byte that a field value may have. */
static gboolean
read_text (NetHttpChunks *chunks, char byte, ChunkState inside, ChunkState at_end)
{
  if (byte == '\r')
    return go (chunks, at_end);
  if (!net_http_is_field_char (byte))
    return refuse (chunks, "control character between chunks");
  return go (chunks, inside);
}

/* Counts a byte of the trailer section, and keeps it. The empty line behind it is none of it. */
static gboolean
take_trailer (NetHttpChunks *chunks, char byte)
{
  gsize most = chunks->max_trailer > 0 ? chunks->max_trailer : NET_HTTP_MAX_TRAILER;

  if (chunks->state == CHUNK_LINE_START && byte == '\r')
    return TRUE;
  if (chunks->trailer_length++ == most)
    return refuse_with (chunks, 431, "the trailer section is too long");
  if (chunks->state == CHUNK_LINE_START && chunks->n_trailers++ == NET_HTTP_MAX_TRAILERS)
    return refuse_with (chunks, 431, "too many trailer fields");
  if (chunks->trailers != NULL)
    net_buffer_append (chunks->trailers, &byte, 1);
  return TRUE;
}

static gboolean
read_trailer_name (NetHttpChunks *chunks, char byte)
{
  if (byte == ':' && chunks->state == CHUNK_TRAILER_NAME)
    return go (chunks, CHUNK_TRAILER_VALUE);
  if (byte == '\r' && chunks->state == CHUNK_LINE_START)
    return go (chunks, CHUNK_LAST_LF);
  if (!net_http_is_token_char (byte))
    return refuse (chunks, "trailer that is not a name, a colon and a value");
  return go (chunks, CHUNK_TRAILER_NAME);
}

static gboolean
expect (NetHttpChunks *chunks, char byte, char wanted, ChunkState next)
{
  return byte == wanted ? go (chunks, next) : refuse (chunks, "chunk or its size does not end in CR LF");
}

static gboolean
read_extension (NetHttpChunks *chunks, char byte)
{
  if (chunks->overhead++ == NET_HTTP_MAX_CHUNK_OVERHEAD)
    return refuse (chunks, "chunk extensions are too long");
  return read_text (chunks, byte, CHUNK_EXTENSION, CHUNK_SIZE_LF);
}

static gboolean
read_framing (NetHttpChunks *chunks, char byte)
{
  switch ((ChunkState) chunks->state)
    {
    case CHUNK_SIZE:
      return read_size (chunks, byte);
    case CHUNK_SIZE_LF:
      return expect (chunks, byte, '\n', chunks->chunk_left > 0 ? CHUNK_DATA : CHUNK_LINE_START);
    case CHUNK_DATA_CR:
      return expect (chunks, byte, '\r', CHUNK_DATA_LF);
    case CHUNK_DATA_LF:
      chunks->n_digits = 0;
      return expect (chunks, byte, '\n', CHUNK_SIZE);
    case CHUNK_LAST_LF:
      return expect (chunks, byte, '\n', CHUNK_END);
    case CHUNK_EXTENSION:
      return read_extension (chunks, byte);
    default: /* a trailer */
      break;
    }
  if (!take_trailer (chunks, byte))
    return FALSE;
  switch ((ChunkState) chunks->state)
    {
    case CHUNK_TRAILER_VALUE:
      return read_text (chunks, byte, CHUNK_TRAILER_VALUE, CHUNK_TRAILER_LF);
    case CHUNK_TRAILER_LF:
      return expect (chunks, byte, '\n', CHUNK_LINE_START);
    default: /* CHUNK_LINE_START, CHUNK_TRAILER_NAME */
      return read_trailer_name (chunks, byte);
    }
}

NetHttpParse
net_http_chunks_decode (NetHttpChunks *chunks, char *bytes, gsize length, char *body, gsize *used, gsize *produced)
{
  gsize in = 0, out = 0;
  gboolean fine = chunks->error == NULL;

  while (fine && in < length && chunks->state != CHUNK_END)
    {
      if (chunks->state == CHUNK_DATA)
        {
          gsize block = MIN (chunks->chunk_left, length - in);

          memmove (body + out, bytes + in, block);
          in += block;
          out += block;
          chunks->chunk_left -= block;
          if (chunks->chunk_left == 0)
            chunks->state = CHUNK_DATA_CR;
        }
      else
        fine = read_framing (chunks, bytes[in++]);
    }
  *used = in;
  *produced = out;
  if (!fine)
    return NET_HTTP_PARSE_ERROR;
  return chunks->state == CHUNK_END ? NET_HTTP_PARSE_DONE : NET_HTTP_PARSE_MORE;
}
