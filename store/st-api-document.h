/* Documents of APIs (sql/ apim-0008): WSO2 keeps them in its registry. Without the tables there are none, and
 * writes are ST_ERROR_SCHEMA. Errors: as in st-application-writes.h; a second document of one name is
 * ST_ERROR_CONFLICT. Threads: one per writer. */
#ifndef ST_API_DOCUMENT_H
#define ST_API_DOCUMENT_H

#include "store/st-writer.h"

G_BEGIN_DECLS

/* Texts are NULL where there is none. */
typedef struct
{
  char *uuid;
  char *name; /* unique in the API */
  char *type; /* HOWTO, SAMPLES, ... */
  char *other_type_name;
  char *summary;
  char *source_type; /* INLINE, URL, FILE */
  char *source_url;
  char *visibility; /* OWNER_ONLY, PRIVATE, API_LEVEL */
  char *file_name;
  char *media_type;
  gint64 created_ms; /* epoch */
  gint64 updated_ms;
} StApiDocument;

void st_api_document_free (StApiDocument *document);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StApiDocument, st_api_document_free)

/* *documents: (out) (transfer full) (element-type StApiDocument): by name. */
gboolean st_read_documents (StWriter *reader, gint64 api_id, GPtrArray **documents, GError **error);
/* *document: (out) (transfer full) (nullable): by UUID, among the API's. */
gboolean st_read_document (StWriter *reader, gint64 api_id, const char *uuid, StApiDocument **document,
                           GError **error);
/* *content: (out) (transfer full) (nullable): NULL where there is none yet. */
gboolean st_read_document_content (StWriter *reader, gint64 api_id, const char *uuid, GBytes **content,
                                   GError **error);

/* @document: with its UUID and times. */
gboolean st_write_add_document (StWriter *writer, gint64 api_id, const StApiDocument *document,
                                GError **error);
/* All but created_ms and the content, by UUID. */
gboolean st_write_update_document (StWriter *writer, gint64 api_id, const StApiDocument *document,
                                   GError **error);
/* @bytes: NULL takes it away. */
gboolean st_write_document_content (StWriter *writer, gint64 api_id, const char *uuid, const char *bytes,
                                    gsize length, GError **error);
gboolean st_write_delete_document (StWriter *writer, gint64 api_id, const char *uuid, GError **error);
/* A new version's, from another's, with contents. */
gboolean st_write_copy_documents (StWriter *writer, gint64 from_api_id, gint64 to_api_id, GError **error);

G_END_DECLS
#endif
