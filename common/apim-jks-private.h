/* What reading the file and decrypting its keys share. Private to apim-jks.c and apim-jks-key.c. */
#ifndef APIM_JKS_PRIVATE_H
#define APIM_JKS_PRIVATE_H

#include <glib.h>

G_BEGIN_DECLS

#define APIM_JKS_DIGEST_SIZE 20 /* SHA-1 */

typedef struct
{
  const void *bytes;
  gsize length;
} ApimJksSpan;

/* A password as JKS hashes it: UTF-16, high bytes first. Wiped when it is freed. NULL: not valid UTF-8. */
GBytes *apim_jks_password_bytes (const char *password);

/* SHA-1 of the three, one after the other. FALSE: OpenSSL could not. */
gboolean apim_jks_digest (GBytes *password, ApimJksSpan first, ApimJksSpan second, guint8 digest[APIM_JKS_DIGEST_SIZE]);

G_END_DECLS
#endif
