/* The secure vault of a gateway: passwords of endpoints that Publishers bring by doEncryption, and that APIs look up by
 * their alias (wso2:vault-lookup; spec/gateway-and-traffic-manager.md 5.1, 5.3). Each tenant has aliases of its own.
 *
 * They are kept in repository/resources/security/gateway-vault, mode 0600, one to a line: tenant, alias, and the password
 * encrypted with a key of the cluster key (AES-256-GCM; tenant and alias are authenticated with it). So the file may be
 * copied to other gateways of the cluster, and says nothing without the key. WSO2 keeps such passwords in its registry,
 * encrypted for a key of its own; those are not read.
 *
 * Threads: made and freed on the main thread, freed after the workers have ended; gw_vault_find() on workers; the rest from
 * any thread, and may block. */
#ifndef GW_VAULT_H
#define GW_VAULT_H

#include "gateway/gw-expression.h"

G_BEGIN_DECLS

#define GW_VAULT_MAX_ENTRIES 10000
#define GW_VAULT_MAX_NAME 256      /* bytes of an alias, and of a tenant's domain */
#define GW_VAULT_MAX_PASSWORD 4096 /* bytes */

typedef struct _GwVault GwVault;

/* Reads the file; a home without one has an empty vault. NULL with APIM_SECRET_ERROR: it is damaged, open to others, or
 * of another cluster. */
GwVault *gw_vault_new (const char *home, guint n_workers, GError **error);
void gw_vault_free (GwVault *vault);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwVault, gw_vault_free)

/* Reads the file again. FALSE: as above, and the vault is as it was. */
gboolean gw_vault_reload (GwVault *vault, GError **error);

/* Keeps a password, in the file and for calls from now on. FALSE: nothing changed. */
gboolean gw_vault_put (GwVault *vault, const char *domain, const char *alias, const char *password, GError **error);

/* text NULL: there is none. Lives until this worker asks again. Allocates nothing while the vault is the same. */
GwText gw_vault_find (GwVault *vault, guint worker, const char *domain, gsize domain_length, const char *alias);

G_END_DECLS
#endif
