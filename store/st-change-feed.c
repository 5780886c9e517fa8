#include "config.h"
#include "store/st-change-feed.h"

#include "store/st-feed-setup.h"
#include "store/st-feed-triggers.h"
#include "store/st-gaps.h"
#include "store/st-schema-private.h"

#include <string.h>

/* Rows of one look into the gaps; a full page is followed by another. */
#define GAP_PAGE 2000
/* Stretches of ids that one statement asks for. */
#define N_STRETCHES 8
/* Gaps are filled soon or hardly ever: the young ones are looked into at every reading, the others twice a second. */
#define YOUNG_US (5 * G_USEC_PER_SEC)
#define OLD_GAPS_PAUSE_US (G_USEC_PER_SEC / 2)

struct _StChangeFeed
{
  StDatabase *database; /* borrowed */
  StGaps gaps;          /* below the position */
  gint64 gap_us;
  gint64 old_gaps_at_us; /* when the old gaps are due */
  gboolean covers[2];    /* by StSchemaPart */
  gboolean tells_clients;
  gboolean lost;         /* changes were missed: begin anew before anything else */
  gboolean absent;       /* the last start found nothing of a feed */
};

/* What a reading is for. */
typedef struct
{
  gint64 deadline_us;
  StChangeFunc func; /* NULL: nobody wants to know */
  gpointer data;
  guint n;
} Reading;

typedef enum
{
  DONE,
  FAILED,
  LOST, /* rows may have been deleted before they were read */
} Outcome;

static const char *const kind_texts[] = {
  [ST_CHANGE_TOKEN] = "token",       [ST_CHANGE_CONSUMER] = "consumer", [ST_CHANGE_API] = "api",
  [ST_CHANGE_POLICIES] = "policies", [ST_CHANGE_RESOURCE] = "resource", [ST_CHANGE_SCOPES] = "scopes",
  [ST_CHANGE_USER] = "user",         [ST_CHANGE_ROLES] = "roles",       [ST_CHANGE_TENANTS] = "tenants",
  [ST_CHANGE_CLAIMS] = "claims",
  [ST_CHANGE_EVERYTHING] = "everything",
};

#define ROWS "SELECT ID, KIND, SUBJECT FROM APIM_CHANGE_FEED WHERE "
#define BETWEEN "ID BETWEEN ? AND ?"
#define BETWEEN_4 BETWEEN " OR " BETWEEN " OR " BETWEEN " OR " BETWEEN
static const StStatement rows_from = { ROWS "ID >= ? ORDER BY ID LIMIT ?" };
static const StStatement rows_in_gaps = { ROWS BETWEEN_4 " OR " BETWEEN_4 " ORDER BY ID LIMIT ?" };
G_STATIC_ASSERT (N_STRETCHES == 2 * 4);

/* A trigger's name does not say which version made it. */
#define CLIENT_TRIGGER ST_FEED_TRIGGER_PREFIX "IDN_OAUTH_CONSUMER_APPS_UPDATE"
static const StStatement client_trigger = {
  "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'trigger' AND name = '" CLIENT_TRIGGER "'"
  " AND sql LIKE '%NEW.CONSUMER_SECRET%'",
  "SELECT COUNT(*) FROM INFORMATION_SCHEMA.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()"
  " AND UPPER(TRIGGER_NAME) = '" CLIENT_TRIGGER "' AND ACTION_STATEMENT LIKE '%NEW.CONSUMER_SECRET%'",
};

static const StStatement newest_id = { "SELECT MAX(ID) FROM APIM_CHANGE_FEED" };
/* Ages are told by UNIX_TIMESTAMP(), which no time zone's summer and winter disturb. */
#define OLDER "UNIX_TIMESTAMP(CREATED_AT) + ? < UNIX_TIMESTAMP()"
static const StStatement settled_id = {
  "SELECT 0 WHERE ? > 0", /* SQLite has no gaps */
  "SELECT ID FROM APIM_CHANGE_FEED WHERE " OLDER " ORDER BY ID DESC LIMIT 1",
};

#define SQLITE_OLDER "CREATED_AT + ? * 1000 < (julianday('now') - 2440587.5) * 86400000"
#define OLD_ROWS(older) \
  "SELECT MAX(ID), COUNT(*) FROM (SELECT ID, CREATED_AT FROM APIM_CHANGE_FEED ORDER BY ID LIMIT ?) f WHERE " older \
  " AND ID < (SELECT MAX(ID) FROM APIM_CHANGE_FEED)"
