#include "config.h"

#include "admin-cli/ctl-commands.h"
