/* The realm configuration of a tenant as WSO2's nodes read it from UM_TENANT.UM_USER_CONFIG when they load the tenant: the
 * form of user-mgt.xml, UTF-8 (wso2/carbon-kernel, RealmConfigXMLProcessor and SimpleRealmConfigBuilder of user.core).
 *
 * A node takes the names of the administrator, of his role and of everyone's from it, and all else, such as the user
 * store and its data source, from its own user-mgt.xml: what is here of that is WSO2's default, because its reader
 * insists on it. The password in it is nobody's, as in what WSO2 writes. Threads: pure functions. */
#ifndef CORE_REALM_XML_H
#define CORE_REALM_XML_H

#include <glib.h>

G_BEGIN_DECLS

/* Free with g_free(). */
char *core_realm_xml (const char *admin_user, const char *admin_role);

G_END_DECLS
#endif
