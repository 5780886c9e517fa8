#include "config.h"
#include "portal/pt-tables.h"

#include "portal/publisher/pt-publisher.h"

const PtRoute *const pt_publisher_tables[] = { pt_publisher_environments, NULL };
