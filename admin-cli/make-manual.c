/* Prints manual pages at build time: make-manual GROUP, or make-manual --overview TEMPLATE for apimctl(1). */
#include "config.h"

#include "admin-cli/ctl-commands.h"
#include "admin-cli/ctl-manual.h"

int
main (int argc, char **argv)
{
  g_autofree char *template = NULL, *page = NULL;
  g_autoptr (GError) error = NULL;
  if (argc == 3 && g_strcmp0 (argv[1], "--overview") == 0 && g_file_get_contents (argv[2], &template, NULL, &error))
    page = ctl_manual_overview (ctl_commands, template);
  else if (argc == 2)
    page = ctl_manual_group (ctl_commands, argv[1]);
  if (page == NULL)
    {
      g_printerr ("make-manual: %s\n", error != NULL ? error->message : "usage: make-manual GROUP|--overview TEMPLATE");
      return 2;
    }
  g_print ("%s", page);
  return 0;
}
