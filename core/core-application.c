#include "config.h"
#include "core/core-application.h"

#include "core/core-api-private.h"
#include "core/core-tier.h"
#include "store/st-application-writes.h"
#include "store/st-subscription-record.h"

#include <string.h>

gboolean
core_application_enter_store (StWriter *writer, const CoreActor *actor, gint64 *subscriber_id, GError **error)
{
  const StNewSubscriber subscriber = { actor->name, actor->tenant_id, NULL };

  return core_actor_require (actor, CORE_MAY_SUBSCRIBE, "use the Store", error)
         && st_write_first_access (writer, &subscriber, CORE_TIER_UNLIMITED, subscriber_id, error);
}

static gboolean
is_of_actor (const StApplicationRecord *application, const CoreActor *actor)
{
  return application->tenant_id == actor->tenant_id && g_strcmp0 (application->subscriber, actor->name) == 0;
}

/* His own, or one of the tenant that he administers. */
static gboolean
may_act_on (const StApplicationRecord *application, const CoreActor *actor)
{
  return (is_of_actor (application, actor) && core_actor_may (actor, CORE_MAY_SUBSCRIBE))
         || (application->tenant_id == actor->tenant_id && core_actor_may (actor, CORE_MAY_ADMINISTER));
}

static gboolean
find_by_id (StWriter *writer, const char *id, StApplicationRecord **found, GError **error)
{
  gint64 number;

  if (g_ascii_string_to_signed (id, 10, 1, G_MAXINT32, &number, NULL))
    return st_application_record_find (writer, number, found, error);
  return st_application_record_find_by_uuid (writer, id, found, error);
}

/* The lock comes before the first look: what a transaction of MySQL sees is as old as its first look, and
 * what is decided about the application is to be decided from what is there once it is held. */
static gboolean
lock_by_id (StWriter *writer, const char *id, StApplicationRecord **found, GError **error)
{
  g_autoptr (GError) why = NULL;
  gint64 number;

  *found = NULL;
  if (!g_ascii_string_to_signed (id, 10, 1, G_MAXINT32, &number, NULL))
    {
      if (!st_write_lock_application_uuid (writer, id, &number, error))
        return FALSE;
    }
  else if (!st_write_lock_application (writer, number, NULL, &why))
    {
      if (g_error_matches (why, ST_ERROR, ST_ERROR_CONFLICT)) /* there is none */
        return TRUE;
      g_propagate_error (error, g_steal_pointer (&why));
      return FALSE;
    }
  return number == 0 || st_application_record_find (writer, number, found, error);
}

gboolean
core_application_find (StWriter *writer, const CoreActor *actor, const char *id, gboolean lock,
                       StApplicationRecord **found, GError **error)
{
  g_autoptr (StApplicationRecord) application = NULL;

  if (!core_actor_may (actor, CORE_MAY_ADMINISTER)
      && !core_actor_require (actor, CORE_MAY_SUBSCRIBE, "use applications of the Store", error))
    return FALSE;
  if (lock ? !lock_by_id (writer, id, &application, error) : !find_by_id (writer, id, &application, error))
    return FALSE;
  if (application == NULL || !may_act_on (application, actor))
    return core_portal_fail (error, CORE_PORTAL_ERROR_NOT_FOUND, "there is no application %s of yours", id);
  *found = g_steal_pointer (&application);
  return TRUE;
}

gboolean
core_application_require_approved (const StApplicationRecord *application, const char *what, GError **error)
{
  /* Before 1.9 there was no status; the column's default is APPROVED. */
  if (application->status == NULL || strcmp (application->status, "APPROVED") == 0)
    return TRUE;
  return core_portal_fail (error, CORE_PORTAL_ERROR_CONFLICT,
                           "the application \"%s\" cannot %s: it is %s, and must be APPROVED first",
                           application->name, what, application->status);
}

typedef struct
{
  const CoreActor *actor;
  const CoreApplicationSearch *search;
  const StPage *page;
  const char *id;
  const char *name;
  const char *user; /* whose */
  gint64 subscriber_id;
  gint64 total;
  GPtrArray *records;
  StApplicationRecord *found;
} Question;

static gboolean
find_subscriber (StWriter *writer, gpointer data, GError **error)
{
  Question *question = data;

  return st_subscriber_find (writer, question->actor->tenant_id, question->user, &question->subscriber_id,
                             error);
}

static gboolean
enter (StWriter *writer, gpointer data, GError **error)
{
  Question *question = data;

  return core_application_enter_store (writer, question->actor, &question->subscriber_id, error);
}

/* Whose applications are asked for; who comes to the Store for the first time finds his DefaultApplication.
 */
