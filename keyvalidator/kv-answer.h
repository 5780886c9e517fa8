/* Answers of calls in the types of the wire format: for the Thrift service, and for a gateway in the same
 * process. Threads: pure functions. */
#ifndef KV_ANSWER_H
#define KV_ANSWER_H

#include "keyvalidator/kv-call.h"

G_BEGIN_DECLS

/* Of KV_ANSWER_DECISION. Texts are those of @result. */
void kv_answer_info (const KvCallResult *result, TwKeyValidationInfo *info);

/* Of KV_ANSWER_URI_TEMPLATES. Texts are those of @result. */
typedef struct
{
  TwUriTemplate *templates;
  guint n_templates;
  GArray *conditions; /* TwText; what templates point into */
} KvAnswerTemplates;

void kv_answer_templates (const KvCallResult *result, KvAnswerTemplates *answer);
void kv_answer_templates_clear (KvAnswerTemplates *answer);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (KvAnswerTemplates, kv_answer_templates_clear)

G_END_DECLS
#endif
