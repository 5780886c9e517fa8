#include "config.h"
#include "keyvalidator/oauth/kv-saml-trust.h"

struct _KvSamlTrust
{
  GPtrArray *providers; /* of KvSamlProvider */
  gint64 skew_ms;
  const ApimClock *clock;
  CoreLockout *lockout; /* its own: client keys are no user names */
  gint64 forget_us;     /* atomic: monotonic; not before this */
};

gboolean
kv_saml_trust_new (const ApimConfig *config, const char *endpoint, const ApimClock *clock,
                   KvSamlTrust **trust, GError **error)
{
  g_autoptr (KvSamlTrust) made = NULL;

  *trust = NULL;
  if (config->saml_providers == NULL || config->saml_providers->len == 0)
    return TRUE;
  made = g_new0 (KvSamlTrust, 1);
  made->providers = g_ptr_array_new_with_free_func ((GDestroyNotify)kv_saml_provider_free);
  made->skew_ms = config->timestamp_skew_ms;
  made->clock = clock;
  made->lockout = core_lockout_new (clock);
  for (guint i = 0; i < config->saml_providers->len; i++)
    {
      KvSamlProvider *provider = kv_saml_provider_new (config->saml_providers->pdata[i], endpoint, error);

      if (provider == NULL)
        return FALSE;
      g_ptr_array_add (made->providers, provider);
    }
  *trust = g_steal_pointer (&made);
  return TRUE;
}

void
kv_saml_trust_free (KvSamlTrust *trust)
{
  if (trust == NULL)
    return;
  g_ptr_array_unref (trust->providers);
  core_lockout_free (trust->lockout);
  g_free (trust);
}

KvSamlAssertion *
kv_saml_trust_read (const KvSamlTrust *trust, const char *parameter, GError **error)
{
  const KvSamlExpectations expectations
      = { trust->providers, apim_clock_wall_ms (trust->clock), trust->skew_ms };

  return kv_saml_assertion_read (parameter, &expectations, error);
}

gboolean
kv_saml_trust_covers (const KvSamlProvider *provider, const char *tenant_domain)
{
  g_autofree char *lower = g_utf8_strdown (tenant_domain, -1);

  return g_strv_contains ((const char *const *)provider->tenants, lower);
}

gint64
kv_saml_trust_wait_ms (KvSamlTrust *trust, const char *consumer_key, const char *address)
{
  return core_lockout_wait_ms (trust->lockout, consumer_key, address);
}

void
kv_saml_trust_failed (KvSamlTrust *trust, const char *consumer_key, const char *address)
{
  core_lockout_failed (trust->lockout, consumer_key, address);
}

void
kv_saml_trust_succeeded (KvSamlTrust *trust, const char *consumer_key, const char *address)
{
  core_lockout_succeeded (trust->lockout, consumer_key, address);
}

gboolean
kv_saml_trust_should_forget (KvSamlTrust *trust, gint64 *before_ms)
{
  gint64 now_us = apim_clock_monotonic_us (trust->clock);
  gint64 next_us = __atomic_load_n (&trust->forget_us, __ATOMIC_RELAXED);

  *before_ms = apim_clock_wall_ms (trust->clock) - KV_SAML_KEEP_EXPIRED_MS;
  return now_us >= next_us
         && __atomic_compare_exchange_n (&trust->forget_us, &next_us, now_us + KV_SAML_FORGET_EVERY_US, FALSE,
                                         __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}
