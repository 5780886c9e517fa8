#include "config.h"
#include "net/net-private.h"

static void
test_grow_and_consume (void)
{
  NetBuffer buffer = { 0 };
  guint8 next_in = 0, next_out = 0;
  gsize length = 0;

  g_assert_null (net_buffer_data (&buffer));
  /* Bytes come and go in uneven steps; more come than go, so it grows, moves and grows again. */
  for (guint i = 0; i < 2000; i++)
    {
      guint8 *to = net_buffer_reserve (&buffer, 1 + i % 97);

      for (guint j = 0; j < 1 + i % 97; j++)
        to[j] = next_in++;
      net_buffer_commit (&buffer, 1 + i % 97);
      length += 1 + i % 97;
      for (guint j = MIN (length, i % 53); j > 0; j--, length--)
        {
          g_assert_cmpuint (net_buffer_data (&buffer)[0], ==, next_out++);
          net_buffer_consume (&buffer, 1);
        }
      g_assert_cmpuint (net_buffer_length (&buffer), ==, length);
      g_assert_cmpuint (buffer.size, <=, MAX (NET_BUFFER_CHUNK, 4 * length + 200));
    }
  for (; length > 0; length--, net_buffer_consume (&buffer, 1))
    g_assert_cmpuint (net_buffer_data (&buffer)[0], ==, next_out++);
  g_assert_cmpuint (buffer.start, ==, 0);
  net_buffer_clear (&buffer);
  g_assert_null (buffer.bytes);
}

static void
test_append (void)
{
  NetBuffer buffer = { 0 };
  g_autofree guint8 *large = g_malloc0 (100000);

  net_buffer_append (&buffer, NULL, 0);
  g_assert_null (buffer.bytes);
  net_buffer_append (&buffer, "abc", 3);
  net_buffer_append (&buffer, large, 100000);
  g_assert_cmpuint (net_buffer_length (&buffer), ==, 100003);
  g_assert_cmpmem (net_buffer_data (&buffer), 3, "abc", 3);
  net_buffer_clear (&buffer);
  net_buffer_append (&buffer, "d", 1);
  g_assert_cmpuint (net_buffer_length (&buffer), ==, 1);
  net_buffer_clear (&buffer);
}

/* Without consuming, a buffer in use is not moved by a reserve that fits. */
static void
test_stays_put (void)
{
  NetBuffer buffer = { 0 };
  const guint8 *first;

  net_buffer_append (&buffer, "abc", 3);
  first = net_buffer_data (&buffer);
  net_buffer_reserve (&buffer, NET_BUFFER_SMALL_CHUNK - 3);
  g_assert_true (net_buffer_data (&buffer) == first);
  net_buffer_reserve (&buffer, NET_BUFFER_SMALL_CHUNK - 2);
  g_assert_cmpuint (buffer.size, ==, NET_BUFFER_CHUNK);
  first = net_buffer_data (&buffer);
  net_buffer_reserve (&buffer, NET_BUFFER_CHUNK - 3);
  g_assert_true (net_buffer_data (&buffer) == first);
  g_assert_cmpmem (first, 3, "abc", 3);
  net_buffer_reserve (&buffer, NET_BUFFER_CHUNK - 2);
  g_assert_cmpuint (buffer.size, ==, 2 * NET_BUFFER_CHUNK);
  net_buffer_clear (&buffer);
}

static guint
on_shelf (const NetBufferCache *cache, gsize size)
{
  return size == NET_BUFFER_CHUNK ? cache->large.n : cache->small.n;
}

static void
test_cache (gconstpointer data)
{
  gsize size = GPOINTER_TO_SIZE (data);
  NetBufferCache cache = { 0 };
  NetBuffer buffers[3] = { { 0 } };

  net_buffer_use_cache (&cache);
  for (guint i = 0; i < G_N_ELEMENTS (buffers); i++)
    net_buffer_reserve (&buffers[i], size);
  for (guint i = 0; i < G_N_ELEMENTS (buffers); i++)
    net_buffer_clear (&buffers[i]);
#ifndef __SANITIZE_ADDRESS__ /* there the cache is off, on purpose */
  g_assert_cmpuint (on_shelf (&cache, size), ==, 3);
  net_buffer_reserve (&buffers[0], size);
  g_assert_cmpuint (on_shelf (&cache, size), ==, 2);
#endif
  /* Another size does not go there. */
  net_buffer_reserve (&buffers[1], NET_BUFFER_CHUNK + 1);
  net_buffer_clear (&buffers[1]);
  g_assert_cmpuint (on_shelf (&cache, size), <=, 3);
  net_buffer_use_cache (NULL);
  net_buffer_clear (&buffers[0]);
  net_buffer_cache_clear (&cache);
  g_assert_null (cache.small.first);
  g_assert_null (cache.large.first);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/net/buffer/grow-and-consume", test_grow_and_consume);
  g_test_add_func ("/net/buffer/append", test_append);
  g_test_add_func ("/net/buffer/stays-put", test_stays_put);
  g_test_add_data_func ("/net/buffer/cache/small", GSIZE_TO_POINTER (1), test_cache);
  g_test_add_data_func ("/net/buffer/cache/large", GSIZE_TO_POINTER (NET_BUFFER_CHUNK), test_cache);
  return g_test_run ();
}
