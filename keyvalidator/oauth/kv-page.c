#include "config.h"
#include "keyvalidator/oauth/kv-page.h"

#include <openssl/evp.h>
#include <string.h>

/* The only style; the Content-Security-Policy names it by its digest. Contrasts are at least 4.5 to 1 for text and 3 to 1 for edges, in both
 * schemes. */
static const char style[]
    = ":root{color-scheme:light dark;--page:#f2f4f7;--card:#fff;--text:#1b1f24;--soft:#4d5661;--edge:#767f8a;"
      "--main:#0b5cad;--on-main:#fff;--bad:#8c1d18;--bad-back:#fdecea}"
      "@media (prefers-color-scheme:dark){:root{--page:#14171b;--card:#1f242a;--text:#f1f3f5;--soft:#b9c1ca;"
      "--edge:#8b949e;--main:#8fbcff;--on-main:#0d1726;--bad:#ffd2cc;--bad-back:#46150f}}"
      "*{box-sizing:border-box}"
      "body{margin:0;padding:1.5rem 1rem;background:var(--page);color:var(--text);"
      "font:1rem/1.5 system-ui,-apple-system,\"Segoe UI\",\"DejaVu Sans\",sans-serif}"
      "main{max-width:27rem;margin:4vh auto 0;padding:1.75rem;background:var(--card);border-radius:.75rem;"
      "box-shadow:0 1px 4px rgba(0,0,0,.25);overflow-wrap:anywhere}"
      "h1{margin:0 0 .5rem;font-size:1.6rem;line-height:1.25}"
      "h2{margin:1.5rem 0 .5rem;font-size:1rem}"
      "p{margin:.5rem 0}"
      "ul{margin:0;padding-left:1.25rem}"
      "label{display:block;margin:1rem 0 .25rem;font-weight:600}"
      "input{width:100%;padding:.6rem .75rem;border:1px solid var(--edge);border-radius:.4rem;background:var(--card);"
      "color:var(--text);font:inherit}"
      "input[aria-invalid]{border:2px solid var(--bad)}"
      "button{padding:.65rem 1.1rem;border:1px solid var(--main);border-radius:.4rem;background:var(--card);"
      "color:var(--main);font:inherit;font-weight:600;cursor:pointer}"
      "button.main{background:var(--main);color:var(--on-main)}"
      "button.link{padding:0;border:0;background:none;font-weight:400;text-decoration:underline}"
      ".wide{width:100%;margin-top:1.5rem}"
      ".pair{display:flex;flex-wrap:wrap;gap:.75rem;margin-top:1.5rem}"
      ".pair button{flex:1 1 8rem}"
      "a{color:var(--main)}"
      "a:focus-visible,button:focus-visible,input:focus-visible{outline:3px solid var(--main);outline-offset:2px}"
      ".soft{color:var(--soft);font-size:.9rem}"
      ".back{margin-top:1.25rem}"
      ".alert{margin:1rem 0;padding:.5rem .75rem;border-left:4px solid var(--bad);border-radius:.25rem;"
      "background:var(--bad-back);color:var(--bad)}";

#define POLICY                                                                                                         \
  "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; style-src 'sha256-%s'; form-action 'self'%s%s"

/* Base64 of the style's SHA-256 (CSP3 2.3.1). */
static const char *
style_digest (void)
{
  static char *digest;

  if (g_once_init_enter (&digest))
    {
      guint8 bytes[EVP_MAX_MD_SIZE];
      unsigned int length;

      if (EVP_Digest (style, strlen (style), bytes, &length, EVP_sha256 (), NULL) != 1)
        g_error ("keyvalidator: OpenSSL cannot compute SHA-256");
      g_once_init_leave (&digest, g_base64_encode (bytes, length));
    }
  return digest;
}

/* Appends @text as HTML text, which is good within double quotes too. */
static void
add_text (GString *html, const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  g_autofree char *escaped = g_markup_escape_text (valid, -1);

  g_string_append (html, escaped);
}

/* Appends @html, where each "%s" is one of @texts, ended by NULL, escaped. */
static void add (GString *page, const char *html, ...) G_GNUC_NULL_TERMINATED;

static void
add (GString *page, const char *html, ...)
{
  va_list texts;

  va_start (texts, html);
  for (const char *place = strstr (html, "%s"); place != NULL; place = strstr (html, "%s"))
    {
      g_string_append_len (page, html, place - html);
      add_text (page, va_arg (texts, const char *));
      html = place + 2;
    }
  va_end (texts);
  g_string_append (page, html);
}

static GString *
begin (const char *title)
{
  GString *page = g_string_new (NULL);

  add (page,
       "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
       "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>%s</title>\n<style>",
       title, NULL);
  g_string_append (page, style);
  g_string_append (page, "</style>\n</head>\n<body>\n<main>\n");
  return page;
}

static char *
end (GString *page)
{
  g_string_append (page, "</main>\n</body>\n</html>\n");
  return g_string_free (page, FALSE);
}

char *
kv_page_client_name (const char *client_name, const char *owner)
{
  static const struct
  {
    const char *suffix, *words;
  } kinds[] = { { "_PRODUCTION", "" }, { "_SANDBOX", " (sandbox)" } };
  g_autofree char *prefix = g_strconcat (owner, "_", NULL);
  const char *from = client_name;

  if (g_str_has_prefix (client_name, prefix))
    from += strlen (prefix);
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_str_has_suffix (from, kinds[i].suffix) && strlen (from) > strlen (kinds[i].suffix))
      {
        g_autofree char *bare = g_strndup (from, strlen (from) - strlen (kinds[i].suffix));
        g_autofree char *valid = g_utf8_make_valid (bare, -1);

        return g_strconcat (valid, kinds[i].words, NULL);
      }
  return g_utf8_make_valid (*from != '\0' ? from : client_name, -1);
}

