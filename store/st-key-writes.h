/* Writes of the keys of applications, as a WSO2 node makes them (spec/databases.md 4.1, 9, 10): the registration that
 * asks for them, the key mapping from its request to its client, and the domains they may be used from. The OAuth
 * clients themselves are written elsewhere.
 *
 * A key mapping goes CREATED -> APPROVED or REJECTED, APPROVED -> COMPLETED. Each step locks its application first, so
 * that of two people at once the second meets the state that the first left, and ST_ERROR_CONFLICT says which. Other
 * errors: as in st-application-writes.h. Threads: one per writer. */
#ifndef ST_KEY_WRITES_H
#define ST_KEY_WRITES_H

#include "store/st-writer.h"

G_BEGIN_DECLS

typedef enum
{
  ST_KEY_PRODUCTION,
  ST_KEY_SANDBOX,
} StKeyType;

/* As stored: "PRODUCTION", "SANDBOX". */
const char *st_key_type_text (StKeyType type);

/* A request for keys: AM_APPLICATION_REGISTRATION. */
typedef struct
{
  gint64 application_id;
  StKeyType type;
  const char *workflow_reference; /* WF_REF: the external reference, a UUID */
  const char *token_scope;        /* NULL: "default" */
  const char *inputs;             /* (nullable): JSON */
  const char *allowed_domains;    /* (nullable): comma-separated as it was asked for */
  gint64 validity_s;              /* of the access token; negative: it never expires */
  gboolean approved;              /* at once (APPROVED), or to be decided (CREATED) */
} StRegistration;

/* The registration, in the name of the application's subscriber, and the key mapping without a client. */
gboolean st_write_register_keys (StWriter *writer, const StRegistration *registration, GError **error);

/* Decides about keys that wait: CREATED -> APPROVED or REJECTED. */
gboolean st_write_decide_keys (StWriter *writer, gint64 application_id, StKeyType type, gboolean approved,
                               GError **error);

/* APPROVED -> COMPLETED, with the client that was made meanwhile, or in this transaction.
 * @domains: (nullable): NULL-terminated; NULL or none: "ALL". */
gboolean st_write_complete_keys (StWriter *writer, gint64 application_id, StKeyType type, const char *consumer_key,
                                 const char *const *domains, GError **error);

/* Maps a client that exists already: COMPLETED, CREATE_MODE MAPPED. A client that is some application's already is
 * ST_ERROR_CONFLICT. */
gboolean st_write_map_client (StWriter *writer, gint64 application_id, StKeyType type, const char *consumer_key,
                              GError **error);

/* Drops a registration and its mapping that did not come to an end, so that it can be asked for again. COMPLETED keys
 * are ST_ERROR_CONFLICT. */
gboolean st_write_clean_up_keys (StWriter *writer, gint64 application_id, StKeyType type, GError **error);

/* Replaces the domains of a client; equal ones, whatever their case, count once. */
gboolean st_write_key_domains (StWriter *writer, const char *consumer_key, const char *const *domains, GError **error);

G_END_DECLS
#endif
