/* The decoders of the login message and of its answer, which get whole HTTP bodies from anybody. What it takes for a call lies within
 * the body. */
#include "config.h"
#include "tests/fuzz/replay.h"
#include "thrift/tw-compact.h"

static void
check_within (TwText text, const uint8_t *data, size_t size)
{
  const uint8_t *bytes = (const uint8_t *) text.bytes;

  if (bytes == NULL)
    return;
  g_assert_true (bytes >= data && bytes <= data + size);
  g_assert_cmpuint (text.length, <=, (gsize) (data + size - bytes));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  TwAuthenticateAnswer answer;
  TwAuthenticateCall call;

  if (tw_compact_decode_answer (&answer, 1, data, size))
    {
      g_assert_true ((answer.session_id.bytes == NULL) != (answer.message.bytes == NULL));
      check_within (answer.session_id, data, size);
    }
  if (!tw_compact_decode_authenticate (&call, data, size))
    return 0;
  check_within (call.method, data, size);
  check_within (call.user_name, data, size);
  check_within (call.password, data, size);
  g_assert_cmpuint (call.method.length, <=, TW_MAX_NAME);
  return 0;
}
