#include "config.h"
#include "gateway/gw-throttle.h"

#include <string.h>

#define TENANT_PREFIX "/t/"
#define SUPER_TENANT "carbon.super"

gboolean
gw_throttle_allows (GwThrottleRule *const *rules, guint n_rules, const GwThrottleCall *call, GwThrottleRefusal *refusal)
{
  for (guint i = 0; i < n_rules; i++)
    if ((rules[i]->interface->handlers & call->api->chain.handlers) != 0
        && !rules[i]->interface->allows (rules[i], call, refusal))
      return FALSE;
  return TRUE;
}

NetHttpText
gw_throttle_tenant (const char *context)
{
  NetHttpText domain;

  if (strncmp (context, TENANT_PREFIX, strlen (TENANT_PREFIX)) != 0)
    return (NetHttpText){ SUPER_TENANT, strlen (SUPER_TENANT) };
  domain.text = context + strlen (TENANT_PREFIX);
  domain.length = strcspn (domain.text, "/");
  return domain;
}
