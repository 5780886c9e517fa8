/* What the sample world consists of; tables that end with a row of NULLs. Private to store/. */
#ifndef ST_SAMPLE_WORLD_H
#define ST_SAMPLE_WORLD_H

#include <glib.h>

G_BEGIN_DECLS

#define ST_SAMPLE_TENANT "example.com"
/* Expiry in these states is of no interest. */
#define ST_SAMPLE_NEVER G_GINT64_CONSTANT (-1)

typedef struct
{
  const char *name; /* without the tenant */
  gboolean tenant;  /* of ST_SAMPLE_TENANT, else of carbon.super */
  const char *role; /* nullable: in the primary store */
  gboolean subscriber; /* has Internal/subscriber */
} StSampleUser;

typedef struct
{
  const char *context;
  const char *version;
  const char *name;
  const char *provider;
  gboolean tenant;
  const char *default_version; /* nullable: this API's row makes it the published default */
} StSampleApi;

typedef struct
{
  const char *context;
  const char *pattern;
  const char *verb;
  const char *level;
  const char *scope; /* nullable */
} StSampleResource;

typedef struct
{
  const char *key;
  const char *title;
  gboolean tenant;
  const char *role; /* nullable: everybody with the scope */
} StSampleScope;

typedef struct
{
  const char *name;
  const char *owner; /* AM_SUBSCRIBER.USER_ID */
  gboolean tenant;
  const char *token_type;
  const char *description;
} StSampleApplication;

typedef struct
{
  const char *application;
  const char *context;
  const char *tier;
  const char *status; /* nullable */
  const char *create_state;
} StSampleSubscription;

typedef struct
{
  const char *description;
  const char *application;
  const char *key_type;
  const char *user;   /* NULL: the token exists nowhere */
  const char *state;  /* TOKEN_STATE */
  gint64 age_s;       /* since it was issued */
  gint64 validity_ms; /* ST_SAMPLE_NEVER: for ever */
  const char *scopes; /* separated by one space, sorted; "" = none */
  const char *context;
  const char *version;
  const char *resource;
  const char *verb;
  const char *level;
  int expected_status;
} StSampleTokenSpec;

extern const StSampleUser st_sample_users[];
extern const StSampleApi st_sample_apis[];
extern const StSampleScope st_sample_scopes[];
extern const StSampleResource st_sample_resources[];
extern const StSampleApplication st_sample_applications[];
extern const StSampleSubscription st_sample_subscriptions[];
extern const StSampleTokenSpec st_sample_token_specs[];

G_END_DECLS
#endif
