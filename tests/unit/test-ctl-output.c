/* Tables on a terminal and in a pipe, JSON, and text that is not to be trusted. */
#include "config.h"

#include "admin-cli/ctl-error.h"
#include "admin-cli/ctl-json.h"
#include "admin-cli/ctl-output.h"

#include <string.h>

static CtlTable *
sample (void)
{
  CtlTable *table = ctl_table_new ("NAME", "STATE", "NOTE", NULL);
  ctl_table_add (table, "a", "published", "x");
  ctl_table_add (table, "weather", NULL, NULL);
  return table;
}

static void
test_terminal (void)
{
  g_autoptr (CtlTable) table = sample ();
  g_autofree char *text = ctl_table_render (table, TRUE, FALSE);
  g_assert_cmpstr (text, ==,
                   "NAME     STATE      NOTE\n"
                   "a        published  x\n"
                   "weather\n");
}

static void
test_pipe (void)
{
  g_autoptr (CtlTable) table = sample ();
  g_autofree char *text = ctl_table_render (table, FALSE, FALSE);
  g_assert_cmpstr (text, ==, "a\tpublished\tx\nweather\t\t\n");
}

static void
test_no_headers (void)
{
  g_autoptr (CtlTable) table = ctl_table_new ("", "", NULL);
  ctl_table_add (table, "tier", "Gold");
  g_autofree char *text = ctl_table_render (table, TRUE, FALSE);
  g_assert_cmpstr (text, ==, "tier  Gold\n");
}

static void
test_empty (void)
{
  g_autoptr (CtlTable) table = ctl_table_new ("NAME", NULL);
  g_autofree char *pipe = ctl_table_render (table, FALSE, FALSE);
  g_assert_cmpstr (pipe, ==, "");
}

/* Columns are what a terminal shows: wide characters take two, combining ones none. */
static void
test_width (void)
{
  g_autoptr (CtlTable) table = ctl_table_new ("A", "B", NULL);
  ctl_table_add (table, "天気", "x");
  ctl_table_add (table, "e\xcc\x81", "y");
  g_autofree char *text = ctl_table_render (table, TRUE, FALSE);
  g_assert_cmpstr (text, ==, "A     B\n天気  x\ne\xcc\x81     y\n");
}

static void
test_clean (void)
{
  static const struct
  {
    const char *text;
    const char *clean;
  } cases[] = {
    { "", "" },
    { "Zürich 天気", "Zürich 天気" },
    { "a\tb\nc\033[2J", "a?b?c?[2J" },
    { "a\x7f", "a?" },
    { "csi \xc2\x9b" "2J", "csi ?2J" },                 /* C1 control, one character of two bytes */
    { "bidi \xe2\x80\xae" "gnp", "bidi ?gnp" },         /* right-to-left override */
    { "broken \xff\xc3", "broken ??" },
    { "short \xe5\xa4", "short ??" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *clean = ctl_text_clean (cases[i].text);
      g_assert_cmpstr (clean, ==, cases[i].clean);
    }
}

static void
test_cells_are_cleaned (void)
{
  g_autoptr (CtlTable) table = ctl_table_new ("A", "B", NULL);
  ctl_table_add (table, "one\ttwo", "three\nfour");
  g_autofree char *text = ctl_table_render (table, FALSE, FALSE);
  g_assert_cmpstr (text, ==, "one?two\tthree?four\n");
}

static void
test_json (void)
{
  char *text = NULL;
  size_t length = 0;
  CtlOutput output = { .out = open_memstream (&text, &length), .json = TRUE };
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  json_builder_begin_object (builder);
  ctl_json_text (builder, "name", "a \"b\" \xff");
  ctl_json_text (builder, "none", NULL);
  ctl_json_int (builder, "big", G_MAXINT64);
  ctl_json_bool (builder, "yes", TRUE);
  json_builder_end_object (builder);
  ctl_output_json (&output, builder);
  g_assert_true (ctl_output_finish (&output, NULL));
  fclose (output.out);

  g_assert_cmpint (text[length - 1], ==, '\n');
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_assert_true (json_parser_load_from_data (parser, text, -1, NULL));
  JsonObject *object = json_node_get_object (json_parser_get_root (parser));
  g_assert_cmpstr (json_object_get_string_member (object, "name"), ==, "a \"b\" \xef\xbf\xbd");
  g_assert_true (json_object_get_null_member (object, "none"));
  g_assert_cmpint (json_object_get_int_member (object, "big"), ==, G_MAXINT64);
  g_assert_true (json_object_get_boolean_member (object, "yes"));
  g_free (text);
}

/* A full disk is an error, not a short result. */
static void
test_full (void)
{
  CtlOutput output = { .out = fopen ("/dev/full", "w") };
  if (output.out == NULL)
    {
      g_test_skip ("there is no /dev/full");
      return;
    }
  g_autoptr (GError) error = NULL;
  ctl_output_text (&output, "result\n");
  g_assert_false (ctl_output_finish (&output, &error));
  g_assert_error (error, CTL_ERROR, CTL_ERROR_FAILED);
  fclose (output.out);
}

/* --field: names of counters have dots, which part steps elsewhere. */
static void
test_find (void)
{
  static const struct
  {
    const char *path;
    const char *value; /* NULL: there is none */
  } cases[] = { { "a.b", "1" },   { "a.c", "2" },   { "l.1.x.y", "3" }, { "l.0", "4" },
                { "a.d", NULL },  { "l.2", NULL },  { "", NULL },       { ".", NULL },
                { "a.b.c", NULL }, { "l.x", NULL }, { "l.1.x", NULL } };
  g_autoptr (JsonNode) root
      = json_from_string ("{\"a.b\":1,\"a\":{\"b\":9,\"c\":2},\"l\":[4,{\"x.y\":3}]}", NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *value = NULL;
      JsonNode *node = ctl_json_find (root, cases[i].path);

      g_test_message ("%s", cases[i].path);
      value = node != NULL ? ctl_json_display (node) : NULL;
      g_assert_cmpstr (value, ==, cases[i].value);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ctl-output/terminal", test_terminal);
  g_test_add_func ("/ctl-output/pipe", test_pipe);
  g_test_add_func ("/ctl-output/no-headers", test_no_headers);
  g_test_add_func ("/ctl-output/empty", test_empty);
  g_test_add_func ("/ctl-output/width", test_width);
  g_test_add_func ("/ctl-output/clean", test_clean);
  g_test_add_func ("/ctl-output/cells-are-cleaned", test_cells_are_cleaned);
  g_test_add_func ("/ctl-output/json", test_json);
  g_test_add_func ("/ctl-output/find", test_find);
  g_test_add_func ("/ctl-output/full", test_full);
  return g_test_run ();
}
