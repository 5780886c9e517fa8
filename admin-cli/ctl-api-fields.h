/* The fields of an API of REST v0.14 that options set, for `api create` and `api update`, and its endpoint
 * configuration (spec/publisher-store-workflows.md 1.2). Threads: any. */
#ifndef CTL_API_FIELDS_H
#define CTL_API_FIELDS_H

#include "admin-cli/ctl-options.h"
#include "admin-cli/ctl-view.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Rows of a command's table of options. */
#define CTL_API_FIELD_OPTIONS                                                                                          \
  { "description", CTL_OPTION_TEXT, FALSE, "TEXT", "what it is for" },                                                 \
      { "endpoint", CTL_OPTION_LIST, FALSE, "URL", "where it runs; several: calls are spread over them" },             \
      { "sandbox-endpoint", CTL_OPTION_LIST, FALSE, "URL", "where its test installation runs" },                       \
      { "tier", CTL_OPTION_LIST, FALSE, "TIER", "subscription tiers to offer" },                                       \
      { "visibility", CTL_OPTION_TEXT, FALSE, "WHO", "public, private or restricted" },                                \
      { "role", CTL_OPTION_LIST, FALSE, "ROLE", "who sees it, where it is restricted" },                               \
      { "tag", CTL_OPTION_LIST, FALSE, "TAG", "words to find it by" },                                                 \
      { "transport", CTL_OPTION_LIST, FALSE, "NAME", "http, https; default both" },                                    \
      { "environment", CTL_OPTION_LIST, FALSE, "NAME", "gateway environments; default all" },                          \
      { "production-tps", CTL_OPTION_TEXT, FALSE, "N", "calls per second that its endpoint bears" },                   \
      { "owner", CTL_OPTION_TEXT, FALSE, "NAME", "business owner" },                                                   \
  {                                                                                                                    \
    "owner-email", CTL_OPTION_TEXT, FALSE, "ADDRESS", "the business owner's address"                                   \
  }

/* What lists of APIs show, in the Publisher and in the Store alike. */
extern const CtlColumn ctl_api_list_columns[];

/* Sets what @options give. FALSE with CTL_ERROR_USAGE. */
gboolean ctl_api_fields_set (JsonObject *api, const CtlOptions *options, GError **error);

/* For CtlColumn.show: the URLs of an endpointConfig, those of the test installation behind the word "sandbox"; and of
 * endpointURLs, where an API is called. A text that is neither stays as it is. */
char *ctl_api_show_endpoints (const char *text);
char *ctl_api_show_urls (const char *text);

/* The endpointConfig text for these URLs (lists that NULL ends; both may be empty): http for one, load_balance for
 * several, or @type where not NULL: http, address, load_balance, failover. NULL with CTL_ERROR_USAGE. */
char *ctl_api_endpoint_config (const char *const *production, const char *const *sandbox, const char *type,
                               GError **error);

G_END_DECLS
#endif
