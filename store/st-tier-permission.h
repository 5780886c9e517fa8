/* StTierPermission: whose a tier of subscriptions is: the roles that may use it, or may not
 * (spec/databases.md 4, 10). With advanced throttling in AM_THROTTLE_TIER_PERMISSIONS, else in
 * AM_TIER_PERMISSIONS. Within an operation of StWriter. Errors: as in st-application-writes.h. Threads: as
 * StWriter. */
#ifndef ST_TIER_PERMISSION_H
#define ST_TIER_PERMISSION_H

#include "store/st-writer.h"

G_BEGIN_DECLS

typedef struct
{
  char *tier;
  gboolean allows; /* "allow": only these roles; "deny": all but these */
  char **roles;    /* NULL-terminated, trimmed */
} StTierPermission;

void st_tier_permission_free (StTierPermission *permission);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StTierPermission, st_tier_permission_free)

/* *found: (transfer full), NULL where nobody restricted the tier. A type that is neither allow nor deny
 * denies everybody. */
gboolean st_tier_permission_find (StWriter *writer, gboolean advanced, gint tenant_id, const char *tier,
                                  StTierPermission **found, GError **error);

/* Of all tiers of the tenant: *found: (transfer full) (element-type StTierPermission). */
gboolean st_tier_permission_list (StWriter *writer, gboolean advanced, gint tenant_id, GPtrArray **found,
                                  GError **error);

/* Replaces what there is of the tier. @roles: NULL-terminated, without commas; none: everybody's again. */
gboolean st_write_tier_permission (StWriter *writer, gboolean advanced, gint tenant_id, const char *tier,
                                   gboolean allows, const char *const *roles, GError **error);

G_END_DECLS
#endif
