#include "config.h"
#include "core/core-realm-xml.h"

#define USER_CORE "org.wso2.carbon.user.core."

char *
core_realm_xml (const char *admin_user, const char *admin_role)
{
  g_autofree char *password = g_uuid_string_random ();

  return g_markup_printf_escaped (
      "<UserManager><Realm><Configuration>"
      "<AddAdmin>true</AddAdmin>"
      "<AdminUser><UserName>%s</UserName><Password>%s</Password></AdminUser>"
      "<AdminRole>%s</AdminRole>"
      "<SystemUserName/>"
      "<AnonymousUser><UserName/><Password/></AnonymousUser>"
      "<EveryOneRoleName>everyone</EveryOneRoleName>"
      "</Configuration>"
      "<UserStoreManager class=\"" USER_CORE "jdbc.JDBCUserStoreManager\">"
      "<Property name=\"TenantManager\">" USER_CORE "tenant.JDBCTenantManager</Property>"
      "<Property name=\"ReadOnly\">false</Property>"
      "</UserStoreManager>"
      "<AuthorizationManager class=\"" USER_CORE "authorization.JDBCAuthorizationManager\"/>"
      "</Realm></UserManager>",
      admin_user, password, admin_role);
}