char *
kv_page_login (const KvLoginPage *page)
{
  GString *html = begin (page->problem != NULL ? "Error: Log in" : "Log in");
  const char *invalid = page->problem != NULL ? " aria-invalid=\"true\" aria-describedby=\"problem\"" : "";
  gboolean has_name = page->user_name != NULL && *page->user_name != '\0';

  add (html, "<h1>Log in</h1>\n<p>to go on to <strong><bdi>%s</bdi></strong></p>\n", page->client.name, NULL);
  if (page->problem != NULL)
    add (html, "<div class=\"alert\" role=\"alert\"><p id=\"problem\">%s</p></div>\n", page->problem, NULL);
  add (html,
       "<form method=\"post\" action=\"login\">\n<input type=\"hidden\" name=\"request\" value=\"%s\">\n"
       "<label for=\"username\">User name</label>\n"
       "<input id=\"username\" name=\"username\" type=\"text\" autocomplete=\"username\" autocapitalize=\"none\""
       " spellcheck=\"false\" required value=\"%s\"",
       page->sealed, has_name ? page->user_name : "", NULL);
  g_string_append_printf (html, "%s%s>\n", invalid, has_name ? "" : " autofocus");
  add (html,
       "<label for=\"password\">Password</label>\n"
       "<input id=\"password\" name=\"password\" type=\"password\" autocomplete=\"current-password\""
       " required",
       NULL);
  g_string_append_printf (html, "%s%s>\n", invalid, has_name ? " autofocus" : "");
  add (html,
       "<button type=\"submit\" class=\"main wide\">Log in</button>\n</form>\n"
       "<p class=\"back\"><a href=\"%s\" rel=\"noreferrer\">Cancel and go back to <bdi>%s</bdi></a></p>\n",
       page->cancel, page->client.place, NULL);
  return end (html);
}

static void
add_logout (GString *html, const char *sealed, const char *label, const char *button_class)
{
  add (html,
       "<form method=\"post\" action=\"logout\">\n<input type=\"hidden\" name=\"request\" value=\"%s\">\n"
       "<button type=\"submit\" class=\"%s\">%s</button>\n</form>\n",
       sealed, button_class, label, NULL);
}

char *
kv_page_consent (const KvConsentPage *page)
{
  GString *html = begin ("Allow access?");

  add (html,
       "<h1>Allow access?</h1>\n"
       "<p>The application <strong><bdi>%s</bdi></strong> asks for access in your name.</p>\n"
       "<h2>It will be able to</h2>\n<ul>\n",
       page->client.name, NULL);
  for (const char *const *permission = page->permissions; *permission != NULL; permission++)
    add (html, "<li><bdi>%s</bdi></li>\n", *permission, NULL);
  add (html,
       "</ul>\n<form method=\"post\" action=\"consent\">\n<input type=\"hidden\" name=\"request\" value=\"%s\">\n"
       "<div class=\"pair\">\n<button type=\"submit\" name=\"decision\" value=\"allow\" class=\"main\">Allow</button>\n"
       "<button type=\"submit\" name=\"decision\" value=\"deny\">Deny</button>\n</div>\n</form>\n"
       "<p class=\"soft back\">Either way you go back to <strong><bdi>%s</bdi></strong>. You are asked each"
       " time; your answer is not kept.</p>\n"
       "<p class=\"soft\">You are logged in as <strong><bdi>%s</bdi></strong>.</p>\n",
       page->sealed, page->client.place, page->user, NULL);
  add_logout (html, page->sealed_logout, "Log out and use another account", "link");
  return end (html);
}

char *
kv_page_message (const char *title, const char *text, const char *sealed_logout, const char *logout_label)
{
  GString *html = begin (title);

  add (html, "<h1>%s</h1>\n<p>%s</p>\n", title, text, NULL);
  if (sealed_logout != NULL)
    add_logout (html, sealed_logout, logout_label, "main wide");
  return end (html);
}

static void
add_common_headers (NetHttpExchange *exchange)
{
  net_http_exchange_add_header (exchange, "Cache-Control", "no-store");
  net_http_exchange_add_header (exchange, "Pragma", "no-cache");
  net_http_exchange_add_header (exchange, "Referrer-Policy", "no-referrer");
}

void
kv_page_respond (NetHttpExchange *exchange, guint status, const char *form_action, char *html)
{
  g_autofree char *policy = g_strdup_printf (POLICY, style_digest (), form_action != NULL ? " " : "",
                                             form_action != NULL ? form_action : "");

  add_common_headers (exchange);
  net_http_exchange_add_header (exchange, "Content-Security-Policy", policy);
  net_http_exchange_add_header (exchange, "X-Frame-Options", "DENY");
  net_http_exchange_add_header (exchange, "X-Content-Type-Options", "nosniff");
  net_http_respond (exchange, status, "text/html; charset=utf-8", html, strlen (html));
  g_free (html);
}

void
kv_page_redirect (NetHttpExchange *exchange, const char *location)
{
  add_common_headers (exchange);
  net_http_exchange_add_header (exchange, "Location", location);
  net_http_respond (exchange, 303, NULL, NULL, 0);
}
