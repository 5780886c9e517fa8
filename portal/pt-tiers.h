/* Reading tiers, which the publisher and the store API do alike. Threads: one. */
#ifndef PT_TIERS_H
#define PT_TIERS_H

#include "portal/json/pt-json-tier.h"
#include "portal/pt-page.h"

G_BEGIN_DECLS

/* The level that @text names; 404 for another. @last: the last of those that the API has. */
gboolean pt_tiers_read_level (const char *text, CoreTierLevel last, CoreTierLevel *level, GError **error);

/* Handlers' bodies for "/tiers/{tierLevel}" and "/tiers/{tierLevel}/{tierName}". */
gboolean pt_tiers_list (PtRequest *request, PtAnswer *answer, CoreAudience audience, CoreTierLevel last,
                        GError **error);
gboolean pt_tiers_get (PtRequest *request, PtAnswer *answer, CoreAudience audience, CoreTierLevel last,
                       GError **error);

G_END_DECLS
#endif
