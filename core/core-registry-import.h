/* APIs of WSO2's registry taken into our own tables beside AM_API (spec/databases.md 7, sql/ apim-0008): what a node
 * of ours needs to know of them to be their Publisher and Store. The registry is only read.
 *
 * Taken are: the artifact (description, endpoints, visibility, tiers, access control, CORS and what else it says),
 * tags, additional properties, the OpenAPI document, the picture and the documents; and the lifecycle state, where
 * AM_API_LC_EVENT does not say the same. Resources, scopes and default versions are in WSO2's tables already. An API
 * keeps the id of its artifact, so clients of the REST APIs find it under the same one.
 *
 * Each API is a transaction. What was taken is remembered: a later import takes what has changed in the registry since,
 * unless the API was changed here. Gateways are told nothing: they have these APIs. Threads: any; calls block. */
#ifndef CORE_REGISTRY_IMPORT_H
#define CORE_REGISTRY_IMPORT_H

#include "core/core-portal.h"

G_BEGIN_DECLS

typedef enum
{
  CORE_IMPORT_TAKEN,       /* there was nothing of it here */
  CORE_IMPORT_REFRESHED,   /* it was taken earlier, and is as the registry has it now */
  CORE_IMPORT_UNCHANGED,   /* taken earlier, and the registry has not changed since */
  CORE_IMPORT_KEPT,        /* it was made or changed here: left alone */
  CORE_IMPORT_NO_API,      /* the registry has an artifact of which AM_API has no API: left alone */
  CORE_IMPORT_NO_ARTIFACT, /* AM_API has an API of which there is an artifact neither in the registry nor here */
  CORE_IMPORT_FAILED,      /* nothing was taken; the notes say why */
} CoreImportResult;

/* "taken", "refreshed", "unchanged", "kept", "no API", "no artifact", "failed". */
const char *core_import_result_text (CoreImportResult result);

typedef struct
{
  char *provider;
  char *name;
  char *version;
  char *tenant_domain; /* NULL: of a tenant that the user database does not know */
  CoreImportResult result;
  GPtrArray *taken; /* (element-type utf8): "artifact", "3 tags", "document \"How to\""... */
  GPtrArray *notes; /* (element-type utf8): what was not taken and why, and what is to be known of it */
} CoreRegistryImport;

typedef struct
{
  const char *governance;    /* where the governance tree begins: "/_system/governance" */
  const char *tenant_domain; /* (nullable): of this tenant only */
  gboolean overwrite;        /* take also what was made or changed here */
} CoreRegistryImportOptions;

typedef struct
{
  GPtrArray *apis;  /* (element-type CoreRegistryImport): of the registry by tenant and path, then those without one */
  GPtrArray *notes; /* (element-type utf8): what else is in the registry, and is not taken */
} CoreRegistryImports;

void core_registry_imports_free (CoreRegistryImports *imports);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CoreRegistryImports, core_registry_imports_free)

/* @portal: with users; a dry run reports what would be done. *imports: (out) (transfer full): whatever was done, also
 * with an error. FALSE with CORE_PORTAL_ERROR where it could not go on: no tables of ours, no registry, a database that
 * is away, no such tenant. An API that cannot be taken is no error: see its result. */
gboolean core_registry_import (const CorePortal *portal, StDatabase *registry, const CoreRegistryImportOptions *options,
                               CoreRegistryImports **imports, GError **error);

G_END_DECLS
#endif
