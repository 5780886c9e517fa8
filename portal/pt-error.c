#include "config.h"
#include "portal/pt-error.h"

#include "core/core-json.h"
#include "core/core-portal.h"

#include <string.h>

G_DEFINE_QUARK (pt-error-quark, pt_error)

typedef struct
{
  guint status;
  gint64 code;
  const char *message;
} ErrorRow;

#define BY_STATUS(status, message)                                                                           \
  {                                                                                                          \
    status, status, message                                                                                  \
  }

static const ErrorRow http_rows[PT_N_ERRORS] = {
  [PT_ERROR_BAD_REQUEST] = BY_STATUS (400, "Bad Request"),
  [PT_ERROR_NO_TOKEN] = { 401, 900902, "Missing Credentials" },
  [PT_ERROR_INVALID_TOKEN] = { 401, 900901, "Invalid Credentials" },
  [PT_ERROR_SCOPE] = { 403, 900910, "The access token does not allow you to access the requested resource" },
  [PT_ERROR_NOT_FOUND] = BY_STATUS (404, "Not Found"),
  [PT_ERROR_METHOD] = BY_STATUS (405, "Method Not Allowed"),
  [PT_ERROR_NOT_ACCEPTABLE] = BY_STATUS (406, "Not Acceptable"),
  [PT_ERROR_TOO_LARGE] = BY_STATUS (413, "Content Too Large"),
  [PT_ERROR_MEDIA_TYPE] = BY_STATUS (415, "Unsupported Media Type"),
};

/* A partial failure is no success: what it leaves is to be mended (`apimctl gateway sync`), and error[] says
 * where. */
static const ErrorRow workflow_rows[] = {
  [CORE_PORTAL_ERROR_INVALID] = BY_STATUS (400, "Bad Request"),
  [CORE_PORTAL_ERROR_FORBIDDEN] = BY_STATUS (403, "Forbidden"),
  [CORE_PORTAL_ERROR_NOT_FOUND] = BY_STATUS (404, "Not Found"),
  [CORE_PORTAL_ERROR_CONFLICT] = BY_STATUS (409, "Conflict"),
  [CORE_PORTAL_ERROR_PRECONDITION] = BY_STATUS (412, "Precondition Failed"),
  [CORE_PORTAL_ERROR_PARTIAL] = BY_STATUS (500, "Partial Failure"),
  [CORE_PORTAL_ERROR_UNAVAILABLE] = BY_STATUS (503, "Service Unavailable"),
};

static const ErrorRow unavailable = BY_STATUS (503, "Service Unavailable");
static const ErrorRow failed = { 500, 900967, "General Error" };

static const ErrorRow *
row_of (const GError *error)
{
  if (error->domain == PT_ERROR && error->code >= 0 && error->code < PT_N_ERRORS)
    return &http_rows[error->code];
  if (error->domain == CORE_PORTAL_ERROR && error->code >= 0
      && (guint)error->code < G_N_ELEMENTS (workflow_rows))
    return &workflow_rows[error->code];
  if (g_error_matches (error, ST_ERROR, ST_ERROR_UNAVAILABLE)
      || g_error_matches (error, ST_ERROR, ST_ERROR_TIMEOUT)
      || g_error_matches (error, ST_ERROR, ST_ERROR_RETRY))
    return &unavailable;
  return &failed;
}

gboolean
pt_fail (GError **error, PtError code, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_propagate_error (error, g_error_new_valist (PT_ERROR, code, format, arguments));
  va_end (arguments);
  return FALSE;
}

guint
pt_error_status (const GError *error)
{
  return row_of (error)->status;
}

/* A database's own words name hosts and files: not for strangers. */
gboolean
pt_error_is_ours (const GError *error)
{
  const ErrorRow *row = row_of (error);

  return row == &failed || row->status == 503;
}

static void
append_detail (GString *json, const char *code, const char *message)
{
  if (json->str[json->len - 1] != '[')
    g_string_append_c (json, ',');
  g_string_append_c (json, '{');
  core_json_append_member (json, "code", code);
  core_json_append_member (json, "message", message);
  g_string_append_c (json, '}');
}

static void
append_details (GString *json, const GError *error)
{
  const GPtrArray *violations = core_portal_error_violations (error);
  const GPtrArray *failures = core_portal_error_failures (error);

  core_json_append_name (json, "error");
  g_string_append_c (json, '[');
  for (guint i = 0; violations != NULL && i < violations->len; i++)
    {
      const CoreViolation *violation = violations->pdata[i];

      append_detail (json, violation->field, violation->message);
    }
  for (guint i = 0; failures != NULL && i < failures->len; i++)
    {
      const CoreDeployerFailure *failure = failures->pdata[i];

      append_detail (json, failure->environment, failure->reason);
    }
  g_string_append_c (json, ']');
}

static const char *
description_of (const GError *error, const ErrorRow *row)
{
  if (row == &failed)
    return "Server Error Occurred";
  return row->status == 503 ? "The server cannot answer now: try again in a moment." : error->message;
}

char *
pt_error_text (const GError *error)
{
  if (pt_error_is_ours (error))
    return g_strdup (pt_error_status (error) == 503 ? "The server cannot answer now: try again in a moment."
                                                    : "Server Error Occurred");
  return g_strdup (error->message);
}

char *
pt_error_json (const GError *error, const char *request_id)
{
  const ErrorRow *row = row_of (error);
  GString *json = g_string_new ("{");

  core_json_append_int64 (json, "code", row->code);
  core_json_append_member (json, "message", row->message);
  core_json_append_member (json, "description", description_of (error, row));
  core_json_append_member (json, "moreInfo", "");
  append_details (json, error);
  core_json_append_member (json, "requestId", request_id);
  g_string_append_c (json, '}');
  return g_string_free (json, FALSE);
}

char *
pt_error_challenge (const GError *error, const char *scope)
{
  if (error->domain != PT_ERROR)
    return NULL;
  switch (error->code)
    {
    case PT_ERROR_NO_TOKEN:
      return g_strdup ("Bearer realm=\"WSO2 API Manager\"");
    case PT_ERROR_INVALID_TOKEN:
      return g_strdup ("Bearer realm=\"WSO2 API Manager\", error=\"invalid_token\"");
    case PT_ERROR_SCOPE:
      return g_strdup_printf ("Bearer realm=\"WSO2 API Manager\", error=\"insufficient_scope\", scope=\"%s\"",
                              scope != NULL ? scope : "");
    default:
      return NULL;
    }
}
