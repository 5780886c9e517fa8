#include "config.h"

#include "apimd/token-apis.h"

#include "apimd/first-start.h"
#include "common/apim-config.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

/* keyManager.hostname and keyManager.port are what APIKeyValidator/ServerURL names. */
#define TEXT                                                                                                           \
  "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"                                                                       \
  "<api xmlns=\"http://ws.apache.org/ns/synapse\" name=\"%s\" context=\"/%s\">\n"                                      \
  "  <resource methods=\"%s\" url-mapping=\"/*\" faultSequence=\"_token_fault_\">\n"                                   \
  "    <inSequence>\n"                                                                                                 \
  "      <property name=\"uri.var.portnum\" expression=\"get-property('keyManager.port')\"/>\n"                        \
  "      <property name=\"uri.var.hostname\" expression=\"get-property('keyManager.hostname')\"/>\n"                   \
  "      <send>\n"                                                                                                     \
  "        <endpoint>\n"                                                                                               \
  "          <http uri-template=\"https://{uri.var.hostname}:{uri.var.portnum}/oauth2/%s\">\n"                         \
  "            <timeout><duration>60000</duration><responseAction>fault</responseAction></timeout>\n"                  \
  "          </http>\n"                                                                                                \
  "        </endpoint>\n"                                                                                              \
  "      </send>\n"                                                                                                    \
  "    </inSequence>\n"                                                                                                \
  "    <outSequence><send/></outSequence>\n"                                                                           \
  "  </resource>\n"                                                                                                    \
  "  <handlers>\n"                                                                                                     \
  "%s"                                                                                                                 \
  "    <handler class=\"org.wso2.carbon.apimgt.gateway.handlers.common.SynapsePropertiesHandler\"/>\n"                 \
  "  </handlers>\n"                                                                                                    \
  "</api>\n"
/* Of those whose answers say which tokens have ended. */
#define CACHE_EXTENSION                                                                                                \
  "    <handler class=\"org.wso2.carbon.apimgt.gateway.handlers.ext.APIManagerCacheExtensionHandler\"/>\n"

static const struct
{
  const char *file, *name, *path, *methods, *handlers;
} apis[] = {
  { "_TokenAPI_.xml", "_WSO2AMTokenAPI_", "token", "POST", CACHE_EXTENSION },
  { "_RevokeAPI_.xml", "_WSO2AMRevokeAPI_", "revoke", "POST", CACHE_EXTENSION },
  { "_AuthorizeAPI_.xml", "_WSO2AMAuthorizeAPI_", "authorize", "GET", "" },
  { "_UserInfoAPI_.xml", "_WSO2AMUserInfoAPI_", "userinfo", "GET", "" },
};

static gboolean
fail (GError **error, const char *path)
{
  int code = errno;
  g_set_error (error, APIM_FIRST_START_ERROR, APIM_FIRST_START_ERROR_FILE, "could not make \"%s\": %s", path,
               g_strerror (code));
  return FALSE;
}

static gboolean
write_files (const char *folder, GError **error)
{
  if (g_mkdir_with_parents (folder, 0755) != 0)
    return fail (error, folder);
  for (guint i = 0; i < G_N_ELEMENTS (apis); i++)
    {
      g_autofree char *path = g_build_filename (folder, apis[i].file, NULL);
      g_autofree char *text = g_strdup_printf (TEXT, apis[i].name, apis[i].path, apis[i].methods, apis[i].path,
                                               apis[i].handlers);
      g_autoptr (GError) problem = NULL;
      if (!g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0644, &problem))
        {
          g_set_error_literal (error, APIM_FIRST_START_ERROR, APIM_FIRST_START_ERROR_FILE, problem->message);
          return FALSE;
        }
    }
  return TRUE;
}

gboolean
apim_token_apis_make (const char *home, gboolean *made, GError **error)
{
  g_autofree char *folder = apim_home_path (home, "deployment", "server", "synapse-configs", "default", "api", NULL);
  g_autofree char *unfinished = g_strconcat (folder, ".unfinished", NULL);
  *made = FALSE;
  if (g_file_test (folder, G_FILE_TEST_EXISTS))
    return TRUE;
  /* Files of a run that was interrupted are written over. */
  if (!write_files (unfinished, error))
    return FALSE;
  if (g_rename (unfinished, folder) != 0)
    return fail (error, folder);
  *made = TRUE;
  return TRUE;
}
