#include "config.h"
#include "store/st-oauth-form.h"

#include "store/st-oauth-user.h"

#include <stdlib.h>
#include <string.h>

#define MAX_SCOPE 60       /* IDN_OAUTH2_ACCESS_TOKEN_SCOPE.TOKEN_SCOPE */
#define MAX_SCOPE_TEXT 767 /* 1.9: IDN_OAUTH2_ACCESS_TOKEN.TOKEN_SCOPE */
#define HEX_LENGTH 64

#define JSON_START "{\"hash\":\""
#define JSON_ALGORITHM_START "{\"algorithm\":"

static StOauthHash
classify (const char *stored)
{
  if (stored == NULL)
    return ST_OAUTH_HASH_NONE;
  if (g_str_has_prefix (stored, JSON_START))
    return ST_OAUTH_HASH_JSON;
  if (g_str_has_prefix (stored, JSON_ALGORITHM_START))
    return ST_OAUTH_HASH_JSON_ALGORITHM_FIRST;
  return strlen (stored) == HEX_LENGTH && strspn (stored, "0123456789abcdef") == HEX_LENGTH ? ST_OAUTH_HASH_HEX
                                                                                            : ST_OAUTH_HASH_NONE;
}

gboolean
st_oauth_form_read (StWriter *writer, ApimTokenTime token_time, gboolean fold_names, StOauthForm *form, GError **error)
{
  /* Found by the index of times alone, which ends in the ids: else MariaDB would rather sort the whole table. */
  static const StStatement newest = {
    "SELECT t.TOKEN_STATE, t.ACCESS_TOKEN_HASH"
    " FROM (SELECT TOKEN_ID FROM IDN_OAUTH2_ACCESS_TOKEN ORDER BY TIME_CREATED DESC LIMIT 256) n"
    " JOIN IDN_OAUTH2_ACCESS_TOKEN t ON t.TOKEN_ID = n.TOKEN_ID",
  };
  guint counts[ST_OAUTH_N_HASHES + 1] = { 0 };
  g_autoptr (StQuery) query = NULL;
  StStep step;

  *form = (StOauthForm){ .token_time = token_time, .fold_names = fold_names };
  if (!st_writer_has (writer, ST_CAP_TOKEN_HASH))
    return TRUE;
  query = st_writer_query (writer, &newest, error);
  if (query == NULL)
    return FALSE;
  while ((step = st_query_step (query, error)) == ST_ROW)
    if (g_strcmp0 (st_query_text (query, 0), "ACTIVE") == 0)
      counts[classify (st_query_text (query, 1))]++;
  form->hash = st_writer_has (writer, ST_CAP_TOKEN_AUDIT) ? ST_OAUTH_HASH_JSON : ST_OAUTH_HASH_HEX;
  for (guint i = ST_OAUTH_HASH_HEX; i < G_N_ELEMENTS (counts); i++)
    if (counts[i] > counts[form->hash])
      form->hash = i;
  return step == ST_END;
}

char *
st_oauth_hash (StOauthHash hash, const char *text)
{
  g_autofree char *hex = NULL;

  if (text == NULL || hash == ST_OAUTH_HASH_NONE)
    return NULL;
  hex = g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);
  switch (hash)
    {
    case ST_OAUTH_HASH_JSON:
      return g_strconcat (JSON_START, hex, "\",\"algorithm\":\"SHA-256\"}", NULL);
    case ST_OAUTH_HASH_JSON_ALGORITHM_FIRST:
      return g_strconcat (JSON_ALGORITHM_START "\"SHA-256\",\"hash\":\"", hex, "\"}", NULL);
    case ST_OAUTH_HASH_HEX:
    case ST_OAUTH_HASH_NONE:
    default:
      return g_steal_pointer (&hex);
    }
}

void
st_oauth_hashes_init (StOauthHashes *hashes, const char *text)
{
  for (guint i = 0; i < ST_OAUTH_N_HASHES; i++)
    hashes->texts[i] = st_oauth_hash (ST_OAUTH_HASH_HEX + i, text);
}

