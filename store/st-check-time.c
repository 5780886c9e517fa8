/* StCheck: whether the times of tokens are read as they were written (spec/databases.md 4.6). Java wrote a wall clock,
 * in its own zone or in UTC, and nothing in the row says which; only tokens from the future give a wrong reading
 * away, or a newest token that would be just now under the other one. */
#include "config.h"
#include "store/st-check-private.h"

#include <string.h>

/* The other reading is thought of when it makes the newest token so young. */
#define JUST_NOW_S (10 * 60)
/* The database's clock and ours. */
#define CLOCK_DIFFERENCE_S 30

static const StStatement server_clock = {
  "SELECT CAST((julianday('now') - 2440587.5) * 86400 AS INTEGER), 0",
  "SELECT UNIX_TIMESTAMP(), TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(), NOW())",
};

/* Seconds since 1970 of the newest token under either reading; SQLite stores the moment itself. */
#define SQLITE_READINGS "TIME_CREATED / 1000, TIME_CREATED / 1000"
#define MYSQL_READINGS                                                                                                 \
  "UNIX_TIMESTAMP(TIME_CREATED), TIMESTAMPDIFF(SECOND, TIMESTAMP('1970-01-01 00:00:00'), TIME_CREATED)"
#define NEWEST(readings) "SELECT " readings " FROM IDN_OAUTH2_ACCESS_TOKEN ORDER BY TIME_CREATED DESC LIMIT 1"
#define NEWEST_OF_SOME(readings)                                                                                       \
  "SELECT " readings " FROM (SELECT TIME_CREATED FROM IDN_OAUTH2_ACCESS_TOKEN LIMIT " G_STRINGIFY (                    \
      ST_CHECK_TOKENS) ") t"                                                                                           \
                       " ORDER BY TIME_CREATED DESC LIMIT 1"
static const StStatement newest_token = { NEWEST (SQLITE_READINGS), NEWEST (MYSQL_READINGS) };
static const StStatement newest_of_some = { NEWEST_OF_SOME (SQLITE_READINGS), NEWEST_OF_SOME (MYSQL_READINGS) };

typedef struct
{
  gint64 now;       /* the server's, seconds since 1970 */
  gint64 offset;    /* of its time zone now, seconds east of UTC */
  gint64 newest[2]; /* by ApimTokenTime */
} Clocks;

/* FALSE also without a row. */
static gboolean
read_two (StCheck *self, const StStatement *statement, gint64 *first, gint64 *second, GError **error)
{
  char *values[2] = { NULL, NULL };
  gboolean found = st_check_read_row (self, statement, 2, values, error) && values[0] != NULL && values[1] != NULL;

  if (found)
    {
      *first = g_ascii_strtoll (values[0], NULL, 10);
      *second = g_ascii_strtoll (values[1], NULL, 10);
    }
  g_free (values[0]);
  g_free (values[1]);
  return found;
}

static char *
offset_text (gint64 seconds)
{
  gint64 minutes = ABS (seconds) / 60;

  return g_strdup_printf ("%c%02d:%02d", seconds < 0 ? '-' : '+', (int)(minutes / 60), (int)(minutes % 60));
}

static const char *
reading_name (ApimTokenTime reading)
{
  return reading == APIM_TOKEN_TIME_UTC ? "utc" : "server";
}

static void
check_zone (StCheck *self, const Clocks *clocks)
{
  gint64 difference = clocks->now - g_get_real_time () / G_USEC_PER_SEC;
  g_autofree char *offset = offset_text (clocks->offset);
  const char *zone = st_check_variable (self, "time_zone");
  const char *system = st_check_variable (self, "system_time_zone");

  if (!st_check_is_mysql (self))
    return;
  ST_CHECK_ADD (self, ST_CHECK_OK, "time-zone", NULL, NULL,
                "time zone of the session %s, of the server's system %s: now %s of UTC; tokens' times are read as %s",
                zone != NULL ? zone : "unknown", system != NULL ? system : "unknown", offset,
                reading_name (self->settings.token_time));
  if (ABS (difference) > CLOCK_DIFFERENCE_S)
    ST_CHECK_ADD (self, ST_CHECK_WARNING, "clock",
                  "tokens end by the clock of the node, and some are dated by the server's",
                  "run a time service (chrony, ntpd) on both machines",
                  "the server's clock and this machine's differ by %" G_GINT64_FORMAT " seconds", ABS (difference));
}

static char *
other_setting (ApimTokenTime other)
{
  return g_strdup_printf ("set <Apimd><TokenTime>%s</TokenTime></Apimd> in repository/conf/api-manager.xml, then check"
                          " again",
                          reading_name (other));
}

static void
judge_newest (StCheck *self, const Clocks *clocks)
{
  ApimTokenTime reading = self->settings.token_time;
  ApimTokenTime other = reading == APIM_TOKEN_TIME_UTC ? APIM_TOKEN_TIME_SERVER : APIM_TOKEN_TIME_UTC;
  gint64 skew = self->settings.skew_ms / 1000;
  gint64 age = clocks->now - clocks->newest[reading];
  gint64 other_age = clocks->now - clocks->newest[other];
  g_autofree char *set_other = other_setting (other);

  if (age < -skew && other_age >= -skew)
    ST_CHECK_ADD (self, ST_CHECK_ERROR, "time-future",
                  "times are read in the wrong zone: every token lives longer than it should, by this much", set_other,
                  "the newest token was issued %" G_GINT64_FORMAT " seconds from now, if its time is read as %s", -age,
                  reading_name (reading));
  else if (age < -skew)
    ST_CHECK_ADD (self, ST_CHECK_ERROR, "time-future",
                  "whoever wrote it has a wrong clock or another time zone: such tokens live longer than they should",
                  "compare the clocks and time zones of the Java nodes (-Duser.timezone) with the server's",
                  "the newest token was issued %" G_GINT64_FORMAT " seconds from now, under either reading", -age);
  else if (age > JUST_NOW_S && other_age >= -skew && other_age < JUST_NOW_S)
    ST_CHECK_ADD (self, ST_CHECK_WARNING, "time-unclear",
                  "if it was issued just now, every token ends too early, by this much", set_other,
                  "the newest token is %" G_GINT64_FORMAT " seconds old, if its time is read as %s, and just issued, if"
                  " read as %s: issue one and check again",
                  age, reading_name (reading), reading_name (other));
}

void
st_check_time (StCheck *self)
{
  gboolean indexed = st_check_has_index (self, "IDN_OAUTH2_ACCESS_TOKEN", "TIME_CREATED");
  g_autoptr (GError) error = NULL;
  Clocks clocks = { 0 };

  if (!read_two (self, &server_clock, &clocks.now, &clocks.offset, &error))
    {
      if (error != NULL)
        st_check_not_checked (self, "the server's time", error);
      return;
    }
  check_zone (self, &clocks);
  if (read_two (self, indexed ? &newest_token : &newest_of_some, &clocks.newest[APIM_TOKEN_TIME_SERVER],
                &clocks.newest[APIM_TOKEN_TIME_UTC], &error))
    judge_newest (self, &clocks);
  else if (error != NULL)
    st_check_not_checked (self, "the times of tokens", error);
}
