/* JWTs from strangers. The first byte says what the rest is: a JSON object, a token, or the claims of a token that is
 * signed rightly, without which no input would get past the signature. */
#include "config.h"
#include "core/core-jwt.h"
#include "tests/fuzz/replay.h"

#include <string.h>

static void
walk (const CoreJsonNode *node, guint depth)
{
  gint64 number;

  g_assert_cmpuint (depth, <=, CORE_JSON_MAX_DEPTH);
  core_json_int64 (node, &number);
  g_assert_true (core_json_string (node) == NULL || g_utf8_validate (core_json_string (node), -1, NULL));
  for (const CoreJsonNode *child = core_json_first (node); child != NULL; child = core_json_next (child))
    walk (child, depth + 1);
}

static void
try_json (const char *bytes, gsize length)
{
  g_autoptr (CoreJson) json = core_json_parse (bytes, length, NULL);

  if (json != NULL)
    walk (core_json_root (json), 0);
}

/* Signs quickly, and for as long as the process. */
static const CoreJwtKeys *
all_keys (void)
{
  static CoreJwtKeys *keys;
  EVP_PKEY *key;

  if (keys != NULL)
    return keys;
  keys = core_jwt_keys_new ();
  key = EVP_EC_gen ("P-256");
  g_assert_true (core_jwt_keys_add (keys, key, NULL));
  EVP_PKEY_free (key);
  return keys;
}

static gboolean
verify (const char *token, gsize length)
{
  const CoreJwtRules rules = { .keys = all_keys (), .issuer = "i", .audience = "a", .now_s = 1000, .skew_s = 10 };
  g_autoptr (CoreJson) claims = NULL;
  g_autoptr (GError) error = NULL;
  gboolean good = core_jwt_verify (token, length, &rules, &claims, &error);
  g_autoptr (CoreJson) peeked = core_jwt_peek (token, length);

  g_assert_true (!good || peeked != NULL);
  g_assert_true (peeked == NULL || core_jwt_has_form (token, length));
  g_assert_true (good == (claims != NULL) && good == (error == NULL));
  return good;
}

static void
try_claims (const char *bytes, gsize length)
{
  g_autofree char *claims = g_strndup (bytes, length);
  g_autofree char *token
      = core_jwt_sign (core_jwt_keys_get (all_keys (), 0), "{\"alg\":\"ES256\"}", claims, CORE_JWT_BASE64URL, NULL);

  if (token != NULL)
    verify (token, strlen (token));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const char *rest = (const char *) data + 1;

  if (size == 0)
    return 0;
  switch (data[0])
    {
    case 'j':
      try_json (rest, size - 1);
      break;
    case 't':
      g_assert_false (verify (rest, size - 1));
      break;
    case 'c':
      try_claims (rest, size - 1);
      break;
    default:
      break;
    }
  return 0;
}
