/* Passwords of endpoints: kept, found by tenant and alias, and by nobody who has not the key. */
#include "config.h"
#include "gateway/gw-vault.h"

#include "common/apim-cluster-key.h"
#include "common/apim-secret.h"

#include <glib/gstdio.h>
#include <string.h>

typedef struct
{
  char *home, *folder, *path;
  GwVault *vault;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  f->home = g_dir_make_tmp ("gw-vault-XXXXXX", NULL);
  f->folder = g_build_filename (f->home, "repository", "resources", "security", NULL);
  f->path = g_build_filename (f->folder, "gateway-vault", NULL);
  g_assert_cmpint (g_mkdir_with_parents (f->folder, 0755), ==, 0);
  apim_cluster_key_make (f->home, NULL, &error);
  g_assert_no_error (error);
  f->vault = gw_vault_new (f->home, 2, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_autofree char *key = g_build_filename (f->folder, "cluster-key", NULL);
  char *end;

  gw_vault_free (f->vault);
  g_unlink (f->path);
  g_unlink (key);
  for (end = f->folder + strlen (f->folder); strlen (f->folder) >= strlen (f->home); *end = '\0')
    {
      g_assert_cmpint (g_rmdir (f->folder), ==, 0);
      end = strrchr (f->folder, '/');
    }
  g_free (f->home);
  g_free (f->folder);
  g_free (f->path);
}

static void
put (Fixture *f, const char *domain, const char *alias, const char *password)
{
  g_autoptr (GError) error = NULL;

  gw_vault_put (f->vault, domain, alias, password, &error);
  g_assert_no_error (error);
}

static void
expect (GwVault *vault, const char *domain, const char *alias, const char *password)
{
  for (guint worker = 0; worker < 2; worker++)
    {
      GwText found = gw_vault_find (vault, worker, domain, strlen (domain), alias);

      g_assert_cmpstr (found.text, ==, password);
      g_assert_cmpuint (found.length, ==, password != NULL ? strlen (password) : 0);
    }
}

static void
test_kept (Fixture *f, gconstpointer data)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GwVault) other = NULL;
  GStatBuf status;

  expect (f->vault, "carbon.super", "a", NULL);
  put (f, "carbon.super", "a", "first");
  put (f, "carbon.super", "a", "second word");
  put (f, "foo.com", "a", "theirs");
  put (f, "foo.com", "empty", "");
  expect (f->vault, "carbon.super", "a", "second word");
  other = gw_vault_new (f->home, 2, &error);
  g_assert_no_error (error);
  expect (other, "carbon.super", "a", "second word");
  expect (other, "foo.com", "a", "theirs");
  expect (other, "foo.com", "empty", "");
  expect (other, "carbon.super", "empty", NULL);
  g_assert_true (g_file_get_contents (f->path, &text, NULL, NULL));
  g_assert_null (strstr (text, "second"));
  g_assert_null (strstr (text, "c2Vjb25k"));
  g_assert_cmpint (g_stat (f->path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0600);
  /* What another gateway wrote is there after a reload. */
  put (f, "carbon.super", "late", "word");
  expect (other, "carbon.super", "late", NULL);
  g_assert_true (gw_vault_reload (other, &error));
  expect (other, "carbon.super", "late", "word");
}

static void
test_refused (Fixture *f, gconstpointer data)
{
  static const char *const aliases[] = { "", "a\tb", "a\nb", "a\r" };
  g_autofree char *long_name = g_strnfill (GW_VAULT_MAX_NAME + 1, 'x');
  g_autofree char *long_password = g_strnfill (GW_VAULT_MAX_PASSWORD + 1, 'x');

  for (gsize i = 0; i < G_N_ELEMENTS (aliases); i++)
    g_assert_false (gw_vault_put (f->vault, "carbon.super", aliases[i], "p", NULL));
  g_assert_false (gw_vault_put (f->vault, "carbon.super", long_name, "p", NULL));
  g_assert_false (gw_vault_put (f->vault, long_name, "a", "p", NULL));
  g_assert_false (gw_vault_put (f->vault, "carbon.super", "a", long_password, NULL));
  expect (f->vault, "carbon.super", long_name, NULL);
  g_assert_false (g_file_test (f->path, G_FILE_TEST_EXISTS));
  long_name[GW_VAULT_MAX_NAME] = long_password[GW_VAULT_MAX_PASSWORD] = '\0';
  put (f, long_name, long_name, long_password);
  expect (f->vault, long_name, long_name, long_password);
}

static void
expect_broken (Fixture *f, const char *text)
{
  g_autoptr (GError) error = NULL;

  g_unlink (f->path);
  g_assert_true (apim_secret_write_file (f->path, text, strlen (text), NULL));
  g_assert_null (gw_vault_new (f->home, 1, &error));
  g_assert_error (error, APIM_SECRET_ERROR, APIM_SECRET_ERROR_INVALID);
  /* A vault that was read before is as it was. */
  g_assert_false (gw_vault_reload (f->vault, NULL));
  expect (f->vault, "carbon.super", "alias", "password");
}

static void
test_damaged (Fixture *f, gconstpointer data)
{
  g_autofree char *good = NULL, *renamed = NULL, *changed = NULL, *cut = NULL, *alias = NULL;
  g_autoptr (GError) error = NULL;

  put (f, "carbon.super", "alias", "password");
  g_assert_true (g_file_get_contents (f->path, &good, NULL, NULL));
  renamed = g_strconcat ("foo.com", strchr (good, '\t'), NULL); /* another tenant takes it over */
  alias = g_strconcat ("carbon.super\tother", strrchr (good, '\t'), NULL);
  changed = g_strdup (good);
  changed[strlen (changed) - 6] ^= 1;
  cut = g_strndup (good, strlen (good) - 10);
  expect_broken (f, renamed);
  expect_broken (f, alias);
  expect_broken (f, changed);
  expect_broken (f, cut);
  expect_broken (f, "carbon.super\talias\t\n");
  expect_broken (f, "carbon.super\talias\n");
  expect_broken (f, "nonsense");
  g_unlink (f->path);
  g_assert_true (apim_secret_write_file (f->path, good, strlen (good), NULL));
  g_assert_true (gw_vault_reload (f->vault, NULL));
  g_assert_cmpint (g_chmod (f->path, 0644), ==, 0);
  g_assert_false (gw_vault_reload (f->vault, &error));
  g_assert_error (error, APIM_SECRET_ERROR, APIM_SECRET_ERROR_EXPOSED);
}

/* The file of a cluster is of no use to another one. */
static void
test_other_key (Fixture *f, gconstpointer data)
{
  g_autofree char *key = g_build_filename (f->folder, "cluster-key", NULL);
  g_autoptr (GError) error = NULL;

  put (f, "carbon.super", "alias", "password");
  g_unlink (key);
  g_assert_true (apim_cluster_key_make (f->home, NULL, NULL));
  g_assert_null (gw_vault_new (f->home, 1, &error));
  g_assert_error (error, APIM_SECRET_ERROR, APIM_SECRET_ERROR_INVALID);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/gw-vault/kept", Fixture, NULL, set_up, test_kept, tear_down);
  g_test_add ("/gw-vault/refused", Fixture, NULL, set_up, test_refused, tear_down);
  g_test_add ("/gw-vault/damaged", Fixture, NULL, set_up, test_damaged, tear_down);
  g_test_add ("/gw-vault/other-key", Fixture, NULL, set_up, test_other_key, tear_down);
  return g_test_run ();
}
