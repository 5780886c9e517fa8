/* Java's key stores: as they come, which the digest mostly ends, and again under a right digest, as an attacker who
 * knows the password would seal them. What is read has its parts inside the bytes. */
#include "config.h"
#include "tests/fuzz/replay.h"

#include "common/apim-jks-private.h"
#include "common/apim-jks.h"
#include "common/apim-key-store.h"

#include <string.h>

#define PASSWORD "wso2carbon"

static void
check_entry (const ApimJksEntry *entry, const guint8 *bytes, gsize size)
{
  g_autoptr (GError) error = NULL;
  EVP_PKEY *key;

  g_assert_true (g_utf8_validate (entry->alias, -1, NULL));
  g_assert_cmpuint (entry->certificates->len, <=, APIM_JKS_CERTIFICATES_MAX);
  if (entry->key == NULL)
    return;
  g_assert_true (entry->key >= bytes && entry->key_length <= size - (gsize) (entry->key - bytes));
  key = apim_jks_open_key ("fuzz.jks", entry, PASSWORD, &error);
  g_assert_true ((key != NULL) == (error == NULL));
  EVP_PKEY_free (key);
}

static void
try_store (const guint8 *bytes, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) entries = apim_jks_read ("fuzz.jks", bytes, size, PASSWORD, &error);

  g_assert_true ((entries != NULL) == (error == NULL));
  if (entries == NULL)
    g_assert_true (error->domain == APIM_KEY_STORE_ERROR);
  for (guint i = 0; entries != NULL && i < entries->len; i++)
    check_entry (entries->pdata[i], bytes, size);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const ApimJksSpan middle = { "Mighty Aphrodite", 16 };
  g_autoptr (GBytes) password = apim_jks_password_bytes (PASSWORD);
  g_autofree guint8 *sealed = NULL;

  try_store (data, size);
  if (size < APIM_JKS_DIGEST_SIZE)
    return 0;
  sealed = g_memdup2 (data, size);
  size -= APIM_JKS_DIGEST_SIZE;
  g_assert_true (apim_jks_digest (password, middle, (ApimJksSpan){ sealed, size }, sealed + size));
  try_store (sealed, size + APIM_JKS_DIGEST_SIZE);
  return 0;
}
