/* What browsers and scripts bring to the interactive OAuth2 endpoints. The first byte says what the rest is: a redirect URI, a sealed text, text that is
 * sealed rightly, or the body of a registration. */
#include "config.h"
#include "core/core-redirect.h"
#include "core/core-sealed.h"
#include "keyvalidator/oauth/kv-registration-profile.h"
#include "tests/fuzz/replay.h"

#include <string.h>

static const guint8 key[CORE_SEALED_KEY_SIZE] = "fuzz";

/* What is usable may stand in a Location and in a policy, with anything in its parameters. */
static void
try_redirect (const char *text)
{
  g_autofree char *made = NULL;
  g_autofree char *place = NULL;
  g_autofree char *sources = NULL;

  if (!core_redirect_is_usable (text))
    return;
  made = core_redirect_make (text, CORE_REDIRECT_QUERY, "state", text, NULL);
  place = core_redirect_place (text);
  sources = core_redirect_form_action (text);
  for (const char *at = made; *at != '\0'; at++)
    g_assert_true (g_ascii_isgraph (*at));
  for (const char *at = sources; *at != '\0'; at++)
    g_assert_true (g_ascii_isalnum (*at) || strchr ("+-.: ", *at) != NULL);
  g_assert_true (*place != '\0');
}

static void
try_sealed (const char *sealed)
{
  g_autofree char *text = NULL;
  guint8 nonce[CORE_SEALED_NONCE_SIZE];

  g_assert_cmpint (core_sealed_open (key, "fuzz", "browser", sealed, 0, &text, nonce), ==, CORE_SEALED_FORGED);
}

static void
try_seal (const char *text)
{
  g_autofree char *sealed = NULL;
  g_autofree char *opened = NULL;
  guint8 nonce[CORE_SEALED_NONCE_SIZE];

  if (strlen (text) > CORE_SEALED_MAX_TEXT)
    return;
  sealed = core_sealed_make (key, "fuzz", "browser", text, 1, NULL);
  g_assert_cmpint (core_sealed_open (key, "fuzz", "browser", sealed, 0, &opened, nonce), ==, CORE_SEALED_OK);
  g_assert_cmpstr (opened, ==, text);
}

static void
try_registration (const char *body, gsize length)
{
  g_auto (KvRegistrationProfile) profile = { NULL };
  g_auto (GStrv) words = NULL;
  g_autoptr (GError) error = NULL;

  if (!kv_registration_profile_parse (body, length, &profile, &error))
    {
      g_assert_error (error, KV_REGISTRATION_ERROR, KV_REGISTRATION_ERROR_BAD);
      return;
    }
  g_assert_no_error (error);
  g_assert_true (*profile.client_name != '\0' && g_utf8_validate (profile.client_name, -1, NULL));
  g_assert_true (g_utf8_validate (profile.callback_url, -1, NULL) && g_str_is_ascii (profile.grant_types));
  words = g_strsplit (profile.grant_types, " ", -1);
  g_assert_true (*profile.callback_url != '\0' || !g_strv_contains ((const char *const *) words, "authorization_code"));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = size > 0 ? g_strndup ((const char *) data + 1, size - 1) : NULL;

  if (size == 0)
    return 0;
  switch (data[0])
    {
    case 'r':
      try_redirect (text);
      break;
    case 's':
      try_sealed (text);
      break;
    case 't':
      try_seal (text);
      break;
    default:
      try_registration ((const char *) data + 1, size - 1);
    }
  return 0;
}
