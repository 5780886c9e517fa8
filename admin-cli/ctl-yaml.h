/* YAML 1.1 by libyaml, as JSON values: read with the line of each value (JSON files too, which are YAML), and written
 * so that equal values are equal bytes.
 *
 * Narrower than YAML, because files come from strangers: no anchors and aliases, no tags, no key twice, limits on depth
 * and size. Plain words are texts, but for true, false, null and whole numbers: "version: 1.10" stays "1.10".
 * Fuzz target: tests/fuzz/fuzz-ctl-yaml.c. Threads: any. */
#ifndef CTL_YAML_H
#define CTL_YAML_H

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

#define CTL_YAML_MAX_DEPTH 64
#define CTL_YAML_MAX_BYTES (16 * 1024 * 1024)
#define CTL_YAML_MAX_VALUES 500000

typedef struct
{
  GPtrArray *documents; /* of JsonNode */
  GHashTable *lines;    /* JsonNode -> its line, from 1, as GUINT_TO_POINTER */
} CtlYaml;

/* The text of a file, or of standard input ("-"), of at most CTL_YAML_MAX_BYTES. Blocks.
 * Returns: (transfer full): NULL with CTL_ERROR_USAGE. */
char *ctl_yaml_read (const char *path, gsize *length, GError **error);
/* All documents of @text. @name: of the file, for messages.
 * Returns: (transfer full): NULL with CTL_ERROR_USAGE, whose message begins "NAME:LINE: ". */
CtlYaml *ctl_yaml_parse (const char *text, gsize length, const char *name, GError **error);
/* Likewise, of what ctl_yaml_read() reads. */
CtlYaml *ctl_yaml_load (const char *path, GError **error);
void ctl_yaml_free (CtlYaml *yaml);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CtlYaml, ctl_yaml_free)

/* The line where @node begins; 0: not known. */
guint ctl_yaml_line (const CtlYaml *yaml, JsonNode *node);

/* Free with g_free(). */
char *ctl_yaml_render (JsonNode *root);

G_END_DECLS
#endif
