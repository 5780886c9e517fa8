/* Java's key stores as keytool makes them (fixtures/make-key-stores says how), and what may be wrong with one. */
#include "config.h"
#include "common/apim-jks.h"

#include "common/apim-jks-private.h"
#include "common/apim-key-store.h"
#include "common/apim-trust-store.h"

#include <openssl/pem.h>
#include <string.h>

#define STORE_PASSWORD "wso2carbon"

/* Where things are in wso2carbon.jks, whose first entry is its key. */
enum
{
  AT_VERSION = 4,
  AT_N_ENTRIES = 8,
  AT_KIND = 12,
  AT_ALIAS_LENGTH = 16,
  AT_KEY_LENGTH = 36, /* after "wso2carbon" and the date */
};

static char *
corpus_path (const char *name)
{
  return g_test_build_filename (G_TEST_DIST, "fuzz", "corpus", "jks", name, NULL);
}

static GByteArray *
read_store (const char *name)
{
  g_autofree char *path = corpus_path (name);
  char *bytes;
  gsize length;

  g_assert_true (g_file_get_contents (path, &bytes, &length, NULL));
  return g_byte_array_new_take ((guint8 *) bytes, length);
}

/* Puts the right digest at the end, as who knows the password could. */
static void
seal (GByteArray *store)
{
  const ApimJksSpan middle = { "Mighty Aphrodite", 16 };
  g_autoptr (GBytes) password = apim_jks_password_bytes (STORE_PASSWORD);
  guint length = store->len - APIM_JKS_DIGEST_SIZE;

  g_assert_true (apim_jks_digest (password, middle, (ApimJksSpan){ store->data, length }, store->data + length));
}

static void
put_number (GByteArray *store, guint at, guint32 number)
{
  guint32 bytes = GUINT32_TO_BE (number);

  memcpy (store->data + at, &bytes, sizeof bytes);
}

static GPtrArray *
read_entries (const GByteArray *store)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *entries = apim_jks_read ("x.jks", store->data, store->len, STORE_PASSWORD, &error);

  g_assert_no_error (error);
  g_assert_nonnull (entries);
  return entries;
}

static void
assert_refused (const GByteArray *store, ApimKeyStoreError code, const char *hint)
{
  /* In a block of just this size, so that a sanitizer sees a read past the end. */
  g_autofree guint8 *copy = g_memdup2 (store->data, store->len);
  g_autoptr (GError) error = NULL;

  g_assert_null (apim_jks_read ("x.jks", copy, store->len, STORE_PASSWORD, &error));
  g_assert_error (error, APIM_KEY_STORE_ERROR, (int) code);
  if (strstr (error->message, hint) == NULL)
    g_error ("\"%s\" does not say \"%s\"", error->message, hint);
}

static void
test_entries (void)
{
  g_autoptr (GByteArray) store = read_store ("wso2carbon.jks");
  g_autoptr (GPtrArray) entries = read_entries (store);
  const ApimJksEntry *entry = entries->pdata[0];

  g_assert_cmpuint (entries->len, ==, 1);
  g_assert_cmpstr (entry->alias, ==, "wso2carbon");
  g_assert_nonnull (entry->key);
  g_assert_cmpuint (entry->certificates->len, ==, 1);
}

/* One changed bit anywhere, and nothing of the file is used. */
static void
test_integrity (void)
{
  g_autoptr (GByteArray) store = read_store ("wso2carbon.jks");

  for (guint i = 0; i < store->len; i += 7)
    {
      store->data[i] ^= 1;
      assert_refused (store, i < 4 ? APIM_KEY_STORE_ERROR_FORMAT : APIM_KEY_STORE_ERROR_PASSWORD,
                      i < 4 ? "not a key store" : "does not open the key store");
      store->data[i] ^= 1;
    }
  g_ptr_array_unref (read_entries (store));
}

