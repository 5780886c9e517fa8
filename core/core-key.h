/* Keys of applications: the OAuth client of each type, and the application tokens that the Store gives with it
 * (spec/publisher-store-workflows.md 1.3, 6.6-6.9, spec/databases.md 9). One transaction makes the request, the client,
 * the mapping and the token. By the owner of the application, or the tenant's API administrators.
 *
 * A consumer secret is handed out by the call that made it, and by no other; so is a token.
 * Errors: CORE_PORTAL_ERROR. Threads: any; calls block. */
#ifndef CORE_KEY_H
#define CORE_KEY_H

#include "core/core-portal.h"
#include "core/core-token-issuer.h"
#include "store/st-key-record.h"

G_BEGIN_DECLS

#define CORE_KEY_MAX_DOMAINS 100

typedef struct
{
  StKeyRecord *key;
  StOauthClient *client;  /* nullable: there is none yet, or no longer. Its secret: NULL unless it was made just now */
  CoreTokenIssued issued; /* empty unless one was issued just now; .text is NULL where the application's tokens are
                           * JWTs: those come from the token endpoint */
} CoreKey;

void core_key_free (CoreKey *key); /* wipes the secrets */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CoreKey, core_key_free)

/* Texts are borrowed. */
typedef struct
{
  const char *application;        /* id */
  const char *type;               /* PRODUCTION or SANDBOX */
  const char *callback_url;       /* NULL: the application's */
  const char *const *grant_types; /* NULL-terminated; NULL: all that are served but the password grant. Those that need a
                                   * callback are left out without one */
  const char *const *scopes;      /* NULL-terminated; NULL: none. Those of the application's APIs are granted whose roles
                                   * the user has */
  const char *const *domains;     /* NULL-terminated: where the keys may be used; NULL: ALL */
  const char *validity;           /* of the token in seconds; NULL, "" or "-1": the server's; less: it never expires */
} CoreKeyRequest;

/* *key: (transfer full). In the state CREATED where its registration waits for approval (core-workflow.h): then the same
 * call, after the approval, makes the client of what was asked for at first. Keys that are there already, or were
 * rejected, are CORE_PORTAL_ERROR_CONFLICT. */
gboolean core_key_generate (const CorePortal *portal, const CoreActor *actor, const CoreKeyRequest *request,
                            CoreKey **key, GError **error);

/* *key: (transfer full): without secret and token. */
gboolean core_key_get (const CorePortal *portal, const CoreActor *actor, const char *application, const char *type,
                       CoreKey **key, GError **error);
/* The same of the key that this client is. One that is not there, and one of somebody else's, is
 * CORE_PORTAL_ERROR_NOT_FOUND alike. */
gboolean core_key_get_client (const CorePortal *portal, const CoreActor *actor, const char *consumer_key, CoreKey **key,
                              GError **error);
/* Of both types. *keys: (transfer full) (element-type CoreKey). */
gboolean core_key_list (const CorePortal *portal, const CoreActor *actor, const char *application, GPtrArray **keys,
                        GError **error);

/* Callback URL, grant types and domains of @request; what is NULL stays. Not of a mapped client, which is not the
 * application's. */
gboolean core_key_update (const CorePortal *portal, const CoreActor *actor, const CoreKeyRequest *request,
                          CoreKey **key, GError **error);

/* Takes an existing client of the same owner for the application; with its secret, which is not handed out again.
 * A client that is some application's is CORE_PORTAL_ERROR_CONFLICT; again the same is done already. */
gboolean core_key_map (const CorePortal *portal, const CoreActor *actor, const CoreKeyRequest *request,
                       const char *consumer_key, const char *consumer_secret, CoreKey **key, GError **error);

/* A new consumer secret; the old one is worth nothing any more, tokens stay. Not of a mapped client. */
gboolean core_key_regenerate_secret (const CorePortal *portal, const CoreActor *actor, const char *application,
                                     const char *type, CoreKey **key, GError **error);

/* Ends every token of the keys, whoever's it is; keys and secret stay. *n_users: (out): whose tokens were looked at. Not of
 * a mapped client. */
gboolean core_key_revoke_tokens (const CorePortal *portal, const CoreActor *actor, const char *application,
                                 const char *type, guint *n_users, GError **error);

/* Takes back a request that did not come to an end, with the task that waits for it, so that keys can be asked for
 * again. Where there is none, there is nothing to do. */
gboolean core_key_clean_up (const CorePortal *portal, const CoreActor *actor, const char *application, const char *type,
                            GError **error);

/* A new application token with the validity and scopes of @request, in the place of the one of the same scopes, which is
 * revoked. */
gboolean core_key_refresh_token (const CorePortal *portal, const CoreActor *actor, const CoreKeyRequest *request,
                                 CoreKey **key, GError **error);

G_END_DECLS
#endif
