/* Command lines, good and bad. */
#include "config.h"

#include "admin-cli/ctl-error.h"
#include "admin-cli/ctl-options.h"

static const CtlOption rows[] = {
  { "home", CTL_OPTION_TEXT, TRUE, "DIR", "a text" },
  { "host", CTL_OPTION_LIST, FALSE, "NAME", "a list" },
  { "yes", CTL_OPTION_FLAG, FALSE, NULL, "a flag" },
  { NULL },
};
static const CtlOption *const tables[] = { rows, NULL };

static CtlOptions *
parse (const char *line, GError **error)
{
  g_auto (GStrv) arguments = g_strsplit (line, " ", -1);
  return ctl_options_parse (tables, (const char *const *) arguments, "test", "apimctl help test", error);
}

static void
test_good (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CtlOptions) options = parse ("--home /a first --host=x --yes --host y -o json -- --not-an-option", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (ctl_options_text (options, "home"), ==, "/a");
  g_assert_true (ctl_options_flag (options, "yes"));
  g_assert_cmpstr (ctl_options_text (options, "output"), ==, "json");
  g_assert_false (ctl_options_help (options));
  const char *const *hosts = ctl_options_list (options, "host");
  g_assert_cmpstr (hosts[0], ==, "x");
  g_assert_cmpstr (hosts[1], ==, "y");
  g_assert_null (hosts[2]);
  const char *const *arguments = ctl_options_arguments (options);
  g_assert_cmpstr (arguments[0], ==, "first");
  g_assert_cmpstr (arguments[1], ==, "--not-an-option");
  g_assert_null (arguments[2]);
}

static void
test_absent (void)
{
  g_autoptr (CtlOptions) options = parse ("--home=", NULL);
  g_assert_cmpstr (ctl_options_text (options, "home"), ==, "");
  g_assert_false (ctl_options_flag (options, "yes"));
  g_assert_null (ctl_options_text (options, "output"));
  g_assert_null (ctl_options_list (options, "host")[0]);
  g_assert_null (ctl_options_arguments (options)[0]);
}

/* --help wins over what is missing. */
static void
test_help (void)
{
  g_autoptr (CtlOptions) long_form = parse ("--help", NULL);
  g_assert_true (ctl_options_help (long_form));
  g_autoptr (CtlOptions) short_form = parse ("x -h --unknown", NULL);
  g_assert_true (ctl_options_help (short_form));
}

static void
test_bad (void)
{
  static const struct
  {
    const char *line;
    const char *message;
  } cases[] = {
    { "--yes", "test: option --home is missing" },
    { "--home", "test: option --home needs a value" },
    { "--home a --home b", "test: option --home is given twice" },
    { "--home a --yes=1", "test: option --yes takes no value" },
    { "--home a --hom b", "test: there is no option --hom" },
    { "--home a --homes=b", "test: there is no option --homes" },
    { "--home a -x", "test: there is no option -x" },
    { "--home a -ojson", "test: there is no option -ojson" },
    { "--home a -o", "test: option -o needs a value" },
    { "--home a -o json -o table", "test: option -o is given twice" },
    { "--home \xff", "test: the value of option --home is not UTF-8" },
    { "--home a \xff", "test: an argument is not UTF-8" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_null (parse (cases[i].line, &error));
      g_assert_error (error, CTL_ERROR, CTL_ERROR_USAGE);
      g_assert_cmpstr (error->message, ==, cases[i].message);
      g_assert_cmpstr (ctl_error_hint (error), ==, "apimctl help test");
    }
}

static void
test_want_json (void)
{
  static const struct
  {
    const char *line;
    gboolean json;
  } cases[] = {
    { "db check", FALSE },
    { "db chek -o json", TRUE },
    { "--output json db", TRUE },
    { "x --output=json", TRUE },
    { "x --output=table", FALSE },
    { "x -o json -o table", FALSE },
    { "x -o", FALSE },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (GStrv) arguments = g_strsplit (cases[i].line, " ", -1);
      g_assert_cmpint (ctl_options_want_json ((const char *const *) arguments), ==, cases[i].json);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ctl-options/good", test_good);
  g_test_add_func ("/ctl-options/absent", test_absent);
  g_test_add_func ("/ctl-options/help", test_help);
  g_test_add_func ("/ctl-options/bad", test_bad);
  g_test_add_func ("/ctl-options/want-json", test_want_json);
  return g_test_run ();
}
