#include "config.h"
#include "gateway/gw-authorization.h"

#include <openssl/crypto.h>
#include <string.h>

static void
clear (char *text)
{
  OPENSSL_cleanse (text, strlen (text));
  g_free (text);
}

char *
gw_authorization_basic (const char *user, const char *password)
{
  char *both = g_strconcat (user, ":", password, NULL);
  char *encoded = g_base64_encode ((const guchar *) both, strlen (both));
  char *value = g_strconcat ("Basic ", encoded, NULL);

  clear (both);
  clear (encoded);
  return value;
}

void
gw_authorization_free (char *value)
{
  clear (value);
}
