/* Writes of throttling policies (spec/databases.md 4.2, 10, 11.1), which databases have from 2.0 on; ST_ERROR_SCHEMA
 * before. Other errors: as in st-application-writes.h. Threads: one per writer. */
#ifndef ST_POLICY_WRITES_H
#define ST_POLICY_WRITES_H

#include "store/st-writer.h"

G_BEGIN_DECLS

typedef enum
{
  ST_POLICY_SUBSCRIPTION, /* AM_POLICY_SUBSCRIPTION */
  ST_POLICY_APPLICATION,  /* AM_POLICY_APPLICATION */
  ST_POLICY_API,          /* AM_API_THROTTLE_POLICY */
  ST_POLICY_GLOBAL,       /* AM_POLICY_GLOBAL: a rule of the operator's own, without a quota */
  ST_N_POLICY_KINDS,
} StPolicyKind;

/* So much in so much time. */
typedef struct
{
  gint64 amount;         /* requests, or @unit of data: 0, which lets nothing pass, ... G_MAXINT32, which stands for
                          * "unlimited" */
  const char *unit;      /* NULL: requestCount; "KB" or "MB": bandwidthVolume */
  gint64 unit_time;      /* how many @time_unit, from 1 on */
  const char *time_unit; /* sec, min, hour or day */
} StQuota;

typedef enum
{
  ST_CONDITION_IP,        /* value: the address */
  ST_CONDITION_IP_RANGE,  /* name: the first address, value: the last */
  ST_CONDITION_HEADER,    /* name and value of a header */
  ST_CONDITION_QUERY,     /* name and value of a query parameter */
  ST_CONDITION_JWT_CLAIM, /* name: claim URI */
} StConditionKind;

typedef struct
{
  StConditionKind kind;
  const char *name; /* NULL for ST_CONDITION_IP */
  const char *value;
  gboolean inverted; /* it holds where this does not match */
} StCondition;

/* All conditions together give this quota instead of the policy's. */
typedef struct
{
  StQuota quota;
  const char *description; /* (nullable) */
  const StCondition *conditions;
  guint n_conditions;
} StConditionGroup;

typedef struct
{
  StPolicyKind kind;
  gint tenant_id;
  const char *name;         /* unique per kind and tenant */
  const char *display_name; /* NULL: the name; ST_POLICY_GLOBAL has none */
  const char *description;  /* (nullable) */
  StQuota quota;            /* not of ST_POLICY_GLOBAL */
  gboolean deployed;             /* the traffic managers have it */
  const char *custom_attributes; /* (nullable): JSON; not of ST_POLICY_API and ST_POLICY_GLOBAL */

  /* ST_POLICY_SUBSCRIPTION: at most so many requests at once; 0, and -1 as WSO2's examples have it: any number. */
  gint64 rate_limit_count;
  const char *rate_limit_unit; /* (nullable) */
  gboolean stop_on_quota_reach;
  const char *billing_plan; /* NULL: "FREE" */

  /* ST_POLICY_API. */
  gboolean per_user; /* APPLICABLE_LEVEL userLevel instead of apiLevel */
  const StConditionGroup *groups;
  guint n_groups;

  /* ST_POLICY_GLOBAL. */
  const char *key_template; /* "$userId:$apiContext" */
  const char *siddhi_query; /* (nullable) */
} StPolicy;

/* ST_ERROR_SCHEMA where the database has no policies. */
gboolean st_policy_check_generation (StWriter *writer, GError **error);

/* Whether the tenant has a policy of exactly this name; nobody takes it away until the end of the transaction. */
gboolean st_policy_exists (StWriter *writer, StPolicyKind kind, gint tenant_id, const char *name, gboolean *exists,
                           GError **error);

/* @policy_id: (out). ST_ERROR_CONFLICT where the tenant has one of this kind and name. */
gboolean st_write_add_policy (StWriter *writer, const StPolicy *policy, gint64 *policy_id, GError **error);

/* The policy of the same kind, tenant and name becomes this one; it keeps its id and UUID, and its condition groups are
 * made anew. */
gboolean st_write_update_policy (StWriter *writer, const StPolicy *policy, GError **error);

gboolean st_write_delete_policy (StWriter *writer, StPolicyKind kind, gint tenant_id, const char *name, GError **error);

/* Whether the traffic managers have it. */
gboolean st_write_policy_deployed (StWriter *writer, StPolicyKind kind, gint tenant_id, const char *name,
                                   gboolean deployed, GError **error);

G_END_DECLS
#endif
