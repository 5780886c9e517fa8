/* The names of what `apply --set NAME` brought to an environment, in $XDG_STATE_HOME/apimctl/sets/: what --prune may
 * delete when the manifests name it no more. Nothing else is ever deleted by apply. Threads: one. */
#ifndef CTL_SET_H
#define CTL_SET_H

#include <glib.h>

G_BEGIN_DECLS

/* The titles ("API Weather/1.0.0") of the set; none where it is not known. NULL with CTL_ERROR: a bad name, or not
 * readable. Free with g_strfreev(). */
char **ctl_set_load (const char *env, const char *name, GError **error);
gboolean ctl_set_save (const char *env, const char *name, const char *const *titles, GError **error);

G_END_DECLS
#endif
