/* What common/ and its tests share about the configuration snapshot. */
#ifndef APIM_CONFIG_PRIVATE_H
#define APIM_CONFIG_PRIVATE_H

#include "common/apim-settings.h"

G_BEGIN_DECLS

/* The snapshot of parsed files. Sets the files' variables. @files: (array fixed-size=APIM_N_FILES).
 * @port_offset: of the command line, or -1. */
ApimConfig *apim_config_build (const char *home, int port_offset, ApimXml *const *files, GError **error);

G_END_DECLS
#endif
