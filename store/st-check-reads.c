/* StCheck: the look-ups of a node, made once for things that do not exist. Whatever shape the tables have, this says
 * whether the statements run on it, and how long the slowest way through the indexes takes. */
#include "config.h"
#include "store/st-check-private.h"
#include "store/st-change-feed.h"
#include "store/st-portal-setup.h"
#include "store/st-sql-stores.h"

#include <string.h>

/* Looked for, and nowhere there. */
#define NOBODY "apimctl-db-check"

static gboolean
try_token (gpointer store, gint64 deadline_us, GError **error)
{
  g_autoptr (StToken) token = NULL;

  return st_key_store_find_token (store, NOBODY, strlen (NOBODY), deadline_us, &token, error);
}

static gboolean
try_subscription (gpointer store, gint64 deadline_us, GError **error)
{
  g_autoptr (StSubscription) subscription = NULL;

  return st_key_store_find_subscription (store, "/" NOBODY, "0", NOBODY, ST_SUPER_TENANT_ID, deadline_us, &subscription,
                                         error);
}

static gboolean
try_resources (gpointer store, gint64 deadline_us, GError **error)
{
  g_autoptr (StResources) resources = NULL;

  return st_key_store_find_resources (store, "/" NOBODY, "0", ST_SUPER_TENANT_ID, deadline_us, &resources, error);
}

static gboolean
try_scope (gpointer store, gint64 deadline_us, GError **error)
{
  g_autoptr (StScope) scope = NULL;

  return st_key_store_find_scope (store, "/" NOBODY ":GET", deadline_us, &scope, error);
}

static gboolean
try_default_version (gpointer store, gint64 deadline_us, GError **error)
{
  g_autoptr (StApiDefault) api = NULL;

  return st_key_store_find_api_default (store, "/" NOBODY, deadline_us, &api, error);
}

static gboolean
try_tenant (gpointer store, gint64 deadline_us, GError **error)
{
  g_autoptr (StTenant) tenant = NULL;

  return st_user_store_find_tenant_by_domain (store, NOBODY, deadline_us, &tenant, error);
}

static gboolean
try_user (gpointer store, gint64 deadline_us, GError **error)
{
  g_autoptr (StUser) user = NULL;

  return st_user_store_find_user (store, ST_SUPER_TENANT_ID, NOBODY, deadline_us, &user, error);
}

static gboolean
try_roles (gpointer store, gint64 deadline_us, GError **error)
{
  g_auto (GStrv) roles = NULL;

  return st_user_store_find_roles (store, ST_SUPER_TENANT_ID, ST_PRIMARY_USER_DOMAIN, NOBODY, deadline_us, &roles,
                                   error);
}

typedef struct
{
  StSchemaPart part;
  const char *what;
  gboolean (*try) (gpointer store, gint64 deadline_us, GError **error);
} LookUp;

static const LookUp look_ups[] = {
  { ST_SCHEMA_API, "token", try_token },
  { ST_SCHEMA_API, "subscription", try_subscription },
  { ST_SCHEMA_API, "resource", try_resources },
  { ST_SCHEMA_API, "scope", try_scope },
  { ST_SCHEMA_API, "default version", try_default_version },
  { ST_SCHEMA_USER, "tenant", try_tenant },
  { ST_SCHEMA_USER, "user", try_user },
  { ST_SCHEMA_USER, "role", try_roles },
};

static void
judge (StCheck *self, const LookUp *look_up, gint64 taken_us, const GError *error)
{
  gint64 taken_ms = taken_us / 1000;

  if (error != NULL && !g_error_matches (error, ST_ERROR, ST_ERROR_TIMEOUT))
    ST_CHECK_ADD (self, ST_CHECK_ERROR, "look-up-failed", "every call that needs it is answered with an error",
                  "if a table or column is missing, finish the migration that should have made it",
                  "the look-up of a %s does not run here: %s", look_up->what, error->message);
  else if (error != NULL || taken_ms > self->settings.node_timeout_ms)
    ST_CHECK_ADD (self, ST_CHECK_ERROR, "look-up-slow", "a node gives up before, and answers with an error",
                  "make the index that is offered as missing, or look for what else keeps the server busy",
                  "the look-up of a %s took %s%" G_GINT64_FORMAT " ms; a node waits %u ms", look_up->what,
                  error != NULL ? "over " : "", taken_ms, self->settings.node_timeout_ms);
}

