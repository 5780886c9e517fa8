/* The resources of one API as its Key Manager lists them: what each asks of tokens, and its throttling tier
 * (spec/gateway-and-traffic-manager.md 1.5 item 6, 3). A copy of a getAllURITemplates answer.
 * Threads: one worker; immutable. */
#ifndef GW_RESOURCE_LIST_H
#define GW_RESOURCE_LIST_H

#include "thrift/tw-key-validation.h"

G_BEGIN_DECLS

typedef struct
{
  gint64 asked_us; /* monotonic: when the Key Manager was asked */
  guint n_templates;
  TwUriTemplate *templates;
  /*< private >*/
  guint references;
} GwResourceList;

/* Everything is copied, in one piece of memory. */
GwResourceList *gw_resource_list_new (const TwUriTemplate *templates, guint n_templates, gint64 asked_us);
GwResourceList *gw_resource_list_ref (GwResourceList *list);
void gw_resource_list_unref (GwResourceList *list);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwResourceList, gw_resource_list_unref)

/* The one of this pattern and verb (transfer none) (nullable): that which is written alike; else the first that is but for
 * one slash at its end; else the first that is but for case, too. So far go the gateways of 2.6, for which the first of
 * them all will do: what "/Menu" asks for would then count for "/menu". */
const TwUriTemplate *gw_resource_list_find (const GwResourceList *list, TwText pattern, TwText verb);

G_END_DECLS
#endif
