/* What userdb says of a user besides his roles (spec/databases.md 6.1, 6.6): attributes of the default profile, under
 * the names that a claim dialect gives them. Threads: any; blocks. ST_ERROR. */
#ifndef ST_USER_CLAIMS_H
#define ST_USER_CLAIMS_H

#include "store/st-database.h"

G_BEGIN_DECLS

#define ST_DEFAULT_CLAIM_DIALECT "http://wso2.org/claims"
/* The claim that is not an attribute: the user's roles. Of the default dialect. */
#define ST_ROLE_CLAIM ST_DEFAULT_CLAIM_DIALECT "/role"

/* More claims of a dialect, or attributes of a user, are ST_ERROR_DATA. */
#define ST_USER_MAX_CLAIMS 256

typedef struct
{
  char *uri;       /* "http://wso2.org/claims/emailaddress" */
  char *attribute; /* "mail" */
} StClaimMapping;

typedef struct
{
  char *uri;
  char *value; /* not empty */
} StUserClaim;

/* A list of StUserClaim, sorted by uri; adding keeps it so. */
GPtrArray *st_user_claims_new (void);
void st_user_claims_add (GPtrArray *claims, const char *uri, const char *value);

/* How the tenant names attributes in @dialect, by UM_DIALECT and UM_CLAIM. A dialect without rows, as in databases that
 * no Java server started on, has the kernel's names if it is the default dialect, else none.
 * *mappings: (transfer full) (element-type StClaimMapping): by uri; each once. */
gboolean st_claim_mappings_find (StDatabase *user_database, gint tenant_id, const char *dialect, gint64 deadline_us,
                                 GPtrArray **mappings, GError **error);

/* The claims of @mappings that the user has. *claims: (transfer full): as of st_user_claims_new(). */
gboolean st_user_claims_find (StDatabase *user_database, gint tenant_id, gint user_id, const GPtrArray *mappings,
                              gint64 deadline_us, GPtrArray **claims, GError **error);

/* A value that an attribute of the default profile is to have; NULL or "": none. Texts are borrowed. */
typedef struct
{
  const char *attribute;
  const char *value;
} StUserAttribute;

/* All of them or none. ST_ERROR_SETUP where user-mgt.xml says ReadOnly; ST_ERROR_DATA for a value that the column cannot
 * hold. */
gboolean st_user_attributes_set (StDatabase *user_database, const ApimUserStoreSettings *settings, gint tenant_id,
                                 gint user_id, const StUserAttribute *attributes, guint n, gint64 deadline_us,
                                 GError **error);

G_END_DECLS
#endif
