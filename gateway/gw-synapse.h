/* The files of WSO2's mediation engine, read: API, endpoint and sequence definitions as the
 * generations 1.9-2.6 write them (spec/gateway-and-traffic-manager.md 5.3). They come from a folder or from a
 * Publisher's SOAP call; both are strangers' bytes.
 *
 * Refused, with file, line and the reason: XML that is not well-formed, any DOCTYPE, files over 4 MiB,
 * elements and attributes that this gateway does not carry out. Attributes that only describe or trace are
 * let through. Response caching (mediator cache) is not done: that is noted, because answers stay right.
 *
 * **The two <handlers>** (5.3): every template writes a second block behind the first, and a BLOCKED API has
 * that one alone. The engine obeys the first. So do we, and an API that has resources which send calls on,
 * but no authentication handler, is refused unless it is one of the engine's own (token APIs, default
 * versions) or its file says that it is a prototype: an API must not be open because a block was lost.
 *
 * **The token APIs** (4) name their backend by two properties, keyManager.hostname and keyManager.port. Those never change
 * while a gateway runs, so the address is put together when the file is read: nothing that a request says can choose it,
 * and a file that sets uri.var.hostname or uri.var.portnum from anything else as well is refused. Several Key Managers make
 * a group that fails over.
 *
 * Threads: pure functions. Fuzz target: tests/fuzz/fuzz-synapse.c. */
#ifndef GW_SYNAPSE_H
#define GW_SYNAPSE_H

#include "gateway/gw-api.h"
#include "gateway/gw-key-managers.h"

G_BEGIN_DECLS

/* What other files define; each answers with a new reference, NULL: there is none of that name. */
typedef struct
{
  GwEndpoint *(*endpoint) (gpointer data, const char *key);
  GwSequence *(*sequence) (gpointer data, const char *key);
  gpointer data;
  const GPtrArray *key_managers; /* (element-type GwKeyManager) (nullable): where the token APIs go; NULL: nowhere */
} GwSynapseKeys;

/* @label: how messages name the file. @notes: (element-type utf8): what is not done though the file asks for
 * it, a sentence each, with the place. NULL with APIM_CONFIG_ERROR. */
GwApi *gw_synapse_read_api (const char *label, const char *bytes, gsize length, const GwSynapseKeys *keys,
                            GPtrArray *notes, GError **error);

/* A file of the folder endpoints/: its one endpoint, named. */
GwEndpoint *gw_synapse_read_endpoint (const char *label, const char *bytes, gsize length,
                                      const GwSynapseKeys *keys, GError **error);

/* A file of the folder sequences/. @name: (out) (transfer full). */
GwSequence *gw_synapse_read_sequence (const char *label, const char *bytes, gsize length,
                                      const GwSynapseKeys *keys, char **name, GPtrArray *notes,
                                      GError **error);

G_END_DECLS
#endif
