/* The migrations, compiled in from sql/. Private to store/. */
#ifndef ST_SCHEMA_PRIVATE_H
#define ST_SCHEMA_PRIVATE_H

#include "store/st-schema.h"

G_BEGIN_DECLS

typedef struct
{
  ApimDatabaseKind kind;
  StSchemaPart part;
  guint number; /* from 1 within kind and part, without gaps */
  const char *title;
  const char *sql;
} StMigration;

/* In the order of application. */
extern const StMigration st_migrations[];
extern const guint st_n_migrations;

G_END_DECLS
#endif