static const StStatement old_rows = { OLD_ROWS (SQLITE_OLDER), OLD_ROWS (OLDER) };
static const StStatement delete_rows = { "DELETE FROM APIM_CHANGE_FEED WHERE ID <= ?" };

static const StStatement sqlite_trigger_names = { "SELECT name FROM sqlite_schema WHERE type = 'trigger'" };

const char *
st_change_kind_text (StChangeKind kind)
{
  return kind_texts[kind];
}

StChangeFeed *
st_change_feed_new (StDatabase *database)
{
  StChangeFeed *self = g_new0 (StChangeFeed, 1);

  self->database = database;
  self->gap_us = (gint64) ST_CHANGE_FEED_GAP_MS * 1000;
  st_gaps_init (&self->gaps);
  return self;
}

void
st_change_feed_free (StChangeFeed *self)
{
  if (self == NULL)
    return;
  st_gaps_clear (&self->gaps);
  g_free (self);
}

gboolean
st_change_feed_covers (const StChangeFeed *self, StSchemaPart part)
{
  return self->covers[part];
}

gboolean
st_change_feed_tells_clients (const StChangeFeed *self)
{
  return self->covers[ST_SCHEMA_API] && self->tells_clients;
}

gboolean
st_change_feed_is_absent (const StChangeFeed *self)
{
  return self->absent;
}

guint
st_change_feed_gaps (const StChangeFeed *self)
{
  return st_gaps_count (&self->gaps);
}

void
st_change_feed_set_gap_time (StChangeFeed *self, guint gap_ms)
{
  self->gap_us = (gint64) gap_ms * 1000;
}

static void
tell (Reading *reading, StChangeKind kind, const char *subject)
{
  reading->n++;
  reading->func (kind, subject, reading->data);
}

/* Databases fold the case of names in their own ways: done here, it is what the stores compare names by. */
static void
tell_user (Reading *reading, const char *subject)
{
  g_autofree char *lower = NULL;

  if (subject != NULL && g_utf8_validate (subject, -1, NULL))
    lower = g_utf8_strdown (subject, -1);
  tell (reading, ST_CHANGE_USER, lower);
}

static void
tell_row (Reading *reading, StQuery *query)
{
  const char *text = st_query_text (query, 1);
  const char *subject = st_query_text (query, 2);
  guint kind = 0;

  while (kind < ST_CHANGE_EVERYTHING && g_strcmp0 (text, kind_texts[kind]) != 0)
    kind++;
  if (kind == ST_CHANGE_USER)
    tell_user (reading, subject);
  else
    tell (reading, (StChangeKind) kind, kind == ST_CHANGE_EVERYTHING ? NULL : subject);
}

/* The first column of the first row; 0 without. */
static gboolean
read_number (StChangeFeed *self, const StStatement *statement, const gint64 *parameter, gint64 deadline_us,
             gint64 *number, GError **error)
{
  g_autoptr (StQuery) query = st_database_query (self->database, statement, deadline_us, error);
  StStep step;

  if (query == NULL)
    return FALSE;
  if (parameter != NULL)
    st_query_bind_int64 (query, 0, *parameter);
  step = st_query_step (query, error);
  *number = step == ST_ROW ? st_query_int64 (query, 0) : 0;
  return step != ST_FAILED;
}

/* One page of the gaps from @index on. *last_id: of the page; *full: there may be more behind it. */
static gboolean
look_into_page (StChangeFeed *self, guint index, Reading *reading, gint64 *last_id, gboolean *full, GError **error)
{
  g_autoptr (StQuery) query = st_database_query (self->database, &rows_in_gaps, reading->deadline_us, error);
  StGap stretches[N_STRETCHES];
  guint n_rows = 0;
  StStep step;

  if (query == NULL)
    return FALSE;
  st_gaps_cover (&self->gaps, index, stretches, N_STRETCHES);
  for (guint i = 0; i < N_STRETCHES; i++)
    {
      st_query_bind_int64 (query, 2 * i, stretches[i].first);
      st_query_bind_int64 (query, 2 * i + 1, stretches[i].last);
    }
  st_query_bind_int64 (query, 2 * N_STRETCHES, GAP_PAGE);
  while ((step = st_query_step (query, error)) == ST_ROW)
    {
      n_rows++;
      *last_id = st_query_int64 (query, 0);
      if (st_gaps_fill (&self->gaps, *last_id) && reading->func != NULL)
        tell_row (reading, query);
    }
  *full = n_rows == GAP_PAGE;
  return step == ST_END;
}

