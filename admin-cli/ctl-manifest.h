/* Manifests (apimctl-manifest(5)): what should be on a server, in YAML or JSON files: APIs, applications, subscriptions
 * and policies. Read whole and checked before anything is sent. Threads: one. */
#ifndef CTL_MANIFEST_H
#define CTL_MANIFEST_H

#include "admin-cli/ctl-output.h"

G_BEGIN_DECLS

#define CTL_MANIFEST_MAX_FILES 10000

/* In the order in which they are applied: each may need those before it. */
typedef enum
{
  CTL_KIND_POLICY,
  CTL_KIND_API,
  CTL_KIND_APPLICATION,
  CTL_KIND_SUBSCRIPTION,
  CTL_N_KINDS,
} CtlKind;

/* One object that should be. */
typedef struct
{
  CtlKind kind;
  char *key;      /* "Weather/1.0.0", "Phone", "Phone Weather/1.0.0", "subscription Gold" */
  char *title;    /* with the kind: "API Weather/1.0.0" */
  JsonNode *spec; /* an object: the fields without "kind"; texts are texts; an API's definition is whole */
} CtlObject;

void ctl_object_free (CtlObject *object);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CtlObject, ctl_object_free)

/* "API", "Application" and so on. */
const char *ctl_kind_name (CtlKind kind);

/* Whether manifests of this kind have the field. */
gboolean ctl_kind_has_field (CtlKind kind, const char *name);

/* An object of what a server told. Takes @spec. */
CtlObject *ctl_object_new (CtlKind kind, JsonNode *spec);

/* Everything in the files and, for folders, in their *.yaml, *.yml and *.json files; sorted for applying.
 * Says each error on @output's stderr with file and line. NULL with CTL_ERROR_USAGE when there is one.
 * Returns: (transfer full) (element-type CtlObject) */
GPtrArray *ctl_manifest_load (CtlOutput *output, const char *const *paths, GError **error);

G_END_DECLS
#endif
