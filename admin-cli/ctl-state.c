#include "config.h"

#include "admin-cli/ctl-state.h"

#include "admin-cli/ctl-error.h"
#include "common/apim-secret.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOGIN "login"

/* The texts of a login and their names in the file. */
static const struct
{
  const char *key;
  gsize offset;
} members[] = {
  { "user", G_STRUCT_OFFSET (CtlState, user) },
  { "client-id", G_STRUCT_OFFSET (CtlState, client_id) },
  { "client-secret", G_STRUCT_OFFSET (CtlState, client_secret) },
  { "access-token", G_STRUCT_OFFSET (CtlState, access_token) },
  { "refresh-token", G_STRUCT_OFFSET (CtlState, refresh_token) },
  { "scopes", G_STRUCT_OFFSET (CtlState, scopes) },
};

static char **
member_of (CtlState *state, guint i)
{
  return G_STRUCT_MEMBER_P (state, members[i].offset);
}

static char *
state_path (const char *env, const char *suffix)
{
  g_autofree char *file = g_strconcat (env, suffix, NULL);
  return g_build_filename (g_get_user_state_dir (), "apimctl", file, NULL);
}

void
ctl_state_set (char **text, const char *value)
{
  char *copy = g_strdup (value);
  apim_secret_free (*text);
  *text = copy;
}

void
ctl_state_free (CtlState *state)
{
  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    apim_secret_free (*member_of (state, i));
  g_clear_pointer (&state->file, g_key_file_unref);
  if (state->lock >= 0)
    close (state->lock);
  g_free (state->env);
  g_free (state);
}

/* The whole file; NULL with errno when it cannot be read. */
static char *
read_all (int fd, gsize length)
{
  char *text = g_malloc0 (length + 1);
  gsize done = 0;
  while (done < length)
    {
      ssize_t got = read (fd, text + done, length - done);
      if (got <= 0)
        break;
      done += (gsize)got;
    }
  return text;
}

static char *
read_private_file (const char *path, GError **error)
{
  struct stat info;
  char *text = NULL;
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0 && errno == ENOENT)
    return g_strdup ("");
  if (fd < 0 || fstat (fd, &info) != 0)
    ctl_error_set (error, CTL_ERROR_FAILED, NULL, path, "%s", g_strerror (errno));
  else if ((info.st_mode & 077) != 0 || info.st_uid != geteuid ())
    {
      g_autofree char *quoted = g_shell_quote (path);
      g_autofree char *hint = g_strdup_printf ("chmod 600 %s", quoted);
      ctl_error_set (error, CTL_ERROR_FAILED, hint, path,
                     "it holds secrets, and others may read it (mode %04o): whoever did may use them",
                     (guint)info.st_mode & 07777);
    }
  else
    text = read_all (fd, (gsize)info.st_size);
  if (fd >= 0)
    close (fd);
  return text;
}

CtlState *
ctl_state_load (const char *env, GError **error)
{
  g_autofree char *path = state_path (env, "");
  g_auto (ApimSecretText) text = read_private_file (path, error);
  if (text == NULL)
    return NULL;
  g_autoptr (CtlState) state = g_new0 (CtlState, 1);
  state->lock = -1;
  state->env = g_strdup (env);
  state->file = g_key_file_new ();
  g_autoptr (GError) cause = NULL;
  if (*text != '\0' && !g_key_file_load_from_data (state->file, text, strlen (text), 0, &cause))
    {
      ctl_error_set (error, CTL_ERROR_FAILED, "apimctl logout", path, "%s", cause->message);
      return NULL;
    }
  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    *member_of (state, i) = g_key_file_get_string (state->file, LOGIN, members[i].key, NULL);
  state->expires_s = g_key_file_get_int64 (state->file, LOGIN, "expires", NULL);
  return g_steal_pointer (&state);
}

static gboolean
make_folder (GError **error)
{
  g_autofree char *folder = g_build_filename (g_get_user_state_dir (), "apimctl", NULL);
  if (g_mkdir_with_parents (folder, 0700) == 0)
    return TRUE;
  ctl_error_set (error, CTL_ERROR_FAILED, NULL, folder, "%s", g_strerror (errno));
  return FALSE;
}

CtlState *
ctl_state_load_locked (const char *env, GError **error)
{
  g_autofree char *path = state_path (env, ".lock");
  if (!make_folder (error))
    return NULL;
  int lock = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (lock < 0 || flock (lock, LOCK_EX) != 0)
    {
      ctl_error_set (error, CTL_ERROR_FAILED, NULL, path, "%s", g_strerror (errno));
      if (lock >= 0)
        close (lock);
      return NULL;
    }
  CtlState *state = ctl_state_load (env, error);
  if (state == NULL)
    close (lock);
  else
    state->lock = lock;
  return state;
}

gboolean
ctl_state_save (CtlState *state, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    if (*member_of (state, i) != NULL)
      g_key_file_set_string (state->file, LOGIN, members[i].key, *member_of (state, i));
    else
      g_key_file_remove_key (state->file, LOGIN, members[i].key, NULL);
  g_key_file_set_int64 (state->file, LOGIN, "expires", state->expires_s);

  g_autoptr (GError) cause = NULL;
  g_autofree char *path = state_path (state->env, "");
  gsize length;
  g_auto (ApimSecretText) text = g_key_file_to_data (state->file, &length, NULL);
  if (!make_folder (error))
    return FALSE;
  if (g_file_set_contents_full (path, text, (gssize)length, G_FILE_SET_CONTENTS_CONSISTENT, 0600, &cause))
    return TRUE;
  ctl_error_set (error, CTL_ERROR_FAILED, NULL, path, "%s", cause->message);
  return FALSE;
}

gboolean
ctl_state_remove (const char *env, GError **error)
{
  g_autofree char *path = state_path (env, ""), *lock = state_path (env, ".lock");
  unlink (lock);
  if (unlink (path) == 0 || errno == ENOENT)
    return TRUE;
  ctl_error_set (error, CTL_ERROR_FAILED, NULL, path, "%s", g_strerror (errno));
  return FALSE;
}

/* A name from outside, as one that a key file takes for a group: its brackets and controls escaped. */
static char *
key_group (const char *application, const char *type)
{
  g_autofree char *escaped = g_uri_escape_string (application, " ", TRUE);
  return g_strdup_printf ("key %s %s", type, escaped);
}

char *
ctl_state_get_key (const CtlState *state, const char *application, const char *type, const char *member)
{
  g_autofree char *group = key_group (application, type);
  return g_key_file_get_string (state->file, group, member, NULL);
}

void
ctl_state_set_key (CtlState *state, const char *application, const char *type, const char *consumer_key,
                   const char *consumer_secret)
{
  g_autofree char *group = key_group (application, type);
  g_key_file_set_string (state->file, group, "consumer-key", consumer_key);
  g_key_file_set_string (state->file, group, "consumer-secret", consumer_secret);
}
