/* Throttling policies listed, made, changed and deleted; one transaction each. */
#include "config.h"
#include "core/core-policy.h"

#include "core/core-artifact.h"
#include "core/core-tier.h"
#include "store/st-policy-uses.h"

#include <string.h>

/* Who makes and publishes APIs chooses from them, so he may look. */
gboolean
core_policy_check_viewer (const CoreActor *actor, GError **error)
{
  return core_actor_may (actor, CORE_MAY_CREATE) || core_actor_may (actor, CORE_MAY_PUBLISH)
         || core_actor_require (actor, CORE_MAY_MANAGE_TIERS, "see throttling policies", error);
}

/* Rules of the operator's own look at the calls of all tenants. */
static gboolean
check_tenant (const CoreActor *actor, StPolicyKind kind, GError **error)
{
  return kind != ST_POLICY_GLOBAL || actor->tenant_id == ST_SUPER_TENANT_ID
         || core_portal_fail (error, CORE_PORTAL_ERROR_FORBIDDEN,
                              "%s may not use custom policies: they are the super tenant's alone", actor->name);
}

static gboolean
check_manager (const CoreActor *actor, StPolicyKind kind, const char *what, GError **error)
{
  return core_actor_require (actor, CORE_MAY_MANAGE_TIERS, what, error) && check_tenant (actor, kind, error);
}

/* A refusal that the caller gets to read. */
static gboolean
check_database (StWriter *writer, GError **error)
{
  g_autoptr (GError) why = NULL;

  return st_policy_check_generation (writer, &why)
         || core_portal_fail (error, CORE_PORTAL_ERROR_CONFLICT, "%s", why->message);
}

/* One question or change, on its way through the transaction. */
typedef struct
{
  const CorePortal *portal;
  const CoreActor *actor;
  StPolicyKind kind;
  const char *id;
  const char *etag;
  const StPolicy *policy;
  gboolean rows; /* the tenant has its first ones */
  GPtrArray *records;
  StPolicyRecord *result;
} Call;

static gboolean
ask_for_rows (StWriter *writer, gpointer data, GError **error)
{
  Call *call = data;

  return check_database (writer, error)
         && core_tier_has_rows (writer, call->actor->tenant_id, &call->rows, error);
}

static gboolean
write_first_rows (StWriter *writer, gpointer data, GError **error)
{
  const Call *call = data;

  return core_tier_write_defaults (writer, call->portal->advanced_throttling, call->actor->tenant_id, error);
}

/* Ids are given out, so there must be rows. */
static gboolean
prepare_tenant (Call *call, GError **error)
{
  return core_portal_read (call->portal, ask_for_rows, call, error)
         && (call->rows || call->portal->dry_run
             || core_portal_write (call->portal, write_first_rows, call, error));
}

static gboolean
list (StWriter *writer, gpointer data, GError **error)
{
  Call *call = data;

  g_clear_pointer (&call->records, g_ptr_array_unref);
  return st_policy_record_list (writer, call->kind, call->actor->tenant_id, &call->records, error);
}

gboolean
core_policy_list (const CorePortal *portal, const CoreActor *actor, StPolicyKind kind, GPtrArray **records,
                  GError **error)
{
  Call call = { .portal = portal, .actor = actor, .kind = kind };
  gboolean done = core_policy_check_viewer (actor, error) && check_tenant (actor, kind, error)
                  && prepare_tenant (&call, error) && core_portal_read (portal, list, &call, error);

  if (!done)
    g_clear_pointer (&call.records, g_ptr_array_unref);
  *records = call.records;
  return done;
}

static gboolean
find (StWriter *writer, const Call *call, gboolean lock, StPolicyRecord **found, GError **error)
{
  if (!check_database (writer, error)
      || !st_policy_record_find (writer, call->kind, call->actor->tenant_id, call->id, lock, found, error))
    return FALSE;
  return *found != NULL
         || core_portal_fail (error, CORE_PORTAL_ERROR_NOT_FOUND, "there is no %s policy %s",
                              core_policy_kind_text (call->kind), call->id);
}

static gboolean
get (StWriter *writer, gpointer data, GError **error)
{
  Call *call = data;

  g_clear_pointer (&call->result, st_policy_record_free);
  return find (writer, call, FALSE, &call->result, error);
}

gboolean
core_policy_get (const CorePortal *portal, const CoreActor *actor, StPolicyKind kind, const char *id,
                 StPolicyRecord **found, GError **error)
{
  Call call = { .portal = portal, .actor = actor, .kind = kind, .id = id };
  gboolean done = core_policy_check_viewer (actor, error) && check_tenant (actor, kind, error)
                  && core_portal_read (portal, get, &call, error);

  *found = call.result;
  return done;
}

