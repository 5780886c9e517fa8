/* What several form pages look up by their parameters: APIs go by name, version and provider there,
 * applications by their names or numbers. Threads: as PtPageCall. */
#ifndef PT_PAGE_LOOKUP_H
#define PT_PAGE_LOOKUP_H

#include "core/core-api-read.h"
#include "core/core-application.h"
#include "portal/jaggery/pt-pages.h"

G_BEGIN_DECLS

/* "provider-name-version" of the parameters provider (the actor without one), @name_field and version. NULL
 * with an error that names the one that is missing. Free with g_free(). */
char *pt_page_api_id (PtPageCall *call, const char *name_field, GError **error);
/* The same of @name and @version. */
char *pt_page_make_api_id (PtPageCall *call, const char *name, const char *version);

/* The actor's own of the name in @name_field, or of the number in @number_field (nullable), which counts
 * where both are there. *application: (transfer full). */
gboolean pt_page_find_application (PtPageCall *call, const char *name_field, const char *number_field,
                                   StApplicationRecord **application, GError **error);
/* As core_application_get() takes it. Free with g_free(). */
char *pt_page_application_id (const StApplicationRecord *application);

/* The parameter as a number from 0 on; @fallback without it. FALSE with PT_ERROR_BAD_REQUEST. */
gboolean pt_page_number (PtPageCall *call, const char *name, guint fallback, guint *number, GError **error);
/* Whether it says "true". */
gboolean pt_page_is_true (PtPageCall *call, const char *name);

/* The APIs that @actor sees, from @offset on, @count at most: however many there are, unlike one call of
 * core_api_list(). (transfer full) (element-type CoreApiItem) */
GPtrArray *pt_page_find_apis (PtPageCall *call, const CoreActor *actor, CoreAudience audience,
                              const char *search, guint offset, guint count, GError **error);
/* An array of them as the member @name. */
void pt_page_append_apis (GString *json, const char *name, const GPtrArray *items);

G_END_DECLS
#endif
