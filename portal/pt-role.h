/* The Publisher role (profile api-publisher: REST publisher and admin APIs) and the Store role (profile
 * api-store: REST store API). The only header of portal/ that apimd includes. */
#ifndef PT_ROLE_H
#define PT_ROLE_H

#include "common/apim-role.h"

G_BEGIN_DECLS

extern const ApimRole apim_role_publisher;
extern const ApimRole apim_role_store;

G_END_DECLS
#endif
