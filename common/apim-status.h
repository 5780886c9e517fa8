/* What a node tells about itself: named numbers and words, collected from its parts when somebody asks. Names are dotted
 * ("cache.token.hits"), the same in `apimctl node status`, in its JSON and in the log.
 * Threads: one. */
#ifndef APIM_STATUS_H
#define APIM_STATUS_H

#include <glib.h>

G_BEGIN_DECLS

typedef struct _ApimStatus ApimStatus;

ApimStatus *apim_status_new (void);
void apim_status_free (ApimStatus *status);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ApimStatus, apim_status_free)

/* In the order in which they are shown. @name: static or copied; plain ASCII without quotes. */
void apim_status_add (ApimStatus *status, const char *name, gint64 value);
/* @value: a word of ours, plain ASCII without quotes or spaces. */
void apim_status_add_word (ApimStatus *status, const char *name, const char *value);

/* One JSON object with the names as members. Free with g_free(). */
char *apim_status_to_json (const ApimStatus *status);
/* "name=value name=value ...", for one log line. Free with g_free(). */
char *apim_status_to_line (const ApimStatus *status);

G_END_DECLS
#endif
