/* How the REST APIs refuse: statuses, codes and the error body (spec/publisher-store-workflows.md 11).
 *
 * {"code":404,"message":"Not
 * Found","description":"...","moreInfo":"","error":[{"code":"name","message":"..."}],"requestId":"..."}
 *
 * The code is the HTTP status, as WSO2 2.x answers it, but for what its gateways number too: 900902 no token,
 * 900901 a token that is no good, 900910 a token without the scope, 900967 a failure of ours. error[] has
 * every rule that was broken (its field is the code), and every gateway that failed (its environment is the
 * code). Threads: pure functions. */
#ifndef PT_ERROR_H
#define PT_ERROR_H

#include <glib.h>

G_BEGIN_DECLS

/* Refusals of HTTP's own; those of the workflows are CORE_PORTAL_ERROR. Messages become the description: they
 * are for strangers. */
#define PT_ERROR (pt_error_quark ())
GQuark pt_error_quark (void);
typedef enum
{
  PT_ERROR_BAD_REQUEST,    /* 400 */
  PT_ERROR_NO_TOKEN,       /* 401, WWW-Authenticate: Bearer (RFC 6750 3) */
  PT_ERROR_INVALID_TOKEN,  /* 401, likewise */
  PT_ERROR_SCOPE,          /* 403, likewise */
  PT_ERROR_NOT_FOUND,      /* 404 */
  PT_ERROR_METHOD,         /* 405 */
  PT_ERROR_NOT_ACCEPTABLE, /* 406 */
  PT_ERROR_TOO_LARGE,      /* 413 */
  PT_ERROR_MEDIA_TYPE,     /* 415 */
  PT_N_ERRORS,
} PtError;

/* Sets an error of this domain; always FALSE. */
gboolean pt_fail (GError **error, PtError code, const char *format, ...) G_GNUC_PRINTF (3, 4);

/* @error: of PT_ERROR, CORE_PORTAL_ERROR or ST_ERROR; any other is a failure of ours. */
guint pt_error_status (const GError *error);

/* Whether the peer is told no more than that something went wrong, so that the log must have the rest. */
gboolean pt_error_is_ours (const GError *error);

/* What a peer is told where there is no JSON: all violations in one text, the gateways that failed, and
 * nothing of our own failures. Free with g_free(). */
char *pt_error_text (const GError *error);

/* The error body. Free with g_free(). */
char *pt_error_json (const GError *error, const char *request_id);

/* The WWW-Authenticate of a 401 or 403; NULL for other errors. @scope: (nullable): what the resource asks
 * for. Free with g_free(). */
char *pt_error_challenge (const GError *error, const char *scope);

G_END_DECLS
#endif
