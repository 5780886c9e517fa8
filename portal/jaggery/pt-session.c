#include "config.h"
#include "portal/jaggery/pt-session.h"

#include "common/apim-cluster-key.h"
#include "common/apim-secret.h"
#include "core/core-sealed.h"
#include "net/net-http-credentials.h"
#include "portal/pt-authentication.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#define PURPOSE "portal session"
/* curl's cookie jars send it to every page; pages of other sites cannot use it. */
#define ATTRIBUTES "; Path=/; Secure; HttpOnly; SameSite=Lax"

struct _PtSessions
{
  PtPortal *portal;
  CoreAuthenticator *authenticator;
  PtTokenMemory *callers; /* by cookie; apart from bearer tokens, which a cookie is not */
  guint8 key[CORE_SEALED_KEY_SIZE];
};

PtSessions *
pt_sessions_new (PtPortal *portal, GError **error)
{
  g_autoptr (PtSessions) sessions = g_new0 (PtSessions, 1);

  sessions->portal = portal;
  if (!apim_cluster_key_derive (portal->config->home, PURPOSE, sessions->key, sizeof sessions->key, error))
    return NULL;
  sessions->authenticator = core_authenticator_new (portal->users, &portal->config->user_store, NULL,
                                                    portal->node->lockout, portal->node->clock);
  sessions->callers = pt_token_memory_new (portal->node->clock, portal->config->limits.cache_max_age_ms);
  return g_steal_pointer (&sessions);
}

void
pt_sessions_free (PtSessions *sessions)
{
  if (sessions == NULL)
    return;
  g_clear_pointer (&sessions->callers, pt_token_memory_free);
  g_clear_pointer (&sessions->authenticator, core_authenticator_free);
  OPENSSL_cleanse (sessions->key, sizeof sessions->key);
  g_free (sessions);
}

/* Of the password that is stored: another one after each change, and worth nothing to who sees it. Free with
 * g_free(). */
static char *
make_stamp (const PtSessions *sessions, const StUser *user)
{
  g_autofree char *text
      = g_strdup_printf ("stamp %d %s %s", user->id, user->salt != NULL ? user->salt : "", user->password_hash);

  return g_compute_hmac_for_string (G_CHECKSUM_SHA256, sessions->key, sizeof sessions->key, text, -1);
}

/* "TENANT ISSUED STAMP NAME": numbers in decimal; the name is the rest. */
static char *
make_cookie (PtSessions *sessions, const StUser *user, GError **error)
{
  gint64 now_ms = apim_clock_wall_ms (sessions->portal->node->clock);
  g_autofree char *stamp = make_stamp (sessions, user);
  g_autofree char *text
      = g_strdup_printf ("%d %" G_GINT64_FORMAT " %s %s", user->tenant_id, now_ms, stamp, user->name);
  g_autofree char *sealed
      = core_sealed_make (sessions->key, PURPOSE, "", text, now_ms + PT_SESSION_MS, error);

  return sealed != NULL ? g_strconcat (PT_SESSION_COOKIE "=", sealed, ATTRIBUTES, NULL) : NULL;
}

gboolean
pt_session_check_password (PtSessions *sessions, const char *user_name, const char *password,
                           const char *peer, StUser **user, GError **error)
{
  return pt_check_password (sessions->portal, sessions->authenticator, user_name, password, peer, user,
                            error);
}

gboolean
pt_session_log_in (PtSessions *sessions, const char *user_name, const char *password, const char *peer,
                   guint permissions, char **cookie, GError **error)
{
  g_autoptr (StUser) user = NULL;
  g_autoptr (CoreActor) actor = NULL;

  if (!pt_session_check_password (sessions, user_name, password, peer, &user, error)
      || (user != NULL && !pt_load_actor (sessions->portal, user, &actor, error)))
    return FALSE;
  if (actor == NULL)
    return core_portal_fail (error, CORE_PORTAL_ERROR_FORBIDDEN, PT_LOGIN_FAILED);
  if ((actor->permissions & permissions) == 0)
    return core_portal_fail (error, CORE_PORTAL_ERROR_FORBIDDEN, "Login failed. Insufficient privileges");
  *cookie = make_cookie (sessions, user, error);
  return *cookie != NULL;
}

