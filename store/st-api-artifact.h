/* What the Publisher keeps of an API beyond WSO2's tables: its artifact and OpenAPI document, its thumbnail
 * (sql/ apim-0008). Databases that others made have these tables only after an explicit command; without them
 * writes are ST_ERROR_SCHEMA, which says so. Errors: as in st-application-writes.h. Threads: one per writer.
 */
#ifndef ST_API_ARTIFACT_H
#define ST_API_ARTIFACT_H

#include "store/st-writer.h"

G_BEGIN_DECLS

/* The columns that lists read, and the texts. Lists in them have commas. */
typedef struct
{
  const char *description;          /* (nullable) */
  const char *tags;                 /* (nullable) */
  const char *visibility;           /* public, private, restricted, controlled */
  const char *visible_roles;        /* (nullable): of restricted */
  const char *visible_tenants;      /* (nullable): of controlled */
  const char *access_control_roles; /* (nullable): who sees it in the Publisher; NULL: everybody there */
  const char *artifact;             /* the metadata XML (spec/databases.md 7.3) */
  const char *definition;           /* (nullable): the OpenAPI document, JSON */
} StApiArtifact;

/* Of an API that has none. @uuid: of the API. */
gboolean st_write_create_artifact (StWriter *writer, gint64 api_id, const char *uuid,
                                   const StApiArtifact *artifact, GError **error);
/* Of one that has; its revision grows. */
gboolean st_write_update_artifact (StWriter *writer, gint64 api_id, const StApiArtifact *artifact,
                                   GError **error);

/* The picture of an API that has an artifact, whose revision grows. @bytes: (nullable): takes it away. */
gboolean st_write_thumbnail (StWriter *writer, gint64 api_id, const char *media_type, const char *bytes,
                             gsize length, GError **error);
/* *content: (out) (transfer full) (nullable): NULL where there is none. */
gboolean st_read_thumbnail (StWriter *reader, gint64 api_id, GBytes **content, GError **error);
/* A new version's, from another's. */
gboolean st_write_copy_thumbnail (StWriter *writer, gint64 from_api_id, gint64 to_api_id, GError **error);

/* ST_ERROR_SCHEMA where the tables are not there. */
gboolean st_api_artifact_check (StWriter *writer, GError **error);

G_END_DECLS
#endif
