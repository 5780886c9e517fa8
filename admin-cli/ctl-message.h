/* CtlMessage: a ThriftTransport over one whole message in memory, which a generated client writes or reads.
 *
 * In place of c_glib's ThriftMemoryBuffer, whose reads never end when a message is shorter than it claims and which
 * leaves passwords and tokens in freed memory: here a read beyond the end is an error, and the bytes are wiped.
 * Threads: one. */
#ifndef CTL_MESSAGE_H
#define CTL_MESSAGE_H

#include <thrift/c_glib/transport/thrift_transport.h>

G_BEGIN_DECLS

typedef struct _CtlMessage CtlMessage;
#define CTL_TYPE_MESSAGE (ctl_message_get_type ())
GType ctl_message_get_type (void);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CtlMessage, g_object_unref)

/* An empty message, to write. */
CtlMessage *ctl_message_new (void);
/* A message to read; copies @bytes. */
CtlMessage *ctl_message_new_from_bytes (const void *bytes, gsize length);

/* What was written. (transfer none) */
const guint8 *ctl_message_bytes (CtlMessage *message, gsize *length);

/* Wipes and frees @bytes. */
void ctl_message_wipe_bytes (GByteArray *bytes);

G_END_DECLS
#endif
