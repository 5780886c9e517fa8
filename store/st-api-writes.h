/* Writes of APIs, as a WSO2 node makes them (spec/databases.md 3.5, 4.1, 5.5-5.7, 9). What an API is for validation:
 * its context and version, its resources, and the scopes that protect them. Endpoints, descriptions and the like are
 * not in this database.
 * Errors: as in st-application-writes.h. Threads: one per writer. */
#ifndef ST_API_WRITES_H
#define ST_API_WRITES_H

#include "store/st-writer.h"

G_BEGIN_DECLS

/* What never changes of an API; unique. */
typedef struct
{
  const char *provider; /* with a real "@", never "-AT-" */
  const char *name;
  const char *version;
} StApiIdentity;

typedef struct
{
  const char *key;          /* unique among the API's */
  const char *name;         /* for people; NULL: the key */
  const char *description;  /* (nullable) */
  const char *const *roles; /* NULL-terminated, trimmed, none twice; NULL or none: everybody with the scope */
} StApiScope;

typedef struct
{
  const char *verb;             /* upper case */
  const char *url_pattern;      /* begins with "/" */
  const char *auth_scheme;      /* None, Application, Application_User or Any */
  const char *throttling_tier;  /* NULL: "Unlimited"; the API's tier, where it has one, goes over it */
  const char *mediation_script; /* (nullable) */
  const char *scope;            /* (nullable): key of one of the API's */
} StApiResource;

/* What an update replaces as a whole. */
typedef struct
{
  gint tenant_id; /* of the provider; owns the scopes */
  /* "/weather/{version}"; of a tenant "/t/example.com/weather/{version}". CONTEXT is it with the version in its place;
   * without the place, the context without version that the oldest APIs have. */
  const char *context_template;
  const char *tier; /* (nullable): API_TIER, which needs 2.0 */
  const StApiScope *scopes;
  guint n_scopes;
  const StApiResource *resources; /* their order is the order in which gateways try them */
  guint n_resources;
} StApiDesign;

/* @user: of the event NULL -> CREATED, without his tenant. @is_default: the new version is the default one of its name.
 * @api_id: (out). A provider's second API of one name and version, and a second of one context, are ST_ERROR_CONFLICT.
 */
gboolean st_write_create_api (StWriter *writer, const StApiIdentity *identity, const StApiDesign *design,
                              const char *user, gboolean is_default, gint64 *api_id, GError **error);

/* Keeps CREATED_TIME; URL mappings, scopes and resource scopes are deleted and inserted anew. */
gboolean st_write_update_api (StWriter *writer, gint64 api_id, const StApiDesign *design, GError **error);

/* Refused while there are subscriptions other than those that ended in UN_SUBSCRIBE. */
gboolean st_write_delete_api (StWriter *writer, gint64 api_id, GError **error);

/* An API as it is stored. */
typedef struct
{
  gint64 id;
  StApiIdentity identity; /* texts belong to this; "" for NULL */
  char *context;          /* "" for NULL */
} StStoredApi;

void st_stored_api_free (StStoredApi *api);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StStoredApi, st_stored_api_free)

/* For the writes around APIs: locks the API and the other versions of its name until the end of the transaction, so
 * that what is decided about them is decided by one at a time. NULL with ST_ERROR_CONFLICT where there is none. */
StStoredApi *st_write_lock_api (StWriter *writer, gint64 api_id, GError **error);

G_END_DECLS
#endif
