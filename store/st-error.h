/* Why the store could not answer. "Not found" is never an error. */
#ifndef ST_ERROR_H
#define ST_ERROR_H

#include <glib.h>

G_BEGIN_DECLS

#define ST_ERROR (st_error_quark ())
GQuark st_error_quark (void);
typedef enum
{
  ST_ERROR_UNAVAILABLE, /* database gone, refused, or out of connections: try again later */
  ST_ERROR_TIMEOUT,     /* the deadline passed */
  ST_ERROR_SCHEMA,      /* not a database of the product, or a generation that is not supported */
  ST_ERROR_DATA,        /* a row that cannot be understood */
  ST_ERROR_CONFLICT,    /* a unique or foreign key stands against it */
  ST_ERROR_RETRY,       /* lost against another transaction (deadlock, failed certification): rolled back, begin it again */
  ST_ERROR_SETUP,       /* data source settings that cannot work */
} StError;

G_END_DECLS
#endif
