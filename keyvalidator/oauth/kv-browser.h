/* What this cluster knows of a browser: nothing but what two cookies say, so that any node goes on where another one began.
 *
 * The first cookie is a random text. What a page's hidden fields carry is sealed for it (core-sealed.h), so that a form counts only in the browser that it
 * was made for: nobody can have another person's browser send one (CSRF). The second is a login: sealed, good for KV_BROWSER_LOGIN_S, and bound to the
 * password, which changed ends it. Logging out takes the cookie away; a copy of it would stay good until its end.
 * Both are "__Host-" cookies: no other host, no plain HTTP and no script can read or set them.
 * Threads: any. */
#ifndef KV_BROWSER_H
#define KV_BROWSER_H

#include "common/apim-clock.h"
#include "core/core-sealed.h"
#include "core/core-session.h"
#include "net/net-http-server.h"
#include "store/st-user-store.h"

G_BEGIN_DECLS

#define KV_BROWSER_LOGIN_S 900 /* a login; not prolonged by use */
#define KV_BROWSER_FORM_S 600  /* a form, from page to answer */
#define KV_BROWSER_ID_LENGTH 32

typedef struct _KvBrowsers KvBrowsers;

/* @home: where the cluster key is. @users, @clock: borrowed. NULL with APIM_SECRET_ERROR. */
KvBrowsers *kv_browsers_new (const char *home, StUserStore *users, const ApimClock *clock, GError **error);
void kv_browsers_free (KvBrowsers *browsers);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KvBrowsers, kv_browsers_free)

/* The browser of one request. */
typedef struct
{
  char id[KV_BROWSER_ID_LENGTH + 1];         /* "": it has no cookie */
  char login[CORE_SESSION_ID_LENGTH + 1];    /* "": nobody is logged in */
  StUser *user;                              /* who is; nullable */
  gint64 login_ms;                           /* since when, epoch */
} KvBrowser;

/* Reads the cookies. FALSE with ST_ERROR: who is logged in cannot be said. Clear it in any case. */
gboolean kv_browser_read (KvBrowsers *browsers, const NetHttpRequest *request, gint64 deadline_us, KvBrowser *browser,
                          GError **error);
void kv_browser_clear (KvBrowser *browser);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (KvBrowser, kv_browser_clear)

/* Sees to it that the browser has its cookie when it gets the answer of @exchange. FALSE with APIM_SECRET_ERROR. */
gboolean kv_browser_introduce (KvBrowser *browser, NetHttpExchange *exchange, GError **error);

/* Adds the cookie of a login of @user to the answer of @exchange, or takes it away. */
gboolean kv_browser_log_in (KvBrowsers *browsers, NetHttpExchange *exchange, const StUser *user, GError **error);
void kv_browser_log_out (NetHttpExchange *exchange);

/* What a form is for. */
typedef enum
{
  KV_FORM_LOGIN,   /* bound to the browser */
  KV_FORM_CONSENT, /* and to the login */
  KV_FORM_LOGOUT,  /* likewise */
} KvForm;

/* The hidden field of a form, and back: as core-sealed.h says. The browser has been introduced. */
char *kv_browser_seal (KvBrowsers *browsers, const KvBrowser *browser, KvForm form, const char *text, GError **error);
CoreSealedVerdict kv_browser_open (KvBrowsers *browsers, const KvBrowser *browser, KvForm form, const char *sealed,
                                   char **text, guint8 *nonce);

G_END_DECLS
#endif
