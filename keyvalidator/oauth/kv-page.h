/* The pages of /oauth2/authorize: HTML without scripts, for people with any browser, and the headers that keep them from being framed, cached or
 * given foreign content. Every text is escaped here, wherever it came from.
 * Threads: any. The pages are pure functions; free what they return with g_free(). */
#ifndef KV_PAGE_H
#define KV_PAGE_H

#include "net/net-http-server.h"

G_BEGIN_DECLS

/* The application that asks. */
typedef struct
{
  const char *name;  /* for people: kv_page_client_name() */
  const char *place; /* where the browser goes afterwards: core_redirect_place() */
} KvPageClient;

/* What the Store calls the application: "admin_Weather_SANDBOX" of the owner "admin" is "Weather (sandbox)". Other names stay as they are, but for
 * what is not UTF-8. */
char *kv_page_client_name (const char *client_name, const char *owner);

typedef struct
{
  KvPageClient client;
  const char *sealed;    /* the hidden field "request" */
  const char *user_name; /* as typed before; nullable */
  const char *problem;   /* nullable: what went wrong with it */
  const char *cancel;    /* URI of the link that goes back to the application */
} KvLoginPage;

char *kv_page_login (const KvLoginPage *page);

typedef struct
{
  KvPageClient client;
  const char *user;               /* who is logged in, with the tenant */
  const char *const *permissions; /* sentences that go on after "It will be able to" */
  const char *sealed;             /* of the form that answers */
  const char *sealed_logout;      /* of the form that logs out */
} KvConsentPage;

char *kv_page_consent (const KvConsentPage *page);

/* A heading and a sentence. @sealed_logout: (nullable): adds the button that logs out under @logout_label. */
char *kv_page_message (const char *title, const char *text, const char *sealed_logout, const char *logout_label);

/* Answers with a page. @form_action: (nullable): further sources that its forms may lead to, besides this server: core_redirect_form_action().
 * Frees @html. */
void kv_page_respond (NetHttpExchange *exchange, guint status, const char *form_action, char *html);

/* Answers 303 to @location, which must be a URI reference of visible ASCII. */
void kv_page_redirect (NetHttpExchange *exchange, const char *location);

G_END_DECLS
#endif
