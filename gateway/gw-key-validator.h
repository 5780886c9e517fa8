/* Who answers "may this token call this API?" for a gateway: a Key Manager over Thrift or SOAP, or the one in
 * the same process (architecture 5). One question, one answer, on the worker that asked.
 *
 * Question and answer are those of APIKeyValidationService (spec/thrift-key-validation.md 2.3, 2.4),
 * whichever way they travel, so they have the types of its wire format. The asker never fills in a session:
 * that is the validator's. Threads: a validator is shared by all workers; ask() on any worker. */
#ifndef GW_KEY_VALIDATOR_H
#define GW_KEY_VALIDATOR_H

#include "net/net-worker.h"
#include "thrift/tw-key-validation.h"

G_BEGIN_DECLS

typedef struct _GwKeyQuestion GwKeyQuestion;

/* What a validator says. Texts and lists live until answered() returns. */
typedef struct
{
  /* FALSE: nobody could be asked, or what came back was an exception. Such an answer is never remembered. */
  gboolean answered;
  const TwKeyValidationInfo *info; /* of validateKey; perhaps a refusal */
  const TwUriTemplate
      *templates; /* of getAllURITemplates, in the Key Manager's order; none: it knows no such API */
  guint n_templates;
} GwKeyReply;

/* Embed it. The first four fields are the asker's. */
struct _GwKeyQuestion
{
  TwMethod method;       /* TW_METHOD_VALIDATE_KEY or TW_METHOD_GET_ALL_URI_TEMPLATES */
  TwArguments arguments; /* session_id stays absent; what they point to lives until the answer */
  NetWorker *worker;
  /* Exactly once, on @worker, perhaps before ask() returns; owns the question from here on. */
  void (*answered) (GwKeyQuestion *question, const GwKeyReply *reply);
};

typedef struct _GwKeyValidator GwKeyValidator;

typedef struct
{
  const char *name; /* for logs: "Thrift" */
  /* Never blocks. Every question is answered within a deadline of the validator's own. */
  void (*ask) (GwKeyValidator *validator, GwKeyQuestion *question);
} GwKeyValidatorInterface;

/* The beginning of every validator; whoever made it frees it, after the workers have ended. */
struct _GwKeyValidator
{
  const GwKeyValidatorInterface *interface;
};

G_END_DECLS
#endif
