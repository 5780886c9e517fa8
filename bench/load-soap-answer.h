/* The answer of validateKey in a SOAP envelope, client profile 2.x. Threads: any. */
#ifndef LOAD_SOAP_ANSWER_H
#define LOAD_SOAP_ANSWER_H

#include <glib.h>

G_BEGIN_DECLS

/* Texts are in the envelope that was read; no NUL after them. */
typedef struct
{
  gboolean authorized;
  const char *status, *end_user;
  gsize status_length, end_user_length;
} LoadSoapAnswer;

/* FALSE: not an envelope around a validateKeyResponse whose return has exactly the children of
 * spec/soap-and-oauth.md 1.4, in their order. Prefixes are not looked at. */
gboolean load_soap_answer_read (const char *envelope, gsize length, LoadSoapAnswer *answer);

G_END_DECLS
#endif
