/* The envelope reader. Whatever the bytes are: it ends, elements nest within what was kept, texts are terminated UTF-8
 * without NULs, and the reader gives the same answer when it has just read something else. */
#include "config.h"
#include "soap/soap-envelope.h"
#include "tests/fuzz/replay.h"

#include <string.h>

static guint
check_element (const SoapElement *element, guint depth)
{
  guint n = 1;

  g_assert_cmpuint (depth, <=, SOAP_MAX_DEPTH);
  g_assert_cmpuint (strlen (element->text), ==, element->length);
  g_assert_cmpuint (element->length, <=, SOAP_MAX_TEXT);
  g_assert_true (g_utf8_validate (element->text, -1, NULL));
  g_assert_true (element->name[0] != '\0');
  g_assert_true (!element->nil || (element->length == 0 && element->n_below == 0));
  g_assert_true (element->length == 0 || element->n_below == 0);
  for (const SoapElement *child = soap_element_next (element, NULL); child != NULL;
       child = soap_element_next (element, child))
    n += check_element (child, depth + 1);
  g_assert_cmpuint (n, ==, element->n_below + 1);
  return n;
}

static SoapRead
try_once (SoapReader *reader, const uint8_t *data, size_t size, const char **why)
{
  SoapEnvelope envelope;
  SoapRead result = soap_reader_read (reader, data, size, &envelope, why);

  g_assert_true ((result == SOAP_READ_DONE) == (*why == NULL));
  if (result == SOAP_READ_DONE && envelope.body_child != NULL)
    g_assert_cmpuint (check_element (envelope.body_child, 3), <=, SOAP_MAX_ELEMENTS);
  return result;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const char *why, *again;
  g_autoptr (SoapReader) fresh = soap_reader_new ();
  SoapRead result = try_once (soap_reader_of_thread (), data, size, &why);

  g_assert_cmpint (try_once (fresh, data, size, &again), ==, result);
  g_assert_cmpstr (why, ==, again);
  return 0;
}
