#include "config.h"
#include "common/apim-text.h"

#include <string.h>

static void
test_pieces (void)
{
  char buffer[8];
  ApimText text;

  apim_text_init (&text, buffer, sizeof buffer);
  g_assert_cmpstr (buffer, ==, "");
  apim_text_add (&text, "ab");
  apim_text_add (&text, "");
  apim_text_add (&text, "cdefg");
  g_assert_cmpstr (buffer, ==, "abcdefg");
  g_assert_true (apim_text_fits (&text));
}

static void
test_too_long (void)
{
  char buffer[8] = "";
  ApimText text;

  apim_text_init (&text, buffer, 7);
  apim_text_add (&text, "abc");
  apim_text_add (&text, "defg");
  g_assert_false (apim_text_fits (&text));
  /* A later, shorter piece must not make it look complete. */
  apim_text_add (&text, "d");
  g_assert_false (apim_text_fits (&text));
  g_assert_cmpstr (buffer, ==, "abc");
  apim_text_init (&text, buffer, 1);
  apim_text_add (&text, "");
  g_assert_true (apim_text_fits (&text));
  apim_text_add (&text, "x");
  g_assert_false (apim_text_fits (&text));
}

static void
test_numbers (void)
{
  const gint64 numbers[] = { 0, 7, -1, 10, 1234567890, G_MAXINT32, G_MININT32, G_MAXINT64, G_MININT64 };

  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      g_autofree char *expected = g_strdup_printf ("=%" G_GINT64_FORMAT, numbers[i]);
      char buffer[32];
      ApimText text;

      apim_text_init (&text, buffer, sizeof buffer);
      apim_text_add (&text, "=");
      apim_text_add_int (&text, numbers[i]);
      g_assert_cmpstr (buffer, ==, expected);
      apim_text_init (&text, buffer, strlen (expected));
      apim_text_add (&text, "=");
      apim_text_add_int (&text, numbers[i]);
      g_assert_false (apim_text_fits (&text));
    }
}

static void
test_hex (void)
{
  const guint8 bytes[] = { 0x00, 0x0f, 0xf0, 0xa5, 0xff };
  char buffer[11];
  ApimText text;

  apim_text_init (&text, buffer, sizeof buffer);
  apim_text_add_hex (&text, bytes, sizeof bytes);
  g_assert_cmpstr (buffer, ==, "000ff0a5ff");
  g_assert_true (apim_text_fits (&text));
  apim_text_add_hex (&text, bytes, 1);
  g_assert_false (apim_text_fits (&text));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/text/pieces", test_pieces);
  g_test_add_func ("/text/too-long", test_too_long);
  g_test_add_func ("/text/numbers", test_numbers);
  g_test_add_func ("/text/hex", test_hex);
  return g_test_run ();
}
