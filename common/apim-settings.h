/* The one table of the settings that are single values: loading, --check-config and the comparison of two snapshots
 * walk it. Not in it: limits (apim-limits.h) and data sources (apim-data-source.h).
 * Private to common/ and its tests. */
#ifndef APIM_SETTINGS_H
#define APIM_SETTINGS_H

#include "common/apim-config.h"
#include "common/apim-xml.h"

G_BEGIN_DECLS

#define APIM_PORT_OFFSET_MAX 50000

/* The elements that hold regular expressions. */
#define APIM_USER_NAME_PATTERN "Realm/UserStoreManager/Property[UsernameJavaRegEx]"
#define APIM_EMAIL_PATTERN "Realm/UserStoreManager/Property[UsernameWithEmailJavaScriptRegEx]"
#define APIM_ROLE_NAME_PATTERN "Realm/UserStoreManager/Property[RolenameJavaRegEx]"
#define APIM_PASSWORD_PATTERN "Realm/UserStoreManager/Property[PasswordJavaRegEx]"

/* The files, in the order in which they are read: an earlier one has the values of ${...} and the port offset for a
 * later one. */
typedef enum
{
  APIM_FILE_USER_MGT,
  APIM_FILE_CARBON,
  APIM_FILE_API_MANAGER,
  APIM_FILE_IDENTITY,
  APIM_FILE_THRIFT_AUTHENTICATION,
  APIM_FILE_DATA_SOURCES,
  APIM_N_FILES,
} ApimConfigFile;

typedef enum
{
  APIM_SETTING_TEXT,          /* char *; never empty when given */
  APIM_SETTING_TEXT_OR_EMPTY, /* char * */
  APIM_SETTING_SECRET,        /* char *; masked when shown */
  APIM_SETTING_HOST,          /* char * */
  APIM_SETTING_BOOL,          /* gboolean */
  APIM_SETTING_CHOICE,        /* int or an enumeration */
  APIM_SETTING_UINT,          /* guint */
  APIM_SETTING_INT64,         /* gint64 = what the file says times @scale */
  APIM_SETTING_PORT,          /* guint16; the default moves with the port offset */
} ApimSettingType;

typedef struct
{
  ApimConfigFile file;
  const char *path;        /* of the element; also its name for people */
  const char *also;        /* nullable; where older releases had it */
  ApimSettingType type;
  gsize offset;            /* of the value in ApimConfig */
  const char *text;        /* default of texts; nullable */
  const char *absent;      /* how --check-config shows a text that is NULL */
  const char *what;        /* numbers: "a port number", for messages */
  gint64 number;           /* default of everything else */
  gint64 minimum, maximum; /* of numbers, as the file says them */
  gint64 scale;            /* APIM_SETTING_INT64 */
  const ApimXmlChoice *choices;
  /* nullable; looks at a text that was given and may rewrite it. FALSE with the bare reason. */
  gboolean (*check) (char **value, const char *home, GError **error);
  gboolean restart;        /* a new value takes effect only after a restart */
} ApimSetting;

extern const ApimSetting apim_settings[];
extern const gsize apim_n_settings;

/* Reads one setting, or sets its default; a port's default needs config->port_offset. */
gboolean apim_setting_read (const ApimSetting *setting, ApimConfig *config, const ApimXml *xml, GError **error);
/* The value as the file would say it, secrets masked. Free with g_free(). */
char *apim_setting_show (const ApimSetting *setting, const ApimConfig *config);
gboolean apim_setting_equal (const ApimSetting *setting, const ApimConfig *a, const ApimConfig *b);
void apim_setting_clear (const ApimSetting *setting, ApimConfig *config);

G_END_DECLS
#endif
