/* StKeyRecord: the keys of one type of an application as the Store shows them: the mapping, the request that
 * asked for it, and the domains (spec/databases.md 4.1). The client itself is StOauthClient. Found within an
 * operation of StWriter. Threads: as StWriter. */
#ifndef ST_KEY_RECORD_H
#define ST_KEY_RECORD_H

#include "store/st-key-writes.h"

G_BEGIN_DECLS

typedef struct
{
  gint64 application_id;
  StKeyType type;
  char *consumer_key; /* nullable: there is no client yet */
  char *state;        /* CREATED, APPROVED, REJECTED, COMPLETED */
  gboolean mapped;    /* CREATE_MODE is MAPPED: an existing client, which is not ours to change */

  /* AM_APPLICATION_REGISTRATION; NULL and 0 without. */
  char *workflow_reference;
  char *token_scope;
  char *inputs;          /* JSON */
  char *allowed_domains; /* comma-separated, as it was asked for */
  gint64 validity_s;

  char **domains; /* AM_APP_KEY_DOMAIN_MAPPING: NULL-terminated; not NULL, may be empty */
} StKeyRecord;

void st_key_record_free (StKeyRecord *record);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StKeyRecord, st_key_record_free)

/* PRODUCTION before SANDBOX. *records: (transfer full) (element-type StKeyRecord). */
gboolean st_key_record_list (StWriter *writer, gint64 application_id, GPtrArray **records, GError **error);
/* *found: (transfer full), NULL when there is none. */
gboolean st_key_record_find (StWriter *writer, gint64 application_id, StKeyType type, StKeyRecord **found,
                             GError **error);
/* The one with exactly this consumer key. */
gboolean st_key_record_find_client (StWriter *writer, const char *consumer_key, StKeyRecord **found,
                                    GError **error);
/* The one whose request has this external reference. */
gboolean st_key_record_find_reference (StWriter *writer, const char *workflow_reference, StKeyRecord **found,
                                       GError **error);

/* "PRODUCTION" or "SANDBOX", exactly. FALSE: neither. */
gboolean st_key_type_parse (const char *text, StKeyType *type);

G_END_DECLS
#endif
