/* multipart/form-data: what curl sends, and what nobody should. */
#include "config.h"
#include "portal/pt-multipart.h"

#include <string.h>

#define TYPE "multipart/form-data; boundary=b0"
#define FILE_HEAD                                                                                            \
  "Content-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\n"
#define FIELD_HEAD "Content-Disposition: form-data; name=\"action\"\r\n\r\n"

static PtMultipart *
parse (const char *type, const char *body, gsize length, const char **error)
{
  return pt_multipart_parse ((NetHttpText){ type, strlen (type) }, body, length, error);
}

static void
test_curl (void)
{
  static const char body[]
      = "--b0\r\n" FIELD_HEAD "addAPI\r\n--b0\r\n" FILE_HEAD "\x89PNG\0\r\n--b\r\n--b0--\r\n";
  const char *error;
  g_autoptr (PtMultipart) multipart = parse (TYPE, body, sizeof body - 1, &error);
  const PtPart *part;

  g_assert_nonnull (multipart);
  g_assert_null (error);
  g_assert_cmpuint (pt_multipart_length (multipart), ==, 2);
  part = pt_multipart_find (multipart, "action");
  g_assert_cmpmem (part->bytes, part->length, "addAPI", 6);
  g_assert_null (part->file_name);
  g_assert_null (part->type);
  part = pt_multipart_find (multipart, "file");
  g_assert_true (part == pt_multipart_part (multipart, 1));
  g_assert_cmpmem (part->bytes, part->length, "\x89PNG\0\r\n--b", 10);
  g_assert_cmpstr (part->file_name, ==, "a.png");
  g_assert_cmpstr (part->type, ==, "image/png");
  g_assert_null (pt_multipart_find (multipart, "other"));
}

typedef struct
{
  const char *head; /* of the one part */
  const char *name; /* NULL: refused */
  const char *file_name;
} Head;

static const Head heads[] = {
  { "Content-Disposition: form-data; name=file", "file", NULL },
  { "content-disposition:form-data;name=\"a\\\"b\"; filename=\"C:\\dir\\x.png\"", "a\"b", "x.png" },
  { "Content-Disposition: form-data; name=\"f\"; filename=\"../../etc/passwd\"", "f", "passwd" },
  { "Content-Disposition: form-data; name=\"f\"; filename=\"\"", "f", "" },
  { "X: y\r\nContent-Disposition: form-data; name=\"f\"\r\nContent-Transfer-Encoding: binary", "f", NULL },
  { "Content-Disposition: form-data; name=\"f\"; name=\"g\"", NULL, NULL },
  { "Content-Disposition: form-data; name=\"f\"; filename=\"a\"; filename=\"b\"", NULL, NULL },
  { "Content-Disposition: form-data; name=\"f", NULL, NULL },
  { "Content-Disposition: form-data; name=\"\"", NULL, NULL },
  { "Content-Disposition: form-data; name=\"\xff\"", NULL, NULL },
  { "Content-Disposition: form-data; filename=\"a\"", NULL, NULL },
  { "Content-Disposition: attachment; name=\"f\"", NULL, NULL },
  { "Content-Disposition: form-data; name=\"f\"\r\nContent-Disposition: form-data; name=\"g\"", NULL, NULL },
  { "Content-Disposition: form-data; name=\"f\"\r\nContent-Transfer-Encoding: base64", NULL, NULL },
  { "Content-Disposition: form-data; name=\"f\"\r\n: x", NULL, NULL },
  { "Content-Disposition: form-data; name=\"f\"\r\nno colon", NULL, NULL },
  { "Content-Type: text/plain", NULL, NULL },
};

static void
test_heads (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (heads); i++)
    {
      g_autofree char *body = g_strconcat ("--b0\r\n", heads[i].head, "\r\n\r\n\r\n--b0--", NULL);
      const char *error;
      g_autoptr (PtMultipart) multipart = parse (TYPE, body, strlen (body), &error);

      g_test_message ("%s", heads[i].head);
      g_assert_true ((multipart != NULL) == (heads[i].name != NULL));
      g_assert_true ((multipart == NULL) == (error != NULL));
      if (multipart == NULL)
        continue;
      g_assert_cmpstr (pt_multipart_part (multipart, 0)->name, ==, heads[i].name);
      g_assert_cmpstr (pt_multipart_part (multipart, 0)->file_name, ==, heads[i].file_name);
      g_assert_cmpuint (pt_multipart_part (multipart, 0)->length, ==, 0);
    }
}

static void
test_refused (void)
{
  static const char *const types[] = {
    "multipart/form-data",
    "multipart/form-data; boundary=",
    "multipart/mixed; boundary=b0",
    "multipart/form-data; boundary=b0; boundary=b1",
    "multipart/form-datax; boundary=b0",
    "multipart/form-data; boundary=\"b0",
    "multipart/form-data; boundary=0123456789012345678901234567890123456789012345678901234567890123456789x"
  };
  static const char *const bodies[] = { "",
                                        "--b0",
                                        "--b1\r\n" FIELD_HEAD "x\r\n--b1--",
                                        "preamble\r\n--b0\r\n" FIELD_HEAD "x\r\n--b0--",
                                        "--b0\r\n" FIELD_HEAD "x",
                                        "--b0\r\n" FIELD_HEAD "x\r\n--b0x\r\n--b0--",
                                        "--b0\r\n" FIELD_HEAD "x\r\n--b0-",
                                        "--b0\r\nContent-Disp",
                                        "--b0\n" FIELD_HEAD "x\r\n--b0--" };
  static const char good[] = "--b0\r\n" FIELD_HEAD "x\r\n--b0--";
  const char *error;

  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    g_assert_null (parse (types[i], good, sizeof good - 1, &error));
  for (gsize i = 0; i < G_N_ELEMENTS (bodies); i++)
    g_assert_null (parse (TYPE, bodies[i], strlen (bodies[i]), &error));
}

static void
test_limits (void)
{
  g_autoptr (GString) body = g_string_new ("--b0");
  const char *error;
  g_autofree char *filler = g_strnfill (PT_MULTIPART_MAX_HEAD, 'x');
  g_autofree char *long_head = g_strconcat ("--b0\r\nX: ", filler, "\r\n" FIELD_HEAD "x\r\n--b0--", NULL);

  g_assert_null (parse (TYPE, long_head, strlen (long_head), &error));
  for (guint i = 0; i < PT_MULTIPART_MAX_PARTS + 1; i++)
    g_string_append (body, "\r\n" FIELD_HEAD "x\r\n--b0");
  g_string_append (body, "--");
  g_assert_null (parse (TYPE, body->str, body->len, &error));
  g_assert_nonnull (strstr (error, "too many"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/multipart/curl", test_curl);
  g_test_add_func ("/multipart/heads", test_heads);
  g_test_add_func ("/multipart/refused", test_refused);
  g_test_add_func ("/multipart/limits", test_limits);
  return g_test_run ();
}
