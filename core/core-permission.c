#include "config.h"
#include "core/core-permission.h"

#include <string.h>

/* What the deepest node found so far says of a role. */
typedef struct
{
  gsize depth; /* length of the node's path; 0: no node */
  gboolean allowed;
} Verdict;

static gboolean
is_empty (const char *text)
{
  return text == NULL || *text == '\0';
}

char *
core_permission_role_name (const char *domain, const char *name)
{
  static const struct
  {
    const char *stored, *shown;
  } shown[] = {
    { "INTERNAL", "Internal" },
    { "SYSTEM", "System" },
    { "APPLICATION", "Application" },
    { "WORKFLOW", "Workflow" },
  };

  if (is_empty (domain) || g_ascii_strcasecmp (domain, ST_PRIMARY_USER_DOMAIN) == 0 || strchr (name, '/') != NULL)
    return g_strdup (name);
  for (guint i = 0; i < G_N_ELEMENTS (shown); i++)
    if (g_ascii_strcasecmp (domain, shown[i].stored) == 0)
      domain = shown[i].shown;
  return g_strconcat (domain, "/", name, NULL);
}

/* What stands for the role's name whatever its case. SQLite stores any bytes. */
static char *
fold (const char *role)
{
  return g_utf8_validate (role, -1, NULL) ? g_utf8_strdown (role, -1) : g_ascii_strdown (role, -1);
}

/* The depth of @node when it is @resource_id or stands above it, else 0. */
static gsize
depth_on_path (const char *node, const char *resource_id)
{
  gsize length = strlen (node);

  if (length == 0 || strncmp (node, resource_id, length) != 0)
    return 0;
  return node[length - 1] == '/' || resource_id[length] == '/' || resource_id[length] == '\0' ? length : 0;
}

static void
judge (Verdict *verdict, gsize depth, gboolean allowed)
{
  if (depth > verdict->depth)
    *verdict = (Verdict){ depth, allowed };
  else if (depth == verdict->depth)
    verdict->allowed = verdict->allowed && allowed;
}

static void
apply (GHashTable *verdicts, const StPermission *permission, const char *resource_id)
{
  gsize depth = depth_on_path (permission->resource_id, resource_id);
  g_autofree char *role = NULL;
  g_autofree char *key = NULL;
  Verdict *verdict;

  if (depth == 0 || permission->role_name == NULL)
    return;
  role = core_permission_role_name (permission->role_domain, permission->role_name);
  key = fold (role);
  verdict = g_hash_table_lookup (verdicts, key);
  if (verdict != NULL)
    judge (verdict, depth, permission->allowed);
}

gboolean
core_permission_allows (GPtrArray *permissions, const char *const *roles, const char *resource_id)
{
  g_autoptr (GHashTable) verdicts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  GHashTableIter iter;
  gpointer verdict;

  for (guint i = 0; roles[i] != NULL; i++)
    g_hash_table_replace (verdicts, fold (roles[i]), g_new0 (Verdict, 1));
  for (guint i = 0; i < permissions->len; i++)
    apply (verdicts, permissions->pdata[i], resource_id);
  g_hash_table_iter_init (&iter, verdicts);
  while (g_hash_table_iter_next (&iter, NULL, &verdict))
    if (((const Verdict *) verdict)->allowed)
      return TRUE;
  return FALSE;
}
