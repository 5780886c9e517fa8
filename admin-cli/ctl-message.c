#include "config.h"

#include "admin-cli/ctl-message.h"

#include <openssl/crypto.h>
#include <string.h>

#define CTL_MESSAGE(object) (G_TYPE_CHECK_INSTANCE_CAST ((object), CTL_TYPE_MESSAGE, CtlMessage))

/* Room for every request of ours, so that growing leaves no unwiped copy behind in the usual case. */
#define INITIAL_SIZE 4096

struct _CtlMessage
{
  ThriftTransport parent_instance;
  GByteArray *bytes;
  guint position; /* of the next read */
};

typedef ThriftTransportClass CtlMessageClass;

G_DEFINE_TYPE (CtlMessage, ctl_message, THRIFT_TYPE_TRANSPORT)

static gboolean
message_is_open (ThriftTransport *transport)
{
  return TRUE;
}

/* open, close, read_end, write_end and flush have nothing to do. */
static gboolean
message_nothing (ThriftTransport *transport, GError **error)
{
  return TRUE;
}

/* Whether @length more bytes are there. */
static gboolean
message_has (ThriftTransport *transport, glong length, GError **error)
{
  CtlMessage *message = CTL_MESSAGE (transport);
  if (length >= 0 && (gulong) length <= message->bytes->len - message->position)
    return TRUE;
  g_set_error_literal (error, THRIFT_TRANSPORT_ERROR, THRIFT_TRANSPORT_ERROR_RECEIVE,
                       "the message is shorter than it says");
  return FALSE;
}

static gint32
message_read (ThriftTransport *transport, gpointer buffer, guint32 length, GError **error)
{
  CtlMessage *message = CTL_MESSAGE (transport);
  if (!message_has (transport, length, error))
    return -1;
  if (length > 0)
    memcpy (buffer, message->bytes->data + message->position, length);
  message->position += length;
  return (gint32) length;
}

static gboolean
message_write (ThriftTransport *transport, const gpointer buffer, const guint32 length, GError **error)
{
  g_byte_array_append (CTL_MESSAGE (transport)->bytes, buffer, length);
  return TRUE;
}

/* The library counts what is left of a message; here the bytes themselves say it. */
static gboolean
message_count (ThriftTransport *transport, glong length, GError **error)
{
  return TRUE;
}

static void
ctl_message_finalize (GObject *object)
{
  ctl_message_wipe_bytes (CTL_MESSAGE (object)->bytes);
  G_OBJECT_CLASS (ctl_message_parent_class)->finalize (object);
}

static void
ctl_message_class_init (CtlMessageClass *klass)
{
  ThriftTransportClass *transport = THRIFT_TRANSPORT_CLASS (klass);
  transport->is_open = message_is_open;
  transport->open = message_nothing;
  transport->close = message_nothing;
  transport->read = message_read;
  transport->read_all = message_read;
  transport->read_end = message_nothing;
  transport->write = message_write;
  transport->write_end = message_nothing;
  transport->flush = message_nothing;
  transport->checkReadBytesAvailable = message_has;
  transport->updateKnownMessageSize = message_count;
  transport->resetConsumedMessageSize = message_count;
  transport->countConsumedMessageBytes = message_count;
  G_OBJECT_CLASS (klass)->finalize = ctl_message_finalize;
}

static void
ctl_message_init (CtlMessage *message)
{
  message->bytes = g_byte_array_sized_new (INITIAL_SIZE);
}

CtlMessage *
ctl_message_new (void)
{
  return g_object_new (CTL_TYPE_MESSAGE, NULL);
}

CtlMessage *
ctl_message_new_from_bytes (const void *bytes, gsize length)
{
  CtlMessage *message = ctl_message_new ();
  if (length > 0)
    g_byte_array_append (message->bytes, bytes, (guint) length);
  return message;
}

const guint8 *
ctl_message_bytes (CtlMessage *message, gsize *length)
{
  *length = message->bytes->len;
  return message->bytes->data;
}

void
ctl_message_wipe_bytes (GByteArray *bytes)
{
  if (bytes->len > 0)
    OPENSSL_cleanse (bytes->data, bytes->len);
  g_byte_array_unref (bytes);
}
