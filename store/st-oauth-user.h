/* StOauthUser: whose token it is, and the forms in which the generations name him (spec/databases.md 3.1, 3.2).
 * Threads: pure functions. */
#ifndef ST_OAUTH_USER_H
#define ST_OAUTH_USER_H

#include "store/st-records.h"

G_BEGIN_DECLS

typedef struct
{
  char *name;        /* bare, as the user store spells it; not NULL */
  char *user_domain; /* "PRIMARY" or the secondary store's name, upper case; not NULL */
  /* 1.9 stores the domain, later generations the id. The other one is not known where a row was read, but for the super
   * tenant, and not needed where one is written, but for the subject. */
  gint tenant_id;      /* ST_SUPER_TENANT_ID: carbon.super; 0: not known */
  char *tenant_domain; /* NULL: not known */
} StOauthUser;

StOauthUser st_oauth_user_copy (const StOauthUser *user);
/* Frees the texts, not @user. */
void st_oauth_user_clear (StOauthUser *user);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (StOauthUser, st_oauth_user_clear)

/* "[DOMAIN/]user@tenant.domain", without PRIMARY: the subject identifier, and what 1.9 stores (in small letters then).
 * Without a tenant's domain: "[DOMAIN/]user". Free with g_free(). */
char *st_oauth_user_text (const StOauthUser *user);
/* The reverse, of what 1.9 stores. A name without "@" is of the super tenant. */
StOauthUser st_oauth_user_parse (const char *text);

/* Whether it is of the primary user store. */
gboolean st_oauth_user_is_primary (const StOauthUser *user);

/* Whether @stored is the name of @user in a column that holds bare names. @fold: names that differ only in case are one
 * user's. */
gboolean st_oauth_user_has_name (const StOauthUser *user, const char *stored, gboolean fold);

/* Whether @other, of the same tenant, is the same user: of the same user store (in any case), with the same name. @fold: as
 * above. */
gboolean st_oauth_user_is_same (const StOauthUser *user, const StOauthUser *other, gboolean fold);

/* Whether the columns hold it: ST_ERROR_DATA. */
gboolean st_oauth_user_check (const StOauthUser *user, GError **error);

/* Whether what the database stores of the tenant is known: ST_ERROR_DATA. @by_id: 1.10 and later. */
gboolean st_oauth_user_check_tenant (const StOauthUser *user, gboolean by_id, GError **error);

/* ST_ERROR_DATA, naming @what but not the value, where @text (nullable) is longer than @max_characters or no UTF-8. A
 * server in a lax sql_mode would store its beginning. */
gboolean st_oauth_check_text (const char *what, const char *text, glong max_characters, GError **error);

G_END_DECLS
#endif
