/* Reads of APIs as the Publisher and the Store need them: rows of WSO2's tables, and beside them the artifact
 * where the database has a place for it (st-api-artifact.h). Which state an API is in is its newest lifecycle
 * event. Errors: ST_ERROR. Threads: one per reader; records are the caller's. */
#ifndef ST_API_READS_H
#define ST_API_READS_H

#include "store/st-writer.h"

G_BEGIN_DECLS

/* Texts are NULL where the row has none. */
typedef struct
{
  gint64 id;
  char *provider;
  char *name;
  char *version;
  char *context;
  char *template; /* CONTEXT_TEMPLATE as stored */
  char *tier;     /* API_TIER */
  char *state;
  gint64 created_ms; /* epoch; 0: not known */
  gint64 updated_ms;
  char *default_version; /* of the API's name */
  char *published_default_version;

  char *uuid; /* NULL: there is no artifact, and so for all below */
  gint64 revision;
  char *description;
  char *tags;
  char *visibility;
  char *visible_roles;
  char *visible_tenants;
  char *access_control_roles;
  char *thumbnail_type;
  char *artifact;   /* NULL in lists */
  char *definition; /* likewise */
} StApiRow;

void st_api_row_free (StApiRow *row);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StApiRow, st_api_row_free)

StApiRow *st_api_row_copy (const StApiRow *row);
/* What a copy takes of the memory, about. */
gsize st_api_row_bytes (const StApiRow *row);

/* Each sets *found: (out) (transfer full) (nullable): NULL where there is none. Texts are compared as bytes.
 */
gboolean st_read_api (StWriter *reader, gint64 api_id, StApiRow **found, GError **error);
gboolean st_read_api_by_uuid (StWriter *reader, const char *uuid, StApiRow **found, GError **error);
gboolean st_read_api_by_name (StWriter *reader, const char *provider, const char *name, const char *version,
                              StApiRow **found, GError **error);
/* "provider-name-version" with "-AT-" for "@". ST_ERROR_CONFLICT where hyphens make it two APIs'. */
gboolean st_read_api_by_identifier (StWriter *reader, const char *identifier, StApiRow **found,
                                    GError **error);

/* For each API, by name, version and provider, without artifact and definition; @row is borrowed until it
 * returns. FALSE ends the walk, without an error. */
typedef gboolean (*StApiRowFunc) (const StApiRow *row, gpointer data);
gboolean st_read_each_api (StWriter *reader, StApiRowFunc func, gpointer data, GError **error);
/* The same, with no more of @row than id, provider, name, version, context, state, visibility and access control: what
 * a page of a list is chosen by, among many that it does not show. */
gboolean st_read_each_api_glance (StWriter *reader, StApiRowFunc func, gpointer data, GError **error);
/* Adds to @rows (element-type StApiRow), in the order of @ids, those that there are; without artifact and definition. */
gboolean st_read_api_entries (StWriter *reader, const gint64 *ids, guint n_ids, GPtrArray *rows, GError **error);
/* The same as st_read_each_api(), of one provider and name. */
gboolean st_read_each_version (StWriter *reader, const char *provider, const char *name, StApiRowFunc func,
                               gpointer data, GError **error);

/* The same, of whatever provider, whose name and version are these, in any case of ASCII letters. */
gboolean st_read_each_api_named (StWriter *reader, const char *name, const char *version, StApiRowFunc func,
                                 gpointer data, GError **error);

typedef enum
{
  ST_API_SEARCH_URL_PATTERN, /* "subcontext" */
  ST_API_SEARCH_DOCUMENT,    /* names and summaries of documents */
} StApiSearch;
/* *ids: (out) (transfer full) (element-type gint64 as key): APIs that have such a thing with @word in it, in
 * any case of ASCII letters. */
gboolean st_read_api_ids (StWriter *reader, StApiSearch what, const char *word, GHashTable **ids,
                          GError **error);

typedef struct
{
  char *url_pattern;
  char *verb;
  char *auth_scheme;
  char *throttling_tier;
  char *mediation_script;
  char *scope; /* (nullable): key */
} StApiResourceRow;

typedef struct
{
  char *key;
  char *name;
  char *description;
  char **roles; /* NULL-terminated, not NULL */
} StApiScopeRow;

/* @row: of the API. (out) (transfer full) (element-type StApiResourceRow), in the order in which gateways try
 * them. */
gboolean st_read_api_resources (StWriter *reader, const StApiRow *row, GPtrArray **resources, GError **error);
/* (out) (transfer full) (element-type StApiScopeRow) */
gboolean st_read_api_scopes (StWriter *reader, gint64 api_id, GPtrArray **scopes, GError **error);

/* Which API of the tenant that is no version of (@provider, @name) has the scope @key: versions share theirs.
 * 0: none. */
gboolean st_read_scope_owner (StWriter *reader, gint tenant_id, const char *key, const char *provider,
                              const char *name, gint64 *owner_id, GError **error);

typedef struct
{
  gint64 time_ms; /* epoch */
  char *from;     /* (nullable): the API was created */
  char *to;
  char *user;
} StLifecycleEvent;
/* (out) (transfer full) (element-type StLifecycleEvent), oldest first. */
gboolean st_read_lifecycle (StWriter *reader, gint64 api_id, GPtrArray **events, GError **error);

G_END_DECLS
#endif
