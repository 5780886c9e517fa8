/* Attacks on signed SAML assertions: what was signed, and something else, in one document. */
#include "config.h"
#include "tests/lib/saml-world.h"

#include <string.h>

static void
test_references_refused (void)
{
  static const char *const uris[] = { "",    "#xpointer(/)",         "#xpointer(id('_a1'))", "#_a2",
                                      "_a1", "http://127.0.0.1:9/x", "file:///etc/passwd" };
  g_autofree char *xml = saml_good ();
  g_autofree char *two = NULL;
  g_autofree char *none = saml_replace (xml, " URI=\"#_a1\"", "");
  g_autofree char *object
      = saml_replace (xml, "</ds:Signature>", "<ds:Object><ds:Manifest/></ds:Object></ds:Signature>");
  const char *begin = strstr (xml, "<ds:Reference"), *end = strstr (xml, "</ds:SignedInfo>");
  g_autofree char *reference = g_strndup (begin, (gsize)(end - begin));
  g_autofree char *twice = g_strconcat (reference, "</ds:SignedInfo>", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (uris); i++)
    {
      g_autofree char *uri = g_strconcat (" URI=\"", uris[i], "\"", NULL);
      g_autofree char *other = saml_replace (xml, " URI=\"#_a1\"", uri);

      saml_assert_refused (other, "not for the assertion");
    }
  two = saml_replace (xml, "</ds:SignedInfo>", twice);
  saml_assert_refused (two, "must have one reference");
  saml_assert_refused (none, "not for the assertion");
  saml_assert_refused (object, "no objects of its own");
}

/* The signature, the assertion without it, and somebody else's assertion: what wrapping attacks are made of.
 */
typedef struct
{
  char *whole;     /* the signed assertion, as an element */
  char *signature; /* out of it */
  char *bare;      /* and what is left */
  char *evil;      /* with the ID _evil and the name admin; "@" where children may be put */
  char *same_id;   /* the same with the ID of the signed one */
} Pieces;

static void
pieces_clear (Pieces *pieces)
{
  g_free (pieces->whole);
  g_free (pieces->signature);
  g_free (pieces->bare);
  g_free (pieces->evil);
  g_free (pieces->same_id);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Pieces, pieces_clear)

static void
take_apart (Pieces *pieces)
{
  g_autofree char *xml = saml_good ();
  SamlParts parts;
  char *end;

  pieces->whole = g_strdup (strstr (xml, "<saml:Assertion"));
  pieces->signature = g_strdup (strstr (xml, "<ds:Signature"));
  end = strstr (pieces->signature, "</ds:Signature>") + strlen ("</ds:Signature>");
  *end = '\0';
  pieces->bare = saml_replace (pieces->whole, pieces->signature, "");
  saml_parts_init (&parts);
  parts.name_id = "<saml:NameID>admin</saml:NameID>";
  parts.id = "_evil";
  parts.more = "@@";
  pieces->evil = saml_unsigned (&parts);
  parts.id = "_a1";
  pieces->same_id = saml_unsigned (&parts);
}

static void
assert_wrapped_refused (const char *outer, const char *inner, const char *why)
{
  g_autofree char *xml = saml_replace (outer, "@@", inner);

  saml_assert_refused (xml, why);
}

/* The eight of "On Breaking SAML" (Somorovsky and others, 2012), where they were Responses, and what becomes
 * of them where the Assertion is the root. */
