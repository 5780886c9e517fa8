/* The Key Managers of other nodes that a gateway asks, as api-manager.xml names them (spec/thrift-key-validation.md 5.1,
 * spec/gateway-and-traffic-manager.md 9.1): APIKeyValidator/ServerURL, one or several.
 *
 * Threads: main thread. */
#ifndef GW_KEY_MANAGERS_H
#define GW_KEY_MANAGERS_H

#include "common/apim-config.h"
#include "common/apim-status.h"
#include "gateway/gw-soap-validator.h"
#include "gateway/gw-thrift-validator.h"

G_BEGIN_DECLS

#define GW_KEY_MANAGERS_MAX 16

/* Where one's services are. */
typedef struct
{
  char *host; /* a name, or an address without brackets */
  guint16 port;
  char *path; /* "/services/": begins and ends with a slash */
} GwKeyManager;

void gw_key_manager_free (GwKeyManager *manager);

/* Reads ServerURL: https URLs with commas between. @urls: (nullable): that of this node, at @port.
 * Returns: (element-type GwKeyManager) (transfer full): at least one; NULL with APIM_CONFIG_ERROR_VALUE. */
GPtrArray *gw_key_managers_parse (const char *urls, guint16 port, GError **error);

typedef struct _GwKeyManagers GwKeyManagers;

/* The validator that @config asks for: SOAP, or Thrift with SOAP while no Key Manager answers over Thrift. @reactor, @upstream:
 * borrowed; the latter says whom connections believe, those of Thrift, too, and its time-out for connections counts for
 * logins.
 * NULL with APIM_CONFIG_ERROR_VALUE: which element cannot be used. */
GwKeyManagers *gw_key_managers_new (const ApimConfig *config, NetReactor *reactor, GwUpstream *upstream,
                                    GError **error);
/* After the workers have ended, before the upstream. */
void gw_key_managers_free (GwKeyManagers *managers);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwKeyManagers, gw_key_managers_free)

/* Counters "gateway.key_managers.*". */
void gw_key_managers_add_status (GwKeyManagers *managers, ApimStatus *status);

void gw_key_managers_read_thrift_counters (GwKeyManagers *managers, GwThriftCounters *counters);
void gw_key_managers_read_soap_counters (GwKeyManagers *managers, GwKeyAskCounters *counters);

/* (transfer none) */
GwKeyValidator *gw_key_managers_validator (GwKeyManagers *managers);

G_END_DECLS
#endif
