/* What the files for gateways depend on beside the API: the gateways' release, and settings of
 * api-manager.xml. Threads: does not change while it is used. */
#ifndef DP_SETTINGS_H
#define DP_SETTINGS_H

#include "common/apim-config.h"

G_BEGIN_DECLS

typedef struct
{
  ApimGatewayGeneration generation; /* whose templates (spec/gateway-and-traffic-manager.md 1.1, 5.3) */
  gboolean advanced_throttling;     /* ThrottlingConfigurations/EnableAdvanceThrottling */
  gboolean cors; /* CORSConfiguration/Enabled: also for APIs without CORS values of their own */
  gboolean removes_oauth_header;    /* OAuthConfigurations/RemoveOAuthHeadersFromOutMessage */
  const char *authorization_header; /* OAuthConfigurations/AuthorizationHeader */
  gboolean secure_vault;            /* EnableSecureVault: passwords of endpoints stay out of the files */
  gboolean backend_jwt;             /* JWTConfiguration/EnableJWTGeneration; matters to 1.x */
  gboolean google_analytics;        /* Apimd/GoogleAnalytics */
} DpSettings;

/* Texts are those of @config. */
void dp_settings_init (DpSettings *settings, const ApimConfig *config);

G_END_DECLS
#endif