static gboolean
look_into_gaps (StChangeFeed *self, guint index, Reading *reading, GError **error)
{
  gboolean full = TRUE;

  while (full && index < st_gaps_count (&self->gaps))
    {
      gint64 last_id = 0;

      if (!look_into_page (self, index, reading, &last_id, &full, error))
        return FALSE;
      index = st_gaps_index_of (&self->gaps, last_id + 1);
    }
  return TRUE;
}

static guint
count_in (const char *sql, const char *words)
{
  guint n = 0;

  for (const char *at = sql; (at = strstr (at, words)) != NULL; at += strlen (words))
    n++;
  return n;
}

/* How many triggers the migrations made for @part on SQLite, where they drop only those that they make anew. */
static guint
count_sqlite_triggers (StSchemaPart part)
{
  guint n = 0;

  for (guint i = 0; i < st_n_migrations; i++)
    if (st_migrations[i].kind == APIM_DATABASE_SQLITE && st_migrations[i].part == part)
      n += count_in (st_migrations[i].sql, "CREATE TRIGGER " ST_FEED_TRIGGER_PREFIX)
           - count_in (st_migrations[i].sql, "DROP TRIGGER IF EXISTS " ST_FEED_TRIGGER_PREFIX);
  return n;
}

/* SQLite: the migrations alone make triggers. @report: indexed by part. */
static gboolean
inspect_sqlite (StChangeFeed *self, gint64 deadline_us, StFeedReport report[2], GError **error)
{
  g_autoptr (StQuery) query = st_database_query (self->database, &sqlite_trigger_names, deadline_us, error);
  StStep step;

  if (query == NULL)
    return FALSE;
  for (int part = ST_SCHEMA_API; part <= ST_SCHEMA_USER; part++)
    report[part] = (StFeedReport){ .ours = TRUE, .n_wanted = count_sqlite_triggers ((StSchemaPart) part) };
  while ((step = st_query_step (query, error)) == ST_ROW)
    {
      const char *name = st_query_text (query, 0);

      if (name != NULL && g_str_has_prefix (name, ST_FEED_TRIGGER_PREFIX))
        {
          StFeedReport *of_part = &report[st_feed_trigger_part (name)];

          of_part->n_found++;
          of_part->n_right++;
        }
    }
  return step == ST_END;
}

/* A part whose tables are not there has no feed. */
static gboolean
inspect_mysql (StChangeFeed *self, gint64 deadline_us, StFeedReport report[2], GError **error)
{
  for (int part = ST_SCHEMA_API; part <= ST_SCHEMA_USER; part++)
    {
      g_autoptr (GError) why = NULL;

      if (st_feed_inspect (self->database, ST_SCHEMA_BIT (part), deadline_us, &report[part], &why))
        continue;
      if (!g_error_matches (why, ST_ERROR, ST_ERROR_SCHEMA))
        {
          g_propagate_error (error, g_steal_pointer (&why));
          return FALSE;
        }
      report[part].n_wanted = 0;
    }
  return TRUE;
}

/* A feed of our own schema may be of an older or a newer version. */
static gboolean
check_part (StChangeFeed *self, StSchemaPart part, const StFeedReport *report, GError **error)
{
  guint n = report->ours ? report->n_right + report->n_different : report->n_right;

  self->covers[part] = report->n_wanted > 0 && n == report->n_wanted;
  if (self->covers[part] || report->n_found == 0)
    return TRUE;
  if (report->n_different > 0 && !report->ours)
    g_set_error (
        error, ST_ERROR, ST_ERROR_SCHEMA,
        "%u of the %u triggers of the change feed are not as this version makes them: run \"apimctl db feed install\"",
        report->n_wanted - report->n_right, report->n_wanted);
  else
    g_set_error (error, ST_ERROR, ST_ERROR_SCHEMA, "%u of the %u triggers of the change feed are there", n,
                 report->n_wanted);
  return FALSE;
}

static gboolean
look_for_client_trigger (StChangeFeed *self, gint64 deadline_us, GError **error)
{
  g_autoptr (StQuery) query = st_database_query (self->database, &client_trigger, deadline_us, error);

  if (query == NULL || st_query_step (query, error) != ST_ROW)
    return FALSE;
  self->tells_clients = st_query_int64 (query, 0) == 1;
  return TRUE;
}

