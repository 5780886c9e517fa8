/* What the envelope reader takes, what it makes of it, and what it refuses. */
#include "config.h"
#include "soap/soap-envelope.h"

#include <string.h>

#define XSI "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\""
#define OPEN_11 "<s:Envelope xmlns:s=\"" SOAP_NAMESPACE_1_1 "\">"
#define OPEN_12 "<s:Envelope xmlns:s=\"" SOAP_NAMESPACE_1_2 "\">"
#define CLOSE "</s:Envelope>"
#define BODY(content) OPEN_12 "<s:Body>" content "</s:Body>" CLOSE
#define OPERATION(content) BODY ("<q:op xmlns:q=\"urn:q\" " XSI ">" content "</q:op>")

static SoapRead
read_text (SoapReader *reader, const char *text, gsize length, SoapEnvelope *envelope, const char **why)
{
  /* In a block of just this size, so that a sanitizer sees a read past the end. */
  g_autofree char *block = g_memdup2 (text, length);
  SoapRead result = soap_reader_read (reader, block, length, envelope, why);

  g_assert_true ((result == SOAP_READ_DONE) == (*why == NULL));
  return result;
}

static void
test_parameters (void)
{
  static const char text[] = "<?xml version='1.0' encoding='UTF-8'?>\n" OPERATION (
      "\n <q:a>x &amp; &lt;y&gt; &#65;<!-- no --> <![CDATA[<z>]]></q:a>\n <other:b xmlns:other='urn:o'/>"
      "<q:c xsi:nil='1'/><q:c xsi:nil='true'></q:c><q:c xsi:nil='false'>v</q:c><c>plain</c>"
      "<q:bean><q:first>1</q:first> <q:second><q:deep>2</q:deep></q:second></q:bean><q:last> \n</q:last>");
  g_autoptr (SoapReader) reader = soap_reader_new ();
  const SoapElement *operation, *element;
  SoapEnvelope envelope;
  const char *why;

  g_assert_cmpint (read_text (reader, text, strlen (text), &envelope, &why), ==, SOAP_READ_DONE);
  g_assert_cmpint (envelope.version, ==, SOAP_1_2);
  operation = envelope.body_child;
  g_assert_cmpstr (operation->name, ==, "op");
  g_assert_cmpstr (operation->namespace, ==, "urn:q");
  g_assert_cmpstr (operation->text, ==, "");
  g_assert_cmpuint (operation->n_below, ==, 11);

  element = soap_element_next (operation, NULL);
  g_assert_cmpstr (element->name, ==, "a");
  g_assert_cmpstr (element->text, ==, "x & <y> A <z>");
  g_assert_cmpuint (element->length, ==, strlen (element->text));
  element = soap_element_next (operation, element);
  g_assert_cmpstr (element->namespace, ==, "urn:o");
  g_assert_cmpstr (element->text, ==, "");
  g_assert_false (element->nil);

  element = soap_element_next_named (operation, NULL, "c");
  g_assert_true (element->nil);
  element = soap_element_next_named (operation, element, "c");
  g_assert_true (element->nil);
  element = soap_element_next_named (operation, element, "c");
  g_assert_false (element->nil);
  g_assert_cmpstr (element->text, ==, "v");
  element = soap_element_next_named (operation, element, "c");
  g_assert_null (element->namespace);
  g_assert_cmpstr (element->text, ==, "plain");
  g_assert_null (soap_element_next_named (operation, element, "c"));

  element = soap_element_next_named (operation, NULL, "bean");
  g_assert_cmpuint (element->n_below, ==, 3);
  g_assert_cmpstr (soap_element_next_named (element, NULL, "first")->text, ==, "1");
  g_assert_null (soap_element_next_named (element, NULL, "deep"));
  g_assert_cmpstr (soap_element_next (soap_element_next_named (element, NULL, "second"), NULL)->text, ==, "2");
  element = soap_element_next (operation, element);
  g_assert_cmpstr (element->name, ==, "last");
  g_assert_cmpstr (element->text, ==, " \n");
  g_assert_null (soap_element_next (operation, element));
}

typedef struct
{
  const char *name;
  const char *text;
  SoapRead result;
} Case;

