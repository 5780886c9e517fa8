/* Applications as the store API of REST writes and reads them (spec/publisher-store-workflows.md 11; the
 * definitions Application and ApplicationInfo of store-api.yaml v0.14). Threads: pure functions. */
#ifndef PT_JSON_APPLICATION_H
#define PT_JSON_APPLICATION_H

#include "core/core-application.h"
#include "portal/json/pt-json.h"

G_BEGIN_DECLS

/* The UUID, or the number of an application from 1.9. Free with g_free(). */
char *pt_json_application_id (const StApplicationRecord *application);

void pt_json_application_append_info (GString *json, const StApplicationRecord *application);
/* @keys: (nullable): a JSON array as text. */
void pt_json_application_append (GString *json, const StApplicationRecord *application, const char *keys);

/* What a body says of an application. Owns what @input borrows. */
typedef struct
{
  CoreApplicationInput input;
  char *name, *tier, *callback_url, *description, *token_type;
  char **groups, **attributes;
} PtApplicationBody;

void pt_application_body_clear (PtApplicationBody *body);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PtApplicationBody, pt_application_body_clear)

/* FALSE with CORE_PORTAL_ERROR_INVALID: members of the wrong type. */
gboolean pt_json_application_read (const CoreJsonNode *node, PtApplicationBody *body, GError **error);

G_END_DECLS
#endif
