#include "config.h"
#include "store/st-sample-world.h"

#define SUPER FALSE
#define TENANT TRUE

#define WEATHER_1 "/weather/1.0.0"
#define WEATHER_2 "/weather/2.0.0"
#define ORDERS "/t/example.com/orders/1.0"

#define HOUR_S G_GINT64_CONSTANT (3600)
#define HOUR_MS G_GINT64_CONSTANT (3600000)
/* Long enough to try things with, short enough to be forgotten. */
#define WEEK_MS (7 * 24 * HOUR_MS)

const StSampleUser st_sample_users[] = {
  { "alice", SUPER, "forecaster", TRUE },
  { "bob", SUPER, NULL, TRUE },
  { "carol", SUPER, NULL, FALSE }, /* no role at all */
  { "dave", TENANT, NULL, TRUE },
  { NULL },
};

const StSampleApi st_sample_apis[] = {
  { WEATHER_1, "1.0.0", "Weather", "admin", SUPER, NULL },
  { WEATHER_2, "2.0.0", "Weather", "admin", SUPER, "2.0.0" },
  { ORDERS, "1.0", "Orders", "dave@example.com", TENANT, NULL },
  { NULL },
};

const StSampleScope st_sample_scopes[] = {
  { "weather_report", "Write weather reports", SUPER, "forecaster" },
  { "weather_admin", "Remove stations", SUPER, NULL },
  { "orders_write", "Place orders", TENANT, "Internal/subscriber" },
  { NULL },
};

const StSampleResource st_sample_resources[] = {
  { WEATHER_1, "/city/*", "GET", "Any", NULL },
  { WEATHER_1, "/report", "POST", "Application_User", "weather_report" },
  { WEATHER_1, "/stations", "GET", "Application", NULL },
  { WEATHER_1, "/stations/*", "DELETE", "Any", "weather_admin" },
  { WEATHER_1, "/status", "GET", "None", NULL },
  { WEATHER_2, "/city/*", "GET", "Any", NULL },
  { WEATHER_2, "/forecast/*", "GET", "Application_User", NULL },
  { ORDERS, "/orders", "GET", "Any", NULL },
  { ORDERS, "/orders", "POST", "Application_User", "orders_write" },
  { NULL },
};

const StSampleApplication st_sample_applications[] = {
  { "WeatherApp", "alice", SUPER, "DEFAULT", "subscribed to both versions" },
  { "BlockedApp", "alice", SUPER, "DEFAULT", "its subscription is blocked" },
  { "ProductionBlockedApp", "alice", SUPER, "DEFAULT", "its subscription is blocked for production keys" },
  { "OnHoldApp", "alice", SUPER, "DEFAULT", "its subscription waits for approval" },
  { "RejectedApp", "alice", SUPER, "DEFAULT", "its subscription was rejected" },
  { "TierUpdateApp", "alice", SUPER, "DEFAULT", "its subscription waits for another tier" },
  { "UnsubscribedApp", "alice", SUPER, "DEFAULT", "it unsubscribed while it was blocked for production keys" },
  { "NoStatusApp", "alice", SUPER, "DEFAULT", "its subscription has no status" },
  { "NoPolicyApp", "alice", SUPER, "DEFAULT", "the tier of its subscription has no policy" },
  { "JwtApp", "alice", SUPER, "JWT", "its tokens are JWTs, which gateways check themselves" },
  { "NewApp", "alice", SUPER, "DEFAULT", "it has no subscription" },
  { "OrdersApp", "dave@example.com", TENANT, "DEFAULT", "of the tenant" },
  { NULL },
};

const StSampleSubscription st_sample_subscriptions[] = {
  { "WeatherApp", WEATHER_1, "Gold", "UNBLOCKED", "SUBSCRIBE" },
  { "WeatherApp", WEATHER_2, "Unlimited", "UNBLOCKED", "SUBSCRIBE" },
  { "BlockedApp", WEATHER_1, "Gold", "BLOCKED", "SUBSCRIBE" },
  { "ProductionBlockedApp", WEATHER_1, "Gold", "PROD_ONLY_BLOCKED", "SUBSCRIBE" },
  { "OnHoldApp", WEATHER_1, "Gold", "ON_HOLD", "SUBSCRIBE" },
  { "RejectedApp", WEATHER_1, "Gold", "REJECTED", "SUBSCRIBE" },
  { "TierUpdateApp", WEATHER_1, "Gold", "TIER_UPDATE_PENDING", "SUBSCRIBE" },
  { "UnsubscribedApp", WEATHER_1, "Gold", "PROD_ONLY_BLOCKED", "UN_SUBSCRIBE" },
  { "NoStatusApp", WEATHER_1, "Gold", NULL, "SUBSCRIBE" },
  { "NoPolicyApp", WEATHER_1, "Platinum", "UNBLOCKED", "SUBSCRIBE" },
  { "JwtApp", WEATHER_1, "Gold", "UNBLOCKED", "SUBSCRIBE" },
  { "OrdersApp", ORDERS, "Gold", "UNBLOCKED", "SUBSCRIBE" },
  { NULL },
};