#define TAKEN(name, text) { name, text, SOAP_READ_DONE }
#define REFUSED(name, text) { name, text, SOAP_READ_REFUSED }
#define HEADER_12(attributes) OPEN_12 "<s:Header><h:x xmlns:h='urn:h' " attributes ">t<h:y/></h:x></s:Header><s:Body/>" CLOSE
#define HEADER_11(attributes) OPEN_11 "<s:Header><h:x xmlns:h='urn:h' " attributes "/></s:Header><s:Body/>" CLOSE

static const Case cases[] = {
  TAKEN ("empty-body", BODY ("")),
  TAKEN ("1.1", OPEN_11 "<s:Header/><s:Body><op/></s:Body>" CLOSE),
  TAKEN ("declared-utf-8", "<?xml version=\"1.0\" encoding=\"utf-8\"?>" BODY ("")),
  TAKEN ("declared-ascii", "<?xml version='1.0' encoding = 'US-ASCII' ?>" BODY ("")),
  TAKEN ("byte-order-mark", "\xef\xbb\xbf<?xml version='1.0' encoding='UTF-8'?>" BODY ("")),
  TAKEN ("comments", "<!-- a -->" BODY ("<!-- b --><op/>") "<!-- c -->"),
  TAKEN ("header-ignored", HEADER_12 ("s:mustUnderstand='false'")),
  TAKEN ("header-of-another-role", HEADER_12 ("s:mustUnderstand='true' s:role='urn:somebody'")),
  TAKEN ("header-of-another-actor", HEADER_11 ("s:mustUnderstand='1' s:actor='urn:somebody'")),
  TAKEN ("mustUnderstand-of-another-namespace", HEADER_12 ("mustUnderstand='1'")),
  TAKEN ("type-is-not-looked-at", OPERATION ("<q:a xsi:type='no:such'>1</q:a>")),
  { "header-must", HEADER_12 ("s:mustUnderstand='true'"), SOAP_READ_NOT_UNDERSTOOD },
  { "header-must-1", HEADER_12 ("s:mustUnderstand='1' s:role=''"), SOAP_READ_NOT_UNDERSTOOD },
  { "header-must-next", HEADER_12 ("s:mustUnderstand='1' s:role='" SOAP_NAMESPACE_1_2 "/role/next'"), SOAP_READ_NOT_UNDERSTOOD },
  { "header-must-last", HEADER_12 ("s:role='" SOAP_NAMESPACE_1_2 "/role/ultimateReceiver' s:mustUnderstand='1'"),
    SOAP_READ_NOT_UNDERSTOOD },
  { "header-must-1.1", HEADER_11 ("s:mustUnderstand='1'"), SOAP_READ_NOT_UNDERSTOOD },
  { "header-must-actor-next",
    HEADER_11 ("s:actor='http://schemas.xmlsoap.org/soap/actor/next' s:mustUnderstand='1'"), SOAP_READ_NOT_UNDERSTOOD },
  { "other-version", "<s:Envelope xmlns:s='http://www.w3.org/2001/12/soap-envelope'><s:Body/></s:Envelope>",
    SOAP_READ_OTHER_VERSION },
  { "no-namespace", "<Envelope><Body/></Envelope>", SOAP_READ_OTHER_VERSION },
  REFUSED ("empty", ""),
  REFUSED ("no-xml", "hello"),
  REFUSED ("no-envelope", "<html/>"),
  REFUSED ("no-body", OPEN_12 CLOSE),
  REFUSED ("header-alone", OPEN_12 "<s:Header/>" CLOSE),
  REFUSED ("header-after-body", OPEN_12 "<s:Body/><s:Header/>" CLOSE),
  REFUSED ("two-headers", OPEN_12 "<s:Header/><s:Header/><s:Body/>" CLOSE),
  REFUSED ("two-bodies", OPEN_12 "<s:Body/><s:Body/>" CLOSE),
  REFUSED ("body-of-the-other-version", "<s:Envelope xmlns:s='" SOAP_NAMESPACE_1_2 "' xmlns:t='" SOAP_NAMESPACE_1_1 "'><t:Body/></s:Envelope>"),
  REFUSED ("behind-the-body", OPEN_12 "<s:Body/><x/>" CLOSE),
  REFUSED ("two-operations", BODY ("<a/><b/>")),
  REFUSED ("text-in-envelope", OPEN_12 "x<s:Body/>" CLOSE),
  REFUSED ("text-in-header", OPEN_12 "<s:Header>x</s:Header><s:Body/>" CLOSE),
  REFUSED ("text-in-body", BODY ("x<op/>")),
  REFUSED ("text-before-child", OPERATION ("x<q:a/>")),
  REFUSED ("text-behind-child", OPERATION ("<q:a/>x")),
  REFUSED ("cdata-behind-child", OPERATION ("<q:a/><![CDATA[x]]>")),
  REFUSED ("nil-with-text", OPERATION ("<q:a xsi:nil='true'>token</q:a>")),
  REFUSED ("nil-with-child", OPERATION ("<q:a xsi:nil='true'><q:b/></q:a>")),
  REFUSED ("nil-is-maybe", OPERATION ("<q:a xsi:nil='maybe'/>")),
  REFUSED ("must-is-maybe", HEADER_12 ("s:mustUnderstand='maybe'")),
  REFUSED ("cut-off", OPEN_12 "<s:Body>"),
  REFUSED ("wrong-end-tag", OPEN_12 "<s:Body></s:Header>" CLOSE),
  REFUSED ("two-roots", BODY ("") BODY ("")),
  REFUSED ("unknown-prefix", BODY ("<q:op/>")),
  REFUSED ("attribute-twice", BODY ("<op a='1' a='2'/>")),
  REFUSED ("attribute-twice-by-namespace", BODY ("<op xmlns:x='urn:a' xmlns:y='urn:a' x:a='1' y:a='2'/>")),
  REFUSED ("unknown-entity", BODY ("<op>&nbsp;</op>")),
  REFUSED ("control-character", BODY ("<op>&#1;</op>")),
  REFUSED ("bad-utf-8", BODY ("<op>\xc3(</op>")),
  REFUSED ("overlong-utf-8", BODY ("<op>\xc0\xbc/op></op>")),
  REFUSED ("doctype", "<!DOCTYPE s:Envelope>" BODY ("")),
  REFUSED ("external-entity", "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>" BODY ("<op>&e;</op>")),
  REFUSED ("parameter-entity", "<!DOCTYPE x [<!ENTITY % e SYSTEM 'http://127.0.0.1:9/x'> %e;]>" BODY ("")),
  REFUSED ("external-subset", "<!DOCTYPE x SYSTEM 'http://127.0.0.1:9/x.dtd'>" BODY ("")),
  REFUSED ("billion-laughs", "<!DOCTYPE x [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;&a;&a;'><!ENTITY c '&b;&b;&b;&b;'>]>" BODY (
      "<op>&c;&c;&c;</op>")),
  REFUSED ("attribute-default", "<!DOCTYPE x [<!ATTLIST op a CDATA 'v'>]>" BODY ("<op/>")),
  REFUSED ("instruction", BODY ("<?php x?><op/>")),
  REFUSED ("style-sheet", "<?xml-stylesheet href='x'?>" BODY ("")),
  REFUSED ("declared-latin-1", "<?xml version='1.0' encoding='ISO-8859-1'?>" BODY ("")),
  REFUSED ("declared-utf-16", "<?xml version='1.0' encoding='UTF-16'?>" BODY ("")),
  REFUSED ("declared-utf-7", "<?xml version='1.0' encoding='UTF-7'?>" BODY ("<op>+ADw-</op>")),
  REFUSED ("declared-ebcdic-behind-mark", "\xef\xbb\xbf<?xml version='1.0' encoding='IBM037'?>" BODY ("")),
};

