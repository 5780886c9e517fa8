/* A digest over several values, each with its length in front, so that no two lists of values look alike.
 * Threads: one per checksum. */
#ifndef CORE_DIGEST_H
#define CORE_DIGEST_H

#include <glib.h>

G_BEGIN_DECLS

/* @text: (nullable): none, which is not "". */
void core_digest_text (GChecksum *checksum, const char *text);
/* @content: (nullable): likewise. */
void core_digest_content (GChecksum *checksum, GBytes *content);

G_END_DECLS
#endif
