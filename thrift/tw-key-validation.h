/* APIKeyValidationService: arguments decoded in place, answers encoded straight into the write buffer
 * (spec/thrift-key-validation.md 2.3, 2.4, 6, 8). One set of readers serves every IDL generation (2.5).
 * Threads: pure functions over the caller's memory. */
#ifndef TW_KEY_VALIDATION_H
#define TW_KEY_VALIDATION_H

#include "net/net-buffer.h"
#include "thrift/tw-message.h"

G_BEGIN_DECLS

typedef enum
{
  TW_METHOD_VALIDATE_KEY,
  TW_METHOD_GET_ALL_URI_TEMPLATES,
  TW_METHOD_VALIDATE_KEY_FOR_HANDSHAKE,
  TW_METHOD_UNKNOWN,
} TwMethod;

TwMethod tw_method_from_name (TwText name);
const char *tw_method_name (TwMethod method);

/* The arguments of the three methods; what a method or generation does not have is absent. */
typedef struct
{
  TwText context;         /* 1 */
  TwText version;         /* 2; apiVersion of getAllURITemplates */
  TwText access_token;    /* 3 */
  TwText session_id;      /* 4; 3 of getAllURITemplates, absent in II-a */
  TwText required_level;  /* 5 */
  TwText client_domain;   /* 6, optional */
  TwText matching_resource; /* 7, generation III+ */
  TwText http_verb;       /* 8, generation III+ */
  /* TW_FIELD_OF_OURS of getAllURITemplates, which other servers skip: the answer shall tell scopes. */
  gboolean tell_scopes;
} TwArguments;

/* The id of what only this product's gateways and Key Managers say to each other, far above WSO2's. */
#define TW_FIELD_OF_OURS 100

/* Decodes a scanned message. Unknown ids, and known ids of another type, are skipped; a repeated id: the last
 * counts.
 * Returns: NULL, or the name of the first required argument that is missing (answer PROTOCOL_ERROR). Required are
 * 1-5 of validateKey, 1-4 of validateKeyforHandshake, 1-2 of getAllURITemplates (spec 2.5). */
const char *tw_arguments_decode (TwArguments *arguments, TwMethod method, const guint8 *message,
                                 const TwEnvelope *envelope);

/* A call of one of the three methods, for a client. Absent arguments are not sent. */
void tw_encode_call (NetBuffer *output, TwMethod method, gint32 sequence_id, const TwArguments *arguments);

/* APIKeyValidationInfoDTO (spec 2.4, 6.2). Absent texts are not sent. 1, 8, 16, 17, 18, 21 and 24 always are. */
typedef struct
{
  gboolean authorized;
  TwText subscriber, tier, type, end_user_token, end_user_name, application_name;
  gint32 validation_status;
  TwText application_id, application_tier, api_name, consumer_key, api_publisher;
  gint64 validity_period_ms; /* G_MAXINT64: never expires */
  gint64 issued_time_ms;
  gboolean content_aware;
  TwText api_tier;
  TwText throttling_data; /* 20: the list's single text; absent = no list */
  gint32 spike_arrest_limit;
  TwText subscriber_tenant_domain, spike_arrest_unit;
  gboolean stop_on_quota_reach;
} TwKeyValidationInfo;

void tw_encode_validation_reply (NetBuffer *output, TwText method_name, gint32 sequence_id,
                                 const TwKeyValidationInfo *info);

/* URITemplate: 1, 4, 5, 6, and of generation IV 7, 8, 9 where given (spec 2.4, 6.3). */
typedef struct
{
  TwText uri_template, http_verb, auth_type, throttling_tier, applicable_level;
  TwText scope; /* TW_FIELD_OF_OURS: what a token must have, "" for nothing; absent: it is not told */
  const TwText *throttling_conditions; /* "_condition_<id>" ..., "_default"; nullable */
  guint n_throttling_conditions;
} TwUriTemplate;

void tw_encode_uri_templates_reply (NetBuffer *output, TwText method_name, gint32 sequence_id,
                                    const TwUriTemplate *templates, guint n_templates);

/* The two declared exceptions: result field ids (spec 2.1). */
typedef enum
{
  TW_KEY_MGT_EXCEPTION = 1,
  TW_API_MANAGEMENT_EXCEPTION = 2,
} TwDeclaredException;

void tw_encode_declared_exception (NetBuffer *output, TwText method_name, gint32 sequence_id,
                                   TwDeclaredException exception, const char *message);

void tw_encode_application_exception (NetBuffer *output, TwText method_name, gint32 sequence_id,
                                      TwApplicationError error, const char *message);

G_END_DECLS
#endif
