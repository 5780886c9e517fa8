/* The Publisher role (profile api-publisher): the REST publisher API.
 * The only header of portal/ that apimd includes. */
#ifndef PT_ROLE_H
#define PT_ROLE_H

#include "common/apim-role.h"

G_BEGIN_DECLS

extern const ApimRole apim_role_publisher;

G_END_DECLS
#endif
