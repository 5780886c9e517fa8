/* Keys of applications as the store API of REST writes and reads them (spec/publisher-store-workflows.md 11;
 * the definitions ApplicationKey and ApplicationKeyGenerateRequest of store-api.yaml v0.14). Threads: pure
 * functions. */
#ifndef PT_JSON_KEY_H
#define PT_JSON_KEY_H

#include "core/core-key.h"
#include "portal/json/pt-json.h"

G_BEGIN_DECLS

/* The secret and the token are written where @key has them: that is once, to who made them. */
void pt_json_key_append (GString *json, const CoreKey *key);

/* What a body asks for. Owns what @request borrows; its application is set by the caller. */
typedef struct
{
  CoreKeyRequest request;
  char *type, *callback_url, *validity, *consumer_key, *consumer_secret;
  char **grant_types, **scopes, **domains;
} PtKeyBody;

void pt_key_body_clear (PtKeyBody *body); /* wipes the secret */
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PtKeyBody, pt_key_body_clear)

/* FALSE with CORE_PORTAL_ERROR_INVALID: members of the wrong type. @node: (nullable): nothing is asked for.
 */
gboolean pt_json_key_read (const CoreJsonNode *node, PtKeyBody *body, GError **error);

G_END_DECLS
#endif
