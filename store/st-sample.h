/* A small published world to try a node with (`apimctl db sample`): two tenants, APIs in several versions with
 * scopes, applications with production and sandbox keys, subscriptions in every state, and tokens of every kind.
 * Everything secret is random. What is in it:
 * st-sample-world.c.
 * Threads: any; blocks. */
#ifndef ST_SAMPLE_H
#define ST_SAMPLE_H

#include "store/st-database.h"

G_BEGIN_DECLS

/* How passwords are stored (core_password_hash() behind it). Returns: (transfer full): NULL with an error. @salt:
 * (out) (transfer full) (nullable). */
typedef struct
{
  char *(*hash) (const char *password, char **salt, gpointer data, GError **error);
  gpointer data;
} StSampleSecrets;

/* A token, a request to make with it, and what key validation must answer (spec/thrift-key-validation.md 7.3-7.7,
 * advanced throttling on). */
typedef struct
{
  char *token;
  char *description; /* for people */
  char *context;
  char *version; /* may begin with "_default_" */
  char *resource;
  char *verb;
  char *level;         /* the resource's AUTH_SCHEME, as a gateway would send it */
  char *key_type;      /* PRODUCTION, SANDBOX */
  char *consumer_key;    /* of the application, for tokens of one's own */
  char *consumer_secret;
  int expected_status; /* 0 = authorized, else 9009xx */
} StSampleToken;

/* Loads the world; one transaction per database (just one where both are the same SQLite file). @api, @users: may be
 * the same.
 * @tokens: (out) (transfer full) (element-type StSampleToken).
 * ST_ERROR_CONFLICT when rows of it are there already; ST_ERROR_SCHEMA when a database was not made by us. */
gboolean st_sample_load (StDatabase *api, StDatabase *users, const StSampleSecrets *secrets, GPtrArray **tokens,
                         GError **error);

G_END_DECLS
#endif
