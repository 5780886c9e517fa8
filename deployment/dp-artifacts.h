/* All that an API is on a gateway of one environment: files, and the names by which they are put there and
 * taken away. Threads: does not change once made. */
#ifndef DP_ARTIFACTS_H
#define DP_ARTIFACTS_H

#include "deployment/dp-synapse.h"

G_BEGIN_DECLS

#define DP_ARTIFACTS_N_SIDES 2 /* production, sandbox */

typedef struct
{
  /* Who it is; always there. */
  char *provider; /* as gateways have it: with "-AT-" */
  char *name;
  char *version;
  gint tenant_id;
  char *tenant_domain;
  char *api_name;                             /* "admin--Weather:v1.0.0" */
  char *default_name;                         /* "admin--Weather" */
  char *endpoint_names[DP_ARTIFACTS_N_SIDES]; /* since 2.5; else NULL */
  gboolean is_script;                         /* a prototype that answers by itself */

  /* What is to be there; NULL: is not to be there. */
  char *api;
  char *default_api;
  char *endpoints[DP_ARTIFACTS_N_SIDES];
  char *vault_alias;    /* with vault_password: what goes into the gateway's secure vault */
  char *vault_password; /* wiped when freed */
} DpArtifacts;

/* The names alone, for taking away. */
DpArtifacts *dp_artifacts_new_names (const CoreApi *api, const DpSettings *settings);
/* With the files of @api in its state, in an environment of @type. Where the API has an endpoint, but none of
 * that type, there are no files: it is not to be there. NULL with DP_SYNAPSE_ERROR, DP_XML_ERROR,
 * CORE_ENDPOINT_ERROR. */
DpArtifacts *dp_artifacts_new (const CoreApi *api, ApimEnvironmentType type, const DpSettings *settings,
                               GError **error);
void dp_artifacts_free (DpArtifacts *artifacts);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DpArtifacts, dp_artifacts_free)

G_END_DECLS
#endif
