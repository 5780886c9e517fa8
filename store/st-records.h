/* What the store speaks in: records of the field, never rows. Each is immutable and reference counted with
 * g_atomic_rc_box (st_x_ref/st_x_unref); texts are UTF-8 and terminated; NULL where the column is NULL, unless said.
 * Tables and columns: spec/databases.md 3-6. */
#ifndef ST_RECORDS_H
#define ST_RECORDS_H

#include <glib.h>

G_BEGIN_DECLS

#define ST_SUPER_TENANT_ID (-1234)
#define ST_SUPER_TENANT_DOMAIN "carbon.super"
#define ST_PRIMARY_USER_DOMAIN "PRIMARY"

/* An ACTIVE access token (spec/databases.md 5.2). */
typedef struct
{
  char *consumer_key;  /* not NULL */
  char *user_name;     /* AUTHZ_USER, bare; not NULL */
  gint tenant_id;      /* of the user; 0, which no tenant has: not known */
  gboolean of_jwt_application; /* TOKEN_TYPE of the client's application is JWT: never before 2.5 */
  char *user_domain;   /* "PRIMARY" or the secondary user store's name; not NULL */
  char *user_type;     /* APPLICATION or APPLICATION_USER */
  gint64 issued_ms;    /* TIME_CREATED, epoch */
  gint64 validity_ms;  /* VALIDITY_PERIOD; < 0 or G_MAXINT64: never expires */
  char **scopes;       /* NULL-terminated, not NULL, may be empty */
} StToken;

/* A subscription as validation sees it: AM_SUBSCRIPTION with its application, subscriber, key mapping, API and, with
 * advanced throttling, policies (spec/databases.md 5.4). */
typedef struct
{
  char *subscriber;     /* AM_SUBSCRIBER.USER_ID */
  char *tier;           /* TIER_ID */
  char *status;         /* SUB_STATUS */
  char *create_state;   /* SUBS_CREATE_STATE */
  gint application_id;
  char *application_name;
  char *application_tier;
  char *key_type;       /* PRODUCTION, SANDBOX */
  char *api_name;
  char *api_provider;
  char *api_version;
  char *api_tier;       /* AM_API.API_TIER */
  gboolean has_policy;  /* advanced throttling is on, and the tier's policy exists or the database is from before
                         * policies (1.x); the fields below are policies', 0 and NULL in 1.x */
  gint rate_limit_count;
  char *rate_limit_unit;
  gboolean stop_on_quota_reach;
  gboolean content_aware; /* any policy in use counts bytes (5.6, last paragraph) */
} StSubscription;

/* One verb of one resource of an API (spec/databases.md 5.6), in URL_MAPPING_ID order. */
typedef struct
{
  char *url_pattern;
  char *http_method;
  char *auth_scheme;
  char *throttling_tier;
  char *applicable_level; /* of the tier's policy; NULL without */
  char **conditions;      /* "_condition_<id>" in id order, then "_default"; NULL without condition groups */
} StResource;

typedef struct
{
  GPtrArray *resources; /* of StResource; may be empty */
} StResources;

/* The scope that protects a resource (spec/databases.md 5.7). */
typedef struct
{
  char *key;    /* not NULL */
  char **roles; /* NULL-terminated, not NULL; empty: everybody with the scope */
} StScope;

/* Found by context alone: the API whose context this is, and its default version (spec/databases.md 5.5). */
typedef struct
{
  char *api_name;
  char *api_version;
  char *default_version; /* PUBLISHED_DEFAULT_API_VERSION; NULL without */
} StApiDefault;

typedef struct
{
  gint id; /* ST_SUPER_TENANT_ID for carbon.super */
  char *domain;
  gboolean active;
} StTenant;

/* spec/databases.md 6.1, 6.2. */
typedef struct
{
  gint id; /* UM_ID */
  gint tenant_id;
  char *name;
  char *password_hash; /* never logged */
  char *salt;          /* NULL: not salted */
  gboolean require_change;
  gint64 changed_ms; /* UM_CHANGED_TIME, epoch */
} StUser;

StToken *st_token_new (void);
StToken *st_token_ref (StToken *token);
void st_token_unref (StToken *token);
StSubscription *st_subscription_new (void);
StSubscription *st_subscription_ref (StSubscription *subscription);
void st_subscription_unref (StSubscription *subscription);
StResources *st_resources_new (void);
/* (transfer none): a new, empty element at the end. */
StResource *st_resources_add (StResources *resources);
StResources *st_resources_ref (StResources *resources);
void st_resources_unref (StResources *resources);
StScope *st_scope_new (void);
StScope *st_scope_ref (StScope *scope);
void st_scope_unref (StScope *scope);
StApiDefault *st_api_default_new (void);
StApiDefault *st_api_default_ref (StApiDefault *api);
void st_api_default_unref (StApiDefault *api);
StTenant *st_tenant_new (void);
StTenant *st_tenant_ref (StTenant *tenant);
void st_tenant_unref (StTenant *tenant);
StUser *st_user_new (void);
StUser *st_user_ref (StUser *user);
void st_user_unref (StUser *user);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (StToken, st_token_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StSubscription, st_subscription_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StResources, st_resources_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StScope, st_scope_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StApiDefault, st_api_default_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StTenant, st_tenant_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StUser, st_user_unref)

G_END_DECLS
#endif