/* A feed without triggers, as a dump may leave it, would be silent for ever. */
static gboolean
check_triggers (StChangeFeed *self, gint64 deadline_us, GError **error)
{
  StFeedReport report[2];

  if (st_database_kind (self->database) == APIM_DATABASE_SQLITE ? !inspect_sqlite (self, deadline_us, report, error)
                                                                : !inspect_mysql (self, deadline_us, report, error))
    return FALSE;
  for (int part = ST_SCHEMA_API; part <= ST_SCHEMA_USER; part++)
    if (!check_part (self, (StSchemaPart) part, &report[part], error))
      return FALSE;
  if (self->covers[ST_SCHEMA_API] || self->covers[ST_SCHEMA_USER])
    return look_for_client_trigger (self, deadline_us, error);
  g_set_error_literal (error, ST_ERROR, ST_ERROR_SCHEMA,
                       "the change feed has no triggers, or the database user may not see them: it needs the"
                       " privilege TRIGGER");
  return FALSE;
}

/* Why a feed cannot be read: there is none, or it is broken. What cannot be asked is taken for broken. */
static void
look_whether_absent (StChangeFeed *self, gint64 deadline_us)
{
  gboolean absent = FALSE;

  if (st_database_kind (self->database) == APIM_DATABASE_MYSQL
      && st_feed_is_absent (self->database, deadline_us, &absent, NULL))
    self->absent = absent;
}

