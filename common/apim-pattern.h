/* Regular expressions of configuration files, which were written for Java and must match a text as a whole.
 * Threads: any; a GRegex may be used by several. */
#ifndef APIM_PATTERN_H
#define APIM_PATTERN_H

#include <glib.h>

G_BEGIN_DECLS

/* Returns: (transfer full): matches nothing but whole texts, and gives up with G_REGEX_ERROR after a number of steps
 * that is far more than names and passwords need. NULL: @text is none, or means something else to PCRE than to Java. */
GRegex *apim_pattern_new (const char *text);

G_END_DECLS
#endif