void
st_oauth_hashes_clear (StOauthHashes *hashes)
{
  for (guint i = 0; i < ST_OAUTH_N_HASHES; i++)
    g_clear_pointer (&hashes->texts[i], g_free);
}

gboolean
st_oauth_hashes_have (const StOauthHashes *hashes, const char *stored)
{
  for (guint i = 0; i < ST_OAUTH_N_HASHES; i++)
    if (g_strcmp0 (hashes->texts[i], stored) == 0)
      return TRUE;
  return FALSE;
}

static int
compare_texts (const void *a, const void *b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

char *
st_oauth_scope_text (const char *const *scopes)
{
  guint n = g_strv_length ((char **) scopes);
  g_autofree const char **sorted = g_memdup2 (scopes, n * sizeof *scopes);
  GString *text = g_string_new (NULL);

  if (n > 1)
    qsort (sorted, n, sizeof *sorted, compare_texts);
  for (guint i = 0; i < n; i++)
    if (i == 0 || strcmp (sorted[i], sorted[i - 1]) != 0)
      g_string_append_printf (text, "%s%s", i > 0 ? " " : "", sorted[i]);
  return g_string_free (text, FALSE);
}

char *
st_oauth_scope_hash (const char *const *scopes)
{
  g_autofree char *text = st_oauth_scope_text (scopes);

  return g_compute_checksum_for_string (G_CHECKSUM_MD5, text, -1);
}

static gboolean
check_scope (const char *scope, gboolean rows, GError **error)
{
  for (const char *at = scope; *at != '\0'; at++)
    if (!g_ascii_isgraph (*at))
      {
        g_set_error_literal (error, ST_ERROR, ST_ERROR_DATA,
                             "the name of a scope holds a character that is not printable ASCII");
        return FALSE;
      }
  if (*scope == '\0')
    g_set_error_literal (error, ST_ERROR, ST_ERROR_DATA, "the name of a scope is empty");
  else if (rows && strlen (scope) > MAX_SCOPE)
    g_set_error (error, ST_ERROR, ST_ERROR_DATA,
                 "the scope \"%.*s...\" has %zu characters, and the database holds %d: give it a shorter name",
                 MAX_SCOPE, scope, strlen (scope), MAX_SCOPE);
  else
    return TRUE;
  return FALSE;
}

gboolean
st_oauth_scopes_check (const char *const *scopes, guint capabilities, GError **error)
{
  gboolean rows = (capabilities & ST_CAP_TOKEN_IDS) != 0;
  g_autofree char *text = NULL;

  for (guint i = 0; scopes[i] != NULL; i++)
    if (!check_scope (scopes[i], rows, error))
      return FALSE;
  if (rows)
    return TRUE;
  text = st_oauth_scope_text (scopes);
  return st_oauth_check_text ("list of scopes", text, MAX_SCOPE_TEXT, error);
}

gboolean
st_oauth_time_stored (StWriter *writer, const StOauthForm *form, gint64 ms, gint64 *stored_ms, GError **error)
{
  /* The moment at which a clock in the session's time zone shows what UTC clocks show now. UNIX_TIMESTAMP() also takes
   * an hour that a summer time leaves out, which the column itself would refuse. */
  static const StStatement moment = {
    "SELECT ?",
    "SELECT UNIX_TIMESTAMP(TIMESTAMPADD(SECOND, FLOOR(? / 1000), '1970-01-01 00:00:00')) * 1000",
  };
  g_autoptr (StQuery) query = NULL;

  *stored_ms = ms;
  if (form->token_time == APIM_TOKEN_TIME_SERVER)
    return TRUE;
  query = st_writer_query (writer, &moment, error);
  if (query == NULL)
    return FALSE;
  st_query_bind_int64 (query, 0, ms);
  if (st_query_step (query, error) != ST_ROW)
    return FALSE;
  *stored_ms = st_query_int64 (query, 0);
  return TRUE;
}

gint64
st_oauth_time_read (StQuery *query, guint at, const StOauthForm *form)
{
  return st_query_int64 (query, form->token_time == APIM_TOKEN_TIME_UTC ? at + 1 : at);
}
