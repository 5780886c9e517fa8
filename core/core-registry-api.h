/* CoreRegistryApi: all that WSO2's registry has of one API, read (spec/databases.md 7.2, 7.3): its artifact, properties
 * and tags, OpenAPI document, picture and documents. Nothing is written. Threads: one per record; reading blocks. */
#ifndef CORE_REGISTRY_API_H
#define CORE_REGISTRY_API_H

#include "store/st-api-document.h"
#include "store/st-registry.h"

G_BEGIN_DECLS

#define CORE_REGISTRY_API_MEDIA_TYPE "application/vnd.wso2-api+xml"

typedef struct
{
  StApiDocument *document; /* without times; its UUID is the artifact's */
  GBytes *content;         /* (nullable) */
} CoreRegistryDocument;

typedef struct
{
  char *provider; /* with a real "@" */
  char *name;
  char *version;
  char *uuid; /* of the artifact; NULL: none that is one */
  GBytes *artifact;
  GHashTable *properties; /* (element-type utf8 utf8) */
  char **tags;
  GBytes *definition;   /* (nullable) */
  GBytes *thumbnail;    /* (nullable) */
  GPtrArray *documents; /* (element-type CoreRegistryDocument) */
  GPtrArray *notes;     /* (element-type utf8): what is there and could not be read, and why */
  char *digest;         /* SHA-256 of all that was read, hex */
} CoreRegistryApi;

void core_registry_api_free (CoreRegistryApi *api);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CoreRegistryApi, core_registry_api_free)

/* Who the API of @artifact is: FALSE where its folder is not that of an API below @governance. Texts: (out)
 * (transfer full). Pure. */
gboolean core_registry_api_identify (const StRegistryFile *artifact, const char *governance, char **provider,
                                     char **name, char **version);

/* @governance: where the governance tree begins: "/_system/governance". NULL with ST_ERROR: the database failed, or
 * ST_ERROR_DATA: @artifact is none. What else cannot be read is a note. */
CoreRegistryApi *core_registry_api_read (StDatabase *registry, const StRegistryFile *artifact, const char *governance,
                                         GError **error);

G_END_DECLS
#endif