/* Which numbers below @newest may still appear: those above the last row that is older than any transaction. */
static gboolean
find_gaps (StChangeFeed *self, gint64 newest, gint64 deadline_us, GError **error)
{
  gint64 gap_s = (self->gap_us + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC;
  Reading reading = { .deadline_us = deadline_us };
  gint64 settled;

  st_gaps_forget_all (&self->gaps);
  if (st_database_kind (self->database) == APIM_DATABASE_SQLITE)
    return TRUE;
  if (!read_number (self, &settled_id, &gap_s, deadline_us, &settled, error))
    return FALSE;
  if (settled + 1 > newest - 1)
    return TRUE;
  st_gaps_add (&self->gaps, settled + 1, newest - 1, g_get_monotonic_time ());
  if (!look_into_gaps (self, 0, &reading, error))
    return FALSE;
  if (st_gaps_count (&self->gaps) <= ST_CHANGE_FEED_MAX_GAPS)
    return TRUE;
  g_set_error_literal (error, ST_ERROR, ST_ERROR_UNAVAILABLE,
                       "the change feed cannot be followed: too many changes are made at once");
  return FALSE;
}

gboolean
st_change_feed_start (StChangeFeed *self, gint64 deadline_us, gint64 *position, GError **error)
{
  g_autoptr (GError) why = NULL;
  gint64 newest;

  self->absent = FALSE;
  if (!read_number (self, &newest_id, NULL, deadline_us, &newest, &why)
      || !check_triggers (self, deadline_us, &why) || !find_gaps (self, newest, deadline_us, &why))
    {
      self->lost = TRUE;
      if (g_error_matches (why, ST_ERROR, ST_ERROR_SCHEMA))
        look_whether_absent (self, deadline_us);
      g_propagate_error (error, g_steal_pointer (&why));
      return FALSE;
    }
  *position = newest;
  self->lost = FALSE;
  return TRUE;
}

/* The row at the position comes first again. It is deleted only when newer ones are there that have been read, unless
 * nobody read for long or the table was emptied: without it there is no telling what else is gone. */
static Outcome
read_new (StChangeFeed *self, gint64 *position, guint limit, Reading *reading, GError **error)
{
  g_autoptr (StQuery) query = st_database_query (self->database, &rows_from, reading->deadline_us, error);
  gboolean gaps = st_database_kind (self->database) != APIM_DATABASE_SQLITE;
  gboolean anchored = FALSE;
  StStep step;

  if (query == NULL)
    return FAILED;
  st_query_bind_int64 (query, 0, *position);
  st_query_bind_int64 (query, 1, (gint64) limit + 1);
  while ((step = st_query_step (query, error)) == ST_ROW)
    {
      gint64 id = st_query_int64 (query, 0);

      if (!anchored && id != *position)
        return LOST;
      if (anchored)
        {
          if (gaps && id > *position + 1)
            st_gaps_add (&self->gaps, *position + 1, id - 1, g_get_monotonic_time ());
          *position = id;
          tell_row (reading, query);
        }
      anchored = TRUE;
    }
  if (step == ST_FAILED)
    return FAILED;
  return anchored || *position == 0 ? DONE : LOST;
}

static Outcome
read_changes (StChangeFeed *self, gint64 *position, guint limit, Reading *reading, GError **error)
{
  gint64 now = g_get_monotonic_time ();
  guint index;
  Outcome outcome;

  st_gaps_forget (&self->gaps, now - self->gap_us);
  index = st_gaps_index_since (&self->gaps, now - YOUNG_US);
  if (now >= self->old_gaps_at_us)
    {
      self->old_gaps_at_us = now + OLD_GAPS_PAUSE_US;
      index = 0;
    }
  if (!look_into_gaps (self, index, reading, error))
    return FAILED;
  outcome = read_new (self, position, limit, reading, error);
  if (outcome == DONE && st_gaps_count (&self->gaps) > ST_CHANGE_FEED_MAX_GAPS)
    return LOST;
  return outcome;
}

gboolean
st_change_feed_read (StChangeFeed *self, gint64 *position, guint limit, gint64 deadline_us, StChangeFunc func,
                     gpointer data, guint *n, GError **error)
{
  Reading reading = { .deadline_us = deadline_us, .func = func, .data = data };
  Outcome outcome = self->lost ? LOST : read_changes (self, position, limit, &reading, error);

  if (outcome == LOST)
    {
      self->lost = TRUE;
      outcome = st_change_feed_start (self, deadline_us, position, error) ? DONE : FAILED;
      if (outcome == DONE)
        tell (&reading, ST_CHANGE_EVERYTHING, NULL);
    }
  *n = reading.n;
  return outcome == DONE;
}

static gboolean
delete_up_to (StChangeFeed *self, gint64 id, gint64 deadline_us, GError **error)
{
  StTransaction *transaction = st_transaction_begin (self->database, deadline_us, error);
  gboolean done = FALSE;

  if (transaction == NULL)
    return FALSE;
  {
    g_autoptr (StQuery) query = st_transaction_query (transaction, &delete_rows, error);

    if (query != NULL)
      {
        st_query_bind_int64 (query, 0, id);
        done = st_query_step (query, error) == ST_END;
      }
  }
  if (done)
    return st_transaction_commit (transaction, error);
  st_transaction_rollback (transaction);
  return FALSE;
}

/* The rows are found without a lock, so that the deletion locks only what it deletes, at the far end from where others
 * write. */
gboolean
st_change_feed_purge (StChangeFeed *self, guint older_than_ms, guint limit, gint64 deadline_us, guint *n,
                      GError **error)
{
  g_autoptr (GError) why = NULL;
  gint64 last_id;

  *n = 0;
  {
    g_autoptr (StQuery) query = st_database_query (self->database, &old_rows, deadline_us, error);

    if (query == NULL)
      return FALSE;
    st_query_bind_int64 (query, 0, limit);
    st_query_bind_int64 (query, 1, ((gint64) older_than_ms + 999) / 1000);
    if (st_query_step (query, error) != ST_ROW)
      return FALSE;
    last_id = st_query_int64 (query, 0);
    *n = (guint) st_query_int64 (query, 1);
  }
  if (*n == 0 || delete_up_to (self, last_id, deadline_us, &why))
    return TRUE;
  *n = 0;
  if (g_error_matches (why, ST_ERROR, ST_ERROR_RETRY))
    return TRUE; /* another node is deleting them */
  g_propagate_error (error, g_steal_pointer (&why));
  return FALSE;
}

gboolean
st_change_token_digest (const char *subject, char hex[65])
{
  static const char key[] = "\"hash\":\"";
  const char *at = subject;
  gsize length;

  if (*subject == '{')
    at = strstr (subject, key);
  if (at == NULL)
    return FALSE;
  if (*subject == '{')
    at += strlen (key);
  length = strspn (at, "0123456789abcdefABCDEF");
  if (length != 64 || at[length] != (*subject == '{' ? '"' : '\0'))
    return FALSE;
  for (guint i = 0; i < 64; i++)
    hex[i] = g_ascii_tolower (at[i]);
  hex[64] = '\0';
  return TRUE;
}
