/* DpTarget: where the artifacts of one environment go: a gateway's administration service
 * (dp-gateway-admin.h) or a folder that gateways share (dp-folder.h).
 *
 * Every call may be repeated, and a call repeated is a call done once. What fails in the middle leaves
 * nothing that a repetition would not mend. Threads: one at a time per target. Calls block. */
#ifndef DP_TARGET_H
#define DP_TARGET_H

#include "deployment/dp-artifacts.h"

G_BEGIN_DECLS

#define DP_TARGET_ERROR (dp_target_error_quark ())
GQuark dp_target_error_quark (void);
typedef enum
{
  DP_TARGET_ERROR_UNREACHABLE, /* no answer: it may have been done or not */
  DP_TARGET_ERROR_REFUSED,     /* it answered, and says no */
} DpTargetError;

typedef enum
{
  DP_PRESENCE_MISSING,
  DP_PRESENCE_THERE,   /* it is there; what it looks like cannot be seen */
  DP_PRESENCE_CURRENT, /* it is there, as it should be */
  DP_PRESENCE_OUTDATED,
} DpPresence;

typedef struct _DpTarget DpTarget;

typedef struct
{
  /* Puts all files of @artifacts there, and takes away those of the API's that it does not have. */
  gboolean (*publish) (DpTarget *target, const DpArtifacts *artifacts, GError **error);
  /* Takes the API away with its endpoints, but not the version-less file. Nothing there: done. */
  gboolean (*remove) (DpTarget *target, const DpArtifacts *artifacts, GError **error);
  /* Takes the version-less file away. */
  gboolean (*remove_default) (DpTarget *target, const DpArtifacts *artifacts, GError **error);
  /* What is there of the API's own file. */
  gboolean (*look) (DpTarget *target, const DpArtifacts *artifacts, DpPresence *presence, GError **error);
  void (*free) (DpTarget *target);
} DpTargetClass;

/* The first member of each kind. */
struct _DpTarget
{
  const DpTargetClass *class;
};

static inline void
dp_target_free (DpTarget *target)
{
  if (target != NULL)
    target->class->free (target);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DpTarget, dp_target_free)

G_END_DECLS
#endif
