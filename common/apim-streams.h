/* Standard streams. Threads: for main(), before there are others. */
#ifndef APIM_STREAMS_H
#define APIM_STREAMS_H

#include <glib.h>

G_BEGIN_DECLS

/* Fills what is missing of descriptors 0, 1 and 2 with /dev/null: a program that is started without them (">&-") would be given
 * their numbers for files and connections, and then write its output and its log into these. Input and output are put the
 * wrong way round, so that reading and writing there is an error as before (EBADF); what goes to standard error is lost.
 * Call it before anything is opened. */
void apim_streams_fill (void);

G_END_DECLS
#endif