static gboolean
is_unlimited (StPolicyKind kind, const char *name)
{
  return kind != ST_POLICY_GLOBAL && name != NULL && g_ascii_strcasecmp (name, CORE_TIER_UNLIMITED) == 0;
}

static gboolean
fail_unlimited (GError **error)
{
  return core_portal_fail (error, CORE_PORTAL_ERROR_CONFLICT, "Changes on the 'Unlimited' tier are not allowed");
}

static gboolean
check_policy (const StPolicy *policy, GError **error)
{
  g_autoptr (GPtrArray) violations = core_violations_new ();

  core_policy_check (policy, violations);
  return core_violations_check (violations, error);
}

/* What the database's unique key found, in words. */
static gboolean
explain_taken (const Call *call, GError *why, GError **error)
{
  if (!g_error_matches (why, ST_ERROR, ST_ERROR_CONFLICT))
    {
      g_propagate_error (error, why);
      return FALSE;
    }
  g_error_free (why);
  return core_portal_fail (error, CORE_PORTAL_ERROR_CONFLICT, "%s policy with name %s already exists",
                           core_policy_kind_text (call->kind), call->policy->name);
}

static gboolean
create (StWriter *writer, gpointer data, GError **error)
{
  Call *call = data;
  StPolicy policy = *call->policy;
  GError *why = NULL;
  gint64 id;

  g_clear_pointer (&call->result, st_policy_record_free);
  policy.tenant_id = call->actor->tenant_id;
  policy.deployed = FALSE;
  if (!check_database (writer, error)
      || !core_tier_write_defaults (writer, call->portal->advanced_throttling, policy.tenant_id, error))
    return FALSE;
  if (!st_write_add_policy (writer, &policy, &id, &why))
    return explain_taken (call, why, error);
  return st_policy_record_find_named (writer, policy.kind, policy.tenant_id, policy.name, &call->result, error);
}

/* Runs a change, hands its result out, and keeps a record of it. */
static gboolean
run (Call *call, StWork work, const char *action, StPolicyRecord **result, GError **error)
{
  gboolean done = core_portal_write (call->portal, work, call, error);
  g_autoptr (StPolicyRecord) record = g_steal_pointer (&call->result);

  if (!done)
    return FALSE;
  core_portal_audit (call->portal, call->actor, action, "throttling policy", record->policy.name,
                     core_policy_kind_text (call->kind));
  if (result != NULL)
    *result = g_steal_pointer (&record);
  return TRUE;
}

gboolean
core_policy_create (const CorePortal *portal, const CoreActor *actor, const StPolicy *policy,
                    StPolicyRecord **created, GError **error)
{
  Call call = { .portal = portal, .actor = actor, .kind = policy->kind, .policy = policy };

  if (!check_manager (actor, policy->kind, "create throttling policies", error)
      || !check_policy (policy, error))
    return FALSE;
  if (is_unlimited (policy->kind, policy->name))
    return fail_unlimited (error);
  return run (&call, create, "create", created, error);
}

/* The policy that is to be changed, held until the end of the transaction. */
static gboolean
find_for_change (StWriter *writer, const Call *call, StPolicyRecord **found, GError **error)
{
  g_autofree char *etag = NULL;

  if (!find (writer, call, TRUE, found, error))
    return FALSE;
  etag = core_policy_etag (*found);
  if (call->etag != NULL && strcmp (call->etag, etag) != 0)
    return core_portal_fail (error, CORE_PORTAL_ERROR_PRECONDITION,
                             "the policy %s was changed meanwhile: read it again, and change that",
                             (*found)->policy.name);
  return is_unlimited (call->kind, (*found)->policy.name) ? fail_unlimited (error) : TRUE;
}

static gboolean
update (StWriter *writer, gpointer data, GError **error)
{
  Call *call = data;
  StPolicy policy = *call->policy;
  g_autoptr (StPolicyRecord) before = NULL;

  g_clear_pointer (&call->result, st_policy_record_free);
  if (!find_for_change (writer, call, &before, error))
    return FALSE;
  policy.tenant_id = before->policy.tenant_id;
  policy.name = before->policy.name;
  policy.per_user = before->policy.per_user;
  policy.deployed = FALSE;
  if (policy.kind == ST_POLICY_APPLICATION && policy.custom_attributes == NULL)
    policy.custom_attributes = before->policy.custom_attributes;
  return st_write_update_policy (writer, &policy, error)
         && st_policy_record_find (writer, call->kind, policy.tenant_id, call->id, FALSE, &call->result, error);
}

