#include "config.h"
#include "common/apim-digest.h"

/* A list and not OpenSSL's look-up by name: that one also knows digests of no or of any length, with which every
 * password would fit, and does not know Java's "SHA". */
static const struct
{
  const char *java_name;
  const EVP_MD *(*digest) (void);
} digests[] = {
  { "SHA-256", EVP_sha256 }, { "SHA-1", EVP_sha1 },     { "SHA1", EVP_sha1 },      { "SHA", EVP_sha1 },
  { "SHA-224", EVP_sha224 }, { "SHA-384", EVP_sha384 }, { "SHA-512", EVP_sha512 }, { "MD5", EVP_md5 },
};

const EVP_MD *
apim_digest_find (const char *java_name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (digests); i++)
    if (g_ascii_strcasecmp (digests[i].java_name, java_name) == 0)
      return digests[i].digest ();
  return NULL;
}
