#include "config.h"
#include "common/apim-log.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Runs @emit with stderr in a file. Returns: (transfer full): what was written. */
static char *
capture (void (*emit) (void))
{
  g_autofree char *path = NULL;
  int file = g_file_open_tmp ("apim-log-XXXXXX", &path, NULL);
  int saved = dup (STDERR_FILENO);
  char *text = NULL;

  g_assert_cmpint (file, >=, 0);
  g_assert_cmpint (saved, >=, 0);
  g_assert_cmpint (dup2 (file, STDERR_FILENO), >=, 0);
  emit ();
  g_assert_cmpint (dup2 (saved, STDERR_FILENO), >=, 0);
  close (saved);
  close (file);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  unlink (path);
  return text;
}

static void
emit_hostile (void)
{
  apim_warning ("net", "name \"%s\"", "x\nERROR net: forged\r\x1b[31m\x7f\tend");
}

static void
test_control_characters_are_escaped (void)
{
  g_autofree char *text = capture (emit_hostile);

  g_assert_true (
      g_regex_match_simple ("^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z WARNING net: name ", text, 0, 0));
  g_assert_true (g_str_has_suffix (text, "name \"x\\x0aERROR net: forged\\x0d\\x1b[31m\\x7f\\x09end\"\n"));
  g_assert_true (strchr (text, '\n') == text + strlen (text) - 1);
}

static void
emit_long (void)
{
  g_autofree char *text = g_strnfill (10000, '\n');

  apim_error ("net", "%s", text);
}

static void
test_long_line_is_cut (void)
{
  g_autofree char *text = capture (emit_long);

  g_assert_cmpuint (strlen (text), <=, 2048);
  g_assert_true (strchr (text, '\n') == text + strlen (text) - 1);
}

static void
emit_levels (void)
{
  apim_debug ("net", "not this");
  apim_info ("net", "but this");
  apim_log_set_level (APIM_LOG_ERROR);
  apim_warning ("net", "not that");
  apim_error ("net", "but that");
  apim_log_set_level (APIM_LOG_INFO);
}

static void
test_levels (void)
{
  g_autofree char *text = capture (emit_levels);

  g_assert_null (strstr (text, "not th"));
  g_assert_nonnull (strstr (text, "INFO net: but this\n"));
  g_assert_nonnull (strstr (text, "ERROR net: but that\n"));
}

static ApimLogGate gate;

static void
emit_limited (void)
{
  for (int i = 0; i < 5; i++)
    apim_log_limited (&gate, APIM_LOG_WARNING, "net", "event %d", i);
  g_assert_cmpuint (gate.left_out, ==, 4);
  gate.next_us = 0; /* ten seconds later */
  apim_log_limited (&gate, APIM_LOG_WARNING, "net", "event %d", 5);
}

static void
test_gate_counts (void)
{
  g_autofree char *text = capture (emit_limited);
  g_auto (GStrv) lines = g_strsplit (text, "\n", 0);

  g_assert_cmpuint (g_strv_length (lines), ==, 3);
  g_assert_true (g_str_has_suffix (lines[0], "net: event 0"));
  g_assert_true (g_str_has_suffix (lines[1], "net: event 5 (and 4 more like this since the last line)"));
  g_assert_cmpuint (gate.left_out, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/log/control-characters", test_control_characters_are_escaped);
  g_test_add_func ("/log/long-line", test_long_line_is_cut);
  g_test_add_func ("/log/levels", test_levels);
  g_test_add_func ("/log/gate-counts", test_gate_counts);
  return g_test_run ();
}
