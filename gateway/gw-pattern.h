/* Which requests a resource of an API takes, by path (spec/gateway-and-traffic-manager.md 1.3): url-mapping,
 * uri-template, or everything. Made at deployment, immutable after; matching allocates nothing and is linear
 * in the path.
 *
 * Paths are compared as they stand on the wire, undecoded; what could be read in two ways ("%2f", dot
 * segments) never comes this far.
 *
 * Where the specification leaves it open: a variable of a template takes at least one character ("/a/{id}" is
 * not
 * "/a/"), because a backend would see an empty name.
 * Threads: immutable. */
#ifndef GW_PATTERN_H
#define GW_PATTERN_H

#include <glib.h>

G_BEGIN_DECLS

#define GW_PATTERN_MAX_LENGTH 2048  /* bytes of a pattern's text */
#define GW_PATTERN_MAX_VARIABLES 16 /* of a template */

#define GW_PATTERN_ERROR gw_pattern_error_quark ()
GQuark gw_pattern_error_quark (void);

typedef enum
{
  GW_PATTERN_ERROR_SYNTAX,
} GwPatternError;

/* In the order in which the kinds are asked (1.3). */
typedef enum
{
  GW_PATTERN_EXACT,     /* "/menu": trailing slashes of both count for nothing */
  GW_PATTERN_PREFIX,    /* "/a/b/" and a star: "/a/b" and what is below it */
  GW_PATTERN_EXTENSION, /* "*.json" */
  GW_PATTERN_TEMPLATE,  /* "/order/{id}" */
  GW_PATTERN_DEFAULT,   /* every path */
  GW_PATTERN_N_KINDS
} GwPatternKind;

typedef struct _GwPattern GwPattern;

/* What the variables of a template stood for: uri.var.<name>, undecoded, in the path that was matched. */
typedef struct
{
  guint n;
  struct
  {
    const char *name; /* the pattern's */
    const char *value;
    gsize length;
  } variables[GW_PATTERN_MAX_VARIABLES];
} GwVariables;

/* The attribute url-mapping. NULL with GW_PATTERN_ERROR. */
GwPattern *gw_pattern_new_mapping (const char *text, GError **error);
/* The attribute uri-template: literals, {var}, {+var}, {.var}, {/var}, {#var}, {var:3}, and a "*" at the very
 * end. NULL with GW_PATTERN_ERROR. */
GwPattern *gw_pattern_new_template (const char *text, GError **error);
/* A resource with neither attribute. */
GwPattern *gw_pattern_new_default (void);
void gw_pattern_free (GwPattern *pattern);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwPattern, gw_pattern_free)

GwPatternKind gw_pattern_kind (const GwPattern *pattern);
/* As it was written; a star behind a slash for the default. The name of the resource in cache and throttle keys. */
const char *gw_pattern_text (const GwPattern *pattern);
/* Path segments of a prefix: of several that match the one with the most wins. "/" and a star: 1. Else 0. */
guint gw_pattern_weight (const GwPattern *pattern);

/* A few bytes that every path has which the pattern matches, so that most patterns of an API are passed over without a
 * look at them: at 10,000 APIs none is in the processor's caches. */
typedef struct
{
  guint64 bytes;  /* as they stand in memory */
  guint16 offset; /* in the path */
  guint8 length;  /* 0: every path may match */
} GwPatternProbe;

GwPatternProbe gw_pattern_probe (const GwPattern *pattern);
/* FALSE: gw_pattern_matches() would say no. */
gboolean gw_pattern_probe_fits (const GwPatternProbe *probe, const char *path, gsize length);

/* @path: begins with "/", what follows the API's context. @query_length: bytes of "?query" that stand behind
 * it in memory, which only a template that has a
 * "?" of its own looks at. @variables: (out) (nullable): of a template that matched. */
gboolean gw_pattern_matches (const GwPattern *pattern, const char *path, gsize length, gsize query_length,
                             GwVariables *variables);

G_END_DECLS
#endif
