/* Runs a sequence on one message: sets and removes properties and headers, takes branches, and ends where the message
 * is sent, answered or dropped (spec/gateway-and-traffic-manager.md 5.3).
 *
 * What a message came with is the caller's GwProperties; what sequences change lies over it, here. Nothing is allocated:
 * settings and texts have room inside; a sequence that needs more than there is fails whole, and the message with it.
 *
 * Texts stay where they are until gw_mediation_begin(), so those of the settings may be sent from here. The sequences
 * that were run must live as long: some of their texts are used in place.
 * Threads: one thread at a time. */
#ifndef GW_MEDIATION_H
#define GW_MEDIATION_H

#include "gateway/gw-sequence.h"

G_BEGIN_DECLS

#define GW_MEDIATION_MAX_SETTINGS 64
#define GW_MEDIATION_MAX_TEXT 8192 /* bytes that expressions put together, of one message */

/* A property that is not what it came as. Headers: GW_SCOPE_TRANSPORT, names as gw_scope_name() makes them. */
typedef struct
{
  GwScope scope;
  GQuark name;
  GwText value; /* text NULL: it was removed */
} GwSetting;

typedef enum
{
  GW_MEDIATION_RAN,      /* to its end: nothing was sent */
  GW_MEDIATION_SENT,     /* goes to endpoint */
  GW_MEDIATION_ANSWERED, /* goes to the client as it is */
  GW_MEDIATION_DROPPED,
  GW_MEDIATION_FAULT,  /* built_in says which of the product's answers the client gets */
  GW_MEDIATION_FAILED, /* out of room */
} GwMediationEnd;

typedef struct
{
  /* Of the last run. */
  const GwEndpoint *endpoint;
  GwBuiltIn built_in;
  /* A text that has taken the place of the body; NULL: the body is the message's. */
  const char *body, *media_type;

  guint n_settings;
  GwSetting settings[GW_MEDIATION_MAX_SETTINGS];

  /*< private >*/
  GwProperties base, all;
  gsize used;
  char texts[GW_MEDIATION_MAX_TEXT];
} GwMediation;

/* For another message, which came with @base (copied; what it points to stays with the caller). */
void gw_mediation_begin (GwMediation *mediation, const GwProperties *base);

/* The message is the answer now: properties of GW_SCOPE_MESSAGE stay, those of the others and the body were the
 * request's. What @base says is of the answer from here on. */
void gw_mediation_turn (GwMediation *mediation);

/* More than one sequence may run on a message. @sequence: nullable: there is none. */
GwMediationEnd gw_mediation_run (GwMediation *mediation, const GwSequence *sequence);

/* As the message stands. */
GwText gw_mediation_get (const GwMediation *mediation, GwScope scope, GQuark name);

/* @value: its bytes must stay. FALSE: no room. */
gboolean gw_mediation_set (GwMediation *mediation, GwScope scope, GQuark name, GwText value);

/* What was set or removed under this name; NULL: nothing was. */
const GwSetting *gw_mediation_find (const GwMediation *mediation, GwScope scope, GQuark name);

G_END_DECLS
#endif
