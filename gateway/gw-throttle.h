/* The hook of the chain where the throttle handlers of a WSO2 gateway run: behind authentication, before the sequence
 * (spec/gateway-and-traffic-manager.md 1.1, 6.1, 6.2). A call passes, or one of the refusals of 2.3 is its answer.
 *
 * What decides are rules: block conditions (gw-block-conditions), the hard limits of an API (gw-hard-limit), and what
 * else a gateway is given. They are asked in the order of 6.2, and the first that refuses is the answer. A rule knows of
 * a call what is in GwThrottleCall; it decides at once, without waiting and without allocating.
 *
 * Threads: rules are asked by every worker at the same time. */
#ifndef GW_THROTTLE_H
#define GW_THROTTLE_H

#include "gateway/gw-api.h"
#include "net/net-http-request.h"
#include "thrift/tw-key-validation.h"

G_BEGIN_DECLS

/* The codes of 2.3; status and text of each are gw-fault's. */
#define GW_THROTTLE_CODE_API 900800
#define GW_THROTTLE_CODE_HARD_LIMIT 900801
#define GW_THROTTLE_CODE_RESOURCE 900802
#define GW_THROTTLE_CODE_APPLICATION 900803
#define GW_THROTTLE_CODE_SUBSCRIPTION 900804
#define GW_THROTTLE_CODE_BLOCKED 900805
#define GW_THROTTLE_CODE_CUSTOM 900806
#define GW_THROTTLE_CODE_BURST 900807

/* Everything is borrowed and lives until the question is answered. */
typedef struct
{
  const GwApi *api;             /* context, version, name; its chain says which handler asks */
  NetHttpText tenant;           /* domain of the API's: gw_throttle_tenant() */
  const char *resource;         /* gw_pattern_text() */
  NetHttpText verb;
  const TwUriTemplate *template; /* nullable: the resource's tier and conditions, as the Key Manager has them */
  /* Nullable: the API asks for no keys. Application and its tier, subscriber and the subscription's tier, API tier, end
   * user with tenant, key type, spike arrest. */
  const TwKeyValidationInfo *info;
  gboolean anonymous;            /* auth type None: key and application are the client's address */
  const NetHttpRequest *request; /* headers and query: conditions; X-Forwarded-For */
  const char *peer;              /* address of whoever connected */
  gint64 message_size;           /* bytes of the body by its head; -1: it does not say */
  gint64 now_us;                 /* monotonic */
  gint64 now_ms;                 /* UTC */
  guint worker;                  /* index of the worker that asks */
} GwThrottleCall;

typedef struct
{
  guint code;            /* 9008xx */
  gint64 next_access_ms; /* UTC; 0: not said */
} GwThrottleRefusal;

typedef struct _GwThrottleRule GwThrottleRule;

typedef struct
{
  const char *name;
  guint handlers; /* GwHandlers: asked for APIs whose chain has one of them */
  /* FALSE: with *refusal. */
  gboolean (*allows) (GwThrottleRule *rule, const GwThrottleCall *call, GwThrottleRefusal *refusal);
} GwThrottleRuleInterface;

/* The beginning of every rule; whoever made it frees it. */
struct _GwThrottleRule
{
  const GwThrottleRuleInterface *interface;
};

/* Whether the call passes all of @n_rules. FALSE: with *refusal. */
gboolean gw_throttle_allows (GwThrottleRule *const *rules, guint n_rules, const GwThrottleCall *call,
                             GwThrottleRefusal *refusal);

/* The tenant of an API by its context: "/t/<domain>/..."; else the super tenant, "carbon.super". A part of @context, or
 * static. */
NetHttpText gw_throttle_tenant (const char *context);

G_END_DECLS
#endif