/* Cut off anywhere, and sealed again by who knows the password. */
static void
test_cut_off (void)
{
  g_autoptr (GByteArray) whole = read_store ("wso2carbon.jks");

  for (guint length = 0; length < whole->len; length += length < 64 ? 1 : 13)
    {
      g_autoptr (GByteArray) store = g_byte_array_new ();

      g_byte_array_append (store, whole->data, length);
      if (length < 4 + APIM_JKS_DIGEST_SIZE)
        {
          assert_refused (store, APIM_KEY_STORE_ERROR_FORMAT, "not a key store");
          continue;
        }
      assert_refused (store, APIM_KEY_STORE_ERROR_PASSWORD, "does not open the key store");
      seal (store);
      assert_refused (store, APIM_KEY_STORE_ERROR_FORMAT, "longer than the file");
    }
}

static void
test_numbers (void)
{
  static const struct
  {
    guint at;
    guint32 number;
    const char *hint;
  } cases[] = {
    { AT_VERSION, 0, "version" },
    { AT_VERSION, 3, "version" },
    { AT_VERSION, 1, "" }, /* the certificates have no type there */
    { AT_N_ENTRIES, 0, "something after its entries" },
    { AT_N_ENTRIES, 2, "longer than the file" },
    { AT_N_ENTRIES, APIM_JKS_ENTRIES_MAX + 1, "more than 1024 entries" },
    { AT_N_ENTRIES, 0xffffffff, "more than 1024 entries" },
    { AT_KIND, 0, "unknown kind" },
    { AT_KIND, 3, "secret key" },
    { AT_KIND, 0xffffffff, "unknown kind" },
    { AT_ALIAS_LENGTH, 0xffff7773, "longer than the file" },
    { AT_KEY_LENGTH, 0xffffffff, "longer than the file" },
    { AT_KEY_LENGTH, 0x80000000, "longer than the file" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GByteArray) store = read_store ("wso2carbon.jks");

      put_number (store, cases[i].at, cases[i].number);
      seal (store);
      assert_refused (store, APIM_KEY_STORE_ERROR_FORMAT, cases[i].hint);
    }
}

/* More certificates than a file may have, and one that is none. */
static void
test_certificates (void)
{
  static const guint8 no_certificate[] = { 0, 5, 'X', '.', '5', '0', '9', 0, 0, 0, 2, 0x30, 0 };
  static const guint8 other_kind[] = { 0, 3, 'P', 'G', 'P', 0, 0, 0, 1, 7 };
  static const guint8 trusted_head[] = { 0, 0, 0, 2, 0, 1, 'a', 0, 0, 0, 0, 0, 0, 0, 0 };
  /* ... a key of one byte, and 1025 certificates */
  static const guint8 key_head[] = { 0, 0, 0, 1, 0, 1, 'k', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0x30, 0, 0, 4, 1 };
  static const guint8 digest[APIM_JKS_DIGEST_SIZE];
  g_autoptr (GByteArray) store = g_byte_array_new ();
  g_autoptr (GByteArray) many = g_byte_array_new ();
  g_autoptr (GPtrArray) entries = NULL;

  g_byte_array_append (store, (const guint8 *) "\xfe\xed\xfe\xed\0\0\0\2\0\0\0\1", 12);
  g_byte_array_append (many, store->data, store->len);
  g_byte_array_append (store, trusted_head, sizeof trusted_head);
  g_byte_array_append (store, other_kind, sizeof other_kind);
  g_byte_array_append (store, digest, sizeof digest);
  seal (store);
  entries = read_entries (store);
  g_assert_cmpuint (((ApimJksEntry *) entries->pdata[0])->certificates->len, ==, 0);

  g_byte_array_set_size (store, 12 + sizeof trusted_head);
  g_byte_array_append (store, no_certificate, sizeof no_certificate);
  g_byte_array_append (store, digest, sizeof digest);
  seal (store);
  assert_refused (store, APIM_KEY_STORE_ERROR_FORMAT, "certificate in the file cannot be read");

  g_byte_array_append (many, key_head, sizeof key_head);
  for (guint i = 0; i <= APIM_JKS_CERTIFICATES_MAX; i++)
    g_byte_array_append (many, other_kind, sizeof other_kind);
  g_byte_array_append (many, digest, sizeof digest);
  seal (many);
  assert_refused (many, APIM_KEY_STORE_ERROR_FORMAT, "more than 1024 certificates");
}

