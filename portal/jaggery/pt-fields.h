/* The parameters of a form page: those of the body (a form, or multipart/form-data) and those of the query,
 * as Jaggery hands them out (spec/publisher-store-workflows.md 10). Threads: one. */
#ifndef PT_FIELDS_H
#define PT_FIELDS_H

#include "net/net-http-server.h"
#include "portal/pt-multipart.h"

G_BEGIN_DECLS

typedef struct _PtFields PtFields;

/* NULL with PT_ERROR_BAD_REQUEST. Files point into the exchange's body. */
PtFields *pt_fields_read (NetHttpExchange *exchange, GError **error);
void pt_fields_free (PtFields *fields); /* wipes the values */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtFields, pt_fields_free)

/* The value of the body's field, else of the query's; NULL where there is none or it is blank. Surrounding
 * blanks are gone. */
const char *pt_fields_get (const PtFields *fields, const char *name);
/* The same as it was sent, "" included. */
const char *pt_fields_raw (const PtFields *fields, const char *name);
/* The same; a refusal that names it where it is missing. */
const char *pt_fields_need (const PtFields *fields, const char *name, GError **error);
/* A file that has a name and a byte at least; NULL where none was sent. */
const PtPart *pt_fields_file (const PtFields *fields, const char *name);

G_END_DECLS
#endif
