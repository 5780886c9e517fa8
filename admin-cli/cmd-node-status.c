/* apimctl node status: the counters of a running node, from the control socket in its home. */
#include "config.h"

#include "admin-cli/ctl-commands.h"
#include "admin-cli/ctl-home.h"
#include "admin-cli/ctl-json.h"

#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <string.h>

#define TIMEOUT_S 5
#define MAX_STATUS (1024 * 1024)

static const CtlOption options[] = {
  { "home", CTL_OPTION_TEXT, TRUE, "DIR", "the node's home" },
  { NULL },
};

/* What the node sent, to its end. Free with g_free(). */
static char *
read_status (const ApimConfig *config, GError **error)
{
  g_autofree char *path = apim_home_path (config->home, "apimd.sock", NULL);
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);
  g_autoptr (GSocketConnection) connection = NULL;
  g_autoptr (GError) reason = NULL;
  g_autofree char *text = g_malloc0 (MAX_STATUS + 1);
  gsize length = 0;

  g_socket_client_set_timeout (client, TIMEOUT_S);
  connection = g_socket_client_connect (client, G_SOCKET_CONNECTABLE (address), NULL, &reason);
  if (connection == NULL
      || !g_input_stream_read_all (g_io_stream_get_input_stream (G_IO_STREAM (connection)), text, MAX_STATUS, &length,
                                   NULL, &reason))
    {
      ctl_error_set (error, CTL_ERROR_UNREACHABLE, NULL, "node", "no node answers in %s: %s", config->home,
                     reason->message);
      return NULL;
    }
  return g_steal_pointer (&text);
}

static void
print_rows (CtlOutput *output, JsonObject *object)
{
  g_autoptr (CtlTable) table = ctl_table_new ("NAME", "VALUE", NULL);
  g_autoptr (GList) names = json_object_get_members (object);

  for (GList *name = names; name != NULL; name = name->next)
    {
      JsonNode *node = json_object_get_member (object, name->data);
      g_autofree char *value = json_node_get_value_type (node) == G_TYPE_INT64
                                   ? g_strdup_printf ("%" G_GINT64_FORMAT, json_node_get_int (node))
                                   : json_node_dup_string (node);

      ctl_table_add (table, (const char *) name->data, value != NULL ? value : "", NULL);
    }
  ctl_output_table (output, table);
}

static int
run (CtlCall *call, GError **error)
{
  g_autoptr (ApimConfig) config = ctl_home_load (ctl_options_text (call->options, "home"), error);
  g_autofree char *text = config == NULL ? NULL : read_status (config, error);
  g_autoptr (JsonNode) root = text == NULL ? NULL : ctl_json_parse (text, strlen (text), "node", error);

  if (root == NULL)
    return 0;
  if (!JSON_NODE_HOLDS_OBJECT (root))
    {
      ctl_error_set (error, CTL_ERROR_FAILED, NULL, "node", "the answer is not a status: no JSON object");
      return 0;
    }
  if (call->output->json)
    ctl_output_node (call->output, root);
  else
    print_rows (call->output, json_node_get_object (root));
  return 0;
}

const CtlCommand ctl_cmd_node_status = {
  .group = "node",
  .name = "status",
  .summary = "Show the counters of a running node",
  .details = "Asks the node through the socket in its home: connections, calls, what its memory of validation facts holds and\n"
             "how often it helps, whether it follows the change feeds of its databases, and how far behind it is. The node\n"
             "writes the same to its log on SIGUSR1.",
  .example = "apimctl node status --home /srv/km\n"
             "apimctl node status --home /srv/km -o json",
  .options = options,
  .run = run,
};
