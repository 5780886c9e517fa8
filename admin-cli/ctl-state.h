/* What apimctl keeps secret between two calls, one file for each environment: who is logged in, the OAuth client of
 * apimctl, its tokens, and the keys and secrets of applications whose keys it made. In $XDG_STATE_HOME/apimctl/NAME,
 * mode 0600; a file that others may read is refused. Passwords are never kept. Threads: one. */
#ifndef CTL_STATE_H
#define CTL_STATE_H

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  char *env;  /* name of the environment */
  char *user; /* the rest is NULL when nobody is logged in */
  char *client_id;
  char *client_secret;
  char *access_token;
  char *refresh_token; /* nullable */
  char *scopes;        /* that were granted, separated by spaces */
  gint64 expires_s;    /* of the access token: seconds since 1970 */
  GKeyFile *file;      /* the whole file; other groups are kept */
  int lock;            /* descriptor that holds the lock; -1: not locked */
} CtlState;

/* Returns: (transfer full): empty where nothing is kept. NULL with CTL_ERROR_FAILED: open to others, or not readable.
 */
CtlState *ctl_state_load (const char *env, GError **error);
/* Likewise, and no other apimctl gets it until it is freed: for renewing tokens, which work once. */
CtlState *ctl_state_load_locked (const char *env, GError **error);
void ctl_state_free (CtlState *state);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CtlState, ctl_state_free)

gboolean ctl_state_save (CtlState *state, GError **error);
/* Deletes the file. */
gboolean ctl_state_remove (const char *env, GError **error);

/* Replaces a text of the state, wiping the old one. */
void ctl_state_set (char **text, const char *value);

/* The consumer key and secret of an application's key type ("PRODUCTION"), as `key generate` kept them.
 * Free with apim_secret_free(). (nullable). */
char *ctl_state_get_key (const CtlState *state, const char *application, const char *type, const char *member);
void ctl_state_set_key (CtlState *state, const char *application, const char *type, const char *consumer_key,
                        const char *consumer_secret);

G_END_DECLS
#endif
