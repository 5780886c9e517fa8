/* APIs as the form pages of the Publisher read and write them: addAPI, updateAPI, design, implement and
 * manage share their parameters, getAPI answers with them (spec/publisher-store-workflows.md 10.1). Threads:
 * pure functions. */
#ifndef PT_FORM_API_H
#define PT_FORM_API_H

#include "core/core-api.h"
#include "core/core-portal.h"
#include "portal/jaggery/pt-fields.h"

G_BEGIN_DECLS

/* Changes @api as the parameters say; what is not there stays as it is. @violations: what cannot be
 * understood is added. */
void pt_form_api_read (const PtFields *fields, CoreApi *api, GPtrArray *violations);

/* The object "api" of getAPI. */
void pt_form_api_append (GString *json, const CoreApi *api);

G_END_DECLS
#endif
