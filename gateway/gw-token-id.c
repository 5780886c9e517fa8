#include "config.h"
#include "gateway/gw-token-id.h"

#include "core/core-jwt.h"

#include <string.h>

void
gw_token_id (TwText token, GwTokenId *id)
{
  g_autoptr (CoreJson) claims = NULL;
  const char *jti;
  gsize length;

  id->text = token;
  id->expires_s = G_MAXINT64;
  if (!core_jwt_has_form (token.bytes, token.length))
    return;
  claims = core_jwt_peek (token.bytes, token.length);
  jti = claims != NULL ? core_json_string (core_json_member (core_json_root (claims), "jti")) : NULL;
  length = jti != NULL ? strlen (jti) : 0;
  if (length == 0 || length > GW_TOKEN_ID_MAX)
    return;
  id->text = (TwText){ memcpy (id->buffer, jti, length + 1), (guint32)length };
  if (!core_json_int64 (core_json_member (core_json_root (claims), "exp"), &id->expires_s))
    id->expires_s = G_MAXINT64;
}