/* What a cookie says that is not over. */
typedef struct
{
  gint tenant_id;
  gint64 issued_ms;
  char *stamp;
  char *name;
} Session;

static void
session_clear (Session *session)
{
  g_free (session->stamp);
  g_free (session->name);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Session, session_clear)

static gboolean
open_cookie (PtSessions *sessions, NetHttpText value, Session *session)
{
  gint64 now_ms = apim_clock_wall_ms (sessions->portal->node->clock);
  g_autofree char *sealed = g_strndup (value.text, value.length);
  g_autofree char *text = NULL;
  g_auto (GStrv) words = NULL;
  guint8 nonce[CORE_SEALED_NONCE_SIZE];

  if (core_sealed_open (sessions->key, PURPOSE, "", sealed, now_ms, &text, nonce) != CORE_SEALED_OK)
    return FALSE;
  words = g_strsplit (text, " ", 4);
  if (g_strv_length (words) != 4)
    return FALSE;
  session->tenant_id = atoi (words[0]);
  session->issued_ms = g_ascii_strtoll (words[1], NULL, 10);
  session->stamp = g_strdup (words[2]);
  session->name = g_strdup (words[3]);
  return TRUE;
}

/* Asked of the database each time: nothing else tells of a change by another node. *user: NULL where the user
 * is gone, or his password is another one now. */
static gboolean
find_user (PtSessions *sessions, const Session *session, StUser **user, GError **error)
{
  PtPortal *portal = sessions->portal;
  g_autoptr (StUser) found = NULL;
  g_autofree char *stamp = NULL;

  *user = NULL;
  if (!st_user_store_find_user (portal->users, session->tenant_id, session->name, pt_portal_deadline (portal),
                                &found, error))
    return FALSE;
  if (found == NULL)
    return TRUE;
  stamp = make_stamp (sessions, found);
  if (apim_secret_equal (stamp, strlen (stamp), session->stamp, strlen (session->stamp)))
    *user = g_steal_pointer (&found);
  return TRUE;
}

gboolean
pt_session_find (PtSessions *sessions, const NetHttpRequest *request, PtCaller **caller, char **cookie,
                 GError **error)
{
  gint64 now_ms = apim_clock_wall_ms (sessions->portal->node->clock);
  g_auto (Session) session = { 0 };
  g_autoptr (StUser) user = NULL;
  CoreActor *actor;
  NetHttpText value;

  *caller = NULL;
  *cookie = NULL;
  if (!net_http_request_cookie (request, PT_SESSION_COOKIE, &value)
      || !open_cookie (sessions, value, &session))
    return TRUE;
  if (!find_user (sessions, &session, &user, error))
    return FALSE;
  if (user == NULL)
    return TRUE;
  if (now_ms - session.issued_ms > PT_SESSION_MS / 2)
    {
      *cookie = make_cookie (sessions, user, error);
      if (*cookie == NULL)
        return FALSE;
    }
  *caller = pt_token_memory_recall (sessions->callers, value.text, value.length);
  if (*caller != NULL)
    return TRUE;
  if (!pt_load_actor (sessions->portal, user, &actor, error))
    return FALSE;
  if (actor == NULL)
    return TRUE;
  *caller = pt_caller_new (actor, g_new0 (char *, 1), NULL, session.issued_ms + PT_SESSION_MS);
  pt_token_memory_remember (sessions->callers, value.text, value.length, *caller, now_ms);
  return TRUE;
}

char *
pt_session_end (void)
{
  return g_strdup (PT_SESSION_COOKIE "=; Max-Age=0" ATTRIBUTES);
}

gboolean
pt_session_csrf_holds (const NetHttpRequest *request)
{
  NetHttpText cookie, header;

  if (!net_http_request_cookie (request, "csrftoken", &cookie))
    return TRUE;
  return net_http_request_header (request, "X-CSRFToken", &header)
         && apim_secret_equal (cookie.text, cookie.length, header.text, header.length);
}
