/* A WSO2 registry for tests: its tables, made in a database that may hold others too, and files in its tree
 * (spec/databases.md 7.1). Threads: one. */
#ifndef REGISTRY_WORLD_H
#define REGISTRY_WORLD_H

#include "tests/lib/write-world.h"

G_BEGIN_DECLS

#define REGISTRY_GOVERNANCE "/_system/governance"

/* Empty tables, in the place of those there are. */
void registry_world_make (WriteWorld *world);
/* Takes them away. */
void registry_world_remove (WriteWorld *world);

/* @folder: below REGISTRY_GOVERNANCE; @uuid: (nullable). Returns: REG_VERSION. */
guint registry_world_add_file (WriteWorld *world, gint tenant_id, const char *folder, const char *name,
                               const char *media_type, const char *uuid, const char *content, gsize length);
/* In its place. */
void registry_world_set_content (WriteWorld *world, guint version, const char *content, gsize length);
void registry_world_add_property (WriteWorld *world, gint tenant_id, guint version, const char *name,
                                  const char *value);
void registry_world_add_tag (WriteWorld *world, gint tenant_id, guint version, const char *tag, const char *user);

G_END_DECLS
#endif
