/* What is asked for with keys: checked, and kept in AM_APPLICATION_REGISTRATION until it is approved. Used by core-key.c.
 * Threads: pure functions. */
#ifndef CORE_KEY_REQUEST_H
#define CORE_KEY_REQUEST_H

#include "core/core-key.h"

G_BEGIN_DECLS

/* What will be made. */
typedef struct
{
  StKeyType type;
  char *callback_url; /* nullable */
  char *grant_types;  /* nullable; separated by blanks */
  char **scopes;      /* not NULL */
  char **domains;     /* nullable */
  gint64 validity_s;  /* CORE_OAUTH_UNASKED: not asked */
} CoreKeyPlan;

void core_key_plan_clear (CoreKeyPlan *plan);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CoreKeyPlan, core_key_plan_clear)

/* CORE_PORTAL_ERROR_INVALID with every violation; field names are REST v0.14's. @plan: zeroed by the caller. */
gboolean core_key_plan_read (const CoreKeyRequest *request, CoreKeyPlan *plan, GError **error);

/* INPUTS of the registration, as JSON. Free with g_free(). */
char *core_key_plan_inputs (const CoreKeyPlan *plan);
/* What was asked for when @record was written; what cannot be understood in it counts as not asked for. */
void core_key_plan_restore (const StKeyRecord *record, CoreKeyPlan *plan);

G_END_DECLS
#endif