/* The first look-up reads the tables' shape too, and the first connection may have to be made. */
static gboolean
try_all (StCheck *self, gpointer store)
{
  guint n_before = self->findings->len;

  for (guint i = 0; i < G_N_ELEMENTS (look_ups); i++)
    {
      g_autoptr (GError) error = NULL;
      gint64 began;

      if (look_ups[i].part != self->part)
        continue;
      began = g_get_monotonic_time ();
      look_ups[i].try (store, st_check_deadline (self), &error);
      judge (self, &look_ups[i], g_get_monotonic_time () - began, error);
      if (g_error_matches (error, ST_ERROR, ST_ERROR_SCHEMA))
        break; /* the others say the same */
    }
  return self->findings->len == n_before;
}

void
st_check_reads (StCheck *self)
{
  gboolean good = FALSE;

  if (self->part == ST_SCHEMA_API)
    {
      g_autoptr (StKeyStore) store = st_sql_key_store_new (self->database, self->settings.advanced_throttling);

      st_sql_key_store_set_token_time (store, self->settings.token_time);
      good = try_all (self, store);
    }
  else if (self->settings.user_store != NULL)
    {
      g_autoptr (StUserStore) store = st_sql_user_store_new (self->database, self->settings.user_store);

      good = try_all (self, store);
    }
  if (good)
    ST_CHECK_ADD (self, ST_CHECK_OK, "look-ups", NULL, NULL, "the look-ups of a node run on this database");
}

void
st_check_feed (StCheck *self)
{
  g_autoptr (StChangeFeed) feed = st_change_feed_new (self->database);
  g_autoptr (GError) error = NULL;
  g_autofree char *install = st_check_hint (self, "db feed install");
  g_autofree char *action = NULL;
  gint64 position;

  if (st_change_feed_start (feed, st_check_deadline (self), &position, &error)
      && st_change_feed_covers (feed, self->part))
    {
      ST_CHECK_ADD (self, ST_CHECK_OK, "change-feed", NULL, NULL,
                    "the change feed is installed: what any program changes is noticed within a second");
      return;
    }
  if (error != NULL && !g_error_matches (error, ST_ERROR, ST_ERROR_SCHEMA))
    {
      st_check_not_checked (self, "the change feed", error);
      return;
    }
  action = g_strdup_printf ("nothing, if that is soon enough; else %s, which shows its SQL and asks first", install);
  ST_CHECK_ADD (self, ST_CHECK_NOTE, "change-feed",
                "nobody tells a node what other programs change; it believes what it read for so long", action,
                "there is no change feed: a %s may pass for up to %u ms (CacheMaxAge)",
                self->part == ST_SCHEMA_API ? "revoked token" : "role that was taken away",
                self->settings.cache_max_age_ms);
}

/* In a database that WSO2's scripts made; one of ours has them, or an older schema, which is said elsewhere. */
void
st_check_portal (StCheck *self)
{
  g_autofree char *install = st_check_hint (self, "db portal install");
  g_autofree char *action = g_strdup_printf ("nothing, if none is to run here; else %s, which shows its SQL and asks first",
                                             install);
  g_autoptr (GError) error = NULL;
  StPortalReport report;

  if (!st_portal_inspect (self->database, ST_SCHEMA_BIT (self->part), st_check_deadline (self), &report, &error))
    st_check_not_checked (self, "the tables of Publisher and Store", error);
  else if (report.ours)
    return;
  else if (report.state == ST_PORTAL_INSTALLED)
    ST_CHECK_ADD (self, ST_CHECK_OK, "portal-tables", NULL, NULL,
                  "the tables of our Publisher and Store are there, with %" G_GINT64_FORMAT " APIs", report.apis);
  else if (report.state == ST_PORTAL_ABSENT)
    ST_CHECK_ADD (self, ST_CHECK_NOTE, "portal-tables", "a Publisher and a Store of ours can only read APIs here", action,
                  "there are no tables of our Publisher and Store");
  else
    ST_CHECK_ADD (self, ST_CHECK_WARNING, "portal-tables",
                  "something was broken off, or the tables are of an older release: what needs the others does not work",
                  install, "of the tables of our Publisher and Store %u of %u are there", report.n_right,
                  report.n_wanted);
}
