#include "config.h"

#include "admin-cli/ctl-check-report.h"

#include "admin-cli/ctl-home.h"

static const char *
part_word (StSchemaPart part)
{
  return part == ST_SCHEMA_API ? "api" : "user";
}

static const char *
state_name (const StCheckResult *result)
{
  if (!result->checked)
    return "unreachable";
  switch (result->report.state)
    {
    case ST_SCHEMA_EMPTY:
      return "empty";
    case ST_SCHEMA_OURS:
      return "ours";
    case ST_SCHEMA_WSO2:
      return "wso2";
    case ST_SCHEMA_FOREIGN:
      return "foreign";
    }
  return "unknown";
}

static void
print_databases (CtlOutput *output, StCheck *check, const ApimDataSource *const sources[2])
{
  g_autoptr (CtlTable) table = ctl_table_new ("PART", "DATABASE", "STATE", "GENERATION", "VERSION", "TABLES", NULL);
  for (guint i = 0; i < G_N_ELEMENTS (ctl_home_parts); i++)
    {
      StSchemaPart part = ctl_home_parts[i];
      const StCheckResult *result = st_check_result (check, part);
      if (sources[part] == NULL)
        continue;
      g_autofree char *where = ctl_home_describe_source (sources[part]);
      g_autofree char *version = g_strdup_printf ("%u/%u", result->report.version, result->report.latest);
      g_autofree char *tables = g_strdup_printf ("%u", result->report.n_tables);
      ctl_table_add (table, ctl_home_part_name (part), where, state_name (result), result->report.generation,
                     result->report.state == ST_SCHEMA_OURS ? version : "", tables);
    }
  ctl_output_table (output, table);
}

/* Texts quote names of the database. */
static void
print_line (CtlOutput *output, const char *label, const char *text)
{
  g_autofree char *clean = text != NULL ? ctl_text_clean (text) : NULL;
  if (clean != NULL)
    ctl_output_text (output, "%s%s\n", label, clean);
}

static void
print_for_people (CtlOutput *output, const GPtrArray *findings)
{
  guint counts[ST_CHECK_ERROR + 1] = { 0 };
  for (guint i = 0; i < findings->len; i++)
    {
      const StCheckFinding *finding = g_ptr_array_index (findings, i);
      counts[finding->severity]++;
      ctl_output_text (output, "\n%s: %s (%s)\n", st_check_severity_name (finding->severity), finding->code,
                       part_word (finding->part));
      print_line (output, "  found  ", finding->text);
      print_line (output, "  why    ", finding->why);
      print_line (output, "  do     ", finding->action);
    }
  ctl_output_text (output, "\nerrors: %u, warnings: %u, notes: %u\n", counts[ST_CHECK_ERROR], counts[ST_CHECK_WARNING],
                   counts[ST_CHECK_NOTE]);
}

static void
print_for_pipes (CtlOutput *output, const GPtrArray *findings)
{
  g_autoptr (CtlTable) table = ctl_table_new ("SEVERITY", "PART", "CODE", "FOUND", "WHY", "WHAT TO DO", NULL);
  for (guint i = 0; i < findings->len; i++)
    {
      const StCheckFinding *finding = g_ptr_array_index (findings, i);
      ctl_table_add (table, st_check_severity_name (finding->severity), part_word (finding->part), finding->code,
                     finding->text, finding->why, finding->action);
    }
  ctl_output_table (output, table);
}

static void
add_databases (JsonBuilder *builder, StCheck *check, const ApimDataSource *const sources[2])
{
  json_builder_set_member_name (builder, "databases");
  json_builder_begin_array (builder);
  for (guint i = 0; i < G_N_ELEMENTS (ctl_home_parts); i++)
    {
      StSchemaPart part = ctl_home_parts[i];
      const StCheckResult *result = st_check_result (check, part);
      const StSchemaReport *report = &result->report;
      if (sources[part] == NULL)
        continue;
      g_autofree char *where = ctl_home_describe_source (sources[part]);
      json_builder_begin_object (builder);
      ctl_json_text (builder, "part", part_word (part));
      ctl_json_text (builder, "database", where);
      ctl_json_text (builder, "state", state_name (result));
      ctl_json_text (builder, "generation", *report->generation != '\0' ? report->generation : NULL);
      ctl_json_int (builder, "version", report->version);
      ctl_json_int (builder, "latest", report->latest);
      ctl_json_int (builder, "tables", report->n_tables);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
print_json (CtlOutput *output, StCheck *check, const ApimDataSource *const sources[2])
{
  const GPtrArray *findings = st_check_findings (check);
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  json_builder_begin_object (builder);
  ctl_json_bool (builder, "ok", !st_check_failed (check));
  add_databases (builder, check, sources);
  json_builder_set_member_name (builder, "findings");
  json_builder_begin_array (builder);
  for (guint i = 0; i < findings->len; i++)
    {
      const StCheckFinding *finding = g_ptr_array_index (findings, i);
      json_builder_begin_object (builder);
      ctl_json_text (builder, "severity", st_check_severity_name (finding->severity));
      ctl_json_text (builder, "part", part_word (finding->part));
      ctl_json_text (builder, "code", finding->code);
      ctl_json_text (builder, "text", finding->text);
      ctl_json_text (builder, "why", finding->why);
      ctl_json_text (builder, "action", finding->action);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  ctl_output_json (output, builder);
}

void
ctl_check_report_print (CtlOutput *output, StCheck *check, const ApimDataSource *const sources[2])
{
  if (output->json)
    {
      print_json (output, check, sources);
      return;
    }
  print_databases (output, check, sources);
  if (output->terminal)
    print_for_people (output, st_check_findings (check));
  else
    print_for_pipes (output, st_check_findings (check));
}
