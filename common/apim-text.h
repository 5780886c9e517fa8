/* Texts made of pieces in a caller's buffer: what the data plane uses where a snprintf() would do, at a tenth of its cost.
 * Threads: pure functions. */
#ifndef APIM_TEXT_H
#define APIM_TEXT_H

#include <glib.h>

G_BEGIN_DECLS

/* A text in the making; NULL at @place: it did not fit. */
typedef struct
{
  char *place; /* where the next piece goes */
  char *last;  /* the buffer's last byte, which is kept for the terminator */
} ApimText;

/* @size: of @buffer, at least 1. The buffer holds a terminated text after every call. */
void apim_text_init (ApimText *text, char *buffer, gsize size);

/* Appends @piece, terminated. What does not fit as a whole ends the text where it was. */
void apim_text_add (ApimText *text, const char *piece);

/* Appends @number in decimal. */
void apim_text_add_int (ApimText *text, gint64 number);

/* Appends @n bytes in small hexadecimal digits. */
void apim_text_add_hex (ApimText *text, const guint8 *bytes, gsize n);

/* Whether every piece fitted. */
gboolean apim_text_fits (const ApimText *text);

G_END_DECLS
#endif
