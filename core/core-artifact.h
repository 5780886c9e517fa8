/* The API artifact of WSO2's registry: an API's description as XML (spec/databases.md 7.3). We keep it in the
 * same form beside AM_API, and read what a registry has.
 *
 * Root "metadata", and each attribute "group_field" is <group><field>value</field></group>, in any order.
 * What the tables of API Manager hold (resources, scopes, the lifecycle's state, default versions) is written
 * for readers of a registry and not read back, but for the state. Written in one order, so the same API gives
 * the same bytes. Fuzz target: tests/fuzz/fuzz-artifact.c. Threads: pure functions. */
#ifndef CORE_ARTIFACT_H
#define CORE_ARTIFACT_H

#include "core/core-api.h"

G_BEGIN_DECLS

/* Bytes of an artifact that is read. */
#define CORE_ARTIFACT_MAX (8 * 1024 * 1024)

#define CORE_ARTIFACT_ERROR (core_artifact_error_quark ())
GQuark core_artifact_error_quark (void);
typedef enum
{
  CORE_ARTIFACT_ERROR_SYNTAX, /* not such an XML, or too large */
} CoreArtifactError;

/* The metadata XML. The endpoint's password is in it, as in WSO2's. Free with g_free(). */
char *core_artifact_write (const CoreApi *api);

/* Sets what @xml says of the API; fields that it does not have keep their values, ids, tags, resources,
 * scopes and default versions always do. Words are brought into the form that is stored, as
 * core_api_normalize() does. */
gboolean core_artifact_read (const char *xml, gsize length, CoreApi *api, GError **error);

/* What @xml says of the API that core_artifact_read() has no place for: fields of "overview" with a value, sorted.
 * Empty for what is no artifact. Free with g_strfreev(). */
char **core_artifact_unknown_fields (const char *xml, gsize length);

G_END_DECLS
#endif
