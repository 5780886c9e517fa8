/* A gateway's key validator where the Key Manager is a role of the same process (profile default): no socket,
 * no session, the same rules, cache and flights as for calls from outside (architecture 5). It is here
 * because a role never knows another. Threads: as GwKeyValidator. */
#ifndef LOCAL_KEY_VALIDATOR_H
#define LOCAL_KEY_VALIDATOR_H

#include "gateway/gw-key-validator.h"
#include "keyvalidator/kv-dispatch.h"

G_BEGIN_DECLS

/* @dispatch: borrowed. Free with local_key_validator_free(), before @dispatch. */
GwKeyValidator *local_key_validator_new (KvDispatch *dispatch);
void local_key_validator_free (GwKeyValidator *validator);

G_END_DECLS
#endif
