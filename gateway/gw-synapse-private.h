/* What the readers of synapse files share. */
#ifndef GW_SYNAPSE_PRIVATE_H
#define GW_SYNAPSE_PRIVATE_H

#include "common/apim-xml.h"
#include "gateway/gw-synapse.h"

G_BEGIN_DECLS

/* One file being read. */
typedef struct
{
  const ApimXml *xml;
  const GwSynapseKeys *keys;
  GPtrArray *notes; /* nullable: of a file that has none */
  guint steps;      /* read so far */
  guint branches;   /* within each other, here */
  guint groups;     /* of endpoints, likewise */
  /* What properties that addresses may name were set to so far. */
  gboolean host_is_key_manager, port_is_key_manager, address_varies;
} GwSynapse;

/* A file whose element is @root. NULL with @error. */
ApimXml *gw_synapse_parse (const char *label, const char *bytes, gsize length, const char *root,
                           GError **error);
/* The element children, one after the other; NULL: no more. */
xmlNode *gw_synapse_next (xmlNode *parent, xmlNode *previous);
gboolean gw_synapse_is (const xmlNode *node, const char *name);
/* An attribute. Free with g_free(); NULL: it is not there. */
char *gw_synapse_attribute (xmlNode *node, const char *name);
/* Refuses attributes other than @known (ended by NULL) and those that only describe or trace. */
gboolean gw_synapse_check_attributes (const GwSynapse *synapse, xmlNode *node, const char *const *known,
                                      GError **error);
/* The text of an element that has no children, trimmed. */
char *gw_synapse_text (xmlNode *node);
/* A number that is the text of @node. */
gboolean gw_synapse_number (const GwSynapse *synapse, xmlNode *node, gint64 least, gint64 most,
                            gint64 *number, GError **error);
/* "this gateway does not run <NODE>" */
gboolean gw_synapse_refuse (const GwSynapse *synapse, xmlNode *node, GError **error);
/* What is not done though the file asks for it: a sentence for the notes. */
void gw_synapse_note (const GwSynapse *synapse, xmlNode *node, const char *format, ...) G_GNUC_PRINTF (3, 4);

/* <endpoint>, inline or by key. NULL with @error. */
GwEndpoint *gw_synapse_endpoint (GwSynapse *synapse, xmlNode *node, GError **error);
/* The mediators below @node. NULL with @error. */
GwSequence *gw_synapse_sequence (GwSynapse *synapse, xmlNode *node, GError **error);
/* <handlers>. */
gboolean gw_synapse_chain (const GwSynapse *synapse, xmlNode *node, GwChain *chain, GError **error);

G_END_DECLS
#endif
