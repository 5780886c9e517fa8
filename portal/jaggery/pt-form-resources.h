/* The resources of an API as the form pages send them, in one of three forms
 * (spec/publisher-store-workflows.md 10.1). Threads: pure functions. */
#ifndef PT_FORM_RESOURCES_H
#define PT_FORM_RESOURCES_H

#include "core/core-api.h"
#include "core/core-portal.h"
#include "portal/jaggery/pt-fields.h"

G_BEGIN_DECLS

/* The first of swagger, resource_config and resourceCount that is there takes the place of the API's
 * resources and scopes. */
void pt_form_resources_read (const PtFields *fields, CoreApi *api, GPtrArray *violations);

G_END_DECLS
#endif
