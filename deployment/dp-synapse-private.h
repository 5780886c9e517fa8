/* What the files of dp-synapse share. Private to deployment/. */
#ifndef DP_SYNAPSE_PRIVATE_H
#define DP_SYNAPSE_PRIVATE_H

#include "deployment/dp-synapse.h"
#include "deployment/dp-xml.h"

G_BEGIN_DECLS

/* The file that is being written. */
typedef struct
{
  DpXml *xml;
  const CoreApi *api;
  const CoreEndpointConfig *endpoints; /* nullable */
  ApimEnvironmentType type;
  const DpSettings *settings;
} DpSynapse;

/* Sends to one side: the login to the endpoint, then <send>. @number: of the resource. */
void dp_synapse_write_send (const DpSynapse *file, gboolean sandbox, guint number);

/* The resources of a prototype whose answers are scripts. */
void dp_synapse_write_prototype (const DpSynapse *file);

/* <resource> of @pattern, up to its content. */
void dp_synapse_begin_resource (const DpSynapse *file, const char *pattern, const char *methods);

/* <payloadFactory> with the fault @code; @type: (nullable): "Status report". */
void dp_synapse_write_fault (DpXml *xml, const char *code, const char *type, const char *message,
                             const char *description);

G_END_DECLS
#endif
