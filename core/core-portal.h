/* What every workflow of the Publisher, the Store and the administration needs, and how it fails.
 *
 * A workflow is a function of core/ that gets a CorePortal and a CoreActor (core-actor.h), checks the actor's
 * permission, runs one transaction, and is safe to repeat. Front ends (portal/, apimctl) turn requests into
 * its records and its errors into statuses; they hold no rule of their own. Threads: a CorePortal does not
 * change while it is used; any number of threads may share one. Workflows block on the database and, where
 * they deploy, on gateways: run them on a pool. */
#ifndef CORE_PORTAL_H
#define CORE_PORTAL_H

#include "common/apim-clock.h"
#include "common/apim-config.h"
#include "common/apim-workflow.h"
#include "core/core-actor.h"
#include "store/st-writer.h"

G_BEGIN_DECLS

/* Messages are sentences for people: what, why, what to do. */
#define CORE_PORTAL_ERROR (core_portal_error_quark ())
GQuark core_portal_error_quark (void);
typedef enum
{
  CORE_PORTAL_ERROR_INVALID, /* 400: the input breaks rules; core_portal_error_violations() has all of them */
  CORE_PORTAL_ERROR_FORBIDDEN, /* 403: the actor may not */
  CORE_PORTAL_ERROR_NOT_FOUND, /* 404: not there, or not for this actor's eyes */
  CORE_PORTAL_ERROR_CONFLICT, /* 409: what is there stands against it: a duplicate, a state, a subscription */
  CORE_PORTAL_ERROR_PRECONDITION, /* 412: it is not what the caller saw (ETag) */
  CORE_PORTAL_ERROR_PARTIAL, /* done here, but some gateway failed; core_portal_error_failures() says which */
  CORE_PORTAL_ERROR_UNAVAILABLE, /* 503: the database is away or under siege: again later */
  CORE_PORTAL_ERROR_FAILED,      /* 500: anything else */
} CorePortalError;

/* One rule that the input breaks. */
typedef struct
{
  char *field;   /* as REST v0.14 names it: "name", "tiers", "resources[2].verb" */
  char *message; /* a sentence that can stand alone; WSO2's words where it has some */
} CoreViolation;

/* (element-type CoreViolation): an empty list that owns what is added. */
GPtrArray *core_violations_new (void);
void core_violations_add (GPtrArray *violations, const char *field, const char *format, ...)
    G_GNUC_PRINTF (3, 4);
/* Adds one where @text (nullable: none) is not UTF-8, or longer than @limit characters. */
void core_violations_check_text (GPtrArray *violations, const char *field, const char *text, glong limit);
/* TRUE when there is none; else sets CORE_PORTAL_ERROR_INVALID, which keeps a copy of them. */
gboolean core_violations_check (GPtrArray *violations, GError **error);

typedef enum
{
  CORE_DEPLOYER_PUBLISH, /* PUBLISHED of WSO2's two maps: what was to be brought to the gateway */
  CORE_DEPLOYER_REMOVE,  /* UNPUBLISHED: what was to be taken from it */
} CoreDeployerAction;

/* One gateway environment that did not do what it was told. */
typedef struct
{
  char *environment;
  CoreDeployerAction action;
  char *reason;
  gboolean unreachable; /* it gave no answer, and would give none to the next call */
} CoreDeployerFailure;

/* What an environment has of an API, against what it should have in the API's state. */
typedef enum
{
  CORE_PRESENCE_UNKNOWN, /* it did not say */
  CORE_PRESENCE_MISSING,
  CORE_PRESENCE_THERE,   /* it is there; what it looks like cannot be seen */
  CORE_PRESENCE_CURRENT, /* it is there, as it should be */
  CORE_PRESENCE_OUTDATED,
  CORE_PRESENCE_NONE,    /* it is not there, nor should it be */
  CORE_PRESENCE_SURPLUS, /* it is there, and should not be */
} CorePresence;

/* (element-type CoreDeployerFailure): an empty list that owns what is added. What is added is handed out
 * (transfer none), for what more there is to say of it. */
GPtrArray *core_deployer_failures_new (void);
CoreDeployerFailure *core_deployer_failures_add (GPtrArray *failures, const char *environment,
                                                 CoreDeployerAction action, const char *reason);

/* What an error of this domain carries; NULL for other codes and domains. Borrowed from @error. */
const GPtrArray *core_portal_error_violations (const GError *error);
const GPtrArray *core_portal_error_failures (const GError *error);

/* Sets CORE_PORTAL_ERROR_PARTIAL with a copy of @failures; always FALSE. @done: what was done nevertheless:
 * "the API is PUBLISHED". */
