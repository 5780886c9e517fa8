/* The gateway environments of api-manager.xml: where gateways are, for those who deploy to them and who tell
 * them of revocations (spec/distributed-deployment.md 3, spec/gateway-and-traffic-manager.md 5.1, 10).
 *
 * APIGateway/Environments/Environment; where there is none, APIGateway itself, as the first releases had it.
 * Threads: immutable once read. */
#ifndef APIM_ENVIRONMENTS_H
#define APIM_ENVIRONMENTS_H

#include "common/apim-config.h"
#include "common/apim-xml.h"

G_BEGIN_DECLS

/* At most this many; more are an error. */
#define APIM_ENVIRONMENTS_MAX 64
/* The name of the one that has none, in the form of the first releases; also what WSO2 calls its own. */
#define APIM_ENVIRONMENT_STANDARD_NAME "Production and Sandbox"

typedef enum
{
  APIM_ENVIRONMENT_HYBRID, /* serves keys of both types */
  APIM_ENVIRONMENT_PRODUCTION,
  APIM_ENVIRONMENT_SANDBOX,
} ApimEnvironmentType;

typedef struct
{
  char *name;
  char *description; /* nullable */
  ApimEnvironmentType type;
  gboolean api_console; /* whether the Store's console offers it */
  char *server_url;     /* https, of the services: "https://gw:9443/services/", with the final slash */
  char *user;           /* nullable */
  /* Nullable: none is known, because it is missing, WSO2's vault holds it or it is a ${...} of nothing. That
   * is no error of the file: most nodes call no gateway. Never printed. */
  char *password;
  char *gateway_endpoint;    /* nullable: "http://gw:8280,https://gw:8243" */
  char *gateway_ws_endpoint; /* nullable: "ws://gw:9099" */
} ApimEnvironment;

void apim_environment_free (ApimEnvironment *environment);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ApimEnvironment, apim_environment_free)

/* The words of the file: "hybrid", "production", "sandbox". */
const char *apim_environment_type_text (ApimEnvironmentType type);

/* (transfer full) (nullable): the address of @scheme ("https") in gateway_endpoint, without a final slash. */
char *apim_environment_endpoint (const ApimEnvironment *environment, const char *scheme);

/* @xml: api-manager.xml. In the order of the file; names differ. Returns: (transfer full) (element-type
 * ApimEnvironment): perhaps empty; NULL with APIM_CONFIG_ERROR. Private to common/ and its tests: others take
 * ApimConfig.environments. */
GPtrArray *apim_environments_read (const ApimXml *xml, GError **error);

/* NULL: there is none of this name. (transfer none) */
const ApimEnvironment *apim_environments_find (const GPtrArray *environments, const char *name);

gboolean apim_environments_equal (const GPtrArray *a, const GPtrArray *b);

G_END_DECLS
#endif
