/* What a token is called by whoever tells that it has ended.
 *
 * Clients show a self-contained token as a JWT. Its text is made anew wherever it is needed, with what is true of the
 * application then, so two texts may be one token (docs/jwt.md): what they have in common is the "jti". Nothing of such
 * a text is checked here. Whoever writes another's id into a text of his own is at worst forgotten with him.
 *
 * Threads: pure functions; those of a JWT allocate. */
#ifndef GW_TOKEN_ID_H
#define GW_TOKEN_ID_H

#include "thrift/tw-message.h"

G_BEGIN_DECLS

/* Longer ones are no ids: such a token goes by its text. */
#define GW_TOKEN_ID_MAX 255

typedef struct
{
  TwText text;      /* points to @token or to the buffer below; never empty if @token is not */
  gint64 expires_s; /* what a JWT says of it; G_MAXINT64: nothing */
  char buffer[GW_TOKEN_ID_MAX + 1];
} GwTokenId;

/* Fills in @id: the "jti" of a text that is written as a JWT, else @token itself. */
void gw_token_id (TwText token, GwTokenId *id);

G_END_DECLS
#endif
