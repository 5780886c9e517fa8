#include "config.h"
#include "core/core-portal.h"

#include "store/st-oauth-token.h"

#include "common/apim-log.h"

typedef struct
{
  GPtrArray *violations; /* (nullable) */
  GPtrArray *failures;   /* (nullable) */
} CorePortalErrorPrivate;

static void
core_portal_error_private_init (CorePortalErrorPrivate *private)
{
}

static void
core_portal_error_private_copy (const CorePortalErrorPrivate *from, CorePortalErrorPrivate *to)
{
  to->violations = from->violations != NULL ? g_ptr_array_ref (from->violations) : NULL;
  to->failures = from->failures != NULL ? g_ptr_array_ref (from->failures) : NULL;
}

static void
core_portal_error_private_clear (CorePortalErrorPrivate *private)
{
  g_clear_pointer (&private->violations, g_ptr_array_unref);
  g_clear_pointer (&private->failures, g_ptr_array_unref);
}

G_DEFINE_EXTENDED_ERROR (CorePortalError, core_portal_error)

/* What core_portal_write() ends a dry run with, so that it is rolled back. */
#define DRY_RUN_ERROR (dry_run_error_quark ())
static G_DEFINE_QUARK (core-portal-dry-run, dry_run_error)

    static void violation_free (gpointer data)
{
  CoreViolation *violation = data;

  g_free (violation->field);
  g_free (violation->message);
  g_free (violation);
}

GPtrArray *
core_violations_new (void)
{
  return g_ptr_array_new_with_free_func (violation_free);
}

void
core_violations_add (GPtrArray *violations, const char *field, const char *format, ...)
{
  CoreViolation *violation = g_new0 (CoreViolation, 1);
  va_list arguments;

  va_start (arguments, format);
  violation->field = g_strdup (field);
  violation->message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_ptr_array_add (violations, violation);
}

void
core_violations_check_text (GPtrArray *violations, const char *field, const char *text, glong limit)
{
  if (text == NULL)
    return;
  if (!g_utf8_validate (text, -1, NULL))
    core_violations_add (violations, field, "The %s is not valid UTF-8", field);
  else if (g_utf8_strlen (text, -1) > limit)
    core_violations_add (violations, field, "The %s has %ld characters; the limit is %ld", field,
                         g_utf8_strlen (text, -1), limit);
}

static gpointer
copy_violation (gconstpointer source, gpointer data)
{
  const CoreViolation *from = source;
  CoreViolation *to = g_new0 (CoreViolation, 1);

  to->field = g_strdup (from->field);
  to->message = g_strdup (from->message);
  return to;
}

gboolean
core_violations_check (GPtrArray *violations, GError **error)
{
  g_autoptr (GString) message = g_string_new (NULL);
  g_autoptr (GError) invalid = NULL;

  if (violations->len == 0)
    return TRUE;
  for (guint i = 0; i < violations->len; i++)
    {
      const CoreViolation *violation = violations->pdata[i];

      g_string_append_printf (message, "%s%s: %s", i > 0 ? "; " : "", violation->field, violation->message);
    }
  invalid = g_error_new_literal (CORE_PORTAL_ERROR, CORE_PORTAL_ERROR_INVALID, message->str);
  core_portal_error_get_private (invalid)->violations = g_ptr_array_copy (violations, copy_violation, NULL);
  g_propagate_error (error, g_steal_pointer (&invalid));
  return FALSE;
}

static void
failure_free (gpointer data)
{
  CoreDeployerFailure *failure = data;

  g_free (failure->environment);
  g_free (failure->reason);
  g_free (failure);
}

GPtrArray *
core_deployer_failures_new (void)
{
  return g_ptr_array_new_with_free_func (failure_free);
}

CoreDeployerFailure *
core_deployer_failures_add (GPtrArray *failures, const char *environment, CoreDeployerAction action,
                            const char *reason)
{
  CoreDeployerFailure *failure = g_new0 (CoreDeployerFailure, 1);

  failure->environment = g_strdup (environment);
  failure->action = action;
  failure->reason = g_strdup (reason);
  g_ptr_array_add (failures, failure);
  return failure;
}

static gpointer
copy_failure (gconstpointer source, gpointer data)
{
  const CoreDeployerFailure *from = source;
  CoreDeployerFailure *to = g_new0 (CoreDeployerFailure, 1);

  to->environment = g_strdup (from->environment);
  to->action = from->action;
  to->reason = g_strdup (from->reason);
  to->unreachable = from->unreachable;
  return to;
}

const GPtrArray *
core_portal_error_violations (const GError *error)
{
  return error->domain == CORE_PORTAL_ERROR ? core_portal_error_get_private (error)->violations : NULL;
}

const GPtrArray *
core_portal_error_failures (const GError *error)
{
  return error->domain == CORE_PORTAL_ERROR ? core_portal_error_get_private (error)->failures : NULL;
}