static void
test_wrapping (void)
{
  static const char response[]
      = "<samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\""
        " xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"_r\">@@</samlp:Response>";
  g_auto (Pieces) pieces = { NULL };
  g_autofree char *evil = NULL;
  g_autofree char *object_of_bare = NULL, *object_of_whole = NULL, *advice = NULL, *wrapped_signature = NULL;
  g_auto (GStrv) pairs = g_new0 (char *, 9);

  take_apart (&pieces);
  evil = saml_replace (pieces.evil, "@@", "");
  object_of_bare = g_strconcat ("<ds:Object>", pieces.bare, "</ds:Object></ds:Signature>", NULL);
  object_of_whole
      = g_strconcat ("<ds:Object xmlns:ds=\"" SAML_DSIG "\">", pieces.whole, "</ds:Object>", NULL);
  wrapped_signature = saml_replace (pieces.signature, "</ds:Signature>", object_of_bare);
  advice = g_strconcat ("<saml:Advice>", pieces.whole, "</saml:Advice>", NULL);

  pairs[0] = g_strconcat (evil, pieces.whole, NULL);
  pairs[1] = g_strconcat (pieces.whole, evil, NULL);
  pairs[2] = saml_replace (pieces.evil, "@@", pieces.whole);
  pairs[3] = g_strconcat (pieces.signature, pieces.bare, evil, NULL);
  pairs[4] = saml_replace (pieces.evil, "@@", wrapped_signature);
  pairs[5] = saml_replace (pieces.same_id, "@@", wrapped_signature);
  pairs[6] = g_strconcat ("<samlp:Extensions>", pieces.whole, "</samlp:Extensions>", evil, NULL);
  pairs[7] = g_strconcat (evil, object_of_whole, NULL);
  for (char **pair = pairs; *pair != NULL; pair++)
    assert_wrapped_refused (response, *pair, "by itself: not a Response");
  assert_wrapped_refused (response, pieces.whole, "by itself: not a Response");

  saml_assert_refused (evil, "is not signed");
  assert_wrapped_refused (pieces.evil, pieces.whole, "must have one signature");
  assert_wrapped_refused (pieces.evil, advice, "must have one signature");
  assert_wrapped_refused (pieces.evil, object_of_whole, "must have one signature");
  assert_wrapped_refused (pieces.evil, pieces.signature, "not for the assertion");
  assert_wrapped_refused (pieces.evil, wrapped_signature, "no objects of its own");
  assert_wrapped_refused (pieces.same_id, wrapped_signature, "no objects of its own");
  assert_wrapped_refused (pieces.same_id, pieces.signature, "not the identity provider's");
  g_free (pairs[0]);
  pairs[0] = g_strconcat (pieces.signature, pieces.bare, NULL);
  assert_wrapped_refused (pieces.evil, pairs[0], "not for the assertion");
  assert_wrapped_refused (pieces.same_id, pairs[0], "ID is there twice");
  g_free (pairs[1]);
  pairs[1] = g_strconcat (pieces.whole, evil, NULL);
  saml_assert_refused (pairs[1], "not well-formed");
}

/* A second signature of the same, elsewhere in what is signed, would be another one to look at. */
static void
test_ids (void)
{
  static const char *const twins[] = { "<x ID=\"_a1\"/>",
                                       "<x Id=\"_a1\"/>",
                                       "<x id=\"_a1\"/>",
                                       "<x xml:id=\"_a1\"/>",
                                       "<x xmlns:y=\"urn:y\" y:ID=\"_a1\"/>",
                                       "<x ID=\"_&#97;1\"/>" };
  static const char *const bad_ids[] = { "", "1a", "a b", "xpointer(/)", "a:b" };
  g_autofree char *xml = saml_good ();
  g_autofree char *none = saml_replace (xml, " ID=\"_a1\"", "");

  for (guint i = 0; i < G_N_ELEMENTS (twins); i++)
    {
      g_autofree char *more = g_strconcat (twins[i], "</saml:Assertion>", NULL);
      g_autofree char *twin = saml_replace (xml, "</saml:Assertion>", more);

      saml_assert_refused (twin, "ID is there twice");
    }
  saml_assert_refused (none, "has no ID");
  for (guint i = 0; i < G_N_ELEMENTS (bad_ids); i++)
    {
      g_autofree char *id = g_strconcat (" ID=\"", bad_ids[i], "\"", NULL);
      g_autofree char *uri = g_strconcat (" URI=\"#", bad_ids[i], "\"", NULL);
      g_autofree char *one = saml_replace (xml, " ID=\"_a1\"", id);
      g_autofree char *both = saml_replace (one, " URI=\"#_a1\"", uri);

      saml_assert_refused (both, "ID is not one of XML");
    }
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  saml_world_begin ();
  g_test_add_func ("/saml-wrapping/references", test_references_refused);
  g_test_add_func ("/saml-wrapping/wrapping", test_wrapping);
  g_test_add_func ("/saml-wrapping/ids", test_ids);
  result = g_test_run ();
  saml_world_end ();
  return result;
}
