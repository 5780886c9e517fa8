/* APIs as archives of WSO2's import/export tool (core-archive.h), made of what is stored here and the other
 * way round (spec/publisher-store-workflows.md 9.1).
 *
 * An import is one transaction: the API with its scopes, picture and documents in the state that the archive
 * names, or nothing. What an archive may hold and we do not keep, and what breaks a rule without making the
 * API another one, is left out and said in the warnings: tiers and gateway environments that are not here,
 * pictures and documents that may not be, mediation sequences, WSDL documents, certificates.
 *
 * Both need CORE_MAY_ADMINISTER, CORE_MAY_LOGIN and CORE_MAY_CREATE (1.5), an import of an API that is not
 * CREATED CORE_MAY_PUBLISH too. Errors: CORE_PORTAL_ERROR. Threads: any; calls block. */
#ifndef CORE_API_ARCHIVE_H
#define CORE_API_ARCHIVE_H

#include "core/core-api.h"
#include "core/core-portal.h"

G_BEGIN_DECLS

typedef struct
{
  CoreApi *api;        /* as it is stored */
  GPtrArray *warnings; /* (element-type utf8): sentences */
} CoreApiImport;

void core_api_import_free (CoreApiImport *import);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CoreApiImport, core_api_import_free)

typedef struct
{
  gboolean preserve_provider; /* FALSE: the API becomes the actor's, in his tenant; TRUE: one of another
                                 tenant is CORE_PORTAL_ERROR_INVALID */
  gboolean overwrite; /* the API of the name and version that is there becomes what the archive says */
  /* (nullable): overwrite this one only, by its identifier (core_api_find()): CORE_PORTAL_ERROR_NOT_FOUND where it is
   * not, CORE_PORTAL_ERROR_INVALID where the archive's is another. */
  const char *onto;
} CoreApiImportOptions;

/* CORE_PORTAL_ERROR_INVALID: no such archive, or an API that breaks the rules of APIs.
 * CORE_PORTAL_ERROR_CONFLICT: there is one of its name and version (in any case, of any provider of the
 * tenant) that is not to be overwritten, its context, or a scope of another API. A state but CREATED is
 * reached by the events of the lifecycle, and the gateways are told then.
 *
 * Overwritten, an API keeps its provider, id and subscriptions; documents and picture are the archive's,
 * those of one name stay the same ones; the endpoint's password stays with its user. CREATED in the archive
 * leaves the state alone: exports of 2.6.0 say nothing else. *import: (out) (transfer full): also with
 * CORE_PORTAL_ERROR_PARTIAL. */
gboolean core_api_archive_import (const CorePortal *portal, const CoreActor *actor, const void *bytes,
                                  gsize length, const CoreApiImportOptions *options, CoreApiImport **import,
                                  GError **error);

/* @provider: with "@" or "-AT-"; of another tenant: CORE_PORTAL_ERROR_FORBIDDEN. @preserve_status: FALSE: the
 * archive says CREATED, as WSO2 up to 2.6.0 does. Returns: (transfer full): the same bytes as long as nothing
 * changed. CORE_PORTAL_ERROR_CONFLICT: it would be more than an archive may hold. */
GBytes *core_api_archive_export (const CorePortal *portal, const CoreActor *actor, const char *provider,
                                 const char *name, const char *version, gboolean preserve_status,
                                 GError **error);

G_END_DECLS
#endif