static void
test_case (gconstpointer data)
{
  const Case *c = data;
  g_autoptr (SoapReader) reader = soap_reader_new ();
  SoapEnvelope envelope;
  const char *why;

  g_assert_cmpint (read_text (reader, c->text, strlen (c->text), &envelope, &why), ==, c->result);
  /* The reader is as good as new after it. */
  g_assert_cmpint (read_text (reader, cases[0].text, strlen (cases[0].text), &envelope, &why), ==, SOAP_READ_DONE);
  g_assert_null (envelope.body_child);
}

static void
expect_refused (const char *bytes, gsize length, const char *why_wanted)
{
  g_autoptr (SoapReader) reader = soap_reader_new ();
  SoapEnvelope envelope;
  const char *why;

  g_assert_cmpint (read_text (reader, bytes, length, &envelope, &why), ==, SOAP_READ_REFUSED);
  g_assert_cmpstr (why, ==, why_wanted);
}

static void
test_nul_and_wide (void)
{
  static const char text[] = BODY ("<op>a\0b</op>");
  g_autofree char *wide = NULL;
  gsize length;

  expect_refused (text, sizeof text - 1, "The message is not in UTF-8.");
  for (const char *const *name = (const char *const[]){ "UTF-16", "UTF-16LE", "UTF-16BE", "UTF-32", NULL }; *name != NULL; name++)
    {
      g_free (wide);
      wide = g_convert (cases[0].text, -1, *name, "UTF-8", NULL, &length, NULL);
      expect_refused (wide, length, "The message is not in UTF-8.");
    }
}

