/* The Key Manager role (profile api-key-manager): the Thrift key validation service on 10397 and the login service on the node's HTTPS port.
 * The only header of keyvalidator/ that apimd includes. */
#ifndef KV_ROLE_H
#define KV_ROLE_H

#include "common/apim-role.h"

G_BEGIN_DECLS

extern const ApimRole apim_role_key_manager;

G_END_DECLS
#endif
