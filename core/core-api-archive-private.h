/* What the files of core-api-archive share. Private to core/. */
#ifndef CORE_API_ARCHIVE_PRIVATE_H
#define CORE_API_ARCHIVE_PRIVATE_H

#include "core/core-actor.h"

G_BEGIN_DECLS

/* Who may do @what ("export APIs"), or CORE_PORTAL_ERROR_FORBIDDEN. */
gboolean core_api_archive_require (const CoreActor *actor, const char *what, GError **error);

G_END_DECLS
#endif
