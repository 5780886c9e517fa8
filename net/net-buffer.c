#include "config.h"
#include "net/net-private.h"

/* The calling thread's cache; NULL on threads that are no workers. */
static __thread NetBufferCache *thread_cache;

#ifdef __SANITIZE_ADDRESS__
#define CACHE_LIMIT 0 /* a chunk that is reused would hide a use after free */
#else
#define CACHE_LIMIT 256 /* 4 MiB per worker */
#endif

/* A free chunk holds the link to the next one in its own first bytes. */
static guint8 *
take_chunk (void)
{
  guint8 *chunk;

  if (thread_cache == NULL || thread_cache->chunks == NULL)
    return g_malloc (NET_BUFFER_CHUNK);
  chunk = thread_cache->chunks;
  memcpy (&thread_cache->chunks, chunk, sizeof (gpointer));
  thread_cache->n_chunks--;
  return chunk;
}

static void
give_chunk (guint8 *chunk)
{
  if (thread_cache == NULL || thread_cache->n_chunks + 1 > CACHE_LIMIT)
    {
      g_free (chunk);
      return;
    }
  memcpy (chunk, &thread_cache->chunks, sizeof (gpointer));
  thread_cache->chunks = chunk;
  thread_cache->n_chunks++;
}

static void
free_bytes (guint8 *bytes, gsize size)
{
  if (size == NET_BUFFER_CHUNK)
    give_chunk (bytes);
  else
    g_free (bytes);
}

void
net_buffer_use_cache (NetBufferCache *cache)
{
  thread_cache = cache;
}

void
net_buffer_cache_clear (NetBufferCache *cache)
{
  while (cache->chunks != NULL)
    {
      guint8 *chunk = cache->chunks;

      memcpy (&cache->chunks, chunk, sizeof (gpointer));
      g_free (chunk);
    }
  cache->n_chunks = 0;
}

guint8 *
net_buffer_reserve (NetBuffer *buffer, gsize length)
{
  gsize used = net_buffer_length (buffer);
  gsize size = NET_BUFFER_CHUNK;
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
  while (size < used + length)
    size *= 2;
  bytes = size == NET_BUFFER_CHUNK ? take_chunk () : g_malloc (size);
  if (used > 0)
    memcpy (bytes, net_buffer_data (buffer), used);
  if (buffer->bytes != NULL)
    free_bytes (buffer->bytes, buffer->size);
  *buffer = (NetBuffer){ .bytes = bytes, .end = used, .size = size };
  return bytes + used;
}

void
net_buffer_clear (NetBuffer *buffer)
{
  if (buffer->bytes != NULL)
    free_bytes (buffer->bytes, buffer->size);
  *buffer = (NetBuffer){ 0 };
}
