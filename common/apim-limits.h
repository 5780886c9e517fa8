/* The one table of the node's limits: <Apimd><Limits> is read by it, --check-config prints it, and a test holds
 * docs/configuration.md against it. Private to common/ and its tests. */
#ifndef APIM_LIMITS_H
#define APIM_LIMITS_H

#include "common/apim-config.h"

G_BEGIN_DECLS

typedef struct
{
  const char *name; /* the element in <Apimd><Limits> */
  const char *unit; /* "ms", "bytes", or what is counted */
  guint standard;   /* the default */
  guint minimum;
  guint maximum;
  gsize offset;     /* of the guint in ApimLimits */
  gboolean restart; /* a new value takes effect only after a restart */
} ApimLimit;

extern const ApimLimit apim_limits[];
extern const gsize apim_n_limits;

void apim_limits_init (ApimLimits *limits);
guint apim_limits_get (const ApimLimits *limits, const ApimLimit *limit);
void apim_limits_set (ApimLimits *limits, const ApimLimit *limit, guint value);

G_END_DECLS
#endif
