#include "config.h"
#include "store/st-error.h"

G_DEFINE_QUARK (st-error-quark, st_error)
