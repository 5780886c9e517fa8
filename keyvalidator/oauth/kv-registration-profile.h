/* What a registration asks for: the JSON body of POST /client-registration/v0.<n>/register (spec/soap-and-oauth.md 4.6).
 * Threads: pure functions. */
#ifndef KV_REGISTRATION_PROFILE_H
#define KV_REGISTRATION_PROFILE_H

#include <glib.h>

G_BEGIN_DECLS

#define KV_REGISTRATION_MAX_BODY 65536  /* bytes */
#define KV_REGISTRATION_MAX_NAME 100    /* characters of clientName */
#define KV_REGISTRATION_MAX_TEXT 1024   /* characters of callbackUrl and grantType: the width of their columns */

#define KV_REGISTRATION_ERROR (kv_registration_error_quark ())
GQuark kv_registration_error_quark (void);
typedef enum
{
  KV_REGISTRATION_ERROR_BAD,       /* 400; the message is for the caller, as all of these */
  KV_REGISTRATION_ERROR_NOBODY,    /* 401 */
  KV_REGISTRATION_ERROR_FORBIDDEN, /* 403 */
} KvRegistrationError;

typedef struct
{
  char *client_name;
  char *owner;        /* as given, perhaps with a tenant; nullable: the caller */
  char *callback_url; /* "" without one */
  char *grant_types;  /* separated by one blank each; may be empty */
  gboolean saas;      /* saasApp: users of every tenant may use it */
} KvRegistrationProfile;

/* KV_REGISTRATION_ERROR_BAD. Other members are ignored, as WSO2 does. @profile: zeroed by the caller.
 * Without a callbackUrl the grants that need one are left out; without grantType it is authorization_code, client_credentials and refresh_token:
 * passwords are asked for by applications that say so. */
gboolean kv_registration_profile_parse (const char *body, gsize length, KvRegistrationProfile *profile, GError **error);
void kv_registration_profile_clear (KvRegistrationProfile *profile);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (KvRegistrationProfile, kv_registration_profile_clear)

G_END_DECLS
#endif
