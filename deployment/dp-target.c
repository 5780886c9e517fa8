#include "config.h"
#include "deployment/dp-target.h"

G_DEFINE_QUARK (dp-target-error-quark, dp_target_error)