/* A key that is too short, sealed by an unknown algorithm, or no DER at all. */
static void
test_keys (void)
{
  static const struct
  {
    const char *bytes;
    gsize length;
    ApimKeyStoreError code;
  } cases[] = {
    { "", 0, APIM_KEY_STORE_ERROR_FORMAT },
    { "rubbish", 7, APIM_KEY_STORE_ERROR_FORMAT },
    /* algorithm 1.2.3 */
    { "\x30\x0a\x30\x04\x06\x02\x2a\x03\x04\x02\x00\x00", 12, APIM_KEY_STORE_ERROR_FORMAT },
    /* JKS, with no salt */
    { "\x30\x12\x30\x0c\x06\x0a\x2b\x06\x01\x04\x01\x2a\x02\x11\x01\x01\x04\x02\x00\x00", 20,
      APIM_KEY_STORE_ERROR_PASSWORD },
    /* JCEKS: without parameters, and with 2^31 iterations */
    { "\x30\x11\x30\x0b\x06\x09\x2b\x06\x01\x04\x01\x2a\x02\x13\x01\x04\x02\x00\x00", 19, APIM_KEY_STORE_ERROR_FORMAT },
    { "\x30\x24\x30\x1e\x06\x09\x2b\x06\x01\x04\x01\x2a\x02\x13\x01\x30\x11\x04\x08saltsalt\x02\x05\x00\x80\x00\x00\x00"
      "\x04\x02\x00\x00",
      38, APIM_KEY_STORE_ERROR_FORMAT },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree guint8 *copy = g_memdup2 (cases[i].bytes, cases[i].length);
      const ApimJksEntry entry = { .alias = (char *) "a", .key = copy, .key_length = cases[i].length };
      g_autoptr (GError) error = NULL;

      g_assert_null (apim_jks_open_key ("x.jks", &entry, STORE_PASSWORD, &error));
      g_test_message ("%" G_GSIZE_FORMAT ": %s", i, error->message);
      g_assert_error (error, APIM_KEY_STORE_ERROR, (int) cases[i].code);
    }
}

static guint
count_certificates (const char *pem)
{
  guint n = 0;

  for (const char *at = pem; (at = strstr (at, "-----BEGIN CERTIFICATE-----")) != NULL; at++)
    n++;
  return n;
}

static void
test_trust_store (void)
{
  g_autofree char *path = corpus_path ("client-truststore.jks");
  g_autofree char *two_keys = corpus_path ("two-keys.jks");
  g_autofree char *pem = NULL;
  g_autofree char *of_keys = NULL;
  g_autoptr (GError) wrong = NULL;
  g_autoptr (GError) missing = NULL;
  g_autoptr (GError) error = NULL;

  pem = apim_trust_store_read (path, STORE_PASSWORD, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (count_certificates (pem), ==, 2);
  g_assert_null (apim_trust_store_read (path, "hunter2", &wrong));
  g_assert_error (wrong, APIM_KEY_STORE_ERROR, APIM_KEY_STORE_ERROR_PASSWORD);
  g_assert_null (strstr (wrong->message, "hunter2"));
  g_assert_null (apim_trust_store_read (path, NULL, &missing));
  g_assert_error (missing, APIM_KEY_STORE_ERROR, APIM_KEY_STORE_ERROR_PASSWORD);
  g_assert_nonnull (strstr (missing->message, "trustCertificateKeyStorePassword"));
  /* A trusted one, and of each key its own: not the intermediate one. Their passwords are not needed. */
  of_keys = apim_trust_store_read (two_keys, "st\xc3\xb6re pass", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (count_certificates (of_keys), ==, 3);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/jks/entries", test_entries);
  g_test_add_func ("/jks/integrity", test_integrity);
  g_test_add_func ("/jks/cut-off", test_cut_off);
  g_test_add_func ("/jks/numbers", test_numbers);
  g_test_add_func ("/jks/certificates", test_certificates);
  g_test_add_func ("/jks/keys", test_keys);
  g_test_add_func ("/jks/trust-store", test_trust_store);
  return g_test_run ();
}
