/* A Key Manager that answers anything over SOAP: what is read of it is within bounds, is granted only by an element that says
 * so, and can be remembered and asked for again. The first byte says which question it is an answer to. */
#include "config.h"
#include "gateway/gw-key-cache.h"
#include "gateway/gw-resource-list.h"
#include "gateway/gw-soap-answer.h"
#include "tests/fuzz/replay.h"

#include <string.h>

static gboolean
has (const uint8_t *data, size_t size, const char *text)
{
  return memmem (data, size, text, strlen (text)) != NULL;
}

static void
remember_info (const TwKeyValidationInfo *info)
{
  static GwKeyCache *cache;
  const GwCacheKey key = { "/a\0001\0token", 10, 5 };
  ApimHashKey hash_key;
  const GwKeyEntry *entry;

  if (cache == NULL)
    {
      apim_hash_key_init (&hash_key);
      cache = gw_key_cache_new (2, &hash_key);
    }
  gw_key_cache_insert (cache, &key, TW_TEXT ("token"), info, 1);
  entry = gw_key_cache_find (cache, &key);
  g_assert_cmpint (entry->info.authorized, ==, info->authorized);
  g_assert_true (tw_text_equal (entry->info.type, info->type) && tw_text_equal (entry->info.tier, info->tier));
  if (info->validity_period_ms != G_MAXINT64 && info->issued_time_ms > 0 && info->validity_period_ms < 0)
    g_assert_cmpint (entry->expires_ms, <, info->issued_time_ms);
  g_assert_cmpuint (gw_key_cache_remove_token (cache, TW_TEXT ("token")), ==, 1);
}

static void
remember_templates (const GwSoapAnswer *answer)
{
  GwResourceList *list = gw_resource_list_new (answer->templates, answer->n_templates, 1);

  for (guint i = 0; i < answer->n_templates; i++)
    {
      const TwUriTemplate *one = &answer->templates[i];
      const TwUriTemplate *found = gw_resource_list_find (list, one->uri_template, one->http_verb);

      /* It may be an earlier one that is written alike. */
      g_assert_true (one->uri_template.bytes == NULL || one->http_verb.bytes == NULL
                     || tw_text_equal (found->uri_template, one->uri_template));
    }
  gw_resource_list_unref (list);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static SoapReader *reader;
  TwMethod method = size > 0 && data[0] == 't' ? TW_METHOD_GET_ALL_URI_TEMPLATES : TW_METHOD_VALIDATE_KEY;
  g_auto (GwSoapAnswer) answer = { 0 };
  SoapEnvelope envelope;
  const char *why;

  if (reader == NULL)
    reader = soap_reader_new_answers ();
  if (size == 0 || soap_reader_read (reader, data + 1, size - 1, &envelope, &why) != SOAP_READ_DONE
      || !gw_soap_answer_read (&answer, method, &envelope))
    return 0;
  if (method == TW_METHOD_GET_ALL_URI_TEMPLATES)
    remember_templates (&answer);
  else
    {
      g_assert_true (!answer.info.authorized || has (data, size, "authorized"));
      remember_info (&answer.info);
    }
  return 0;
}
