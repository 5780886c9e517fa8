#include "config.h"

#include "admin-cli/ctl-error.h"

#include "admin-cli/ctl-output.h"
#include "store/st-error.h"

typedef struct
{
  char *hint;
} CtlErrorPrivate;

static void
ctl_error_private_init (CtlErrorPrivate *private)
{
}

static void
ctl_error_private_copy (const CtlErrorPrivate *from, CtlErrorPrivate *to)
{
  to->hint = g_strdup (from->hint);
}

static void
ctl_error_private_clear (CtlErrorPrivate *private)
{
  g_free (private->hint);
}

G_DEFINE_EXTENDED_ERROR (CtlError, ctl_error)

static const struct
{
  const char *name;
  int exit_status;
} kinds[] = {
  [CTL_ERROR_FAILED] = { "failed", 1 },
  [CTL_ERROR_USAGE] = { "usage", 2 },
  [CTL_ERROR_INVALID] = { "invalid", 2 },
  [CTL_ERROR_NOT_FOUND] = { "not_found", 3 },
  [CTL_ERROR_LOGIN] = { "login", 4 },
  [CTL_ERROR_FORBIDDEN] = { "forbidden", 5 },
  [CTL_ERROR_CONFLICT] = { "conflict", 6 },
  [CTL_ERROR_PARTIAL] = { "partial", 7 },
  [CTL_ERROR_REFUSED] = { "refused", CTL_EXIT_REFUSED },
  [CTL_ERROR_UNREACHABLE] = { "unreachable", 10 },
};

void
ctl_error_set (GError **error, CtlErrorKind kind, const char *hint, const char *what, const char *why_format, ...)
{
  va_list arguments;
  va_start (arguments, why_format);
  g_autofree char *why = g_strdup_vprintf (why_format, arguments);
  va_end (arguments);

  if (error == NULL)
    return;
  g_set_error (error, CTL_ERROR, (int) kind, "%s: %s", what, why);
  ctl_error_get_private (*error)->hint = g_strdup (hint);
}

void
ctl_error_wrap (GError **error, const char *hint, const char *what)
{
  if (error == NULL || *error == NULL || (*error)->domain == CTL_ERROR)
    return;
  g_autoptr (GError) cause = g_steal_pointer (error);
  ctl_error_set (error, ctl_error_kind (cause), hint, what, "%s", cause->message);
}

CtlErrorKind
ctl_error_kind (const GError *error)
{
  if (error->domain == CTL_ERROR)
    return (CtlErrorKind) error->code;
  if (g_error_matches (error, ST_ERROR, ST_ERROR_UNAVAILABLE) || g_error_matches (error, ST_ERROR, ST_ERROR_TIMEOUT)
      || error->domain == G_TLS_ERROR || error->domain == G_RESOLVER_ERROR)
    return CTL_ERROR_UNREACHABLE;
  if (g_error_matches (error, ST_ERROR, ST_ERROR_CONFLICT) || g_error_matches (error, ST_ERROR, ST_ERROR_RETRY))
    return CTL_ERROR_CONFLICT;
  return CTL_ERROR_FAILED;
}

const char *
ctl_error_kind_name (CtlErrorKind kind)
{
  return kinds[kind].name;
}

int
ctl_error_exit_status (CtlErrorKind kind)
{
  return kinds[kind].exit_status;
}

const char *
ctl_error_hint (const GError *error)
{
  return error->domain == CTL_ERROR ? ctl_error_get_private (error)->hint : NULL;
}

void
ctl_error_add_hint (GError *error, CtlErrorKind kind, const char *hint)
{
  if (g_error_matches (error, CTL_ERROR, (int) kind) && ctl_error_get_private (error)->hint == NULL)
    ctl_error_get_private (error)->hint = g_strdup (hint);
}

static void
print_json (FILE *stream, const GError *error, CtlErrorKind kind)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "error");
  json_builder_begin_object (builder);
  ctl_json_text (builder, "kind", ctl_error_kind_name (kind));
  ctl_json_text (builder, "message", error->message);
  ctl_json_text (builder, "hint", ctl_error_hint (error));
  ctl_json_int (builder, "exitStatus", ctl_error_exit_status (kind));
  json_builder_end_object (builder);
  json_builder_end_object (builder);
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  g_autofree char *text = ctl_json_render (root);
  fputs (text, stream);
}

void
ctl_error_print (FILE *stream, const GError *error, gboolean json, gboolean color)
{
  CtlErrorKind kind = ctl_error_kind (error);
  if (json)
    {
      print_json (stream, error, kind);
      return;
    }
  g_autofree char *message = ctl_text_clean (error->message);
  fprintf (stream, "apimctl: %serror%s: %s [%s]\n", color ? "\033[1;31m" : "", color ? "\033[0m" : "", message,
           ctl_error_kind_name (kind));
  g_autofree char *hint = ctl_error_hint (error) != NULL ? ctl_text_clean (ctl_error_hint (error)) : NULL;
  if (hint != NULL)
    fprintf (stream, "hint: %s\n", hint);
}
