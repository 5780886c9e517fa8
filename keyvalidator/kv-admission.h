/* Who may call the Key Manager's SOAP services: session cookie or Basic credentials, and the permission to manage the
 * server (spec/soap-and-oauth.md 1.1, 1.9, 2; spec/decisions.md 10, 14).
 *
 * The cookie JSESSIONID holds a session id of kv-sessions.h, so every node honours what any node gave out, and it is
 * enough by itself (the oldest gateways send nothing else with validateKey). Who comes with Basic credentials and no
 * good cookie is offered one.
 *
 * Credentials that were found right are remembered for KV_ADMISSION_REMEMBER_MS as a keyed fingerprint with the session
 * that they led to; so a client that keeps no cookies costs neither a look-up nor a password hash per request. The
 * session goes on being checked as any other: a deleted user or a changed password is out within
 * KV_SESSION_STALE_AFTER_MS, and so is a user who lost the permission.
 * Threads: any. */
#ifndef KV_ADMISSION_H
#define KV_ADMISSION_H

#include "core/core-authenticator.h"
#include "keyvalidator/kv-credential-memory.h"
#include "keyvalidator/kv-sessions.h"
#include "net/net-http-request.h"

G_BEGIN_DECLS

#define KV_ADMISSION_COOKIE "JSESSIONID"
#define KV_ADMISSION_REMEMBER_MS (10 * 60 * G_GINT64_CONSTANT (1000))

typedef struct _KvAdmission KvAdmission;

/* All borrowed. @timeout_ms: for the user store, per request. */
KvAdmission *kv_admission_new (CoreAuthenticator *authenticator, KvSessions *sessions, StUserStore *users,
                               const ApimClock *clock, guint timeout_ms);
void kv_admission_free (KvAdmission *admission);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KvAdmission, kv_admission_free)

typedef enum
{
  KV_ADMITTED,
  KV_ADMISSION_NEEDS_STORE,    /* only the user store can tell: ask kv_admission_verify() */
  KV_ADMISSION_NO_CREDENTIALS, /* none, or none that can be read, and no live session: 401 */
  KV_ADMISSION_REFUSED,        /* wrong user or password */
  KV_ADMISSION_NOT_PERMITTED,  /* a user who may not manage the server */
  KV_ADMISSION_FAILED,         /* the user store could not answer */
} KvAdmissionVerdict;

typedef struct
{
  KvAdmissionVerdict verdict;
  char session_id[KV_CREDENTIAL_NOTE_SIZE]; /* to be offered as a cookie; "": none */
} KvAdmissionResult;

/* What is known without asking the user store. Never blocks. */
void kv_admission_peek (KvAdmission *admission, const NetHttpRequest *request, KvAdmissionResult *result);

/* The same, asking the user store; blocks. @peer: the client's address, for the lock-out. */
void kv_admission_verify (KvAdmission *admission, const NetHttpRequest *request, const char *peer,
                          KvAdmissionResult *result);

G_END_DECLS
#endif