/* The request that most tokens are tried with. */
#define CITY WEATHER_1, "1.0.0", "/city/*", "GET", "Any"
#define REPORT WEATHER_1, "1.0.0", "/report", "POST", "Application_User"
#define STATIONS WEATHER_1, "1.0.0", "/stations", "GET", "Application"
#define REMOVE_STATION WEATHER_1, "1.0.0", "/stations/*", "DELETE", "Any"

/* A user's token that is good in itself. */
#define GOOD(user) user, "ACTIVE", 0, WEEK_MS
/* What client credentials give. */
#define APPLICATION_SCOPES "am_application_scope default"

const StSampleTokenSpec st_sample_token_specs[] = {
  { "valid token, production key", "WeatherApp", "PRODUCTION", GOOD ("alice"), "default", CITY, 0 },
  { "valid token, sandbox key", "WeatherApp", "SANDBOX", GOOD ("alice"), "default", CITY, 0 },
  { "never expires", "WeatherApp", "PRODUCTION", "bob", "ACTIVE", 400 * 24 * HOUR_S, ST_SAMPLE_NEVER, "default", CITY,
    0 },
  { "no scope at all, on a resource with a scope", "WeatherApp", "PRODUCTION", GOOD ("bob"), "", REPORT, 0 },
  { "expired an hour ago", "WeatherApp", "PRODUCTION", "carol", "ACTIVE", 2 * HOUR_S, HOUR_MS, "default", CITY,
    900901 },
  { "marked as expired", "WeatherApp", "PRODUCTION", "alice", "EXPIRED", HOUR_S, WEEK_MS, "default", CITY, 900901 },
  { "revoked", "WeatherApp", "PRODUCTION", "alice", "REVOKED", HOUR_S, WEEK_MS, "default", CITY, 900901 },
  { "revoked, sandbox key", "WeatherApp", "SANDBOX", "alice", "REVOKED", HOUR_S, WEEK_MS, "default", CITY, 900901 },
  { "inactive after a refresh", "WeatherApp", "PRODUCTION", "alice", "INACTIVE", HOUR_S, WEEK_MS, "default", CITY,
    900901 },
  { "known nowhere", "WeatherApp", "PRODUCTION", NULL, NULL, 0, 0, "", CITY, 900901 },
  { "application token, any kind allowed", "WeatherApp", "PRODUCTION", GOOD ("alice"), APPLICATION_SCOPES, CITY, 0 },
  { "application token, application tokens asked for", "WeatherApp", "SANDBOX", GOOD ("alice"), APPLICATION_SCOPES,
    STATIONS, 0 },
  { "application token, user tokens asked for", "WeatherApp", "PRODUCTION", GOOD ("bob"), APPLICATION_SCOPES, REPORT,
    900905 },
  { "user token, application tokens asked for", "WeatherApp", "SANDBOX", GOOD ("bob"), "default", STATIONS, 900905 },
  { "scope and role", "WeatherApp", "PRODUCTION", GOOD ("alice"), "weather_report", REPORT, 0 },
  { "scope without the role", "WeatherApp", "PRODUCTION", GOOD ("bob"), "weather_report", REPORT, 900910 },
  { "another scope", "WeatherApp", "PRODUCTION", GOOD ("alice"), "openid", REPORT, 900910 },
  { "scope that asks for no role", "WeatherApp", "PRODUCTION", GOOD ("bob"), "weather_admin", REMOVE_STATION, 0 },
  { "scope, user without any role", "WeatherApp", "PRODUCTION", GOOD ("carol"), "weather_report", REPORT, 900910 },
  { "second version", "WeatherApp", "PRODUCTION", GOOD ("alice"), "device_a", WEATHER_2, "2.0.0", "/city/*", "GET",
    "Any", 0 },
  { "through the default version", "WeatherApp", "SANDBOX", GOOD ("alice"), "device_a", WEATHER_2, "_default_2.0.0",
    "/city/*", "GET", "Any", 0 },
  { "version that does not exist", "WeatherApp", "PRODUCTION", GOOD ("alice"), "device_b", WEATHER_1, "3.0.0",
    "/city/*", "GET", "Any", 900908 },
  { "key of the other tenant's API", "WeatherApp", "PRODUCTION", GOOD ("alice"), "device_c", ORDERS, "1.0", "/orders",
    "GET", "Any", 900908 },
  { "blocked subscription, production key", "BlockedApp", "PRODUCTION", GOOD ("alice"), "default", CITY, 900907 },
  { "blocked subscription, sandbox key", "BlockedApp", "SANDBOX", GOOD ("alice"), "default", CITY, 900907 },
  { "blocked for production, production key", "ProductionBlockedApp", "PRODUCTION", GOOD ("alice"), "default", CITY,
    900907 },
  { "blocked for production, sandbox key", "ProductionBlockedApp", "SANDBOX", GOOD ("alice"), "default", CITY, 0 },
  { "subscription on hold, production key", "OnHoldApp", "PRODUCTION", GOOD ("alice"), "default", CITY, 900909 },
  { "subscription on hold, sandbox key", "OnHoldApp", "SANDBOX", GOOD ("alice"), "default", CITY, 900909 },
  { "rejected subscription, production key", "RejectedApp", "PRODUCTION", GOOD ("alice"), "default", CITY, 900909 },
  { "rejected subscription, sandbox key", "RejectedApp", "SANDBOX", GOOD ("alice"), "default", CITY, 900909 },
  { "subscription that waits for another tier, production key", "TierUpdateApp", "PRODUCTION", GOOD ("alice"),
    "default", CITY, 0 },
  { "subscription that waits for another tier, sandbox key", "TierUpdateApp", "SANDBOX", GOOD ("alice"), "default",
    CITY, 0 },
  { "unsubscribed, production key", "UnsubscribedApp", "PRODUCTION", GOOD ("alice"), "default", CITY, 900908 },
  { "unsubscribed, sandbox key", "UnsubscribedApp", "SANDBOX", GOOD ("alice"), "default", CITY, 900908 },
  { "subscription without a status, production key", "NoStatusApp", "PRODUCTION", GOOD ("alice"), "default", CITY,
    900909 },
  { "subscription without a status, sandbox key", "NoStatusApp", "SANDBOX", GOOD ("alice"), "default", CITY, 900909 },
  { "tier without a policy, production key", "NoPolicyApp", "PRODUCTION", GOOD ("alice"), "default", CITY, 900908 },
  { "tier without a policy, sandbox key", "NoPolicyApp", "SANDBOX", GOOD ("alice"), "default", CITY, 900908 },
  { "opaque token of a JWT application, production key", "JwtApp", "PRODUCTION", GOOD ("alice"), "default", CITY,
    900901 },
  { "opaque token of a JWT application, sandbox key", "JwtApp", "SANDBOX", GOOD ("alice"), "default", CITY, 900901 },
  { "not subscribed, production key", "NewApp", "PRODUCTION", GOOD ("alice"), "default", CITY, 900908 },
  { "not subscribed, sandbox key", "NewApp", "SANDBOX", GOOD ("alice"), "default", CITY, 900908 },
  { "tenant's API, production key", "OrdersApp", "PRODUCTION", GOOD ("dave@example.com"), "default", ORDERS, "1.0",
    "/orders", "GET", "Any", 0 },
  { "tenant's API, sandbox key", "OrdersApp", "SANDBOX", GOOD ("dave@example.com"), "default", ORDERS, "1.0",
    "/orders", "GET", "Any", 0 },
  { "tenant's scope and role", "OrdersApp", "PRODUCTION", GOOD ("dave@example.com"), "orders_write", ORDERS, "1.0",
    "/orders", "POST", "Application_User", 0 },
  { "tenant's scope missing", "OrdersApp", "SANDBOX", GOOD ("dave@example.com"), "openid", ORDERS, "1.0", "/orders",
    "POST", "Application_User", 900910 },
  { NULL },
};
