/* A gateway's SOAP services on a connection in memory, with real folders: for tests of gw-admin. */
#ifndef GW_ADMIN_WORLD_H
#define GW_ADMIN_WORLD_H

#include "common/apim-folder.h"
#include "gateway/gw-admin.h"
#include "tests/unit/fake-net-conn.h"

#define DEFAULT "repository/deployment/server/synapse-configs/default"
#define TENANT "repository/tenants/7/synapse-configs/default" /* of foo.com */
#define NS " xmlns=\"http://ws.apache.org/ns/synapse\""
#define PATIENCE_MS 120000

#define OK "HTTP/1.1 200"
#define TRUE_RETURN "<ns:return>true</ns:return>"
#define FALSE_RETURN "<ns:return>false</ns:return>"
#define NIL_RETURN "<ns:return xsi:nil=\"true\"/>"
#define FAULT "HTTP/1.1 500"

typedef struct
{
  ApimConfig config;
  SoapGuard guard;
  ApimTenants tenants;
  char *home;
  GwDeployment *deployment;
  GwVault *vault;
  GwAdmin *admin;
  ApimPool *pool;
  NetHttpServer *server;
  NetConn *conn;
} AdminWorld;

/* Everything that the authenticator was told to forget. */
extern GString *admin_world_forgotten;

void admin_world_set_up (AdminWorld *f, gconstpointer data);
void admin_world_tear_down (AdminWorld *f, gconstpointer data);

/* The whole answer to a message whose Body is @body. @who: a line of the head, or "". Free with g_free(). */
char *admin_ask_as (AdminWorld *f, const char *who, const char *service, const char *body);
/* Asks as somebody who may. What follows must be in the answer, in this order, up to NULL. */
void admin_expect (AdminWorld *f, const char *service, const char *body, ...) G_GNUC_NULL_TERMINATED;

/* A file of an API 1.0.0. Free with g_free(). */
char *admin_api_xml (const char *name, const char *context, const char *in);
gboolean admin_is_served (const AdminWorld *f, const char *path);
/* @content: nullable: there is no such file. */
void admin_assert_file (const AdminWorld *f, const char *relative, const char *content);

#endif
