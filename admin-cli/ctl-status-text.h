/* The validation status codes in plain words (spec/thrift-key-validation.md 7.7). Threads: any. */
#ifndef CTL_STATUS_TEXT_H
#define CTL_STATUS_TEXT_H

#include <glib.h>

G_BEGIN_DECLS

/* Why a key with this status was refused; never NULL. (transfer none) */
const char *ctl_status_text (gint32 status);

G_END_DECLS
#endif
