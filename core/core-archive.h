/* CoreArchive: an API with all that belongs to it, as the zip archive of WSO2's import/export tool
 * (spec/publisher-store-workflows.md 9.1): one folder NAME-VERSION/ with Meta-information/api.json and
 * swagger.json, Image/, Docs/, WSDL/ and Sequences/.
 *
 * Read as it comes: archives of WSO2 1.10 to 2.6 and our own. What makes an API is checked here for its shape
 * only; the rules of APIs are core-api-rules.h's. What is left out stands in the warnings. Nothing of an
 * archive is trusted: see core-zip.h. Written with sorted entries and fixed times: the same API gives the
 * same bytes. The endpoint's password is never in it. Fuzz target: tests/fuzz/fuzz-archive.c. Threads: one
 * per archive. */
#ifndef CORE_ARCHIVE_H
#define CORE_ARCHIVE_H

#include "core/core-api.h"

G_BEGIN_DECLS

#define CORE_ARCHIVE_ERROR (core_archive_error_quark ())
GQuark core_archive_error_quark (void);
typedef enum
{
  CORE_ARCHIVE_ERROR_INVALID, /* the message names the file in the archive, and what is wrong there */
} CoreArchiveError;

/* Documents in one archive. */
#define CORE_ARCHIVE_MAX_DOCUMENTS 500

typedef struct
{
  char *name;
  char *summary;     /* nullable */
  char *type;        /* HOWTO, SAMPLES, PUBLIC_FORUM, SUPPORT_FORUM, API_MESSAGE_FORMAT, SWAGGER_DOC, OTHER */
  char *other_type;  /* nullable; of OTHER */
  char *source_type; /* INLINE, URL, FILE */
  char *source_url;  /* nullable; of URL */
  char *visibility;  /* OWNER_ONLY, PRIVATE, API_LEVEL */
  char *file_name;   /* nullable; of FILE: without folders */
  char *media_type;  /* nullable; ours alone: WSO2's archives do not have it */
  GBytes *content;   /* nullable; of INLINE and FILE */
} CoreArchiveDocument;

typedef enum
{
  CORE_SEQUENCE_IN,
  CORE_SEQUENCE_OUT,
  CORE_SEQUENCE_FAULT,
  CORE_N_SEQUENCES,
} CoreSequenceFlow;

typedef struct
{
  CoreSequenceFlow flow;
  gboolean is_custom; /* of this API alone; else shared */
  char *name;         /* of the file; of a shared one without ".xml" */
  GBytes *text;
} CoreArchiveSequence;

typedef struct
{
  CoreApi *api;         /* with definition = swagger.json; the tenant is not set */
  GPtrArray *documents; /* of CoreArchiveDocument */
  GPtrArray *sequences; /* of CoreArchiveSequence */
  char *image_name;     /* nullable: "icon.png" */
  GBytes *image;        /* nullable */
  GBytes *wsdl;         /* nullable */
  GPtrArray *warnings;  /* of char *: sentences on what was left out */
} CoreArchive;

/* An archive of nothing but the default API. */
CoreArchive *core_archive_new (void);
void core_archive_free (CoreArchive *archive);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CoreArchive, core_archive_free)

/* (transfer none): a new one at the end. */
CoreArchiveDocument *core_archive_add_document (CoreArchive *archive);
CoreArchiveSequence *core_archive_add_sequence (CoreArchive *archive);

/* NULL with CORE_ARCHIVE_ERROR, CORE_ZIP_ERROR. */
CoreArchive *core_archive_read (const void *bytes, gsize length, GError **error);

/* api.json as it stands in archives, from and to an API. Free with g_free(). */
char *core_archive_api_to_json (const CoreApi *api);
/* NULL with CORE_ARCHIVE_ERROR. */
CoreApi *core_archive_api_from_json (const char *json, gsize length, GError **error);

/* @archive->api must have its definition, unless it is a WebSocket API. NULL with CORE_ARCHIVE_ERROR,
 * CORE_ZIP_ERROR. */
GBytes *core_archive_write (const CoreArchive *archive, GError **error);

G_END_DECLS
#endif