static gboolean
find_owner (const CorePortal *portal, Question *question, const char *user, GError **error)
{
  const CoreActor *actor = question->actor;
  gboolean own = user == NULL || strcmp (user, actor->name) == 0;

  question->user = own ? actor->name : user;
  if (own ? !core_actor_require (actor, CORE_MAY_SUBSCRIBE, "use the Store", error)
          : !core_actor_require (actor, CORE_MAY_ADMINISTER, "see the applications of others", error))
    return FALSE;
  if (!core_portal_read (portal, find_subscriber, question, error))
    return FALSE;
  return !own || question->subscriber_id != 0 || portal->dry_run
         || core_portal_write (portal, enter, question, error);
}

static gboolean
list (StWriter *writer, gpointer data, GError **error)
{
  Question *question = data;
  const StApplicationFilter filter
      = { question->actor->tenant_id, question->subscriber_id, question->search->name };

  g_clear_pointer (&question->records, g_ptr_array_unref);
  return st_application_record_list (writer, &filter, question->page, &question->records, &question->total,
                                     error);
}

gboolean
core_application_list (const CorePortal *portal, const CoreActor *actor, const CoreApplicationSearch *search,
                       const StPage *page, GPtrArray **records, gint64 *total, GError **error)
{
  static const CoreApplicationSearch everything = { NULL };
  Question question = { .actor = actor, .search = search != NULL ? search : &everything, .page = page };

  *records = NULL;
  if (!find_owner (portal, &question, question.search->user, error))
    return FALSE;
  if (question.subscriber_id == 0)
    question.records = g_ptr_array_new_with_free_func ((GDestroyNotify)st_application_record_free);
  else if (!core_portal_read (portal, list, &question, error))
    {
      g_clear_pointer (&question.records, g_ptr_array_unref);
      return FALSE;
    }
  *records = question.records;
  if (total != NULL)
    *total = question.total;
  return TRUE;
}

static gboolean
get (StWriter *writer, gpointer data, GError **error)
{
  Question *question = data;

  g_clear_pointer (&question->found, st_application_record_free);
  return core_application_find (writer, question->actor, question->id, FALSE, &question->found, error);
}

gboolean
core_application_get (const CorePortal *portal, const CoreActor *actor, const char *id,
                      StApplicationRecord **found, GError **error)
{
  Question question = { .actor = actor, .id = id };
  gboolean done = core_portal_read (portal, get, &question, error);

  *found = question.found;
  return done;
}

/* Whether one of its subscriptions is to an API of the actor's tenant. */
static gboolean
is_subscribed (StWriter *writer, const CoreActor *actor, gint64 application_id, gboolean *is, GError **error)
{
  const StSubscriptionFilter filter = { .application_id = application_id };
  g_autoptr (GPtrArray) subscriptions = NULL;

  *is = FALSE;
  if (!st_subscription_record_list (writer, &filter, NULL, &subscriptions, NULL, error))
    return FALSE;
  for (guint i = 0; i < subscriptions->len && !*is; i++)
    *is = core_api_is_provider_of_tenant (((StSubscriptionRecord *)subscriptions->pdata[i])->api_provider,
                                          actor);
  return TRUE;
}

static gboolean
get_subscribed (StWriter *writer, gpointer data, GError **error)
{
  Question *question = data;
  gboolean subscribed = FALSE;

  g_clear_pointer (&question->found, st_application_record_free);
  if (!find_by_id (writer, question->id, &question->found, error)
      || (question->found != NULL
          && !is_subscribed (writer, question->actor, question->found->id, &subscribed, error)))
    return FALSE;
  return subscribed
         || core_portal_fail (error, CORE_PORTAL_ERROR_NOT_FOUND,
                              "there is no application %s that is subscribed to an API of your tenant",
                              question->id);
}

gboolean
core_application_get_subscribed (const CorePortal *portal, const CoreActor *actor, const char *id,
                                 StApplicationRecord **found, GError **error)
{
  Question question = { .actor = actor, .id = id };
  gboolean done
      = core_api_require_audience (actor, CORE_AUDIENCE_PUBLISHER, "see who subscribes to APIs", error)
        && core_portal_read (portal, get_subscribed, &question, error);

  if (!done)
    g_clear_pointer (&question.found, st_application_record_free);
  *found = question.found;
  return done;
}

static gboolean
get_named (StWriter *writer, gpointer data, GError **error)
{
  Question *question = data;

  g_clear_pointer (&question->found, st_application_record_free);
  if (question->subscriber_id != 0
      && !st_application_record_find_named (writer, question->subscriber_id, question->name, &question->found,
                                            error))
    return FALSE;
  return question->found != NULL
         || core_portal_fail (error, CORE_PORTAL_ERROR_NOT_FOUND, "there is no application \"%s\" of %s",
                              question->name, question->user);
}

gboolean
core_application_get_named (const CorePortal *portal, const CoreActor *actor, const char *user,
                            const char *name, StApplicationRecord **found, GError **error)
{
  Question question = { .actor = actor, .name = name };
  gboolean done
      = find_owner (portal, &question, user, error) && core_portal_read (portal, get_named, &question, error);

  *found = question.found;
  return done;
}
