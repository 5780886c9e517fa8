/* StCheck: what stands against using a database that others made (spec/databases.md 2-6, 12), for `apimctl db check`.
 * It reads and never writes: what would have to be changed is said, with the statement, and left to the operator.
 *
 * Every question is bounded: it has a deadline of its own, and of the token table no more than the newest
 * ST_CHECK_TOKENS rows are looked at, so that ten million tokens cost no more than a few hundred thousand. A question
 * that cannot be answered is a finding itself ("not-checked"); the next one is asked all the same.
 *
 * Severities decide whether a node should be started on the database:
 *   error    the node cannot work with it, or would judge all calls wrongly or too slowly
 *   warning  single calls are refused or slow, or something will go wrong one day; nothing else suffers
 *   note     different from what one may expect, and handled
 *   ok       what was found, for the record
 *
 * Threads: one; calls block. */
#ifndef ST_CHECK_H
#define ST_CHECK_H

#include "store/st-schema.h"

G_BEGIN_DECLS

/* Rows of the token table that a question looks at; the newest where TIME_CREATED has an index. */
#define ST_CHECK_TOKENS 100000
/* Rows of one kind that are counted; more is "at least". */
#define ST_CHECK_ROWS 1000

typedef enum
{
  ST_CHECK_OK,
  ST_CHECK_NOTE,
  ST_CHECK_WARNING,
  ST_CHECK_ERROR,
} StCheckSeverity;

typedef struct
{
  StCheckSeverity severity;
  StSchemaPart part;
  char *code;   /* one word that does not change between versions: "index-missing" */
  char *text;   /* what was found; names and numbers, never a token or a password */
  char *why;    /* nullable: why it matters */
  char *action; /* nullable: what to do, often SQL; nothing to do without */
} StCheckFinding;

/* EnableAccessTokenPartitioning of identity.xml (spec/databases.md 3.3). */
typedef enum
{
  ST_CHECK_PARTITIONS_UNKNOWN,
  ST_CHECK_PARTITIONS_OFF,
  ST_CHECK_PARTITIONS_ON,
} StCheckPartitions;

typedef struct
{
  guint timeout_ms;             /* of each question; the databases must be opened with no shorter limit */
  guint node_timeout_ms;        /* how long a node waits for a look-up */
  guint cache_max_age_ms;       /* how long a node believes facts where there is no change feed */
  gint64 skew_ms;               /* clocks may differ by so much */
  ApimTokenTime token_time;     /* the reading of TIME_CREATED that the node uses (spec/databases.md 4.6) */
  gboolean advanced_throttling; /* EnableAdvanceThrottling */
  StCheckPartitions partitions;
  const ApimUserStoreSettings *user_store; /* nullable: the dry run of the user store is left out */
  const char *target;                      /* nullable: "--home DIR" as it stands behind a command that is suggested */
} StCheckSettings;

typedef struct
{
  gboolean checked; /* the database was asked for and answered */
  StSchemaReport report;
} StCheckResult;

typedef struct _StCheck StCheck;

/* @settings: what it points to must stay. */
StCheck *st_check_new (const StCheckSettings *settings);
void st_check_free (StCheck *check);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StCheck, st_check_free)

/* Looks at both parts. @api, @users: nullable: left out; may be the same. Without @users what needs the tenants is
 * left out, and said. */
void st_check_run (StCheck *check, StDatabase *api, StDatabase *users);

/* One more finding, of the caller's. @why, @action: nullable. */
void st_check_add (StCheck *check, StSchemaPart part, StCheckSeverity severity, const char *code, const char *why,
                   const char *action, const char *format, ...) G_GNUC_PRINTF (7, 8);

/* (transfer none) (element-type StCheckFinding): the worst first. */
const GPtrArray *st_check_findings (StCheck *check);
const StCheckResult *st_check_result (const StCheck *check, StSchemaPart part);
/* Whether there is an error among the findings. */
gboolean st_check_failed (const StCheck *check);
/* "ok", "note", "warning" or "error". */
const char *st_check_severity_name (StCheckSeverity severity);

G_END_DECLS
#endif
