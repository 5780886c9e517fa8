/* Documents of APIs (spec/publisher-store-workflows.md 1.4, 4.6): texts kept here, links, and files.
 *
 * Writes need CORE_MAY_CREATE. The Store shows those of visibility API_LEVEL to who sees the API, PRIVATE
 * ones to who has logged in, OWNER_ONLY ones to nobody; the Publisher shows all.
 * @identifier: of the API, as for core_api_find(). Errors: CORE_PORTAL_ERROR. Threads: any; calls block. */
#ifndef CORE_DOCUMENT_H
#define CORE_DOCUMENT_H

#include "core/core-api-read.h"
#include "store/st-api-document.h"

G_BEGIN_DECLS

#define CORE_DOCUMENT_MAX_NAME 150
#define CORE_DOCUMENT_MAX_INLINE (1024 * 1024)    /* bytes */
#define CORE_DOCUMENT_MAX_FILE (10 * 1024 * 1024) /* bytes */

/* Adds every rule that @document breaks; fields as in REST v0.14. Pure. */
void core_document_check (const StApiDocument *document, GPtrArray *violations);

/* The same of its content. @file_name: NULL: it is a text. Pure. */
void core_document_check_content (const StApiDocument *document, const char *file_name, const char *bytes,
                                  gsize length, GPtrArray *violations);

/* (transfer full) (element-type StApiDocument): by name. */
GPtrArray *core_document_list (const CorePortal *portal, const CoreActor *actor, CoreAudience audience,
                               const char *identifier, GError **error);
/* (transfer full) */
StApiDocument *core_document_find (const CorePortal *portal, const CoreActor *actor, CoreAudience audience,
                                   const char *identifier, const char *uuid, GError **error);
/* *content: (out) (transfer full): of an INLINE or FILE document; CORE_PORTAL_ERROR_NOT_FOUND where nothing
 * was stored yet. (transfer full): the document. */
StApiDocument *core_document_read (const CorePortal *portal, const CoreActor *actor, CoreAudience audience,
                                   const char *identifier, const char *uuid, GBytes **content,
                                   GError **error);

/* @document: UUID and times are not looked at; no type is HOWTO, no visibility API_LEVEL.
 * Returns: (transfer full): as it is stored. A second one of a name is CORE_PORTAL_ERROR_CONFLICT. */
StApiDocument *core_document_add (const CorePortal *portal, const CoreActor *actor, const char *identifier,
                                  const StApiDocument *document, GError **error);
/* The one of document->uuid; its content stays, unless its source type changes. */
StApiDocument *core_document_update (const CorePortal *portal, const CoreActor *actor, const char *identifier,
                                     const StApiDocument *document, GError **error);
gboolean core_document_delete (const CorePortal *portal, const CoreActor *actor, const char *identifier,
                               const char *uuid, GError **error);

/* @file_name: NULL: a text, for an INLINE document; else a file, for a FILE one, under the last part of this
 * name. Any other is CORE_PORTAL_ERROR_INVALID. */
gboolean core_document_set_content (const CorePortal *portal, const CoreActor *actor, const char *identifier,
                                    const char *uuid, const char *file_name, const char *media_type,
                                    const char *bytes, gsize length, GError **error);

G_END_DECLS
#endif
