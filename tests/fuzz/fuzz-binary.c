/* The scanner and both decoders, the server's and the client's, of TBinaryProtocol. Whatever the bytes are, and however they arrive: the answer is
 * that of the whole, and a message that the scan let through is decoded and stepped over within its length. */
#include "config.h"
#include "tests/fuzz/replay.h"
#include "thrift/tw-answer.h"

#include <string.h>

/* Small, so that the limit is met. */
#define MAX_MESSAGE 4096
#define MAX_PARTS 64

typedef struct
{
  TwScanResult result;
  TwEnvelope envelope;
  const char *why;
} Outcome;

static Outcome
scan_whole (const guint8 *bytes, gsize length)
{
  TwScan scan = { 0 };
  Outcome outcome = { 0 };

  outcome.result = tw_scan (&scan, bytes, length, MAX_MESSAGE, &outcome.envelope, &outcome.why);
  return outcome;
}

/* Scans the bytes as they come in parts of pseudo-random size, each time from a block of just that size. */
static Outcome
scan_parts (const guint8 *bytes, gsize length, guint32 seed)
{
  TwScan scan = { 0 };
  Outcome outcome = { .result = TW_SCAN_MORE };
  gsize largest = 1 + 2 * length / MAX_PARTS;
  gsize come = 0;

  while (outcome.result == TW_SCAN_MORE && come < length)
    {
      g_autofree guint8 *block = NULL;

      seed = seed * 1664525u + 1013904223u;
      come = MIN (length, come + 1 + (seed >> 16) % largest);
      block = g_memdup2 (bytes, come);
      outcome.result = tw_scan (&scan, block, come, MAX_MESSAGE, &outcome.envelope, &outcome.why);
    }
  return outcome;
}

static void
check_same (const Outcome *whole, const Outcome *parts)
{
  g_assert_true (whole->result == parts->result);
  g_assert_cmpstr (whole->why, ==, parts->why);
  if (whole->result != TW_SCAN_DONE)
    return;
  g_assert_cmpuint (whole->envelope.body, ==, parts->envelope.body);
  g_assert_cmpuint (whole->envelope.length, ==, parts->envelope.length);
  g_assert_cmpuint (whole->envelope.name.length, ==, parts->envelope.name.length);
  g_assert_cmpint (whole->envelope.sequence_id, ==, parts->envelope.sequence_id);
  g_assert_true (whole->envelope.type == parts->envelope.type);
}

/* Reads every byte of the text, for a sanitizer to see. */
static void
touch (TwText text)
{
  static volatile guint sum;

  for (guint32 i = 0; i < text.length; i++)
    sum = sum + (guchar) text.bytes[i];
}

static void
check_decoding (const guint8 *message, const TwEnvelope *envelope)
{
  gsize position = envelope->body;
  TwArguments arguments;

  tw_skip (message, &position, TW_STRUCT);
  g_assert_cmpuint (position, ==, envelope->length);
  touch (envelope->name);
  for (guint method = 0; method < TW_METHOD_UNKNOWN; method++)
    {
      tw_arguments_decode (&arguments, (TwMethod) method, message, envelope);
      touch (arguments.context);
      touch (arguments.version);
      touch (arguments.access_token);
      touch (arguments.session_id);
      touch (arguments.required_level);
      touch (arguments.client_domain);
      touch (arguments.matching_resource);
      touch (arguments.http_verb);
    }
}

static void
check_answer (const guint8 *message, const TwEnvelope *envelope)
{
  for (guint method = 0; method < TW_METHOD_UNKNOWN; method++)
    {
      g_auto (TwAnswer) answer = { TW_ANSWER_OUT_OF_STEP };

      tw_answer_decode (&answer, (TwMethod) method, envelope->sequence_id, message, envelope);
      touch (answer.message);
      touch (answer.info.subscriber);
      touch (answer.info.throttling_data);
      touch (answer.info.spike_arrest_unit);
      for (guint i = 0; i < answer.n_templates; i++)
        {
          const TwUriTemplate *template = &answer.templates[i];

          touch (template->uri_template);
          touch (template->throttling_tier);
          touch (template->scope);
          for (guint c = 0; c < template->n_throttling_conditions; c++)
            touch (template->throttling_conditions[c]);
        }
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  Outcome whole, parts;
  guint32 seed = (guint32) size;

  if (size == 0)
    return 0;
  for (size_t i = 0; i < size; i++)
    seed = seed * 31 + data[i];
  whole = scan_whole (data, size);
  parts = scan_parts (data, size, seed);
  check_same (&whole, &parts);
  if (whole.result == TW_SCAN_DONE)
    {
      g_autofree guint8 *message = g_memdup2 (data, whole.envelope.length);

      whole = scan_whole (message, whole.envelope.length);
      g_assert_true (whole.result == TW_SCAN_DONE);
      check_decoding (message, &whole.envelope);
      check_answer (message, &whole.envelope);
    }
  return 0;
}
