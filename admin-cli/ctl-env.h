/* Environments: which servers there are and how they are reached, in $XDG_CONFIG_HOME/apimctl/config. No secrets: those
 * are in ctl-state. Threads: one. */
#ifndef CTL_ENV_H
#define CTL_ENV_H

#include <glib.h>

G_BEGIN_DECLS

/* Whom a request goes to. */
typedef enum
{
  CTL_PUBLISHER,
  CTL_STORE,
  CTL_ADMIN,
  CTL_KEY_MANAGER, /* client registration, tokens */
  CTL_N_SERVICES,
} CtlService;

typedef struct
{
  char *name;
  char *urls[CTL_N_SERVICES]; /* e.g. https://am.example.com:9443, without a slash at the end */
  char *ca_file;              /* PEM; NULL: the system's authorities */
} CtlEnv;

void ctl_env_free (CtlEnv *env);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CtlEnv, ctl_env_free)

/* "publisher" and so on: the names of options and of keys in the file. */
const char *ctl_env_service_name (CtlService service);

/* The environment @name; NULL: the one that APIMCTL_ENV names, else the one in use.
 * Returns: NULL with CTL_ERROR: login when there is none at all, not_found, usage for a file that is none. */
CtlEnv *ctl_env_load (const char *name, GError **error);
/* The names, sorted; NULL-terminated. Free with g_strfreev(). NULL with @error. */
char **ctl_env_names (GError **error);
/* Which one is used where nothing else is said. (nullable): free with g_free(). */
char *ctl_env_current (GError **error);

/* An environment to be saved: all services at @server, but for those that are set afterwards with ctl_env_set_url().
 * FALSE with CTL_ERROR_USAGE: a bad name, or a URL that is neither https nor http to this machine. */
CtlEnv *ctl_env_new (const char *name, const char *server, GError **error);
gboolean ctl_env_set_url (CtlEnv *env, CtlService service, const char *url, GError **error);
/* Writes it, and makes it the one in use when there was none or @use. */
gboolean ctl_env_save (const CtlEnv *env, gboolean use, GError **error);
gboolean ctl_env_use (const char *name, GError **error);
/* Forgets it; the one in use is none then, when it was this. */
gboolean ctl_env_remove (const char *name, GError **error);

/* The path of the file. Free with g_free(). */
char *ctl_env_config_path (void);

G_END_DECLS
#endif