gboolean core_portal_fail_partial (const GPtrArray *failures, const char *done, GError **error);
/* Sets @code; always FALSE. */
gboolean core_portal_fail (GError **error, CorePortalError code, const char *format, ...)
    G_GNUC_PRINTF (3, 4);
/* @why: (transfer full): an error of the store becomes one of this domain with the same message; one of this
 * domain stays. Always FALSE. */
gboolean core_portal_fail_store (GError *why, GError **error);

struct _CoreApi;

/* Who brings APIs to gateways; deployment/ implements it, tests record it. Calls block, up to the deadline
 * that the implementation gives each environment; it may ask environments in parallel, but returns when all
 * have answered. A call repeated is a call done once. Threads: any. */
typedef struct _CoreDeployer CoreDeployer;
struct _CoreDeployer
{
  /* The names of all environments, in the order of the configuration. (transfer none), NULL-terminated, as
   * long as the deployer lives. */
  const char *const *(*environments) (CoreDeployer *deployer);
  /* Brings @api in its present state to each of @environments: the API's file, and where
   * api->is_published_default_version holds the version-less one of its name too. What fails is added to
   * @failures. */
  void (*publish) (CoreDeployer *deployer, const struct _CoreApi *api, const char *const *environments,
                   GPtrArray *failures);
  /* Takes the API's own file away, not the version-less one. */
  void (*remove) (CoreDeployer *deployer, const struct _CoreApi *api, const char *const *environments,
                  GPtrArray *failures);
  /* Takes the version-less file of the API's name away, whichever version it led to. */
  void (*remove_default) (CoreDeployer *deployer, const struct _CoreApi *api, const char *const *environments,
                          GPtrArray *failures);
  /* Asks each of @environments what it has of @api; changes nothing. @presences: (out): one for each of them,
   * UNKNOWN where it is among the failures. */
  void (*look) (CoreDeployer *deployer, const struct _CoreApi *api, const char *const *environments,
                CorePresence *presences, GPtrArray *failures);
  /* Nullable. Those of environments() whose gateway is known to be this product's, as far as that is known without asking:
   * what it does not do is refused before it is stored. (transfer none), NULL-terminated, likewise. */
  const char *const *(*own_environments) (CoreDeployer *deployer);
};

/* A value: to try what a write would do, copy it and set dry_run. All is borrowed. */
typedef struct
{
  StDatabase *apis;      /* apimgtdb */
  StDatabase *user_rows; /* userdb, for writes of users; may be the same database */
  StUserStore *users;    /* userdb, for questions */
  const ApimClock *clock;
  CoreDeployer *deployer;       /* (nullable): there are no gateways */
  const ApimConfig *config; /* (nullable): nobody gets keys: identity.xml says how long tokens live */
  struct _CoreCatalogue *catalogue; /* (nullable): every list is read from the tables */
  guint64 *walked; /* (nullable): counts, atomically, the APIs of which gateways were asked or told one after the other */
  const ApimWorkflowSettings *workflows; /* (nullable): nothing waits for approval */
  gboolean advanced_throttling; /* api-manager.xml: tiers are policies in the database */
  /* (nullable): of each token that was ended, once that is committed. Any thread; never blocks. @access_token: as it is
   * stored. */
  void (*token_ended) (gpointer data, const char *access_token, const char *consumer_key);
  gpointer token_ended_data;
  gboolean shows_deprecated; /* DisplayMultipleVersions/DisplayAllAPIs: the Store lists DEPRECATED APIs too */
  /* Everything is checked and written in a transaction that is rolled back; nothing is deployed, no audit is
   * kept. */
  gboolean dry_run;
} CorePortal;

/* st_write() of @portal->apis, with errors of this domain; rolls back where it is a dry run. @work returns
 * errors of the store or of this domain. */
gboolean core_portal_write (const CorePortal *portal, StWork work, gpointer data, GError **error);
/* st_read(), likewise. */
gboolean core_portal_read (const CorePortal *portal, StWork work, gpointer data, GError **error);
/* st_write_users() of @portal->user_rows, likewise. */
gboolean core_portal_write_users (const CorePortal *portal, StWork work, gpointer data, GError **error);

/* Tells whom it concerns of StOauthTokens of one client that were ended in a transaction that is over now; nothing in a dry
 * run. @tokens: (nullable). */
void core_portal_tokens_ended (const CorePortal *portal, const GPtrArray *tokens, const char *consumer_key);

/* The record of who did what, written behind a workflow that succeeded: a line of the log's area "audit", of
 * which an audit can be made. @action: "create", "update", "publish"...; @type: "API", "application"...;
 * @object: its name for people; @details: (nullable): never a secret. Nothing in a dry run. */
void core_portal_audit (const CorePortal *portal, const CoreActor *actor, const char *action,
                        const char *type, const char *object, const char *details);

G_END_DECLS
#endif
