/* What went wrong, for the person or script that called: a kind that decides the exit status, a message "WHAT: WHY",
 * and a hint, which is a command that can be run. Threads: any. */
#ifndef CTL_ERROR_H
#define CTL_ERROR_H

#include <gio/gio.h>
#include <stdio.h>

G_BEGIN_DECLS

#define CTL_ERROR (ctl_error_quark ())
GQuark ctl_error_quark (void);

/* Exit statuses are in the table of ctl-error.c. */
typedef enum
{
  CTL_ERROR_FAILED,      /* everything else */
  CTL_ERROR_USAGE,       /* wrong options or input; nothing was sent */
  CTL_ERROR_INVALID,     /* the server found the input wrong; nothing was done */
  CTL_ERROR_NOT_FOUND,
  CTL_ERROR_LOGIN,       /* the server did not take user and password */
  CTL_ERROR_FORBIDDEN,
  CTL_ERROR_CONFLICT,    /* it exists already, or somebody else changed it */
  CTL_ERROR_PARTIAL,     /* done, but not on every gateway or for every object */
  CTL_ERROR_REFUSED,     /* a rule says no */
  CTL_ERROR_UNREACHABLE, /* no connection, no TLS, no answer in time */
} CtlErrorKind;

/* The exit status of a validation that the Key Manager answered with no. */
#define CTL_EXIT_REFUSED 8
/* What was asked for waits for somebody's approval. */
#define CTL_EXIT_WAITING 8
/* There are differences, and --exit-code was given. */
#define CTL_EXIT_DIFFERENT 9
/* Ctrl-C. */
#define CTL_EXIT_INTERRUPTED 130

/* @hint: (nullable): a command. @what: the thing or action; @why_format: the reason. Both lower case, no final stop,
 * no secrets. */
void ctl_error_set (GError **error, CtlErrorKind kind, const char *hint, const char *what, const char *why_format, ...)
    G_GNUC_PRINTF (5, 6);

/* Turns an error of another domain into a CTL_ERROR of the kind that fits: its message becomes the reason behind
 * @what. Leaves a CTL_ERROR as it is. @hint: (nullable). */
void ctl_error_wrap (GError **error, const char *hint, const char *what);

/* Gives an error of CTL_ERROR of kind @kind the hint, where it has none. @error: (nullable): nothing happens. */
void ctl_error_add_hint (GError *error, CtlErrorKind kind, const char *hint);

/* The kind of any error, foreign domains included. */
CtlErrorKind ctl_error_kind (const GError *error);
const char *ctl_error_kind_name (CtlErrorKind kind);
int ctl_error_exit_status (CtlErrorKind kind);
/* (nullable) (transfer none) */
const char *ctl_error_hint (const GError *error);

/* "apimctl: error: WHAT: WHY [kind]" and a line "hint: COMMAND"; or one JSON document. @color: "error" is red. */
void ctl_error_print (FILE *stream, const GError *error, gboolean json, gboolean color);

G_END_DECLS
#endif
