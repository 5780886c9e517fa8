/* Texts that a node gives to a browser and gets back later, perhaps another node of the cluster: signed with a key derived from the cluster key, so that
 * no node has to remember them. The text is signed, not hidden.
 *
 * A sealed text says what it is for (@purpose), belongs to one browser (@owner, a secret of its cookie) and ends at a time. Its nonce is its own, so a
 * caller that keeps nonces can see to it that it is used once. Threads: pure functions. */
#ifndef CORE_SEALED_H
#define CORE_SEALED_H

#include <glib.h>

G_BEGIN_DECLS

#define CORE_SEALED_KEY_SIZE 32
#define CORE_SEALED_NONCE_SIZE 16
#define CORE_SEALED_MAX_TEXT 8192   /* bytes that can be sealed */
#define CORE_SEALED_MAX_LENGTH 11024 /* characters of what comes out */

typedef enum
{
  CORE_SEALED_OK,
  CORE_SEALED_FORGED,  /* not sealed with this key, for this purpose, for this owner */
  CORE_SEALED_EXPIRED, /* it was, but is too old */
} CoreSealedVerdict;

/* @text: at most CORE_SEALED_MAX_TEXT bytes. Characters of [0-9A-Za-z_-]; free with g_free(). NULL only with APIM_SECRET_ERROR_RANDOM. */
char *core_sealed_make (const guint8 *key, const char *purpose, const char *owner, const char *text, gint64 expires_ms,
                        GError **error);

/* @sealed: nullable. @text: (out) (transfer full), @nonce: (out): CORE_SEALED_NONCE_SIZE bytes; only on OK. Constant time in the signature. */
CoreSealedVerdict core_sealed_open (const guint8 *key, const char *purpose, const char *owner, const char *sealed,
                                    gint64 now_ms, char **text, guint8 *nonce);

G_END_DECLS
#endif
