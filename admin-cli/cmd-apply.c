/* apimctl apply, diff, export: manifests (apimctl-manifest(5)). */
#include "config.h"

#include "admin-cli/cmd-api-archive.h"
#include "admin-cli/ctl-commands.h"
#include "admin-cli/ctl-json.h"
#include "admin-cli/ctl-remote.h"
#include "admin-cli/ctl-set.h"
#include "admin-cli/ctl-yaml.h"

#include <string.h>

/* One run of apply or diff. */
typedef struct
{
  CtlCall *call;
  CtlRest *rest;
  GPtrArray *objects; /* what is wanted */
  guint n_new, n_changed, n_deleted, n_same;
} Work;

static void
work_clear (Work *work)
{
  g_clear_pointer (&work->rest, ctl_rest_free);
  g_clear_pointer (&work->objects, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Work, work_clear)

/* Everything is read and checked before anybody is asked. */
static gboolean
begin (Work *work, CtlCall *call, GError **error)
{
  const char *const *files = ctl_options_list (call->options, "file");
  work->call = call;
  if (files[0] == NULL)
    {
      ctl_error_set (error, CTL_ERROR_USAGE, "man apimctl-manifest", "manifests", "say which: -f FILE or -f FOLDER");
      return FALSE;
    }
  work->objects = ctl_manifest_load (call->output, files, error);
  work->rest = work->objects != NULL ? ctl_rest_open (call, error) : NULL;
  return work->rest != NULL;
}

/* What is different about one object, a line each: "+ API Weather/1.0.0", "~ ...: tiers: Gold -> Gold,Bronze". */
static void
print_difference (Work *work, const CtlObject *wanted, const CtlRemote *remote, const GPtrArray *fields)
{
  CtlOutput *output = work->call->output;
  if (remote->id == NULL)
    {
      g_autofree char *clean = ctl_text_clean (wanted->title);
      ctl_output_text (output, "+ %s\n", clean);
      return;
    }
  for (guint i = 0; i < fields->len; i++)
    {
      const char *field = fields->pdata[i];
      g_autofree char *has = ctl_remote_shown (remote->spec, field), *wants = ctl_remote_shown (wanted->spec, field);
      g_autofree char *line = g_strdup_printf ("~ %s: %s: %s -> %s", wanted->title, field, has, wants);
      g_autofree char *clean = ctl_text_clean (line);
      ctl_output_text (output, "%s\n", clean);
    }
}

static void
add_difference (JsonArray *rows, const CtlObject *wanted, const CtlRemote *remote, const GPtrArray *fields)
{
  JsonObject *row = json_object_new ();
  json_object_set_string_member (row, "object", wanted->title);
  json_object_set_string_member (row, "change", remote->id == NULL ? "create" : "update");
  JsonArray *names = json_array_new ();
  for (guint i = 0; remote->id != NULL && i < fields->len; i++)
    json_array_add_string_element (names, fields->pdata[i]);
  json_object_set_array_member (row, "fields", names);
  json_array_add_object_element (rows, row);
}

static void
count (Work *work, const CtlRemote *remote, const GPtrArray *fields)
{
  if (remote->id == NULL)
    work->n_new++;
  else if (fields->len > 0)
    work->n_changed++;
  else
    work->n_same++;
}

/* Compares everything; @rows: (nullable): gets the differences as records, else they are printed. */
static gboolean
compare_all (Work *work, JsonArray *rows, GError **error)
{
  for (guint i = 0; i < work->objects->len; i++)
    {
      const CtlObject *wanted = work->objects->pdata[i];
      g_autoptr (GPtrArray) fields = g_ptr_array_new_with_free_func (g_free);
      g_autoptr (CtlRemote) remote = ctl_remote_find (work->rest, wanted, error);
      if (remote == NULL)
        return FALSE;
      ctl_remote_compare (wanted, remote, fields);
      count (work, remote, fields);
      if (rows != NULL && (remote->id == NULL || fields->len > 0))
        add_difference (rows, wanted, remote, fields);
      else if (rows == NULL)
        print_difference (work, wanted, remote, fields);
    }
  return TRUE;
}

static const CtlOption diff_options[] = {
  { "file", CTL_OPTION_LIST, FALSE, "FILE", "a manifest, a folder of them, or - for stdin", 'f' },
  { "exit-code", CTL_OPTION_FLAG, FALSE, NULL, "exit status 9 when there are differences" },
  { NULL },
};

static int
run_diff (CtlCall *call, GError **error)
{
  g_auto (Work) work = { 0 };
  g_autoptr (JsonArray) rows = call->output->json ? json_array_new () : NULL;
  if (!begin (&work, call, error) || !compare_all (&work, rows, error))
    return 0;
  if (rows != NULL)
    {
      g_autoptr (JsonNode) root = json_node_init_array (json_node_alloc (), rows);
      ctl_output_node (call->output, root);
    }
  gboolean different = work.n_new + work.n_changed > 0;
  return different && ctl_options_flag (call->options, "exit-code") ? CTL_EXIT_DIFFERENT : 0;
}

const CtlCommand ctl_cmd_diff = {
  .name = "diff",
  .summary = "Show what \"apply\" would change",
  .details
  = "Compares the fields that the manifests name. Secrets are masked on both sides. Prints nothing when nothing\n"
    "differs.",
  .example = "apimctl diff -f manifests/ --exit-code",
  .flags = CTL_COMMAND_REMOTE,
  .options = diff_options,
  .run = run_diff,
};

/* Apply --------------------------------------------------------------------------------------------------------------
 */

static const CtlOption apply_options[] = {
  { "file", CTL_OPTION_LIST, FALSE, "FILE", "a manifest, a folder of them, or - for stdin", 'f' },
  { "set", CTL_OPTION_TEXT, FALSE, "NAME", "remember what is applied under this name" },
  { "prune", CTL_OPTION_FLAG, FALSE, NULL, "delete what the set had and the manifests have no more" },
  { NULL },
};

static gboolean
apply_one (Work *work, const CtlObject *wanted, GError **error)
{
  g_autoptr (GPtrArray) fields = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (CtlRemote) remote = ctl_remote_find (work->rest, wanted, error);
  if (remote == NULL)
    return FALSE;
  ctl_remote_compare (wanted, remote, fields);
  count (work, remote, fields);
  return fields->len == 0 || ctl_remote_apply (work->call, work->rest, wanted, remote, fields, error);
}

/* "API Weather/1.0.0" of a set, as an object that can be found. NULL: no such kind. */
static CtlObject *
object_of_title (const char *title)
{
  const char *space = strchr (title, ' ');
  CtlKind kind = 0;
  g_autofree char *name = space != NULL ? g_strndup (title, (gsize)(space - title)) : NULL;
  while (kind < CTL_N_KINDS && g_strcmp0 (ctl_kind_name (kind), name) != 0)
    kind++;
  if (kind == CTL_N_KINDS)
    return NULL;
  static const char *const members[CTL_N_KINDS][2] = {
    [CTL_KIND_POLICY] = { "level", "name" },
    [CTL_KIND_API] = { "name", "version" },
    [CTL_KIND_APPLICATION] = { "name", NULL },
    [CTL_KIND_SUBSCRIPTION] = { "application", "api" },
  };
  const char *key = space + 1;
  /* Neither levels, versions nor NAME/VERSION hold the character that parts them. */
  const char *cut = kind == CTL_KIND_POLICY         ? strchr (key, ' ')
                    : kind == CTL_KIND_API          ? strrchr (key, '/')
                    : kind == CTL_KIND_SUBSCRIPTION ? strrchr (key, ' ')
                                                    : NULL;
  g_autofree char *first = cut != NULL ? g_strndup (key, (gsize)(cut - key)) : g_strdup (key);
  g_autoptr (JsonObject) spec = json_object_new ();
  json_object_set_string_member (spec, members[kind][0], first);
  if (cut != NULL && members[kind][1] != NULL)
    json_object_set_string_member (spec, members[kind][1], cut + 1);
  return ctl_object_new (kind, json_node_init_object (json_node_alloc (), spec));
}

static gboolean
is_wanted (const Work *work, const char *title)
{
  for (guint i = 0; i < work->objects->len; i++)
    if (strcmp (((const CtlObject *)work->objects->pdata[i])->title, title) == 0)
      return TRUE;
  return FALSE;
}

static int
compare_later_kinds_first (gconstpointer a, gconstpointer b)
{
  const CtlObject *first = *(const CtlObject *const *)a, *second = *(const CtlObject *const *)b;
  return (int)second->kind - (int)first->kind;
}

/* Deletes what the set had and the manifests do not: subscriptions first, then what they need. */
static gboolean
prune (Work *work, const char *const *before, GError **error)
{
  g_autoptr (GPtrArray) gone = g_ptr_array_new_with_free_func ((GDestroyNotify)ctl_object_free);
  g_autoptr (GString) names = g_string_new (NULL);
  for (; *before != NULL; before++)
    {
      CtlObject *object = is_wanted (work, *before) ? NULL : object_of_title (*before);
      if (object == NULL)
        continue;
      g_string_append_printf (names, "%s%s", names->len > 0 ? ", " : "", object->title);
      g_ptr_array_add (gone, object);
    }
  g_ptr_array_sort (gone, compare_later_kinds_first);
  if (gone->len > 0 && !ctl_change_confirm (work->call, error, "Delete %s", names->str))
    return FALSE;
  for (guint i = 0; i < gone->len; i++)
    {
      g_autoptr (CtlRemote) remote = ctl_remote_find (work->rest, gone->pdata[i], error);
      if (remote == NULL
          || (remote->id != NULL && !ctl_remote_delete (work->call, work->rest, gone->pdata[i], remote, error)))
        return FALSE;
      work->n_deleted += remote->id != NULL;
    }
  return TRUE;
}

/* Keeps the titles: of what is wanted and, until it was pruned, of what was. */
static gboolean
save_set (Work *work, const char *name, const char *const *before, GError **error)
{
  g_autoptr (GPtrArray) titles = g_ptr_array_new ();
  for (guint i = 0; i < work->objects->len; i++)
    g_ptr_array_add (titles, ((CtlObject *)work->objects->pdata[i])->title);
  for (; before != NULL && *before != NULL; before++)
    if (!is_wanted (work, *before))
      g_ptr_array_add (titles, (gpointer)*before);
  g_ptr_array_add (titles, NULL);
  return ctl_set_save (ctl_server_env (ctl_rest_server (work->rest))->name, name, (const char *const *)titles->pdata,
                       error);
}

static gboolean
apply_all (Work *work, const char *set, char **before, GError **error)
{
  gboolean pruning = ctl_options_flag (work->call->options, "prune");
  /* First, so that what a broken-off run made is known to the set. */
  if (set != NULL && !save_set (work, set, (const char *const *)before, error))
    return FALSE;
  for (guint i = 0; i < work->objects->len; i++)
    if (!apply_one (work, work->objects->pdata[i], error))
      return FALSE;
  return !pruning || (prune (work, (const char *const *)before, error) && save_set (work, set, NULL, error));
}

static int
run_apply (CtlCall *call, GError **error)
{
  const char *set = ctl_options_text (call->options, "set");
  g_auto (Work) work = { 0 };
  g_auto (GStrv) before = NULL;
  if (ctl_options_flag (call->options, "prune") && set == NULL)
    {
      ctl_error_set (error, CTL_ERROR_USAGE, "apimctl help apply", "apply",
                     "--prune needs --set NAME: it deletes what the set had");
      return 0;
    }
  if (!begin (&work, call, error))
    return 0;
  before = set != NULL ? ctl_set_load (ctl_server_env (ctl_rest_server (work.rest))->name, set, error) : NULL;
  if (set != NULL && before == NULL)
    return 0;
  if (ctl_options_flag (call->options, "dry-run"))
    {
      compare_all (&work, NULL, error);
      for (guint i = 0; ctl_options_flag (call->options, "prune") && before[i] != NULL; i++)
        if (!is_wanted (&work, before[i]))
          ctl_output_text (call->output, "- %s\n", before[i]);
      return 0;
    }
  if (apply_all (&work, set, before, error))
    ctl_output_note (call->output, "%u created, %u updated, %u deleted, %u so already", work.n_new, work.n_changed,
                     work.n_deleted, work.n_same);
  return 0;
}

const CtlCommand ctl_cmd_apply = {
  .name = "apply",
  .summary = "Bring a server to what manifests say",
  .details
  = "APIs, applications, subscriptions and policies in YAML or JSON: apimctl-manifest(5). All files are read and\n"
    "checked first; with an error in one nothing is sent. What is so already stays, so a run that was broken\n"
    "off is repeated to complete it. Nothing is deleted, except with --prune --set NAME what earlier runs with\n"
    "that set made from here. --dry-run prints what would change.",
  .example = "apimctl apply -f manifests/\n"
             "apimctl apply -f manifests/ --set production --prune --yes",
  .flags = CTL_COMMAND_REMOTE | CTL_COMMAND_WRITES,
  .options = apply_options,
  .run = run_apply,
};

/* Export -------------------------------------------------------------------------------------------------------------
 */

static const CtlOption export_options[] = {
  { "apps", CTL_OPTION_FLAG, FALSE, NULL, "the applications of who is logged in, too" },
  { "archive", CTL_OPTION_TEXT, FALSE, "FILE", "one API as an archive instead, as \"api export --save\" does" },
  { NULL },
};

/* A manifest: "kind" first. (transfer full) */
static JsonNode *
to_manifest (const CtlObject *object)
{
  g_autoptr (JsonObject) manifest = json_object_new ();
  json_object_set_string_member (manifest, "kind", ctl_kind_name (object->kind));
  JsonObject *spec = json_node_get_object (object->spec);
  g_autoptr (GList) names = json_object_get_members (spec);
  for (GList *name = names; name != NULL; name = name->next)
    json_object_set_member (manifest, name->data, json_node_copy (json_object_get_member (spec, name->data)));
  return json_node_init_object (json_node_alloc (), manifest);
}

static GPtrArray *
collect (CtlCall *call, CtlRest *rest, const char *const *words, GError **error)
{
  g_autoptr (GPtrArray) objects = words[0] == NULL ? ctl_remote_all (rest, CTL_KIND_API, error)
                                                   : g_ptr_array_new_with_free_func ((GDestroyNotify)ctl_object_free);
  if (objects == NULL)
    return NULL;
  for (; *words != NULL; words++)
    {
      CtlObject *api = ctl_remote_api (rest, *words, error);
      if (api == NULL)
        return NULL;
      g_ptr_array_add (objects, api);
    }
  if (ctl_options_flag (call->options, "apps"))
    {
      GPtrArray *apps = ctl_remote_all (rest, CTL_KIND_APPLICATION, error);
      if (apps == NULL)
        return NULL;
      g_ptr_array_extend_and_steal (objects, apps);
    }
  return g_steal_pointer (&objects);
}

static int
export_archive (CtlCall *call, const char *path, GError **error)
{
  if (ctl_options_flag (call->options, "apps"))
    {
      ctl_error_set (error, CTL_ERROR_USAGE, "apimctl help app export", "--archive",
                     "holds one API, and no applications: leave --apps out");
      return 0;
    }
  const char *const *words = ctl_call_words (call, 1, 1, error);
  g_autoptr (CtlRest) rest = words != NULL ? ctl_rest_open (call, error) : NULL;
  if (rest != NULL)
    cmd_api_archive_save (call, rest, words[0], path, FALSE, error);
  return 0;
}

static int
run_export (CtlCall *call, GError **error)
{
  const char *archive = ctl_options_text (call->options, "archive");
  if (archive != NULL)
    return export_archive (call, archive, error);
  const char *const *words = ctl_call_words (call, 0, 1000, error);
  g_autoptr (CtlRest) rest = words != NULL ? ctl_rest_open (call, error) : NULL;
  g_autoptr (GPtrArray) objects = rest != NULL ? collect (call, rest, words, error) : NULL;
  g_autoptr (JsonArray) all = json_array_new ();
  for (guint i = 0; objects != NULL && i < objects->len; i++)
    {
      g_autoptr (JsonNode) manifest = to_manifest (objects->pdata[i]);
      if (call->output->json && !call->output->yaml)
        {
          json_array_add_element (all, g_steal_pointer (&manifest));
          continue;
        }
      g_autofree char *text = ctl_yaml_render (manifest);
      ctl_output_text (call->output, "---\n%s", text);
    }
  if (objects != NULL && call->output->json && !call->output->yaml)
    {
      g_autoptr (JsonNode) root = json_node_init_array (json_node_alloc (), all);
      ctl_output_node (call->output, root);
    }
  return 0;
}

const CtlCommand ctl_cmd_export = {
  .name = "export",
  .summary = "Print APIs as manifests that \"apply\" takes",
  .arguments = "[NAME/VERSION...]",
  .completes = "api",
  .details = "Without NAME/VERSION: all. As YAML, or as one JSON list with -o json; the same bytes as long as nothing\n"
             "changed. Passwords of endpoints are left out.",
  .example = "apimctl export Weather/1.0.0 >weather.yaml\n"
             "apimctl export --apps >everything.yaml\n"
             "apimctl export Weather/1.0.0 --archive weather.zip",
  .flags = CTL_COMMAND_REMOTE,
  .options = export_options,
  .run = run_export,
};
