/* StOauthForm: how tokens, codes and scopes are written in one particular database, so that the WSO2 nodes that share
 * it find them (spec/databases.md 3.2, 4.6, 9). Threads: any. */
#ifndef ST_OAUTH_FORM_H
#define ST_OAUTH_FORM_H

#include "store/st-writer.h"

G_BEGIN_DECLS

/* What ACCESS_TOKEN_HASH and its like hold. The original compares the whole text, so the order of the JSON's keys
 * matters. */
typedef enum
{
  ST_OAUTH_HASH_NONE,                 /* up to 2.1: there is no such column */
  ST_OAUTH_HASH_HEX,                  /* 2.2, 2.5: SHA-256 in small hexadecimal digits */
  ST_OAUTH_HASH_JSON,                 /* 2.6: {"hash":"...","algorithm":"SHA-256"} */
  ST_OAUTH_HASH_JSON_ALGORITHM_FIRST, /* the other order of its keys */
} StOauthHash;

#define ST_OAUTH_N_HASHES 3 /* without NONE */

typedef struct
{
  ApimTokenTime token_time; /* what TIMESTAMPs hold (4.6) */
  gboolean fold_names;      /* names that differ in case are one user's: ApimUserStoreSettings.case_insensitive_names */
  StOauthHash hash;
} StOauthForm;

/* Finds out the form of hashes: that of most of the newest ACTIVE tokens, and where there are none, the generation's. A
 * read of some hundred rows by index: keep the result for as long as the database is the same. */
gboolean st_oauth_form_read (StWriter *writer, ApimTokenTime token_time, gboolean fold_names, StOauthForm *form,
                             GError **error);

/* What a hash column holds for @text; NULL where there is no such column or no text. Free with g_free(). */
char *st_oauth_hash (StOauthHash hash, const char *text);

/* The forms of @text in a fixed order, to search by. */
typedef struct
{
  char *texts[ST_OAUTH_N_HASHES];
} StOauthHashes;
void st_oauth_hashes_init (StOauthHashes *hashes, const char *text);
void st_oauth_hashes_clear (StOauthHashes *hashes);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (StOauthHashes, st_oauth_hashes_clear)
/* Whether @stored (nullable) is one of them. */
gboolean st_oauth_hashes_have (const StOauthHashes *hashes, const char *stored);

/* The scopes in byte order, each once, joined by one space: what 1.9 stores and later generations hash. Free with
 * g_free(). */
char *st_oauth_scope_text (const char *const *scopes);
/* TOKEN_SCOPE_HASH: the MD5 of that text in hexadecimal digits. Free with g_free(). */
char *st_oauth_scope_hash (const char *const *scopes);
/* ST_ERROR_DATA where a scope is empty, holds anything but printable ASCII (RFC 6749 3.3; a blank would make two of it)
 * or does not fit. */
gboolean st_oauth_scopes_check (const char *const *scopes, guint capabilities, GError **error);

/* The number to bind where a statement says ST_OAUTH_*_TIME, in milliseconds since the epoch. */
gboolean st_oauth_time_stored (StWriter *writer, const StOauthForm *form, gint64 ms, gint64 *stored_ms, GError **error);
/* The time in column @at of a row, which a statement reads with ST_OAUTH_*_TIMES: 0 for NULL and for a zero date. */
gint64 st_oauth_time_read (StQuery *query, guint at, const StOauthForm *form);

/* SQLite holds milliseconds. MySQL holds a TIMESTAMP, which has whole seconds, and is written and read through the
 * session's time zone, which is never changed: UNIX_TIMESTAMP() undoes that, and the plain difference to 1970 takes the
 * wall clock for UTC. */
#define ST_OAUTH_SQLITE_TIME "?"
#define ST_OAUTH_MYSQL_TIME "FROM_UNIXTIME(FLOOR(? / 1000))"
#define ST_OAUTH_SQLITE_TIMES(column) column ", " column
#define ST_OAUTH_MYSQL_TIMES(column) \
  "UNIX_TIMESTAMP(" column ") * 1000, TIMESTAMPDIFF(SECOND, '1970-01-01 00:00:00', " column ") * 1000"

G_END_DECLS
#endif
