/* A key store and a user store in memory, scripted by tests: records are put in, failures and waits ordered, calls
 * counted.
 * Matches by exact bytes, user names without case; SUBS_CREATE_STATE and policies are not its business: what is put
 * in is found.
 * Threads: any. */
#ifndef FAKE_STORE_H
#define FAKE_STORE_H

#include "store/st-key-store.h"
#include "store/st-user-store.h"

G_BEGIN_DECLS

typedef struct _FakeStore FakeStore;

typedef enum
{
  FAKE_TOKEN,
  FAKE_SUBSCRIPTION,
  FAKE_RESOURCES,
  FAKE_SCOPE,
  FAKE_API_DEFAULT,
  FAKE_TENANT, /* by domain and by id */
  FAKE_USER,   /* by name and by id */
  FAKE_ROLES,
  FAKE_PERMISSIONS,
  FAKE_N_KINDS,
} FakeKind;

FakeStore *fake_store_new (void);
void fake_store_free (FakeStore *fake);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FakeStore, fake_store_free)

/* (transfer none): live as long as the fake; freeing them does nothing. */
StKeyStore *fake_store_keys (FakeStore *fake);
StUserStore *fake_store_users (FakeStore *fake);

/* Every record is (transfer full) and takes the place of one with the same key. */
void fake_store_add_token (FakeStore *fake, const char *access_token, StToken *token);
void fake_store_remove_token (FakeStore *fake, const char *access_token);
/* Found by context, subscription->api_version, consumer key and tenant of the API. */
void fake_store_add_subscription (FakeStore *fake, const char *context, const char *consumer_key, gint api_tenant_id,
                                  StSubscription *subscription);
void fake_store_add_resources (FakeStore *fake, const char *context, const char *version, StResources *resources);
void fake_store_add_scope (FakeStore *fake, const char *resource_path, StScope *scope);
void fake_store_remove_scope (FakeStore *fake, const char *resource_path);
void fake_store_add_api_default (FakeStore *fake, const char *context, StApiDefault *api);
void fake_store_add_tenant (FakeStore *fake, StTenant *tenant);
void fake_store_add_user (FakeStore *fake, StUser *user);
void fake_store_remove_user (FakeStore *fake, gint tenant_id, const char *name);
/* @roles: NULL-terminated, copied. */
void fake_store_set_roles (FakeStore *fake, gint tenant_id, const char *user_domain, const char *name,
                           const char *const *roles);

/* Of the action "ui.execute". */
void fake_store_add_permission (FakeStore *fake, gint tenant_id, const char *resource_id, const char *role_domain,
                                const char *role_name, gboolean allowed);

/* Whether a worker may call it itself; FALSE at first. */
void fake_store_set_reads_inline (FakeStore *fake, gboolean reads_inline);

/* The next @times calls of @kind fail with @code. */
void fake_store_fail (FakeStore *fake, FakeKind kind, StError code, guint times);
/* Calls of @kind wait until fake_store_release(), or fail with ST_ERROR_TIMEOUT at their deadline. */
void fake_store_hold (FakeStore *fake, FakeKind kind);
void fake_store_release (FakeStore *fake, FakeKind kind);
/* Blocks until @n calls of @kind are held. */
void fake_store_wait_held (FakeStore *fake, FakeKind kind, guint n);
/* Calls of @kind so far, held and failed ones included. */
guint fake_store_calls (FakeStore *fake, FakeKind kind);

G_END_DECLS
#endif
