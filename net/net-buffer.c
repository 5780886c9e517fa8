#include "config.h"
#include "net/net-private.h"

/* The calling thread's cache; NULL on threads that are no workers. */
static __thread NetBufferCache *thread_cache;

#ifdef __SANITIZE_ADDRESS__
/* A chunk that is reused would hide a use after free. */
#define SMALL_LIMIT 0
#define LARGE_LIMIT 0
#else
/* 8 MiB and 4 MiB per worker */
#define SMALL_LIMIT 4096
#define LARGE_LIMIT 256
#endif

static guint8 *
take_from (NetBufferShelf *shelf)
{
  guint8 *chunk = shelf->first;

  /* A free chunk holds the link to the next one in its own first bytes. */
  memcpy (&shelf->first, chunk, sizeof (gpointer));
  shelf->n--;
  return chunk;
}

static guint8 *
take_chunk (gsize size)
{
  NetBufferShelf *shelf;

  if (thread_cache == NULL || size > NET_BUFFER_CHUNK)
    return g_malloc (size);
  shelf = size == NET_BUFFER_CHUNK ? &thread_cache->large : &thread_cache->small;
  return shelf->first != NULL ? take_from (shelf) : g_malloc (size);
}

static void
give_chunk (guint8 *chunk, gsize size)
{
  NetBufferShelf *shelf;

  if (thread_cache == NULL || size > NET_BUFFER_CHUNK)
    {
      g_free (chunk);
      return;
    }
  shelf = size == NET_BUFFER_CHUNK ? &thread_cache->large : &thread_cache->small;
  if (shelf->n + 1 > (size == NET_BUFFER_CHUNK ? LARGE_LIMIT : SMALL_LIMIT))
    {
      g_free (chunk);
      return;
    }
  memcpy (chunk, &shelf->first, sizeof (gpointer));
  shelf->first = chunk;
  shelf->n++;
}

void
net_buffer_use_cache (NetBufferCache *cache)
{
  thread_cache = cache;
}

void
net_buffer_cache_clear (NetBufferCache *cache)
{
  while (cache->small.first != NULL)
    g_free (take_from (&cache->small));
  while (cache->large.first != NULL)
    g_free (take_from (&cache->large));
}

static gsize
size_for (gsize length)
{
  gsize size = NET_BUFFER_CHUNK;

  if (length <= NET_BUFFER_SMALL_CHUNK)
    return NET_BUFFER_SMALL_CHUNK;
  while (size < length)
    size *= 2;
  return size;
}

guint8 *
net_buffer_reserve (NetBuffer *buffer, gsize length)
{
  gsize used = net_buffer_length (buffer);
  gsize size;
  guint8 *bytes;

  if (buffer->size - buffer->end >= length && buffer->bytes != NULL)
    return buffer->bytes + buffer->end;
  /* Moving is paid for by the bytes consumed since the last move, so it never costs more than reading did. */
  if (buffer->start >= used && buffer->size - used >= length && buffer->bytes != NULL)
    {
      memcpy (buffer->bytes, buffer->bytes + buffer->start, used);
      buffer->start = 0;
      buffer->end = used;
      return buffer->bytes + used;
    }
  if (length > G_MAXSIZE / 4 - used)
    g_error ("a buffer of %" G_GSIZE_FORMAT " bytes was asked for", length);
  size = size_for (used + length);
  bytes = take_chunk (size);
  if (used > 0)
    memcpy (bytes, net_buffer_data (buffer), used);
  if (buffer->bytes != NULL)
    give_chunk (buffer->bytes, buffer->size);
  *buffer = (NetBuffer){ .bytes = bytes, .end = used, .size = size };
  return bytes + used;
}

void
net_buffer_clear (NetBuffer *buffer)
{
  if (buffer->bytes != NULL)
    give_chunk (buffer->bytes, buffer->size);
  *buffer = (NetBuffer){ 0 };
}
