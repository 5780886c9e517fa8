#include "config.h"
#include "common/apim-cluster-key.h"

#include "common/apim-secret.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

typedef struct
{
  char *home;
  char *path;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->home = g_dir_make_tmp ("apim-cluster-XXXXXX", NULL);
  g_assert_nonnull (f->home);
  f->path = g_build_filename (f->home, "repository", "resources", "security", "cluster-key", NULL);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_autofree char *security = g_path_get_dirname (f->path);
  g_autofree char *resources = g_path_get_dirname (security);
  g_autofree char *repository = g_path_get_dirname (resources);

  g_unlink (f->path);
  g_rmdir (security);
  g_rmdir (resources);
  g_rmdir (repository);
  g_assert_cmpint (g_rmdir (f->home), ==, 0);
  g_free (f->path);
  g_free (f->home);
}

static void
write_key (Fixture *f, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_path_get_dirname (f->path);

  g_unlink (f->path);
  g_assert_cmpint (g_mkdir_with_parents (folder, 0755), ==, 0);
  g_assert_true (apim_secret_write_file (f->path, text, strlen (text), &error));
}

static void
test_make_once (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  guint8 first[32];
  guint8 second[32];
  gboolean made = FALSE;
  GStatBuf info;

  g_assert_true (apim_cluster_key_make (f->home, &made, &error));
  g_assert_no_error (error);
  g_assert_true (made);
  g_assert_cmpint (g_stat (f->path, &info), ==, 0);
  g_assert_cmpuint (info.st_mode & 07777, ==, 0600);
  g_assert_true (apim_cluster_key_derive (f->home, "thrift session", first, sizeof first, &error));
  g_assert_true (apim_cluster_key_make (f->home, &made, &error));
  g_assert_false (made);
  g_assert_true (apim_cluster_key_derive (f->home, "thrift session", second, sizeof second, &error));
  g_assert_cmpmem (first, sizeof first, second, sizeof second);
  g_assert_true (apim_cluster_key_derive (f->home, "tls tickets", second, sizeof second, &error));
  g_assert_cmpint (memcmp (first, second, sizeof first), !=, 0);
}

/* Every node, of whatever version, must derive the same: values of Python's hmac (RFC 5869 with an empty salt). */
static void
test_known_values (Fixture *f, gconstpointer data)
{
  static const char *const texts[] = {
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n",
    "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F",
  };
  static const char expected[] = "c471b4d8898856a5fe3644bf5c82519a5720da2683f18ef14de36c962c312441fdbc35b6a372cf9a";

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GString) hex = g_string_new (NULL);
      guint8 derived[40];

      write_key (f, texts[i]);
      g_assert_true (apim_cluster_key_derive (f->home, "thrift session", derived, sizeof derived, &error));
      g_assert_no_error (error);
      for (gsize j = 0; j < sizeof derived; j++)
        g_string_append_printf (hex, "%02x", derived[j]);
      g_assert_cmpstr (hex->str, ==, expected);
    }
}

static void
test_refused (Fixture *f, gconstpointer data)
{
  static const char *const bad[] = {
    "",
    "00",
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1",
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f00",
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1g",
    "000102030405060708090a0b0c0d0e0f 101112131415161718191a1b1c1d1e1",
  };
  g_autoptr (GError) error = NULL;
  guint8 derived[32];

  g_assert_false (apim_cluster_key_derive (f->home, "x", derived, sizeof derived, &error));
  g_assert_error (error, APIM_SECRET_ERROR, APIM_SECRET_ERROR_UNREADABLE);
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_clear_error (&error);
      write_key (f, bad[i]);
      g_assert_false (apim_cluster_key_derive (f->home, "x", derived, sizeof derived, &error));
      g_assert_error (error, APIM_SECRET_ERROR, APIM_SECRET_ERROR_INVALID);
      if (strlen (bad[i]) > 2)
        g_assert_null (strstr (error->message, "0a0b0c"));
    }
  g_clear_error (&error);
  g_assert_cmpint (g_chmod (f->path, 0640), ==, 0);
  g_assert_false (apim_cluster_key_derive (f->home, "x", derived, sizeof derived, &error));
  g_assert_error (error, APIM_SECRET_ERROR, APIM_SECRET_ERROR_EXPOSED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/cluster-key/make-once", Fixture, NULL, set_up, test_make_once, tear_down);
  g_test_add ("/cluster-key/known-values", Fixture, NULL, set_up, test_known_values, tear_down);
  g_test_add ("/cluster-key/refused", Fixture, NULL, set_up, test_refused, tear_down);
  return g_test_run ();
}
