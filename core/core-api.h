/* CoreApi: an API as the Publisher and the Store know it (spec/publisher-store-workflows.md 1.1).
 *
 * A plain record: whoever holds it owns all texts and may change them. Texts are UTF-8 and NULL where there
 * is none; lists are NULL-terminated, and NULL is an empty one unless said. Which rules hold is in
 * core-api-rules.h; what is done with APIs in core-api-read.h, -write.h and -lifecycle.h. Threads: one per record. */
#ifndef CORE_API_H
#define CORE_API_H

#include <glib.h>

G_BEGIN_DECLS

/* One verb of one resource. */
typedef struct
{
  char *url_pattern;      /* begins with "/" */
  char *verb;             /* upper case */
  char *auth_type;        /* as stored: None, Application, Application_User, Any */
  char *throttling_tier;  /* NULL: Unlimited */
  char *scope;            /* (nullable): key of one of the API's scopes */
  char *mediation_script; /* (nullable) */
} CoreApiResource;

typedef struct
{
  char *key;
  char *name; /* for people; NULL: the key */
  char *description;
  char **roles; /* none: everybody with the scope */
} CoreApiScope;

typedef struct
{
  gboolean enabled;
  gboolean allow_credentials;
  char **allow_origins;
  char **allow_headers;
  char **allow_methods;
} CoreApiCors;

/* How the gateway logs in to the endpoint. */
typedef enum
{
  CORE_ENDPOINT_SECURITY_NONE,
  CORE_ENDPOINT_SECURITY_BASIC,
  CORE_ENDPOINT_SECURITY_DIGEST,
} CoreEndpointSecurity;

typedef struct _CoreApi
{
  /* Who it is: set by create, never changed. */
  gint64 id;      /* API_ID; 0: not stored yet */
  char *uuid;     /* NULL: found in AM_API without an artifact of ours */
  char *provider; /* full user name, with a real "@" */
  char *name;
  char *version;
  gint tenant_id; /* of the provider; 0: of another tenant than the actor's, of which only the domain is known */
  char *tenant_domain;

  /* With its "{version}", without "/t/<domain>": "/weather/{version}". What is stored and served is
   * core_api_context(). */
  char *context_template;
  char *status; /* CREATED, PROTOTYPED, PUBLISHED, BLOCKED, DEPRECATED, RETIRED; changed by the lifecycle only
                 */
  char *type;   /* HTTP or WS */
  char *description;
  char **tags;
  char *visibility;       /* public, private, restricted, controlled */
  char **visible_roles;   /* of restricted */
  char **visible_tenants; /* of controlled */
  char *access_control;   /* all or restricted: who sees it in the Publisher */
  char **access_control_roles;

  char **tiers;      /* subscription tiers that are offered */
  char *api_tier;    /* (nullable): advanced policy of the whole API */
  char **transports; /* http, https; NULL: both */
  GPtrArray
      *resources;    /* (element-type CoreApiResource): in the order in which gateways try them; never NULL */
  GPtrArray *scopes; /* (element-type CoreApiScope); never NULL */
  char *definition;  /* the OpenAPI document as text, JSON; NULL: made from the resources when asked for */

  char *endpoint_config; /* JSON text (core-endpoint.h); NULL: none yet */
  CoreEndpointSecurity endpoint_security;
  char *endpoint_user;
  char *endpoint_password; /* a secret: never in a log, an error or an export */
  char *implementation;    /* ENDPOINT or INLINE */
  char *in_sequence;       /* names of mediation sequences */
  char *out_sequence;
  char *fault_sequence;
  char *wsdl_url;
  char *wadl_url;

  gboolean is_default_version;           /* the version that was chosen for calls without one */
  gboolean is_published_default_version; /* the one that gateways serve for them now */
  char **environments;                   /* of gateways; NULL: all there are; empty: none ("none") */
  CoreApiCors cors;
  gboolean response_caching;
  guint cache_timeout_s; /* CORE_API_CACHE_TIMEOUT_S unless said */
  gboolean destination_stats;
  guint64 production_max_tps; /* calls per second to the endpoint; 0: no limit */
  guint64 sandbox_max_tps;
  char *subscription_availability; /* current_tenant, all_tenants, specific_tenants */
  char **subscription_tenants;     /* domains, of specific_tenants */
  char *authorization_header;      /* (nullable): instead of "Authorization" */
  char *api_security;              /* oauth2, mutualssl or both with a comma; NULL: oauth2 */
  char **gateway_labels;

  char *business_owner;
  char *business_owner_email;
  char *technical_owner;
  char *technical_owner_email;
  gboolean advertise_only; /* described here, served elsewhere */
  char *redirect_url;
  char *api_owner;
  char *additional_properties; /* (nullable): a JSON object as text */

  char *thumbnail_type; /* media type of the thumbnail; NULL: there is none */
  gint64 created_ms;    /* epoch */
  gint64 updated_ms;
  gint64 revision; /* grows with every change of the artifact: with the UUID it makes the ETag; 0: none */
} CoreApi;

#define CORE_API_CACHE_TIMEOUT_S 300

/* An API of nothing but the defaults: HTTP, public, ENDPOINT, current_tenant, access control "all". */
CoreApi *core_api_new (void);
CoreApi *core_api_copy (const CoreApi *api);
void core_api_free (CoreApi *api);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CoreApi, core_api_free)

/* (transfer none): a new one at the end, whose texts are copied. @auth_type: NULL: Any. */
CoreApiResource *core_api_add_resource (CoreApi *api, const char *verb, const char *url_pattern,
                                        const char *auth_type);
CoreApiScope *core_api_add_scope (CoreApi *api, const char *key, const char *name, const char *const *roles);
/* (nullable) (transfer none) */
const CoreApiScope *core_api_find_scope (const CoreApi *api, const char *key);

/* What the gateway serves: "/t/<domain>" for a tenant's, and the version in its place. Free with g_free(). */
char *core_api_context (const CoreApi *api);
/* The same with "{version}" (CONTEXT_TEMPLATE as WSO2's design gives it). */
char *core_api_full_template (const CoreApi *api);
/* "provider-name-version" with "-AT-" for "@": WSO2's other id of an API. Free with g_free(). */
char *core_api_identifier (const CoreApi *api);
/* "NAME-VERSION" for messages. Free with g_free(). */
char *core_api_label (const CoreApi *api);
/* A strong entity tag, without quotes; changes with the artifact and the lifecycle state. Free with g_free().
 */
char *core_api_etag (const CoreApi *api);

/* "@" for "-AT-" and the other way round (APIConstants of WSO2). Free with g_free(). */
char *core_api_provider_decode (const char *text);
char *core_api_provider_encode (const char *provider);

/* Whether @state is one in which gateways serve the API: PUBLISHED, PROTOTYPED, BLOCKED, DEPRECATED. */
gboolean core_api_state_is_deployed (const char *state);

/* Lists and texts of the record: replaces *@to by a copy. @from may be *@to. */
void core_api_set_text (char **to, const char *from);
void core_api_set_list (char ***to, const char *const *from);
/* "a, b" of forms and columns: trimmed, without empty ones and doubles. Returns NULL for none. Free with
 * g_strfreev(). */
char **core_api_list_from_text (const char *text, const char *separator);
/* Joined again; NULL for an empty list. Free with g_free(). */
char *core_api_list_to_text (const char *const *list, const char *separator);

G_END_DECLS
#endif
