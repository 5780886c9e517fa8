/* What is done with a message, step by step: the mediators of a synapse sequence that generated APIs contain
 * (spec/gateway-and-traffic-manager.md 5.3). A file with any other mediator is refused, by name, when it is
 * deployed: it never runs half.
 *
 * Not steps, because they change nothing here: log; the class mediators that only measure; "To" headers,
 * which say what respond says.
 *
 * Threads: immutable; references are atomic. */
#ifndef GW_SEQUENCE_H
#define GW_SEQUENCE_H

#include "gateway/gw-endpoint.h"
#include "gateway/gw-expression.h"

G_BEGIN_DECLS

#define GW_SEQUENCE_MAX_STEPS 256 /* of a file, branches included */
#define GW_SEQUENCE_MAX_DEPTH 16  /* branches within each other */

/* The property of the message that holds what the Key Manager answered as endUserToken. */
#define GW_PROPERTY_END_USER_JWT "api.ut.endUserToken"
/* PRODUCTION or SANDBOX, of an authenticated call. */
#define GW_PROPERTY_KEY_TYPE "AM_KEY_TYPE"

/* Where the Key Manager is, as SynapsePropertiesHandler says it (4); and what generated files put them into. */
#define GW_PROPERTY_KEY_MANAGER_HOST "keyManager.hostname"
#define GW_PROPERTY_KEY_MANAGER_PORT "keyManager.port"
#define GW_PROPERTY_VARIABLE_HOST "uri.var.hostname"
#define GW_PROPERTY_VARIABLE_PORT "uri.var.portnum"

/* Sequences that a WSO2 gateway brings along. What they do is built in (2.4); a file of such a name in the node's folder
 * has no effect, which the log says (gw-deployment.h). */
typedef enum
{
  GW_BUILT_IN_NONE,
  GW_BUILT_IN_FAULT,
  GW_BUILT_IN_MAIN,
  GW_BUILT_IN_PRODUCTION_KEY_ERROR,
  GW_BUILT_IN_SANDBOX_KEY_ERROR,
  GW_BUILT_IN_AUTH_FAILURE,
  GW_BUILT_IN_THROTTLE_OUT,
  GW_BUILT_IN_CORS_REQUEST,
  GW_BUILT_IN_RESOURCE_MISMATCH,
  GW_BUILT_IN_TOKEN_FAULT,
  GW_BUILT_IN_THREAT_FAULT,
} GwBuiltIn;

/* By the sequence's name. */
GwBuiltIn gw_built_in_parse (const char *name);

typedef enum
{
  GW_STEP_SET,      /* property or header */
  GW_STEP_REMOVE,   /* the same */
  GW_STEP_FILTER,   /* one of two branches */
  GW_STEP_SEND,     /* to an endpoint; in an out-sequence: the answer goes to the client */
  GW_STEP_RESPOND,  /* the message as it is goes to the client */
  GW_STEP_DROP,     /* ends without an answer of its own */
  GW_STEP_BODY,     /* payloadFactory with a text that needs no argument */
  GW_STEP_SEQUENCE, /* one that is built in */
} GwStepKind;

typedef struct _GwSequence GwSequence;

typedef struct
{
  GwStepKind kind;
  GwScope scope;           /* SET, REMOVE */
  GQuark name;             /* SET, REMOVE */
  GwExpression *value;     /* SET; FILTER: what is looked at */
  /* FILTER with source and regex, one of both: the whole text must match; neither: with xpath. */
  GRegex *regex;
  char *literal;           /* the text that a regex without special characters stands for */
  GwSequence *yes, *no;    /* FILTER; nullable: nothing is done */
  GwEndpoint *endpoint;    /* SEND; NULL: back to the client */
  GwBuiltIn built_in;      /* SEQUENCE; NONE: the one in yes */
  char *body, *media_type; /* BODY */
} GwStep;

struct _GwSequence
{
  /*< private >*/
  gint ref_count;
  /*< public >*/
  GPtrArray *steps; /* GwStep */
};

GwSequence *gw_sequence_new (void);
GwSequence *gw_sequence_ref (GwSequence *sequence);
void gw_sequence_unref (GwSequence *sequence);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwSequence, gw_sequence_unref)

/* Appends a step, to be filled in. (transfer none) */
GwStep *gw_sequence_add (GwSequence *sequence, GwStepKind kind);

G_END_DECLS
#endif