gboolean
core_portal_fail_partial (const GPtrArray *failures, const char *done, GError **error)
{
  g_autoptr (GString) message = g_string_new (done);
  g_autoptr (GError) partial = NULL;

  g_string_append (message, ", but not on every gateway");
  for (guint i = 0; i < failures->len; i++)
    {
      const CoreDeployerFailure *failure = failures->pdata[i];

      g_string_append_printf (message, "; %s: %s", failure->environment, failure->reason);
    }
  partial = g_error_new_literal (CORE_PORTAL_ERROR, CORE_PORTAL_ERROR_PARTIAL, message->str);
  core_portal_error_get_private (partial)->failures
      = g_ptr_array_copy ((GPtrArray *)failures, copy_failure, NULL);
  g_propagate_error (error, g_steal_pointer (&partial));
  return FALSE;
}

gboolean
core_portal_fail (GError **error, CorePortalError code, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  if (error != NULL)
    *error = g_error_new_valist (CORE_PORTAL_ERROR, code, format, arguments);
  va_end (arguments);
  return FALSE;
}

static CorePortalError
code_of_store (gint code)
{
  switch (code)
    {
    case ST_ERROR_UNAVAILABLE:
    case ST_ERROR_TIMEOUT:
    case ST_ERROR_RETRY:
      return CORE_PORTAL_ERROR_UNAVAILABLE;
    case ST_ERROR_CONFLICT:
      return CORE_PORTAL_ERROR_CONFLICT;
    case ST_ERROR_DATA:
      return CORE_PORTAL_ERROR_INVALID;
    default:
      return CORE_PORTAL_ERROR_FAILED;
    }
}

gboolean
core_portal_fail_store (GError *why, GError **error)
{
  g_autoptr (GError) owned = why;

  if (owned->domain == CORE_PORTAL_ERROR)
    g_propagate_error (error, g_steal_pointer (&owned));
  else
    g_set_error_literal (error, CORE_PORTAL_ERROR,
                         owned->domain == ST_ERROR ? code_of_store (owned->code) : CORE_PORTAL_ERROR_FAILED,
                         owned->message);
  return FALSE;
}

typedef struct
{
  StWork work;
  gpointer data;
} DryRun;

static gboolean
work_in_vain (StWriter *writer, gpointer data, GError **error)
{
  const DryRun *run = data;

  if (run->work (writer, run->data, error))
    g_set_error_literal (error, DRY_RUN_ERROR, 0, "everything would be done");
  return FALSE;
}

typedef gboolean (*Transaction) (StDatabase *database, StWork work, gpointer data, gint64 deadline_us,
                                 GError **error);

static gboolean
write_in (const CorePortal *portal, Transaction transaction, StDatabase *database, StWork work, gpointer data,
          GError **error)
{
  DryRun run = { work, data };
  GError *why = NULL;

  if (portal->dry_run ? transaction (database, work_in_vain, &run, 0, &why)
                      : transaction (database, work, data, 0, &why))
    return TRUE;
  if (!g_error_matches (why, DRY_RUN_ERROR, 0))
    return core_portal_fail_store (why, error);
  g_error_free (why);
  return TRUE;
}

gboolean
core_portal_write (const CorePortal *portal, StWork work, gpointer data, GError **error)
{
  return write_in (portal, st_write, portal->apis, work, data, error);
}

gboolean
core_portal_write_users (const CorePortal *portal, StWork work, gpointer data, GError **error)
{
  return write_in (portal, st_write_users, portal->user_rows, work, data, error);
}

gboolean
core_portal_read (const CorePortal *portal, StWork work, gpointer data, GError **error)
{
  GError *why = NULL;

  if (st_read (portal->apis, work, data, 0, &why))
    return TRUE;
  /* What cannot be understood in a row is nobody's input. */
  if (g_error_matches (why, ST_ERROR, ST_ERROR_DATA))
    why->code = ST_ERROR_SCHEMA;
  return core_portal_fail_store (why, error);
}

void
core_portal_audit (const CorePortal *portal, const CoreActor *actor, const char *action, const char *type,
                   const char *object, const char *details)
{
  if (!portal->dry_run)
    apim_info ("audit", "user=\"%s\" tenant=\"%s\" action=\"%s\" type=\"%s\" object=\"%s\"%s%s",
               core_actor_is_visitor (actor) ? "-" : actor->name, actor->tenant_domain, action, type, object,
               details != NULL ? " " : "", details != NULL ? details : "");
}

void
core_portal_tokens_ended (const CorePortal *portal, const GPtrArray *tokens, const char *consumer_key)
{
  for (guint i = 0; !portal->dry_run && portal->token_ended != NULL && tokens != NULL && i < tokens->len; i++)
    portal->token_ended (portal->token_ended_data, ((const StOauthToken *) tokens->pdata[i])->access_token, consumer_key);
}
