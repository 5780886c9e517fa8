/* Data sources: JDBC URLs and the <datasource> elements of master-datasources.xml (spec/distributed-deployment.md 2).
 * The structure itself is in apim-config.h. For common/, store/ (which keeps copies) and tests. */
#ifndef APIM_DATA_SOURCE_H
#define APIM_DATA_SOURCE_H

#include "common/apim-config.h"
#include "common/apim-xml.h"

G_BEGIN_DECLS

void apim_data_source_free (ApimDataSource *source);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ApimDataSource, apim_data_source_free)
ApimDataSource *apim_data_source_copy (const ApimDataSource *source);

/* Fills kind, path, the servers, unix_socket, database, all of TLS, and user and password where the URL has them. FALSE with APIM_CONFIG_ERROR_VALUE: the bare reason, which never repeats the URL (it may hold a password). */
gboolean apim_data_source_parse_url (ApimDataSource *source, const char *url, const char *home, GError **error);

/* The data source with this JNDI name. TRUE with *source NULL: the file does not define it. */
gboolean apim_data_source_read (const ApimXml *xml, const char *jndi_name, const char *home, ApimDataSource **source,
                                GError **error);

/* The SQLite file @file_name in @home/repository/database. */
ApimDataSource *apim_data_source_new_embedded (const char *jndi_name, const char *home, const char *file_name);

/* "jdbc/NAME" and "NAME" are the same. */
gboolean apim_data_source_has_name (const char *jndi_name, const char *name);
gboolean apim_data_source_equal (const ApimDataSource *a, const ApimDataSource *b);
/* The URL that says the same, without user and password. Free with g_free(). */
char *apim_data_source_url (const ApimDataSource *source);

G_END_DECLS
#endif