gboolean
core_policy_update (const CorePortal *portal, const CoreActor *actor, const char *id, const StPolicy *policy,
                    const char *etag, StPolicyRecord **updated, GError **error)
{
  /* The name is the row's, whatever is said of it; it was checked when it was given. */
  StPolicy checked = *policy;
  Call call = {
    .portal = portal, .actor = actor, .kind = policy->kind, .id = id, .policy = policy, .etag = etag
  };

  checked.name = "kept";
  return check_manager (actor, policy->kind, "change throttling policies", error)
         && check_policy (&checked, error) && run (&call, update, "update", updated, error);
}

/* What goes by a policy, as a sentence's end. */
typedef struct
{
  GString *words;
  const char *name; /* the policy's */
  guint n_offers;
  GString *offers;
  GError **error;
  gboolean failed;
} Uses;

static gboolean
add_offer (const char *api, const char *artifact, gpointer data)
{
  Uses *uses = data;
  g_autoptr (CoreApi) of = core_api_new ();

  /* One that cannot be read might offer it. */
  if (artifact == NULL || !core_artifact_read (artifact, strlen (artifact), of, uses->error))
    {
      uses->failed = artifact != NULL;
      return !uses->failed;
    }
  if (of->tiers == NULL || !g_strv_contains ((const char *const *)of->tiers, uses->name))
    return TRUE;
  if (uses->n_offers < ST_POLICY_USE_NAMES)
    g_string_append_printf (uses->offers, "%s%s", uses->n_offers > 0 ? ", " : "", api);
  uses->n_offers++;
  return TRUE;
}

static void
add_words (GString *words, gint64 count, const char *what, const char *names, gboolean more)
{
  if (count == 0)
    return;
  g_string_append_printf (words, "%s%" G_GINT64_FORMAT " %s (%s%s)", words->len > 0 ? "; " : "", count, what,
                          names, more ? ", ..." : "");
}

static gboolean
count_use (StWriter *writer, const Call *call, StPolicyUse use, const char *what, Uses *uses, GError **error)
{
  const CoreActor *actor = call->actor;
  g_auto (GStrv) names = NULL;
  g_autofree char *joined = NULL;
  gint64 count;

  if (!st_policy_count_uses (writer, use, actor->tenant_id, actor->tenant_domain, uses->name, &count, &names,
                             error))
    return FALSE;
  joined = g_strjoinv (", ", names);
  add_words (uses->words, count, what, joined, count > ST_POLICY_USE_NAMES);
  return TRUE;
}

static gboolean
collect_uses (StWriter *writer, const Call *call, Uses *uses, GError **error)
{
  switch (call->kind)
    {
    case ST_POLICY_SUBSCRIPTION:
      if (!count_use (writer, call, ST_USE_SUBSCRIPTION, "subscriptions", uses, error)
          || !st_policy_each_offer (writer, call->actor->tenant_domain, uses->name, add_offer, uses, error)
          || uses->failed)
        return FALSE;
      add_words (uses->words, uses->n_offers, "APIs that offer it", uses->offers->str,
                 uses->n_offers > ST_POLICY_USE_NAMES);
      return TRUE;
    case ST_POLICY_APPLICATION:
      return count_use (writer, call, ST_USE_APPLICATION, "applications", uses, error);
    case ST_POLICY_API:
      return count_use (writer, call, ST_USE_API, "APIs", uses, error)
             && count_use (writer, call, ST_USE_RESOURCE, "resources", uses, error);
    case ST_POLICY_GLOBAL:
    case ST_N_POLICY_KINDS:
    default:
      return TRUE;
    }
}

static gboolean
check_unused (StWriter *writer, const Call *call, const char *name, GError **error)
{
  g_autoptr (GString) words = g_string_new (NULL);
  g_autoptr (GString) offers = g_string_new (NULL);
  Uses uses = { .words = words, .name = name, .offers = offers, .error = error };

  return collect_uses (writer, call, &uses, error)
         && (words->len == 0
             || core_portal_fail (error, CORE_PORTAL_ERROR_CONFLICT,
                                  "Unable to remove this tier. Tier in use: %s has %s", name, words->str));
}

static gboolean delete (StWriter *writer, gpointer data, GError **error)
{
  Call *call = data;
  const StPolicy *policy;

  g_clear_pointer (&call->result, st_policy_record_free);
  if (!find_for_change (writer, call, &call->result, error))
    return FALSE;
  policy = &call->result->policy;
  return check_unused (writer, call, policy->name, error)
         && st_write_delete_policy (writer, call->kind, policy->tenant_id, policy->name, error);
}

gboolean
core_policy_delete (const CorePortal *portal, const CoreActor *actor, StPolicyKind kind, const char *id,
                    const char *etag, GError **error)
{
  Call call = { .portal = portal, .actor = actor, .kind = kind, .id = id, .etag = etag };

  return check_manager (actor, kind, "delete throttling policies", error)
         && run (&call, delete, "delete", NULL, error);
}
