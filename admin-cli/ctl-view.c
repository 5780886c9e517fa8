#include "config.h"

#include "admin-cli/ctl-view.h"

#include "admin-cli/ctl-json.h"
#include "admin-cli/ctl-time.h"

char *
ctl_view_text (JsonNode *record, const char *path)
{
  g_auto (GStrv) parts = g_strsplit (path, "/", -1);
  GString *text = g_string_new (NULL);
  for (guint i = 0; parts[i] != NULL; i++)
    {
      g_autofree char *part = ctl_json_display (ctl_json_find (record, parts[i]));
      g_string_append_printf (text, "%s%s", i > 0 ? "/" : "", part);
    }
  return g_string_free (text, FALSE);
}

static char *
cell (const CtlOutput *output, const CtlColumn *column, JsonNode *record)
{
  g_autofree char *text = ctl_view_text (record, column->path);
  if (column->kind == CTL_CELL_TIME && *text != '\0')
    return ctl_time_display (text, output->terminal, g_get_real_time () / G_USEC_PER_SEC);
  if (column->show != NULL && *text != '\0')
    return column->show (text);
  return g_steal_pointer (&text);
}

/* --columns chooses among all of them. */
static gboolean
is_shown (const CtlOutput *output, const CtlColumn *column)
{
  return !column->wide || output->wide || output->columns != NULL;
}

void
ctl_view_list (CtlOutput *output, const CtlColumn *columns, JsonArray *rows)
{
  if (output->json)
    {
      g_autoptr (JsonNode) root = json_node_init_array (json_node_alloc (), rows);
      ctl_output_node (output, root);
      return;
    }
  g_autoptr (CtlTable) table = ctl_table_new_empty ();
  for (const CtlColumn *column = columns; column->header != NULL; column++)
    if (is_shown (output, column))
      ctl_table_add_column (table, column->header);
  for (guint i = 0; i < json_array_get_length (rows); i++)
    {
      g_autoptr (GPtrArray) cells = g_ptr_array_new_with_free_func (g_free);
      for (const CtlColumn *column = columns; column->header != NULL; column++)
        if (is_shown (output, column))
          g_ptr_array_add (cells, cell (output, column, json_array_get_element (rows, i)));
      ctl_table_add_row (table, (const char *const *)cells->pdata);
    }
  if (output->quiet && output->columns == NULL)
    output->name = TRUE;
  ctl_output_table (output, table);
}

void
ctl_view_record (CtlOutput *output, const CtlColumn *columns, JsonNode *record)
{
  if (output->json)
    {
      ctl_output_node (output, record);
      return;
    }
  if (output->name || output->quiet || output->columns != NULL)
    {
      g_autoptr (JsonArray) one = json_array_new ();
      json_array_add_element (one, json_node_copy (record));
      ctl_view_list (output, columns, one);
      return;
    }
  g_autoptr (CtlTable) table = ctl_table_new ("", "", NULL);
  for (const CtlColumn *column = columns; column->header != NULL; column++)
    {
      g_autofree char *name = g_ascii_strdown (column->header, -1);
      g_autofree char *text = cell (output, column, record);
      if (*text != '\0')
        ctl_table_add (table, name, text);
    }
  ctl_output_table (output, table);
}
