/* A byte queue that grows at its end and is consumed at its start; contiguous, so that codecs decode in place.
 * Threads: owned by one thread at a time. */
#ifndef NET_BUFFER_H
#define NET_BUFFER_H

#include <glib.h>
#include <string.h>

G_BEGIN_DECLS

typedef struct
{
  guint8 *bytes; /* nullable: an idle connection holds no memory */
  gsize start;   /* first unread byte */
  gsize end;     /* past the last byte */
  gsize size;    /* allocated */
} NetBuffer;

static inline const guint8 *
net_buffer_data (const NetBuffer *buffer)
{
  return buffer->bytes == NULL ? NULL : buffer->bytes + buffer->start;
}

static inline gsize
net_buffer_length (const NetBuffer *buffer)
{
  return buffer->end - buffer->start;
}

/* Makes room for @length more bytes and returns where they go; call net_buffer_commit() with what was written.
 * Pointers into the buffer are dead after this. */
guint8 *net_buffer_reserve (NetBuffer *buffer, gsize length);

static inline void
net_buffer_commit (NetBuffer *buffer, gsize length)
{
  buffer->end += length;
}

static inline void
net_buffer_append (NetBuffer *buffer, const void *bytes, gsize length)
{
  if (length > 0)
    {
      memcpy (net_buffer_reserve (buffer, length), bytes, length);
      buffer->end += length;
    }
}

static inline void
net_buffer_consume (NetBuffer *buffer, gsize length)
{
  buffer->start += length;
  if (buffer->start == buffer->end)
    buffer->start = buffer->end = 0;
}

/* Frees the memory and keeps the buffer usable. */
void net_buffer_clear (NetBuffer *buffer);

G_END_DECLS
#endif
