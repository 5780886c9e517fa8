/* What an API must look like (spec/publisher-store-workflows.md 2): pure rules, which find every violation at
 * once. The duplicates of names, contexts and scopes are the database's to find. Threads: pure functions. */
#ifndef CORE_API_RULES_H
#define CORE_API_RULES_H

#include "core/core-api.h"

G_BEGIN_DECLS

/* Characters, as the columns of 2.6 hold them. */
#define CORE_API_MAX_NAME 200
#define CORE_API_MAX_VERSION 30
#define CORE_API_MAX_CONTEXT 256
#define CORE_API_MAX_URL_PATTERN 512
#define CORE_API_MAX_TIER 256
#define CORE_API_MAX_SCOPE_KEY 255
#define CORE_API_MAX_DESCRIPTION 20000
#define CORE_API_MAX_TAG 255
#define CORE_API_MAX_RESOURCES 2000
#define CORE_API_MAX_SCOPES 500
/* Bytes of the artifact's long texts. */
#define CORE_API_MAX_DEFINITION (4 * 1024 * 1024)
#define CORE_API_MAX_ENDPOINT_CONFIG (256 * 1024)

/* Characters that names and versions may not have; servers from 3.0 refuse more of them, which APIs of 2.6 may
 * have. */
#define CORE_API_ILLEGAL "~!@#;%^*+={}|<>\"',/\\"

/* What is asked beyond what every API must have. */
typedef enum
{
  CORE_API_NEEDS_ENDPOINT = 1 << 0, /* "Endpoint Configuration is missing": one-shot creation, publication */
  CORE_API_NEEDS_TIER = 1 << 1,     /* "No tier defined for the API": likewise */
} CoreApiNeeds;

/* What exists around the API; NULL: not known, so nothing is said about it. */
typedef struct
{
  const char *const *tiers;        /* subscription tiers of the tenant */
  const char *const *api_policies; /* advanced policies: of the whole API and of resources */
  const char *const *environments;
  const char *const *own_environments; /* of these: whose gateway is this product's, which does not do all that WSO2's do */
} CoreApiSurroundings;

/* Brings what users write into the form that is stored: blanks at the ends of name, version and context go,
 * "/" in front of the context and of URL patterns, "/{version}" behind a context that has no place for it,
 * verbs in upper case, auth types as they are stored ("Application & Application User" -> Any), visibility
 * and the like in lower case, roles of another visibility than restricted dropped, a sequence "none" unset.
 * What breaks a rule stays as it is, for core_api_check() to name. */
void core_api_normalize (CoreApi *api);

/* Adds every violation to @violations (core-portal.h); field names are REST v0.14's. @api: normalized. */
void core_api_check (const CoreApi *api, guint needs, const CoreApiSurroundings *around,
                     GPtrArray *violations);

/* For an API that is made: gateways, WSO2's too, keep it in files named PROVIDER--NAME_vVERSION.xml and
 * NAME--vVERSION_APIproductionEndpoint.xml, and a file's name has 255 bytes. An API that is there already is left in peace:
 * its names never change. @api: normalized, with its provider. */
void core_api_check_file_names (const CoreApi *api, GPtrArray *violations);

/* Parts of it, for the front ends that have a part only. */
void core_api_check_name (const char *name, GPtrArray *violations);
void core_api_check_version (const char *name, const char *version, GPtrArray *violations);
/* @template: as in CoreApi; @name: of the API, for the message. */
void core_api_check_context (const char *name, const char *template, GPtrArray *violations);

/* As stored, for what forms, Swagger and columns write ("Application & Application User", "any"...); NULL for
 * anything else. */
const char *core_api_auth_type (const char *text);
/* As forms and Swagger write it, for a stored one. */
const char *core_api_auth_type_text (const char *stored);
/* "100": a limit of calls per second in a form or an archive (^[0-9]+$); none, or an empty one, is 0: no
 * limit. */
gboolean core_api_parse_tps (const char *text, guint64 *tps);
/* GET, POST, PUT, DELETE, PATCH, HEAD or OPTIONS, in upper case. */
gboolean core_api_is_verb (const char *verb);

G_END_DECLS
#endif