static char *
repeat (const char *before, const char *text, guint n, const char *after)
{
  GString *string = g_string_new (before);

  for (guint i = 0; i < n; i++)
    g_string_append (string, text);
  g_string_append (string, after);
  return g_string_free (string, FALSE);
}

static SoapRead
read_string (const char *text, const char **why)
{
  SoapEnvelope envelope;

  return read_text (soap_reader_of_thread (), text, strlen (text), &envelope, why);
}

static void
test_limits (void)
{
  static const char begin[] = OPEN_12 "<s:Body><op>", end[] = "</op></s:Body>" CLOSE;
  const char *why;
  g_autofree char *deep = repeat (begin, "<a>", 100000, "");
  g_autofree char *deepest_text = repeat (begin, "<a>", SOAP_MAX_DEPTH - 3, "");
  g_autofree char *deepest = repeat (deepest_text, "</a>", SOAP_MAX_DEPTH - 3, end);
  g_autofree char *wide = repeat (begin, "<a/>", SOAP_MAX_ELEMENTS - 2, end);
  g_autofree char *widest = repeat (begin, "<a/>", SOAP_MAX_ELEMENTS - 3, end);
  g_autofree char *long_text = repeat (begin, "x", SOAP_MAX_TEXT + 1, end);
  g_autofree char *longest_text = repeat (begin, "x", SOAP_MAX_TEXT, end);
  g_autofree char *attributes = repeat (OPEN_12 "<s:Body><op ", "x='' ", SOAP_MAX_EQUALS_SIGNS, "/></s:Body>" CLOSE);

  g_assert_cmpint (read_string (deep, &why), ==, SOAP_READ_REFUSED);
  g_assert_cmpstr (why, ==, "The message has too many elements within each other.");
  g_assert_cmpint (read_string (deepest, &why), ==, SOAP_READ_DONE);
  g_assert_cmpint (read_string (wide, &why), ==, SOAP_READ_REFUSED);
  g_assert_cmpstr (why, ==, "The message has too many elements.");
  g_assert_cmpint (read_string (widest, &why), ==, SOAP_READ_DONE);
  g_assert_cmpint (read_string (long_text, &why), ==, SOAP_READ_REFUSED);
  g_assert_cmpstr (why, ==, "An element's text is too long.");
  g_assert_cmpint (read_string (longest_text, &why), ==, SOAP_READ_DONE);
  g_assert_cmpint (read_string (attributes, &why), ==, SOAP_READ_REFUSED);
  g_assert_cmpstr (why, ==, "The message has too many attributes.");
}

/* Names that nobody has seen before, without end: the parser does not keep them all. */
static void
test_names_are_forgotten (void)
{
  const char *why;

  for (guint i = 0; i < 5000; i++)
    {
      g_autofree char *text
          = g_strdup_printf (OPEN_12 "<s:Body><op%u xmlns='urn:%u'><a%u/></op%u></s:Body>" CLOSE, i, i, i, i);

      g_assert_cmpint (read_string (text, &why), ==, SOAP_READ_DONE);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/soap-envelope/parameters", test_parameters);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/soap-envelope/case/", cases[i].name, NULL);

      g_test_add_data_func (path, &cases[i], test_case);
    }
  g_test_add_func ("/soap-envelope/nul-and-wide", test_nul_and_wide);
  g_test_add_func ("/soap-envelope/limits", test_limits);
  g_test_add_func ("/soap-envelope/names-are-forgotten", test_names_are_forgotten);
  return g_test_run ();
}
