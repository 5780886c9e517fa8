/* What the tests of OAuth writes share: the pieces that test-oauth-writes is made of, and calls that must succeed.
 * Within oauth_world_begin() and _commit() or _rollback(), where they take a world. Threads: one. */
#ifndef OAUTH_TESTS_H
#define OAUTH_TESTS_H

#include "tests/lib/oauth-world.h"

G_BEGIN_DECLS

#define HOUR_MS G_GINT64_CONSTANT (3600000)
#define LAX "SET SESSION sql_mode = ''"
#define STRICT "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE'"
#define NORMAL "SET SESSION sql_mode = DEFAULT"

typedef enum
{
  OAUTH_EVERYWHERE,
  OAUTH_MYSQL,  /* what SQLite has nothing like */
  OAUTH_HASHES, /* 2.2 and later */
  OAUTH_FOREIGN, /* in databases of WSO2's making */
} OauthTestPlace;

typedef struct
{
  const char *name;
  GTestDataFunc function; /* of an OauthGeneration */
  OauthTestPlace place;
} OauthTest;

/* Each ends with one without a name. */
extern const OauthTest oauth_client_tests[];
extern const OauthTest oauth_token_tests[];
extern const OauthTest oauth_form_tests[];
extern const OauthTest oauth_code_tests[];
extern const OauthTest oauth_race_tests[];
extern const OauthTest oauth_partition_tests[];
extern const OauthTest oauth_provider_tests[];

/* A call failed with this code; *error is cleared. */
void oauth_assert_data_error (gboolean done, GError **error);
void oauth_assert_conflict (gboolean done, GError **error);

/* (transfer full) (nullable). @like: of the same user, type and scopes. */
StOauthToken *oauth_find_active (OauthWorld *world, const StOauthClient *client, const StOauthToken *like);
StOauthToken *oauth_find_by_access (OauthWorld *world, const char *text);
StOauthToken *oauth_find_by_refresh (OauthWorld *world, const StOauthClient *client, const char *text);
gboolean oauth_is_superseded (OauthWorld *world, const StOauthClient *client, const StOauthToken *token);

void oauth_issue (OauthWorld *world, const StOauthClient *client, const StOauthToken *token, const StOauthToken *old);

/* TOKEN_STATE is @expected, and TOKEN_STATE_ID fits it. */
void oauth_assert_state (OauthWorld *world, const StOauthToken *token, const char *expected);

/* The time in a column, as epoch milliseconds, by the server's reckoning. */
gint64 oauth_time_of (OauthWorld *world, const char *table, const char *column, const char *where);

G_END_DECLS
#endif
